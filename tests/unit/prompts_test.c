#include "exec/prompts.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "formats/plan.h"
#include "formats/role_reply.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char root[64];

static char *user_path(const char *name)
{
	return xasprintf("%s/agent-batch/prompts%s%s", root, *name ? "/" : "", name);
}

static void write_prompt(const char *name, const char *text)
{
	char *path = user_path(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0 && write_all(fd, text, strlen(text)) == 0);
	close(fd);
	free(path);
}

static int set_up(void **state)
{
	char *dir;

	(void)state;
	snprintf(root, sizeof(root), "/tmp/agent-batch-test.XXXXXX");
	assert_non_null(mkdtemp(root));
	setenv("XDG_CONFIG_HOME", root, 1);
	dir = user_path("");
	assert_int_equal(dir_make_path(dir, NULL), 0);
	free(dir);
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {
	    "/agent-batch/prompts/planner.md", "/agent-batch/prompts", "/agent-batch", ""};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		char *path = xasprintf("%s%s", root, names[i]);

		remove(path);
		free(path);
	}
	return 0;
}

static void load(enum solve_role role, struct buf *text)
{
	struct err err = ERR_INIT;

	buf_reset(text);
	if (prompt_load(role, text, &err) < 0)
		fail_msg("%s", err.msg);
}

/* Each says what a reply looks like by an example that is one. */
static void ours_come_along(void **state)
{
	struct buf text = BUF_INIT;
	struct verdict_reply v;
	struct err err = ERR_INIT;
	struct plan p;

	(void)state;
	load(SOLVE_PLANNER, &text);
	if (plan_read(&p, text.data, text.len, &(struct plan_opts){0}, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(p.tasks.nr, 3);
	plan_release(&p);
	load(SOLVE_VALIDATOR, &text);
	if (verdict_reply_read(&v, text.data, text.len, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(v.nr_missing, 1);
	verdict_reply_release(&v);
	load(SOLVE_SYNTHESIZER, &text);
	buf_release(&text);
}

static void the_users_own_goes_first(void **state)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	write_prompt("planner.md", "Plan {request}.");
	load(SOLVE_PLANNER, &text);
	assert_string_equal(text.data, "Plan {request}.");
	write_prompt("planner.md", "Plan {Request}.");
	buf_reset(&text);
	assert_int_equal(prompt_load(SOLVE_PLANNER, &text, &err), -1);
	assert_non_null(strstr(err.msg, "/agent-batch/prompts/planner.md': write {request} where"));
	buf_release(&text);
}

static void a_prompt_is_filled_once(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	prompt_fill(&out, "A {x} {request} {{request}} B\n", "{\"a\":\"{request}\"}", NULL);
	assert_string_equal(out.data, "A {x} {\"a\":\"{request}\"} {{\"a\":\"{request}\"}} B\n");
	buf_reset(&out);
	prompt_fill(&out, "A {request}\n", "{}", "no {request} in it");
	assert_string_equal(out.data,
	    "A {}\n\nYour last answer could not be used: no {request} in it\n"
	    "Answer again, in the form that is asked for above.\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ours_come_along),
	    cmocka_unit_test(the_users_own_goes_first),
	    cmocka_unit_test(a_prompt_is_filled_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
