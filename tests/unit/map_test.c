#include "base/map.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void an_empty_map_knows_nothing(void **state)
{
	struct map m = MAP_INIT;

	(void)state;
	assert_int_equal(map_get(&m, "a"), MAP_NONE);
	assert_int_equal(map_get(&m, ""), MAP_NONE);
	map_release(&m);
}

static void the_first_value_stays(void **state)
{
	struct map m;

	(void)state;
	map_init(&m);
	assert_int_equal(map_put(&m, "a", 1), 1);
	assert_int_equal(map_put(&m, "", 2), 2);
	assert_int_equal(map_put(&m, "a", 3), 1);
	assert_int_equal(map_get(&m, "a"), 1);
	assert_int_equal(map_get(&m, ""), 2);
	assert_int_equal(map_get(&m, "b"), MAP_NONE);
	assert_int_equal(m.nr, 2);
	map_release(&m);
}

/* Keys of every length around the eight bytes that are hashed at once, all prefixes of one. */
static void keys_that_begin_alike_differ(void **state)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
	char keys[sizeof(text)][sizeof(text)];
	struct map m;
	size_t i;

	(void)state;
	map_init(&m);
	for (i = 0; i < sizeof(text); i++) {
		snprintf(keys[i], sizeof(keys[i]), "%.*s", (int)i, text);
		assert_int_equal(map_put(&m, keys[i], (uint32_t)i), i);
	}
	for (i = 0; i < sizeof(text); i++)
		assert_int_equal(map_get(&m, keys[i]), i);
	map_release(&m);
}

/* How far the keys are from where their hashes put them, on average. */
static double mean_distance(const struct map *m)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < m->cap; i++)
		if (m->slots[i].key)
			sum += (double)((i - m->slots[i].hash) & (m->cap - 1));
	return sum / (double)m->nr;
}

static void many_alike_keys_are_spread(void **state)
{
	enum { NR = 200000 };
	char(*keys)[16] = xcalloc(NR, sizeof(*keys));
	struct map m;
	uint32_t i;

	(void)state;
	map_init(&m);
	for (i = 0; i < NR; i++) {
		snprintf(keys[i], sizeof(keys[i]), "row-%u", i);
		assert_int_equal(map_put(&m, keys[i], i), i);
	}
	assert_int_equal(m.nr, NR);
	for (i = 0; i < NR; i++)
		assert_int_equal(map_get(&m, keys[i]), i);
	assert_int_equal(map_get(&m, "row-200000"), MAP_NONE);
	/* Three quarters full, linear probing expects 1.5; a hash that clusters has tens. */
	assert_true(mean_distance(&m) < 3);
	map_release(&m);
	free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_map_knows_nothing),
	    cmocka_unit_test(the_first_value_stays),
	    cmocka_unit_test(keys_that_begin_alike_differ),
	    cmocka_unit_test(many_alike_keys_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
