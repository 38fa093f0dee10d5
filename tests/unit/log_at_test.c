#include "view/log/log_at.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char text[] = "=== attempt 1 ===\n"
			   "error: no such model\n"
			   "and on\n"
			   "=== attempt 2 ===\n"
			   "error: no such model\n"
			   "error: no such model\n"
			   "bye\n";

static int make(const char *p, size_t n)
{
	char name[] = "/tmp/ab-log-at.XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(write_all(fd, p, n), 0);
	return fd;
}

static int64_t at(const char *what, int nth)
{
	const char *p = text;

	for (p = strstr(p, what); nth > 0; nth--)
		p = strstr(p + 1, what);
	return p - text;
}

static void the_last_one_inside_its_attempt(void **state)
{
	int64_t second = at("=== attempt 2", 0);
	const struct {
		struct attempt attempt;
		int64_t want;
	} rows[] = {
	    {{.log_from = 0, .log_to = second, .evidence = "no such model"}, at("no such", 0)},
	    {{.log_from = second, .log_to = NUM_NONE, .evidence = "no such model"},
		at("no such", 2)},
	    /* What decided is told before what it was called. */
	    {{.log_from = second, .log_to = NUM_NONE, .evidence = "error: no", .message = "bye\n"},
		at("error", 2)},
	    {{.log_from = second,
		 .log_to = NUM_NONE,
		 .evidence = "gone",
		 .message = "no such model"},
		at("no such", 2)},
	    /* Nowhere, too short, nothing told: the end of what it printed. */
	    {{.log_from = 0, .log_to = second, .message = "elsewhere"}, second - 1},
	    {{.log_from = 0, .log_to = second, .message = "no"}, second - 1},
	    {{.log_from = 0, .log_to = second}, second - 1},
	    /* A log that was cut, or offsets that lie. */
	    {{.log_from = 0, .log_to = 1 << 20}, sizeof(text) - 2},
	    {{.log_from = 1 << 20, .log_to = NUM_NONE}, -1},
	    {{.log_from = 10, .log_to = 5}, -1},
	    {{.log_from = -7, .log_to = 5}, -1},
	};
	int fd = make(text, sizeof(text) - 1);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(log_at_failure(fd, &rows[i].attempt), rows[i].want);
	close(fd);
	assert_int_equal(log_at_failure(-1, &rows[0].attempt), -1);
}

static void only_the_end_of_a_long_one_is_read(void **state)
{
	size_t n = 1 << 20;
	char *p = xmalloc(n);
	struct attempt a = {.log_from = 0, .log_to = NUM_NONE, .message = "needle"};
	int fd;

	(void)state;
	memset(p, '\n', n);
	memcpy(p, "needle", 6);
	fd = make(p, n);
	assert_int_equal(log_at_failure(fd, &a), n - 1);
	close(fd);
	memcpy(p + n - 100, "needle", 6);
	fd = make(p, n);
	assert_int_equal(log_at_failure(fd, &a), n - 100);
	close(fd);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_last_one_inside_its_attempt),
	    cmocka_unit_test(only_the_end_of_a_long_one_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
