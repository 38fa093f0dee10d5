/* What follows from the class of an ended attempt: DESIGN.md's table as a table. */
#ifndef AB_POLICY_CLASS_RULES_H
#define AB_POLICY_CLASS_RULES_H

#include "model/class.h"

#include <stdbool.h>

enum retry_rule {
	RETRY_NO, /* the agent has failed in this batch */
	RETRY_WAIT, /* after what the service told, else the ladder */
	RETRY_AFTER_RESET, /* when the window resets; bounded by --max-wait */
	RETRY_RESUMED, /* at once, where the agent's own session can be gone on with; else not */
	RETRY_TWICE /* ladder, but at most 2 tries in all end by this or the other hard end */
};

enum gate_rule { GATE_RULE_NONE, GATE_RULE_LIMIT, GATE_RULE_USAGE, GATE_RULE_PERSON };

struct class_rule {
	enum retry_rule retry;
	bool charged;
	bool next_cycle; /* the next cycle takes the row (else only by --retry-on) */
	bool can_retry_on; /* whether --retry-on may name it */
	bool is_passing; /* all failed by such: the next cycle waits first */
	enum gate_rule gate;
};

const struct class_rule *class_rule(enum attempt_class c);

/* Whether a row whose last attempt ended so goes into the next cycle. */
bool class_in_next_cycle(enum attempt_class c, uint32_t retry_on);

#endif
