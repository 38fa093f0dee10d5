#include "cli/notify.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "exec/program.h"
#include "exec/template.h"
#include "view/print/report.h"
#include "view/summary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int notify_init(struct notify *n, const char *command, struct err *err)
{
	char *program;

	*n = (struct notify){0};
	if (!command)
		return 0;
	if (shell_split(command, &n->words, &n->nr, err) < 0)
		return err_prefix(err, "--notify: ");
	if (n->nr == 0)
		return err_set(err, "--notify wants a command");
	program = program_find(n->words[0], ".", err);
	if (!program)
		return err_prefix(err, "--notify: ");
	free(program);
	return 0;
}

void notify_release(struct notify *n)
{
	words_free(n->words, n->nr);
	*n = (struct notify){0};
}

/* ---- what it is told ------------------------------------------------------ */

static void set(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void set(const char *name, const char *fmt, ...)
{
	struct buf value = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&value, fmt, ap);
	va_end(ap);
	(void)setenv(name, value.data, 1); /* fails for lack of memory only */
	buf_release(&value);
}

/* "tasks.csv: 7 of 12 completed, 5 failed: finished" */
static void set_summary(const struct run_reader *run, const struct run_sums *s)
{
	struct buf text = BUF_INIT;

	view_source_name(run, &text);
	buf_fmt(&text, ": %u of %u completed", s->counts[AGENT_COMPLETED], s->nr_rows);
	if (s->counts[AGENT_FAILED])
		buf_fmt(&text, ", %u failed", s->counts[AGENT_FAILED]);
	if (s->counts[AGENT_SKIPPED])
		buf_fmt(&text, ", %u skipped", s->counts[AGENT_SKIPPED]);
	if (s->counts[AGENT_CANCELLED])
		buf_fmt(&text, ", %u cancelled", s->counts[AGENT_CANCELLED]);
	buf_fmt(&text, ": %s", run_state_name(s->state));
	set("AGENT_BATCH_SUMMARY", "%s", text.data);
	buf_release(&text);
}

/* Our own environment: this process does nothing more with it. */
static void set_environment(const struct run_reader *run, int code)
{
	static const char *const names[AGENT__COUNT] = {
	    [AGENT_PENDING] = "AGENT_BATCH_PENDING",
	    [AGENT_IN_PROGRESS] = "AGENT_BATCH_IN_PROGRESS",
	    [AGENT_COMPLETED] = "AGENT_BATCH_COMPLETED",
	    [AGENT_FAILED] = "AGENT_BATCH_FAILED",
	    [AGENT_SKIPPED] = "AGENT_BATCH_SKIPPED",
	    [AGENT_CANCELLED] = "AGENT_BATCH_CANCELLED",
	};
	struct run_sums s;
	int i;

	run_sums_init(&s, run, clock_now());
	set("AGENT_BATCH_RUN", "%s", run->batches[0]->dir.name);
	set("AGENT_BATCH_DIR", "%s", run->batches[0]->dir.path);
	set("AGENT_BATCH_STATE", "%s", run_state_name(s.state));
	set("AGENT_BATCH_EXIT", "%d", code);
	set("AGENT_BATCH_TOTAL", "%u", s.nr_rows);
	for (i = 0; i < AGENT__COUNT; i++)
		set(names[i], "%u", s.counts[i]);
	set("AGENT_BATCH_HEALED", "%u", s.healed);
	set("AGENT_BATCH_CYCLES", "%zu", s.nr_rounds);
	set("AGENT_BATCH_ATTEMPTS", "%llu", (unsigned long long)s.attempts);
	set("AGENT_BATCH_COST_USD", "%.4f", s.cost_usd);
	set("AGENT_BATCH_ELAPSED_S", "%.3f", (double)s.elapsed_ms / 1000);
	set_summary(run, &s);
	run_sums_release(&s);
}

/* The report in a file without a name: who does not read it blocks nobody. */
static int open_report(const struct run_reader *run, struct err *err)
{
	struct buf json = BUF_INIT;
	FILE *file = tmpfile();
	int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1;

	report_json(run, clock_now(), &json);
	if (fd < 0 || write_all(fd, json.data, json.len) < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		err_sys(err, errno, "cannot keep the report for --notify");
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	if (file)
		(void)fclose(file); /* nothing was written by it */
	buf_release(&json);
	return fd;
}

int notify_run(const struct notify *n, const struct run_reader *run, int code, int out_fd,
    struct err *err)
{
	int in_fd, rc;

	if (n->nr == 0)
		return 0;
	in_fd = open_report(run, err);
	if (in_fd < 0)
		return -1;
	set_environment(run, code);
	rc = program_run(n->words, in_fd, out_fd, err);
	close(in_fd);
	return rc;
}
