#include "formats/batch_dir.h"
#include "base/xalloc.h"
#include "disk_batch.h"

#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define B1 "batch-20260101-000000"
#define B2 "batch-20260101-000100"
#define B3 "batch-20260101-000200"
#define B3b "batch-20260101-000200-2"
#define B3c "batch-20260101-000200-10"

static struct temp_dir dir;

static int setup(void **state)
{
	(void)state;
	return temp_dir_make(&dir);
}

static int teardown(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

/* ---- the batches directory ---------------------------------------------- */

static void where_batches_live(void **state)
{
	static const struct {
		const char *flag, *env, *home, *path;
	} table[] = {
	    {"/flag", "/env", "/home/me", "/flag"},
	    {NULL, "/env", "/home/me", "/env"},
	    {"", "/env", "/home/me", "/env"},
	    {NULL, "", "/home/me", "/home/me/agent-batches"},
	    {NULL, NULL, "/home/me", "/home/me/agent-batches"},
	    {NULL, "~/b", "/home/me", "/home/me/b"},
	};
	char *path, *cwd;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		setenv("HOME", table[i].home, 1);
		if (table[i].env)
			setenv("AGENT_BATCHES_DIR", table[i].env, 1);
		else
			unsetenv("AGENT_BATCHES_DIR");
		path = batches_dir_path(table[i].flag);
		assert_string_equal(path, table[i].path);
		free(path);
	}
	cwd = getcwd(NULL, 0);
	path = batches_dir_path("here/there");
	assert_true(path[0] == '/' && strncmp(path, cwd, strlen(cwd)) == 0);
	assert_non_null(strstr(path, "/here/there"));
	free(path);
	free(cwd);
}

static void listed_in_order_of_creation(void **state)
{
	static const char *const expected[] = {B1, B2, B3, B3b, B3c};
	char **names;
	size_t nr, i;

	(void)state;
	disk_batch(&dir, B3c, "task\nx\n");
	disk_batch(&dir, B2, "task\nx\n");
	disk_batch(&dir, B3, "task\nx\n");
	disk_batch(&dir, B1, "task\nx\n");
	disk_batch(&dir, B3b, "task\nx\n");
	disk_batch(&dir, "other", "task\nx\n");
	temp_dir_put_str(&dir, "batch-20260101-000300", "a file");
	assert_int_equal(symlinkat(B1, dir.fd, "batch-20260101-000400"), 0);
	assert_int_equal(batch_dir_list(dir.path, &names, &nr, NULL), 0);
	assert_int_equal(nr, ARRAY_LEN(expected));
	for (i = 0; i < nr; i++) {
		assert_string_equal(names[i], expected[i]);
		free(names[i]);
	}
	free(names);
}

static void nothing_to_list(void **state)
{
	char **names;
	size_t nr;

	(void)state;
	assert_int_equal(batch_dir_list(dir.path, &names, &nr, NULL), 0);
	assert_int_equal(nr, 0);
	assert_int_equal(batch_dir_list("/nowhere/at/all", &names, &nr, NULL), 0);
	assert_int_equal(nr, 0);
}

static void latest_points_at_one(void **state)
{
	char target[64];
	struct batch_dir d;
	ssize_t n;

	(void)state;
	disk_batch(&dir, B1, "task\nx\n");
	disk_batch(&dir, B2, "task\nx\n");
	assert_int_equal(batch_dir_set_latest(dir.path, B1, NULL), 0);
	assert_int_equal(batch_dir_set_latest(dir.path, B2, NULL), 0);
	n = readlinkat(dir.fd, "latest", target, sizeof(target));
	assert_int_equal(n, strlen(B2));
	assert_memory_equal(target, B2, strlen(B2));
	/* By that name it is found, under its own. */
	assert_int_equal(batch_dir_find(&d, dir.path, "latest", NULL), 0);
	assert_string_equal(d.name, B2);
	batch_dir_close(&d);
	assert_int_equal(unlinkat(dir.fd, "latest", 0), 0);
	assert_int_equal(mkdirat(dir.fd, "latest", 0700), 0);
	assert_int_equal(batch_dir_set_latest(dir.path, B1, NULL), -1);
}

/* ---- making and opening ------------------------------------------------- */

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(dir.fd, path, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 0777;
}

/* S4 */
static void made_for_the_owner_alone(void **state)
{
	static const mode_t masks[] = {0, 022, 0777};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(masks); i++) {
		char name[64], path[128], *batches = xasprintf("%s/some/where%zu", dir.path, i);
		struct batch_dir d;
		mode_t old;

		/* The parents are the user's matter. */
		assert_int_equal(dir_make_path(batches, NULL), 0);
		snprintf(name, sizeof(name), "some/where%zu/" B1, i);
		old = umask(masks[i]);
		assert_int_equal(batch_dir_make(&d, batches, B1, NULL), 0);
		umask(old);
		assert_string_equal(d.name, B1);
		assert_true(d.path[0] == '/');
		assert_string_equal(strrchr(d.path, '/') + 1, B1);
		assert_int_equal(mode_of(name), 0700);
		snprintf(path, sizeof(path), "%s/attempts", name);
		assert_int_equal(mode_of(path), 0700);
		snprintf(path, sizeof(path), "%s/logs", name);
		assert_int_equal(mode_of(path), 0700);
		snprintf(path, sizeof(path), "%s/lock", name);
		assert_int_equal(mode_of(path), 0600);
		batch_dir_close(&d);
		free(batches);
	}
}

static void a_name_that_is_taken(void **state)
{
	struct batch_dir d;

	(void)state;
	assert_int_equal(batch_dir_make(&d, dir.path, B1, NULL), 0);
	batch_dir_close(&d);
	assert_int_equal(batch_dir_make(&d, dir.path, B1, NULL), 1);
	assert_int_equal(d.fd, -1);
	temp_dir_put_str(&dir, B2, "a file");
	assert_int_equal(batch_dir_make(&d, dir.path, B2, NULL), 1);
	assert_int_equal(symlinkat("/nowhere", dir.fd, B3), 0);
	assert_int_equal(batch_dir_make(&d, dir.path, B3, NULL), 1);
}

static void opened_by_path(void **state)
{
	char *path = xasprintf("%s/./" B1 "/", dir.path);
	struct batch_dir d;
	char *parent;

	(void)state;
	disk_batch(&dir, B1, "task\nx\n");
	assert_int_equal(batch_dir_open(&d, path, NULL), 0);
	assert_string_equal(d.name, B1);
	parent = realpath(dir.path, NULL);
	assert_string_equal(d.parent_path, parent);
	batch_dir_close(&d);
	assert_int_equal(d.fd, -1);
	free(parent);
	free(path);
}

static void asked_whether_it_is_held(void **state)
{
	struct batch_dir d;
	int batch, run;

	(void)state;
	assert_int_equal(batch_dir_make(&d, dir.path, B1, NULL), 0);
	assert_int_equal(batch_dir_is_held(d.fd, LOCK_BATCH), 0);
	batch = disk_hold(&dir, B1, LOCK_BATCH);
	assert_int_equal(batch_dir_is_held(d.fd, LOCK_BATCH), 1);
	assert_int_equal(batch_dir_is_held(d.fd, LOCK_RUN), 0);
	run = disk_hold(&dir, B1, LOCK_RUN);
	close(batch);
	/* The two bytes are apart, although one file. */
	assert_int_equal(batch_dir_is_held(d.fd, LOCK_BATCH), 0);
	assert_int_equal(batch_dir_is_held(d.fd, LOCK_RUN), 1);
	/* X3: asking has never taken it. */
	batch = disk_hold(&dir, B1, LOCK_BATCH);
	close(batch);
	close(run);
	assert_int_equal(unlinkat(dir.fd, B1 "/lock", 0), 0);
	assert_int_equal(batch_dir_is_held(d.fd, LOCK_BATCH), 0);
	assert_int_equal(symlinkat("elsewhere", d.fd, "lock"), 0);
	assert_int_equal(batch_dir_is_held(d.fd, LOCK_BATCH), -1);
	batch_dir_close(&d);
}

/* ---- finding ------------------------------------------------------------ */

static void check_found(const char *arg, const char *name)
{
	struct err err = ERR_INIT;
	struct batch_dir d;
	int rc = batch_dir_find(&d, dir.path, arg, &err);

	if (!name) {
		assert_int_equal(rc, 1);
		assert_string_not_equal(err.msg, "");
		assert_int_equal(d.fd, -1);
		return;
	}
	if (rc != 0)
		fail_msg("%s: %s", arg ? arg : "(none)", err.msg);
	assert_string_equal(d.name, name);
	batch_dir_close(&d);
}

static void found_by_name_and_path(void **state)
{
	char *path = xasprintf("%s/" B1, dir.path);
	char *cwd = getcwd(NULL, 0);

	(void)state;
	disk_batch(&dir, B1, "task\nx\n");
	disk_batch(&dir, "renamed", "task\nx\n");
	assert_int_equal(mkdirat(dir.fd, "no-batch", 0700), 0);
	temp_dir_put_str(&dir, "file", "");
	check_found(B1, B1);
	check_found(path, B1);
	check_found("renamed", "renamed");
	check_found(B2, NULL);
	check_found("/nowhere/" B1, NULL);
	check_found("no-batch", NULL);
	check_found("file", NULL);
	check_found("", NULL);
	assert_int_equal(fchdir(dir.fd), 0);
	check_found("./" B1, B1);
	assert_int_equal(chdir(B1), 0);
	check_found(".", B1);
	assert_int_equal(chdir(cwd), 0);
	free(cwd);
	free(path);
}

static void a_directory_here_is_found_too(void **state)
{
	char *cwd = getcwd(NULL, 0);
	struct batch_dir d;

	(void)state;
	disk_batch(&dir, "here", "task\nx\n");
	assert_int_equal(fchdir(dir.fd), 0);
	assert_int_equal(batch_dir_find(&d, "/nowhere", "here", NULL), 0);
	batch_dir_close(&d);
	assert_int_equal(chdir(cwd), 0);
	free(cwd);
}

static void none_at_all(void **state)
{
	struct batch_dir d;

	(void)state;
	check_found(NULL, NULL);
	assert_int_equal(batch_dir_find(&d, "/nowhere/at/all", NULL, NULL), 1);
}

static void the_newest_run(void **state)
{
	(void)state;
	disk_batch(&dir, B1, "task\nx\n");
	disk_born(&dir, B1, NULL, NULL, 0, 100);
	check_found(NULL, B1);
	/* A cycle of it. */
	disk_batch(&dir, B2, "task\nx\n");
	disk_born(&dir, B2, B1, B1, 1, 200);
	check_found(NULL, B2);
	/* Another run. */
	disk_batch(&dir, B3, "task\nx\n");
	disk_born(&dir, B3, NULL, NULL, 0, 300);
	check_found(NULL, B3);
	/* A cycle of the first run is not of the newest one. */
	disk_batch(&dir, B3b, "task\nx\n");
	disk_born(&dir, B3b, B1, B2, 2, 400);
	check_found(NULL, B3);
}

/* An original may name itself as the original. */
static void an_original_by_its_own_name(void **state)
{
	(void)state;
	disk_batch(&dir, B1, "task\nx\n");
	disk_born(&dir, B1, B1, "", 0, 100);
	disk_batch(&dir, B2, "task\nx\n");
	disk_born(&dir, B2, B1, B1, 1, 200);
	check_found(NULL, B2);
}

static void the_living_batch_wins(void **state)
{
	int fd;

	(void)state;
	disk_batch(&dir, B1, "task\nx\n");
	disk_born(&dir, B1, NULL, NULL, 0, 100);
	disk_batch(&dir, B2, "task\nx\n");
	disk_born(&dir, B2, B1, B1, 1, 200);
	disk_batch(&dir, B3, "task\nx\n");
	disk_born(&dir, B3, B1, B1, 1, 300);
	check_found(NULL, B3);
	fd = disk_hold(&dir, B2, LOCK_BATCH);
	check_found(NULL, B2);
	close(fd);
}

static void what_is_still_being_made_is_passed_over(void **state)
{
	(void)state;
	disk_batch(&dir, B1, "task\nx\n");
	disk_born(&dir, B1, NULL, NULL, 0, 100);
	disk_batch(&dir, B2, NULL);
	check_found(NULL, B1);
}

static void without_any_journal(void **state)
{
	(void)state;
	disk_batch(&dir, B1, "task\nx\n");
	disk_batch(&dir, B2, "task\nx\n");
	check_found(NULL, B2);
}

static void whose_original_is_gone(void **state)
{
	(void)state;
	disk_batch(&dir, B2, "task\nx\n");
	disk_born(&dir, B2, B1, B1, 1, 200);
	disk_batch(&dir, B3, "task\nx\n");
	disk_born(&dir, B3, B1, B2, 2, 300);
	check_found(NULL, B3);
}

static void batch_or_id(void **state)
{
	(void)state;
	assert_true(is_batch_arg("batch-20260101-000000"));
	assert_true(is_batch_arg("./x"));
	assert_true(is_batch_arg("/x"));
	assert_false(is_batch_arg("17"));
	assert_false(is_batch_arg("batch"));
}

/* ---- files -------------------------------------------------------------- */

static void one_line_into_the_log(void **state)
{
	struct batch_dir d;
	char *text;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	assert_int_equal(batch_dir_make(&d, dir.path, B1, NULL), 0);
	batch_log_line(d.fd, 1795262400123, "agent 17, attempt 1: lost");
	batch_log_line(d.fd, 1795262400123, "two\nlines \x1b[31m");
	text = temp_dir_get(&dir, B1 "/logs/log.txt");
	assert_string_equal(text,
	    "2026-11-21 12:00:00 agent 17, attempt 1: lost\n"
	    "2026-11-21 12:00:00 two lines  [31m\n");
	free(text);
	assert_int_equal(mode_of(B1 "/logs/log.txt"), 0600);
	batch_dir_close(&d);
}

/* S3 */
static void a_planted_log_is_not_written(void **state)
{
	struct batch_dir d;
	char *text;

	(void)state;
	assert_int_equal(batch_dir_make(&d, dir.path, B1, NULL), 0);
	temp_dir_put_str(&dir, "precious", "keep");
	assert_int_equal(symlinkat("../../precious", dir.fd, B1 "/logs/log.txt"), 0);
	batch_log_line(d.fd, 0, "x");
	assert_int_equal(unlinkat(dir.fd, B1 "/logs/log.txt", 0), 0);
	assert_int_equal(linkat(dir.fd, "precious", dir.fd, B1 "/logs/log.txt", 0), 0);
	batch_log_line(d.fd, 0, "x");
	text = temp_dir_get(&dir, "precious");
	assert_string_equal(text, "keep");
	free(text);
	batch_dir_close(&d);
}

static void names_of_logs(void **state)
{
	char name[LOG_NAME_SIZE];

	(void)state;
	batch_log_name("17", name);
	assert_string_equal(name, "agent-17.log");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(where_batches_live),
	    T(listed_in_order_of_creation),
	    T(nothing_to_list),
	    T(latest_points_at_one),
	    T(made_for_the_owner_alone),
	    T(a_name_that_is_taken),
	    T(opened_by_path),
	    T(asked_whether_it_is_held),
	    T(found_by_name_and_path),
	    T(a_directory_here_is_found_too),
	    T(none_at_all),
	    T(the_newest_run),
	    T(an_original_by_its_own_name),
	    T(the_living_batch_wins),
	    T(what_is_still_being_made_is_passed_over),
	    T(without_any_journal),
	    T(whose_original_is_gone),
	    T(batch_or_id),
	    T(one_line_into_the_log),
	    T(a_planted_log_is_not_written),
	    T(names_of_logs),
	};

	return cmocka_run_group_tests_name("batch_dir", tests, NULL, NULL);
}
