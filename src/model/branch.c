#include "model/branch.h"
#include "base/buf.h"

#include <string.h>

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool branch_name_is_good(const char *name)
{
	size_t len = strlen(name), i;

	if (len == 0 || len >= BRANCH_NAME_SIZE || !is_alnum(name[0]))
		return false;
	for (i = 0; i < len; i++)
		if (!is_alnum(name[i]) && !strchr("-_.", name[i]))
			return false;
	return true;
}

const char *branch_split(const char *text, char name[BRANCH_NAME_SIZE])
{
	size_t len = strcspn(text, ":");

	if (text[len] != ':' || len == 0 || len >= BRANCH_NAME_SIZE)
		return NULL;
	memcpy(name, text, len);
	name[len] = '\0';
	text += len + 1;
	return branch_name_is_good(name) ? text + strspn(text, " \t") : NULL;
}

uint32_t branch_find(const struct options *o, const char *name)
{
	uint32_t i = 0;

	while (i < o->nr_branches && strcmp(o->branches[i].name, name) != 0)
		i++;
	return i;
}

int branch_jobs(int jobs, uint32_t nr, uint32_t i)
{
	int part;

	if (jobs <= 0 || nr == 0)
		return jobs;
	part = jobs / (int)nr + (i < (uint32_t)jobs % nr);
	return part > 0 ? part : 1;
}

void branch_set_rows(const struct options *o, struct tasks *ts)
{
	if (o->agent_for_all && o->agent)
		tasks_set_for_all(ts, COL_AGENT, o->agent);
	if (o->model)
		tasks_set_for_all(ts, COL_MODEL, o->model);
	if (o->context_path)
		tasks_set_for_all(ts, COL_CONTEXT_PATH, o->context_path);
}

#define PLACE "{task}"
#define PLACE_LEN (sizeof(PLACE) - 1)

/* What stands at `s`: how many bytes of the template it takes. 0: a brace that is nothing. */
static size_t piece(const char *s)
{
	if (strncmp(s, PLACE, PLACE_LEN) == 0)
		return PLACE_LEN;
	if (*s != '{' && *s != '}')
		return 1;
	return s[1] == s[0] ? 2 : 0;
}

char *branch_fill_task(const char *task_template, const char *text)
{
	struct buf out = BUF_INIT;
	const char *s = task_template;

	while (*s) {
		size_t n = piece(s);

		if (n == PLACE_LEN)
			buf_str(&out, text);
		else
			buf_ch(&out, *s);
		s += n ? n : 1;
	}
	return buf_detach(&out);
}

bool branch_template_is_good(const char *task_template)
{
	bool has_task = false;
	const char *s = task_template;
	size_t n;

	for (; *s; s += n) {
		n = piece(s);
		if (n == 0)
			return false;
		has_task |= n == PLACE_LEN;
	}
	return has_task;
}
