/* summon_agent: one agent in the foreground. A batch of one row underneath, so that everything that
 * knows batches (resume, logs, retry, report) knows it too. */
#include "base/file.h"
#include "base/xalloc.h"
#include "cli/agent_stream.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/print.h"
#include "formats/ctl.h"
#include "formats/tasks_csv.h"
#include "view/text/duration.h"
#include "view/summary.h"
#include "view/text/units.h"
#include "view/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define CTL_TIMEOUT_MS 5000
#define LOOK_EVERY_MS 200 /* at the log, where file events are not to be had */
#define TASK_BYTES_MAX ((size_t)64 << 20)

/* ---- the tasks file ------------------------------------------------------- */

/* The task as it was given; "-" is what stdin holds. */
static int read_task(const char *word, struct buf *task)
{
	struct err err = ERR_INIT;

	if (strcmp(word, "-") != 0)
		buf_str(task, word);
	else if (file_read_fd(STDIN_FILENO, TASK_BYTES_MAX, task, &err) < 0)
		return fail(EXIT_USAGE, "cannot read the task from stdin: %s", err.msg);
	if (strlen(task->data) != task->len)
		return fail(EXIT_USAGE, "the task holds a NUL byte");
	return 0;
}

static int write_csv(const struct cli_args *args, const char *task, struct buf *csv)
{
	const struct front_options *front = &args->front;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return fail(EXIT_INTERNAL, "cannot write the task down: %s", strerror(errno));
	(void)fputs("id,agent,task,max_turns,model,context_path\n", f);
	csv_write_cell(f, args->words[0]);
	(void)putc(',', f);
	csv_write_cell(f, args->words[0]);
	(void)putc(',', f);
	csv_write_cell(f, task);
	if (front->max_turns > 0)
		(void)fprintf(f, ",%d,", front->max_turns);
	else
		(void)fputs(",,", f);
	csv_write_cell(f, front->model ? front->model : "");
	(void)putc(',', f);
	csv_write_cell(f, front->context ? front->context : "");
	(void)putc('\n', f);
	(void)fclose(f); /* in memory: it cannot fail but for lack of it */
	buf_add(csv, text, len);
	free(text);
	return 0;
}

/* ---- following it --------------------------------------------------------- */

struct summoned {
	struct run_reader run;
	struct agent_stream stream;
	struct run_watch *watch;
	uv_loop_t loop;
	uv_signal_t on_int, on_term, on_hup;
	uv_timer_t look;
	unsigned nr_signals;
	bool wants_cancel; /* a verb that the conductor has not taken yet */
	int code; /* -1: it goes on */
};

static void finish(struct summoned *s, int code)
{
	if (s->code >= 0)
		return;
	s->code = code;
	run_watch_free(s->watch);
	uv_close((uv_handle_t *)&s->on_int, NULL);
	uv_close((uv_handle_t *)&s->on_term, NULL);
	uv_close((uv_handle_t *)&s->on_hup, NULL);
	uv_close((uv_handle_t *)&s->look, NULL);
}

static void send_cancel(struct summoned *s)
{
	struct ctl_request q = {.verb = CTL_CANCEL, .by = xstrdup("signal")};
	struct buf message = BUF_INIT;

	if (ctl_call(s->run.batches[0]->dir.fd, &q, CTL_TIMEOUT_MS, &message, NULL) == 0)
		s->wants_cancel = false;
	ctl_request_release(&q);
	buf_release(&message);
}

static void on_change(void *ctx)
{
	struct summoned *s = ctx;
	const char *trouble = run_watch_error(s->watch);
	int code = run_reader_exit_code(&s->run);

	agent_stream_pump(&s->stream);
	if (trouble && (code < 0 || code == EXIT_INTERRUPTED))
		finish(s, fail(EXIT_INTERNAL, "%s", trouble));
	else if (code >= 0)
		finish(s, code);
	else if (s->wants_cancel)
		send_cancel(s);
}

static void on_look(uv_timer_t *timer)
{
	struct summoned *s = timer->data;

	agent_stream_pump(&s->stream);
}

static void on_stop_signal(uv_signal_t *h, int signum)
{
	struct summoned *s = h->data;

	(void)signum;
	if (s->nr_signals++ > 0) {
		finish(s, EXIT_LEFT_RUNNING);
		return;
	}
	note("cancelling; again: leave at once");
	s->wants_cancel = true;
	send_cancel(s);
}

static void on_hangup(uv_signal_t *h, int signum)
{
	(void)signum;
	finish(h->data, EXIT_LEFT_RUNNING);
}

static void watch_signal(struct summoned *s, uv_signal_t *h, uv_signal_cb cb, int signum)
{
	uv_signal_init(&s->loop, h);
	h->data = s;
	uv_signal_start(h, cb, signum);
}

static void follow(struct summoned *s)
{
	struct err err = ERR_INIT;

	uv_loop_init(&s->loop);
	watch_signal(s, &s->on_int, on_stop_signal, SIGINT);
	watch_signal(s, &s->on_term, on_stop_signal, SIGTERM);
	watch_signal(s, &s->on_hup, on_hangup, SIGHUP);
	uv_timer_init(&s->loop, &s->look);
	s->look.data = s;
	uv_timer_start(&s->look, on_look, 0, LOOK_EVERY_MS);
	s->watch = run_watch_new(&s->loop, &s->run, on_change, s, &err);
	if (s->watch)
		on_change(s);
	else
		finish(s, fail(EXIT_INTERNAL, "%s", err.msg));
	uv_run(&s->loop, UV_RUN_DEFAULT);
	uv_loop_close(&s->loop);
}

/* ---- its end --------------------------------------------------------------- */

static void print_answer(const struct agent *a)
{
	const struct attempt *last = agent_last_attempt(a);

	if (a->status == AGENT_COMPLETED && last && last->answer)
		print_fmt("%s\n", last->answer);
}

static void say_end(const struct summoned *s)
{
	const struct batch_reader *b = s->run.batches[0];
	const struct agent *a = &b->state.agents[0];
	char time[DURATION_SIZE], money[UNITS_SIZE];
	struct buf text = BUF_INIT;

	if (s->code == EXIT_INTERNAL)
		return;
	if (s->code == EXIT_LEFT_RUNNING)
		buf_fmt(&text, "left; it still runs: agent-batch monitor %s", b->dir.name);
	else if (s->code == EXIT_INTERRUPTED)
		buf_fmt(&text, "nobody conducts it any more: agent-batch resume %s", b->dir.name);
	else
		buf_fmt(&text, "%s after %u attempt%s, %s", status_name(a->status),
		    agent_executions(a), plural(agent_executions(a)),
		    duration_text(batch_elapsed_ms(b, b->state.last_t), time));
	if (s->code < EXIT_LEFT_RUNNING && a->cost_usd > 0)
		buf_fmt(&text, ", %s", money_text(a->cost_usd, money));
	if (s->code == EXIT_STOPPED)
		buf_fmt(&text, "; carry on: agent-batch resume %s", b->dir.name);
	else if (s->code == EXIT_SOME_FAILED)
		buf_fmt(&text, "; again: agent-batch retry %s --launch", b->dir.name);
	else if (s->code == EXIT_ALL_COMPLETED)
		buf_fmt(&text, ", %s", b->dir.name);
	note("%s", text.data);
	buf_release(&text);
}

static int attend(const struct batch_dir *dir, const struct front_options *front)
{
	struct summoned s = {.code = -1};
	struct err err = ERR_INIT;

	if (run_reader_open(&s.run, dir->path, &err) < 0)
		return fail(EXIT_INTERNAL, "%s", err.msg);
	agent_stream_init(&s.stream, s.run.batches[0], 0);
	s.stream.is_clean = isatty(STDOUT_FILENO);
	s.stream.is_quiet = front->answer;
	follow(&s);
	if (front->answer)
		print_answer(&s.run.batches[0]->state.agents[0]);
	say_end(&s);
	agent_stream_release(&s.stream);
	run_reader_close(&s.run);
	return print_status_or(s.code);
}

static int summon(struct cli_args *args, struct input *in)
{
	const struct launch_spec spec = {.options = &args->options, .csv = &in->csv};
	struct batch_dir dir;
	struct err err = ERR_INIT;
	int rc = engine_launch(&spec, &dir, &err);

	if (rc != 0)
		return fail(rc, "%s", err.msg);
	rc = attend(&dir, &args->front);
	batch_dir_close(&dir);
	return rc;
}

int cmd_summon(struct cli_args *args)
{
	struct buf task = BUF_INIT, csv = BUF_INIT;
	struct input in;
	int rc;

	if (args->nr_words != 2)
		return fail(EXIT_USAGE,
		    "summon_agent: wants an AGENT and its TASK, in quotes; - reads it from stdin");
	rc = read_task(args->words[1], &task);
	if (rc == 0)
		rc = write_csv(args, task.data, &csv);
	if (rc == 0) {
		rc = input_read_text(&in, args, "summon_agent", &csv);
		if (rc == 0)
			rc = summon(args, &in);
		input_release(&in);
	}
	buf_release(&task);
	buf_release(&csv);
	return rc;
}
