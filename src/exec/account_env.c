#include "exec/account_env.h"
#include "base/file.h"
#include "base/path.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One string of an environment holds 128 KiB. */
#define VALUE_BYTES_MAX ((size_t)64 * 1024)

/* ---- values ------------------------------------------------------------- */

/* ~ and ~/ at the beginning are home. */
static char *expand(const char *text)
{
	struct buf path = BUF_INIT;

	if (strcmp(text, "~") != 0 && strncmp(text, "~/", 2) != 0)
		return xstrdup(text);
	path_resolve(&path, "/", text, strlen(text));
	return buf_detach(&path);
}

static char *value_of_variable(const struct config_assign *a, struct err *err)
{
	const char *value = getenv(a->text);

	if (value && *value)
		return xstrdup(value);
	err_set(err, "%s is taken from the variable %s, which is %s", a->name, a->text,
	    value ? "empty" : "not set");
	return NULL;
}

/* Keys are written with an editor or echo: one line end behind them is not of them. */
static void cut_line_end(struct buf *text)
{
	if (text->len > 0 && text->data[text->len - 1] == '\n')
		buf_cut(text, text->len - 1);
	if (text->len > 0 && text->data[text->len - 1] == '\r')
		buf_cut(text, text->len - 1);
}

static int read_value(const char *path, struct buf *text, struct err *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int rc = fd < 0 || fstat(fd, &st) < 0 ? -1 : 0;

	if (rc < 0)
		err_set(err, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		rc = err_set(err, "it is no regular file");
	else
		rc = file_read_fd(fd, VALUE_BYTES_MAX, text, err);
	if (fd >= 0)
		close(fd);
	return rc;
}

static char *value_of_file(const struct config_assign *a, struct err *err)
{
	char *path = expand(a->text), *value = NULL;
	struct buf text = BUF_INIT;
	struct err why = ERR_INIT;

	if (read_value(path, &text, &why) < 0)
		err_set(err, "%s is taken from the file '%s', which cannot be read: %s", a->name,
		    a->text, why.msg);
	else if (strlen(text.data) != text.len)
		err_set(err, "%s is taken from the file '%s', which holds a NUL byte", a->name,
		    a->text);
	else
		cut_line_end(&text);
	if (!err->msg[0] && text.len == 0)
		err_set(err, "%s is taken from the file '%s', which is empty", a->name, a->text);
	if (!err->msg[0])
		value = xstrdup(text.data);
	explicit_bzero(text.data, text.len);
	buf_release(&text);
	free(path);
	return value;
}

static char *value_of(const struct config_assign *a, struct err *err)
{
	switch (a->from) {
	case ASSIGN_FROM_VARIABLE:
		return value_of_variable(a, err);
	case ASSIGN_FROM_FILE:
		return value_of_file(a, err);
	case ASSIGN_VALUE:
		break;
	}
	return expand(a->text);
}

int account_env_read(struct account_env *e, const struct config_account *account, struct err *err)
{
	struct err why = ERR_INIT;
	size_t i;

	account_env_release(e);
	e->account = account;
	for (i = 0; i < account->nr; i++) {
		e->values[i] = value_of(&account->v[i], &why);
		if (e->values[i])
			continue;
		account_env_release(e);
		return err_set(err, "account %s: %s", account->name, why.msg);
	}
	return 0;
}

void account_env_release(struct account_env *e)
{
	size_t i;

	for (i = 0; i < CONFIG_ASSIGNS; i++) {
		if (e->values[i])
			explicit_bzero(e->values[i], strlen(e->values[i]));
		free(e->values[i]);
	}
	*e = (struct account_env){.account = NULL};
}

/* ---- words -------------------------------------------------------------- */

void account_env_warn(const struct config_account *account, struct buf *out)
{
	size_t i;

	for (i = 0; i < account->nr; i++) {
		const struct config_assign *a = &account->v[i];
		char *path = a->from == ASSIGN_FROM_FILE ? expand(a->text) : NULL;
		struct stat st;

		if (path && stat(path, &st) == 0 && (st.st_mode & (S_IRGRP | S_IROTH)))
			buf_fmt(out,
			    "%saccount %s: others can read '%s': chmod 600 it, and think of the "
			    "key as known",
			    out->len ? "\n" : "", account->name, a->text);
		free(path);
	}
}

void account_assign_text(const struct config_assign *a, struct buf *out)
{
	switch (a->from) {
	case ASSIGN_FROM_VARIABLE:
		buf_fmt(out, "%s from $%s", a->name, a->text);
		return;
	case ASSIGN_FROM_FILE:
		buf_fmt(out, "%s from '%s'", a->name, a->text);
		return;
	case ASSIGN_VALUE:
		buf_fmt(out, "%s as config.json says", a->name);
		return;
	}
}

void account_identity(const struct config_account *account, struct buf *out)
{
	size_t i;

	for (i = 0; i < account->nr; i++)
		buf_fmt(out, "%s %d %s\n", account->v[i].name, (int)account->v[i].from,
		    account->v[i].text);
}

/* ---- what agents do not see ------------------------------------------------- */

static bool is_touched(const struct config_json *c, const char *profile, const char *name,
    size_t len)
{
	size_t i, k;

	for (i = 0; i < c->nr_accounts; i++) {
		const struct config_account *a = &c->accounts[i];

		for (k = 0; strcmp(a->profile, profile) == 0 && k < a->nr; k++) {
			const struct config_assign *v = &a->v[k];

			if (strlen(v->name) == len && memcmp(v->name, name, len) == 0)
				return true;
			if (v->from == ASSIGN_FROM_VARIABLE && strlen(v->text) == len &&
			    memcmp(v->text, name, len) == 0)
				return true;
		}
	}
	return false;
}

size_t account_env_hide(const struct config_json *c, const char *profile, char **env, size_t nr)
{
	size_t i, kept = 0;

	for (i = 0; i < nr; i++) {
		if (is_touched(c, profile, env[i], strcspn(env[i], "=")))
			free(env[i]);
		else
			env[kept++] = env[i];
	}
	return kept;
}
