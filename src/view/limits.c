#include "view/limits.h"
#include "view/text/sanitize.h"

bool limits_is_lost_member(const struct batch *b, const struct account *acc)
{
	return account_needs_person(acc) && acc->is_member && b->pools[acc->pool].is_declared;
}

const struct account *limits_person(const struct batch *b, uint32_t *nr)
{
	const struct account *found = NULL;
	uint32_t i, n = 0;

	for (i = 0; i < b->nr_accounts; i++) {
		const struct account *acc = &b->accounts[i];

		if (!account_needs_person(acc) || !account_is_shown(acc))
			continue;
		n++;
		if (!found)
			found = acc;
	}
	if (nr)
		*nr = n;
	return found;
}

void limits_add_open(const struct account *acc, const char *batch, struct buf *out)
{
	buf_str(out, "agent-batch ctl ");
	if (batch)
		buf_fmt(out, "%s ", batch);
	buf_str(out, "gate open ");
	sanitize_line(out, acc->name);
}

void limits_add_why(const struct account *acc, struct buf *out)
{
	if (!acc->gate.why || !*acc->gate.why)
		return;
	buf_str(out, ": ");
	sanitize_line(out, acc->gate.why);
}
