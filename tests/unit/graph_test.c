#include "model/graph.h"
#include "base/buf.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

/* Tasks with nothing but ids and depends_on. */
static void tasks_begin(struct tasks *ts)
{
	tasks_init(ts);
	ts->columns = xcalloc(2, sizeof(*ts->columns));
	ts->columns[0] = "id";
	ts->columns[1] = "depends_on";
	ts->nr_columns = 2;
	ts->known[COL_ID] = 0;
	ts->known[COL_DEPENDS_ON] = 1;
}

static void add(struct tasks *ts, const char *id, const char *depends_on)
{
	const char **cells = arena_alloc(&ts->arena, 2 * sizeof(*cells));

	cells[0] = arena_strdup(&ts->arena, id);
	cells[1] = arena_strdup(&ts->arena, depends_on);
	VEC_GROW(ts->v, ts->nr, ts->cap);
	ts->v[ts->nr] = (struct task){.id = cells[0], .cells = cells, .line = ts->nr + 2};
	assert_int_equal(map_put(&ts->by_id, cells[0], ts->nr), ts->nr);
	ts->nr++;
}

static void add_n(struct tasks *ts, unsigned n, const char *depends_on)
{
	char id[32];

	snprintf(id, sizeof(id), "%u", n);
	add(ts, id, depends_on);
}

static void build(struct graph *g, const struct tasks *ts)
{
	struct graph_unknown unknown;

	assert_int_equal(graph_build(g, ts, NULL, &unknown), 0);
}

static double cpu_s(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void rows_know_parents_and_children(void **state)
{
	struct tasks ts;
	struct graph g;

	(void)state;
	tasks_begin(&ts);
	add(&ts, "d", "b, c;b b"); /* an id given twice counts once; a parent may stand later */
	add(&ts, "b", "a");
	add(&ts, "c", "a");
	add(&ts, "a", "");
	build(&g, &ts);
	assert_true(graph_has_edges(&g));
	assert_int_equal(g.first_parent[4], 4);
	assert_int_equal(g.first_parent[1] - g.first_parent[0], 2);
	assert_int_equal(g.parents[g.first_parent[0]], 1);
	assert_int_equal(g.parents[g.first_parent[0] + 1], 2);
	assert_int_equal(g.first_parent[4] - g.first_parent[3], 0);
	assert_int_equal(g.first_child[4] - g.first_child[3], 2);
	assert_int_equal(g.children[g.first_child[3]], 1);
	assert_int_equal(g.children[g.first_child[3] + 1], 2);
	assert_int_equal(g.first_child[1] - g.first_child[0], 0);
	graph_release(&g);
	tasks_release(&ts);
}

static void rows_know_what_hangs_on_them(void **state)
{
	/* long: a <- b <- c <- d; d also waits for `side`; `alone` is alone. */
	static const char *const rows[][2] = {
	    {"d", "c side"}, {"side", ""}, {"a", ""}, {"alone", ""}, {"c", "b"}, {"b", "a"}};
	static const uint32_t behind[] = {0, 1, 3, 0, 1, 2};
	static const uint32_t order[] = {1, 2, 3, 5, 4, 0}, level[] = {3, 0, 0, 0, 2, 1};
	uint32_t got_order[ARRAY_LEN(rows)], got_level[ARRAY_LEN(rows)];
	struct tasks ts;
	struct graph g;
	size_t i;

	(void)state;
	tasks_begin(&ts);
	for (i = 0; i < ARRAY_LEN(rows); i++)
		add(&ts, rows[i][0], rows[i][1]);
	build(&g, &ts);
	assert_int_equal(graph_levels(&g, got_order, got_level), ARRAY_LEN(rows));
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(g.behind[i], behind[i]);
		assert_int_equal(got_order[i], order[i]);
		assert_int_equal(got_level[i], level[i]);
	}
	graph_release(&g);
	tasks_release(&ts);
}

static void a_cycle_has_no_levels(void **state)
{
	uint32_t order[4], level[4];
	struct tasks ts;
	struct graph g;

	(void)state;
	tasks_begin(&ts);
	add(&ts, "above", "");
	add(&ts, "x", "y above");
	add(&ts, "y", "x");
	add(&ts, "below", "x");
	build(&g, &ts);
	assert_int_equal(graph_levels(&g, order, level), 1);
	assert_int_equal(order[0], 0);
	assert_int_equal(g.behind[0], 0);
	assert_int_equal(g.behind[1], 0);
	graph_release(&g);
	tasks_release(&ts);
}

static void no_depends_on_is_no_edge(void **state)
{
	uint32_t *rows;
	struct tasks ts;
	struct graph g;

	(void)state;
	tasks_begin(&ts);
	ts.known[COL_DEPENDS_ON] = -1;
	add(&ts, "a", "nobody");
	build(&g, &ts);
	assert_false(graph_has_edges(&g));
	assert_int_equal(graph_find_cycle(&g, &rows), 0);
	assert_null(rows);
	graph_release(&g);
	ts.nr = 0;
	build(&g, &ts);
	assert_false(graph_has_edges(&g));
	assert_int_equal(graph_find_cycle(&g, &rows), 0);
	graph_release(&g);
	tasks_release(&ts);
}

static bool only_x_is_met(void *ctx, const char *id)
{
	++*(int *)ctx;
	return strcmp(id, "x") == 0;
}

static void an_unknown_parent_must_be_met_elsewhere(void **state)
{
	int nr_asked = 0;
	struct graph_met met = {.is_met = only_x_is_met, .ctx = &nr_asked};
	struct graph_unknown unknown;
	char long_id[300];
	struct tasks ts;
	struct graph g;

	(void)state;
	tasks_begin(&ts);
	add(&ts, "a", "");
	add(&ts, "b", "a x");
	assert_int_equal(graph_build(&g, &ts, NULL, &unknown), -1);
	assert_int_equal(unknown.task, 1);
	assert_string_equal(unknown.id, "x");
	assert_int_equal(graph_build(&g, &ts, &met, &unknown), 0);
	assert_int_equal(nr_asked, 1);
	assert_int_equal(g.first_parent[2], 1); /* a met one leaves no edge */
	graph_release(&g);
	add(&ts, "c", "a y");
	assert_int_equal(graph_build(&g, &ts, &met, &unknown), -1);
	assert_int_equal(unknown.task, 2);
	assert_string_equal(unknown.id, "y");
	/* Cut off, it must not pass for another id. */
	memset(long_id, 'x', sizeof(long_id));
	long_id[sizeof(long_id) - 1] = '\0';
	ts.v[2].cells = (const char *[]){"c", long_id};
	assert_int_equal(graph_build(&g, &ts, &met, &unknown), -1);
	assert_int_equal(unknown.task, 2);
	assert_int_equal(strlen(unknown.id), sizeof(unknown.id) - 1);
	tasks_release(&ts);
}

static void cycles_are_found_and_spelled_from_the_first_row(void **state)
{
	static const struct {
		const char *rows[6][2];
		uint32_t want[6];
		size_t nr;
	} t[] = {
	    {{{"a", ""}, {"b", "a"}, {"c", "a b"}}, {0}, 0},
	    {{{"a", "a"}}, {0}, 1},
	    {{{"r", ""}, {"a", "r b"}, {"b", "a"}}, {1, 2}, 2},
	    /* a waits for c, c for b, b for a. */
	    {{{"a", "c"}, {"b", "a"}, {"c", "b"}}, {0, 2, 1}, 3},
	    /* In front of the cycle and behind it hang rows that are not in it. */
	    {{{"front", "a"}, {"b", "a root"}, {"a", "b"}, {"root", ""}, {"tail", "front"}}, {1, 2},
		2},
	    {{{"x", "y"}, {"y", ""}, {"p", "q"}, {"q", "p x"}}, {2, 3}, 2},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		uint32_t *rows;
		struct tasks ts;
		struct graph g;
		size_t nr;

		tasks_begin(&ts);
		for (k = 0; k < 6 && t[i].rows[k][0]; k++)
			add(&ts, t[i].rows[k][0], t[i].rows[k][1]);
		build(&g, &ts);
		nr = graph_find_cycle(&g, &rows);
		assert_int_equal(nr, t[i].nr);
		for (k = 0; k < nr; k++)
			assert_int_equal(rows[k], t[i].want[k]);
		free(rows);
		graph_release(&g);
		tasks_release(&ts);
	}
}

/* Every row waits for the next: a recursive search would need a stack as deep. */
static void a_chain_may_be_as_long_as_the_file(void **state)
{
	enum { NR = 200000 };
	struct tasks ts;
	struct graph g;
	char next[32];
	uint32_t *rows;
	unsigned i;

	(void)state;
	tasks_begin(&ts);
	for (i = 0; i < NR; i++) {
		snprintf(next, sizeof(next), "%u", i + 1);
		add_n(&ts, i, i + 1 < NR ? next : "");
	}
	build(&g, &ts);
	assert_int_equal(graph_find_cycle(&g, &rows), 0);
	graph_release(&g);
	ts.v[NR - 1].cells = (const char *[]){"last", "0"};
	build(&g, &ts);
	assert_int_equal(graph_find_cycle(&g, &rows), NR);
	for (i = 0; i < NR; i++)
		assert_int_equal(rows[i], i);
	free(rows);
	graph_release(&g);
	tasks_release(&ts);
}

/* A fan out of 100,000, a fan in of 100,000 named twice each: 300,000 words. What compares each
 * word with those before it makes 10^10 steps of it. */
static void a_fan_is_read_in_linear_time(void **state)
{
	enum { NR = 100000 };
	struct buf all = BUF_INIT;
	double began = cpu_s();
	struct tasks ts;
	struct graph g;
	uint32_t *rows;
	unsigned i;

	(void)state;
	tasks_begin(&ts);
	add(&ts, "root", "");
	for (i = 0; i < NR; i++) {
		add_n(&ts, i, "root");
		buf_fmt(&all, "%u ", i);
	}
	for (i = 0; i < NR; i++)
		buf_fmt(&all, "%u;", i);
	add(&ts, "sink", all.data);
	build(&g, &ts);
	assert_int_equal(g.first_parent[NR + 2] - g.first_parent[NR + 1], NR);
	assert_int_equal(g.first_child[1], NR);
	assert_int_equal(graph_find_cycle(&g, &rows), 0);
	graph_release(&g);
	ts.v[0].cells = (const char *[]){"root", "sink"};
	build(&g, &ts);
	assert_int_equal(graph_find_cycle(&g, &rows), 3);
	free(rows);
	graph_release(&g);
	tasks_release(&ts);
	buf_release(&all);
	assert_true(cpu_s() - began < 5.0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_know_parents_and_children),
	    cmocka_unit_test(rows_know_what_hangs_on_them),
	    cmocka_unit_test(a_cycle_has_no_levels),
	    cmocka_unit_test(no_depends_on_is_no_edge),
	    cmocka_unit_test(an_unknown_parent_must_be_met_elsewhere),
	    cmocka_unit_test(cycles_are_found_and_spelled_from_the_first_row),
	    cmocka_unit_test(a_chain_may_be_as_long_as_the_file),
	    cmocka_unit_test(a_fan_is_read_in_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
