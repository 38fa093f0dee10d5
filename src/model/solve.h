/* How a run with roles stands (planner, synthesizer, validator): what its `solve` events say. They
 * stand in the journal of the original batch, also behind its `end`. */
#ifndef AB_MODEL_SOLVE_H
#define AB_MODEL_SOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum solve_phase {
	SOLVE_PLANNING,
	SOLVE_EXECUTING, /* the original batch, or a child of the run */
	SOLVE_SYNTHESIZING,
	SOLVE_VALIDATING,
	SOLVE_DONE,
	SOLVE_PHASE__COUNT
};
const char *solve_phase_name(enum solve_phase p);
int solve_phase_from_name(const char *s); /* -1 for others, NULL too */

enum solve_role { SOLVE_PLANNER, SOLVE_SYNTHESIZER, SOLVE_VALIDATOR, SOLVE_ROLE__COUNT };
const char *solve_role_name(enum solve_role r);
int solve_role_from_name(const char *s); /* -1 for others, NULL too */
/* The role that a phase waits for; -1: none. */
int solve_role_of_phase(enum solve_phase p);

/* What the validator thinks of the results. */
enum solve_quality { QUALITY_NONE, QUALITY_GOOD, QUALITY_FAIR, QUALITY_POOR, QUALITY__COUNT };
const char *solve_quality_name(enum solve_quality q); /* "" for QUALITY_NONE */
int solve_quality_from_name(const char *s); /* -1 for others, NULL and "" too */
/* Complete, and good or fair. */
bool solve_has_passed(bool is_complete, enum solve_quality q);

/* What a batch is to its run. */
enum batch_kind {
	BATCH_ORIGINAL,
	BATCH_RETRY, /* rows that failed, again */
	BATCH_EXTENSION, /* new rows, for what was missing */
	BATCH_KIND__COUNT
};
const char *batch_kind_name(enum batch_kind k); /* "" for BATCH_ORIGINAL */
enum batch_kind batch_kind_from_name(const char *s); /* BATCH_ORIGINAL for others, NULL too */

/* What a role's process finds in its environment, beside what every agent does. */
#define ROLE_ENV "AGENT_BATCH_ROLE"
#define ROLE_ROUND_ENV "AGENT_BATCH_ROUND"

/* Calls of a role are conducted in ROLES_NAME/<role>-<k> of the original's directory. */
#define ROLES_NAME "roles"
#define ROLE_CALL_SIZE 48
void solve_call_name(enum solve_role r, uint32_t k, char out[ROLE_CALL_SIZE]);
/* The k of such a name; 0: it is none of that role. */
uint32_t solve_call_number(enum solve_role r, const char *call);

/* A validation's verdict. */
struct solve_verdict {
	int64_t round, t;
	bool is_complete;
	enum solve_quality quality;
	int64_t nr_missing; /* requirements */
	const char *why; /* what is missing, or NULL */
	const char *call; /* that gave it, or NULL */
};

/* Strings live as long as the batch. */
struct solve {
	bool is_told; /* any of it: the run has roles */
	enum solve_phase phase;
	int64_t round; /* 0: the first execution; one more with every validation not passed */
	int64_t since_t; /* when phase or round last changed */
	const char *call; /* in a role's phase: its directory, else NULL */
	uint32_t nr_calls; /* of the role in this phase and round: more than one when a reply could
			    * not be read, or a role was tried again */
	uint32_t nr_unread; /* of them, the last in a row that followed an unreadable reply */
	uint32_t last_call[SOLVE_ROLE__COUNT]; /* highest number given so far */
	const char *child; /* SOLVE_EXECUTING: the batch of this round; NULL: the original */
	const char *csv; /* the child's tasks file, or NULL */
	enum batch_kind kind; /* of that batch */
	int64_t until_t; /* the child starts nothing earlier, or NUM_NONE */
	int64_t rows; /* of that batch, NUM_NONE where not told */
	struct solve_verdict *verdicts; /* in the order told; malloc'ed */
	size_t nr_verdicts, cap_verdicts;
	/* The run stopped here (a role failed for good, the operator, ...) and can be resumed. */
	bool is_stopped;
	int64_t exit_code; /* of SOLVE_DONE, or of the stop */
	const char *why; /* of the last event that told one, in this phase */
	uint64_t nr_events;
};

/* The verdict of the round that is on, or NULL: not given yet. */
const struct solve_verdict *solve_verdict_now(const struct solve *s);
/* The last one, or NULL. */
const struct solve_verdict *solve_last_verdict(const struct solve *s);

#endif
