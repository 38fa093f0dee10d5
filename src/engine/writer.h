/* The journal's write and flush, done beside the loop: verbs and kills need not wait for the disk. */
#ifndef AB_ENGINE_WRITER_H
#define AB_ENGINE_WRITER_H

#include "base/buf.h"

#include <stdbool.h>
#include <uv.h>

struct writer {
	uv_work_t work;
	uv_loop_t *loop;
	int fd; /* the journal; owned */
	bool is_torn; /* its last byte is not a newline */
	bool is_busy;
	struct buf bytes; /* being written; kept until they are flushed */
	size_t written; /* of them, by the last try */
	int error; /* errno of the last try, 0 */
	void (*on_done)(void *ctx, int error);
	void *ctx;
};

/* Takes over `fd`. */
void writer_init(struct writer *w, uv_loop_t *loop, int fd, bool is_torn,
    void (*on_done)(void *ctx, int error), void *ctx);
void writer_release(struct writer *w);
/* Writes and flushes w->bytes, which the caller has filled; on_done is called from the loop. After
 * an error the same call tries again with what is left. */
void writer_start(struct writer *w);
/* Whether the file has no name any more: the directory was removed. */
bool writer_is_gone(const struct writer *w);

#endif
