#include "engine/judge.h"
#include "exec/shared_patterns.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "formats/tasks_csv.h"
#include "engine/reading.h"
#include "policy/classify.h"
#include "temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define LIMIT "Error: 429 Too Many Requests. Please retry after 30 seconds.\n"
#define RESULT(answer) \
	"{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"" answer \
	"\",\"num_turns\":3,\"total_cost_usd\":0.25}\n"

struct scene {
	struct temp_dir dir;
	struct batch_dir batch_dir;
	struct tasks tasks;
	struct batch batch;
	struct options options;
	struct command_maker *maker;
	struct pattern_base *patterns;
	struct judge *judge;
	struct attempt at;
	struct ev_verdict verdict;
};

static const char *default_agent = "shell";

/* What a role has replied, if it was asked for. */
static bool refuse_reply(void *ctx, const struct buf *reply, char *why, size_t size)
{
	(void)ctx;
	snprintf(why, size, "%zu bytes are no plan", reply->len);
	return false;
}

/* One row, "a", whose directory is the test's own. */
static void open_scene(struct scene *s, const char *output_file)
{
	const struct tasks_read_opts opts = {.file = "t.csv"};
	struct command_maker_opts maker = {.options = &s->options, .tasks = &s->tasks};
	struct judge_opts judge = {
	    .options = &s->options, .batch = &s->batch, .reply_is_good = refuse_reply};
	struct err err = ERR_INIT;
	char csv[256];

	memset(s, 0, sizeof(*s));
	assert_int_equal(temp_dir_make(&s->dir), 0);
	snprintf(csv, sizeof(csv), "id,task,output_file,validate\na,do it,%s%s\n", output_file,
	    strchr(output_file, ',') ? "" : ",");
	assert_int_equal(tasks_read_text(&s->tasks, NULL, csv, strlen(csv), &opts, &err), 0);
	batch_init(&s->batch, &s->tasks, NULL, default_agent, 8);
	options_init(&s->options);
	s->options.agent = xstrdup(default_agent);
	s->options.cwd = xstrdup(s->dir.path);
	s->batch_dir = (struct batch_dir){.fd = s->dir.fd, .path = s->dir.path};
	maker.dir = judge.dir = &s->batch_dir;
	s->maker = command_maker_new(&maker, &err);
	assert_non_null(s->maker);
	judge.commands = s->maker;
	s->patterns = shared_patterns_load(&err);
	assert_non_null(s->patterns);
	judge.patterns = s->patterns;
	s->judge = judge_new(&judge);
	s->at = (struct attempt){
	    .n = 1, .has_ended = true, .how = EXIT_CODE, .started_t = clock_now().wall_ms};
}

static void close_scene(struct scene *s)
{
	judge_free(s->judge);
	pattern_base_free(s->patterns);
	command_maker_free(s->maker);
	options_release(&s->options);
	batch_release(&s->batch);
	tasks_release(&s->tasks);
	temp_dir_remove(&s->dir);
}

/* Judges an attempt that printed what the log holds from `from` on and ended with `code`. */
static enum attempt_class judge(struct scene *s, int64_t from, int code)
{
	struct stat st = {0};
	struct event ev;

	(void)fstatat(s->dir.fd, "agent-a.log", &st, 0);
	s->at.log_from = from;
	s->at.log_to = st.st_size;
	s->at.exit_value = code;
	event_init(&ev, EV_VERDICT);
	(void)judge_attempt(s->judge, 0, &s->at, &ev.verdict); /* not yet: CLASS_NONE */
	s->verdict = ev.verdict;
	return s->verdict.class;
}

static void put_log(struct scene *s, const char *text)
{
	temp_dir_put_str(&s->dir, "agent-a.log", text);
}

static void exit_0_is_believed_where_nothing_is_stronger(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "");
	put_log(&s, "all done\n");
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	assert_int_equal(judge(&s, 0, 1), CLASS_TASK_ERROR);
	close_scene(&s);
}

static void what_it_printed_decides(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "");
	put_log(&s, "working\n" LIMIT);
	assert_int_equal(judge(&s, 0, 1), CLASS_RATE_LIMIT);
	assert_int_equal(s.verdict.retry_after_ms, 30000);
	assert_non_null(strstr(s.verdict.evidence, "429"));
	close_scene(&s);
}

/* X7: what attempt 1 printed is not attempt 2's. */
static void x7_only_its_own_part_of_the_log_is_read(void **state)
{
	static const char first[] = LIMIT;
	struct scene s;

	(void)state;
	open_scene(&s, "");
	put_log(&s, LIMIT);
	temp_dir_append(&s.dir, "agent-a.log", "no luck\n");
	assert_int_equal(judge(&s, (int64_t)strlen(first), 1), CLASS_TASK_ERROR);
	assert_int_equal(judge(&s, 0, 1), CLASS_RATE_LIMIT);
	/* Nor is what comes behind it. */
	s.at.log_from = 0;
	s.at.log_to = 0;
	judge_attempt(s.judge, 0, &s.at, &s.verdict);
	assert_int_equal(s.verdict.class, CLASS_TASK_ERROR);
	close_scene(&s);
}

/* D8: a long log is judged by its end, of which 64 KiB are read. */
static void d8_the_end_of_a_long_log_is_read(void **state)
{
	struct buf log = BUF_INIT;
	struct scene s;
	size_t i;

	(void)state;
	open_scene(&s, "");
	buf_str(&log, LIMIT);
	for (i = 0; i < CLASSIFY_TAIL_BYTES; i++)
		buf_ch(&log, i % 80 == 79 ? '\n' : 'x');
	put_log(&s, log.data);
	assert_int_equal(judge(&s, 0, 1), CLASS_TASK_ERROR);
	buf_str(&log, "\n" LIMIT);
	put_log(&s, log.data);
	assert_int_equal(judge(&s, 0, 1), CLASS_RATE_LIMIT);
	buf_release(&log);
	close_scene(&s);
}

static void a_log_that_is_gone_counts_as_empty(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "");
	s.at.log_from = 0;
	s.at.log_to = 1000;
	s.at.exit_value = 0;
	judge_attempt(s.judge, 0, &s.at, &s.verdict);
	assert_int_equal(s.verdict.class, CLASS_SUCCESS);
	s.at.exit_value = 4;
	judge_attempt(s.judge, 0, &s.at, &s.verdict);
	assert_int_equal(s.verdict.class, CLASS_TASK_ERROR);
	close_scene(&s);
}

/* ---- what a profile says of answers and sums ------------------------------------- */

/* A scene whose rows are of a profile of the test's own. */
static void open_profile_scene(struct scene *s, struct temp_dir *config, const char *json,
    const char *output_file)
{
	char *dir;

	assert_int_equal(temp_dir_make(config), 0);
	dir = xasprintf("%s/agent-batch/profiles", config->path);
	assert_int_equal(dir_make_path(dir, NULL), 0);
	free(dir);
	temp_dir_put_str(config, "agent-batch/profiles/mine.json", json);
	setenv("XDG_CONFIG_HOME", config->path, 1);
	default_agent = "mine";
	open_scene(s, output_file);
	default_agent = "shell";
}

static void close_profile_scene(struct scene *s, struct temp_dir *config)
{
	close_scene(s);
	unsetenv("XDG_CONFIG_HOME");
	temp_dir_remove(config);
}

static void assert_file(const struct scene *s, const char *name, const char *want)
{
	struct buf text = BUF_INIT;

	assert_int_equal(file_read(s->dir.fd, name, 1 << 20, &text, NULL), 0);
	assert_string_equal(text.data, want);
	buf_release(&text);
}

static void an_answer_of_text_fills_the_output(void **state)
{
	struct temp_dir config;
	struct scene s;

	(void)state;
	open_profile_scene(&s, &config,
	    "{\"command\": [\"x\"], \"answer\": {\"skip\": \"^Tokens: \"}}", "out.md");
	put_log(&s, "The answer\nis 4.\nTokens: 1k sent, 20 received.\n");
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	assert_string_equal(s.verdict.answer, "The answer\nis 4.");
	assert_int_equal(s.verdict.tokens_in, 1000);
	assert_file(&s, "out.md", "The answer\nis 4.\n");
	close_profile_scene(&s, &config);
}

static void an_answer_file_goes_before_what_was_printed(void **state)
{
	static const char said[] =
	    "{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\","
	    "\"text\":\"as printed\"}}\n";
	struct temp_dir config;
	struct scene s;

	(void)state;
	open_profile_scene(&s, &config,
	    "{\"command\": [\"x\", \"-o\", \"{answer_file}\"], \"answer\": \"file\"}", "out.md");
	put_log(&s, said);
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	assert_string_equal(s.verdict.answer, "as printed");
	assert_int_equal(mkdirat(s.dir.fd, "attempts", 0700), 0);
	temp_dir_put_str(&s.dir, "attempts/a.1.answer", "\n");
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	assert_string_equal(s.verdict.answer, "as printed"); /* an empty one is none */
	assert_int_equal(unlinkat(s.dir.fd, "out.md", 0), 0);
	temp_dir_put_str(&s.dir, "attempts/a.1.answer", "as written\n\n");
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	assert_string_equal(s.verdict.answer, "as written");
	assert_file(&s, "out.md", "as written\n");
	s.at.n = 2; /* another attempt's is not its own */
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	assert_string_equal(s.verdict.answer, "as printed");
	close_profile_scene(&s, &config);
}

#define STEP \
	"{\"type\":\"step_finish\",\"sessionID\":\"s-1\",\"part\":{\"cost\":0.5," \
	"\"tokens\":{\"input\":10,\"output\":1}}}\n"

/* As many lines as fill a log beyond what one turn may read; returns how many steps are in it. */
static unsigned put_long_log(struct scene *s)
{
	struct buf log = BUF_INIT;
	unsigned steps = 0;

	while (log.len < 5 * READING_STEP_BYTES / 2) {
		size_t end = log.len + 20000;

		buf_str(&log, STEP);
		steps++;
		while (log.len < end)
			buf_str(&log, "a line of its work, as long as such lines are\n");
	}
	put_log(s, log.data);
	buf_release(&log);
	return steps;
}

static void a_sum_is_read_over_all_of_a_long_log(void **state)
{
	struct event ev;
	struct temp_dir config;
	struct scene s;
	unsigned steps, turns = 1;

	(void)state;
	open_profile_scene(&s, &config, "{\"command\": [\"x\"], \"usage\": \"sum\"}", "");
	steps = put_long_log(&s);
	assert_int_equal(judge(&s, 0, 0), CLASS_NONE); /* not yet */
	do {
		event_init(&ev, EV_VERDICT);
		turns++;
	} while (!judge_attempt(s.judge, 0, &s.at, &ev.verdict));
	assert_int_equal(turns, 3);
	assert_int_equal(ev.verdict.class, CLASS_SUCCESS);
	assert_int_equal(ev.verdict.tokens_in, 10 * steps);
	assert_true(ev.verdict.cost_usd == 0.5 * steps);
	assert_string_equal(ev.verdict.session, "s-1");
	close_profile_scene(&s, &config);
}

static void other_profiles_never_read_more_than_the_end(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "");
	put_long_log(&s);
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	assert_int_equal(s.verdict.tokens_in, NUM_NONE); /* half a sum is none */
	close_scene(&s);
}

static void what_was_read_before_a_validation_is_kept_for_after_it(void **state)
{
	struct temp_dir config;
	struct scene s;
	unsigned steps;

	(void)state;
	/* The test's file name is cut at the comma: a validation follows. */
	open_profile_scene(&s, &config, "{\"command\": [\"x\"], \"usage\": \"sum\"}", ",true");
	steps = put_long_log(&s);
	while (judge(&s, 0, 0) == CLASS_NONE)
		;
	assert_int_equal(s.verdict.tokens_in, 10 * steps);
	put_log(&s, ""); /* it is not read again */
	s.at.log_to = 5 * READING_STEP_BYTES / 2;
	judge_attempt(s.judge, 0, &s.at, &s.verdict);
	assert_int_equal(s.verdict.tokens_in, 10 * steps);
	close_profile_scene(&s, &config);
}

static void usage_is_taken_from_its_result(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "");
	put_log(&s, RESULT("42"));
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	assert_string_equal(s.verdict.answer, "42");
	assert_int_equal(s.verdict.turns, 3);
	assert_true(s.verdict.cost_usd > 0.24 && s.verdict.cost_usd < 0.26);
	put_log(&s, "nothing of that kind\n");
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	assert_null(s.verdict.answer);
	assert_true(s.verdict.cost_usd < 0);
	close_scene(&s);
}

/* ---- the output file ------------------------------------------------------------------------ */

static void an_output_file_must_be_there(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "r.md");
	put_log(&s, "all done\n");
	assert_int_equal(judge(&s, 0, 0), CLASS_NO_OUTPUT);
	assert_non_null(s.verdict.message);
	temp_dir_put_str(&s.dir, "r.md", "");
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	/* What failed anyway stays what it is. */
	assert_int_equal(judge(&s, 0, 3), CLASS_TASK_ERROR);
	close_scene(&s);
}

static void one_from_before_the_attempt_is_none(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "r.md");
	put_log(&s, "all done\n");
	temp_dir_put_str(&s.dir, "r.md", "of yesterday");
	s.at.started_t += 60000;
	assert_int_equal(judge(&s, 0, 0), CLASS_NO_OUTPUT);
	close_scene(&s);
}

static void a_directory_is_no_output(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "r.md");
	put_log(&s, RESULT("42"));
	assert_int_equal(mkdirat(s.dir.fd, "r.md", 0700), 0);
	assert_int_equal(judge(&s, 0, 0), CLASS_NO_OUTPUT);
	assert_non_null(strstr(s.verdict.message, "r.md"));
	close_scene(&s);
}

static void the_answer_fills_it(void **state)
{
	struct scene s;
	char *text;

	(void)state;
	open_scene(&s, "sub/r.md");
	put_log(&s, RESULT("forty-two"));
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	text = temp_dir_get(&s.dir, "sub/r.md");
	assert_string_equal(text, "forty-two\n");
	free(text);
	close_scene(&s);
}

static void what_the_agent_wrote_is_not_overwritten(void **state)
{
	struct scene s;
	char *text;

	(void)state;
	open_scene(&s, "r.md");
	put_log(&s, RESULT("I wrote it to r.md."));
	temp_dir_put_str(&s.dir, "r.md", "the report");
	assert_int_equal(judge(&s, 0, 0), CLASS_SUCCESS);
	text = temp_dir_get(&s.dir, "r.md");
	assert_string_equal(text, "the report");
	free(text);
	close_scene(&s);
}

/* S3, S7: a link that somebody planted is not written through. */
static void s3_a_planted_link_is_not_filled(void **state)
{
	struct scene s;
	char *text;

	(void)state;
	open_scene(&s, "r.md");
	put_log(&s, RESULT("42"));
	temp_dir_put_str(&s.dir, "victim", "mine");
	assert_int_equal(symlinkat("victim", s.dir.fd, "r.md"), 0);
	s.at.started_t += 60000; /* the victim is older than the attempt */
	assert_int_equal(judge(&s, 0, 0), CLASS_NO_OUTPUT);
	text = temp_dir_get(&s.dir, "victim");
	assert_string_equal(text, "mine");
	free(text);
	close_scene(&s);
}

/* Who said nothing can be told so and asked again; who failed, failed. */
static void a_role_that_says_nothing_has_replied(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s, "");
	s.options.role = xstrdup("planner");
	assert_int_equal(mkdirat(s.dir.fd, "attempts", 0700), 0);
	put_log(&s, RESULT(""));
	assert_int_equal(judge(&s, 0, 0), CLASS_INVALID);
	assert_string_equal(s.verdict.message,
	    "0 bytes are no plan (the agent ended without an answer)");
	assert_int_equal(judge(&s, 0, 1), CLASS_TASK_ERROR);
	put_log(&s, RESULT("a plan"));
	assert_int_equal(judge(&s, 0, 0), CLASS_INVALID);
	assert_string_equal(s.verdict.message, "6 bytes are no plan");
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(exit_0_is_believed_where_nothing_is_stronger),
	    cmocka_unit_test(what_it_printed_decides),
	    cmocka_unit_test(x7_only_its_own_part_of_the_log_is_read),
	    cmocka_unit_test(d8_the_end_of_a_long_log_is_read),
	    cmocka_unit_test(a_log_that_is_gone_counts_as_empty),
	    cmocka_unit_test(an_answer_of_text_fills_the_output),
	    cmocka_unit_test(an_answer_file_goes_before_what_was_printed),
	    cmocka_unit_test(a_sum_is_read_over_all_of_a_long_log),
	    cmocka_unit_test(other_profiles_never_read_more_than_the_end),
	    cmocka_unit_test(what_was_read_before_a_validation_is_kept_for_after_it),
	    cmocka_unit_test(usage_is_taken_from_its_result),
	    cmocka_unit_test(an_output_file_must_be_there),
	    cmocka_unit_test(one_from_before_the_attempt_is_none),
	    cmocka_unit_test(a_directory_is_no_output),
	    cmocka_unit_test(the_answer_fills_it),
	    cmocka_unit_test(what_the_agent_wrote_is_not_overwritten),
	    cmocka_unit_test(s3_a_planted_link_is_not_filled),
	    cmocka_unit_test(a_role_that_says_nothing_has_replied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
