#include "engine/shared_gates.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "formats/gate_hint.h"
#include "model/options.h"
#include "model/profile.h"
#include "policy/learned.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCK_FILE "lock"

/* Of each account. */
struct shared {
	uint32_t nr_told; /* how many of its limits' ends were written already */
	int64_t heard_t; /* when what was heard last had been told */
};

struct shared_gates {
	struct shared_gates_opts opts;
	char *path;
	char by[NAME_SIZE +
	    16]; /* names are unique in one directory only, so the process goes along */
	int dirfd; /* -1: off */
	uv_fs_event_t watch;
	bool is_watching;
	bool said;
	struct shared *accounts; /* as far as they were needed */
	uint32_t nr_accounts;
};

/* ---- the directory -------------------------------------------------------------- */

static char *gates_path(void)
{
	const char *state = getenv("XDG_STATE_HOME");

	/* A relative path there is to be ignored: the XDG base directory rules. */
	if (state && state[0] == '/')
		return xasprintf("%s/agent-batch/gates", state);
	return xasprintf("%s/.local/state/agent-batch/gates", home_dir());
}

static void say_off(struct shared_gates *s, const char *why)
{
	char *line;

	if (s->said)
		return;
	s->said = true;
	line = xasprintf("limits are not shared with other batches: %s", why);
	s->opts.log(s->opts.ctx, line);
	free(line);
}

static const struct pool *pool_of(const struct shared_gates *s, uint32_t account)
{
	const struct account *acc = &s->opts.batch->accounts[account];

	return acc->is_member ? &s->opts.batch->pools[acc->pool] : NULL;
}

static bool is_command(const struct shared_gates *s, uint32_t account)
{
	const struct pool *pool = pool_of(s, account);

	return pool && strcmp(pool->name, COMMAND_ACCOUNT) == 0;
}

/* What is simulated in one batch limits no other, and shell tasks of two batches hardly ever ask the
 * same service. */
static bool is_shared(const struct shared_gates *s, uint32_t account)
{
	const struct pool *pool = pool_of(s, account);

	return s->dirfd >= 0 && pool && !profile_is_own(pool->name);
}

static void name_of(const struct shared_gates *s, uint32_t account, char out[HINT_NAME_SIZE])
{
	const char *name = s->opts.batch->accounts[account].name;
	const struct pool *pool = pool_of(s, account);
	struct buf detail = BUF_INIT;

	if (is_command(s, account) && s->opts.command)
		buf_str(&detail, s->opts.command);
	if (pool && pool->is_declared)
		s->opts.identity(s->opts.ctx, account, &detail);
	gate_hint_name(name, detail.len ? detail.data : NULL, out);
	buf_release(&detail);
}

static struct shared *shared_of(struct shared_gates *s, uint32_t account)
{
	uint32_t i = s->nr_accounts;

	if (account >= i) {
		s->nr_accounts = account + 1;
		s->accounts = xrealloc(s->accounts, s->nr_accounts * sizeof(*s->accounts));
	}
	for (; i < s->nr_accounts; i++)
		s->accounts[i] = (struct shared){.heard_t = NUM_NONE};
	return &s->accounts[account];
}

/* ---- reading -------------------------------------------------------------------- */

/* -1: there is none that can be read. */
static int load(const struct shared_gates *s, uint32_t account, struct gate_hint *h)
{
	struct buf text = BUF_INIT;
	char name[HINT_NAME_SIZE];
	int rc = -1;

	name_of(s, account, name);
	gate_hint_init(h);
	if (file_read(s->dirfd, name, HINT_MAX_BYTES, &text, NULL) == 0)
		rc = gate_hint_parse(text.data, text.len, s->opts.batch->accounts[account].name, h);
	buf_release(&text);
	return rc;
}

static void hear(struct shared_gates *s, uint32_t account)
{
	struct gate_hint h;
	struct ev_gate told;

	if (load(s, account, &h) < 0)
		return;
	told = (struct ev_gate){
	    .account = s->opts.batch->accounts[account].name,
	    .state = h.state,
	    .until_t = h.until_t,
	    .width = h.width,
	    .pace_ms = h.pace_ms,
	    .burst = h.burst,
	    .lasted_ms = NUM_NONE,
	    .nr_lasted = NUM_NONE,
	    .why = h.why,
	};
	if (h.nr_lasted > 0) {
		told.lasted_ms = learned_typical_ms(h.lasted_ms, h.nr_lasted);
		told.nr_lasted = (int64_t)h.nr_lasted;
	}
	/* What this batch told itself stands in its journal already; and a file may be replaced for
	 * what else is in it. */
	if (strcmp(h.by, s->by) == 0 || h.t == shared_of(s, account)->heard_t)
		return;
	shared_of(s, account)->heard_t = h.t;
	s->opts.on_hint(s->opts.ctx, account, &told, h.t);
}

void shared_gates_read(struct shared_gates *s)
{
	uint32_t i;

	for (i = 0; i < s->opts.batch->nr_accounts; i++)
		if (is_shared(s, i))
			hear(s, i);
}

static void on_change(uv_fs_event_t *watch, const char *file, int events, int status)
{
	struct shared_gates *s = watch->data;
	char name[HINT_NAME_SIZE];
	uint32_t i;

	(void)events;
	for (i = 0; status == 0 && file && i < s->opts.batch->nr_accounts; i++) {
		name_of(s, i, name);
		if (is_shared(s, i) && strcmp(name, file) == 0)
			hear(s, i);
	}
}

/* ---- telling -------------------------------------------------------------------- */

/* Not flushed: a hint that a power cut takes was worth little, and the loop must not wait. */
static int replace(const struct shared_gates *s, const char *name, const struct buf *text,
    struct err *err)
{
	char temp[32];
	int fd, rc;

	snprintf(temp, sizeof(temp), ".%ld", (long)getpid());
	(void)unlinkat(s->dirfd, temp, 0); /* of a process that had this number before */
	fd = file_create(s->dirfd, temp, err);
	if (fd < 0)
		return -1;
	rc = write_all(fd, text->data, text->len);
	if (close(fd) < 0 || rc < 0 || renameat(s->dirfd, temp, s->dirfd, name) < 0) {
		err_sys(err, errno, "cannot write '%s/%s'", s->path, name);
		(void)unlinkat(s->dirfd, temp, 0);
		return -1;
	}
	return 0;
}

/* Not of a bare command: nobody knows that the next run of it meets the same service. An account
 * that somebody has declared for it is one. */
static void add_lasted(struct shared_gates *s, uint32_t account, struct gate_hint *h)
{
	const struct gate *g = &s->opts.batch->accounts[account].gate;
	uint32_t *told = &shared_of(s, account)->nr_told;

	if (is_command(s, account) && !pool_of(s, account)->is_declared)
		return;
	if (g->nr_lasted > GATE_LASTED && *told < g->nr_lasted - GATE_LASTED)
		*told = g->nr_lasted - GATE_LASTED;
	for (; *told < g->nr_lasted; ++*told)
		gate_hint_add_lasted(h, g->lasted_ms[*told % GATE_LASTED]);
}

static void merge(struct shared_gates *s, uint32_t account, bool by_person, struct gate_hint *h)
{
	const struct gate *g = &s->opts.batch->accounts[account].gate;
	int64_t now = clock_now().wall_ms;
	bool is_theirs = h->state == GATE_CLOSED && h->until_t > now && strcmp(h->by, s->by) != 0;
	bool is_longer =
	    g->state == GATE_CLOSED && g->until_t != NUM_NONE && g->until_t > h->until_t;

	add_lasted(s, account, h);
	if (is_theirs && !is_longer && !by_person)
		return;
	/* What waits for a person is a matter of this batch's set-up. */
	if (g->state == GATE_CLOSED && g->until_t == NUM_NONE)
		return;
	h->state = g->state;
	h->t = now;
	h->until_t = g->state == GATE_CLOSED ? g->until_t : NUM_NONE;
	h->width = g->width;
	h->pace_ms = g->pace_ms;
	h->burst = g->burst;
	snprintf(h->by, sizeof(h->by), "%s", s->by);
	snprintf(h->why, sizeof(h->why), "%s", g->why ? g->why : "");
}

/* Reads the file, lets `change` say what is to stand there (false: nothing new), replaces it. */
static void rewrite(struct shared_gates *s, uint32_t account,
    bool (*change)(struct shared_gates *, uint32_t, struct gate_hint *))
{
	struct buf text = BUF_INIT;
	char name[HINT_NAME_SIZE];
	struct err err = ERR_INIT;
	struct gate_hint h;
	int lock_fd = file_open_append(s->dirfd, LOCK_FILE, &err), rc = lock_fd < 0 ? -1 : 0;

	/* Held only while another one replaces its file: what is not told now is told next time. */
	if (rc == 0 && lock_take(lock_fd, 0) == 0) {
		(void)load(s, account, &h);
		if (change(s, account, &h)) {
			gate_hint_format(&h, s->opts.batch->accounts[account].name, &text);
			name_of(s, account, name);
			rc = replace(s, name, &text, &err);
		}
	}
	if (rc < 0)
		say_off(s, err.msg);
	if (lock_fd >= 0)
		close(lock_fd);
	buf_release(&text);
}

static bool tell(struct shared_gates *s, uint32_t account, struct gate_hint *h)
{
	merge(s, account, false, h);
	if (h->t == NUM_NONE)
		h->t = clock_now().wall_ms; /* only that limits have ended is told */
	return true;
}

static bool tell_by_person(struct shared_gates *s, uint32_t account, struct gate_hint *h)
{
	merge(s, account, true, h);
	return true;
}

void shared_gates_tell(struct shared_gates *s, uint32_t account, bool by_person)
{
	if (is_shared(s, account))
		rewrite(s, account, by_person ? tell_by_person : tell);
}

/* By this process, be it as an earlier batch of the run. */
static bool is_own_run(const struct gate_hint *h)
{
	const char *pid = strrchr(h->by, ' ');

	return pid && atol(pid + 1) == (long)getpid();
}

static bool withdraw(struct shared_gates *s, uint32_t account, struct gate_hint *h)
{
	(void)s;
	(void)account;
	if (!is_own_run(h) || h->state == GATE_CLOSED)
		return false;
	h->state = GATE_OPEN;
	h->width = h->pace_ms = h->burst = NUM_NONE;
	h->why[0] = '\0';
	return true;
}

void shared_gates_withdraw(struct shared_gates *s)
{
	uint32_t i;

	for (i = 0; i < s->opts.batch->nr_accounts; i++)
		if (is_shared(s, i))
			rewrite(s, i, withdraw);
}

/* ---- life ------------------------------------------------------------------------ */

static void open_dir(struct shared_gates *s)
{
	struct err err = ERR_INIT;

	if (dir_make_path(s->path, &err) == 0)
		s->dirfd = dir_open(s->path, &err);
	if (s->dirfd < 0)
		say_off(s, err.msg);
}

struct shared_gates *shared_gates_new(const struct shared_gates_opts *opts)
{
	struct shared_gates *s = xcalloc(1, sizeof(*s));

	s->opts = *opts;
	s->dirfd = -1;
	s->path = gates_path();
	snprintf(s->by, sizeof(s->by), "%s %ld", opts->name, (long)getpid());
	open_dir(s);
	if (s->dirfd >= 0 && uv_fs_event_init(opts->loop, &s->watch) == 0) {
		s->is_watching = true;
		s->watch.data = s;
		if (uv_fs_event_start(&s->watch, on_change, s->path, 0) < 0)
			say_off(s, "changes cannot be watched; what is known is read at the start");
	}
	return s;
}

void shared_gates_close(struct shared_gates *s)
{
	if (s && s->is_watching)
		uv_close((uv_handle_t *)&s->watch, NULL);
	if (s)
		s->is_watching = false;
}

void shared_gates_free(struct shared_gates *s)
{
	if (!s)
		return;
	if (s->dirfd >= 0)
		close(s->dirfd);
	free(s->accounts);
	free(s->path);
	free(s);
}
