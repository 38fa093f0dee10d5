/* The end of an agent's output, made readable for rules: control sequences cut, split into lines
 * of text and JSON documents (one a line, or one over several lines), in their order. */
#ifndef AB_POLICY_TAIL_H
#define AB_POLICY_TAIL_H

#include "base/buf.h"
#include "base/json_scan.h"

#include <stdbool.h>
#include <stddef.h>

enum piece_kind { PIECE_TEXT, PIECE_JSON };

struct piece {
	enum piece_kind kind;
	const char *p; /* into tail.bytes; a line without its end, and without blanks round it */
	size_t n;
	bool is_indented; /* a line that began with blanks */
	bool is_red; /* a line that began in red: how some tools mark their own errors */
};

struct tail {
	struct buf bytes;
	struct piece *v;
	size_t nr, cap;
	size_t nr_docs; /* of the pieces */
};

void tail_init(struct tail *t, const char *p, size_t n);
void tail_release(struct tail *t);
/* Bytes of the control sequence at `p` (which is an ESC), 1 at least. An unfinished one ends at the
 * line's end. */
size_t escape_length(const char *p, size_t n);
/* Whether the line only repeats a part of the task (NULL: there is none). */
bool tail_is_echo(const char *task, const struct piece *line);
/* Whether the line repeats a whole line of what the attempt was told of the one before (NULL:
 * nothing), or the beginning of one. No less counts: the same failure, met again, is a part of it.
 */
bool tail_is_told(const char *feedback, const struct piece *line);

#endif
