#include "model/profile.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void free_list(char **v, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		free(v[i]);
	free(v);
}

static void free_words(struct profile_words *words)
{
	size_t i;

	for (i = 0; i < words->nr; i++)
		free(words->v[i].text);
	free(words->v);
}

static void free_vars(struct profile_vars *vars)
{
	size_t i;

	for (i = 0; i < vars->nr; i++) {
		free(vars->v[i].name);
		free(vars->v[i].value);
	}
	free(vars->v);
}

static void free_answer(struct profile_answer *a)
{
	free(a->type);
	free(a->field);
	free(a->after);
	free(a->until);
	free(a->skip);
}

static void free_event(struct profile_event *e)
{
	free(e->type);
	free(e->field);
}

void profile_release(struct profile *p)
{
	size_t i;

	free(p->name);
	free(p->path);
	free(p->description);
	free(p->base);
	free_words(&p->command);
	free_words(&p->edits);
	free_words(&p->unattended);
	free_words(&p->resume);
	free_vars(&p->env);
	free_vars(&p->unattended_env);
	free_answer(&p->answer);
	free_event(&p->error);
	free_event(&p->session);
	free(p->success_codes);
	free(p->exit_codes);
	free_list(p->keep, p->nr_keep);
	for (i = 0; i < p->nr_patterns; i++)
		free(p->patterns[i].regex);
	free(p->patterns);
	for (i = 0; i < p->nr_prices; i++)
		free(p->prices[i].model);
	free(p->prices);
	memset(p, 0, sizeof(*p));
}

/* ---- inheriting --------------------------------------------------------- */

static void append_patterns(struct profile *p, struct profile *base)
{
	size_t nr = p->nr_patterns + base->nr_patterns;

	if (base->nr_patterns == 0)
		return;
	p->patterns = xrealloc(p->patterns, nr * sizeof(*p->patterns));
	memcpy(p->patterns + p->nr_patterns, base->patterns,
	    base->nr_patterns * sizeof(*p->patterns));
	p->nr_patterns = nr;
	base->nr_patterns = 0; /* their regexes are p's now */
}

void profile_inherit(struct profile *p, struct profile *base)
{
#define TAKE(bit, member) \
	do { \
		if (!(p->given & 1u << (bit))) { \
			p->member = base->member; \
			memset(&base->member, 0, sizeof(base->member)); \
		} \
	} while (0)
	TAKE(PROFILE_DESCRIPTION, description);
	TAKE(PROFILE_COMMAND, command);
	TAKE(PROFILE_EDITS, edits);
	TAKE(PROFILE_EDITS, edits_nothing);
	TAKE(PROFILE_UNATTENDED, unattended);
	TAKE(PROFILE_RESUME, resume);
	TAKE(PROFILE_ENV, env);
	TAKE(PROFILE_UNATTENDED_ENV, unattended_env);
	/* How the task comes belongs to the command. */
	TAKE((p->given & 1u << PROFILE_COMMAND) ? PROFILE_COMMAND : PROFILE_TASK, task_way);
	TAKE(PROFILE_ANSWER, answer);
	TAKE(PROFILE_ERROR, error);
	TAKE(PROFILE_SESSION, session);
	TAKE(PROFILE_USAGE, usage_is_sum);
	TAKE(PROFILE_USAGE, usage_is_session);
	TAKE(PROFILE_TIMEOUT, timeout_s);
	TAKE(PROFILE_STALL, stall_s);
	TAKE(PROFILE_SILENT_WAIT, silent_wait_s);
	TAKE(PROFILE_SUCCESS_CODES, nr_success_codes);
	TAKE(PROFILE_SUCCESS_CODES, success_codes);
	TAKE(PROFILE_EXIT_CODES, nr_exit_codes);
	TAKE(PROFILE_EXIT_CODES, exit_codes);
	TAKE(PROFILE_KEEP, nr_keep);
	TAKE(PROFILE_KEEP, keep);
	TAKE(PROFILE_PRICE, nr_prices);
	TAKE(PROFILE_PRICE, prices);
#undef TAKE
	append_patterns(p, base);
	profile_release(base);
}

bool profile_words_have(const struct profile_words *words, const char *text)
{
	size_t i;

	for (i = 0; i < words->nr; i++)
		if (strcmp(words->v[i].text, text) == 0)
			return true;
	return false;
}

bool profile_is_own(const char *name)
{
	return strcmp(name, "sim") == 0 || strcmp(name, "shell") == 0;
}
