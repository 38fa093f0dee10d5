#include "engine/command.h"
#include "base/xalloc.h"
#include "formats/record.h"
#include "formats/tasks_csv.h"
#include "temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct scene {
	struct tasks tasks;
	struct options options;
	struct batch_dir dir;
	struct command_maker *maker;
	struct command command; /* the last one made */
	struct err err;
};

static uint32_t executions(void *ctx, uint32_t row)
{
	(void)ctx;
	return row == 0 ? 10 : 1;
}

/* A CSV and what --agent-command says, or NULL for --agent shell. */
static void open_scene(struct scene *s, const char *csv, const char *command)
{
	const struct tasks_read_opts opts = {.file = "t.csv"};

	memset(s, 0, sizeof(*s));
	if (tasks_read_text(&s->tasks, NULL, csv, strlen(csv), &opts, &s->err) != 0)
		fail_msg("%s", s->err.msg);
	options_init(&s->options);
	s->options.cwd = xstrdup("/here");
	if (command)
		s->options.agent_command = xstrdup(command);
	else
		s->options.agent = xstrdup("shell");
	s->dir = (struct batch_dir){.fd = -1, .path = (char *)"/batches/batch-1"};
}

static void open_maker(struct scene *s)
{
	const struct command_maker_opts opts = {
	    .options = &s->options,
	    .tasks = &s->tasks,
	    .dir = &s->dir,
	    .cycle = 2,
	    .executions = executions,
	};

	s->maker = command_maker_new(&opts, &s->err);
	if (!s->maker)
		fail_msg("%s", s->err.msg);
}

static void close_scene(struct scene *s)
{
	command_release(&s->command);
	command_maker_free(s->maker);
	options_release(&s->options);
	tasks_release(&s->tasks);
}

static int make_kind(struct scene *s, uint32_t row, uint32_t n, enum record_kind kind)
{
	command_release(&s->command);
	return command_make(s->maker, row, (struct attempt_ref){.agent = row, .n = n, .kind = kind},
	    &s->command, &s->err);
}

static void make(struct scene *s, uint32_t row, uint32_t n)
{
	if (make_kind(s, row, n, RECORD_AGENT) != 0)
		fail_msg("%s", s->err.msg);
}

/* The words, each in brackets. */
static void assert_words(char *const *argv, const char *want)
{
	struct buf got = BUF_INIT;

	buf_str(&got, "");
	for (; *argv; argv++)
		buf_fmt(&got, "[%s]", *argv);
	assert_string_equal(got.data, want);
	buf_release(&got);
}

static const char *env_of(const struct scene *s, const char *name)
{
	const char *found = NULL;
	size_t len = strlen(name);
	char **e;

	for (e = s->command.env; *e; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=') {
			assert_null(found); /* said once */
			found = *e + len + 1;
		}
	return found;
}

/* ---- words ------------------------------------------------------------------------ */

static const struct words_case {
	const char *name, *command, *want;
} words_cases[] = {
    {"the task is one word", "p {task}", "[p][say \"it\"; $(x) {id}]"},
    {"inside a word", "p --t={task}.", "[p][--t=say \"it\"; $(x) {id}.]"},
    {"quoted words", "p 'two words' \"{id}\" a\\ b", "[p][two words][a][a b]"},
    {"columns", "p {model} {max_turns} {tags} {agent}", "[p][opus][9][x y][]"},
    {"a column of the user's own", "p {colour}", "[p][red]"},
    {"known columns that the file lacks", "p {expect} {priority}", "[p][][]"},
    {"literal braces", "p {{task}} {{ }}", "[p][{task}][{][}]"},
    {"the task file", "p {task_file}", "[p][/batches/batch-1/attempts/a.3.task]"},
    {"the other contexts are words", "p {context} q", "[p][/here/lib][/opt/x y][q]"},
    {"inside a word they are one", "p -c={context}", "[p][-c=/here/lib /opt/x y]"},
    {"nothing is no word lost", "p '' {expect}", "[p][][]"},
};

static void words_are_filled_in_one_pass(void **state)
{
	static const char csv[] =
	    "id,task,model,max_turns,tags,colour,context_path\n"
	    "a,\"say \"\"it\"\"; $(x) {id}\",opus,9,x y,red,src; lib ;/opt/x y\n";
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(words_cases); i++) {
		struct scene s;

		print_message("%s\n", words_cases[i].name);
		open_scene(&s, csv, words_cases[i].command);
		open_maker(&s);
		make(&s, 0, 3);
		assert_words(s.command.argv, words_cases[i].want);
		assert_string_equal(s.command.cwd, "/here/src");
		close_scene(&s);
	}
}

static void no_other_context_is_no_word(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "id,task\na,x\n", "p {context} q");
	open_maker(&s);
	make(&s, 0, 1);
	assert_words(s.command.argv, "[p][q]");
	assert_string_equal(s.command.cwd, "/here");
	close_scene(&s);
}

static void the_task_comes_by_stdin_where_no_word_has_it(void **state)
{
	static const struct {
		const char *command;
		bool on_stdin;
	} cases[] = {{"p", true}, {"p {id}", true}, {"p {{task}}", true}, {"p {task}", false},
	    {"p x{task_file}", false}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene s;

		open_scene(&s, "id,task,validate\na,x,true\n", cases[i].command);
		open_maker(&s);
		make(&s, 0, 1);
		assert_int_equal(s.command.task_on_stdin, cases[i].on_stdin);
		/* A validation reads nothing. */
		assert_int_equal(make_kind(&s, 0, 1, RECORD_VALIDATE), 0);
		assert_false(s.command.task_on_stdin);
		close_scene(&s);
	}
}

static void what_a_shell_runs_is_code(void **state)
{
	static const struct {
		const char *command;
		bool is_code;
	} t[] = {{NULL, true}, {"/bin/bash -ec {task} x", true}, {"sh -c", false},
	    {"sh -c 'echo {task}'", false}, {"sh {task}", false}, {"sh -x {task}", false},
	    {"llm -c {task}", false}, {"cat", false}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct scene s;

		open_scene(&s, "id,task\na,exit 3\n", t[i].command);
		open_maker(&s);
		assert_int_equal(command_runs_task(s.maker, 0), t[i].is_code);
		close_scene(&s);
	}
}

static void a_profile_says_what_runs(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "id,task,agent\na,exit 3,\nb,x,sim\n", NULL);
	open_maker(&s);
	make(&s, 0, 1);
	assert_words(s.command.argv, "[sh][-c][exit 3]");
	assert_false(s.command.task_on_stdin);
	assert_string_equal(command_profile(s.maker, 0)->name, "shell");
	make(&s, 1, 1);
	assert_true(s.command.task_on_stdin);
	assert_string_equal(command_profile(s.maker, 1)->name, "sim");
	close_scene(&s);
}

/* ---- a profile's words and variables ------------------------------------------------ */

static const char full_profile[] =
    "{\"command\": [\"tool\", [\"--model\", \"{model}\"], \"{permissions}\","
    "             [\"--add-dir\", \"{context_dir}\"], [\"{model}/{max_turns}\", \"-x\"], "
    "\"{resume}\","
    "             \"-\"],"
    " \"edits\": [\"--ask\", [\"--turns\", \"{max_turns}\"]], \"unattended\": [\"--yolo\"],"
    " \"resume\": [\"resume\", \"{session}\"],"
    " \"env\": {\"T_MODEL\": \"{model}\", \"T_SAFE\": \"1\", \"T_GONE\": null},"
    " \"unattended_env\": {\"T_SAFE\": \"0\"},"
    " \"stall\": 100, \"silent_wait\": 300}";

/* A scene whose rows run that profile. */
static void open_profile_scene(struct scene *s, struct temp_dir *dir, const char *csv)
{
	char *profiles;

	assert_int_equal(temp_dir_make(dir), 0);
	profiles = xasprintf("%s/agent-batch/profiles", dir->path);
	assert_int_equal(dir_make_path(profiles, NULL), 0);
	free(profiles);
	temp_dir_put_str(dir, "agent-batch/profiles/tool.json", full_profile);
	setenv("XDG_CONFIG_HOME", dir->path, 1);
	open_scene(s, csv, NULL);
	free(s->options.agent);
	s->options.agent = xstrdup("tool");
}

static void close_profile_scene(struct scene *s, struct temp_dir *dir)
{
	close_scene(s);
	unsetenv("XDG_CONFIG_HOME");
	temp_dir_remove(dir);
}

static const char *session_of_b(void *ctx, uint32_t row, uint32_t n)
{
	(void)ctx;
	return row == 1 && n == 2 ? "s-1" : NULL;
}

static void optional_words_need_their_columns(void **state)
{
	static const char csv[] = "id,task,model,max_turns,context_path\n"
				  "a,x,opus,9,src;lib;/opt/x y\n"
				  "b,x,,,\n"
				  "c,x,opus,,\n";
	struct temp_dir dir;
	struct scene s;

	(void)state;
	open_profile_scene(&s, &dir, csv);
	open_maker(&s);
	make(&s, 0, 1);
	assert_words(s.command.argv,
	    "[tool][--model][opus][--ask][--turns][9][--add-dir][/here/lib][--add-dir][/opt/x y]"
	    "[opus/9][-x][-]");
	assert_true(s.command.task_on_stdin);
	make(&s, 1, 1);
	assert_words(s.command.argv, "[tool][--ask][-]");
	make(&s, 2, 1);
	assert_words(s.command.argv, "[tool][--model][opus][--ask][-]");
	close_profile_scene(&s, &dir);
}

/* Programs take directories; what is attached to a problem is read by all. */
static void of_a_file_the_directory_is_told(void **state)
{
	struct temp_dir dir;
	struct scene s;

	(void)state;
	open_profile_scene(&s, &dir, "id,task,context_path\na,x,src;/etc/passwd;/etc\nb,x,\n");
	text_list_add(&s.options.attachments, "/usr/bin/env");
	open_maker(&s);
	make(&s, 0, 1);
	assert_words(s.command.argv,
	    "[tool][--ask][--add-dir][/etc][--add-dir][/etc][--add-dir][/usr/bin][-]");
	make(&s, 1, 1);
	assert_words(s.command.argv, "[tool][--ask][--add-dir][/usr/bin][-]");
	close_profile_scene(&s, &dir);
	open_scene(&s, "id,task,context_path\na,x,src;/etc/passwd\n", "p {context} q");
	text_list_add(&s.options.attachments, "/usr/bin/env");
	open_maker(&s);
	make(&s, 0, 1);
	assert_words(s.command.argv, "[p][/etc/passwd][/usr/bin/env][q]");
	close_scene(&s);
}

static void permissions_and_variables_are_those_asked_for(void **state)
{
	struct temp_dir dir;
	struct scene s;

	(void)state;
	setenv("T_GONE", "inherited", 1);
	setenv("T_MODEL", "inherited", 1);
	setenv("T_SAFE", "inherited", 1);
	open_profile_scene(&s, &dir, "id,task,model,validate\na,x,opus,true\nb,x,,\n");
	open_maker(&s);
	make(&s, 0, 1);
	assert_words(s.command.argv, "[tool][--model][opus][--ask][-]");
	assert_string_equal(env_of(&s, "T_MODEL"), "opus");
	assert_string_equal(env_of(&s, "T_SAFE"), "1");
	assert_null(env_of(&s, "T_GONE"));
	make(&s, 1, 1);
	assert_string_equal(env_of(&s, "T_MODEL"), "inherited");
	command_maker_free(s.maker);
	s.options.unattended = true;
	open_maker(&s);
	make(&s, 0, 1);
	assert_words(s.command.argv, "[tool][--model][opus][--yolo][-]");
	assert_string_equal(env_of(&s, "T_SAFE"), "0");
	/* A validation is not the agent. */
	assert_int_equal(make_kind(&s, 0, 1, RECORD_VALIDATE), 0);
	assert_string_equal(env_of(&s, "T_SAFE"), "inherited");
	assert_string_equal(env_of(&s, "T_GONE"), "inherited");
	close_profile_scene(&s, &dir);
	/* Nor is a command of the user's own. */
	open_profile_scene(&s, &dir, "id,task\na,x\n");
	s.options.agent_command = xstrdup("other");
	open_maker(&s);
	make(&s, 0, 1);
	assert_words(s.command.argv, "[other]");
	assert_string_equal(env_of(&s, "T_GONE"), "inherited");
	close_profile_scene(&s, &dir);
	unsetenv("T_GONE");
	unsetenv("T_MODEL");
	unsetenv("T_SAFE");
}

static void a_session_is_gone_on_with_where_it_is_told(void **state)
{
	struct command_maker_opts opts = {.cycle = 0, .session = session_of_b};
	struct temp_dir dir;
	struct scene s;

	(void)state;
	open_profile_scene(&s, &dir, "id,task,validate\na,x,\nb,x,true\n");
	opts.options = &s.options;
	opts.tasks = &s.tasks;
	opts.dir = &s.dir;
	s.maker = command_maker_new(&opts, &s.err);
	assert_non_null(s.maker);
	make(&s, 0, 2);
	assert_words(s.command.argv, "[tool][--ask][-]");
	make(&s, 1, 1);
	assert_words(s.command.argv, "[tool][--ask][-]");
	make(&s, 1, 2);
	assert_words(s.command.argv, "[tool][--ask][resume][s-1][-]");
	assert_int_equal(make_kind(&s, 1, 2, RECORD_VALIDATE), 0);
	assert_words(s.command.argv, "[true]");
	close_profile_scene(&s, &dir);
}

static void who_waits_by_itself_is_not_stalled_before(void **state)
{
	int64_t timeout_ms, stall_ms;
	struct temp_dir dir;
	struct scene s;

	(void)state;
	open_profile_scene(&s, &dir, "id,task\na,x\n");
	open_maker(&s);
	command_limits(s.maker, 0, &timeout_ms, &stall_ms);
	assert_int_equal(stall_ms, 300000);
	s.options.stall_s = 30;
	command_limits(s.maker, 0, &timeout_ms, &stall_ms);
	assert_int_equal(stall_ms, 300000);
	s.options.stall_s = 0; /* never stays never */
	command_limits(s.maker, 0, &timeout_ms, &stall_ms);
	assert_int_equal(stall_ms, 0);
	close_profile_scene(&s, &dir);
}

static void a_command_runs_and_the_rows_profile_judges(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "id,task,agent\na,x,sim\nb,x,\n", "p {task}");
	open_maker(&s);
	make(&s, 0, 1);
	assert_words(s.command.argv, "[p][x]");
	assert_string_equal(command_profile(s.maker, 0)->name, "sim");
	assert_null(command_profile(s.maker, 1));
	close_scene(&s);
}

static void validations_are_filled_as_commands_are(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "id,task,validate,output_file\na,x,grep 'a b' {output_file} {id},out.txt\n",
	    "p {task}");
	open_maker(&s);
	assert_int_equal(make_kind(&s, 0, 1, RECORD_VALIDATE), 0);
	assert_words(s.command.argv, "[grep][a b][out.txt][a]");
	close_scene(&s);
}

/* ---- the environment ----------------------------------------------------------------- */

static void the_environment_is_as_promised(void **state)
{
	struct scene s;

	(void)state;
	setenv("AGENT_BATCH_ID", "of an outer agent", 1);
	setenv("AGENT_BATCH_SECRET", "of an outer agent", 1);
	setenv("AGENT_BATCHES_DIR", "/kept", 1);
	setenv("COMMAND_TEST", "inherited", 1);
	open_scene(&s,
	    "id,task,tags,output_file,context_path,depends_on\na,x,one "
	    "two,out/r.md,src,\nb,y,,,,a\n",
	    "p {task}");
	open_maker(&s);
	make(&s, 0, 3);
	assert_string_equal(env_of(&s, "AGENT_BATCH_DIR"), "/batches/batch-1");
	assert_string_equal(env_of(&s, "AGENT_BATCH_ID"), "a");
	assert_string_equal(env_of(&s, "AGENT_BATCH_ATTEMPT"), "3");
	assert_string_equal(env_of(&s, "AGENT_BATCH_RUN_ATTEMPT"), "10");
	assert_string_equal(env_of(&s, "AGENT_BATCH_CYCLE"), "2");
	assert_string_equal(env_of(&s, "AGENT_BATCH_TASK_FILE"),
	    "/batches/batch-1/attempts/a.3.task");
	assert_string_equal(env_of(&s, "AGENT_BATCH_OUTPUT_FILE"), "/here/src/out/r.md");
	assert_string_equal(env_of(&s, "AGENT_BATCH_TAGS"), "one two");
	assert_string_equal(env_of(&s, "AGENT_BATCH_PARENT_RESULTS"), "");
	assert_null(env_of(&s, "AGENT_BATCH_SECRET"));
	assert_string_equal(env_of(&s, "AGENT_BATCHES_DIR"), "/kept");
	assert_string_equal(env_of(&s, "COMMAND_TEST"), "inherited");
	make(&s, 1, 1);
	assert_string_equal(env_of(&s, "AGENT_BATCH_OUTPUT_FILE"), "");
	assert_string_equal(env_of(&s, "AGENT_BATCH_TAGS"), "");
	assert_string_equal(env_of(&s, "AGENT_BATCH_RUN_ATTEMPT"), "1");
	assert_string_equal(env_of(&s, "AGENT_BATCH_PARENT_RESULTS"), "/batches/batch-1/parents/b");
	close_scene(&s);
	unsetenv("AGENT_BATCH_ID");
	unsetenv("AGENT_BATCH_SECRET");
}

/* ---- bounds ---------------------------------------------------------------------------- */

static void bounds_come_from_row_then_flag_then_profile(void **state)
{
	struct scene s;
	int64_t timeout_ms, stall_ms;

	(void)state;
	open_scene(&s, "id,task,timeout\na,x,1.5\nb,x,\n", NULL);
	open_maker(&s);
	command_limits(s.maker, 0, &timeout_ms, &stall_ms);
	assert_int_equal(timeout_ms, 1500);
	assert_int_equal(stall_ms, 0); /* shell has none */
	command_limits(s.maker, 1, &timeout_ms, &stall_ms);
	assert_int_equal(timeout_ms, 0);
	s.options.timeout_s = 60;
	s.options.stall_s = 0.5;
	command_limits(s.maker, 0, &timeout_ms, &stall_ms);
	assert_int_equal(timeout_ms, 1500);
	assert_int_equal(stall_ms, 500);
	command_limits(s.maker, 1, &timeout_ms, &stall_ms);
	assert_int_equal(timeout_ms, 60000);
	close_scene(&s);
}

/* ---- refusals ------------------------------------------------------------------------------ */

static const struct refusal {
	const char *csv, *command; /* NULL: nothing named anywhere */
	const char *says; /* NULL: not refused */
} refusals[] = {
    {"id,task\na,x\n", "sh {task}", NULL},
    {"id,task\na,x\n", "/bin/sh", NULL},
    {"id,task\na,x\n", NULL, "no agent named"},
    {"id,task,agent\na,x,nobody-has-this\n", NULL, "unknown profile 'nobody-has-this'"},
    {"id,task\na,x\n", "sh {colour}", "colour"},
    {"id,task\na,x\n", "sh 'open", "--agent-command"},
    {"id,task\na,x\n", "", "empty"},
    {"id,task\na,x\n", "   ", "empty"},
    {"id,task\na,x\n", "no-such-program-anywhere {task}", "cannot run 'no-such-program-anywhere'"},
    {"id,task\na,x\n", "/no/such/program {task}", "cannot run '/no/such/program'"},
    {"id,task\na,x\n", "/etc {task}", "cannot run '/etc'"},
    {"id,task\na,x\n", "/etc/passwd {task}", "cannot run '/etc/passwd'"},
    {"id,task\na,x\n", "./no-such-program {task}", "cannot run './no-such-program'"},
    {"id,task,context_path\na,x,/usr\n", "./no-such-program {task}", NULL}, /* differs by row */
    {"id,task,tool\na,x,cat\n", "{tool} {task}", NULL},
    {"id,task,validate\na,x,\nb,x,test {what}\n", "sh {task}", "validate: "},
    {"id,task,validate\na,x,'open\n", "sh {task}", "validate: "},
};

static void what_cannot_run_is_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct refusal *r = &refusals[i];
		struct command_fault fault;
		struct scene s;
		int rc;

		open_scene(&s, r->csv, r->command ? r->command : "-");
		if (!r->command) {
			free(s.options.agent_command);
			s.options.agent_command = NULL;
		}
		s.options.unattended = i % 2; /* it makes no difference */
		rc = command_check(&s.options, &s.tasks, NULL, "t.csv", &fault, &s.err);
		print_message("%s: %s\n", r->command ? r->command : "(none)", s.err.msg);
		assert_int_equal(rc, r->says ? -1 : 0);
		if (r->says)
			assert_non_null(strstr(s.err.msg, r->says));
		close_scene(&s);
	}
}

/* I1: an argument holds 131,071 bytes; by stdin or file there is no bound. */
static void i1_a_long_task_needs_another_way(void **state)
{
	static const struct {
		size_t bytes;
		const char *command;
		bool fits;
	} cases[] = {{131071, "sh {task}", true}, {131072, "sh {task}", false},
	    {131072, "sh x{task}", false}, {131072, "sh {task_file}", true}, {131072, "sh", true}};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf csv = BUF_INIT;
		struct command_fault fault;
		struct scene s;
		size_t k;

		buf_str(&csv, "id,task\nshort,x\nlong,");
		for (k = 0; k < cases[i].bytes; k++)
			buf_ch(&csv, 'x');
		buf_ch(&csv, '\n');
		open_scene(&s, csv.data, cases[i].command);
		assert_int_equal(command_check(&s.options, &s.tasks, NULL, "t.csv", &fault, &s.err),
		    cases[i].fits ? 0 : -1);
		if (!cases[i].fits) {
			assert_int_equal(fault.row, 1);
			assert_int_equal(fault.column, s.tasks.known[COL_TASK]);
			assert_non_null(strstr(s.err.msg, "{task_file}"));
		}
		close_scene(&s);
		buf_release(&csv);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_are_filled_in_one_pass),
	    cmocka_unit_test(no_other_context_is_no_word),
	    cmocka_unit_test(of_a_file_the_directory_is_told),
	    cmocka_unit_test(the_task_comes_by_stdin_where_no_word_has_it),
	    cmocka_unit_test(a_profile_says_what_runs),
	    cmocka_unit_test(optional_words_need_their_columns),
	    cmocka_unit_test(permissions_and_variables_are_those_asked_for),
	    cmocka_unit_test(a_session_is_gone_on_with_where_it_is_told),
	    cmocka_unit_test(who_waits_by_itself_is_not_stalled_before),
	    cmocka_unit_test(a_command_runs_and_the_rows_profile_judges),
	    cmocka_unit_test(validations_are_filled_as_commands_are),
	    cmocka_unit_test(the_environment_is_as_promised),
	    cmocka_unit_test(bounds_come_from_row_then_flag_then_profile),
	    cmocka_unit_test(what_a_shell_runs_is_code),
	    cmocka_unit_test(what_cannot_run_is_refused),
	    cmocka_unit_test(i1_a_long_task_needs_another_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
