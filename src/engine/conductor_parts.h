/* What the conductor's parts ask of each other: conductor.c (turns), starts.c, verdicts.c, verbs.c,
 * recovery.c (coming to a batch), ending.c (going on from it). Nobody else includes this. All of them act at `c->now`. */
#ifndef AB_ENGINE_CONDUCTOR_PARTS_H
#define AB_ENGINE_CONDUCTOR_PARTS_H

#include "engine/conductor.h"

/* ---- conductor.c ---- */

/* Stamps, journals and folds in. */
void conductor_event(struct conductor *c, struct event *ev);
/* An empty event about an agent. */
void conductor_agent_event(struct event *ev, enum event_type type, uint32_t agent);
/* Tells the gate's event and whoever wants to know of it. */
void conductor_gate(struct conductor *c, const struct ev_gate *gate, bool by_person);
void conductor_emit_exit(struct conductor *c, struct attempt_ref ref, const struct ev_exit *exit);
void conductor_set_status(struct conductor *c, uint32_t agent, enum agent_status status,
    const char *why);
void conductor_set_phase(struct conductor *c, uint32_t agent, enum agent_status status,
    enum agent_phase phase, const char *why);
/* Journals that another branch has the row: live->won_by tells which. */
void conductor_give_up(struct conductor *c, uint32_t agent);
void conductor_kill(struct conductor *c, uint32_t agent, enum kill_why why, bool now);
void conductor_attempt_ended(struct conductor *c, struct attempt_ref ref,
    const struct ev_exit *exit);
void conductor_set_busy(struct conductor *c, struct attempt_ref ref, bool is_busy);
/* A line for logs/log.txt. */
void conductor_log_about(struct conductor *c, uint32_t agent, uint32_t n, const char *text);

/* ---- starts.c ---- */

/* On batch->accounts[account]; where what that needs is not there, its gate closes instead. */
void conductor_start_agent(struct conductor *c, uint32_t agent, uint32_t account);
void conductor_start_validation(struct conductor *c, uint32_t agent);
/* A start that is journalled already, or a validation: it comes with the next flush. */
void conductor_queue_start(struct conductor *c, struct attempt_ref ref);
/* Starts nothing for a while; said once until the disk takes something again. */
void conductor_hold_for_disk(struct conductor *c, const char *message);

/* ---- verdicts.c ---- */

/* Judges the last attempt, whose exit is journalled; and again after its validation. */
void conductor_judge(struct conductor *c, uint32_t agent);
/* Reads on in one of the long outputs that are being read. */
void conductor_judge_unread(struct conductor *c);
void conductor_judge_validated(struct conductor *c, uint32_t agent, const struct ev_exit *exit);
/* What becomes of a row whose last attempt has its verdict. */
void conductor_follow_up(struct conductor *c, uint32_t agent);

/* ---- verbs.c ---- */

/* Rows that failed are pending again, and those that were skipped for their sake. */
void conductor_take_up(struct conductor *c, const uint32_t *rows, uint32_t nr, const char *why);

#endif
