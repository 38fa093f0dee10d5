/* Runs the simulated agent as a conductor would, and reads its output as policy does. */
#include "base/buf.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "model/event.h"
#include "exec/shared_patterns.h"
#include "policy/classify.h"
#include "policy/harvest.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define DEADLINE_S 20

static char program[4096];
static char dir[] = "/tmp/sim_agent_test.XXXXXX";
static struct pattern_base *base;
static struct classifier *classifier;

static int setup(void **state)
{
	(void)state;
	snprintf(program, sizeof(program), "%s/../../libexec/agent-batch/agent-batch-sim",
	    exe_dir());
	base = shared_patterns_load(NULL);
	classifier = base ? classifier_new(NULL, base, NULL) : NULL;
	return classifier && access(program, X_OK) == 0 && mkdtemp(dir) ? 0 : -1;
}

static void remove_tree(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)remove(path);
}

static int teardown(void **state)
{
	(void)state;
	classifier_free(classifier);
	pattern_base_free(base);
	remove_tree("log");
	remove_tree("stdin");
	remove_tree("out/deep/report.md");
	remove_tree("out/deep");
	remove_tree("out");
	return rmdir(dir);
}

/* ---- one run ------------------------------------------------------------ */

struct run {
	const char *task; /* as argument */
	const char *input; /* on stdin, where there is no task */
	const char *env[5]; /* NAME=VALUE, then NULL */
};

static int open_in_dir(const char *name, int flags)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, flags | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	return fd;
}

static pid_t start(const struct run *r)
{
	char *argv[] = {program, (char *)r->task, NULL};
	posix_spawn_file_actions_t actions;
	int in = open_in_dir("stdin", O_RDWR | O_CREAT | O_TRUNC);
	int out = open_in_dir("log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND);
	pid_t pid;

	if (r->input)
		assert_int_equal(write_all(in, r->input, strlen(r->input)), 0);
	assert_int_equal(lseek(in, 0, SEEK_SET), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, out, 2);
	assert_int_equal(posix_spawn(&pid, program, &actions, NULL, argv, (char **)r->env), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(in);
	close(out);
	return pid;
}

static void read_log(struct buf *log)
{
	int fd = open_in_dir("log", O_RDONLY);

	buf_reset(log);
	assert_int_equal(file_read_fd(fd, 1 << 20, log, NULL), 0);
	close(fd);
}

static struct ev_exit end_of(pid_t pid)
{
	struct ev_exit exit = {.how = EXIT_CODE};
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		exit.how = EXIT_SIGNAL;
		exit.value = WTERMSIG(status);
	} else {
		exit.value = WEXITSTATUS(status);
	}
	return exit;
}

static struct ev_exit run(const struct run *r, struct buf *log)
{
	struct ev_exit exit = end_of(start(r));

	read_log(log);
	return exit;
}

static struct verdict judge(struct ev_exit exit, const struct buf *log)
{
	struct ended e = {.exit = exit, .tail = log->data, .tail_len = log->len};
	struct verdict v;

	classify(classifier, &e, &v);
	return v;
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Until the log holds `text`: the agent is that far. */
static void wait_for_text(const char *text)
{
	struct buf log = BUF_INIT;
	double began = now_s();

	do {
		read_log(&log);
		if (now_s() - began > DEADLINE_S)
			fail_msg("'%s' was not printed within %d s", text, DEADLINE_S);
		nanosleep(&(struct timespec){0, 2000000}, NULL);
	} while (!strstr(log.data, text));
	buf_release(&log);
}

static unsigned count_lines(const struct buf *log)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < log->len; i++)
		n += log->data[i] == '\n';
	return n;
}

/* ---- ends --------------------------------------------------------------- */

/* Four ids, so that the words of either service come up. */
static void every_outcome_is_recognised_as_what_it_is(void **state)
{
	static const struct {
		const char *outcome;
		enum attempt_class class;
		int64_t wait_ms;
	} table[] = {
	    {"ok", CLASS_SUCCESS, NUM_NONE},
	    {"no_output", CLASS_SUCCESS, NUM_NONE},
	    {"fail", CLASS_TASK_ERROR, NUM_NONE},
	    {"429", CLASS_RATE_LIMIT, 7500},
	    {"529", CLASS_RATE_LIMIT, NUM_NONE},
	    {"500", CLASS_TRANSIENT, NUM_NONE},
	    {"503", CLASS_TRANSIENT, NUM_NONE},
	    {"network", CLASS_TRANSIENT, NUM_NONE},
	    {"auth", CLASS_AUTH, NUM_NONE},
	    {"budget", CLASS_BUDGET, NUM_NONE},
	    {"usage", CLASS_USAGE_LIMIT, NUM_NONE},
	    {"refusal", CLASS_REFUSAL, NUM_NONE},
	    {"overflow", CLASS_CONTEXT_OVERFLOW, NUM_NONE},
	    {"config", CLASS_CONFIG, NUM_NONE},
	    {"max_turns", CLASS_MAX_TURNS, NUM_NONE},
	    {"crash", CLASS_CRASH, NUM_NONE},
	    {"bogus", CLASS_CONFIG, NUM_NONE},
	};
	static const char *const ids[] = {"a", "b", "c", "d"};
	struct buf log = BUF_INIT;
	size_t i, k;

	(void)state;
	for (i = 0; i < N(table); i++) {
		for (k = 0; k < N(ids); k++) {
			char task[128], id[32];
			struct run r = {.task = task, .env = {id}};
			struct verdict v;

			snprintf(id, sizeof(id), "AGENT_BATCH_ID=%s", ids[k]);
			snprintf(task, sizeof(task),
			    "Sort it [[sim outcomes=%s duration=0 lines=2 retry-after=7.5]]",
			    table[i].outcome);
			v = judge(run(&r, &log), &log);
			if (v.class != table[i].class || v.retry_after_ms != table[i].wait_ms)
				fail_msg("%s: %s, %lld ms\n%s", table[i].outcome,
				    class_name(v.class), (long long)v.retry_after_ms, log.data);
		}
	}
	buf_release(&log);
}

static void a_usage_window_resets_when_it_was_told_to(void **state)
{
	struct run r = {.task = "x [[sim outcomes=usage retry-after=90 duration=0]]"};
	struct buf log = BUF_INIT;
	int64_t before_t = (int64_t)time(NULL) * 1000, after_t;
	struct verdict v = judge(run(&r, &log), &log);

	(void)state;
	after_t = (int64_t)time(NULL) * 1000 + 1000;
	assert_in_range(v.reset_at_t, before_t + 90000, after_t + 91000);
	buf_release(&log);
}

static void a_crash_is_a_real_signal(void **state)
{
	struct run r = {.task = "x [[sim outcomes=crash duration=0]]"};
	struct buf log = BUF_INIT;
	struct ev_exit exit = run(&r, &log);

	(void)state;
	assert_int_equal(exit.how, EXIT_SIGNAL);
	assert_int_equal(exit.value, SIGSEGV);
	buf_release(&log);
}

static void term_ends_it_at_once_by_that_signal(void **state)
{
	static const char *const tasks[] = {"Write words [[sim duration=60 lines=3000]]",
	    "Write words [[sim outcomes=hang duration=0]]",
	    "Write words [[sim outcomes=timeout duration=0]]"};
	size_t i;

	(void)state;
	for (i = 0; i < N(tasks); i++) {
		struct run r = {.task = tasks[i]};
		pid_t pid = start(&r);
		double began;
		struct ev_exit exit;

		wait_for_text("\n");
		began = now_s();
		kill(pid, SIGTERM);
		exit = end_of(pid);
		assert_int_equal(exit.how, EXIT_SIGNAL);
		assert_int_equal(exit.value, SIGTERM);
		assert_true(now_s() - began < 5);
	}
}

/* ---- choosing ----------------------------------------------------------- */

static void attempts_and_cycles_choose_the_outcome(void **state)
{
	static const struct {
		const char *directives, *attempt, *cycle;
		enum attempt_class class;
	} table[] = {
	    {"outcomes=429,500,ok", "1", "0", CLASS_RATE_LIMIT},
	    {"outcomes=429,500,ok", "2", "0", CLASS_TRANSIENT},
	    {"outcomes=429,500,ok", "3", "0", CLASS_SUCCESS},
	    {"outcomes=429,500,auth", "9", "0", CLASS_AUTH},
	    {"outcomes=task_error,rate_limit", "1", "0", CLASS_TASK_ERROR},
	    {"outcomes=task_error,rate_limit", "2", "0", CLASS_RATE_LIMIT},
	    {"cycles=fail,fail,ok", "1", "0", CLASS_TASK_ERROR},
	    {"cycles=fail,fail,ok", "7", "1", CLASS_TASK_ERROR},
	    {"cycles=fail,fail,ok", "8", "2", CLASS_SUCCESS},
	    {"cycles=fail,fail,ok", "9", "3", CLASS_SUCCESS},
	    {"cycles=fail,ok outcomes=429,429,500", "1", "0", CLASS_TASK_ERROR},
	    {"cycles=fail,ok outcomes=429,429,500", "2", "1", CLASS_RATE_LIMIT},
	    {"cycles=fail,ok outcomes=429,429,500", "3", "1", CLASS_TRANSIENT},
	    {"outcomes=auth]] and [[sim duration=0 outcomes=refusal", "1", "0", CLASS_REFUSAL},
	};
	struct buf log = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++) {
		char task[160], attempt[64], cycle[64];
		struct run r = {.task = task, .env = {attempt, cycle, "AGENT_BATCH_ID=x"}};

		snprintf(task, sizeof(task), "Go [[sim duration=0 %s]]", table[i].directives);
		snprintf(attempt, sizeof(attempt), "AGENT_BATCH_RUN_ATTEMPT=%s", table[i].attempt);
		snprintf(cycle, sizeof(cycle), "AGENT_BATCH_CYCLE=%s", table[i].cycle);
		if (judge(run(&r, &log), &log).class != table[i].class)
			fail_msg("%s attempt %s cycle %s: %s", table[i].directives,
			    table[i].attempt, table[i].cycle, log.data);
	}
	buf_release(&log);
}

static void a_directive_it_does_not_know_is_a_bad_flag(void **state)
{
	static const char *const bad[] = {"x [[sim colour=red]]", "x [[sim duration=fast]]",
	    "x [[sim lines=1.5]]", "x [[sim outcomes=]]", "x [[sim outcomes=ok,,ok]]",
	    "x [[sim hello]]", "x [[sim duration=-1]]"};
	struct buf log = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < N(bad); i++) {
		struct run r = {.task = bad[i]};
		struct ev_exit exit = run(&r, &log);

		assert_int_equal(exit.value, 2);
		assert_int_equal(judge(exit, &log).class, CLASS_CONFIG);
	}
	buf_release(&log);
}

static void what_is_no_directive_is_part_of_the_task(void **state)
{
	static const char *const tasks[] = {
	    "[[simple colour=red]]", "[[sim colour=red", "[[ sim x=y ]]"};
	struct buf log = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < N(tasks); i++) {
		struct run r = {.task = tasks[i]};

		assert_int_equal(run(&r, &log).value, 0);
	}
	buf_release(&log);
}

/* ---- what it prints and writes ------------------------------------------ */

static void read_told(const struct buf *log, struct usage *u, bool *has_answer)
{
	struct answer_finder *finder = answer_finder_new(NULL, NULL);
	const char *answer;
	struct harvest h;

	harvest_begin(&h, finder, false);
	harvest_feed(&h, log->data, log->len);
	answer = harvest_end(&h, u);
	if (has_answer)
		*has_answer = answer && strlen(answer) > 20;
	harvest_release(&h);
	answer_finder_free(finder);
}

static void the_task_also_comes_on_stdin(void **state)
{
	struct run r = {.input = "Polish the xylophone [[sim duration=0 lines=9 cost=0.02]]"};
	struct buf log = BUF_INIT;
	struct usage u;

	(void)state;
	assert_int_equal(run(&r, &log).value, 0);
	assert_int_equal(count_lines(&log), 10);
	read_told(&log, &u, NULL);
	assert_true(u.cost_usd == 0.02);
	buf_release(&log);
}

static void its_last_line_tells_cost_tokens_and_answer(void **state)
{
	struct run r = {.task = "Count bees [[sim duration=0 lines=8 cost=0.02 tokens=1200]]"};
	struct buf log = BUF_INIT;
	struct usage u;
	bool has_answer;

	(void)state;
	assert_int_equal(run(&r, &log).value, 0);
	read_told(&log, &u, &has_answer);
	assert_true(u.cost_usd == 0.02);
	assert_int_equal(u.tokens_in + u.tokens_out, 1200);
	assert_true(u.tokens_in > 0 && u.tokens_out > 0);
	assert_int_equal(u.turns, 5);
	assert_true(u.session[0]);
	assert_true(has_answer);
	buf_release(&log);
}

static void no_output_leaves_neither_answer_nor_file(void **state)
{
	char env[320];
	struct run r = {.task = "x [[sim outcomes=no_output duration=0]]", .env = {env}};
	struct buf log = BUF_INIT;
	struct usage u;
	bool has_answer;

	(void)state;
	snprintf(env, sizeof(env), "AGENT_BATCH_OUTPUT_FILE=%s/none.md", dir);
	assert_int_equal(run(&r, &log).value, 0);
	assert_int_equal(access(env + strlen("AGENT_BATCH_OUTPUT_FILE="), F_OK), -1);
	read_told(&log, &u, &has_answer);
	assert_false(has_answer);
	buf_release(&log);
}

static void it_writes_its_output_file_and_the_folders_above(void **state)
{
	char env[320];
	struct run r = {
	    .task = "Describe geese [[sim duration=0]]", .env = {env, "AGENT_BATCH_ID=g7"}};
	struct buf log = BUF_INIT, text = BUF_INIT;
	int fd;

	(void)state;
	snprintf(env, sizeof(env), "AGENT_BATCH_OUTPUT_FILE=%s/out/deep/report.md", dir);
	assert_int_equal(run(&r, &log).value, 0);
	fd = open_in_dir("out/deep/report.md", O_RDONLY);
	assert_int_equal(file_read_fd(fd, 1 << 20, &text, NULL), 0);
	close(fd);
	assert_non_null(strstr(text.data, "g7"));
	assert_non_null(strstr(text.data, "Describe geese"));
	assert_null(strstr(text.data, "[[sim"));
	buf_release(&text);
	buf_release(&log);
}

static void an_output_file_that_cannot_be_written_is_no_success(void **state)
{
	struct run r = {.task = "x [[sim duration=0]]",
	    .env = {"AGENT_BATCH_OUTPUT_FILE=/dev/null/nowhere/out.md"}};
	struct buf log = BUF_INIT;
	struct ev_exit exit = run(&r, &log);

	(void)state;
	assert_int_equal(exit.value, 1);
	assert_non_null(strstr(log.data, "/dev/null/nowhere"));
	assert_null(strstr(log.data, "\"type\":\"result\""));
	buf_release(&log);
}

static void lines_come_evenly_over_its_duration(void **state)
{
	struct run r = {.task = "Mow the lawn [[sim duration=1.2 lines=4]]"};
	struct buf log = BUF_INIT;
	double began = now_s(), half;
	pid_t pid = start(&r);

	(void)state;
	wait_for_text("\n");
	half = now_s() - began;
	assert_int_equal(end_of(pid).value, 0);
	assert_true(now_s() - began >= 1.2);
	assert_true(half < 0.9); /* the first one is not held back until the end */
	read_log(&log);
	assert_int_equal(count_lines(&log), 5);
	buf_release(&log);
}

static char *log_of(const char *id, const char *attempt)
{
	char id_env[64], attempt_env[64];
	struct run r = {.task = "Untangle the marionette strings [[sim duration=0 lines=12]]",
	    .env = {id_env, attempt_env}};
	struct buf log = BUF_INIT;

	snprintf(id_env, sizeof(id_env), "AGENT_BATCH_ID=%s", id);
	snprintf(attempt_env, sizeof(attempt_env), "AGENT_BATCH_RUN_ATTEMPT=%s", attempt);
	assert_int_equal(run(&r, &log).value, 0);
	*strstr(log.data, "{\"type\"") = '\0'; /* the result tells a duration */
	return buf_detach(&log);
}

static void the_log_is_its_own_and_repeatable(void **state)
{
	enum { NR = 16 };
	char *first = log_of("a1", "1"), *again = log_of("a1", "1"), *next = log_of("a1", "2");
	char *logs[NR], id[16];
	unsigned distinct = 0;
	bool mentions_task = false;
	size_t i, k;

	(void)state;
	assert_string_equal(first, again);
	assert_string_not_equal(first, next);
	for (i = 0; i < NR; i++) {
		bool is_new = true;

		snprintf(id, sizeof(id), "%zu", i + 1);
		logs[i] = log_of(id, "1");
		mentions_task = mentions_task || strstr(logs[i], "marionette");
		for (k = 0; k < i; k++) /* the same opening letters: the same way of working */
			is_new = is_new && strncmp(logs[i], logs[k], 6) != 0;
		distinct += is_new;
	}
	assert_true(mentions_task);
	assert_true(distinct >= 5);
	for (i = 0; i < NR; i++)
		free(logs[i]);
	free(first);
	free(again);
	free(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_outcome_is_recognised_as_what_it_is),
	    cmocka_unit_test(a_usage_window_resets_when_it_was_told_to),
	    cmocka_unit_test(a_crash_is_a_real_signal),
	    cmocka_unit_test(term_ends_it_at_once_by_that_signal),
	    cmocka_unit_test(attempts_and_cycles_choose_the_outcome),
	    cmocka_unit_test(a_directive_it_does_not_know_is_a_bad_flag),
	    cmocka_unit_test(what_is_no_directive_is_part_of_the_task),
	    cmocka_unit_test(the_task_also_comes_on_stdin),
	    cmocka_unit_test(its_last_line_tells_cost_tokens_and_answer),
	    cmocka_unit_test(no_output_leaves_neither_answer_nor_file),
	    cmocka_unit_test(it_writes_its_output_file_and_the_folders_above),
	    cmocka_unit_test(an_output_file_that_cannot_be_written_is_no_success),
	    cmocka_unit_test(lines_come_evenly_over_its_duration),
	    cmocka_unit_test(the_log_is_its_own_and_repeatable),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
