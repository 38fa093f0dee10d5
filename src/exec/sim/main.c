/* agent-batch-sim [TASK]: a simulated agent, for demos and tests without keys and network. Without
 * an argument the task comes on stdin. It prints a believable log, writes the output file that it
 * is asked for, and ends as the task's [[sim ...]] directives say (plan.h), with a last line of
 * JSON that tells cost and tokens:
 *   {"type":"result","subtype":"success","is_error":false,"num_turns":6,"result":"...",
 *    "session_id":"...","total_cost_usd":0.02,"usage":{"input_tokens":960,"output_tokens":240}}
 * TERM ends it at once, by that signal.
 *
 * With AGENT_BATCH_ROLE in its environment it plays that role (roles.h), by the directives of the
 * problem. Where its task is the request and nothing else it is called as a command: then its
 * stdout has the reply alone, and everything else goes to stderr. */
#include "base/clock.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "exec/sim/endings.h"
#include "exec/sim/plan.h"
#include "exec/sim/roles.h"
#include "exec/sim/scenes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define MAX_TASK (256 << 20) /* a request has the outputs of all rows */
#define DEFAULT_LINES 8
#define EXIT_USAGE 2

struct sim {
	char *task; /* as it came; in a role, the problem */
	char *words; /* without directives */
	int role; /* enum solve_role; -1: none */
	char *prompt; /* in a role: what came */
	struct json request; /* in it */
	bool is_command; /* it is all that came */
	int log_fd;
	const char *id;
	int64_t run_attempt, cycle;
	struct sim_plan plan;
	enum sim_outcome outcome;
	struct scene scene;
	struct instant began;
	int64_t duration_ms, nr_lines;
};

static int64_t env_number(const char *name, int64_t otherwise)
{
	const char *s = getenv(name);
	char *end;
	long long v;

	if (!s || !*s)
		return otherwise;
	errno = 0;
	v = strtoll(s, &end, 10);
	return *end || errno || v < 0 ? otherwise : v;
}

static char *read_task(int argc, char **argv, struct err *err)
{
	struct buf text = BUF_INIT;

	if (argc > 1)
		return xstrdup(argv[1]);
	if (file_read_fd(STDIN_FILENO, MAX_TASK, &text, err) < 0) {
		err_prefix(err, "cannot read the task from stdin: ");
		buf_release(&text);
		return NULL;
	}
	return buf_detach(&text);
}

/* The problem becomes the task. */
static int take_role(struct sim *s, struct err *err)
{
	s->prompt = s->task;
	s->task = NULL;
	if (!role_find_request(s->prompt, strlen(s->prompt), &s->request))
		return err_set(err, "there is no request with a \"problem\" in the %s's prompt",
		    solve_role_name((enum solve_role)s->role));
	s->task = role_problem(s->request);
	s->is_command = s->request.p == s->prompt + strspn(s->prompt, " \t\r\n") &&
	    s->request.p[s->request.n + strspn(s->request.p + s->request.n, " \t\r\n")] == '\0';
	s->log_fd = s->is_command ? STDERR_FILENO : STDOUT_FILENO;
	return 0;
}

static enum sim_outcome outcome_of(const struct sim *s)
{
	enum sim_outcome o;

	if (s->role < 0)
		return sim_plan_outcome(&s->plan, s->run_attempt, s->cycle);
	o = sim_plan_role_outcome(&s->plan, (enum solve_role)s->role,
	    env_number("AGENT_BATCH_ATTEMPT", 1));
	return o == SIM_GARBLED && role_has_feedback(s->request) ? SIM_OK : o;
}

static int sim_init(struct sim *s, int argc, char **argv, struct err *err)
{
	const char *id = getenv("AGENT_BATCH_ID");

	memset(s, 0, sizeof(*s));
	s->log_fd = STDOUT_FILENO;
	s->role = solve_role_from_name(getenv("AGENT_BATCH_ROLE"));
	s->began = clock_now();
	s->id = id && *id ? id : "sim";
	s->run_attempt = env_number("AGENT_BATCH_RUN_ATTEMPT", 1);
	s->cycle = env_number("AGENT_BATCH_CYCLE", 0);
	s->task = read_task(argc, argv, err);
	if (!s->task || (s->role >= 0 && take_role(s, err) < 0) ||
	    sim_plan_read(s->task, &s->plan, err) < 0)
		return -1;
	s->words = sim_plan_strip(s->task);
	s->outcome = outcome_of(s);
	scene_init(&s->scene, s->id, s->run_attempt, s->words);
	s->nr_lines = s->plan.lines >= 0 ? s->plan.lines : DEFAULT_LINES;
	s->duration_ms = s->plan.duration_s >= 0 ? (int64_t)(s->plan.duration_s * 1000)
						 : 200 + scene_roll(&s->scene, 600);
	return 0;
}

static void sim_release(struct sim *s)
{
	free(s->task);
	free(s->words);
	free(s->prompt);
}

/* ---- at work ------------------------------------------------------------ */

static void sleep_until(int64_t mono_ms)
{
	struct timespec at = {
	    .tv_sec = (time_t)(mono_ms / 1000), .tv_nsec = (long)(mono_ms % 1000) * 1000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

/* Whole lines, each in one write, so that nobody sees half of one. */
static int say(const struct sim *s, struct buf *line)
{
	buf_ch(line, '\n');
	return write_all(s->log_fd, line->data, line->len);
}

static void work(struct sim *s)
{
	struct buf line = BUF_INIT;
	int64_t i;

	for (i = 0; i < s->nr_lines; i++) {
		sleep_until(s->began.mono_ms + s->duration_ms * i / s->nr_lines);
		scene_line(&s->scene, &line);
		if (say(s, &line) < 0)
			break; /* the log is full or gone: work on, as agents do */
	}
	sleep_until(s->began.mono_ms + s->duration_ms);
	buf_release(&line);
}

/* ---- its output file ---------------------------------------------------- */

static int make_parents(const char *path, struct err *err)
{
	char *dir = xstrdup(path), *slash = strrchr(dir, '/');
	int rc = 0;

	if (slash && slash != dir) {
		*slash = '\0';
		rc = dir_make_path(dir, err);
	}
	free(dir);
	return rc;
}

static int write_output(const struct sim *s, const char *answer, struct err *err)
{
	const char *path = getenv("AGENT_BATCH_OUTPUT_FILE");
	struct buf text = BUF_INIT;
	int fd, rc = -1;

	if (!path || !*path)
		return 0;
	if (make_parents(path, err) < 0)
		return err_prefix(err, "cannot write '%s': ", path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_sys(err, errno, "cannot write '%s'", path);
	buf_fmt(&text, "# %s\n\n%s\n\n%s\n", s->id, s->words, answer);
	rc = write_all(fd, text.data, text.len);
	if (close(fd) < 0)
		rc = -1;
	buf_release(&text);
	return rc < 0 ? err_sys(err, errno, "cannot write '%s'", path) : 0;
}

/* ---- its end ------------------------------------------------------------ */

_Noreturn static void hang(void)
{
	for (;;)
		pause();
}

_Noreturn static void crash(void)
{
	static const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none); /* a demonstration leaves no core behind */
	(void)signal(SIGSEGV, SIG_DFL);
	(void)raise(SIGSEGV);
	abort();
}

static void tell_end(struct sim *s, const char *answer)
{
	struct scene dice = s->scene;
	struct buf line = BUF_INIT;
	char session[64];
	struct ending e = {
	    .plan = &s->plan,
	    .outcome = s->outcome,
	    .now_t = clock_now().wall_ms,
	    .is_other_vendor = scene_roll(&dice, 2) == 1,
	    .answer = answer,
	    .session = session,
	    .turns = 1 + s->nr_lines / 2,
	    .duration_ms = clock_now().mono_ms - s->began.mono_ms,
	    .tokens = s->plan.tokens >= 0 ? s->plan.tokens : 600 + scene_roll(&dice, 9000),
	    .cost_usd =
		s->plan.cost_usd >= 0 ? s->plan.cost_usd : (1 + scene_roll(&dice, 90)) / 1000.0,
	};

	snprintf(session, sizeof(session), "sim-%08x-%lld", scene_roll(&dice, UINT32_MAX),
	    (long long)s->run_attempt);
	ending_error(&e, &line);
	if (line.len)
		(void)say(s, &line); /* nobody is left to tell */
	buf_reset(&line);
	ending_result(&e, &line);
	(void)say(s, &line);
	buf_release(&line);
}

static void compose_answer(struct sim *s, struct buf *answer)
{
	struct role_play play = {.role = (enum solve_role)s->role,
	    .round = env_number("AGENT_BATCH_ROUND", 0),
	    .request = s->request,
	    .plan = &s->plan,
	    .scene = &s->scene};

	if (s->outcome == SIM_GARBLED)
		buf_str(answer, "Let me think about this once more: [first, {then");
	else if (s->role < 0)
		scene_summary(&s->scene, answer);
	else
		role_reply(&play, answer);
}

/* Whatever an outcome leaves behind beside its log. */
static int deliver(const struct sim *s, const struct buf *answer, struct err *err)
{
	bool has_answer = s->outcome == SIM_OK || s->outcome == SIM_GARBLED;

	if (s->is_command && has_answer && write_all(STDOUT_FILENO, answer->data, answer->len) < 0)
		return err_sys(err, errno, "cannot write the reply");
	return has_answer ? write_output(s, answer->data, err) : 0;
}

static int end(struct sim *s, struct err *err)
{
	struct buf answer = BUF_INIT;
	int rc = ending_code(s->outcome);

	compose_answer(s, &answer);
	if (deliver(s, &answer, err) < 0) {
		fprintf(stderr, "Error: %s\n", err->msg);
		rc = 1;
	} else {
		tell_end(s, answer.data);
	}
	buf_release(&answer);
	return rc;
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct sim s;
	int rc;

	(void)signal(SIGTERM, SIG_DFL);
	if (sim_init(&s, argc, argv, &err) < 0) {
		fprintf(stderr, "error: %s\n", err.msg);
		sim_release(&s);
		return EXIT_USAGE;
	}
	work(&s);
	if (s.outcome == SIM_HANG)
		hang();
	if (s.outcome == SIM_CRASH)
		crash();
	rc = end(&s, &err);
	sim_release(&s);
	return rc;
}
