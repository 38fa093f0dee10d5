/* Where each agent stands: the counts, and the orders that decisions need, kept in step with every
 * change of status. Internal to the fold; everything here leaves counts and orders that agree. */
#ifndef AB_MODEL_BATCH_ORDERS_H
#define AB_MODEL_BATCH_ORDERS_H

#include "model/batch.h"

/* The index of an account, which is made if it is new: pointers into b->accounts may move. */
uint32_t batch_account(struct batch *b, const char *name);
/* Puts a pending agent that waits for no parent where starts are taken from. */
void batch_make_ready(struct batch *b, const struct agent *a);
/* The one place where an agent's status changes. */
void batch_set_status(struct batch *b, struct agent *a, enum agent_status s, enum agent_phase p,
    int64_t t);
/* Orders an agent in PHASE_BACKOFF by its wait, which has changed. */
void batch_put_waiting(struct batch *b, struct agent *a);
/* From all of the old account's orders and counts into the new one's; the agent is pending then. */
void batch_move_to_account(struct batch *b, struct agent *a, uint32_t account);

/* Somebody acted, or one has completed: failures by `config` are counted anew. */
void batch_forget_faults(struct account *acc);

/* batch_solve.c: folds an EV_SOLVE. */
void batch_apply_solve(struct batch *b, const struct event *ev);

#endif
