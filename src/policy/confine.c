#include "policy/confine.h"
#include "policy/validation.h"

#include <string.h>

bool confine_is_due(const struct options *o)
{
	return !o->unattended && !o->role_command[SOLVE_PLANNER];
}

/* ---- paths ------------------------------------------------------------------------- */

static bool goes_up(const char *path, size_t len)
{
	size_t from = 0, i;

	for (i = 0; i <= len; i++) {
		if (i < len && path[i] != '/')
			continue;
		if (i - from == 2 && path[from] == '.' && path[from + 1] == '.')
			return true;
		from = i + 1;
	}
	return false;
}

static bool begins_below(const char *path, size_t len, const char *dir)
{
	size_t n = strlen(dir);

	while (n && dir[n - 1] == '/')
		n--;
	return len >= n && memcmp(path, dir, n) == 0 && (len == n || path[n] == '/');
}

static bool is_inside(const struct options *o, const char *path, size_t len)
{
	if (len == 0)
		return true;
	if (goes_up(path, len) || path[0] == '~')
		return false;
	return path[0] != '/' || begins_below(path, len, o->cwd);
}

static bool is_attached(const struct options *o, const char *path, size_t len)
{
	size_t i;

	for (i = 0; i < o->attachments.nr; i++)
		if (strlen(o->attachments.v[i]) == len &&
		    memcmp(o->attachments.v[i], path, len) == 0)
			return true;
	return false;
}

/* The first part is where its agent works; the others are what it is to look at. */
static bool are_contexts_inside(const struct options *o, const char *cell)
{
	bool is_first = true;
	const char *part;
	size_t len;

	while ((part = task_next_part(&cell, &len))) {
		if (!is_inside(o, part, len) && (is_first || !is_attached(o, part, len)))
			return false;
		is_first = false;
	}
	return true;
}

/* ---- rows -------------------------------------------------------------------------- */

static bool is_command(const struct tasks *ts, const struct task *t)
{
	const struct options none = {0};

	return validation_of(&none, ts, t).kind == VALIDATE_COMMAND;
}

/* The profile that runs its task as a script, where the user has not chosen it himself. */
static bool is_shell(const struct options *o, const char *agent)
{
	return strcmp(agent, "shell") == 0 && !o->agent_command &&
	    (!o->agent || strcmp(o->agent, agent) != 0);
}

static const char *fault_of(const struct options *o, const struct tasks *ts, const struct task *t)
{
	const char *output = task_get(ts, t, COL_OUTPUT_FILE);

	if (is_command(ts, t))
		return "'validate' would run a command: leave it out, or write file:, nonempty:, "
		       "json:, regex: or equals:";
	if (is_shell(o, task_get(ts, t, COL_AGENT)))
		return "'agent' would run the task as a command: leave it out";
	if (!are_contexts_inside(o, task_get(ts, t, COL_CONTEXT_PATH)))
		return "'context_path' leads out of the directory that the run works in: use paths "
		       "below it";
	if (!is_inside(o, output, strlen(output)))
		return "'output_file' leads out of the directory that the run works in: use a path "
		       "below it";
	return NULL;
}

int confine_check(const struct options *o, const struct tasks *ts, struct err *err)
{
	uint32_t i;

	for (i = 0; i < ts->nr; i++) {
		const char *what = fault_of(o, ts, &ts->v[i]);

		if (what)
			return err_set(err, "subtask '%s': %s", ts->v[i].id, what);
	}
	return 0;
}
