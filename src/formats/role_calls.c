#include "formats/role_calls.h"
#include "base/xalloc.h"
#include "formats/run_reader.h"

#include <stdlib.h>
#include <string.h>

/* Of one role: the numbers come out of a file, and each is a directory that is looked for. */
#define CALLS_MAX 200

static struct role_call *find_call(const struct role_calls *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->nr; i++)
		if (strcmp(c->v[i].name, name) == 0)
			return &c->v[i];
	return NULL;
}

static struct batch_reader *open_call(const struct batch_reader *original, const char *name)
{
	struct batch_reader *b = xmalloc(sizeof(*b));
	char *path = xasprintf("%s/%s", original->dir.path, name);
	int rc = batch_reader_open(b, path, NULL);

	free(path);
	/* Its row and its first event are the moment it is born. */
	if (rc == 0 && b->state.version && b->state.nr_agents > 0)
		return b;
	if (rc == 0)
		batch_reader_close(b);
	free(b);
	return NULL;
}

static int by_beginning(const void *a, const void *b)
{
	const struct role_call *x = a, *y = b;
	int64_t s = x->reader->state.started_t, t = y->reader->state.started_t;

	if (s != t)
		return s < t ? -1 : 1;
	return strcmp(x->name, y->name);
}

static bool take_up(struct role_calls *c, const struct batch_reader *original, enum solve_role role)
{
	uint32_t last = original->state.solve.last_call[role], k;
	bool is_new = false;

	for (k = last > CALLS_MAX ? last - CALLS_MAX + 1 : 1; k <= last && k > 0; k++) {
		struct role_call call = {.role = role, .k = k};

		solve_call_name(role, k, call.name);
		if (find_call(c, call.name))
			continue;
		call.reader = open_call(original, call.name);
		if (!call.reader)
			continue;
		VEC_GROW(c->v, c->nr, c->cap);
		c->v[c->nr++] = call;
		is_new = true;
	}
	return is_new;
}

bool role_calls_refresh(struct role_calls *c, const struct batch_reader *original)
{
	bool changed = false;
	size_t i;
	int role;

	for (i = 0; i < c->nr; i++) {
		struct batch_reader *b = c->v[i].reader;

		/* One that cannot be read any more is as it was. */
		if (b->state.end == END_NONE || b->is_held)
			changed |= batch_reader_refresh(b, NULL) > 0;
	}
	for (role = 0; role < SOLVE_ROLE__COUNT && original->state.solve.is_told; role++)
		if (take_up(c, original, (enum solve_role)role)) {
			qsort(c->v, c->nr, sizeof(*c->v), by_beginning);
			changed = true;
		}
	return changed;
}

void role_calls_close(struct role_calls *c)
{
	size_t i;

	for (i = 0; i < c->nr; i++) {
		batch_reader_close(c->v[i].reader);
		free(c->v[i].reader);
	}
	free(c->v);
	*c = (struct role_calls){0};
}

uint64_t role_calls_events(const struct role_calls *c)
{
	uint64_t sum = c->nr;
	size_t i;

	for (i = 0; i < c->nr; i++)
		sum += c->v[i].reader->state.nr_events;
	return sum;
}

const struct role_call *role_calls_now(const struct role_calls *c, const struct solve *s)
{
	return s->is_told && s->call ? find_call(c, s->call) : NULL;
}

const char *role_call_id(const struct role_call *call)
{
	return call->name + sizeof(ROLES_NAME);
}

const struct role_call *role_calls_find(const struct role_calls *c, const char *id)
{
	int role = solve_role_from_name(id);
	size_t i;

	for (i = c->nr; i-- > 0;) {
		const struct role_call *call = &c->v[i];

		if (role >= 0 ? call->role == (enum solve_role)role
			      : strcmp(role_call_id(call), id) == 0 || strcmp(call->name, id) == 0)
			return call;
	}
	return NULL;
}
