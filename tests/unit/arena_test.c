#include "base/arena.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void what_was_given_stays_where_it_is(void **state)
{
	enum { NR = 20000 };
	struct arena a;
	char **strings;
	char want[32];
	int i;

	(void)state;
	arena_init(&a);
	strings = arena_alloc(&a, NR * sizeof(*strings));
	for (i = 0; i < NR; i++) {
		snprintf(want, sizeof(want), "string %d", i);
		strings[i] = arena_strdup(&a, want);
	}
	for (i = 0; i < NR; i++) {
		snprintf(want, sizeof(want), "string %d", i);
		assert_string_equal(strings[i], want);
	}
	arena_release(&a);
	assert_null(a.blocks);
	assert_int_equal(a.total_bytes, 0);
}

static void memory_is_aligned_for_anything(void **state)
{
	struct arena a;
	size_t n;

	(void)state;
	arena_init(&a);
	for (n = 1; n < 400; n++) {
		arena_strndup(&a, "xxxxxxxxxxxxxxxxxxxxxxxx", n % 17);
		assert_int_equal((uintptr_t)arena_alloc(&a, n) % alignof(max_align_t), 0);
	}
	arena_release(&a);
}

static void zeroed_memory_is_zero(void **state)
{
	struct arena a;
	unsigned char *p;
	size_t n, i;

	(void)state;
	arena_init(&a);
	for (n = 0; n < 5000; n += 37) {
		p = arena_zalloc(&a, n);
		assert_non_null(p);
		for (i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, n);
	}
	arena_release(&a);
}

static void even_nothing_has_an_address(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	assert_non_null(arena_alloc(&a, 0));
	assert_string_equal(arena_strndup(&a, NULL, 0), "");
	arena_release(&a);
}

static void a_piece_may_be_larger_than_a_block(void **state)
{
	const size_t size = (size_t)5 << 20;
	struct arena a;
	char *small, *big;

	(void)state;
	arena_init(&a);
	small = arena_strdup(&a, "small");
	big = arena_alloc(&a, size);
	memset(big, 'x', size);
	arena_strdup(&a, "behind");
	assert_string_equal(small, "small");
	assert_int_equal(big[size - 1], 'x');
	arena_release(&a);
}

/* An agent's strings are a few hundred bytes: 10,000 arenas of a megabyte would be felt. */
static void a_small_arena_stays_small(void **state)
{
	struct arena a;
	int i;

	(void)state;
	arena_init(&a);
	arena_strdup(&a, "x");
	assert_in_range(a.total_bytes, 1, 8192);
	for (i = 0; i < 100000; i++)
		arena_strndup(&a, "0123456789", 9);
	assert_in_range(a.total_bytes, 1000000, 3000000);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_given_stays_where_it_is),
	    cmocka_unit_test(memory_is_aligned_for_anything),
	    cmocka_unit_test(zeroed_memory_is_zero),
	    cmocka_unit_test(even_nothing_has_an_address),
	    cmocka_unit_test(a_piece_may_be_larger_than_a_block),
	    cmocka_unit_test(a_small_arena_stays_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
