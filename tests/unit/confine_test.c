#include "policy/confine.h"
#include "base/xalloc.h"
#include "formats/tasks_csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct options options_for_tests(void)
{
	struct options o;

	options_init(&o);
	o.agent = xstrdup("claude");
	o.cwd = xstrdup("/home/u/work");
	text_list_add(&o.attachments, "/data/map.png");
	return o;
}

static int check(const struct options *o, const char *header, const char *row, struct err *err)
{
	const struct tasks_read_opts opts = {.file = "t"};
	char *csv = xasprintf("id,task,%s\nx,Do it,%s\n", header, row);
	struct tasks ts;
	int rc;

	assert_int_equal(tasks_read_text(&ts, NULL, csv, strlen(csv), &opts, err), 0);
	rc = confine_check(o, &ts, err);
	tasks_release(&ts);
	free(csv);
	return rc;
}

static void rows_keep_inside(void **state)
{
	static const struct {
		const char *column, *cell, *fault; /* NULL: none */
	} v[] = {
	    {"validate", "", NULL},
	    {"validate", "nonempty:a.md", NULL},
	    {"validate", "regex:^ok", NULL},
	    {"validate", "make check", "subtask 'x': 'validate' would run a command"},
	    {"validate", "file", "subtask 'x': 'validate' would run a command"},
	    {"agent", "codex", NULL},
	    {"agent", "shell", "subtask 'x': 'agent' would run the task"},
	    {"context_path", "", NULL},
	    {"context_path", "part/a", NULL},
	    {"context_path", "./..a/b..", NULL},
	    {"context_path", "/home/u/work", NULL},
	    {"context_path", "/home/u/work/part", NULL},
	    {"context_path", "/home/u/work2", "subtask 'x': 'context_path' leads out"},
	    {"context_path", "/home/u/work/../x", "subtask 'x': 'context_path' leads out"},
	    {"context_path", "..", "subtask 'x': 'context_path' leads out"},
	    {"context_path", "a/../..", "subtask 'x': 'context_path' leads out"},
	    {"context_path", "~/.ssh", "subtask 'x': 'context_path' leads out"},
	    {"context_path", "/data/map.png", "subtask 'x': 'context_path' leads out"},
	    {"context_path", ";/data/map.png", NULL},
	    {"context_path", "part; /data/map.png ;b", NULL},
	    {"context_path", ";/data", "subtask 'x': 'context_path' leads out"},
	    {"output_file", "out/a.md", NULL},
	    {"output_file", "/home/u/work/a.md", NULL},
	    {"output_file", "/home/u/.bashrc", "subtask 'x': 'output_file' leads out"},
	    {"output_file", "../a.md", "subtask 'x': 'output_file' leads out"},
	};
	struct options o = options_for_tests();
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(v); i++) {
		struct err err = ERR_INIT;
		int rc = check(&o, v[i].column, v[i].cell, &err);

		if (rc != (v[i].fault ? -1 : 0) ||
		    (v[i].fault && strncmp(err.msg, v[i].fault, strlen(v[i].fault)) != 0))
			fail_msg("%s=%s: %d '%s'", v[i].column, v[i].cell, rc, err.msg);
	}
	options_release(&o);
}

static void the_users_own_choice_is_no_escape(void **state)
{
	struct options o = options_for_tests();
	struct err err = ERR_INIT;

	(void)state;
	free(o.agent);
	o.agent = xstrdup("shell");
	assert_int_equal(check(&o, "agent", "shell", &err), 0);
	options_release(&o);
}

static void whose_plan_it_is_decides(void **state)
{
	struct options o = options_for_tests();

	(void)state;
	o.role_profile[SOLVE_PLANNER] = xstrdup("claude");
	assert_true(confine_is_due(&o));
	o.unattended = true;
	assert_false(confine_is_due(&o));
	o.unattended = false;
	o.role_command[SOLVE_PLANNER] = xstrdup("./plan");
	assert_false(confine_is_due(&o));
	options_release(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_keep_inside),
	    cmocka_unit_test(the_users_own_choice_is_no_escape),
	    cmocka_unit_test(whose_plan_it_is_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
