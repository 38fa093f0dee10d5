/* A batch directory, a batch of a few rows and the local executor on a loop of its own. */
#ifndef AB_TESTS_LOCAL_FIXTURE_H
#define AB_TESTS_LOCAL_FIXTURE_H

#include "agent_child.h"

#include "base/file.h"
#include "base/xalloc.h"
#include "exec/local.h"
#include "formats/record.h"

#include <ftw.h>
#include <limits.h>

#define FIXTURE_MAX 1024
#define FIXTURE_DEADLINE_MS 30000

/* What was told of an attempt. */
struct told {
	struct attempt_ref ref;
	struct ev_exit exit;
	char message[512];
	unsigned nr_ends, nr_gones;
	unsigned end_at, gone_at; /* order of the callbacks */
	int64_t end_m;
};

struct fixture {
	char root[PATH_MAX]; /* for the test's own files; the batches lie in it as well */
	char self[PATH_MAX];
	struct batch_dir dir;
	struct tasks tasks;
	struct batch batch;
	uv_loop_t loop;
	uv_timer_t alarm;
	struct executor *ex;
	struct told told[FIXTURE_MAX];
	size_t nr_told;
	unsigned nr_calls;
	char log[8192]; /* lines for logs/log.txt */
	/* The next command. */
	const char *argv[16];
	const char *cwd;
	bool task_on_stdin, keep_leftovers;
	const char *keep; /* one name */
	const char *refusal; /* make_command fails with it */
	double grace_s;
};

static inline struct told *fixture_told(struct fixture *f, struct attempt_ref ref)
{
	size_t i;

	for (i = 0; i < f->nr_told; i++) {
		struct told *t = &f->told[i];

		if (t->ref.agent == ref.agent && t->ref.n == ref.n && t->ref.kind == ref.kind)
			return t;
	}
	if (f->nr_told == FIXTURE_MAX)
		die("too many attempts for the fixture");
	f->told[f->nr_told].ref = ref;
	return &f->told[f->nr_told++];
}

static inline void fixture_on_end(void *ctx, struct attempt_ref ref, const struct ev_exit *exit)
{
	struct fixture *f = ctx;
	struct told *t = fixture_told(f, ref);

	t->exit = *exit;
	snprintf(t->message, sizeof(t->message), "%s", exit->message ? exit->message : "");
	t->nr_ends++;
	t->end_at = ++f->nr_calls;
	t->end_m = clock_now().mono_ms;
}

static inline void fixture_on_gone(void *ctx, struct attempt_ref ref)
{
	struct fixture *f = ctx;
	struct told *t = fixture_told(f, ref);

	t->nr_gones++;
	t->gone_at = ++f->nr_calls;
}

static inline void fixture_log(void *ctx, const char *line)
{
	struct fixture *f = ctx;
	size_t have = strlen(f->log);

	snprintf(f->log + have, sizeof(f->log) - have, "%s\n", line);
}

static inline char **fixture_copy_list(const char *const *v)
{
	size_t n = 0, i;
	char **copy;

	while (v[n])
		n++;
	copy = xcalloc(n + 1, sizeof(*copy));
	for (i = 0; i < n; i++)
		copy[i] = xstrdup(v[i]);
	return copy;
}

/* Ours, and what DESIGN.md promises to every agent. */
static inline char **fixture_environment(struct fixture *f, struct attempt_ref ref)
{
	size_t n = 0;
	char **env;

	while (environ[n])
		n++;
	env = xcalloc(n + 4, sizeof(*env));
	for (n = 0; environ[n]; n++)
		env[n] = xstrdup(environ[n]);
	env[n++] = xasprintf("AGENT_BATCH_DIR=%s", f->dir.path);
	env[n++] = xasprintf("AGENT_BATCH_ID=a%u", (unsigned)ref.agent);
	env[n] = xasprintf("AGENT_BATCH_ATTEMPT=%u", (unsigned)ref.n);
	return env;
}

static inline int fixture_make_command(void *ctx, struct attempt_ref ref, struct command *out,
    struct err *err)
{
	struct fixture *f = ctx;
	const char *keep[] = {f->keep, NULL};

	if (f->refusal)
		return err_set(err, "%s", f->refusal);
	out->argv = fixture_copy_list(f->argv);
	out->env = fixture_environment(f, ref);
	out->cwd = xstrdup(f->cwd ? f->cwd : f->root);
	out->task_on_stdin = f->task_on_stdin;
	out->keep_leftovers = f->keep_leftovers;
	out->keep = f->keep ? fixture_copy_list(keep) : NULL;
	return 0;
}

static inline void fixture_open_executor(struct fixture *f)
{
	struct local_opts opts = {
	    .loop = &f->loop,
	    .dir = &f->dir,
	    .batch = &f->batch,
	    .grace_s = f->grace_s,
	    .make_command = fixture_make_command,
	    .log = fixture_log,
	    .ctx = f,
	};
	struct err err = ERR_INIT;

	f->ex = local_executor_new(&opts, &err);
	if (!f->ex)
		die("%s", err.msg);
	f->ex->on_end = fixture_on_end;
	f->ex->on_gone = fixture_on_gone;
	f->ex->ctx = f;
}

static inline void fixture_close_executor(struct fixture *f)
{
	f->ex->ops->free(f->ex);
	f->ex = NULL;
	while (uv_run(&f->loop, UV_RUN_NOWAIT))
		;
}

/* Rows with ids a0, a1, ...; all have the same task. */
static inline void fixture_fill(struct fixture *f, uint32_t nr, const char *task)
{
	uint32_t i;

	tasks_init(&f->tasks);
	f->tasks.known[COL_TASK] = 0;
	f->tasks.nr_columns = 1;
	f->tasks.v = xcalloc(nr, sizeof(*f->tasks.v));
	f->tasks.nr = f->tasks.cap = nr;
	for (i = 0; i < nr; i++) {
		const char **cells = arena_alloc(&f->tasks.arena, sizeof(*cells));
		char id[16];

		snprintf(id, sizeof(id), "a%u", (unsigned)i);
		cells[0] = task;
		f->tasks.v[i].id = arena_strdup(&f->tasks.arena, id);
		f->tasks.v[i].cells = cells;
		map_put(&f->tasks.by_id, f->tasks.v[i].id, i);
	}
	batch_init(&f->batch, &f->tasks, NULL, "shell", 8);
}

static inline void fixture_find_self(struct fixture *f)
{
	ssize_t n = readlink("/proc/self/exe", f->self, sizeof(f->self) - 1);

	f->self[n > 0 ? n : 0] = '\0';
}

static inline struct fixture *fixture_new(uint32_t nr_rows, const char *task)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = ERR_INIT;

	snprintf(f->root, sizeof(f->root), "/tmp/agent-batch-test.XXXXXX");
	if (!mkdtemp(f->root) ||
	    batch_dir_make(&f->dir, f->root, "batch-20261121-231502", &err) != 0)
		die("no directory to test in: %s", err.msg);
	fixture_find_self(f);
	fixture_fill(f, nr_rows, task);
	f->grace_s = 0.3;
	uv_loop_init(&f->loop);
	uv_timer_init(&f->loop, &f->alarm);
	fixture_open_executor(f);
	return f;
}

static inline int fixture_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void fixture_free(struct fixture *f)
{
	if (f->ex)
		fixture_close_executor(f);
	uv_close((uv_handle_t *)&f->alarm, NULL);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	if (uv_loop_close(&f->loop) != 0)
		die("the executor leaves handles open");
	batch_release(&f->batch);
	tasks_release(&f->tasks);
	batch_dir_close(&f->dir);
	nftw(f->root, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
	free(f);
}

/* The next command: this program as its own agent. */
#define fixture_agent(f, ...) \
	memcpy((f)->argv, ((const char *[16]){(f)->self, AGENT_CHILD, __VA_ARGS__}), \
	    sizeof((f)->argv))
#define fixture_command(f, ...) \
	memcpy((f)->argv, ((const char *[16]){__VA_ARGS__}), sizeof((f)->argv))

static inline void fixture_on_alarm(uv_timer_t *timer)
{
	(void)timer;
}

/* Runs the loop until `cond` is true; false after the deadline. */
static inline bool fixture_until(struct fixture *f, bool (*cond)(struct fixture *f, void *arg),
    void *arg)
{
	int64_t deadline = clock_now().mono_ms + FIXTURE_DEADLINE_MS;

	uv_timer_start(&f->alarm, fixture_on_alarm, 5, 5);
	while (!cond(f, arg) && clock_now().mono_ms < deadline)
		uv_run(&f->loop, UV_RUN_ONCE);
	uv_timer_stop(&f->alarm);
	return cond(f, arg);
}

static inline bool fixture_is_gone(struct fixture *f, void *arg)
{
	return fixture_told(f, *(struct attempt_ref *)arg)->nr_gones > 0;
}

static inline bool fixture_has_ended(struct fixture *f, void *arg)
{
	return fixture_told(f, *(struct attempt_ref *)arg)->nr_ends > 0;
}

static inline bool fixture_is_file(struct fixture *f, void *arg)
{
	struct stat st;

	(void)f;
	return stat(arg, &st) == 0 && st.st_size > 0;
}

/* A path in the test's own directory, in one of a few buffers. */
static inline char *fixture_path(struct fixture *f, const char *name)
{
	static char paths[8][PATH_MAX + 64];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", f->root, name);
	return path;
}

static inline char *fixture_read(struct fixture *f, const char *name)
{
	struct buf text = BUF_INIT;
	int fd = open(fixture_path(f, name), O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		(void)file_read_fd(fd, (size_t)64 << 20, &text, NULL);
		close(fd);
	}
	return buf_detach(&text);
}

static inline int64_t fixture_read_number(struct fixture *f, const char *name)
{
	char *text = fixture_read(f, name);
	int64_t v = strtoll(text, NULL, 10);

	free(text);
	return v;
}

static inline void fixture_record(struct fixture *f, struct attempt_ref ref, struct record *r)
{
	char name[RECORD_NAME_SIZE], id[16];
	int fd = openat(f->dir.fd, ATTEMPTS_NAME, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	snprintf(id, sizeof(id), "a%u", (unsigned)ref.agent);
	record_name(id, ref.n, ref.kind, name);
	if (fd < 0 || record_read(fd, name, r, NULL) < 0)
		die("no record of %s", name);
	close(fd);
}

#endif
