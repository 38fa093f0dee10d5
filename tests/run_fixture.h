/* A run on disk for tests of screens and printers: the nightly.csv of TUI.md's drawings, in the
 * middle of its first cycle of healing. Written through the same formats as a conductor's. */
#ifndef AB_TESTS_RUN_FIXTURE_H
#define AB_TESTS_RUN_FIXTURE_H

#include "base/buf.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "formats/event_json.h"
#include "formats/manifest.h"
#include "formats/options_json.h"
#include "formats/run_reader.h"
#include "temp_dir.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FIX_ORIGINAL "batch-20261121-223955"
#define FIX_CHILD "batch-20261121-231502"
/* 2026-11-21 23:52:09 UTC */
#define FIX_NOW_T INT64_C(1795305129000)
#define FIX_START_T (FIX_NOW_T - INT64_C(4327000)) /* up 01:12:07 */
#define FIX_CHILD_T (FIX_NOW_T - INT64_C(2227000))

struct run_fixture {
	char root[64];
	int lock_fd; /* the conductor's, while it is "alive" */
	struct buf events; /* of the batch being written */
	struct buf csv;
};

/* ---- events ------------------------------------------------------------- */

static inline void fix_emit(struct run_fixture *f, struct event *ev, int64_t t, const char *id)
{
	ev->t = t;
	ev->m = t - FIX_START_T + 1000000;
	ev->id = id;
	event_format(ev, &f->events);
}

static inline void fix_start(struct run_fixture *f, const char *id, int n, int64_t t,
    const char *account)
{
	struct event ev;

	event_init(&ev, EV_START);
	ev.n = n;
	ev.start.boot = "boot-of-the-drawing";
	ev.start.account = account;
	ev.start.log_from = 0;
	fix_emit(f, &ev, t, id);
}

struct fix_end {
	const char *id;
	int n;
	int64_t t;
	enum attempt_class class;
	double cost;
	const char *message;
	int64_t log_to;
};

static inline void fix_end(struct run_fixture *f, const struct fix_end *e)
{
	struct event ev;

	event_init(&ev, EV_EXIT);
	ev.n = e->n;
	ev.exit.how = EXIT_CODE;
	ev.exit.value = e->class == CLASS_SUCCESS ? 0 : 1;
	ev.exit.log_to = e->log_to ? e->log_to : NUM_NONE;
	fix_emit(f, &ev, e->t, e->id);
	event_init(&ev, EV_VERDICT);
	ev.n = e->n;
	ev.verdict.class = e->class;
	ev.verdict.charged = true;
	ev.verdict.cost_usd = e->cost;
	ev.verdict.tokens_in = 60000;
	ev.verdict.tokens_out = 3000;
	ev.verdict.message = e->message;
	fix_emit(f, &ev, e->t, e->id);
}

static inline void fix_wait(struct run_fixture *f, const char *id, int64_t t, int64_t until_t,
    enum wait_why why)
{
	struct event ev;

	event_init(&ev, EV_WAIT);
	ev.wait.until_t = until_t;
	ev.wait.why = why;
	fix_emit(f, &ev, t, id);
}

static inline void fix_status(struct run_fixture *f, const char *id, int64_t t,
    enum agent_status status, enum agent_phase phase)
{
	struct event ev;

	event_init(&ev, EV_STATUS);
	ev.status.status = status;
	ev.status.phase = phase;
	fix_emit(f, &ev, t, id);
}

static inline void fix_batch_event(struct run_fixture *f, int64_t t, int cycle)
{
	struct options o;
	struct buf json = BUF_INIT;
	struct jsonw w;
	struct event ev;

	options_init(&o);
	o.auto_retry = true;
	o.source_csv = xstrdup("nightly.csv");
	jsonw_init(&w, &json, 0);
	options_format(&o, &w);
	event_init(&ev, EV_BATCH);
	ev.batch.version = "3.0.0";
	ev.batch.boot = "boot-of-the-drawing";
	ev.batch.host = "host";
	ev.batch.original = FIX_ORIGINAL;
	ev.batch.parent = cycle ? FIX_ORIGINAL : NULL;
	ev.batch.options_json = json.data;
	ev.batch.pid = 1;
	ev.batch.cycle = cycle;
	ev.batch.jobs = 8;
	fix_emit(f, &ev, t, NULL);
	buf_release(&json);
	options_release(&o);
}

/* ---- files -------------------------------------------------------------- */

static inline int fix_put(int dirfd, const char *name, const char *p, size_t n)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int rc = fd < 0 ? -1 : write_all(fd, p, n);

	if (fd >= 0)
		close(fd);
	return rc;
}

static inline int fix_log(struct run_fixture *f, const char *id, int64_t changed_t,
    const char *text)
{
	char path[256];
	struct timespec ts[2] = {{.tv_sec = changed_t / 1000}, {.tv_sec = changed_t / 1000}};

	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/agent-%s.log", f->root, id);
	if (fix_put(AT_FDCWD, path, text, strlen(text)) < 0)
		return -1;
	return utimensat(AT_FDCWD, path, ts, 0);
}

static inline int fix_write_batch(struct run_fixture *f, const char *name, int cycle)
{
	char path[192];
	struct manifest m;
	struct batch_reader r;
	int fd, rc;

	snprintf(path, sizeof(path), "%s/%s", f->root, name);
	if (mkdir(path, 0700) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = fd < 0 || fix_put(fd, "lock", "", 0) < 0 ||
		fix_put(fd, "tasks.csv", f->csv.data, f->csv.len) < 0 ||
		fix_put(fd, "events.jsonl", f->events.data, f->events.len) < 0
	    ? -1
	    : 0;
	if (rc == 0 && batch_reader_open(&r, path, NULL) == 0) {
		manifest_init(&m);
		snprintf(m.version, sizeof(m.version), "3.0.0");
		snprintf(m.batch, sizeof(m.batch), "%s", name);
		m.source_csv = xstrdup("/home/me/nightly.csv");
		m.options.auto_retry = true;
		m.retry.is_retry = cycle > 0;
		m.retry.retry_count = cycle;
		m.retry.auto_retry_enabled = true;
		m.retry.max_retries = 5;
		snprintf(m.retry.original_batch, NAME_SIZE, "%s", cycle ? FIX_ORIGINAL : "");
		snprintf(m.retry.parent_batch, NAME_SIZE, "%s", cycle ? FIX_ORIGINAL : "");
		if (!cycle)
			manifest_add_next(&m, FIX_CHILD);
		rc = manifest_write(fd, &m, &r.state, NULL);
		manifest_release(&m);
		batch_reader_close(&r);
	}
	buf_reset(&f->csv);
	buf_reset(&f->events);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* ---- cycle 0: 1000 agents, 938 done ------------------------------------- */

/* The 62 rows of the child, in the order of the CSV. */
static const char *const fix_ids[] = {
    "0005",
    "0009",
    "0017",
    "0018",
    "0023",
    "0031",
    "0044",
    "0077",
    "0088",
    "0102",
    "0107",
    "0160",
    "0231",
    "0272",
    "0300",
    "0391",
    "0415",
    "0512",
    "0513",
    "0514",
    "0600",
};

static inline bool fix_is_failed(int row)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(fix_ids); i++)
		if (atoi(fix_ids[i]) == row)
			return true;
	return row >= 700 && row < 741; /* 41 more: 38 done, 3 pending */
}

static inline int fix_write_original(struct run_fixture *f)
{
	struct event ev;
	int row;

	buf_str(&f->csv, "id,task,agent\n");
	fix_batch_event(f, FIX_START_T, 0);
	for (row = 1; row <= 1000; row++) {
		char id[16];
		bool failed = fix_is_failed(row);
		int64_t t = FIX_START_T + row * 2000;

		snprintf(id, sizeof(id), "%04d", row);
		buf_fmt(&f->csv, "%s,Port the module,claude\n", id);
		fix_start(f, id, 1, t, "claude");
		fix_end(f,
		    &(struct fix_end){id, 1, t + 60000,
			failed ? row == 9 ? CLASS_TIMEOUT : CLASS_RATE_LIMIT : CLASS_SUCCESS, 0.1,
			failed ? "429 Too Many Requests" : NULL, 0});
		fix_status(f, id, t + 60000, failed ? AGENT_FAILED : AGENT_COMPLETED, PHASE_NONE);
	}
	event_init(&ev, EV_CYCLE);
	ev.cycle.child = FIX_CHILD;
	ev.cycle.rows = 62;
	fix_emit(f, &ev, FIX_CHILD_T - 10, NULL);
	event_init(&ev, EV_END);
	ev.end.state = END_FINISHED;
	ev.end.exit_code = 1;
	fix_emit(f, &ev, FIX_CHILD_T - 5, NULL);
	return fix_write_batch(f, FIX_ORIGINAL, 0);
}

/* ---- cycle 1 ------------------------------------------------------------ */

static inline void fix_child_csv(struct run_fixture *f)
{
	static const struct {
		const char *id, *agent, *task, *validate, *deps;
	} rows[] = {
	    {"0005", "claude", "Port the CSV quoting rules", "", ""},
	    {"0009", "claude", "Write tests for retry names", "", ""},
	    {"0017", "claude", "Fix the header case", "", ""},
	    {"0018", "claude", "Port the CSV quoting rules", "", ""},
	    {"0023", "claude", "Check the fixtures", "", ""},
	    {"0031", "claude", "Translate the FAQ", "", ""},
	    {"0044", "gemini", "Write the changelog", "", ""},
	    {"0077", "claude", "Rename the status words", "", ""},
	    {"0088", "codex", "Summarise issue 88", "", ""},
	    {"0102", "claude", "Fix the dates test", "", ""},
	    {"0107", "claude", "Port the writer", "", ""},
	    {"0160", "codex", "Run the old suite", "", ""},
	    {"0231", "claude", "Write the guide", "sh check.sh out/0231.md", ""},
	    {"0272", "gemini", "Plan the module", "", ""},
	    {"0300", "claude", "Write docs/api.md", "", ""},
	    {"0391", "codex", "Bisect the crash", "", ""},
	    {"0415", "claude", "Port the date helpers", "", ""},
	    {"0512", "claude", "Port the date helpers to C99", "", ""},
	    {"0513", "claude", "Write their tests", "", "0512 0231"},
	    {"0514", "gemini", "Write their manual", "", "0512"},
	    {"0600", "codex", "Write the man page for collect", "", ""},
	};
	size_t i;
	int row;

	buf_str(&f->csv, "id,agent,task,validate,depends_on\n");
	for (i = 0; i < ARRAY_LEN(rows); i++)
		buf_fmt(&f->csv, "%s,%s,%s,%s,%s\n", rows[i].id, rows[i].agent, rows[i].task,
		    rows[i].validate, rows[i].deps);
	for (row = 700; row < 741; row++)
		buf_fmt(&f->csv, "%04d,claude,Port module %d,,\n", row, row);
}

static inline void fix_done(struct run_fixture *f, const char *id, int64_t took_ms, double cost,
    int tries)
{
	int64_t t = FIX_CHILD_T + 100000;

	if (tries > 1) {
		fix_start(f, id, 1, t, "claude");
		fix_end(f, &(struct fix_end){id, 1, t + 1000, CLASS_RATE_LIMIT, 0, "429", 0});
		fix_wait(f, id, t + 1000, t + 6000, WAIT_LADDER);
	}
	fix_start(f, id, tries, t + 10000, "claude");
	fix_end(f, &(struct fix_end){id, tries, t + 10000 + took_ms, CLASS_SUCCESS, cost, NULL, 0});
	fix_status(f, id, t + 10000 + took_ms, AGENT_COMPLETED, PHASE_NONE);
}

static inline void fix_running(struct run_fixture *f, const char *id, const char *account,
    int64_t since_ms, int tries, enum attempt_class class, double cost)
{
	int64_t t = FIX_NOW_T - since_ms;
	int n;

	for (n = 1; n < tries; n++) {
		int64_t at = t - (tries - n) * 60000;

		fix_start(f, id, n, at, account);
		fix_end(f,
		    &(struct fix_end){id, n, at + 30000, class, n == 1 ? cost : 0, "429", 0});
		fix_wait(f, id, at + 30000, at + 60000, WAIT_LADDER);
	}
	fix_start(f, id, tries, t, account);
}

static inline void fix_waiting(struct run_fixture *f, const char *account, const struct fix_end *e,
    int64_t until_t, enum wait_why why)
{
	int n;

	for (n = 1; n < e->n; n++) {
		int64_t at = e->t - (e->n - n) * 200000;

		fix_start(f, e->id, n, at, account);
		fix_end(f,
		    &(struct fix_end){e->id, n, at + 134000, e->class, 0.05,
			"429 Too Many Requests", e->log_to ? 400 : 0});
		fix_wait(f, e->id, at + 134000, at + 200000,
		    e->class == CLASS_RATE_LIMIT ? WAIT_GATE : WAIT_LADDER);
	}
	fix_start(f, e->id, e->n, e->t - 171000, account);
	fix_end(f, e);
	fix_wait(f, e->id, e->t, until_t, why);
}

static inline void fix_child_waits(struct run_fixture *f, int64_t log_to)
{
	const int64_t now = FIX_NOW_T;

	fix_waiting(f, "claude",
	    &(struct fix_end){"0018", 2, now - 7000, CLASS_RATE_LIMIT, 0.07,
		"429 Too Many Requests (service said: retry after 30 s)", log_to},
	    now + 23000, WAIT_TOLD);
	fix_waiting(f, "gemini",
	    &(struct fix_end){"0044", 1, now - 4000, CLASS_TRANSIENT, 0.02,
		"503 upstream connect error, connection reset", 0},
	    now + 41000, WAIT_LADDER);
	fix_waiting(f, "claude",
	    &(struct fix_end){
		"0107", 4, now - 48000, CLASS_RATE_LIMIT, 0.25, "429 Too Many Requests", 0},
	    now + 252000, WAIT_LADDER);
	fix_waiting(f, "codex",
	    &(struct fix_end){"0391", 1, now - 3000, CLASS_TIMEOUT, 0.33,
		"killed after 900 s (TERM, 10 s, KILL)", 0},
	    now + 2000, WAIT_LADDER);
}

static inline void fix_child_events(struct run_fixture *f, int64_t log_to)
{
	const int64_t now = FIX_NOW_T;
	struct event ev;
	int row;

	fix_batch_event(f, FIX_CHILD_T, 1);
	fix_done(f, "0005", 542000, 0.88, 2);
	fix_done(f, "0009", 280000, 0.41, 1);
	fix_done(f, "0031", 192000, 0.30, 1);
	fix_done(f, "0077", 170000, 0.22, 1);
	for (row = 700; row < 738; row++) {
		char id[16];

		snprintf(id, sizeof(id), "%04d", row);
		fix_done(f, id, 120000 + (row - 700) * 10000, 0.21, 1);
	}
	fix_start(f, "0088", 1, FIX_CHILD_T + 1000, "codex");
	fix_end(f,
	    &(struct fix_end){"0088", 1, FIX_CHILD_T + 4000, CLASS_AUTH, 0,
		"401 invalid api key (not retried in this batch)", 0});
	fix_status(f, "0088", FIX_CHILD_T + 4000, AGENT_FAILED, PHASE_NONE);
	fix_start(f, "0415", 1, FIX_CHILD_T + 1000, "claude");
	fix_end(f,
	    &(struct fix_end){"0415", 1, FIX_CHILD_T + 4000, CLASS_TASK_ERROR, 0.08,
		"refused: context_path has uncommitted changes", 0});
	fix_status(f, "0415", FIX_CHILD_T + 4000, AGENT_FAILED, PHASE_NONE);
	fix_child_waits(f, log_to);
	event_init(&ev, EV_GATE);
	ev.gate.account = "claude";
	ev.gate.state = GATE_CLOSED;
	ev.gate.until_t = now + 123000;
	ev.gate.why = "told";
	fix_running(f, "0017", "claude", 221000, 2, CLASS_RATE_LIMIT, 0.31);
	fix_running(f, "0023", "claude", 58000, 1, CLASS_NONE, 0);
	fix_running(f, "0102", "claude", 439000, 2, CLASS_RATE_LIMIT, 0.64);
	fix_running(f, "0160", "codex", 990000, 1, CLASS_NONE, 0);
	fix_running(f, "0272", "gemini", 12000, 1, CLASS_NONE, 0);
	fix_running(f, "0300", "claude", 90000, 4, CLASS_TRANSIENT, 0.51);
	fix_start(f, "0231", 1, now - 600000, "claude");
	fix_status(f, "0231", now - 9000, AGENT_IN_PROGRESS, PHASE_VALIDATING);
	fix_emit(f, &ev, now - 7000, NULL);
	event_init(&ev, EV_VERB);
	ev.verb.verb = "jobs";
	ev.verb.n = 8;
	ev.verb.result = "jobs set to 8 by operator";
	fix_emit(f, &ev, now - 11000, NULL);
}

static const char fix_log_0018[] =
    "filler so that the first attempt has something to show\n"
    "=== attempt 1 at 2026-11-21 23:46:00 ===\n"
    "assistant: The header row is empty when the file starts with a BOM, so the\n"
    "assistant: first field takes the three bytes with it.\n"
    "tool: edit  src/parser.c  (+9 -1)\n"
    "error: API Error: 429 {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\"}}\n"
    "\033[1mbold words\033[0m and \033[31mred ones\033[0m, then ...... until four hundred\n"
    "=== attempt 2 at 2026-11-21 23:49:11 ===\n"
    "{\"type\":\"system\",\"subtype\":\"init\",\"model\":\"large-4\",\"cwd\":\"/srv/port\"}\n"
    "assistant: I will read the failing test first.\n"
    "tool: bash  make check 2>&1 | tail -n 20\n"
    "  FAIL tests/quotes.csv: row 3: expected 4 fields, got 1\n"
    "assistant: The header row is empty when the file starts with a BOM.\n"
    "tool: edit  src/parser.c  (+14 -3)\n"
    "assistant: Running the whole suite again.\n"
    "  parser ok\n"
    "  quotes ok\n"
    "error: API Error: 429 {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\"}}\n";

static inline int fix_logs(struct run_fixture *f)
{
	const int64_t t = FIX_NOW_T - 1000;

	return fix_log(f, "0017", t, "Editing src/parser.c: handling the empty header case\n\n") ||
		fix_log(f, "0023", t, "x\nReading tests/fixtures/quotes.csv\n") ||
		fix_log(f, "0102", t, "Running make check ... \r41 of 96 passed\n") ||
		fix_log(f, "0160", FIX_NOW_T - 130000,
		    "{\"type\":\"item.started\",\"item\":{\"command\":\"cargo test\"}}") ||
		fix_log(f, "0272", t, "Plan: 1. read the module 2. write the test first\n") ||
		fix_log(f, "0300", t, "Wrote docs/api.md (214 lines)\n") ||
		fix_log(f, "0018", t, fix_log_0018)
	    ? -1
	    : 0;
}

/* The whole run, held as if its conductor lived. */
static inline int run_fixture_make(struct run_fixture *f)
{
	char path[128];

	*f = (struct run_fixture){.root = "/tmp/ab-test.XXXXXX", .lock_fd = -1};
	buf_init(&f->events);
	buf_init(&f->csv);
	if (!mkdtemp(f->root) || fix_write_original(f) < 0)
		return -1;
	fix_child_csv(f);
	fix_child_events(f, (int64_t)strlen(fix_log_0018));
	if (fix_write_batch(f, FIX_CHILD, 1) < 0 || fix_logs(f) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/lock", f->root);
	f->lock_fd = open(path, O_RDWR | O_CLOEXEC);
	return f->lock_fd < 0 ? -1 : lock_take(f->lock_fd, LOCK_BATCH);
}

static inline void run_fixture_path(const struct run_fixture *f, char out[128])
{
	snprintf(out, 128, "%s/" FIX_CHILD, f->root);
}

static inline void run_fixture_remove(struct run_fixture *f)
{
	buf_release(&f->events);
	buf_release(&f->csv);
	if (f->lock_fd >= 0)
		close(f->lock_fd);
	(void)nftw(f->root, temp_dir_unlink_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
