/* A string of bytes that grows. `data` is always NUL-terminated once anything was added, and is
 * never NULL after buf_init: it may be read as a C string at any time. */
#ifndef AB_BASE_BUF_H
#define AB_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;
	size_t len;
	size_t cap; /* 0: data is not ours to free */
};

extern char buf_empty[1];
#define BUF_INIT \
	{ \
		buf_empty, 0, 0 \
	}

void buf_init(struct buf *b);
void buf_release(struct buf *b);
/* Empties it, keeping the memory for the next use. */
void buf_reset(struct buf *b);
/* Makes room for `n` more bytes; `data + len` may then be written to, followed by buf_commit. */
void buf_reserve(struct buf *b, size_t n);
void buf_commit(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_ch(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Cuts it to `len` bytes; a longer length changes nothing. */
void buf_cut(struct buf *b, size_t len);
/* Removes the first `n` bytes. */
void buf_drop(struct buf *b, size_t n);
/* Hands the string to the caller, who frees it; the buffer is empty afterwards. */
char *buf_detach(struct buf *b);

#endif
