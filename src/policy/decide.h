/* What happens next: functions of (state, policy, now) that do nothing themselves.
 *
 * The conductor asks decide() again and again, applying each answer as events, until it answers
 * DECIDE_NOTHING with the moment to ask again. decide_next() says what follows from a verdict,
 * decide_overdue() which running attempts have used up their time. The simulator asks the same. */
#ifndef AB_POLICY_DECIDE_H
#define AB_POLICY_DECIDE_H

#include "base/clock.h"
#include "model/batch.h"
#include "policy/dirs.h"
#include "policy/budget.h"
#include "policy/halt.h"

#include <stdbool.h>
#include <stdint.h>

#define NEVER INT64_MAX

/* What the conductor knows of an agent's processes beyond the journal. */
struct live {
	int64_t timeout_ms, stall_ms; /* of the row; 0: none */
	int64_t active_m; /* when its log last grew, as far as known */
	int64_t log_bytes; /* its size then */
	/* Processes of an ended attempt are still there, a bit for each record_kind: while any is set
	 * it must not start again. */
	unsigned busy;
	bool can_resume; /* its program goes on with a session, and --fresh-session is not given */
	/* The account that has the session of an earlier cycle that its first start goes on with, + 1; 0:
	 * there is none. */
	uint32_t session_at;
	bool is_ending; /* we have sent TERM, or will as soon as there is a process */
	bool is_cancelled; /* by the operator, since its attempt started */
	const char *won_by; /* the branch that has completed the row since; borrowed; or NULL */
	bool
	    is_queued; /* its start is on the way to the disk: nothing of it runs, or runs out of time */
	int64_t begun_m; /* when its process was started by this conductor; 0: not by this one */
};

struct policy {
	struct ladder backoff;
	double jitter_pct;
	uint32_t attempts;
	int64_t max_wait_ms;
	int64_t validate_ms; /* bound on a validation command */
	const struct live *live; /* one an agent */
	uint32_t nr_busy; /* how many are busy */
	struct halt_rule halt;
	struct budget budget;
	struct dirs *dirs; /* --exclusive-dir; NULL: several may work in one */
	double min_free_bytes; /* of memory, for a start beside others; 0: any */
	int64_t free_bytes; /* as of now, or NUM_NONE where nobody knows */
	int64_t hold_until_m; /* starts nothing earlier: the machine or the disk had no room */
};

enum decision_kind {
	DECIDE_NOTHING, /* ask again at wake_m or wake_t, whichever comes first, or when something ends */
	DECIDE_START, /* `agent`, its attempt last_n + 1, on `account` */
	DECIDE_SKIP, /* `agent`: `parent` ended without completing */
	DECIDE_GATE, /* `gate` */
	DECIDE_STOP, /* a rule drains the batch: `rule`, `why`; `is_now`: and ends what runs */
	DECIDE_END /* nothing runs and nothing can start: `end`, `why`, `exit_code` */
};

struct decision {
	enum decision_kind kind;
	uint32_t agent, parent;
	uint32_t account; /* DECIDE_START: that it starts on */
	struct ev_gate gate;
	const char *rule; /* the option that it is */
	bool is_now;
	enum end_state end;
	int exit_code; /* of this batch alone */
	char why[512];
	int64_t resume_t; /* DECIDE_END by a limit: when going on makes sense, or NUM_NONE */
	int64_t wake_m, wake_t; /* NEVER: no such moment */
};

void decide(const struct batch *b, const struct policy *p, struct instant now,
    struct decision *out);

enum next_kind {
	NEXT_COMPLETED,
	NEXT_FAILED,
	NEXT_CANCELLED,
	NEXT_PENDING, /* as if it had not been tried */
	NEXT_WAIT /* `wait` */
};

struct next {
	enum next_kind kind;
	struct ev_wait wait;
	bool has_gate;
	struct ev_gate gate;
};

/* Whether nothing starts for want of memory. What runs alone is let run: it could not be helped. */
bool memory_is_low(const struct batch *b, const struct policy *p);

/* Whether a rule of the batch's own says that nothing more may start, in this batch or a later
 * cycle: fills rule, is_now and why. */
bool decide_stop(const struct batch *b, const struct policy *p, struct decision *out);

/* Whether the agent's last attempt, in `at` as its verdict will leave it, is counted against
 * --attempts. What was ended with its batch is not the row's fault, nor is what one key refuses and
 * another one takes at once, and a session that could not be gone on with was no try. */
bool decide_is_charged(const struct batch *b, const struct policy *p, uint32_t agent,
    const struct attempt *at, struct instant now);

/* What follows from an attempt's verdict. Asked after the verdict event was folded in: the agent's
 * counters include it. */
void decide_next(const struct batch *b, const struct policy *p, uint32_t agent,
    const struct attempt *at, struct instant now, struct next *out);

/* The next running attempt whose time is up, from position *cursor of batch.running on (start
 * with 0). A KILL_STALL is a suspicion: look at the log before acting. At the end returns KILL_NONE
 * and in *wake_m the earliest moment at which another one can be due. */
enum kill_why decide_overdue(const struct batch *b, const struct policy *p, struct instant now,
    uint32_t *cursor, uint32_t *agent, int64_t *wake_m);

#endif
