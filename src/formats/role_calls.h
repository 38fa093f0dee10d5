/* The calls of a run's roles, live: each is a batch of one row in the original's directory
 * (model/solve.h has the names). Takes no lock, writes nothing. */
#ifndef AB_FORMATS_ROLE_CALLS_H
#define AB_FORMATS_ROLE_CALLS_H

#include "model/solve.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch_reader;

struct role_call {
	enum solve_role role;
	uint32_t k; /* which call of the role, from 1 */
	char name[ROLE_CALL_SIZE]; /* "roles/validator-2" */
	struct batch_reader *reader; /* owned; the pointer stays valid until close */
};

/* In the order in which they began. */
struct role_calls {
	struct role_call *v;
	size_t nr, cap;
};

/* Takes up calls that the original's journal tells of and that can be read, and folds what is new in
 * those that have not ended. Returns whether anything changed. */
bool role_calls_refresh(struct role_calls *c, const struct batch_reader *original);
void role_calls_close(struct role_calls *c);
uint64_t role_calls_events(const struct role_calls *c);

/* The call that the run waits for in this phase. NULL: none, or it is not there yet. */
const struct role_call *role_calls_now(const struct role_calls *c, const struct solve *s);
/* By "validator" (the last one), "validator-2" or "roles/validator-2". NULL: there is none. */
const struct role_call *role_calls_find(const struct role_calls *c, const char *id);
/* "validator-2": as people name it. */
const char *role_call_id(const struct role_call *call);

#endif
