#include "engine/no_agent.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "exec/profiles.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Those that come along are offered in this order; the user's own go before them. What is not here
 * is no agent (shell, sim). */
static const char *const known[] = {"claude", "codex", "gemini", "opencode", "qwen", "copilot",
    "cursor", "goose", "aider", "amp", "pi", "cn", "grok", "llm"};

struct found {
	const char *names[64]; /* borrowed */
	size_t nr;
};

static bool is_known(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i], name) == 0)
			return true;
	return false;
}

static void look_for(struct found *found, const char *name, bool only_own)
{
	struct profile p;
	char *program;

	if (found->nr == ARRAY_LEN(found->names) || profile_load(name, &p, NULL) != 0)
		return;
	program = only_own && profile_is_ours(&p) ? NULL : profile_program(&p);
	if (program)
		found->names[found->nr++] = name;
	free(program);
	profile_release(&p);
}

static void add_names(struct buf *out, const char *const *names, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		buf_fmt(out, "%s%s", i == 0 ? "" : i + 1 < nr ? ", " : " and ", names[i]);
}

static void tell(const struct found *found, const char *command, const char *what, struct err *err)
{
	struct buf names = BUF_INIT;

	if (found->nr) {
		add_names(&names, found->names, found->nr);
		err_set(err,
		    "no agent named; installed here: %.300s; go on with 'agent-batch %s %.200s "
		    "--agent %s' (an 'agent' column or --agent-command 'PROG {task}' would do, "
		    "too)",
		    names.data, command, what, found->names[0]);
	} else {
		add_names(&names, known, ARRAY_LEN(known));
		err_set(err,
		    "no agent named, and none of those known is on the PATH (%s): install one, or "
		    "go on "
		    "with 'agent-batch %s %.200s --agent-command \"PROG {task}\"'; without "
		    "any, "
		    "'agent-batch demo' shows how it works",
		    names.data, command, what);
	}
	buf_release(&names);
}

int no_agent_refuse(const char *command, const char *what, struct err *err)
{
	struct found found = {.nr = 0};
	char **names = NULL;
	size_t nr = 0, i;

	(void)profile_list(&names, &nr, NULL); /* the message is of use without the list, too */
	for (i = 0; i < nr; i++)
		if (!is_known(names[i]))
			look_for(&found, names[i], true);
	for (i = 0; i < ARRAY_LEN(known); i++)
		look_for(&found, known[i], false);
	tell(&found, command, what, err);
	for (i = 0; i < nr; i++)
		free(names[i]);
	free(names);
	return -1;
}
