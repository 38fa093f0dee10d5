/* logs: one agent's log, from its first byte; with -f on as it grows. */
#include "base/file.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"
#include "view/text/sanitize.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#define READ_BYTES 65536
#define LOOK_EVERY_MS 500 /* at the state of the run; the log itself tells of its growth */

struct log_reader {
	const struct batch_reader *batch;
	const char *id;
	int fd; /* -1: the log is not there yet */
	bool is_terminal;
	struct sanitize_stream clean;
	/* -f */
	struct run_reader *run;
	uv_fs_event_t growth;
	uv_timer_t look;
};

static int open_log(struct log_reader *l, struct err *err)
{
	char name[LOG_NAME_SIZE];

	batch_log_name(l->id, name);
	l->fd = file_open_read(l->batch->dir.fd, name, err);
	return l->fd < 0 ? -1 : 0;
}

/* Prints all there is from the descriptor's place on. */
static int copy_rest(struct log_reader *l)
{
	struct buf out = BUF_INIT;
	char *bytes = xmalloc(READ_BYTES);
	ssize_t n = 0;

	while (l->fd >= 0 && !print_is_broken()) {
		n = read(l->fd, bytes, READ_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (l->is_terminal) {
			sanitize_stream_feed(&l->clean, bytes, (size_t)n, &out);
			print_buf(&out);
			buf_reset(&out);
		} else {
			print_mem(bytes, (size_t)n);
		}
	}
	free(bytes);
	buf_release(&out);
	return n < 0
	    ? fail(EXIT_INTERNAL, "cannot read the log of '%s': %s", l->id, strerror(errno))
	    : 0;
}

static void on_growth(uv_fs_event_t *h, const char *name, int events, int status)
{
	(void)name;
	(void)events;
	(void)status; /* the timer looks too */
	copy_rest(h->data);
}

static bool is_over(const struct log_reader *l)
{
	uint32_t i = batch_find(&l->batch->state, l->id);

	return run_reader_exit_code(l->run) >= 0 ||
	    status_is_final(l->batch->state.agents[i].status);
}

static void watch_growth(struct log_reader *l)
{
	char name[LOG_NAME_SIZE];
	char *path;

	batch_log_name(l->id, name);
	path = xasprintf("%s/%s", l->batch->dir.path, name);
	(void)uv_fs_event_start(&l->growth, on_growth, path, 0);
	free(path);
}

/* A log only grows; one that does not is another one, and read from its beginning. */
static void notice_another(struct log_reader *l)
{
	char name[LOG_NAME_SIZE];
	struct stat here, there;

	batch_log_name(l->id, name);
	if (fstat(l->fd, &here) < 0 ||
	    fstatat(l->batch->dir.fd, name, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (here.st_ino == there.st_ino && here.st_dev == there.st_dev &&
	    there.st_size >= lseek(l->fd, 0, SEEK_CUR))
		return;
	note("the log of '%s' was cut or replaced: what was read before is gone", l->id);
	uv_fs_event_stop(&l->growth);
	close(l->fd);
	l->fd = -1; /* opened anew by the next look */
}

static void on_look(uv_timer_t *t)
{
	struct log_reader *l = t->data;
	bool was_over;

	(void)run_reader_refresh(l->run, NULL);
	was_over = is_over(l); /* asked before the last read: nothing is written behind it */
	if (l->fd >= 0)
		notice_another(l);
	if (l->fd < 0 && open_log(l, NULL) == 0)
		watch_growth(l);
	if (copy_rest(l) == 0 && !was_over && !print_is_broken())
		return;
	uv_close((uv_handle_t *)&l->growth, NULL);
	uv_close((uv_handle_t *)&l->look, NULL);
}

static void follow_log(struct log_reader *l)
{
	uv_loop_t loop;

	uv_loop_init(&loop);
	uv_fs_event_init(&loop, &l->growth);
	uv_timer_init(&loop, &l->look);
	l->growth.data = l->look.data = l;
	if (l->fd >= 0)
		watch_growth(l);
	uv_timer_start(&l->look, on_look, 0, LOOK_EVERY_MS);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
}

/* Of a run the last batch that started the agent; of a named batch only that one. */
static struct batch_reader *batch_with_log(const struct run_reader *run, struct batch_reader *named,
    const char *id)
{
	struct batch_reader *found = NULL;
	size_t i;

	for (i = 0; i < run->nr; i++) {
		struct batch_reader *b = run->batches[i];
		uint32_t at = batch_find(&b->state, id);

		if (at == AGENT_NONE || (named && b != named))
			continue;
		if (!found || b->state.agents[at].nr_attempts > 0)
			found = b;
	}
	return found;
}

/* A role's call, where no row is called so: "validator" is its last one. */
static void choose_role(struct log_reader *l, const struct run_reader *run)
{
	const struct role_call *call = role_calls_find(&run->roles, l->id);

	if (!call)
		return;
	l->batch = call->reader;
	l->id = call->reader->state.agents[0].task->id;
}

static int print_log(struct log_reader *l, bool follow)
{
	struct buf rest = BUF_INIT;
	struct err err;
	int rc = 0;

	sanitize_stream_init(&l->clean, SANITIZE_LOG);
	if (open_log(l, &err) < 0 && errno != ENOENT)
		rc = fail(EXIT_INTERNAL, "%s", err.msg);
	else if (l->fd < 0 && !follow)
		rc = fail(EXIT_SOME_FAILED, "'%s' has no log in %s: it has not started there",
		    l->id, l->batch->dir.name);
	else if (follow)
		follow_log(l);
	else
		rc = copy_rest(l);
	sanitize_stream_end(&l->clean, &rest);
	print_buf(&rest);
	buf_release(&rest);
	sanitize_stream_release(&l->clean);
	if (l->fd >= 0)
		close(l->fd);
	return rc ? rc : print_status();
}

int cmd_logs(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	bool has_batch = args->nr_words > 0 && is_batch_arg(args->words[0]);
	struct log_reader l = {.fd = -1, .run = &run, .is_terminal = isatty(STDOUT_FILENO)};
	int rc;

	if (args->nr_words != (size_t)has_batch + 1)
		return fail(EXIT_USAGE, "logs: wants the ID of one agent, behind its BATCH if any");
	l.id = args->words[has_batch];
	rc = target_open(args, has_batch ? args->words[0] : NULL, &run, &chosen);
	if (rc != 0)
		return rc;
	l.batch = batch_with_log(&run, has_batch ? chosen : NULL, l.id);
	if (!l.batch)
		choose_role(&l, &run);
	if (!l.batch)
		rc = fail(EXIT_SOME_FAILED, "there is no agent '%s' in %s", l.id, chosen->dir.name);
	else
		rc = print_log(&l, args->front.follow);
	run_reader_close(&run);
	return rc;
}
