/* --halt RULE: ends a batch by how its agents end, in GNU parallel's words. Pure.
 *
 *   never | (soon|now),(fail|success|done)=(N|P%)
 *
 * soon: what runs may end; now: it is ended. A row fails when it has failed in the batch, all its
 * tries included; done is failed or completed. P% is of all rows of the batch. */
#ifndef AB_POLICY_HALT_H
#define AB_POLICY_HALT_H

#include "model/batch.h"

#include <stdbool.h>
#include <stddef.h>

enum halt_on { HALT_NEVER, HALT_FAIL, HALT_SUCCESS, HALT_DONE };

struct halt_rule {
	enum halt_on on;
	bool is_now;
	bool is_percent;
	double n; /* > 0; of a percentage < 100, else a whole number */
};

/* -1: it is no rule. NULL is never. */
int halt_parse(const char *text, struct halt_rule *out);

/* Whether the rule holds for what has ended since a person last acted; `why` says it in words. */
bool halt_is_reached(const struct halt_rule *r, const struct batch *b, char *why, size_t size);

#endif
