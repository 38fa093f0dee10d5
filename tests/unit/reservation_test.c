#include "formats/reservation.h"
#include "base/xalloc.h"
#include "formats/batch_dir.h"
#include "temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define PARENT "batch-20251024-120000"
#define AT_MS 1761311575000 /* 2025-10-24 13:12:55 UTC */
#define NAME "batch-20251024-131255"

static struct temp_dir dir;
static struct err err;

static int setup(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	err = (struct err)ERR_INIT;
	return temp_dir_make(&dir);
}

static int teardown(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

static void assert_taken(const char *parent, int64_t wall_ms, const char *want)
{
	char child[NAME_SIZE];

	if (reservation_take(&(struct reservation){dir.path, parent, NULL}, wall_ms, child, &err) !=
	    0)
		fail_msg("%s", err.msg);
	assert_string_equal(child, want);
}

static bool is_foreign(const char *name, const char *parent)
{
	int fd = openat(dir.fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is;

	assert_true(fd >= 0);
	is = reservation_is_foreign(fd, &(struct reservation){dir.path, parent, NULL});
	close(fd);
	return is;
}

static bool is_there(const char *name)
{
	return faccessat(dir.fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void two_parents_get_two_names(void **state)
{
	(void)state;
	assert_taken(PARENT, AT_MS, NAME);
	assert_taken("batch-20251024-120001", AT_MS, NAME "-2");
	assert_false(is_foreign(NAME, PARENT));
	assert_true(is_foreign(NAME "-2", PARENT));
}

/* The conductor died before it could tell: the next one, later, finds the same directory. */
static void p2_asked_again_it_is_the_same(void **state)
{
	(void)state;
	assert_taken(PARENT, AT_MS, NAME);
	assert_taken(PARENT, AT_MS + 60000, NAME);
	assert_false(is_there("batch-20251024-131355"));
}

static void a_child_that_lives_is_not_taken_again(void **state)
{
	static const char *const signs[] = {NAME "/manifest.json", NAME "-2/events.jsonl"};
	static const char *const next[] = {NAME "-2", NAME "-3"};
	size_t i;

	(void)state;
	assert_taken(PARENT, AT_MS, NAME);
	for (i = 0; i < ARRAY_LEN(signs); i++) {
		temp_dir_put_str(&dir, signs[i], "{}\n");
		assert_taken(PARENT, AT_MS, next[i]);
	}
}

static void what_a_crash_left_hidden_is_used(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(dir.fd, "." PARENT ".child", 0700), 0);
	temp_dir_put_str(&dir, "." PARENT ".child/lock", "bat");
	assert_taken(PARENT, AT_MS, NAME);
	assert_false(is_there("." PARENT ".child"));
	assert_false(is_foreign(NAME, PARENT));
}

/* S3: a link under the hidden name is not followed. */
static void a_planted_link_is_refused(void **state)
{
	const struct reservation own = {dir.path, PARENT, NULL};
	char child[NAME_SIZE];

	(void)state;
	assert_int_equal(mkdirat(dir.fd, "target", 0700), 0);
	assert_int_equal(symlinkat("target", dir.fd, "." PARENT ".child"), 0);
	assert_int_equal(reservation_take(&own, AT_MS, child, &err), -1);
	assert_false(is_there("target/lock"));
	assert_string_equal(child, NAME);
}

static void an_empty_directory_is_nobodys(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(dir.fd, NAME, 0700), 0);
	assert_false(is_foreign(NAME, PARENT));
	assert_taken(PARENT, AT_MS, NAME "-2");
}

static void what_is_not_used_is_given_back(void **state)
{
	(void)state;
	assert_taken(PARENT, AT_MS, NAME);
	assert_taken("batch-20251024-120001", AT_MS, NAME "-2");
	reservation_drop(dir.path, PARENT);
	assert_false(is_there(NAME));
	assert_true(is_there(NAME "-2"));
}

/* One parent, two branches: each has its own name, and each finds it again. */
static void branches_have_names_of_their_own(void **state)
{
	static const char *const branches[] = {"fast", "strong", NULL};
	static const char *const want[] = {NAME, NAME "-2", NAME "-3"};
	char child[NAME_SIZE];
	size_t turn, i;

	(void)state;
	for (turn = 0; turn < 2; turn++)
		for (i = 0; i < ARRAY_LEN(branches); i++) {
			const struct reservation r = {dir.path, PARENT, branches[i]};

			assert_int_equal(reservation_take(&r, AT_MS + (int64_t)turn * 1000, child,
					     &err),
			    0);
			assert_string_equal(child, want[i]);
		}
	assert_true(is_foreign(NAME, PARENT));
	reservation_drop(dir.path, PARENT);
	for (i = 0; i < ARRAY_LEN(want); i++)
		assert_false(is_there(want[i]));
}

static void without_a_directory_the_name_is_told(void **state)
{
	char *none = xasprintf("%s/none", dir.path);
	const struct reservation own = {none, PARENT, NULL};
	char child[NAME_SIZE];

	(void)state;
	assert_int_equal(reservation_take(&own, AT_MS, child, &err), -1);
	assert_string_equal(child, NAME);
	reservation_drop(none, PARENT);
	free(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(two_parents_get_two_names, setup, teardown),
	    cmocka_unit_test_setup_teardown(p2_asked_again_it_is_the_same, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_child_that_lives_is_not_taken_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_a_crash_left_hidden_is_used, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_planted_link_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(an_empty_directory_is_nobodys, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_not_used_is_given_back, setup, teardown),
	    cmocka_unit_test_setup_teardown(branches_have_names_of_their_own, setup, teardown),
	    cmocka_unit_test_setup_teardown(without_a_directory_the_name_is_told, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
