#include "exec/logout.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((size_t)1 << 20)

/* What logind.conf says of it; later files go before earlier ones. */
struct settings {
	bool kills;
	char *only, *except; /* lists of users, NULL: not said */
};

static bool read_text(const char *path, struct buf *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is_read = fd >= 0 && file_read_fd(fd, FILE_BYTES_MAX, text, NULL) == 0;

	if (fd >= 0)
		close(fd);
	return is_read;
}

static bool is_yes(const char *s)
{
	return strcasecmp(s, "yes") == 0 || strcasecmp(s, "true") == 0 ||
	    strcasecmp(s, "on") == 0 || strcmp(s, "1") == 0;
}

static const char *value_of(const char *line, const char *name)
{
	size_t n = strlen(name);

	line += strspn(line, " \t");
	if (strncmp(line, name, n) != 0)
		return NULL;
	line += n + strspn(line + n, " \t");
	return *line == '=' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

static void replace(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value);
}

static void take_line(struct settings *s, char *line)
{
	size_t n = strlen(line);
	const char *v;

	while (n > 0 && strchr(" \t\r", line[n - 1]))
		line[--n] = '\0';
	if ((v = value_of(line, "KillUserProcesses")))
		s->kills = is_yes(v);
	else if ((v = value_of(line, "KillOnlyUsers")))
		replace(&s->only, v);
	else if ((v = value_of(line, "KillExcludeUsers")))
		replace(&s->except, v);
}

static void take_file(struct settings *s, const char *path)
{
	struct buf text = BUF_INIT;
	char *line, *end;

	if (read_text(path, &text)) {
		for (line = text.data; line; line = end ? end + 1 : NULL) {
			end = strchr(line, '\n');
			if (end)
				*end = '\0';
			take_line(s, line);
		}
	}
	buf_release(&text);
}

static int is_conf(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 5 && strcmp(e->d_name + n - 5, ".conf") == 0;
}

static void take_dir(struct settings *s, const char *dir)
{
	struct dirent **found;
	int nr = scandir(dir, &found, is_conf, alphasort);
	int i;

	for (i = 0; i < nr; i++) {
		char *path = xasprintf("%s/%s", dir, found[i]->d_name);

		take_file(s, path);
		free(path);
		free(found[i]);
	}
	if (nr >= 0)
		free(found);
}

static void read_settings(struct settings *s, const char *root)
{
	static const char *const places[] = {"/usr/lib/systemd", "/run/systemd", "/etc/systemd"};
	char *path;
	size_t i;

	for (i = 0; i < ARRAY_LEN(places); i++) {
		path = xasprintf("%s%s/logind.conf", root, places[i]);
		take_file(s, path);
		free(path);
	}
	for (i = 0; i < ARRAY_LEN(places); i++) {
		path = xasprintf("%s%s/logind.conf.d", root, places[i]);
		take_dir(s, path);
		free(path);
	}
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (list && *list) {
		size_t n = strcspn(list, " \t");

		if (n == len && memcmp(list, word, n) == 0)
			return true;
		list += n + strspn(list + n, " \t");
	}
	return false;
}

static bool kills_user(const struct settings *s, const char *user)
{
	if (!s->kills || has_word(s->except ? s->except : "root", user))
		return false;
	return !s->only || !*s->only || has_word(s->only, user);
}

static bool lingers(const char *root, const char *user)
{
	char *path = xasprintf("%s/var/lib/systemd/linger/%s", root, user);
	bool is_there = access(path, F_OK) == 0;

	free(path);
	return is_there;
}

/* Which branch of the tree of control groups we hang on. */
static bool cgroup_has(const char *root, const char *what)
{
	char *path = xasprintf("%s/proc/self/cgroup", root);
	struct buf text = BUF_INIT;
	bool has = read_text(path, &text) && strstr(text.data, what);

	buf_release(&text);
	free(path);
	return has;
}

enum logout_end logout_ends_us(const char *root, const char *user, uid_t uid)
{
	struct settings s = {0};
	char *manager = xasprintf("/user@%u.service", (unsigned)uid);
	enum logout_end e = LOGOUT_SPARES;

	if (cgroup_has(root, manager)) {
		if (!lingers(root, user))
			e = LOGOUT_KILLS_MANAGER;
	} else if (cgroup_has(root, "/session-")) {
		read_settings(&s, root);
		if (kills_user(&s, user))
			e = LOGOUT_KILLS_SESSION;
	}
	free(manager);
	free(s.only);
	free(s.except);
	return e;
}

const char *logout_advice(enum logout_end e)
{
	switch (e) {
	case LOGOUT_KILLS_SESSION:
		return "loginctl enable-linger, then systemd-run --user --scope agent-batch ...";
	case LOGOUT_KILLS_MANAGER:
		return "loginctl enable-linger";
	case LOGOUT_SPARES:
		break;
	}
	return NULL;
}

enum logout_end logout_ends_me(void)
{
	const struct passwd *pw = getpwuid(getuid());

	return pw ? logout_ends_us("", pw->pw_name, getuid()) : LOGOUT_SPARES;
}
