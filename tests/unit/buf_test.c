#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void an_empty_buffer_is_a_string(void **state)
{
	struct buf b = BUF_INIT;
	char *s;

	(void)state;
	assert_string_equal(b.data, "");
	buf_reset(&b);
	buf_cut(&b, 0);
	buf_drop(&b, 5);
	buf_add(&b, NULL, 0);
	buf_str(&b, "");
	assert_int_equal(b.cap, 0); /* nothing was added, nothing is held */
	s = buf_detach(&b);
	assert_string_equal(s, "");
	free(s);
	buf_release(&b);
}

static void it_grows_byte_by_byte(void **state)
{
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < 10000; i++) {
		buf_ch(&b, (char)('a' + i % 26));
		assert_int_equal(b.len, i + 1);
		assert_int_equal(b.data[b.len], '\0');
	}
	for (i = 0; i < 10000; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
	buf_release(&b);
	assert_string_equal(b.data, "");
}

static void any_byte_may_be_added(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_add(&b, "a\0b", 3);
	buf_ch(&b, '\0');
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "a\0b\0", 5);
	buf_release(&b);
}

/* Lengths around the room that a format finds without growing. */
static void a_format_may_be_of_any_length(void **state)
{
	char text[300];
	int n;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (n = 0; n < (int)sizeof(text); n++) {
		struct buf b = BUF_INIT;

		buf_str(&b, ">");
		buf_fmt(&b, "%.*s|%d", n, text, n);
		assert_int_equal(b.data[n + 1], '|');
		assert_int_equal(atoi(b.data + n + 2), n);
		assert_int_equal(strlen(b.data), b.len);
		buf_release(&b);
	}
}

static void it_is_cut_and_dropped_from(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_str(&b, "abcdef");
	buf_cut(&b, 9);
	assert_string_equal(b.data, "abcdef");
	buf_cut(&b, 5);
	assert_string_equal(b.data, "abcde");
	buf_drop(&b, 0);
	assert_string_equal(b.data, "abcde");
	buf_drop(&b, 2);
	assert_string_equal(b.data, "cde");
	assert_int_equal(b.len, 3);
	buf_drop(&b, 3);
	assert_string_equal(b.data, "");
	buf_str(&b, "xyz");
	buf_drop(&b, 100);
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void reset_keeps_the_memory(void **state)
{
	struct buf b = BUF_INIT;
	size_t cap;

	(void)state;
	buf_str(&b, "abc");
	cap = b.cap;
	buf_reset(&b);
	assert_string_equal(b.data, "");
	assert_int_equal(b.cap, cap);
	buf_release(&b);
}

static void reserved_room_is_written_and_committed(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_str(&b, "ab");
	buf_reserve(&b, 1000);
	memset(b.data + b.len, 'z', 1000);
	buf_commit(&b, 3);
	assert_string_equal(b.data, "abzzz");
	buf_release(&b);
}

static void a_detached_string_is_the_callers(void **state)
{
	struct buf b = BUF_INIT;
	char *s;

	(void)state;
	buf_str(&b, "mine");
	s = buf_detach(&b);
	assert_string_equal(b.data, "");
	buf_str(&b, "other");
	assert_string_equal(s, "mine");
	free(s);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_buffer_is_a_string),
	    cmocka_unit_test(it_grows_byte_by_byte),
	    cmocka_unit_test(any_byte_may_be_added),
	    cmocka_unit_test(a_format_may_be_of_any_length),
	    cmocka_unit_test(it_is_cut_and_dropped_from),
	    cmocka_unit_test(reset_keeps_the_memory),
	    cmocka_unit_test(reserved_room_is_written_and_committed),
	    cmocka_unit_test(a_detached_string_is_the_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
