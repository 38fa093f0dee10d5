/* Any bytes as a profile: refused with a message, or whole. Built on itself it stays whole. */
#include "formats/profile_json.h"
#include "fuzz/check.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_whole(const struct profile *p)
{
	size_t i;

	CHECK(p->command.nr > 0 && p->command.v[0].text[0] && p->command.v[0].group == 0);
	CHECK(p->timeout_s >= 0 && p->stall_s >= 0 && p->silent_wait_s >= 0);
	for (i = 0; i < p->nr_patterns; i++)
		CHECK(p->patterns[i].regex && p->patterns[i].class > CLASS_NONE);
	for (i = 0; i < p->nr_prices; i++)
		CHECK(p->prices[i].in_usd >= 0 && p->prices[i].out_usd >= 0);
	for (i = 0; i < p->env.nr; i++)
		CHECK(p->env.v[i].name[0] && !strchr(p->env.v[i].name, '='));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile p, again;
	struct err err = ERR_INIT;

	if (profile_parse((const char *)data, size, &p, &err) < 0) {
		CHECK(err.msg[0] && !p.command.v && !p.patterns);
		return 0;
	}
	if (profile_parse((const char *)data, size, &again, &err) == 0)
		profile_inherit(&again, &p);
	if (profile_settle(&again, &err) == 0)
		check_whole(&again);
	else
		CHECK(err.msg[0]);
	profile_release(&again);
	return 0;
}
