/* What rows leave for those that wait for them. Row b waits for a; c waits for a and b; d for nobody,
 * and nobody for d. */
#include "engine/kept.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { A, B, C, D, NR };

struct scene {
	struct temp_dir disk;
	struct tasks tasks;
	struct graph graph;
	struct batch batch;
	struct options options;
	struct batch_dir dir;
	struct kept kept;
	struct err err;
};

static const char *const rows[NR][4] = {
    /* id, task, depends_on, output_file */
    [A] = {"a", "one", "", "out/a.md"},
    [B] = {"b", "two: {result:a}", "a", ""},
    [C] = {"c", "{result:a}+{result:b}+{result:d}+{result:}", "a;b", ""},
    [D] = {"d", "{result:a}", "", ""},
};

static void open_scene(struct scene *s)
{
	static const enum task_column known[] = {COL_ID, COL_TASK, COL_DEPENDS_ON, COL_OUTPUT_FILE};
	struct graph_unknown unknown;
	uint32_t i;

	memset(s, 0, sizeof(*s));
	assert_int_equal(temp_dir_make(&s->disk), 0);
	tasks_init(&s->tasks);
	s->tasks.nr_columns = ARRAY_LEN(known);
	for (i = 0; i < ARRAY_LEN(known); i++)
		s->tasks.known[known[i]] = (int)i;
	for (i = 0; i < NR; i++) {
		VEC_GROW(s->tasks.v, s->tasks.nr, s->tasks.cap);
		s->tasks.v[i] = (struct task){.id = rows[i][0], .cells = rows[i], .line = i + 2};
		map_put(&s->tasks.by_id, rows[i][0], s->tasks.nr++);
	}
	assert_int_equal(graph_build(&s->graph, &s->tasks, NULL, &unknown), 0);
	batch_init(&s->batch, &s->tasks, &s->graph, "sim", 8);
	options_init(&s->options);
	s->options.cwd = xstrdup(s->disk.path);
	assert_int_equal(batch_dir_open(&s->dir, s->disk.path, &s->err), 0);
	s->kept = (struct kept){&s->options, &s->batch, &s->dir, &s->dir};
}

static void close_scene(struct scene *s)
{
	batch_dir_close(&s->dir);
	options_release(&s->options);
	batch_release(&s->batch);
	graph_release(&s->graph);
	tasks_release(&s->tasks);
	temp_dir_remove(&s->disk);
}

/* The row's log holds two attempts, "first" and "second": `at` is the second one. */
static void put(struct scene *s, uint32_t row, const char *answer)
{
	struct attempt at = {.n = 2, .log_from = 5, .log_to = 11, .answer = answer};
	char name[LOG_NAME_SIZE];

	batch_log_name(rows[row][0], name);
	temp_dir_put_str(&s->disk, name, "firstsecond");
	if (kept_put(&s->kept, row, &at, &s->err) < 0)
		fail_msg("%s", s->err.msg);
}

static void assert_file(const struct scene *s, const char *name, const char *want)
{
	char *got = temp_dir_get(&s->disk, name);

	if (!got != !want || (want && strcmp(got, want) != 0))
		fail_msg("%s is '%s', not '%s'", name, got ? got : "-", want ? want : "-");
	free(got);
}

static void a_result_is_the_file_else_the_answer_else_what_was_printed(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put(&s, A, NULL);
	assert_file(&s, "results/a", "second");
	put(&s, A, "42");
	assert_file(&s, "results/a", "42\n");
	put(&s, A, "42\n");
	assert_file(&s, "results/a", "42\n");
	put(&s, A, "");
	assert_file(&s, "results/a", "");
	assert_int_equal(mkdirat(s.disk.fd, "out", 0700), 0);
	temp_dir_put_str(&s.disk, "out/a.md", "written");
	put(&s, A, "42");
	assert_file(&s, "results/a", "written");
	/* Begun and not finished, by a conductor that died. */
	temp_dir_put_str(&s.disk, "results/half written", "ha");
	put(&s, A, "42");
	assert_file(&s, "results/a", "written");
	assert_file(&s, "results/half written", NULL);
	close_scene(&s);
}

static void what_nobody_waits_for_is_not_kept(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put(&s, D, "42");
	assert_false(temp_dir_has(&s.disk, "results"));
	/* But where roles are told of all. */
	s.options.role_profile[SOLVE_VALIDATOR] = xstrdup("sim");
	put(&s, D, "42");
	assert_file(&s, "results/d", "42\n");
	s.options.role = xstrdup("validator");
	put(&s, C, "42");
	assert_file(&s, "results/c", NULL); /* it is a role itself */
	close_scene(&s);
}

static void a_row_finds_the_results_of_its_parents(void **state)
{
	struct scene s;
	char *path, want[256];

	(void)state;
	open_scene(&s);
	put(&s, A, "of a");
	assert_int_equal(kept_gather(&s.kept, C, &s.err), 0);
	assert_file(&s, "parents/c/a", "of a\n");
	assert_file(&s, "parents/c/b", NULL); /* it has left none */
	/* Again, with what has come since; nothing of the old is written into. */
	assert_int_equal(mkdirat(s.disk.fd, "out", 0700), 0);
	temp_dir_put_str(&s.disk, "out/a.md", "anew");
	put(&s, A, NULL);
	put(&s, B, "of b");
	assert_file(&s, "parents/c/a", "of a\n");
	assert_int_equal(kept_gather(&s.kept, C, &s.err), 0);
	assert_file(&s, "parents/c/a", "anew");
	assert_file(&s, "parents/c/b", "of b\n");
	path = kept_parents_path(&s.dir, &s.tasks, &s.tasks.v[C]);
	snprintf(want, sizeof(want), "%s/parents/c", s.dir.path);
	assert_string_equal(path, want);
	free(path);
	/* Who waits for nobody has no directory. */
	assert_int_equal(kept_gather(&s.kept, D, &s.err), 0);
	assert_false(temp_dir_has(&s.disk, "parents/d"));
	assert_null(kept_parents_path(&s.dir, &s.tasks, &s.tasks.v[D]));
	close_scene(&s);
}

static void assert_filled(const struct scene *s, uint32_t row, const char *want)
{
	char *text = kept_fill_task(&s->dir, &s->tasks, &s->tasks.v[row]);

	if (!text != !want || (want && strcmp(text, want) != 0))
		fail_msg("'%s' is filled, not '%s'", text ? text : "-", want ? want : "-");
	free(text);
}

static void results_stand_in_the_task(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	put(&s, A, "of a {result:b}\r\n\n");
	put(&s, B, "of b");
	assert_int_equal(kept_gather(&s.kept, B, &s.err), 0);
	assert_int_equal(kept_gather(&s.kept, C, &s.err), 0);
	/* What came in so is not looked at again, and what is no parent's stays. */
	assert_filled(&s, B, "two: of a {result:b}");
	assert_filled(&s, C, "of a {result:b}+of b+{result:d}+{result:}");
	assert_filled(&s, A, NULL);
	assert_filled(&s, D, NULL);
	close_scene(&s);
}

static void a_long_result_is_cut_at_a_whole_character(void **state)
{
	static const char umlaut[] = "\xc3\xa4";
	struct buf text = BUF_INIT, got = BUF_INIT;
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_int_equal(mkdirat(s.disk.fd, "parents", 0700), 0);
	assert_int_equal(mkdirat(s.disk.fd, "parents/b", 0700), 0);
	while (text.len < KEPT_TEXT_BYTES - 1)
		buf_ch(&text, 'x');
	temp_dir_put(&s.disk, "parents/b/a", text.data, text.len);
	kept_text(&s.dir, &s.tasks.v[B], "a", &got);
	assert_int_equal(got.len, text.len);
	buf_str(&text, umlaut);
	temp_dir_put(&s.disk, "parents/b/a", text.data, text.len);
	buf_reset(&got);
	kept_text(&s.dir, &s.tasks.v[B], "a", &got);
	assert_memory_equal(got.data + KEPT_TEXT_BYTES - 2, "x\n... cut here", 14);
	/* NULs are no text. */
	temp_dir_put(&s.disk, "parents/b/a", "a\0b\0\0c\n", 7);
	buf_reset(&got);
	kept_text(&s.dir, &s.tasks.v[B], "a", &got);
	assert_string_equal(got.data, "abc");
	assert_int_equal(got.len, 3);
	buf_release(&got);
	buf_release(&text);
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_result_is_the_file_else_the_answer_else_what_was_printed),
	    cmocka_unit_test(what_nobody_waits_for_is_not_kept),
	    cmocka_unit_test(a_row_finds_the_results_of_its_parents),
	    cmocka_unit_test(results_stand_in_the_task),
	    cmocka_unit_test(a_long_result_is_cut_at_a_whole_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
