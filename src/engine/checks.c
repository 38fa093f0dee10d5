#include "engine/checks.h"
#include "base/file.h"
#include "base/path.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "formats/jsonr.h"
#include "formats/task_paths.h"
#include "policy/gaia.h"
#include "policy/validation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A larger file is not looked through: it would hold the batch up. */
#define JSON_BYTES_MAX ((size_t)64 << 20)
/* How much of an answer a message shows. */
#define SHOWN 120

/* The beginning of a text, cut at a whole character. */
static int shown(const char *text, size_t len)
{
	return (int)(len <= SHOWN ? len : utf8_valid_prefix(text, SHOWN));
}

static bool tell_answer(const struct checks *c, const char *what, const char *wanted, char *why,
    size_t size)
{
	size_t len;
	const char *final = gaia_final(c->answer, &len);
	const char *dots = len > SHOWN ? "..." : "";

	if (len == 0)
		snprintf(why, size, "expected %s '%.200s', but there is no answer", what, wanted);
	else
		snprintf(why, size, "expected %s '%.200s', got '%.*s%s'", what, wanted,
		    shown(final, len), final, dots);
	return false;
}

static bool check_equals(const struct checks *c, const char *expected, char *why, size_t size)
{
	return gaia_equals(c->answer, expected) ||
	    tell_answer(c, "the answer", expected, why, size);
}

static bool check_regex(const struct checks *c, const char *regex, char *why, size_t size)
{
	int rc = validation_matches(regex, c->answer, strlen(c->answer));

	if (rc < 0)
		snprintf(why, size,
		    "expected an answer that matches '%.200s', but to find that out takes too long",
		    regex);
	return rc > 0 || (rc == 0 && tell_answer(c, "an answer that matches", regex, why, size));
}

/* ---- files -------------------------------------------------------------------- */

static char *resolve(const struct checks *c, const char *path)
{
	char *dir = task_directory(c->options, c->tasks, &c->tasks->v[c->row]);
	struct buf full = BUF_INIT;

	path_resolve(&full, dir, path, strlen(path));
	free(dir);
	return buf_detach(&full);
}

static bool is_json(const char *text, size_t len)
{
	return utf8_valid_prefix(text, len) == len && jsonr_is_value(text, len);
}

static bool holds_json(int fd, const char *path, char *why, size_t size)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	bool is = false;

	if (file_read_fd(fd, JSON_BYTES_MAX, &text, &err) < 0)
		snprintf(why, size, "expected JSON in '%.200s': %s", path, err.msg);
	else if (is_json(text.data, text.len))
		is = true;
	else
		snprintf(why, size, "expected JSON in '%.200s', but it is not%s", path,
		    text.len ? "" : ": it is empty");
	buf_release(&text);
	return is;
}

static bool check_opened(enum validation_kind kind, int fd, const char *path, char *why,
    size_t size)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		snprintf(why, size, "expected a file '%.200s', but it is none", path);
		return false;
	}
	if (kind == VALIDATE_NONEMPTY && st.st_size == 0) {
		snprintf(why, size, "expected something in the file '%.200s', but it is empty",
		    path);
		return false;
	}
	return kind != VALIDATE_JSON || holds_json(fd, path, why, size);
}

static bool check_file(const struct checks *c, const struct validation *v, char *why, size_t size)
{
	struct err err = ERR_INIT;
	char *path = command_fill(c->commands, c->row, c->n, v->arg, &err), *full;
	bool agrees = false;
	int fd;

	if (!path) {
		snprintf(why, size, "validate: %s", err.msg);
		return false;
	}
	full = resolve(c, path);
	fd = open(full, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		snprintf(why, size, "expected a file '%.200s': %s", path,
		    errno == ENOENT ? "it is not there" : strerror(errno));
	else
		agrees = check_opened(v->kind, fd, path, why, size);
	if (fd >= 0)
		close(fd);
	free(full);
	free(path);
	return agrees;
}

bool checks_compare(const struct options *o, const struct tasks *ts, const struct task *t)
{
	return *task_get(ts, t, COL_EXPECT) || validation_of(o, ts, t).kind == VALIDATE_EQUALS;
}

bool checks_agree(const struct checks *c, char *why, size_t size)
{
	const struct task *t = &c->tasks->v[c->row];
	const char *expect = task_get(c->tasks, t, COL_EXPECT);
	struct validation v = validation_of(c->options, c->tasks, t);

	if (*expect && !check_equals(c, expect, why, size))
		return false;
	switch (v.kind) {
	case VALIDATE_NOTHING:
	case VALIDATE_COMMAND:
		break;
	case VALIDATE_FILE:
	case VALIDATE_NONEMPTY:
	case VALIDATE_JSON:
		return check_file(c, &v, why, size);
	case VALIDATE_REGEX:
		return check_regex(c, v.arg, why, size);
	case VALIDATE_EQUALS:
		return check_equals(c, v.arg, why, size);
	}
	return true;
}
