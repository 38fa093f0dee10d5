#include "ui/orders.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* What a line holds beside ids. */
#define FRAME_BYTES 256

const char *orders_status(const struct agent *a)
{
	return a->phase == PHASE_NONE ? status_name(a->status) : phase_name(a->phase);
}

struct ctl_request order_request(enum ctl_verb verb)
{
	return (struct ctl_request){.verb = verb, .by = xstrdup("operator")};
}

/* As JSON, quotes and comma included: at most six bytes for one that must be escaped. */
static size_t id_bytes(const char *id)
{
	size_t n = 3;

	for (; *id; id++) {
		unsigned char c = (unsigned char)*id;

		n += c < 0x20 || c == '"' || c == '\\' || c >= 0x7F ? 6 : 1;
	}
	return n;
}

static struct order *find(struct orders *o, enum ctl_verb verb, const char *status, size_t bytes)
{
	size_t i;

	for (i = 0; i < o->nr; i++)
		if (o->v[i].q.verb == verb && strcmp(o->v[i].q.if_status, status) == 0 &&
		    o->v[i].bytes + bytes <= CTL_LINE_MAX)
			return &o->v[i];
	return NULL;
}

void orders_add(struct orders *o, enum ctl_verb verb, const struct agent *a)
{
	size_t bytes = id_bytes(a->task->id);
	struct order *order = find(o, verb, orders_status(a), bytes);

	if (!order) {
		VEC_GROW(o->v, o->nr, o->cap);
		order = &o->v[o->nr++];
		*order = (struct order){.q = order_request(verb), .bytes = FRAME_BYTES};
		order->q.if_status = xstrdup(orders_status(a));
	}
	order->q.ids = xrealloc(order->q.ids, (order->q.nr_ids + 1) * sizeof(*order->q.ids));
	order->q.ids[order->q.nr_ids++] = xstrdup(a->task->id);
	order->bytes += bytes;
	o->nr_agents++;
}

void orders_release(struct orders *o)
{
	while (o->nr)
		ctl_request_release(&o->v[--o->nr].q);
	free(o->v);
	*o = (struct orders){0};
}
