/* The commands of the profiles that come along, to the letter: what a row with everything runs, with
 * and without --unattended, what a bare row runs, and how a session is gone on with. */
#include "base/buf.h"
#include "base/xalloc.h"
#include "engine/command.h"
#include "exec/profiles.h"
#include "formats/record.h"
#include "formats/tasks_csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ANSWER "/b/batch-1/attempts/a.2.answer"
#define TASK "/b/batch-1/attempts/a.2.task"

static const struct shipped {
	const char *name;
	const char *bare; /* a row with a task and nothing else */
	const char *full; /* with a model, turns and two more directories */
	const char *unattended;
	const char *resumed; /* the full one; NULL: it has no sessions */
	bool on_stdin;
	const char *env[4]; /* NAME=VALUE of the full one, NAME alone: it is not there */
	const char *unattended_env;
} table[] = {
    {"claude", "claude -p --output-format stream-json --verbose --permission-mode acceptEdits",
	"claude -p --output-format stream-json --verbose --model m-1 --max-turns 7 "
	"--add-dir /here/lib --add-dir /opt/x --permission-mode acceptEdits",
	"claude -p --output-format stream-json --verbose --model m-1 --max-turns 7 "
	"--add-dir /here/lib --add-dir /opt/x --dangerously-skip-permissions",
	"claude -p --output-format stream-json --verbose --model m-1 --max-turns 7 "
	"--add-dir /here/lib --add-dir /opt/x --permission-mode acceptEdits --resume s-9",
	true, {"NO_COLOR=1", "CLAUDECODE", "DISABLE_AUTOUPDATER=1", "CLAUDE_CODE_MAX_RETRIES=3"},
	NULL},
    {"codex",
	"codex exec --json --output-last-message " ANSWER
	" --skip-git-repo-check --sandbox workspace-write -",
	"codex exec --json --output-last-message " ANSWER " --skip-git-repo-check --model m-1 "
	"--add-dir /here/lib --add-dir /opt/x --sandbox workspace-write -",
	"codex exec --json --output-last-message " ANSWER " --skip-git-repo-check --model m-1 "
	"--add-dir /here/lib --add-dir /opt/x --dangerously-bypass-approvals-and-sandbox -",
	"codex exec --json --output-last-message " ANSWER " --skip-git-repo-check --model m-1 "
	"--add-dir /here/lib --add-dir /opt/x --sandbox workspace-write resume s-9 -",
	true, {"NO_COLOR=1"}, NULL},
    {"gemini", "gemini --output-format stream-json --approval-mode auto_edit",
	"gemini --output-format stream-json --model m-1 --include-directories /here/lib "
	"--include-directories /opt/x --approval-mode auto_edit",
	"gemini --output-format stream-json --model m-1 --include-directories /here/lib "
	"--include-directories /opt/x --approval-mode yolo",
	"gemini --output-format stream-json --model m-1 --include-directories /here/lib "
	"--include-directories /opt/x --approval-mode auto_edit --resume s-9",
	true, {"NO_COLOR=1", "GEMINI_CLI_TRUST_WORKSPACE=true"}, NULL},
    {"qwen", "qwen --output-format stream-json --approval-mode auto-edit",
	"qwen --output-format stream-json --model m-1 --max-session-turns 7 "
	"--include-directories /here/lib --include-directories /opt/x --approval-mode auto-edit",
	"qwen --output-format stream-json --model m-1 --max-session-turns 7 "
	"--include-directories /here/lib --include-directories /opt/x --approval-mode yolo",
	"qwen --output-format stream-json --model m-1 --max-session-turns 7 "
	"--include-directories /here/lib --include-directories /opt/x --approval-mode auto-edit "
	"--resume s-9",
	true, {"NO_COLOR=1"}, NULL},
    {"opencode", "opencode run --format json", "opencode run --format json --model m-1",
	"opencode run --format json --model m-1 --auto",
	"opencode run --format json --model m-1 --session s-9", true,
	{"NO_COLOR=1", "OPENCODE_DISABLE_AUTOUPDATE=1"}, NULL},
#define AIDER \
	"aider --message-file " TASK " --no-pretty --no-stream --no-fancy-input " \
	"--no-check-update --no-show-release-notes --no-show-model-warnings --no-detect-urls " \
	"--no-suggest-shell-commands --analytics-disable"
    {"aider", AIDER " --yes-always", AIDER " --model m-1 --yes-always",
	AIDER " --model m-1 --yes-always", NULL, false, {"NO_COLOR=1"}, NULL},
    {"goose", "goose run --quiet --no-session --output-format stream-json --instructions -",
	"goose run --quiet --no-session --output-format stream-json --max-turns 7 --instructions -",
	"goose run --quiet --no-session --output-format stream-json --max-turns 7 --instructions -",
	NULL, true, {"NO_COLOR=1", "GOOSE_MODE=smart_approve", "GOOSE_MODEL=m-1"},
	"GOOSE_MODE=auto"},
    {"cursor", "cursor-agent -p --output-format stream-json --trust -- do it",
	"cursor-agent -p --output-format stream-json --model m-1 --trust -- do it",
	"cursor-agent -p --output-format stream-json --model m-1 --trust --force -- do it",
	"cursor-agent -p --output-format stream-json --model m-1 --trust --resume s-9 -- do it",
	false, {"NO_COLOR=1"}, NULL},
#define COPILOT "copilot --output-format json --no-auto-update --no-color"
#define COPILOT_FULL \
	COPILOT " --model m-1 --add-dir /here/lib --add-dir /opt/x --max-autopilot-continues 7"
    {"copilot", COPILOT " --allow-tool=write --prompt=do it",
	COPILOT_FULL " --allow-tool=write --prompt=do it",
	COPILOT_FULL " --allow-all-tools --prompt=do it",
	COPILOT_FULL " --allow-tool=write --resume=s-9 --prompt=do it", false, {"NO_COLOR=1"},
	NULL},
    {"grok", "grok --prompt=do it", "grok --model m-1 --max-tool-rounds 7 --prompt=do it",
	"grok --model m-1 --max-tool-rounds 7 --prompt=do it", NULL, false, {"NO_COLOR=1"}, NULL},
    {"amp", "amp --execute --stream-json", "amp --execute --stream-json --mode m-1",
	"amp --execute --stream-json --mode m-1 --dangerously-allow-all", NULL, true,
	{"NO_COLOR=1"}, NULL},
    {"llm", "llm prompt --usage --no-stream", "llm prompt --usage --no-stream --model m-1",
	"llm prompt --usage --no-stream --model m-1", NULL, true, {"NO_COLOR=1"}, NULL},
    {"pi", "pi -p --mode json", "pi -p --mode json --model m-1", "pi -p --mode json --model m-1",
	"pi -p --mode json --model m-1 --session s-9", true, {"NO_COLOR=1"}, NULL},
    {"cn", "cn -p --format json --allow Edit --allow MultiEdit --allow Write -- do it",
	"cn -p --format json --model m-1 --allow Edit --allow MultiEdit --allow Write -- do it",
	"cn -p --format json --model m-1 --auto -- do it", NULL, false, {"NO_COLOR=1"}, NULL},
};

static const char *session(void *ctx, uint32_t row, uint32_t n)
{
	(void)row;
	(void)n;
	return *(bool *)ctx ? "s-9" : NULL;
}

static const char full_csv[] = "id,task,model,max_turns,context_path\n"
			       "a,do it,m-1,7,src;lib;/opt/x\n";
static const char bare_csv[] = "id,task\na,do it\n";

static void make(const char *agent, const char *csv, bool unattended, bool resumes,
    struct command *out)
{
	const struct tasks_read_opts read = {.file = "t.csv"};
	struct batch_dir dir = {.fd = -1, .path = (char *)"/b/batch-1"};
	struct attempt_ref ref = {.n = 2, .kind = RECORD_AGENT};
	struct command_maker_opts opts = {.dir = &dir, .session = session, .ctx = &resumes};
	struct command_maker *maker;
	struct options options;
	struct tasks tasks;
	struct err err = ERR_INIT;

	assert_int_equal(tasks_read_text(&tasks, NULL, csv, strlen(csv), &read, &err), 0);
	options_init(&options);
	options.cwd = xstrdup("/here");
	options.agent = xstrdup(agent);
	options.unattended = unattended;
	opts.options = &options;
	opts.tasks = &tasks;
	maker = command_maker_new(&opts, &err);
	if (!maker || command_make(maker, 0, ref, out, &err) != 0)
		fail_msg("%s: %s", agent, err.msg);
	command_maker_free(maker);
	options_release(&options);
	tasks_release(&tasks);
}

static void assert_command(const struct command *c, const char *want)
{
	struct buf got = BUF_INIT;
	size_t i;

	for (i = 0; c->argv[i]; i++)
		buf_fmt(&got, "%s%s", i ? " " : "", c->argv[i]);
	assert_string_equal(got.data, want);
	buf_release(&got);
}

static void assert_env(const struct command *c, const char *want)
{
	size_t len = strcspn(want, "=");
	char **e;

	for (e = c->env; *e; e++)
		if (strncmp(*e, want, len) == 0 && (*e)[len] == '=')
			break;
	if (want[len])
		assert_string_equal(*e ? *e : "(not there)", want);
	else
		assert_null(*e);
}

static void check(const struct shipped *s)
{
	struct command c;
	size_t i;

	make(s->name, bare_csv, false, false, &c);
	assert_command(&c, s->bare);
	assert_int_equal(c.task_on_stdin, s->on_stdin);
	command_release(&c);
	make(s->name, full_csv, false, false, &c);
	assert_command(&c, s->full);
	assert_string_equal(c.cwd, "/here/src");
	for (i = 0; i < ARRAY_LEN(s->env) && s->env[i]; i++)
		assert_env(&c, s->env[i]);
	command_release(&c);
	make(s->name, full_csv, true, false, &c);
	assert_command(&c, s->unattended);
	if (s->unattended_env)
		assert_env(&c, s->unattended_env);
	command_release(&c);
	make(s->name, full_csv, false, true, &c);
	assert_command(&c, s->resumed ? s->resumed : s->full);
	command_release(&c);
}

static void each_runs_what_its_program_wants(void **state)
{
	size_t i;

	(void)state;
	setenv("CLAUDECODE", "1", 1); /* started from within another agent */
	setenv("GOOSE_MODE", "auto", 1); /* what is in the environment gives no rights */
	for (i = 0; i < ARRAY_LEN(table); i++) {
		print_message("%s\n", table[i].name);
		check(&table[i]);
	}
	unsetenv("CLAUDECODE");
	unsetenv("GOOSE_MODE");
}

/* Whoever adds a profile adds it here. */
static void none_is_forgotten(void **state)
{
	char **names;
	size_t nr, i, k;

	(void)state;
	setenv("XDG_CONFIG_HOME", "/no/such/place", 1);
	assert_int_equal(profile_list(&names, &nr, NULL), 0);
	for (i = 0; i < nr; i++) {
		for (k = 0; k < ARRAY_LEN(table) && strcmp(table[k].name, names[i]) != 0; k++)
			;
		if (k == ARRAY_LEN(table) && strcmp(names[i], "sim") != 0)
			assert_string_equal(names[i], "shell");
		free(names[i]);
	}
	free(names);
}

/* A model that thinks is silent for long; a run that hangs must end. */
static void all_have_bounds_and_a_description(void **state)
{
	struct profile p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		assert_int_equal(profile_load(table[i].name, &p, NULL), 0);
		assert_float_equal(p.timeout_s, 4 * 3600, 0);
		assert_float_equal(p.stall_s, 30 * 60, 0);
		assert_non_null(p.description);
		profile_release(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_runs_what_its_program_wants),
	    cmocka_unit_test(none_is_forgotten),
	    cmocka_unit_test(all_have_bounds_and_a_description),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
