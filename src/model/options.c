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
	};
}

void options_release(struct options *o)
{
	free(o->agent);
	free(o->agent_command);
	free(o->halt);
	free(o->dir);
	free(o->cwd);
	free(o->validate);
	free(o->validator);
	free(o->source_csv);
	options_init(o);
}

const char *options_default_agent(const struct options *o)
{
	return o->agent ? o->agent : COMMAND_ACCOUNT;
}

static char *dup_or_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

void options_copy(struct options *to, const struct options *from)
{
	*to = *from;
	to->agent = dup_or_null(from->agent);
	to->agent_command = dup_or_null(from->agent_command);
	to->halt = dup_or_null(from->halt);
	to->dir = dup_or_null(from->dir);
	to->cwd = dup_or_null(from->cwd);
	to->validate = dup_or_null(from->validate);
	to->validator = dup_or_null(from->validator);
	to->source_csv = dup_or_null(from->source_csv);
}
