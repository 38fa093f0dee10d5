/* An agent's output as it comes, in pieces of any size, split into lines of text and JSON documents
 * (one a line, or one over several lines). For what is told step by step, where the end of the
 * output alone would not do; policy/tail.h reads the end.
 *
 *   stream_init, stream_feed as often as there are bytes, stream_finish, stream_release
 *
 * Memory is bounded: a longer line or document is passed over. Pure. */
#ifndef AB_POLICY_STREAM_H
#define AB_POLICY_STREAM_H

#include "base/buf.h"
#include "base/json_scan.h"

#include <stdbool.h>
#include <stddef.h>

#define STREAM_MAX_PIECE ((size_t)1 << 20)

struct stream_sink {
	/* A line without its end and without control sequences. */
	void (*line)(void *ctx, const char *p, size_t n);
	/* A document; it is well-formed as far as its brackets go. */
	void (*document)(void *ctx, struct json doc);
	void *ctx;
};

struct stream {
	struct stream_sink sink;
	struct buf held; /* bytes not handed out yet */
	size_t at; /* where the piece under way begins in them */
	size_t seen; /* bytes before this one were looked at */
	bool is_skipping; /* the line under way is too long */
	bool in_document; /* it began on a line before `seen` */
	bool in_string, is_escaped; /* state of the document at `seen` */
	size_t depth;
	unsigned nr_broken; /* documents that never ended: each costs a second look */
	struct buf clean; /* a line being cleaned */
};

void stream_init(struct stream *s, const struct stream_sink *sink);
void stream_release(struct stream *s);
void stream_feed(struct stream *s, const char *p, size_t n);
/* The output has ended: what is left over counts as its last line. */
void stream_finish(struct stream *s);

#endif
