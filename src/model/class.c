#include "model/class.h"

#include <stddef.h>
#include <string.h>

static const char *const class_names[CLASS__COUNT] = {
    [CLASS_NONE] = "",
    [CLASS_SUCCESS] = "success",
    [CLASS_RATE_LIMIT] = "rate_limit",
    [CLASS_USAGE_LIMIT] = "usage_limit",
    [CLASS_TRANSIENT] = "transient",
    [CLASS_TIMEOUT] = "timeout",
    [CLASS_CRASH] = "crash",
    [CLASS_TASK_ERROR] = "task_error",
    [CLASS_INVALID] = "invalid",
    [CLASS_NO_OUTPUT] = "no_output",
    [CLASS_MAX_TURNS] = "max_turns",
    [CLASS_AUTH] = "auth",
    [CLASS_BUDGET] = "budget",
    [CLASS_CONFIG] = "config",
    [CLASS_REFUSAL] = "refusal",
    [CLASS_CONTEXT_OVERFLOW] = "context_overflow",
    [CLASS_CANCELLED] = "cancelled",
    [CLASS_LOST] = "lost",
};

static const char *const status_names[AGENT__COUNT] = {
    [AGENT_PENDING] = "pending",
    [AGENT_IN_PROGRESS] = "in_progress",
    [AGENT_COMPLETED] = "completed",
    [AGENT_FAILED] = "failed",
    [AGENT_SKIPPED] = "skipped",
    [AGENT_CANCELLED] = "cancelled",
};

static const char *const phase_names[PHASE__COUNT] = {
    [PHASE_NONE] = "",
    [PHASE_RUNNING] = "running",
    [PHASE_BACKOFF] = "backoff",
    [PHASE_VALIDATING] = "validating",
};

static const char *const wait_names[WAIT__COUNT] = {
    [WAIT_NONE] = "",
    [WAIT_TOLD] = "told",
    [WAIT_LADDER] = "ladder",
    [WAIT_LEARNED] = "learned",
    [WAIT_GATE] = "gate",
    [WAIT_PROBE] = "probe",
    [WAIT_OPERATOR] = "operator",
};

static const char *const gate_names[GATE__COUNT] = {
    [GATE_OPEN] = "open",
    [GATE_NARROWED] = "narrowed",
    [GATE_CLOSED] = "closed",
    [GATE_PROBING] = "probing",
};

static const char *const end_names[END__COUNT] = {
    [END_NONE] = "",
    [END_FINISHED] = "finished",
    [END_STOPPED] = "stopped",
};

static int find(const char *const *names, int count, const char *s)
{
	int i;

	for (i = 0; s && *s && i < count; i++)
		if (strcmp(names[i], s) == 0)
			return i;
	return -1;
}

const char *class_name(enum attempt_class c)
{
	return class_names[c];
}

const char *status_name(enum agent_status s)
{
	return status_names[s];
}

const char *phase_name(enum agent_phase p)
{
	return phase_names[p];
}

const char *wait_why_name(enum wait_why w)
{
	return wait_names[w];
}

const char *gate_state_name(enum gate_state g)
{
	return gate_names[g];
}

const char *end_state_name(enum end_state e)
{
	return end_names[e];
}

int class_from_name(const char *s)
{
	return find(class_names, CLASS__COUNT, s);
}

int status_from_name(const char *s)
{
	return find(status_names, AGENT__COUNT, s);
}

int phase_from_name(const char *s)
{
	return find(phase_names, PHASE__COUNT, s);
}

int wait_why_from_name(const char *s)
{
	return find(wait_names, WAIT__COUNT, s);
}

int gate_state_from_name(const char *s)
{
	return find(gate_names, GATE__COUNT, s);
}

int end_state_from_name(const char *s)
{
	return find(end_names, END__COUNT, s);
}

bool status_is_final(enum agent_status s)
{
	return s != AGENT_PENDING && s != AGENT_IN_PROGRESS;
}
