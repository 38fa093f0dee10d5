/* What the conductors of one user tell each other of their accounts' limits, so that two batches on
 * one account do not both run into the same one: a file an account in
 * $XDG_STATE_HOME/agent-batch/gates/ (default ~/.local/state), replaced atomically under a lock,
 * watched by all. Where that directory cannot be had, this is said once and everything here does
 * nothing. Engine thread only. */
#ifndef AB_ENGINE_SHARED_GATES_H
#define AB_ENGINE_SHARED_GATES_H

#include "base/buf.h"
#include "model/batch.h"

#include <uv.h>

struct shared_gates;

struct shared_gates_opts {
	uv_loop_t *loop;
	const struct batch *batch; /* borrowed */
	const char *name; /* of the batch: what it told itself it does not hear; borrowed */
	const char
	    *command; /* --agent-command: who shares COMMAND_ACCOUNT must share that; or NULL */
	/* Appends what tells a declared account apart from another one of its name. */
	void (*identity)(void *ctx, uint32_t account, struct buf *out);
	/* Another conductor told something of an account. Strings of *told are borrowed. */
	void (*on_hint)(void *ctx, uint32_t account, const struct ev_gate *told, int64_t told_t);
	void (*log)(void *ctx, const char *line);
	void *ctx;
};

struct shared_gates *shared_gates_new(const struct shared_gates_opts *opts);
/* Tells what is known of every account: before the first start. */
void shared_gates_read(struct shared_gates *s);
/* Tells the others how an account stands. A closure that somebody else told and that lasts is
 * left, but not when a person has opened the gate. */
void shared_gates_tell(struct shared_gates *s, uint32_t account, bool by_person);
/* The run is over: the pace that this batch kept is nobody's any more. */
void shared_gates_withdraw(struct shared_gates *s);
/* Closes its handles on the loop; shared_gates_free when the loop has run out. */
void shared_gates_close(struct shared_gates *s);
void shared_gates_free(struct shared_gates *s);

#endif
