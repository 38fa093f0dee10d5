#include "formats/batch_dir.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/path.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "formats/journal.h"
#include "formats/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOGS_NAME "logs"
#define LATEST_NAME "latest"

/* ---- the batches directory ---------------------------------------------- */

char *batches_dir_path(const char *flag)
{
	const char *env = getenv("AGENT_BATCHES_DIR");
	const char *path = flag && *flag ? flag : env && *env ? env : "~/agent-batches";
	struct buf out = BUF_INIT;
	char *cwd = getcwd(NULL, 0);

	path_resolve(&out, cwd ? cwd : "/", path, strlen(path));
	free(cwd);
	return buf_detach(&out);
}

struct listed {
	char *name;
	int64_t made_at;
};

static int by_creation(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	if (x->made_at != y->made_at)
		return x->made_at < y->made_at ? -1 : 1;
	return name_compare(x->name, y->name);
}

/* FAULTS.md C3: names are local time, which goes back an hour in autumn, and is another one where TZ
 * is. The journal tells the true one as soon as there is one. */
static int64_t made_at(int batches_fd, const char *name)
{
	int fd = openat(batches_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int64_t at = fd >= 0 ? journal_began(fd) : NUM_NONE;

	if (fd >= 0)
		close(fd);
	return at == NUM_NONE ? name_moment(name) : at;
}

/* Order of creation; takes the names of *v over. */
static char **in_order(struct listed *v, size_t nr)
{
	char **names = nr ? xcalloc(nr, sizeof(*names)) : NULL;
	size_t i;

	if (nr)
		qsort(v, nr, sizeof(*v), by_creation);
	for (i = 0; i < nr; i++)
		names[i] = v[i].name;
	return names;
}

static bool is_directory(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

int batch_dir_list(const char *batches_dir, char ***names, size_t *nr, struct err *err)
{
	DIR *d = opendir(batches_dir);
	struct listed *v = NULL;
	struct dirent *e;
	size_t cap = 0;
	int rc = 0;

	*names = NULL;
	*nr = 0;
	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return err_sys(err, errno, "cannot open directory '%s'", batches_dir);
	while ((errno = 0, e = readdir(d))) {
		if (strlen(e->d_name) >= NAME_SIZE || !name_is_batch(e->d_name) ||
		    !is_directory(dirfd(d), e->d_name))
			continue;
		VEC_GROW(v, *nr, cap);
		v[(*nr)++] = (struct listed){xstrdup(e->d_name), made_at(dirfd(d), e->d_name)};
	}
	if (errno) {
		rc = err_sys(err, errno, "cannot read directory '%s'", batches_dir);
		while (*nr)
			free(v[--*nr].name);
	}
	*names = in_order(v, *nr);
	free(v);
	closedir(d);
	return rc;
}

int batch_dir_set_latest(const char *batches_dir, const char *name, struct err *err)
{
	int fd = dir_open(batches_dir, err);
	char temp[64];
	int rc = 0;

	if (fd < 0)
		return -1;
	snprintf(temp, sizeof(temp), ".latest.%ld.new", (long)getpid());
	(void)unlinkat(fd, temp, 0); /* of a process of this pid that died */
	if (symlinkat(name, fd, temp) < 0 || renameat(fd, temp, fd, LATEST_NAME) < 0) {
		rc = err_sys(err, errno, "cannot point '%s/%s' at '%s'", batches_dir, LATEST_NAME,
		    name);
		(void)unlinkat(fd, temp, 0); /* best effort, it is hidden */
	}
	close(fd);
	return rc;
}

/* ---- one batch ---------------------------------------------------------- */

int batch_dir_open(struct batch_dir *d, const char *path, struct err *err)
{
	const char *name;
	char *slash;

	*d = (struct batch_dir){.fd = -1};
	d->fd = dir_open(path, err);
	if (d->fd < 0)
		return -1;
	d->path = realpath(path, NULL);
	if (!d->path) {
		err_sys(err, errno, "cannot open directory '%s'", path);
		goto fail;
	}
	slash = strrchr(d->path, '/');
	name = slash + 1;
	if (!*name || strlen(name) >= sizeof(d->name)) {
		err_set(err, "no name of a batch: '%s'", d->path);
		goto fail;
	}
	memcpy(d->name, name, strlen(name) + 1);
	d->parent_path =
	    slash == d->path ? xstrdup("/") : xstrndup(d->path, (size_t)(slash - d->path));
	return 0;
fail:
	batch_dir_close(d);
	return -1;
}

void batch_dir_close(struct batch_dir *d)
{
	if (d->fd >= 0)
		close(d->fd);
	free(d->path);
	free(d->parent_path);
	*d = (struct batch_dir){.fd = -1};
}

/* Of a directory that came to be no batch. What else is there stays, and the directory with it. */
static void unmake(int batches_fd, int fd, const char *name)
{
	(void)unlinkat(fd, TASKS_NAME, 0);
	(void)unlinkat(fd, MANIFEST_NAME, 0);
	(void)unlinkat(fd, LOCK_NAME, 0);
	(void)unlinkat(fd, ATTEMPTS_NAME, AT_REMOVEDIR);
	(void)unlinkat(fd, LOGS_NAME, AT_REMOVEDIR);
	(void)unlinkat(batches_fd, name, AT_REMOVEDIR);
}

void batch_dir_unmake(struct batch_dir *d)
{
	int fd = dir_open(d->parent_path, NULL);

	if (fd >= 0) {
		unmake(fd, d->fd, d->name);
		close(fd);
	}
	batch_dir_close(d);
}

static int make_inside(int batches_fd, const char *name, struct err *err)
{
	int fd = openat(batches_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int lock = -1, rc = -1;

	if (fd < 0)
		return err_sys(err, errno, "cannot open directory '%s'", name);
	if (dir_make(fd, ATTEMPTS_NAME, err) != 0 || dir_make(fd, LOGS_NAME, err) != 0)
		goto out;
	lock = file_create(fd, LOCK_NAME, err);
	if (lock < 0)
		goto out;
	rc = 0;
out:
	if (rc < 0)
		unmake(batches_fd, fd, name);
	if (lock >= 0)
		close(lock);
	close(fd);
	return rc;
}

int batch_dir_complete(const struct batch_dir *d, struct err *err)
{
	if (dir_make(d->fd, ATTEMPTS_NAME, err) < 0 || dir_make(d->fd, LOGS_NAME, err) < 0)
		return err_prefix(err, "'%s': ", d->name);
	return 0;
}

int batch_dir_make(struct batch_dir *d, const char *batches_dir, const char *name, struct err *err)
{
	char *path;
	int fd, rc;

	*d = (struct batch_dir){.fd = -1};
	if (dir_make_path(batches_dir, err) < 0)
		return -1;
	fd = dir_open(batches_dir, err);
	if (fd < 0)
		return -1;
	rc = dir_make(fd, name, err);
	if (rc == 0)
		rc = make_inside(fd, name, err);
	close(fd);
	if (rc != 0)
		return rc;
	path = xasprintf("%s/%s", batches_dir, name);
	rc = batch_dir_open(d, path, err);
	free(path);
	return rc;
}

int batch_dir_is_held(int dirfd, int lock_byte)
{
	int fd = file_open_read(dirfd, LOCK_NAME, NULL);
	int held;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	held = lock_is_held(fd, lock_byte);
	close(fd);
	return held;
}

/* ---- finding ------------------------------------------------------------ */

bool is_batch_arg(const char *arg)
{
	return strncmp(arg, "batch-", 6) == 0 || strchr(arg, '/');
}

static bool looks_like_batch(int dirfd)
{
	static const char *const names[] = {JOURNAL_NAME, MANIFEST_NAME, TASKS_NAME, LOCK_NAME};
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if (faccessat(dirfd, names[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	return false;
}

/* 1: there is no such directory, or it is no batch. */
static int open_batch(struct batch_dir *d, const char *path, struct err *err)
{
	if (batch_dir_open(d, path, err) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 1 : -1;
	if (looks_like_batch(d->fd))
		return 0;
	err_set(err, "'%s' is not a batch directory", d->path);
	batch_dir_close(d);
	return 1;
}

static int open_named(struct batch_dir *d, const char *batches_dir, const char *name,
    struct err *err)
{
	char *path = xasprintf("%s/%s", batches_dir, name);
	int rc = open_batch(d, path, err);

	free(path);
	return rc;
}

/* What the first event says of a batch's run. */
struct lineage {
	bool is_born; /* its first event is there */
	char original[NAME_SIZE]; /* its own name in an original */
	bool is_held;
};

static void lineage_read(struct lineage *l, const struct batch_dir *d)
{
	struct arena arena = ARENA_INIT;
	struct event ev;

	*l = (struct lineage){.is_held = batch_dir_is_held(d->fd, LOCK_BATCH) == 1};
	snprintf(l->original, sizeof(l->original), "%s", d->name);
	if (journal_first(d->fd, &ev, &arena) && ev.type == EV_BATCH) {
		l->is_born = true;
		if (ev.batch.original && *ev.batch.original)
			snprintf(l->original, sizeof(l->original), "%s", ev.batch.original);
	}
	arena_release(&arena);
}

/* Reads lineages from the newest name backwards, to the first original: the newest run is the one
 * whose original is the newest, and its batches are newer than that. Returns that place; without an
 * original, that of the newest batch whose original is gone. */
static size_t find_newest_run(struct lineage *ls, const char *batches_dir, char *const *names,
    size_t nr)
{
	size_t i, orphan = nr - 1;
	bool has_orphan = false;

	for (i = nr; i-- > 0;) {
		struct batch_dir d;

		if (open_named(&d, batches_dir, names[i], NULL) != 0)
			continue;
		lineage_read(&ls[i], &d);
		batch_dir_close(&d);
		if (!ls[i].is_born)
			continue;
		if (strcmp(ls[i].original, names[i]) == 0)
			return i;
		if (!has_orphan)
			orphan = i;
		has_orphan = true;
	}
	return orphan;
}

/* Of the newest run, the batch that lives now, else the last one. */
static int find_newest(struct batch_dir *d, const char *batches_dir, char *const *names, size_t nr,
    struct err *err)
{
	struct lineage *ls = xcalloc(nr, sizeof(*ls));
	size_t run = find_newest_run(ls, batches_dir, names, nr);
	size_t i, best = run;
	int rc;

	for (i = 0; i < nr; i++)
		if (ls[i].is_born && strcmp(ls[i].original, ls[run].original) == 0 &&
		    (ls[i].is_held || (i > best && !ls[best].is_held)))
			best = i;
	rc = open_named(d, batches_dir, names[best], err);
	free(ls);
	return rc;
}

static int find_last(struct batch_dir *d, const char *batches_dir, struct err *err)
{
	char **names;
	size_t nr, i;
	int rc;

	if (batch_dir_list(batches_dir, &names, &nr, err) < 0)
		return -1;
	if (nr == 0) {
		err_set(err,
		    "no batch in '%s' yet: agent-batch launch TASKS.csv makes one; --dir names "
		    "another directory",
		    batches_dir);
		rc = 1;
	} else {
		rc = find_newest(d, batches_dir, names, nr, err);
	}
	for (i = 0; i < nr; i++)
		free(names[i]);
	free(names);
	return rc;
}

int batch_dir_find(struct batch_dir *d, const char *batches_dir, const char *arg, struct err *err)
{
	int rc;

	*d = (struct batch_dir){.fd = -1};
	if (!arg)
		return find_last(d, batches_dir, err);
	if (strchr(arg, '/') || strcmp(arg, ".") == 0 || strcmp(arg, "..") == 0)
		return open_batch(d, arg, err);
	rc = open_named(d, batches_dir, arg, err);
	if (rc == 1 && open_batch(d, arg, NULL) == 0)
		return 0;
	if (rc == 1)
		err_set(err, "no batch '%s' in '%s' or here", arg, batches_dir);
	return rc;
}

/* ---- files of a batch --------------------------------------------------- */

void batch_log_name(const char *id, char out[LOG_NAME_SIZE])
{
	snprintf(out, LOG_NAME_SIZE, "agent-%s.log", id);
}

void batch_log_line(int dirfd, int64_t wall_ms, const char *text)
{
	char time[CLOCK_TEXT_LEN + 1];
	struct buf line = BUF_INIT;
	int logs, fd;
	size_t i, len;
	uint32_t cp;

	logs = openat(dirfd, LOGS_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (logs < 0)
		return;
	fd = file_open_append(logs, "log.txt", NULL);
	close(logs);
	if (fd < 0)
		return;
	clock_text(wall_ms, time);
	buf_fmt(&line, "%s %s", time, text);
	/* One line, and nothing that a terminal obeys: messages quote tasks, names and outputs. */
	for (i = 0; i < line.len; i += len) {
		len = utf8_decode(line.data + i, line.len - i, &cp);
		if (cp != UTF8_BAD && utf8_is_tricky(cp))
			memset(line.data + i, ' ', len);
	}
	buf_ch(&line, '\n');
	(void)write_all(fd, line.data, line.len); /* a full disk must not stop a batch */
	close(fd);
	buf_release(&line);
}
