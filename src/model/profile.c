#include "model/profile.h"

#include <stdlib.h>
#include <string.h>

static void free_list(char **v, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		free(v[i]);
	free(v);
}

void profile_release(struct profile *p)
{
	size_t i;

	free(p->name);
	free(p->path);
	free_list(p->argv, p->nr_argv);
	free_list(p->unattended_argv, p->nr_unattended);
	free(p->success_codes);
	free_list(p->keep, p->nr_keep);
	for (i = 0; i < p->nr_patterns; i++)
		free(p->patterns[i].regex);
	free(p->patterns);
	memset(p, 0, sizeof(*p));
}
