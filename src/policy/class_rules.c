#include "policy/class_rules.h"

/* Columns: next try in this batch, charged, next cycle, --retry-on may name it, passing, gate. A
 * class that the next cycle takes anyway may be named too: it changes nothing. */
static const struct class_rule rules[CLASS__COUNT] = {
    [CLASS_NONE] = {RETRY_NO, false, true, false, false, GATE_RULE_NONE},
    [CLASS_SUCCESS] = {RETRY_NO, true, false, false, false, GATE_RULE_NONE},
    [CLASS_RATE_LIMIT] = {RETRY_WAIT, true, true, true, true, GATE_RULE_LIMIT},
    [CLASS_USAGE_LIMIT] = {RETRY_AFTER_RESET, false, true, true, true, GATE_RULE_USAGE},
    [CLASS_TRANSIENT] = {RETRY_WAIT, true, true, true, true, GATE_RULE_NONE},
    [CLASS_TIMEOUT] = {RETRY_TWICE, true, true, true, false, GATE_RULE_NONE},
    [CLASS_CRASH] = {RETRY_TWICE, true, true, true, false, GATE_RULE_NONE},
    [CLASS_TASK_ERROR] = {RETRY_NO, true, true, true, false, GATE_RULE_NONE},
    [CLASS_INVALID] = {RETRY_NO, true, true, true, false, GATE_RULE_NONE},
    [CLASS_NO_OUTPUT] = {RETRY_NO, true, true, true, false, GATE_RULE_NONE},
    [CLASS_MAX_TURNS] = {RETRY_RESUMED, true, true, true, false, GATE_RULE_NONE},
    [CLASS_AUTH] = {RETRY_NO, true, false, true, false, GATE_RULE_PERSON},
    [CLASS_BUDGET] = {RETRY_NO, true, false, true, false, GATE_RULE_PERSON},
    [CLASS_CONFIG] = {RETRY_NO, true, false, true, false, GATE_RULE_NONE},
    [CLASS_REFUSAL] = {RETRY_NO, true, false, true, false, GATE_RULE_NONE},
    [CLASS_CONTEXT_OVERFLOW] = {RETRY_NO, true, false, true, false, GATE_RULE_NONE},
    [CLASS_CANCELLED] = {RETRY_NO, true, false, false, false, GATE_RULE_NONE},
    [CLASS_LOST] = {RETRY_NO, true, true, true, false, GATE_RULE_NONE},
};

const struct class_rule *class_rule(enum attempt_class c)
{
	return &rules[c];
}

bool class_in_next_cycle(enum attempt_class c, uint32_t retry_on)
{
	const struct class_rule *r = class_rule(c);

	return r->next_cycle || (r->can_retry_on && (retry_on & (UINT32_C(1) << c)));
}
