#include "model/task.h"

#include <stdlib.h>
#include <string.h>

static const char *const column_names[COL__COUNT] = {
    [COL_ID] = "id",
    [COL_AGENT] = "agent",
    [COL_TASK] = "task",
    [COL_MAX_TURNS] = "max_turns",
    [COL_MODEL] = "model",
    [COL_CONTEXT_PATH] = "context_path",
    [COL_OUTPUT_FILE] = "output_file",
    [COL_TAGS] = "tags",
    [COL_DEPENDS_ON] = "depends_on",
    [COL_VALIDATE] = "validate",
    [COL_EXPECT] = "expect",
    [COL_TIMEOUT] = "timeout",
    [COL_PRIORITY] = "priority",
};

void tasks_init(struct tasks *ts)
{
	int i;

	memset(ts, 0, sizeof(*ts));
	arena_init(&ts->arena);
	map_init(&ts->by_id);
	for (i = 0; i < COL__COUNT; i++)
		ts->known[i] = -1;
}

void tasks_release(struct tasks *ts)
{
	arena_release(&ts->arena);
	map_release(&ts->by_id);
	free(ts->columns);
	free(ts->v);
	tasks_init(ts);
}

int task_column_from_name(const char *name)
{
	int i;

	for (i = 0; i < COL__COUNT; i++)
		if (strcmp(column_names[i], name) == 0)
			return i;
	if (strcmp(name, "agent_id") == 0)
		return COL_ID;
	if (strcmp(name, "prompt") == 0)
		return COL_TASK;
	return -1;
}

const char *task_column_name(enum task_column c)
{
	return column_names[c];
}

void tasks_set_for_all(struct tasks *ts, enum task_column c, const char *cell)
{
	ts->for_all[c] = arena_strdup(&ts->arena, cell);
}

const char *task_get(const struct tasks *ts, const struct task *t, enum task_column c)
{
	if (ts->for_all[c])
		return ts->for_all[c];
	return ts->known[c] < 0 ? "" : t->cells[ts->known[c]];
}

const char *task_get_named(const struct tasks *ts, const struct task *t, const char *name)
{
	int known = task_column_from_name(name);
	uint32_t i;

	if (known >= 0 && (ts->for_all[known] || ts->known[known] >= 0))
		return task_get(ts, t, (enum task_column)known);
	for (i = 0; i < ts->nr_columns; i++)
		if (strcmp(ts->columns[i], name) == 0)
			return t->cells[i];
	return known >= 0 ? "" : NULL;
}

uint32_t tasks_find(const struct tasks *ts, const char *id)
{
	return map_get(&ts->by_id, id);
}

const char *task_next_word(const char **s, size_t *len)
{
	static const char separators[] = " \t\r\n,;";
	const char *p = *s + strspn(*s, separators);

	*len = strcspn(p, separators);
	*s = p + *len;
	return *len ? p : NULL;
}

bool task_depends_on(const struct tasks *ts, const struct task *t, const char *id)
{
	const char *s = task_get(ts, t, COL_DEPENDS_ON), *word;
	size_t len, want = strlen(id);

	while ((word = task_next_word(&s, &len)))
		if (len == want && memcmp(word, id, len) == 0)
			return true;
	return false;
}

const char *task_next_result(const char *s, const char **id, size_t *len)
{
	static const char opening[] = "{result:";

	for (; (s = strstr(s, opening)); s++) {
		*id = s + strlen(opening);
		*len = strcspn(*id, "{}");
		if (*len && (*id)[*len] == '}')
			return s;
	}
	return NULL;
}

const char *task_next_part(const char **s, size_t *len)
{
	const char *p = *s;
	size_t n;

	if (!p)
		return NULL;
	n = strcspn(p, ";");
	*s = p[n] ? p + n + 1 : NULL;
	while (n && (*p == ' ' || *p == '\t')) {
		p++;
		n--;
	}
	while (n && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	*len = n;
	return p;
}
