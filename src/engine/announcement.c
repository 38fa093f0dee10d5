#include "engine/announcement.h"
#include "formats/options_json.h"

#include <string.h>
#include <unistd.h>

void announcement_init(struct announcement *a, const struct manifest *m, const struct options *o)
{
	const struct retry_metadata *r = &m->retry;

	memset(a, 0, sizeof(*a));
	buf_init(&a->options);
	clock_boot_id(a->boot);
	(void)gethostname(a->host, sizeof(a->host) - 1); /* without a name it stays "" */
	event_init(&a->ev, EV_BATCH);
	a->ev.batch.version = AB_VERSION;
	a->ev.batch.boot = a->boot;
	a->ev.batch.host = a->host;
	a->ev.batch.pid = getpid();
	a->ev.batch.cycle = r->retry_count;
	a->ev.batch.kind = r->kind;
	a->ev.batch.original = r->is_retry ? r->original_batch : NULL;
	a->ev.batch.parent = r->is_retry ? r->parent_batch : NULL;
	a->ev.batch.branch = r->branch[0] ? r->branch : NULL;
	a->ev.batch.accounts = options_accounts(o);
}

void announcement_release(struct announcement *a)
{
	buf_release(&a->options);
}

void announcement_add_options(struct announcement *a, const struct options *o)
{
	struct jsonw w;

	jsonw_init(&w, &a->options, 0);
	options_format(o, &w);
	a->ev.batch.options_json = a->options.data;
}
