#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"
#include "formats/options_json.h"
#include "base/xalloc.h"
#include "model/event.h"

#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define WORDS_MAX 64

/* Parses words split at blanks. */
static int parse(struct cli_args *a, enum command_id command, const char *line, struct err *err)
{
	static char text[1024];
	static char *argv[WORDS_MAX];
	int argc = 0;
	char *s, *state = NULL;

	snprintf(text, sizeof(text), "%s", line);
	for (s = strtok_r(text, " ", &state); s; s = strtok_r(NULL, " ", &state))
		argv[argc++] = s;
	return cli_args_parse(a, command, argc, argv, err);
}

static void defaults_are_the_manuals(void **state)
{
	struct cli_args a;
	const struct options *o = &a.options;

	(void)state;
	assert_int_equal(parse(&a, CMD_LAUNCH, "tasks.csv", NULL), 0);
	assert_false(o->auto_retry);
	assert_int_equal(o->max_retries, 5);
	assert_int_equal(o->jobs, 8);
	assert_int_equal(o->attempts, 5);
	assert_float_equal(o->backoff.initial_s, 5, 0);
	assert_float_equal(o->backoff.factor, 3, 0);
	assert_float_equal(o->backoff.cap_s, 300, 0);
	assert_float_equal(o->grace_s, 10, 0);
	assert_float_equal(o->max_wait_s, 86400, 0);
	assert_float_equal(o->timeout_s, TIME_BY_PROFILE, 0);
	assert_float_equal(o->stall_s, TIME_BY_PROFILE, 0);
	assert_int_equal(o->retry_on, 0);
	assert_false(o->keep_leftovers);
	assert_int_equal(a.nr_words, 1);
	assert_string_equal(a.words[0], "tasks.csv");
	cli_args_release(&a);
}

static void options_stand_anywhere(void **state)
{
	struct cli_args a;

	(void)state;
	assert_int_equal(parse(&a, CMD_LAUNCH,
			     "--auto-retry tasks.csv --max-retries 8 -j4 --attempts=2", NULL),
	    0);
	assert_true(a.options.auto_retry);
	assert_int_equal(a.options.max_retries, 8);
	assert_int_equal(a.options.jobs, 4);
	assert_int_equal(a.options.attempts, 2);
	assert_int_equal(a.nr_words, 1);
	assert_true(cli_given(&a, "jobs"));
	assert_false(cli_given(&a, "timeout"));
	cli_args_release(&a);
}

static void two_dashes_end_the_options(void **state)
{
	struct cli_args a;

	(void)state;
	assert_int_equal(parse(&a, CMD_LAUNCH, "-j 0 -- --auto-retry -", NULL), 0);
	assert_false(a.options.auto_retry);
	assert_int_equal(a.options.jobs, 0);
	assert_int_equal(a.nr_words, 2);
	assert_string_equal(a.words[0], "--auto-retry");
	assert_string_equal(a.words[1], "-");
	cli_args_release(&a);
}

static void a_single_dash_is_a_word(void **state)
{
	struct cli_args a;

	(void)state;
	assert_int_equal(parse(&a, CMD_LAUNCH, "-", NULL), 0);
	assert_int_equal(a.nr_words, 1);
	cli_args_release(&a);
}

static void values_take_their_forms(void **state)
{
	struct cli_args a;
	const struct options *o = &a.options;

	(void)state;
	assert_int_equal(
	    parse(&a, CMD_LAUNCH,
		"x --timeout 1.5 --stall 2m --grace .1 --max-wait 2d --backoff 0.1:2:1 "
		"--jitter 20% --retry-on auth,config --retry-on budget --leftovers keep "
		"--unattended --executor local --output jsonl --color never "
		"--halt soon,fail=10% --budget $12.50 --budget-tokens 1.5M --budget-hard "
		"--give-up-after 3 "
		"--min-free-mem 1.5G",
		NULL),
	    0);
	assert_float_equal(o->timeout_s, 1.5, 0);
	assert_float_equal(o->stall_s, 120, 0);
	assert_float_equal(o->grace_s, 0.1, 0);
	assert_float_equal(o->max_wait_s, 172800, 0);
	assert_float_equal(o->backoff.initial_s, 0.1, 0);
	assert_float_equal(o->backoff.factor, 2, 0);
	assert_float_equal(o->backoff.cap_s, 1, 0);
	assert_float_equal(o->jitter_pct, 20, 0);
	assert_int_equal(o->retry_on, 1u << CLASS_AUTH | 1u << CLASS_CONFIG | 1u << CLASS_BUDGET);
	assert_true(o->keep_leftovers);
	assert_true(o->unattended);
	assert_string_equal(o->halt, "soon,fail=10%");
	assert_float_equal(o->budget_usd, 12.5, 0);
	assert_float_equal(o->budget_tokens, 1500000, 0);
	assert_true(o->budget_hard);
	assert_int_equal(o->give_up_after, 3);
	assert_float_equal(o->min_free_mem, 1610612736, 0);
	assert_int_equal(a.front.output, OUTPUT_JSONL);
	assert_int_equal(a.front.color, COLOR_NEVER);
	cli_args_release(&a);
}

/* What the command line takes, the manifest does, too: the conductor reads it from there. */
static void the_longest_time_survives_the_manifest(void **state)
{
	struct cli_args a;
	struct options back;
	struct buf text = BUF_INIT;
	struct jsonw w;

	(void)state;
	assert_int_equal(parse(&a, CMD_LAUNCH,
			     "x --timeout 1000000000 --max-wait 11574d --min-free-mem 900T "
			     "--budget-tokens 1000000000000000",
			     NULL),
	    0);
	jsonw_init(&w, &text, 0);
	options_format(&a.options, &w);
	options_init(&back);
	assert_int_equal(options_parse(text.data, &back, NULL), 0);
	assert_float_equal(back.timeout_s, 1e9, 0);
	assert_float_equal(back.max_wait_s, 11574 * 86400.0, 0);
	assert_float_equal(back.min_free_mem, a.options.min_free_mem, 0);
	assert_float_equal(back.budget_tokens, 1e15, 0);
	options_release(&back);
	buf_release(&text);
	cli_args_release(&a);
}

static void faults_name_the_option(void **state)
{
	static const struct {
		enum command_id command;
		const char *line, *message;
	} rows[] = {
	    {CMD_LAUNCH, "--jobs x", "option '--jobs' wants a whole number, not 'x'"},
	    {CMD_LAUNCH, "-j -1", "option '--jobs' wants a whole number, not '-1'"},
	    {CMD_LAUNCH, "--jobs 3000000000",
		"option '--jobs' wants a whole number, not '3000000000'"},
	    {CMD_LAUNCH, "--attempts 0",
		"option '--attempts' wants a whole number above 0, not '0'"},
	    {CMD_LAUNCH, "--timeout 5x",
		"option '--timeout' wants seconds (90, 1.5) or 15m, 4h, 2d, not '5x'"},
	    {CMD_LAUNCH, "--timeout -5",
		"option '--timeout' wants seconds (90, 1.5) or 15m, 4h, 2d, not '-5'"},
	    {CMD_LAUNCH, "--timeout nan",
		"option '--timeout' wants seconds (90, 1.5) or 15m, 4h, 2d, not 'nan'"},
	    {CMD_LAUNCH, "--timeout 0x10",
		"option '--timeout' wants seconds (90, 1.5) or 15m, 4h, 2d, not '0x10'"},
	    {CMD_LAUNCH, "--max-wait 20000d",
		"option '--max-wait' wants seconds (90, 1.5) or 15m, 4h, 2d, not '20000d'"},
	    {CMD_LAUNCH, "--backoff 5:3",
		"option '--backoff' wants INITIAL:FACTOR:CAP in seconds, as 5:3:300, not '5:3'"},
	    {CMD_LAUNCH, "--jitter 2000",
		"option '--jitter' wants per cent from 0 to 1000, not '2000'"},
	    {CMD_LAUNCH, "--leftovers maybe", "option '--leftovers' wants kill|keep, not 'maybe'"},
	    {CMD_LAUNCH, "--halt soon",
		"option '--halt' wants never, or soon or now with fail=N, fail=P%, success=N or "
		"done=N, as soon,fail=10%, not 'soon'"},
	    {CMD_LAUNCH, "--budget 5EUR",
		"option '--budget' wants dollars, as 20 or 0.50, not '5EUR'"},
	    {CMD_RESUME, "--budget -1", "option '--budget' wants dollars, as 20 or 0.50, not '-1'"},
	    {CMD_LAUNCH, "--budget-tokens 1x",
		"option '--budget-tokens' wants a number, as 500000, 200k or 1.5M, not '1x'"},
	    {CMD_LAUNCH, "--output xml", "option '--output' wants text|jsonl, not 'xml'"},
	    {CMD_LAUNCH, "--agent=", "option '--agent' wants text, not ''"},
	    {CMD_LAUNCH, "--retry-on nonsense",
		"option '--retry-on': there is no class 'nonsense'"},
	    {CMD_LAUNCH, "--retry-on auth,cancelled",
		"option '--retry-on': 'cancelled' is nothing to try again"},
	    {CMD_LAUNCH, "--max-retries", "option '--max-retries' wants a value: --max-retries N"},
	    {CMD_LAUNCH, "-j", "option '-j' wants a value: -j N"},
	    {CMD_LAUNCH, "--auto-retry=yes",
		"option '--auto-retry' takes no value but true or false"},
	    {CMD_LAUNCH, "--auto-retr",
		"unknown option '--auto-retr' (did you mean '--auto-retry'?)"},
	    {CMD_LAUNCH, "--backof=1:2:3", "unknown option '--backof' (did you mean '--backoff'?)"},
	    {CMD_LAUNCH, "--marx-tetries 3",
		"unknown option '--marx-tetries' (did you mean '--max-retries'?)"},
	    {CMD_LAUNCH, "--jbos 3", "unknown option '--jbos' (did you mean '--jobs'?)"},
	    {CMD_WAIT, "--jbos 3", "unknown option '--jbos'"},
	    {CMD_LAUNCH, "--j", "unknown option '--j'"},
	    {CMD_LAUNCH, "-x", "unknown option '-x'"},
	    {CMD_LAUNCH, "--json", "option '--json' is not one of this command's"},
	    {CMD_LAUNCH, "--executor slurm", "option '--executor slurm' is not in this version"},
	    {CMD_RESUME, "--planner claude", "option '--planner' is not one of this command's"},
	    {CMD_CLASSIFY, "--exit -1", "option '--exit' wants a whole number, not '-1'"},
	    {CMD_STATUS, "--auto-retry", "option '--auto-retry' is not one of this command's"},
	    {CMD_MONITOR, "--at tomorrow", "option '--at' wants Unix seconds, not 'tomorrow'"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct cli_args a;
		struct err err = ERR_INIT;

		if (parse(&a, rows[i].command, rows[i].line, &err) == 0)
			fail_msg("accepted: %s", rows[i].line);
		assert_string_equal(err.msg, rows[i].message);
		cli_args_release(&a);
	}
}

static void one_name_means_what_its_command_says(void **state)
{
	struct cli_args a;

	(void)state;
	assert_int_equal(parse(&a, CMD_CLASSIFY, "--agent claude --exit 137 --now 1795262400",
			     NULL),
	    0);
	assert_string_equal(a.front.agent, "claude");
	assert_null(a.options.agent);
	assert_int_equal(a.front.exit, 137);
	assert_int_equal(a.front.now_s, 1795262400);
	cli_args_release(&a);
	assert_int_equal(parse(&a, CMD_LAUNCH, "--agent claude", NULL), 0);
	assert_string_equal(a.options.agent, "claude");
	cli_args_release(&a);
}

static void overlay_sets_only_what_was_given(void **state)
{
	struct cli_args a;
	struct options o;

	(void)state;
	options_init(&o);
	o.jobs = 3;
	o.attempts = 2;
	o.agent = xstrdup("sim");
	o.retry_on = 1u << CLASS_AUTH;
	assert_int_equal(parse(&a, CMD_RETRY,
			     "--launch --jobs 7 --agent shell --retry-on budget --no-tui", NULL),
	    0);
	cli_args_overlay(&a, &o);
	assert_int_equal(o.jobs, 7);
	assert_int_equal(o.attempts, 2);
	assert_string_equal(o.agent, "shell");
	assert_int_equal(o.retry_on, 1u << CLASS_AUTH | 1u << CLASS_BUDGET);
	assert_true(a.front.launch);
	cli_args_release(&a);
	options_release(&o);
}

static void no_name_or_letter_is_twice_in_a_command(void **state)
{
	size_t nr, i, k;
	const struct option_def *d = option_table(&nr);

	(void)state;
	for (i = 0; i < nr; i++) {
		for (k = i + 1; k < nr; k++) {
			if (!(d[i].commands & d[k].commands))
				continue;
			assert_string_not_equal(d[i].name, d[k].name);
			assert_true(d[i].letter == 0 || d[i].letter != d[k].letter);
		}
	}
}

static void help_shows_every_option_once(void **state)
{
	size_t nr_commands, nr_options, i, k;
	const struct command *c = command_table(&nr_commands);
	const struct option_def *d = option_table(&nr_options);

	(void)state;
	for (i = 0; i < nr_commands; i++) {
		struct buf text = BUF_INIT;

		help_command(&c[i], &(struct config){0}, &text);
		for (k = 0; k < nr_options; k++) {
			char *flag = xasprintf("  --%s ", d[k].name);
			char *with_letter =
			    xasprintf("-%c, --%s ", d[k].letter ? d[k].letter : '?', d[k].name);
			char *bare = xasprintf("--%s\n", d[k].name);
			bool is_shown = strstr(text.data, flag) || strstr(text.data, with_letter) ||
			    strstr(text.data, bare);

			if (option_is_of(&d[k], c[i].id))
				assert_int_equal(is_shown, d[k].help != NULL);
			free(flag);
			free(with_letter);
			free(bare);
		}
		buf_release(&text);
	}
}

static void help_keeps_to_the_width(void **state)
{
	size_t nr, i;
	const struct command *c = command_table(&nr);

	(void)state;
	for (i = 0; i < nr; i++) {
		struct buf text = BUF_INIT;
		const char *s;

		help_command(&c[i], &(struct config){0}, &text);
		for (s = text.data; *s; s += strcspn(s, "\n") + 1)
			assert_true(strcspn(s, "\n") <= 100);
		buf_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults_are_the_manuals),
	    cmocka_unit_test(options_stand_anywhere),
	    cmocka_unit_test(two_dashes_end_the_options),
	    cmocka_unit_test(a_single_dash_is_a_word),
	    cmocka_unit_test(values_take_their_forms),
	    cmocka_unit_test(the_longest_time_survives_the_manifest),
	    cmocka_unit_test(faults_name_the_option),
	    cmocka_unit_test(one_name_means_what_its_command_says),
	    cmocka_unit_test(overlay_sets_only_what_was_given),
	    cmocka_unit_test(no_name_or_letter_is_twice_in_a_command),
	    cmocka_unit_test(help_shows_every_option_once),
	    cmocka_unit_test(help_keeps_to_the_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
