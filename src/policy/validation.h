/* What a `validate` cell says: one of the built-in checks, written KIND:ARGUMENT, or a command. */
#ifndef AB_POLICY_VALIDATION_H
#define AB_POLICY_VALIDATION_H

#include "base/err.h"
#include "model/options.h"
#include "model/task.h"

#include <stdbool.h>
#include <stddef.h>

enum validation_kind {
	VALIDATE_NOTHING,
	VALIDATE_COMMAND,
	VALIDATE_FILE, /* a file is there */
	VALIDATE_NONEMPTY, /* and holds something */
	VALIDATE_JSON, /* and holds JSON */
	VALIDATE_REGEX, /* the answer matches */
	VALIDATE_EQUALS /* the answer is the expected one, policy/gaia.h */
};

struct validation {
	enum validation_kind kind;
	const char *arg; /* the command, or what stands behind the colon; borrowed */
};

/* What a cell, or --validate, says. */
struct validation validation_read(const char *cell);
/* A row's validation: its own cell, else --validate. */
struct validation validation_of(const struct options *o, const struct tasks *ts,
    const struct task *t);

/* Whether its argument is a path, in which placeholders are filled. */
bool validation_has_path(enum validation_kind kind);

/* What can be refused of a built-in check before anything starts. */
int validation_check(const struct validation *v, struct err *err);

/* Whether a regular expression finds a place in the text: 1, 0, or -1: it needed too much. The
 * pattern is one that validation_check took. */
int validation_matches(const char *regex, const char *text, size_t len);

#endif
