/* The error line nearest the end of an output: which line, what it means, what belongs to it.
 *
 * A line counts when it announces itself as an error ("API Error: ..."), or is one of the known
 * sentences that stand for themselves. Prose, code, test logs and the echo of the task do not. */
#ifndef AB_POLICY_ERROR_LINE_H
#define AB_POLICY_ERROR_LINE_H

#include "policy/machine.h"
#include "policy/patterns.h"
#include "policy/tail.h"

#include <stdbool.h>
#include <stddef.h>

struct scan {
	const struct patterns *patterns; /* all borrowed */
	const struct tail *tail;
	const char *task; /* the agent's own prompt, or NULL */
	const char *feedback; /* what it was told of the attempt before, or NULL */
	const struct own_events *own;
	enum attempt_class status_class; /* what the profile says of the exit status; else NONE */
	bool is_strict; /* the program says that all went well: only what cannot be prose counts */
	bool is_late; /* its time ran out: what it was waiting for counts */
	bool is_last_resort; /* nothing else was said: but nothing of another kind may follow */
};

struct judged {
	struct pattern_hit hit;
	const char *message; /* the line without its announcements */
	size_t message_len;
	size_t piece; /* of the tail */
};

/* Whether the line is an error by itself. `piece` of *j is not set. */
bool error_line_judge(const struct scan *s, const struct piece *line, struct judged *j);
/* The error nearest the end, but not above the piece `from`. */
bool error_line_find(const struct scan *s, size_t from, struct judged *j);
/* A report on an error begins as one does, and goes on as a person does. */
bool error_line_is_report(const struct scan *s, const char *p, size_t n);
/* Whether below the text's first line there is one that reads as a report. */
bool error_line_goes_on(const struct scan *s, const char *text, size_t n);
/* Whether the JSON in the output stands inside an answer in prose, which shows it. */
bool error_line_shows_json(const struct scan *s);
/* A line that says nothing new behind an error. */
bool error_line_is_trailer(const struct scan *s, const struct piece *line);
/* The error with all that stands behind it, as one text of at most `cap` bytes; its length. */
size_t error_line_block(const struct scan *s, size_t piece, char *out, size_t cap);
/* Decides between the three kinds of limit by the whole text of an error. */
void error_line_refine(const struct scan *s, const char *block, size_t n, struct pattern_hit *hit);

#endif
