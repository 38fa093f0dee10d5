/* The one sanitiser: whatever an agent, a task, an id, a service or a file said passes through it
 * before it is painted or printed. What comes out holds no escape sequence, no control byte of
 * either set, no bidi control, nothing invisible; only printable characters and line ends.
 *
 * sanitize_init, then sanitize_feed as bytes come, in pieces of any size, and sanitize_end where
 * the text ends. The state is a few bytes and no memory is allocated.
 *
 *   SANITIZE_PLAIN   text with no attributes
 *   SANITIZE_LOG     SGR is kept as bold, underline, reverse and 256 colours, to the line's end
 *   SANITIZE_RAW     controls are shown: ^[, <9b>, ^M; so is what is invisible: <202e>
 *
 * sanitize_text and sanitize_line give UTF-8 for printers; struct sanitize_stream does for whole
 * logs. */
#ifndef AB_VIEW_SANITIZE_H
#define AB_VIEW_SANITIZE_H

#include "base/buf.h"
#include "view/text/style.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sanitize_mode { SANITIZE_PLAIN, SANITIZE_LOG, SANITIZE_RAW };

/* One thing to show. Two values of `cp` are no characters, with width 0: */
#define GLYPH_NEWLINE ((uint32_t)'\n') /* the line ends here */
#define GLYPH_RESTART ((uint32_t)'\r') /* what this line has held so far is gone */

struct glyph {
	uint32_t cp;
	struct style style;
	uint8_t width; /* columns: 1, 2, or 0 for a combining mark on the one before */
};

#define SANITIZE_PARAMS_MAX 16
/* The most glyphs that one byte of input can make: sanitize_feed needs room for as many. */
#define SANITIZE_BURST 16

struct sanitizer {
	uint8_t mode;
	uint8_t state;
	struct style style;
	uint32_t column; /* of the next glyph in its line, for tab stops */
	uint8_t marks; /* combining marks on the last base */
	bool has_base;
	bool was_bad; /* the last thing shown is the U+FFFD of a bad run that may go on */
	bool has_return; /* a carriage return that nothing has followed yet */
	/* An SGR sequence being read. */
	bool is_private; /* CSI with a private mark or an intermediate: not SGR */
	uint8_t nr_params;
	uint16_t params[SANITIZE_PARAMS_MAX];
	uint16_t subs; /* bit i: parameter i came behind a colon */
	/* A character whose end has not come yet. */
	uint8_t nr_part;
	char part[4];
};

void sanitize_init(struct sanitizer *s, enum sanitize_mode mode);
/* Takes bytes from *p up to `end`, as many as make at most `cap` glyphs (cap >= SANITIZE_BURST).
 * Returns how many were made; call again until *p == end. */
size_t sanitize_feed(struct sanitizer *s, const char **p, const char *end, struct glyph *out,
    size_t cap);
/* How many of the bytes are plain characters, which are shown as they are: for who wants text and
 * no glyphs. The state is then as if they had been fed. 0: feed them. */
size_t sanitize_plain(struct sanitizer *s, const char *p, const char *end);
/* The text ends: at most one glyph more, for a character that was cut off. */
size_t sanitize_end(struct sanitizer *s, struct glyph *out);

/* Appends the clean text of several lines. A newline stays one. */
void sanitize_text(struct buf *out, const char *p, size_t n);
/* Appends it as one line: newlines and tabs become single blanks, those at both ends go. For
 * tasks, ids, messages. NULL adds nothing. */
void sanitize_line(struct buf *out, const char *s);
void sanitize_line_mem(struct buf *out, const char *p, size_t n);

/* A line longer than this is cut, with " ...N more bytes" in place of the rest. */
#define SANITIZE_LINE_MAX ((size_t)65536)

/* Whole logs as clean text, line by line: sanitize_stream_feed appends the lines that are
 * complete, sanitize_stream_end the last one if it has no newline. */
struct sanitize_stream {
	struct sanitizer s;
	struct buf line; /* clean text of the line so far */
	size_t nr_bytes; /* taken of the line, behind its last carriage return */
};
void sanitize_stream_init(struct sanitize_stream *st, enum sanitize_mode mode);
void sanitize_stream_release(struct sanitize_stream *st);
void sanitize_stream_feed(struct sanitize_stream *st, const char *p, size_t n, struct buf *out);
void sanitize_stream_end(struct sanitize_stream *st, struct buf *out);

#endif
