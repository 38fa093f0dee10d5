#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void a_message_says_fault_subject_and_cause(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, "cannot %s '%d'", "open", 7), -1);
	assert_string_equal(err.msg, "cannot open '7'");
	errno = EAGAIN;
	assert_int_equal(err_sys(&err, ENOENT, "cannot open '%s'", "x"), -1);
	assert_string_equal(err.msg, "cannot open 'x': No such file or directory");
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(err_prefix(&err, "%s: ", "batch-1"), -1);
	assert_string_equal(err.msg, "batch-1: cannot open 'x': No such file or directory");
}

static void a_message_may_be_made_of_itself(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, "inner");
	err_set(&err, "outer: %s", err.msg);
	assert_string_equal(err.msg, "outer: inner");
	err_sys(&err, EIO, "again %s", err.msg);
	assert_string_equal(err.msg, "again outer: inner: Input/output error");
}

static void a_long_message_is_cut_not_overrun(void **state)
{
	struct {
		struct err err;
		char guard[8];
	} m = {.guard = "guard"};
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	err_set(&m.err, "%s", text);
	assert_int_equal(strlen(m.err.msg), sizeof(m.err.msg) - 1);
	err_sys(&m.err, EIO, "%s", text);
	assert_int_equal(strlen(m.err.msg), sizeof(m.err.msg) - 1);
	err_prefix(&m.err, "front ");
	assert_memory_equal(m.err.msg, "front xxx", 9);
	assert_int_equal(strlen(m.err.msg), sizeof(m.err.msg) - 1);
	assert_string_equal(m.guard, "guard");
}

static void nobody_need_listen(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, "x"), -1);
	assert_int_equal(err_sys(NULL, EIO, "x"), -1);
	assert_int_equal(err_prefix(NULL, "x"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_message_says_fault_subject_and_cause),
	    cmocka_unit_test(a_message_may_be_made_of_itself),
	    cmocka_unit_test(a_long_message_is_cut_not_overrun),
	    cmocka_unit_test(nobody_need_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
