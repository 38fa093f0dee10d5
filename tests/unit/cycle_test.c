#include "engine/cycle.h"
#include "base/xalloc.h"
#include "disk_batch.h"
#include "engine/create.h"
#include "formats/reservation.h"
#include "policy/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PARENT "batch-20261121-223955"
#define CHILD "batch-20261121-231502"
#define RETRY_CSV "auto-retry-20261121-223955-20261121-231502.csv"
#define CSV_TEXT "id,task\na,one\nb,two\n"

/* A batch that has ended with `b` failed, its child announced and nothing of it made. */
struct scene {
	struct temp_dir dir;
	struct batch_reader parent;
	struct options options;
	struct batch_dir child;
	int lock_fd;
	struct err err;
};

static void make_parent(struct scene *s)
{
	const struct retry_metadata retry = {.auto_retry_enabled = true, .max_retries = 3};
	const struct batch_plan plan = {
	    .batches_dir = s->dir.path,
	    .name = PARENT,
	    .options = &s->options,
	    .retry = &retry,
	    .csv = CSV_TEXT,
	    .csv_len = strlen(CSV_TEXT),
	};
	struct batch_dir made;

	if (batch_create(&plan, &made, &s->err) != 0)
		fail_msg("%s", s->err.msg);
	batch_dir_close(&made);
	disk_born(&s->dir, PARENT, NULL, NULL, 0, 5);
	disk_attempt(&s->dir, PARENT, "a", 1, "success", "completed");
	disk_attempt(&s->dir, PARENT, "b", 1, "task_error", "failed");
	disk_event(&s->dir, PARENT,
	    "{\"t\":13,\"m\":13,\"ev\":\"cycle\",\"child\":\"" CHILD "\",\"csv\":\"" RETRY_CSV
	    "\",\"rows\":1,\"until\":99}");
	disk_end(&s->dir, PARENT, "finished", 1);
}

static void open_scene(struct scene *s)
{
	char path[256];

	memset(s, 0, sizeof(*s));
	s->lock_fd = -1;
	s->child.fd = -1;
	assert_int_equal(temp_dir_make(&s->dir), 0);
	options_init(&s->options);
	s->options.auto_retry = true;
	s->options.max_retries = 3;
	s->options.agent = xstrdup("sim");
	make_parent(s);
	snprintf(path, sizeof(path), "%s/" PARENT, s->dir.path);
	if (batch_reader_open(&s->parent, path, &s->err) != 0)
		fail_msg("%s", s->err.msg);
}

static int make_child(struct scene *s)
{
	const struct retry_row rows[] = {{.task = 1, .failed_cycles = 1}};

	const struct cycle_plan plan = {.child = batch_child_of(&s->parent.state, NULL),
	    .options = &s->options,
	    .rows = rows,
	    .nr = 1,
	    .spent = budget_spent(&s->parent.state)};

	return cycle_make_child(&s->parent, &plan, &s->child, &s->lock_fd, &s->err);
}

/* As a conductor that dies: nothing is kept, and nothing is undone. */
static void forget_child(struct scene *s)
{
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	if (s->child.fd >= 0)
		batch_dir_close(&s->child);
	s->lock_fd = -1;
	s->child.fd = -1;
}

static void close_scene(struct scene *s)
{
	forget_child(s);
	batch_reader_close(&s->parent);
	options_release(&s->options);
	temp_dir_remove(&s->dir);
}

static void assert_file(const struct scene *s, const char *name, const char *want)
{
	char *got = temp_dir_get(&s->dir, name);

	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static size_t nr_lines(const struct scene *s, const char *name)
{
	char *text = temp_dir_get(&s->dir, name), *at;
	size_t n = 0;

	assert_non_null(text);
	for (at = text; (at = strchr(at, '\n')); at++)
		n++;
	free(text);
	return n;
}

static void assert_mode(const struct scene *s, const char *name, mode_t want)
{
	struct stat st;

	assert_int_equal(fstatat(s->dir.fd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 07777, want);
}

/* What must stand whatever was there before. */
static void assert_child(struct scene *s)
{
	struct batch_reader r;
	char path[256];

	snprintf(path, sizeof(path), "%s/" CHILD, s->dir.path);
	assert_int_equal(batch_reader_open(&r, path, &s->err), 0);
	assert_true(r.is_held); /* by us */
	assert_int_equal(r.tasks.nr, 1);
	assert_string_equal(r.tasks.v[0].id, "b");
	assert_true(r.manifest.retry.is_retry);
	assert_int_equal(r.manifest.retry.retry_count, 1);
	assert_int_equal(r.manifest.retry.max_retries, s->options.max_retries);
	assert_true(r.manifest.retry.auto_retry_enabled);
	assert_string_equal(r.manifest.retry.parent_batch, PARENT);
	assert_string_equal(r.manifest.retry.original_batch, PARENT);
	assert_int_equal(r.state.nr_events, 1);
	assert_int_equal(r.state.cycle, 1);
	assert_int_equal(r.state.pid, getpid());
	assert_string_equal(r.state.parent, PARENT);
	assert_string_equal(r.state.original, PARENT);
	assert_int_equal(r.state.not_before_t, 99000);
	batch_reader_close(&r);
	assert_int_equal(s->parent.manifest.retry.nr_next, 1);
	assert_string_equal(s->parent.manifest.retry.next_batches[0], CHILD);
}

static void makes_what_was_announced(void **state)
{
	struct scene s;
	char *text;

	(void)state;
	open_scene(&s);
	assert_int_equal(make_child(&s), 0);
	assert_child(&s);
	text = temp_dir_get(&s.dir, RETRY_CSV);
	assert_string_equal(text, "id,task,tags\nb,two,RETRY-1\n");
	assert_file(&s, CHILD "/" TASKS_NAME, text);
	free(text);
	assert_int_equal(nr_lines(&s, CHILD "/" JOURNAL_NAME), 1);
	close_scene(&s);
}

static void s4_all_of_it_is_ours_alone(void **state)
{
	static const char *const dirs[] = {CHILD, CHILD "/" ATTEMPTS_NAME, CHILD "/logs"};
	static const char *const files[] = {CHILD "/" TASKS_NAME, CHILD "/" MANIFEST_NAME,
	    CHILD "/" JOURNAL_NAME, CHILD "/" LOCK_NAME, RETRY_CSV};
	struct scene s;
	mode_t old = umask(0);
	size_t i;

	(void)state;
	open_scene(&s);
	assert_int_equal(make_child(&s), 0);
	umask(old);
	for (i = 0; i < ARRAY_LEN(dirs); i++)
		assert_mode(&s, dirs[i], 0700);
	for (i = 0; i < ARRAY_LEN(files); i++)
		assert_mode(&s, files[i], 0600);
	close_scene(&s);
}

/* P2: whatever a crash has left, the same child comes of it, and only one. */
static void p2_made_again_it_is_the_same(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_int_equal(make_child(&s), 0);
	forget_child(&s);
	assert_int_equal(make_child(&s), 0);
	assert_child(&s);
	close_scene(&s);
}

static void p2_a_csv_that_is_there_is_used(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	temp_dir_put_str(&s.dir, RETRY_CSV, "id,task,tags\nb,as it was written,RETRY-1\n");
	assert_int_equal(make_child(&s), 0);
	assert_child(&s);
	assert_file(&s, CHILD "/" TASKS_NAME, "id,task,tags\nb,as it was written,RETRY-1\n");
	assert_file(&s, RETRY_CSV, "id,task,tags\nb,as it was written,RETRY-1\n");
	close_scene(&s);
}

static void reserve(struct scene *s, const char *parent)
{
	const struct reservation own = {s->dir.path, parent, NULL};
	char child[NAME_SIZE];
	int64_t t = 1763766902000; /* 2025-11-21 23:15:02 UTC */

	if (reservation_take(&own, t, child, &s->err) != 0)
		fail_msg("%s", s->err.msg);
	assert_int_equal(renameat(s->dir.fd, child, s->dir.fd, CHILD), 0);
}

static void p2_a_reserved_directory_is_filled(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	reserve(&s, PARENT);
	assert_int_equal(make_child(&s), 0);
	assert_child(&s);
	close_scene(&s);
}

/* A crash of the machine took what says whose it is. */
static void p2_an_empty_directory_is_filled(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_int_equal(mkdirat(s.dir.fd, CHILD, 0700), 0);
	assert_int_equal(make_child(&s), 0);
	assert_child(&s);
	close_scene(&s);
}

static void what_another_parent_reserved_is_left_alone(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	reserve(&s, "batch-20251121-230000");
	assert_int_equal(make_child(&s), 1);
	close_scene(&s);
}

static void p2_half_a_directory_is_completed(void **state)
{
	static const char *const missing[] = {
	    CHILD "/" JOURNAL_NAME, CHILD "/" MANIFEST_NAME, CHILD "/" TASKS_NAME};
	struct scene s;
	size_t n, i;

	(void)state;
	for (n = 1; n <= ARRAY_LEN(missing); n++) {
		open_scene(&s);
		assert_int_equal(make_child(&s), 0);
		forget_child(&s);
		/* In the reverse of the order in which they are made. */
		for (i = 0; i < n; i++)
			assert_int_equal(unlinkat(s.dir.fd, missing[i], 0), 0);
		assert_int_equal(make_child(&s), 0);
		assert_child(&s);
		close_scene(&s);
	}
}

/* The journal was made, and its first line not or only in part: the cool-off stands in it. */
static void p2_a_journal_without_a_line_gets_its_first(void **state)
{
	static const char *const begun[] = {"", "{\"t\":13,\"ev\":\"ba"};
	struct scene s;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(begun); i++) {
		open_scene(&s);
		assert_int_equal(make_child(&s), 0);
		forget_child(&s);
		temp_dir_put_str(&s.dir, CHILD "/" JOURNAL_NAME, begun[i]);
		assert_int_equal(make_child(&s), 0);
		assert_child(&s);
		close_scene(&s);
	}
}

static void a_foreign_batch_of_that_name_is_left_alone(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	disk_batch(&s.dir, CHILD, "id,task\nz,somebody else's\n");
	disk_born(&s.dir, CHILD, NULL, NULL, 0, 6);
	assert_int_equal(make_child(&s), 1);
	assert_file(&s, CHILD "/" TASKS_NAME, "id,task\nz,somebody else's\n");
	assert_int_equal(s.parent.manifest.retry.nr_next, 0);
	close_scene(&s);
}

static void x1_a_child_that_is_conducted_is_refused(void **state)
{
	struct scene s;
	int held;

	(void)state;
	open_scene(&s);
	assert_int_equal(make_child(&s), 0);
	forget_child(&s);
	held = disk_hold(&s.dir, CHILD, LOCK_BATCH);
	assert_int_equal(make_child(&s), 2);
	assert_non_null(strstr(s.err.msg, "held"));
	close(held);
	close_scene(&s);
}

/* What a resume changed counts for the cycles that come. */
static void new_options_are_the_childs(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	s.options.max_retries = 7;
	assert_int_equal(make_child(&s), 0);
	assert_child(&s);
	close_scene(&s);
}

/* ---- RETRY-k ------------------------------------------------------------------------------------ */

static void the_tag_counts_only_in_a_child(void **state)
{
	static const struct {
		const char *tags;
		int cycle;
		uint32_t failed;
	} cases[] = {{"RETRY-2", 1, 2}, {"x,RETRY-11;y", 3, 11}, {"RETRY-2", 0, 0}, {"x", 1, 0},
	    {"RETRY-", 1, 0}, {"NORETRY-4", 1, 0}, {"", 2, 0}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct temp_dir d;
		struct batch_reader r;
		struct err err = ERR_INIT;
		char csv[128], path[256];

		assert_int_equal(temp_dir_make(&d), 0);
		snprintf(csv, sizeof(csv), "id,task,tags\na,x,\"%s\"\n", cases[i].tags);
		disk_batch(&d, CHILD, csv);
		disk_born(&d, CHILD, PARENT, PARENT, cases[i].cycle, 5);
		snprintf(path, sizeof(path), "%s/" CHILD, d.path);
		assert_int_equal(batch_reader_open(&r, path, &err), 0);
		assert_int_equal(cycle_failed_before(&r.state, "a"), cases[i].failed);
		assert_int_equal(cycle_failed_before(&r.state, "nobody"), 0);
		batch_reader_close(&r);
		temp_dir_remove(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(makes_what_was_announced),
	    cmocka_unit_test(s4_all_of_it_is_ours_alone),
	    cmocka_unit_test(p2_made_again_it_is_the_same),
	    cmocka_unit_test(p2_a_csv_that_is_there_is_used),
	    cmocka_unit_test(p2_a_reserved_directory_is_filled),
	    cmocka_unit_test(p2_an_empty_directory_is_filled),
	    cmocka_unit_test(what_another_parent_reserved_is_left_alone),
	    cmocka_unit_test(p2_half_a_directory_is_completed),
	    cmocka_unit_test(p2_a_journal_without_a_line_gets_its_first),
	    cmocka_unit_test(a_foreign_batch_of_that_name_is_left_alone),
	    cmocka_unit_test(x1_a_child_that_is_conducted_is_refused),
	    cmocka_unit_test(new_options_are_the_childs),
	    cmocka_unit_test(the_tag_counts_only_in_a_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
