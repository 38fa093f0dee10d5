/* The closed sets of words that events, files and screens share: classes of an attempt, statuses
 * and phases of an agent, reasons of a wait, states of a gate. Each has its name in files. */
#ifndef AB_MODEL_CLASS_H
#define AB_MODEL_CLASS_H

#include <stdbool.h>
#include <stdint.h>

/* Why an attempt ended. What follows from each is policy/class_rules.h. */
enum attempt_class {
	CLASS_NONE, /* not known yet */
	CLASS_SUCCESS,
	CLASS_RATE_LIMIT,
	CLASS_USAGE_LIMIT,
	CLASS_TRANSIENT,
	CLASS_TIMEOUT,
	CLASS_CRASH,
	CLASS_TASK_ERROR,
	CLASS_INVALID,
	CLASS_NO_OUTPUT,
	CLASS_MAX_TURNS,
	CLASS_AUTH,
	CLASS_BUDGET,
	CLASS_CONFIG,
	CLASS_REFUSAL,
	CLASS_CONTEXT_OVERFLOW,
	CLASS_CANCELLED,
	CLASS_LOST,
	CLASS__COUNT
};

enum agent_status {
	AGENT_PENDING,
	AGENT_IN_PROGRESS,
	AGENT_COMPLETED,
	AGENT_FAILED,
	AGENT_SKIPPED,
	AGENT_CANCELLED,
	AGENT__COUNT
};

/* What an AGENT_IN_PROGRESS agent does; PHASE_NONE in every other status. */
enum agent_phase { PHASE_NONE, PHASE_RUNNING, PHASE_BACKOFF, PHASE_VALIDATING, PHASE__COUNT };

/* Why a wait is as long as it is. */
enum wait_why {
	WAIT_NONE,
	WAIT_TOLD, /* the service said so */
	WAIT_LADDER, /* --backoff */
	WAIT_LEARNED, /* what this service's limits lasted */
	WAIT_GATE,
	WAIT_PROBE,
	WAIT_OPERATOR,
	WAIT__COUNT
};

enum gate_state { GATE_OPEN, GATE_NARROWED, GATE_CLOSED, GATE_PROBING, GATE__COUNT };

/* How a batch ended; END_NONE while it has not. */
enum end_state { END_NONE, END_FINISHED, END_STOPPED, END__COUNT };

const char *class_name(enum attempt_class c); /* "" for CLASS_NONE */
const char *status_name(enum agent_status s);
const char *phase_name(enum agent_phase p); /* "" for PHASE_NONE */
const char *wait_why_name(enum wait_why w);
const char *gate_state_name(enum gate_state g);
const char *end_state_name(enum end_state e);

/* Each returns the value of a name, or -1 for one that is not in the set. */
int class_from_name(const char *s);
int status_from_name(const char *s);
int phase_from_name(const char *s);
int wait_why_from_name(const char *s);
int gate_state_from_name(const char *s);
int end_state_from_name(const char *s);

/* Whether nothing more happens to an agent in this batch by itself. */
bool status_is_final(enum agent_status s);

#endif
