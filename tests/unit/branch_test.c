#include "model/branch.h"
#include "base/xalloc.h"
#include "formats/options_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- names ---------------------------------------------------------------- */

static void a_branch_is_a_name_and_flags(void **state)
{
	static const struct {
		const char *text, *name, *flags; /* NULL: refused */
	} cases[] = {
	    {"fast: --agent x", "fast", "--agent x"},
	    {"fast:--agent x", "fast", "--agent x"},
	    {"a-b_c.9:\t--x", "a-b_c.9", "--x"},
	    {"fast:", "fast", ""},
	    {"fast: --agent-command 'a: b'", "fast", "--agent-command 'a: b'"},
	    {"fast", NULL, NULL},
	    {": --agent x", NULL, NULL},
	    {" fast: --agent x", NULL, NULL},
	    {"../x: --agent x", NULL, NULL},
	    {".x: --agent x", NULL, NULL},
	    {"-x: --agent x", NULL, NULL},
	    {"a b: --agent x", NULL, NULL},
	    {"a/b: --agent x", NULL, NULL},
	    {"a\x1b: --agent x", NULL, NULL},
	    {"abcdefghijklmnopqrstuvwxyz012345: x", "abcdefghijklmnopqrstuvwxyz012345", "x"},
	    {"abcdefghijklmnopqrstuvwxyz0123456: x", NULL, NULL},
	};
	char name[BRANCH_NAME_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const char *flags = branch_split(cases[i].text, name);

		if (!cases[i].name) {
			assert_null(flags);
			continue;
		}
		assert_non_null(flags);
		assert_string_equal(name, cases[i].name);
		assert_string_equal(flags, cases[i].flags);
	}
}

/* ---- job slots ------------------------------------------------------------ */

static void slots_are_shared_out_whole(void **state)
{
	int jobs;
	uint32_t nr, i;

	(void)state;
	for (jobs = 1; jobs <= 40; jobs++)
		for (nr = 1; nr <= 16 && nr <= (uint32_t)jobs; nr++) {
			int sum = 0;

			for (i = 0; i < nr; i++) {
				int part = branch_jobs(jobs, nr, i);

				assert_in_range(part, jobs / (int)nr, jobs / (int)nr + 1);
				sum += part;
			}
			assert_int_equal(sum, jobs);
		}
	assert_int_equal(branch_jobs(0, 3, 1), 0); /* all at once */
	assert_int_equal(branch_jobs(2, 3, 2), 1);
}

/* Two branches may not agree yet on who lives: as long as neither counts one that has ended as
 * living and the other way round, more than all is never given out. */
static void who_hears_of_an_end_first_takes_nothing_from_others(void **state)
{
	int jobs;

	(void)state;
	for (jobs = 3; jobs <= 40; jobs++) {
		/* Of 0, 1, 2 the last has ended; one of the others has not heard of it. */
		assert_true(branch_jobs(jobs, 2, 0) + branch_jobs(jobs, 3, 1) <= jobs);
		assert_true(branch_jobs(jobs, 3, 0) + branch_jobs(jobs, 2, 1) <= jobs);
		/* The first has. */
		assert_true(branch_jobs(jobs, 2, 0) + branch_jobs(jobs, 3, 2) <= jobs);
		assert_true(branch_jobs(jobs, 3, 1) + branch_jobs(jobs, 2, 1) <= jobs);
	}
}

/* ---- prompts -------------------------------------------------------------- */

static void a_template_wraps_the_task(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: refused */
	} cases[] = {
	    {"{task}", "do {id} {task}"},
	    {"Think first. {task}", "Think first. do {id} {task}"},
	    {"{task}\n{task}", "do {id} {task}\ndo {id} {task}"},
	    {"{{x}} {task}", "{x} do {id} {task}"},
	    {"no place", NULL},
	    {"{task} {id}", NULL},
	    {"{task", NULL},
	    {"{task} }", NULL},
	    {"", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		char *out;

		assert_int_equal(branch_template_is_good(cases[i].in), cases[i].out != NULL);
		if (!cases[i].out)
			continue;
		out = branch_fill_task(cases[i].in, "do {id} {task}");
		assert_string_equal(out, cases[i].out);
		free(out);
	}
}

/* ---- options -------------------------------------------------------------- */

static char *text_of(const struct options *o)
{
	struct buf out = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &out, 0);
	options_format(o, &w);
	return buf_detach(&out);
}

static void add(struct options *o, const char *name, const char *set)
{
	*options_add_branch(o) =
	    (struct branch){.name = xstrdup(name), .flags = xstrdup("--x"), .set = xstrdup(set)};
}

static void init(struct options *o)
{
	options_init(o);
	o->agent_command = xstrdup("prog {task}");
	o->timeout_s = 7;
	add(o, "fast",
	    "{\"agent\":\"sim\",\"agent_for_all\":true,\"agent_command\":null,\"timeout\":"
	    "\"profile\"}");
	add(o, "strong",
	    "{\"model\":\"big\",\"attempts\":2,\"backoff\":{\"initial\":1,\"factor\":2,\"cap\":3},"
	    "\"task_template\":\"x {task}\"}");
}

static void a_branch_and_back_changes_nothing(void **state)
{
	struct options o;
	char *before, *after;
	size_t i;

	(void)state;
	init(&o);
	before = text_of(&o);
	for (i = 0; i < o.nr_branches; i++) {
		assert_int_equal(options_branch(&o, &o.branches[i], NULL), 0);
		assert_non_null(o.unbranched);
		options_unbranch(&o);
		after = text_of(&o);
		assert_string_equal(after, before);
		free(after);
	}
	free(before);
	options_release(&o);
}

/* The next cycle is forked by one of them: its own flags do not go to the others. */
static void a_branch_of_a_branch_has_only_its_own_flags(void **state)
{
	struct options o;

	(void)state;
	init(&o);
	assert_int_equal(options_branch(&o, &o.branches[0], NULL), 0);
	assert_string_equal(o.agent, "sim");
	assert_true(o.agent_for_all);
	assert_null(o.agent_command);
	assert_true(o.timeout_s < 0);
	assert_int_equal(options_branch(&o, &o.branches[1], NULL), 0);
	assert_null(o.agent);
	assert_false(o.agent_for_all);
	assert_string_equal(o.agent_command, "prog {task}");
	assert_true(o.timeout_s > 6.9 && o.timeout_s < 7.1);
	assert_string_equal(o.model, "big");
	assert_int_equal(o.attempts, 2);
	assert_true(o.backoff.cap_s < 3.1);
	options_release(&o);
}

static void branches_stand_in_the_file(void **state)
{
	struct options o, back;
	char *text, *again;

	(void)state;
	init(&o);
	assert_int_equal(options_branch(&o, &o.branches[1], NULL), 0);
	text = text_of(&o);
	options_init(&back);
	assert_int_equal(options_parse(text, &back, NULL), 0);
	again = text_of(&back);
	assert_string_equal(again, text);
	assert_int_equal(back.nr_branches, 2);
	assert_true(back.branches[0].has_own_agent);
	assert_false(back.branches[1].has_own_agent);
	options_unbranch(&back);
	assert_null(back.model);
	free(text);
	free(again);
	options_release(&back);
	options_release(&o);
}

/* A file that was changed behind our back. */
static void names_in_the_file_are_judged(void **state)
{
	struct options o;

	(void)state;
	options_init(&o);
	assert_int_equal(options_parse("{\"branches\":[{\"name\":\"../x\",\"set\":{}},{\"name\":7},"
				       "{\"name\":\"a\",\"set\":3},{\"name\":\"b\",\"set\":{}}]}",
			     &o, NULL),
	    0);
	assert_int_equal(o.nr_branches, 1);
	assert_string_equal(o.branches[0].name, "b");
	options_release(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_branch_is_a_name_and_flags),
	    cmocka_unit_test(slots_are_shared_out_whole),
	    cmocka_unit_test(who_hears_of_an_end_first_takes_nothing_from_others),
	    cmocka_unit_test(a_template_wraps_the_task),
	    cmocka_unit_test(a_branch_and_back_changes_nothing),
	    cmocka_unit_test(a_branch_of_a_branch_has_only_its_own_flags),
	    cmocka_unit_test(branches_stand_in_the_file),
	    cmocka_unit_test(names_in_the_file_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
