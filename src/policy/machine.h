/* What the JSON events of an agent's own output say of its end. Knows the streams of claude, qwen,
 * amp, cursor, codex, gemini, copilot, opencode, kilo, droid, goose, grok, kimi and pi, and the
 * error bodies of the services. */
#ifndef AB_POLICY_MACHINE_H
#define AB_POLICY_MACHINE_H

#include "model/class.h"
#include "policy/tail.h"

#include <stdint.h>

enum outcome_state {
	OUTCOME_NONE, /* no event says how it ended */
	OUTCOME_GOING, /* at work when the output ends */
	OUTCOME_DONE, /* its answer is in `text`: some call an error an answer */
	OUTCOME_ERROR /* in `text` */
};

struct outcome {
	enum outcome_state state;
	bool is_final; /* by the event that ends a run: nothing that follows may soften it */
	bool had_error; /* at some time, whatever came of it */
	bool is_prose; /* `text` may be the model's own words, not an error's */
	enum attempt_class class; /* the event names it; CLASS_NONE: ask the patterns */
	size_t piece; /* which piece of the tail said so */
	struct json event;
	char text[6144]; /* message, then type, code, status and details of an error, a line each */
	size_t message_len; /* of the message alone */
	int64_t rejected_until_t; /* a window closed: it resets then (Unix ms); or NUM_NONE */
	unsigned nr_changes; /* how often an event changed the state */
	char notice[256]; /* what the last own retry of the tool was for, or "" */
	bool stops_short; /* OUTCOME_GOING: the model has called a tool, and was not asked again */
	char tool_error[256]; /* what became of that call, or "" */
};

/* What a profile says of a stream of its program's own. Strings borrowed, NULL: nothing. */
struct own_events {
	const char *error_type, *error_field; /* it fails, where the field holds words */
	const char *answer_type; /* work went on behind an error */
};

void machine_read(const struct tail *t, const struct own_events *own, struct outcome *o);

#endif
