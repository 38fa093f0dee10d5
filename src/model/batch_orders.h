/* What the files of the fold share; nobody else includes this. batch_orders.c: where each agent stands,
 * the counts and the orders that decisions need, kept in step with every change of status; everything
 * there leaves counts and orders that agree. */
#ifndef AB_MODEL_BATCH_ORDERS_H
#define AB_MODEL_BATCH_ORDERS_H

#include "model/batch.h"

/* The index of an account, which is made if it is new: pointers into b->accounts may move. */
uint32_t batch_account(struct batch *b, const char *name);
/* The index of a pool, which is made if it is new, with the one account of its name in it. */
uint32_t batch_pool(struct batch *b, const char *name);
/* From now on the accounts of the list ("profile/name ...") are those of their pools, and a pool of
 * which there is none is the one account of its name. */
void batch_set_accounts(struct batch *b, const char *list);
/* Puts a pending agent that waits for no parent where starts are taken from. */
void batch_make_ready(struct batch *b, const struct agent *a);
/* The one place where an agent's status changes. */
void batch_set_status(struct batch *b, struct agent *a, enum agent_status s, enum agent_phase p,
    int64_t t);
/* Cancels an agent whose row another branch of the cycle has completed; `branch` is kept. */
void batch_set_won(struct batch *b, struct agent *a, const char *branch, int64_t t);
/* Orders an agent in PHASE_BACKOFF by its wait, which has changed. */
void batch_put_waiting(struct batch *b, struct agent *a);
/* Where its last attempt's wait is about its account: the agent's own ends when the first of its
 * pool may take it. (t, m): now. */
void batch_settle_wait(struct batch *b, struct agent *a, int64_t t, int64_t m);
/* From the old account's counts into the new one's; the agent is pending then. */
void batch_move_to_account(struct batch *b, struct agent *a, uint32_t account);

/* Somebody acted, or one has completed: failures by `config` are counted anew. */
void batch_forget_faults(struct account *acc);

/* ---- batch_apply.c ---- */

/* A copy that lives as long as the batch; NULL of NULL. */
const char *batch_keep(struct batch *b, const char *s);

/* ---- batch_begin.c ---- */

/* Folds an EV_BATCH. */
void batch_apply_begin(struct batch *b, const struct event *ev);
/* The operator lets it go on, whatever held it: a rule that stopped it counts anew from here. */
void batch_go_on(struct batch *b);

/* ---- batch_solve.c ---- */

/* Folds an EV_SOLVE. */
void batch_apply_solve(struct batch *b, const struct event *ev);

#endif
