#include "model/task.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void known_columns_have_names_and_aliases(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < COL__COUNT; i++)
		assert_int_equal(task_column_from_name(task_column_name((enum task_column)i)), i);
	assert_int_equal(task_column_from_name("agent_id"), COL_ID);
	assert_int_equal(task_column_from_name("prompt"), COL_TASK);
	assert_int_equal(task_column_from_name("Task"), -1);
	assert_int_equal(task_column_from_name(""), -1);
}

/* Joins what a splitter finds into "[a][b]", so that a case is one line. */
static void join(const char *(*next)(const char **, size_t *), const char *s, char *out,
    size_t size)
{
	const char *w;
	size_t len, n = 0;

	out[0] = '\0';
	while ((w = next(&s, &len)))
		n += (size_t)snprintf(out + n, size - n, "[%.*s]", (int)len, w);
}

static void words_are_split_at_blanks_commas_and_semicolons(void **state)
{
	static const struct {
		const char *s, *want;
	} t[] = {
	    {"", ""},
	    {" ,;\t\r\n", ""},
	    {"a", "[a]"},
	    {"a b,c;d", "[a][b][c][d]"},
	    {",, a ;;\tb\nc\r\n", "[a][b][c]"},
	    {"a-b.c", "[a-b.c]"},
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		join(task_next_word, t[i].s, out, sizeof(out));
		assert_string_equal(out, t[i].want);
	}
}

static void parts_of_a_context_path_keep_inner_blanks(void **state)
{
	static const struct {
		const char *s, *want;
	} t[] = {
	    {"", "[]"},
	    {"a", "[a]"},
	    {"a;b", "[a][b]"},
	    {" a dir ;\tb, c ", "[a dir][b, c]"},
	    {";b", "[][b]"},
	    {"a;;b;", "[a][][b][]"},
	    {"  ", "[]"},
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		join(task_next_part, t[i].s, out, sizeof(out));
		assert_string_equal(out, t[i].want);
	}
}

/* A row of an agent_id/prompt file with a column of the user's own. */
static void a_row_depends_on_whole_ids(void **state)
{
	const char *cells[] = {"b, step_10;c"};
	const struct task t = {.id = "x", .cells = cells};
	struct tasks ts;

	(void)state;
	tasks_init(&ts);
	ts.nr_columns = 1;
	ts.known[COL_DEPENDS_ON] = 0;
	assert_true(task_depends_on(&ts, &t, "b"));
	assert_true(task_depends_on(&ts, &t, "step_10"));
	assert_true(task_depends_on(&ts, &t, "c"));
	assert_false(task_depends_on(&ts, &t, "step_1")); /* only its beginning */
	assert_false(task_depends_on(&ts, &t, "step_11"));
	assert_false(task_depends_on(&ts, &t, "x"));
	assert_false(task_depends_on(&ts, &t, ""));
	tasks_release(&ts);
}

static const char *next_result(const char **s, size_t *len)
{
	const char *id, *at = task_next_result(*s, &id, len);

	*s = at ? id + *len : *s;
	return at ? id : NULL;
}

static void results_are_named_in_whole_braces(void **state)
{
	static const struct {
		const char *s, *want;
	} t[] = {
	    {"", ""},
	    {"{result:a}", "[a]"},
	    {"x {result:a}{result:b c}.", "[a][b c]"},
	    {"{result:}{result:a", ""},
	    {"{result:a{result:b}", "[b]"},
	    {"{ result:a} {results:a}", ""},
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		join(next_result, t[i].s, out, sizeof(out));
		assert_string_equal(out, t[i].want);
	}
}

static void cells_are_found_by_number_and_by_word(void **state)
{
	const char *const row[] = {"7", "do it", "blue"};
	struct tasks ts;
	struct task t = {.id = "7", .cells = row, .line = 2};

	(void)state;
	tasks_init(&ts);
	ts.columns = xcalloc(3, sizeof(*ts.columns));
	ts.columns[0] = "agent_id";
	ts.columns[1] = "prompt";
	ts.columns[2] = "colour";
	ts.nr_columns = 3;
	ts.known[COL_ID] = 0;
	ts.known[COL_TASK] = 1;
	assert_string_equal(task_get(&ts, &t, COL_TASK), "do it");
	assert_string_equal(task_get(&ts, &t, COL_MODEL), "");
	assert_string_equal(task_get_named(&ts, &t, "task"), "do it");
	assert_string_equal(task_get_named(&ts, &t, "prompt"), "do it");
	assert_string_equal(task_get_named(&ts, &t, "id"), "7");
	assert_string_equal(task_get_named(&ts, &t, "colour"), "blue");
	assert_string_equal(task_get_named(&ts, &t, "model"), "");
	assert_null(task_get_named(&ts, &t, "color"));
	tasks_release(&ts);
	assert_int_equal(ts.known[COL_ID], -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_columns_have_names_and_aliases),
	    cmocka_unit_test(words_are_split_at_blanks_commas_and_semicolons),
	    cmocka_unit_test(parts_of_a_context_path_keep_inner_blanks),
	    cmocka_unit_test(a_row_depends_on_whole_ids),
	    cmocka_unit_test(results_are_named_in_whole_braces),
	    cmocka_unit_test(cells_are_found_by_number_and_by_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
