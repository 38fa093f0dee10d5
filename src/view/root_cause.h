/* Why a row most likely failed for good, and what a person can do about it: a guess that always says
 * what it rests on, and "unknown" where there is nothing to rest it on.
 *
 * The first four are those that make up most failures that no retry heals; the others are told by
 * the class alone. */
#ifndef AB_VIEW_ROOT_CAUSE_H
#define AB_VIEW_ROOT_CAUSE_H

#include "base/buf.h"
#include "formats/run_reader.h"

enum root_cause {
	CAUSE_UNKNOWN,
	CAUSE_TOO_COMPLEX,
	CAUSE_CONTEXT, /* insufficient context */
	CAUSE_CAPABILITY, /* the agent or its API cannot do what is asked */
	CAUSE_AMBIGUOUS,
	CAUSE_LIMIT, /* the service's limits */
	CAUSE_SERVICE, /* it failed or was out of reach */
	CAUSE_ACCOUNT, /* login, entitlement, money */
	CAUSE_SETUP,
	CAUSE_PROGRAM, /* the agent's program crashed or vanished */
	CAUSE_PARENT, /* what it depends on did not complete */
	CAUSE_OPERATOR,
	CAUSE_UNFINISHED, /* the run has not come to it, or is not through with it */
	CAUSE__COUNT
};

const char *root_cause_name(enum root_cause c); /* for files: "insufficient_context" */
const char *root_cause_text(enum root_cause c); /* "insufficient context" */
const char *root_cause_next(enum root_cause c); /* what to do: "add ... to context_path" */

/* Judges a row that is not completed. Appends to `evidence`, clean and on one line, what it rests
 * on: the class's meaning or the words that were found. */
enum root_cause root_cause_of(const struct merged_row *row, struct buf *evidence);

#endif
