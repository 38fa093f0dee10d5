/* One line of events.jsonl. formats/event_json.h writes and reads it, batch_apply folds it.
 *
 * Strings are borrowed: valid while whoever made the event keeps them (the reader: until the next
 * line is read). NULL and the _NONE numbers mean "not told". Times ending in _t are Unix
 * milliseconds, in _m monotonic milliseconds of the boot named by the last EV_BATCH. In the file
 * `t`, `until` and `reset_at` are Unix seconds with a fraction. */
#ifndef AB_MODEL_EVENT_H
#define AB_MODEL_EVENT_H

#include "model/class.h"
#include "model/solve.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_type {
	EV_UNKNOWN, /* a newer version's: counted, otherwise passed over */
	EV_BATCH,
	EV_START,
	EV_EXIT,
	EV_VERDICT,
	EV_WAIT,
	EV_STATUS,
	EV_GATE,
	EV_VERB,
	EV_CYCLE,
	EV_SOLVE,
	EV_END,
	EV__COUNT
};

#define NUM_NONE INT64_MIN /* a whole number that is not told */
#define AGENT_NONE UINT32_MAX

/* How a process ended, so that a code and a signal never mix. */
enum exit_how {
	EXIT_CODE, /* value: 0..255 */
	EXIT_SIGNAL, /* value: the signal */
	EXIT_FAILED, /* it could not be started; value: errno, the message says what */
	EXIT_VOID, /* the attempt never ran: nothing was executed, nothing is charged */
	EXIT_UNKNOWN /* no record, nothing alive: promise 3 */
};

/* What ended an attempt before its own time. */
enum kill_why {
	KILL_NONE,
	KILL_CANCEL,
	KILL_TIMEOUT,
	KILL_STALL,
	KILL_HALT, /* by --halt now or --budget-hard: not the row's fault, nor the operator's wish */
	KILL_WON /* another branch of the cycle has completed the row */
};

struct ev_batch {
	const char *version, *boot, *host, *original, *parent;
	const char *branch; /* which of the cycle's siblings it is, or NULL */
	const char
	    *options_json; /* an object's text: all of them in the first one, later what differs */
	int64_t pid;
	int64_t cycle;
	enum batch_kind kind; /* of a child */
	int64_t not_before_t; /* this cycle starts nothing earlier (cool-off), or NUM_NONE */
	int64_t jobs; /* job slots from now on, or NUM_NONE */
	/* The pools' accounts from now on, "profile/name" with spaces between; "" for none, NULL: not
	 * told. */
	const char *accounts;
	/* What the run's earlier batches cost. < 0 and NUM_NONE: not told, nothing. */
	double spent_usd;
	int64_t spent_tokens;
	bool resumed;
};

struct ev_start {
	const char *boot, *account, *session;
	int64_t log_from;
};

struct ev_exit {
	enum exit_how how;
	int value;
	enum kill_why killed; /* by our own TERM */
	const char *message; /* EXIT_FAILED: the system's words */
	int64_t log_to, rss_kb, cpu_ms;
};

struct ev_verdict {
	enum attempt_class class;
	bool charged;
	const char *message, *evidence, *session, *answer;
	int64_t retry_after_ms, reset_at_t;
	double cost_usd; /* < 0: not told */
	int64_t tokens_in, tokens_out, turns;
	int64_t tokens_total; /* where only that is told, and not how it is shared out */
};

/* `n` of the event: the attempt behind which it waits. */
struct ev_wait {
	int64_t until_t;
	bool is_wall; /* until is a time of day (a reset): it ends then, even after a sleep */
	bool is_parked; /* longer than --max-wait allows: only another launch or resume goes on */
	enum wait_why why;
	/* It is about this account only: another one of its pool may take the row at once. NULL: it is
	 * the row's own. */
	const char *account;
};

struct ev_status {
	enum agent_status status;
	enum agent_phase phase;
	bool is_set_aside; /* failed, and no cycle takes it: --give-up-after */
	const char *branch; /* cancelled: the sibling that has completed the row, or NULL */
	const char *why;
};

struct ev_gate {
	const char *account;
	enum gate_state state;
	int64_t until_t; /* NUM_NONE: until a person acts */
	int64_t width; /* agents at once, or NUM_NONE */
	int64_t pace_ms; /* from one start to the next, or NUM_NONE */
	int64_t burst; /* starts at once after a rest, or NUM_NONE */
	int64_t lasted_ms,
	    nr_lasted; /* what limits lasted in runs before, and how many; NUM_NONE */
	const char *why;
};

struct ev_verb {
	const char *verb, *by, *result; /* by begins with a dash: an option of the batch's own */
	const char *ids; /* as they were given, separated by spaces */
	int64_t n; /* jobs N */
};

struct ev_cycle {
	const char *child, *csv;
	const char *branch; /* that the child is, or NULL */
	int64_t rows, until_t;
	bool is_extension; /* its rows are new ones */
};

/* Where a run with roles is: told when a phase or a role's call begins, with a verdict, and when the
 * run stops or is done. */
struct ev_solve {
	enum solve_phase phase;
	int64_t round;
	const char *role; /* the call's directory: "roles/validator-2" */
	bool is_unread; /* the call before gave no readable reply: `why` says what was wrong */
	const char *child, *csv; /* SOLVE_EXECUTING: of this round; NULL: the original batch */
	enum batch_kind kind; /* of the child */
	int64_t rows; /* of the batch that is executed, or NUM_NONE */
	int64_t until_t; /* the child starts nothing earlier, or NUM_NONE */
	bool has_verdict; /* SOLVE_VALIDATING: what follows is told */
	bool is_complete;
	enum solve_quality quality;
	int64_t nr_missing; /* requirements, or NUM_NONE */
	const char *why;
	int64_t exit_code; /* of the end, or of a stop; NUM_NONE: it goes on */
};

struct ev_end {
	enum end_state state;
	const char *why; /* a stop: what to do */
	int64_t counts[AGENT__COUNT];
	int64_t exit_code;
};

struct event {
	enum event_type type;
	int64_t t; /* Unix milliseconds */
	int64_t m; /* monotonic milliseconds */
	const char *id; /* of the agent, or NULL */
	uint32_t agent; /* its index, or AGENT_NONE: then the fold looks up id */
	int64_t n; /* attempt number, or NUM_NONE */
	union {
		struct ev_batch batch;
		struct ev_start start;
		struct ev_exit exit;
		struct ev_verdict verdict;
		struct ev_wait wait;
		struct ev_status status;
		struct ev_gate gate;
		struct ev_verb verb;
		struct ev_cycle cycle;
		struct ev_solve solve;
		struct ev_end end;
	};
};

const char *event_type_name(enum event_type t);
enum event_type event_type_from_name(const char *s); /* EV_UNKNOWN for others */
const char *kill_why_name(enum kill_why k);
int kill_why_from_name(const char *s);

/* An event of that type with every optional field "not told". */
void event_init(struct event *ev, enum event_type type);

#endif
