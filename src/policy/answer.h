/* The final answer of an agent: what its model said last, read from its output. Pure.
 *
 * Most programs print JSON events, each kind with its own idea of where the answer is: in the event
 * that ends the run, in the last message, or in pieces since the last step. Others print text, of
 * which the profile says what is the answer and what is not. */
#ifndef AB_POLICY_ANSWER_H
#define AB_POLICY_ANSWER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/json_scan.h"
#include "model/profile.h"

#include <stdbool.h>
#include <stddef.h>

#define ANSWER_MAX ((size_t)1 << 20) /* bytes; a longer one is not taken, rather than cut */

/* Where to look, made of a profile once; read only. */
struct answer_finder;

/* NULL profile: known events. NULL with err set: a regex does not compile. */
struct answer_finder *answer_finder_new(const struct profile *profile, struct err *err);
void answer_finder_free(struct answer_finder *f);

struct answer_reader {
	const struct answer_finder *finder; /* borrowed */
	struct buf text;
	bool is_final; /* by the event that ends a run: no message replaces it */
	bool goes_on; /* the next piece of a message is added, otherwise it begins a new one */
	char message[64]; /* whose pieces these are, where they have names */
	bool is_over; /* text: behind what matches `until` */
	bool is_too_long;
};

void answer_begin(struct answer_reader *r, const struct answer_finder *finder);
void answer_release(struct answer_reader *r);
void answer_take_document(struct answer_reader *r, struct json doc);
void answer_take_line(struct answer_reader *r, const char *p, size_t n);
/* The answer without blank lines round it, or NULL: there is none. Borrowed until the release. */
const char *answer_end(struct answer_reader *r);

#endif
