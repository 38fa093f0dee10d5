#include "engine/output.h"
#include "base/clock.h"
#include "temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct scene {
	struct temp_dir dir;
	char path[256];
	struct err err;
};

static void open_scene(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	assert_int_equal(temp_dir_make(&s->dir), 0);
	snprintf(s->path, sizeof(s->path), "%s/r.md", s->dir.path);
}

static void assert_text(const struct scene *s, const char *name, const char *want)
{
	char *got = temp_dir_get(&s->dir, name);

	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void fresh_is_what_was_written_since(void **state)
{
	struct scene s;
	int64_t before = clock_now().wall_ms;

	(void)state;
	open_scene(&s);
	assert_false(output_is_fresh(s.path, before));
	temp_dir_put_str(&s.dir, "r.md", "");
	assert_true(output_is_fresh(s.path, before));
	assert_false(output_is_fresh(s.path, clock_now().wall_ms + 1000));
	assert_false(output_is_fresh(s.dir.path, 0)); /* a directory is no output */
	temp_dir_remove(&s.dir);
}

static void a_copy_is_kept_of_what_is_there(void **state)
{
	struct scene s;
	struct stat st;

	(void)state;
	open_scene(&s);
	assert_int_equal(output_keep(s.dir.fd, "a.1.out", s.path, &s.err), 1);
	assert_false(temp_dir_has(&s.dir, "a.1.out"));
	temp_dir_put_str(&s.dir, "r.md", "first");
	assert_int_equal(output_keep(s.dir.fd, "a.1.out", s.path, &s.err), 0);
	temp_dir_put_str(&s.dir, "r.md", "second");
	assert_text(&s, "a.1.out", "first");
	assert_int_equal(fstatat(s.dir.fd, "a.1.out", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* What is kept is never replaced. */
	assert_int_equal(output_keep(s.dir.fd, "a.1.out", s.path, &s.err), -1);
	assert_text(&s, "a.1.out", "first");
	temp_dir_remove(&s.dir);
}

static void a_copy_has_a_bound(void **state)
{
	struct scene s;
	struct stat st;

	(void)state;
	open_scene(&s);
	temp_dir_put_str(&s.dir, "r.md", "x");
	assert_int_equal(truncate(s.path, OUTPUT_KEEP_BYTES + 4096), 0); /* a hole costs nothing */
	assert_int_equal(output_keep(s.dir.fd, "a.1.out", s.path, &s.err), 0);
	assert_int_equal(fstatat(s.dir.fd, "a.1.out", &st, 0), 0);
	assert_int_equal(st.st_size, OUTPUT_KEEP_BYTES);
	temp_dir_remove(&s.dir);
}

/* A pipe with nobody at its other end would hold the conductor for ever. */
static void what_is_no_file_is_not_kept(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_int_equal(mkfifoat(s.dir.fd, "r.md", 0600), 0);
	assert_int_equal(output_keep(s.dir.fd, "a.1.out", s.path, &s.err), 1);
	assert_false(temp_dir_has(&s.dir, "a.1.out"));
	temp_dir_remove(&s.dir);
}

static void a_pipe_that_nobody_reads_is_not_filled(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_int_equal(mkfifoat(s.dir.fd, "r.md", 0600), 0);
	alarm(10);
	assert_int_equal(output_fill(s.path, "42", &s.err), -1);
	alarm(0);
	assert_non_null(strstr(s.err.msg, "r.md"));
	temp_dir_remove(&s.dir);
}

static void an_answer_ends_in_one_newline(void **state)
{
	static const struct {
		const char *answer, *want;
	} cases[] = {{"42", "42\n"}, {"42\n", "42\n"}, {"", "\n"}, {"a\nb", "a\nb\n"}};
	struct scene s;
	size_t i;

	(void)state;
	open_scene(&s);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(output_fill(s.path, cases[i].answer, &s.err), 0);
		assert_text(&s, "r.md", cases[i].want);
	}
	temp_dir_remove(&s.dir);
}

static void where_nothing_can_be_written_it_says_so(void **state)
{
	struct scene s;
	char path[512];

	(void)state;
	open_scene(&s);
	temp_dir_put_str(&s.dir, "r.md", "a file");
	snprintf(path, sizeof(path), "%s/below/it", s.path);
	assert_int_equal(output_fill(path, "42", &s.err), -1);
	assert_non_null(strstr(s.err.msg, "r.md"));
	temp_dir_remove(&s.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fresh_is_what_was_written_since),
	    cmocka_unit_test(a_copy_is_kept_of_what_is_there),
	    cmocka_unit_test(a_copy_has_a_bound),
	    cmocka_unit_test(what_is_no_file_is_not_kept),
	    cmocka_unit_test(a_pipe_that_nobody_reads_is_not_filled),
	    cmocka_unit_test(an_answer_ends_in_one_newline),
	    cmocka_unit_test(where_nothing_can_be_written_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
