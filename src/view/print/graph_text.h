/* Which rows wait for which, painted: as text for people, as DOT for Graphviz, as Mermaid. */
#ifndef AB_VIEW_GRAPH_TEXT_H
#define AB_VIEW_GRAPH_TEXT_H

#include "base/buf.h"
#include "model/class.h"
#include "model/graph.h"
#include "model/task.h"

#include <stdbool.h>

struct graph_view {
	const struct tasks *tasks;
	const struct graph *graph; /* without a cycle */
	const enum agent_status *status; /* of each row, or NULL: nothing runs yet */
};

/* Appends. Ids are made harmless and escaped for each of the three: no id can end its quotes. */
void graph_text(const struct graph_view *v, struct buf *out);
void graph_dot(const struct graph_view *v, struct buf *out);
void graph_mermaid(const struct graph_view *v, struct buf *out);

#endif
