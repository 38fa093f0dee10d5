#include "model/options.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void options_init(struct options *o)
{
	*o = (struct options){
	    .max_retries = 5,
	    .jobs = 8,
	    .attempts = 5,
	    .backoff = {.initial_s = 5, .factor = 3, .cap_s = 300},
	    .timeout_s = TIME_BY_PROFILE,
	    .stall_s = TIME_BY_PROFILE,
	    .grace_s = 10,
	    .max_wait_s = 24 * 3600,
	    .max_validation_retries = 2,
	};
}

void text_list_add(struct text_list *l, const char *text)
{
	l->v = xrealloc(l->v, (l->nr + 1) * sizeof(*l->v));
	l->v[l->nr++] = xstrdup(text);
}

void text_list_clear(struct text_list *l)
{
	while (l->nr)
		free(l->v[--l->nr]);
	free(l->v);
	l->v = NULL;
}

bool options_has_role(const struct options *o, enum solve_role r)
{
	return o->role_profile[r] || o->role_command[r];
}

bool options_is_solve(const struct options *o)
{
	int r;

	for (r = 0; r < SOLVE_ROLE__COUNT; r++)
		if (options_has_role(o, (enum solve_role)r))
			return !o->role;
	return false;
}

void options_clear_roles(struct options *o)
{
	int r;

	for (r = 0; r < SOLVE_ROLE__COUNT; r++) {
		free(o->role_profile[r]);
		free(o->role_command[r]);
		o->role_profile[r] = o->role_command[r] = NULL;
	}
	free(o->problem);
	o->problem = NULL;
	text_list_clear(&o->attachments);
}

void options_release(struct options *o)
{
	free(o->agent);
	free(o->agent_command);
	free(o->accounts);
	free(o->halt);
	free(o->dir);
	free(o->cwd);
	free(o->validate);
	options_clear_roles(o);
	free(o->role);
	free(o->source_csv);
	free(o->model);
	free(o->context_path);
	free(o->task_template);
	free(o->unbranched);
	options_drop_branches(o);
	options_init(o);
}

const char *options_default_agent(const struct options *o)
{
	return o->agent ? o->agent : COMMAND_ACCOUNT;
}

const char *options_accounts(const struct options *o)
{
	return o->accounts && strcmp(o->accounts, NO_ACCOUNTS) == 0 ? "" : o->accounts;
}

static char *dup_or_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

struct branch *options_add_branch(struct options *o)
{
	o->branches = xrealloc(o->branches, (o->nr_branches + 1) * sizeof(*o->branches));
	o->branches[o->nr_branches] = (struct branch){.name = NULL};
	return &o->branches[o->nr_branches++];
}

void options_drop_branches(struct options *o)
{
	uint32_t i;

	for (i = 0; i < o->nr_branches; i++) {
		free(o->branches[i].name);
		free(o->branches[i].flags);
		free(o->branches[i].set);
	}
	free(o->branches);
	o->branches = NULL;
	o->nr_branches = 0;
}

static void copy_branches(struct options *to, const struct options *from)
{
	uint32_t i;

	to->branches = NULL;
	to->nr_branches = 0;
	for (i = 0; i < from->nr_branches; i++) {
		const struct branch *b = &from->branches[i];

		*options_add_branch(to) = (struct branch){
		    .name = xstrdup(b->name),
		    .flags = xstrdup(b->flags),
		    .set = xstrdup(b->set),
		    .has_own_agent = b->has_own_agent,
		};
	}
}

void options_copy(struct options *to, const struct options *from)
{
	size_t i;
	int r;

	*to = *from;
	copy_branches(to, from);
	to->model = dup_or_null(from->model);
	to->context_path = dup_or_null(from->context_path);
	to->task_template = dup_or_null(from->task_template);
	to->unbranched = dup_or_null(from->unbranched);
	to->agent = dup_or_null(from->agent);
	to->agent_command = dup_or_null(from->agent_command);
	to->accounts = dup_or_null(from->accounts);
	to->halt = dup_or_null(from->halt);
	to->dir = dup_or_null(from->dir);
	to->cwd = dup_or_null(from->cwd);
	to->validate = dup_or_null(from->validate);
	for (r = 0; r < SOLVE_ROLE__COUNT; r++) {
		to->role_profile[r] = dup_or_null(from->role_profile[r]);
		to->role_command[r] = dup_or_null(from->role_command[r]);
	}
	to->problem = dup_or_null(from->problem);
	to->attachments = (struct text_list){NULL, 0};
	for (i = 0; i < from->attachments.nr; i++)
		text_list_add(&to->attachments, from->attachments.v[i]);
	to->role = dup_or_null(from->role);
	to->source_csv = dup_or_null(from->source_csv);
}
