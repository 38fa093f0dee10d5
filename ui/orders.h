/* Verbs for many agents, put together: one request for each verb and each status that the screen
 * says of them, because the conductor refuses a request when one of its agents has another status
 * by now; and more of them where the ids would not fit into one line of the control socket. */
#ifndef AB_UI_ORDERS_H
#define AB_UI_ORDERS_H

#include "formats/ctl.h"
#include "model/batch.h"

#include <stddef.h>

struct order {
	struct ctl_request q;
	size_t bytes; /* of its line, at most */
};

/* Begins as {0}. */
struct orders {
	struct order *v;
	size_t nr, cap;
	size_t nr_agents;
};

void orders_release(struct orders *o);
void orders_add(struct orders *o, enum ctl_verb verb, const struct agent *a);
/* What the screen says of it: "backoff", "failed". */
const char *orders_status(const struct agent *a);

/* A request of the operator for no agent in particular. */
struct ctl_request order_request(enum ctl_verb verb);

#endif
