#include "base/heap.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <cmocka.h>

static void an_empty_heap_has_no_top(void **state)
{
	struct heap h = HEAP_INIT;

	(void)state;
	assert_null(heap_top(&h));
	heap_remove(&h, 5);
	assert_null(heap_top(&h));
	heap_release(&h);
}

static void equal_keys_come_by_number(void **state)
{
	static const uint32_t items[] = {7, 3, 9, 1, 4};
	static const uint32_t want[] = {1, 3, 4, 7, 9};
	struct heap h;
	size_t i;

	(void)state;
	heap_init(&h);
	for (i = 0; i < ARRAY_LEN(items); i++)
		heap_put(&h, items[i], 42);
	for (i = 0; i < ARRAY_LEN(want); i++) {
		assert_int_equal(heap_top(&h)->item, want[i]);
		heap_remove(&h, want[i]);
	}
	assert_null(heap_top(&h));
	heap_release(&h);
}

static void extreme_keys_are_keys(void **state)
{
	struct heap h;

	(void)state;
	heap_init(&h);
	heap_put(&h, 0, INT64_MAX);
	heap_put(&h, 1, 0);
	heap_put(&h, 2, INT64_MIN);
	assert_int_equal(heap_top(&h)->item, 2);
	heap_remove(&h, 2);
	assert_int_equal(heap_top(&h)->item, 1);
	heap_remove(&h, 1);
	assert_true(heap_top(&h)->key == INT64_MAX);
	heap_release(&h);
}

/* Against the simplest thing that could be right: a table of keys, searched from end to end. */
#define NR_ITEMS 60

struct model {
	bool is_in[NR_ITEMS];
	int64_t key[NR_ITEMS];
};

static int smallest(const struct model *m)
{
	int best = -1, i;

	for (i = 0; i < NR_ITEMS; i++)
		if (m->is_in[i] && (best < 0 || m->key[i] < m->key[best]))
			best = i;
	return best;
}

static void it_agrees_with_a_search(void **state)
{
	struct model m = {{false}, {0}};
	uint32_t seed = 1;
	struct heap h;
	int round;

	(void)state;
	heap_init(&h);
	for (round = 0; round < 50000; round++) {
		uint32_t item;
		int best;

		seed = seed * 1664525u + 1013904223u;
		item = (seed >> 10) % NR_ITEMS;
		if ((seed >> 20) % 3) {
			m.is_in[item] = true;
			m.key[item] = (int64_t)(seed >> 24) - 128;
			heap_put(&h, item, m.key[item]);
		} else {
			m.is_in[item] = false;
			heap_remove(&h, item);
		}
		best = smallest(&m);
		if (best < 0) {
			assert_null(heap_top(&h));
			continue;
		}
		assert_int_equal(heap_top(&h)->item, best);
		assert_true(heap_top(&h)->key == m.key[best]);
	}
	heap_release(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_heap_has_no_top),
	    cmocka_unit_test(equal_keys_come_by_number),
	    cmocka_unit_test(extreme_keys_are_keys),
	    cmocka_unit_test(it_agrees_with_a_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
