#include "formats/reservation.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "formats/batch_dir.h"
#include "formats/journal.h"
#include "formats/manifest.h"
#include "model/branch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HIDDEN_SIZE (NAME_SIZE + 16)
#define OWNER_SIZE (NAME_SIZE + BRANCH_NAME_SIZE)

static int open_inside(int dirfd, const char *name)
{
	return openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static bool has(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- whose it is ---------------------------------------------------------------- */

static bool read_owner(int childfd, struct buf *owner)
{
	return file_read(childfd, LOCK_NAME, OWNER_SIZE, owner, NULL) == 0 && owner->len > 0;
}

static void format_owner(const struct reservation *r, char out[OWNER_SIZE])
{
	snprintf(out, OWNER_SIZE, "%s%s%s", r->parent, r->branch ? " " : "",
	    r->branch ? r->branch : "");
}

bool reservation_is_foreign(int childfd, const struct reservation *r)
{
	struct buf owner = BUF_INIT;
	char own[OWNER_SIZE];
	bool is;

	format_owner(r, own);
	is = read_owner(childfd, &owner) && strcmp(owner.data, own) != 0;
	buf_release(&owner);
	return is;
}

/* `owner`: as it is written; with a blank at its end any branch of that parent. */
static bool is_reserved_for(int dirfd, const char *name, const char *owner)
{
	struct buf found = BUF_INIT;
	size_t len = strlen(owner);
	int fd = open_inside(dirfd, name);
	bool is = fd >= 0 && !has(fd, JOURNAL_NAME) && !has(fd, MANIFEST_NAME) &&
	    read_owner(fd, &found) &&
	    (strcmp(found.data, owner) == 0 ||
		(owner[len - 1] == ' ' && strncmp(found.data, owner, len) == 0));

	buf_release(&found);
	if (fd >= 0)
		close(fd);
	return is;
}

/* A child is younger than its parent: older names are not looked at. */
static bool find(const struct reservation *r, const char *owner, int dirfd, char child[NAME_SIZE])
{
	char **names;
	size_t nr, i;
	bool found = false;

	if (batch_dir_list(r->batches_dir, &names, &nr, NULL) < 0)
		return false;
	for (i = nr; i-- > 0;) {
		if (!found && name_compare(names[i], r->parent) > 0 &&
		    is_reserved_for(dirfd, names[i], owner)) {
			snprintf(child, NAME_SIZE, "%s", names[i]);
			found = true;
		}
		free(names[i]);
	}
	free(names);
	return found;
}

/* ---- making ------------------------------------------------------------------------ */

/* Under a name that only this parent uses: what a crash left of it is filled again. */
static int make_hidden(int dirfd, const char *hidden, const char *owner, struct err *err)
{
	int fd, lock, rc = 0;

	if (dir_make(dirfd, hidden, err) < 0)
		return -1;
	fd = open_inside(dirfd, hidden);
	if (fd < 0)
		return err_sys(err, errno, "cannot open directory '%s'", hidden);
	(void)unlinkat(fd, LOCK_NAME, 0); /* file_create tells what could not be removed */
	lock = file_create(fd, LOCK_NAME, err);
	if (lock < 0)
		rc = -1;
	else if (write_all(lock, owner, strlen(owner)) < 0)
		rc = err_sys(err, errno, "cannot write '%s/" LOCK_NAME "'", hidden);
	if (lock >= 0)
		close(lock);
	close(fd);
	return rc;
}

/* 1: the name is taken. Where the file system cannot rename without replacing, the name is taken by
 * an empty directory that the rename replaces. */
static int give_name(int dirfd, const char *hidden, const char *name, struct err *err)
{
	int rc;

	if (renameat2(dirfd, hidden, dirfd, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno == EEXIST)
		return 1;
	if (errno != EINVAL && errno != ENOSYS)
		return err_sys(err, errno, "cannot make directory '%s'", name);
	rc = dir_make(dirfd, name, err);
	if (rc != 0)
		return rc;
	if (renameat(dirfd, hidden, dirfd, name) < 0)
		return err_sys(err, errno, "cannot make directory '%s'", name);
	return 0;
}

static void hidden_name(const char *parent, char out[HIDDEN_SIZE])
{
	snprintf(out, HIDDEN_SIZE, ".%s.child", parent);
}

int reservation_take(const struct reservation *r, int64_t wall_ms, char child[NAME_SIZE],
    struct err *err)
{
	char hidden[HIDDEN_SIZE], owner[OWNER_SIZE];
	int dirfd = dir_open(r->batches_dir, err);
	int rc;

	if (dirfd < 0) {
		name_free_batch(-1, wall_ms, child);
		return -1;
	}
	hidden_name(r->parent, hidden);
	format_owner(r, owner);
	if (find(r, owner, dirfd, child)) {
		rc = 0;
	} else {
		rc = make_hidden(dirfd, hidden, owner, err);
		do {
			name_free_batch(dirfd, wall_ms, child);
			if (rc >= 0)
				rc = give_name(dirfd, hidden, child, err);
		} while (rc == 1);
	}
	close(dirfd);
	return rc;
}

static void remove_reserved(int dirfd, const char *name)
{
	int fd = open_inside(dirfd, name);

	if (fd < 0)
		return;
	(void)unlinkat(fd, LOCK_NAME, 0); /* best effort: what stays is empty */
	close(fd);
	(void)unlinkat(dirfd, name, AT_REMOVEDIR);
}

void reservation_drop(const char *batches_dir, const char *parent)
{
	const struct reservation r = {.batches_dir = batches_dir, .parent = parent};
	/* One that cannot be removed is found again: as many as there may be, and no more. */
	int dirfd = dir_open(batches_dir, NULL), tries = BRANCHES_MAX;
	char hidden[HIDDEN_SIZE], child[NAME_SIZE], any_branch[OWNER_SIZE];

	if (dirfd < 0)
		return;
	hidden_name(parent, hidden);
	remove_reserved(dirfd, hidden);
	if (find(&r, parent, dirfd, child))
		remove_reserved(dirfd, child);
	snprintf(any_branch, sizeof(any_branch), "%s ", parent);
	while (tries-- > 0 && find(&r, any_branch, dirfd, child))
		remove_reserved(dirfd, child);
	close(dirfd);
}
