/* Any bytes as a file of patterns: refused with a message, or whole once settled. Put on top of
 * itself it stays whole. */
#include "formats/patterns_json.h"
#include "fuzz/check.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_whole(const struct pattern_set *set)
{
	size_t t, i;

	for (t = TABLE_PROFILE + 1; t < TABLE__COUNT; t++) {
		CHECK(set->tables[t].nr > 0);
		for (i = 0; i < set->tables[t].nr; i++)
			CHECK(set->tables[t].v[i].regex && set->tables[t].v[i].regex[0]);
	}
	for (i = 0; i < SHAPE__COUNT; i++)
		CHECK(set->shapes[i] && set->shapes[i][0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pattern_set set, again;
	struct err err = ERR_INIT;

	if (patterns_parse((const char *)data, size, &set, &err) < 0) {
		CHECK(err.msg[0] && !set.parts && !set.tables[TABLE_ERROR].v);
		return 0;
	}
	if (patterns_parse((const char *)data, size, &again, &err) == 0)
		pattern_set_inherit(&again, &set);
	if (patterns_settle(&again, &err) == 0)
		check_whole(&again);
	else
		CHECK(err.msg[0]);
	pattern_set_release(&again);
	return 0;
}
