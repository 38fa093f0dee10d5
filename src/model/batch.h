/* The state of one batch: the fold over its events.
 *
 * batch_init, then batch_apply for every event in the order of the journal; that is all the
 * conductor, the screens, status, retry and recovery know of a batch. No I/O, no clock. Who reads
 * must not write any field.
 *
 * Beside what is shown, it keeps the orders that decisions need (what may start next, what waits
 * until when), so that a decision costs a logarithm, not a walk over all agents. */
#ifndef AB_MODEL_BATCH_H
#define AB_MODEL_BATCH_H

#include "base/arena.h"
#include "base/heap.h"
#include "model/event.h"
#include "model/gate.h"
#include "model/graph.h"
#include "model/options.h"
#include "model/task.h"

#include <stdbool.h>
#include <stdint.h>

/* One process run of an agent. Strings live as long as the batch. */
struct attempt {
	uint32_t n;
	uint32_t seq; /* which start of its account it was, from 0 */
	bool has_ended; /* its process: exit told */
	bool has_verdict;
	bool charged;
	enum attempt_class class;
	enum exit_how how;
	int exit_value;
	enum kill_why killed;
	const char *boot; /* the machine's boot that it was started in, or NULL */
	const char *account; /* that it ran on */
	bool is_resumed; /* it was to go on with `session` */
	int64_t started_t, started_m;
	int64_t ended_t, ended_m;
	int64_t validating_t; /* when validation began, or NUM_NONE */
	int64_t verdict_t;
	int64_t log_from, log_to; /* byte offsets into agent-<id>.log, or NUM_NONE */
	int64_t retry_after_ms, reset_at_t;
	int64_t wait_until_t, wait_until_m; /* the wait behind it, or NUM_NONE */
	enum wait_why wait_why;
	bool wait_is_wall;
	bool wait_is_account; /* it is about `account`: another one of the pool may take the row */
	int64_t rss_kb, cpu_ms;
	double cost_usd; /* < 0: not told */
	int64_t tokens_in, tokens_out, turns, tokens_total;
	const char *message, *evidence, *session, *answer; /* NULL: not told */
};

struct agent {
	const struct task *task;
	enum agent_status status;
	enum agent_phase phase;
	uint32_t pool; /* index into batch.pools: where its starts are taken from */
	uint32_t account; /* index into batch.accounts: that it runs or ran on, before that the
	                   * pool's first */
	struct attempt *attempts; /* all of this batch, void ones too */
	uint32_t nr_attempts, cap_attempts;
	uint32_t last_n; /* highest attempt number used, 0 before the first */
	uint32_t charged; /* against --attempts */
	uint32_t hard_ends; /* attempts that ended by timeout or crash */
	uint32_t unmet; /* parents not completed */
	enum attempt_class class; /* of the last verdict */
	const char *why; /* why the status is what it is, or NULL */
	/* Cancelled because this branch of the cycle has completed the row: for those that depend on it
	 * it is as good as completed. NULL: not so. */
	const char *won_by;
	bool is_taken_up; /* it had failed in this batch, and was reset to pending */
	bool is_set_aside; /* it failed alike in --give-up-after cycles: no further one takes it */
	int64_t since_t; /* when status or phase last changed */
	/* The wait of PHASE_BACKOFF: until some account of its pool may take it. */
	int64_t wait_until_t, wait_until_m, wait_from_t;
	enum wait_why wait_why;
	bool wait_is_wall, wait_is_parked;
	int64_t waited_ms; /* sum of planned waits behind uncharged attempts */
	double cost_usd; /* sum of what was told */
	int64_t tokens_in, tokens_out, turns;
	int64_t tokens; /* in and out, and totals that were told alone */
	uint32_t running_at; /* its place in batch.running + 1; 0: holds no slot */
};

/* The rows of one profile, and the accounts that may take them: one of the profile's own name, or
 * those that the user has declared for it. */
struct pool {
	const char *name; /* the profile, or COMMAND_ACCOUNT */
	uint32_t *members; /* indexes into batch.accounts, in the order of the pool; at least one */
	uint32_t nr_members, cap_members;
	bool is_declared; /* its accounts are called "profile/name" */
	struct heap ready; /* pending with all parents met; by priority, then by the longest
	                   * chain that waits for it */
	struct heap waiting; /* in backoff, by wait_until_m */
	struct heap waiting_wall; /* those whose wait is a time of day, by wait_until_t */
	uint32_t nr_parked;
};

#define ACCOUNT_FAULTS 8
#define POOL_NONE UINT32_MAX
#define ACCOUNT_NONE UINT32_MAX

/* Agents of one key share its limits. */
struct account {
	const char *name;
	uint32_t pool; /* whose rows it may take, or took; POOL_NONE: only told of */
	bool is_member; /* of its pool now; one that is not takes no rows */
	struct gate gate;
	uint32_t nr_running;
	uint32_t nr_completed;
	/* Failures by `config` since anybody acted, by message, and the most frequent of them. */
	struct {
		const char *message;
		uint32_t nr;
	} faults[ACCOUNT_FAULTS];
	uint32_t nr_faults; /* the oldest gives way when there are more */
	const char *config_message;
	uint32_t nr_config; /* how many agents ended by it */
};

/* A child that was announced. Strings live as long as the batch. */
struct batch_child {
	const char *name;
	const char *csv; /* or NULL */
	const char *branch; /* or NULL */
	int64_t until_t; /* it waits first, or NUM_NONE */
};

struct batch {
	const struct tasks *tasks; /* borrowed */
	const struct graph *graph; /* borrowed; NULL: no dependencies */
	struct arena arena;
	struct agent *agents; /* one for each row, same order */
	uint32_t nr_agents;
	struct account *accounts;
	uint32_t nr_accounts, cap_accounts;
	struct pool *pools;
	uint32_t nr_pools, cap_pools;

	uint32_t counts[AGENT__COUNT];
	uint32_t phases[PHASE__COUNT]; /* of those in progress */
	uint32_t nr_lost; /* failed with class lost */
	uint32_t *running; /* agents that hold a slot (running, validating), in no order */
	uint32_t nr_running, cap_running;
	struct heap doomed; /* pending, with a parent that ended without completing */

	/* From EV_BATCH; strings NULL until the first. */
	const char *version, *boot, *host, *original, *parent, *branch, *options_json;
	int64_t pid, cycle;
	enum batch_kind kind; /* BATCH_ORIGINAL where it is not told */
	int64_t started_t;
	int64_t announced_t, announced_m; /* the last EV_BATCH */
	int64_t not_before_t, not_before_m; /* NUM_NONE: no cool-off */
	uint32_t nr_resumes;

	int64_t jobs; /* slots; 0: no bound */
	bool is_paused, is_draining, is_cancelling;
	const char *stop_why; /* a rule of the batch's own drains it (--halt, --budget), or NULL */
	/* The counts when a person last acted: what a rule of --halt counts begins there. */
	uint32_t counts_then[AGENT__COUNT];
	enum end_state end;
	const char *end_why;
	int64_t exit_code, ended_t;

	/* The last EV_CYCLE that was told. */
	const char *child, *child_csv;
	int64_t child_rows, child_until_t;
	bool child_is_extension;
	struct batch_child *children; /* of all EV_CYCLE, each once, in the order told */
	uint32_t nr_children, cap_children;

	struct solve solve; /* of the run, in its original batch */

	int64_t last_t, last_m; /* of the last event */
	uint64_t nr_events, nr_unknown;
	uint64_t nr_attempts, nr_verdicts; /* executions: void ones are not counted */
	double cost_usd;
	int64_t tokens_in, tokens_out, turns, tokens; /* as an agent's */
	double earlier_usd; /* what the run's earlier batches cost */
	int64_t earlier_tokens;
	const char
	    *last_verb; /* the operator's last, as a sentence for the message line, or NULL */
	int64_t last_verb_t;
};

/* `default_agent`: the pool of rows that name no agent (a profile, or "command"). `tasks` and
 * `graph` must outlive the batch. */
void batch_init(struct batch *b, const struct tasks *tasks, const struct graph *graph,
    const char *default_agent, int jobs);
void batch_release(struct batch *b);

/* Folds one event in. Copies what it keeps. An event of an id that is not in the batch is counted
 * as unknown and changes nothing. Any order of events leaves counts and orders that agree with each
 * other, and the events of a turn may be told twice in a row: a writer whose flush failed must
 * write them again. */
void batch_apply(struct batch *b, const struct event *ev);

/* NULL for an index or attempt that is not there. */
const struct attempt *agent_attempt(const struct agent *a, uint32_t n);
const struct attempt *agent_last_attempt(const struct agent *a);
/* The last one that has its verdict, or NULL. */
const struct attempt *agent_last_judged(const struct agent *a);
/* How often it was executed in this batch: void attempts are not counted. */
uint32_t agent_executions(const struct agent *a);
uint32_t batch_find(const struct batch *b, const char *id); /* AGENT_NONE: no such id */
/* Whether the account counts: rows may start on it, or some have. One that a pool has replaced before
 * anything ran on it is in no list. */
bool account_is_shown(const struct account *acc);
/* Whether nothing starts on it before a person acts. */
bool account_needs_person(const struct account *acc);
/* What to call an agent's account: before it ever ran on one of several, its pool. */
const char *agent_account_name(const struct batch *b, const struct agent *a);
/* Its last attempt on that account, or NULL. */
const struct attempt *agent_last_on(const struct batch *b, const struct agent *a, uint32_t account);
/* The same, where what came of it keeps the row, which waits, away from there; NULL: it may go
 * there as far as that is concerned. */
const struct attempt *agent_kept_from(const struct batch *b, const struct agent *a,
    uint32_t account);
/* When the first account of its pool may take it: the later of its wait for it and that account's
 * gate. What a countdown shows. Unix ms, or NUM_NONE where only a person ends it. */
int64_t agent_next_t(const struct batch *b, const struct agent *a);
/* Agents that hold a slot: running or validating. */
uint32_t batch_slots_used(const struct batch *b);
/* The child of that branch (NULL: of none) that was announced last, or NULL. */
const struct batch_child *batch_child_of(const struct batch *b, const char *branch);
/* Whether a row needs nothing more: it has completed, here or in another branch of the cycle. */
bool agent_is_done(const struct agent *a);

#endif
