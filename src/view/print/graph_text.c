#include "view/print/graph_text.h"
#include "base/xalloc.h"
#include "view/text/sanitize.h"
#include "view/summary.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Ids that a line of text names; a row may wait for 100,000. */
#define PARENTS_SHOWN 12
#define CHAIN_SHOWN 10

static void add_id(const struct graph_view *v, uint32_t i, struct buf *out)
{
	sanitize_line(out, v->tasks->v[i].id);
}

/* ---- text ----------------------------------------------------------------- */

static void add_parents(const struct graph_view *v, uint32_t i, struct buf *out)
{
	const struct graph *g = v->graph;
	uint32_t from = g->first_parent[i], nr = g->first_parent[i + 1] - from, k;

	for (k = 0; k < nr && k < PARENTS_SHOWN; k++) {
		buf_str(out, k ? ", " : "  waits for ");
		add_id(v, g->parents[from + k], out);
	}
	if (nr > PARENTS_SHOWN)
		buf_fmt(out, " and %u more", nr - PARENTS_SHOWN);
}

/* The child that begins the longest chain behind a row that has one. */
static uint32_t next_in_chain(const struct graph *g, uint32_t i)
{
	uint32_t k = g->first_child[i];

	while (g->behind[g->children[k]] + 1 != g->behind[i])
		k++;
	return g->children[k];
}

static void add_longest_chain(const struct graph_view *v, struct buf *out)
{
	const struct graph *g = v->graph;
	uint32_t at = 0, i, left;

	for (i = 1; i < g->nr; i++)
		if (g->behind[i] > g->behind[at])
			at = i;
	if (g->behind[at] == 0)
		return;
	buf_fmt(out, "longest chain %u: ", g->behind[at] + 1);
	for (i = 0;; i++) {
		add_id(v, at, out);
		left = g->behind[at];
		if (left == 0)
			break;
		buf_str(out, " > ");
		if (i + 2 == CHAIN_SHOWN && left > 1) {
			buf_fmt(out, "... %u more ... > ", left - 1);
			for (; left > 1; left--)
				at = next_in_chain(g, at);
		}
		at = next_in_chain(g, at);
	}
	buf_ch(out, '\n');
}

static void add_status(const struct graph_view *v, uint32_t i, struct buf *out)
{
	const char *s = status_name(v->status[i]);
	int width = 12;

	for (; *s; s++, width--)
		buf_ch(out, (char)toupper((unsigned char)*s));
	while (width-- > 0)
		buf_ch(out, ' ');
}

static void add_row(const struct graph_view *v, uint32_t i, struct buf *out)
{
	buf_str(out, "  ");
	if (v->status)
		add_status(v, i, out);
	add_id(v, i, out);
	add_parents(v, i, out);
	buf_ch(out, '\n');
}

void graph_text(const struct graph_view *v, struct buf *out)
{
	const struct graph *g = v->graph;
	uint32_t *order = xcalloc(g->nr, sizeof(*order));
	uint32_t *level = xcalloc(g->nr, sizeof(*level));
	uint32_t nr = graph_levels(g, order, level), last = UINT32_MAX, i;
	uint32_t nr_edges = g->first_parent[g->nr];

	buf_fmt(out, "%u task%s, %u dependenc%s\n", g->nr, plural(g->nr), nr_edges,
	    nr_edges == 1 ? "y" : "ies");
	add_longest_chain(v, out);
	for (i = 0; i < nr; i++) {
		if (level[order[i]] != last) {
			last = level[order[i]];
			buf_fmt(out, "level %u\n", last + 1);
		}
		add_row(v, order[i], out);
	}
	free(level);
	free(order);
}

/* ---- DOT -------------------------------------------------------------------- */

static const char *const colors[AGENT__COUNT] = {
    [AGENT_PENDING] = "#eeeeee",
    [AGENT_IN_PROGRESS] = "#bbddff",
    [AGENT_COMPLETED] = "#bbeebb",
    [AGENT_FAILED] = "#ffbbbb",
    [AGENT_SKIPPED] = "#ffeeaa",
    [AGENT_CANCELLED] = "#dddddd",
};

/* Within quotes a backslash and a quote mean something, and so does an HTML entity in a label. */
static void add_dot_quoted(const struct graph_view *v, uint32_t i, bool is_label, struct buf *out)
{
	struct buf id = BUF_INIT;
	const char *s;

	add_id(v, i, &id);
	buf_ch(out, '"');
	for (s = id.data; *s; s++) {
		if (*s == '&' && is_label) {
			buf_str(out, "&amp;");
			continue;
		}
		if (*s == '"' || *s == '\\')
			buf_ch(out, '\\');
		buf_ch(out, *s);
	}
	buf_ch(out, '"');
	buf_release(&id);
}

static void add_dot_edge(const struct graph_view *v, uint32_t from, uint32_t to, struct buf *out)
{
	buf_ch(out, '\t');
	add_dot_quoted(v, from, false, out);
	buf_str(out, " -> ");
	add_dot_quoted(v, to, false, out);
	buf_str(out, ";\n");
}

void graph_dot(const struct graph_view *v, struct buf *out)
{
	const struct graph *g = v->graph;
	uint32_t i, k;

	buf_str(out,
	    "digraph tasks {\n\trankdir=LR;\n\tnode [shape=box, style=filled, "
	    "fillcolor=\"#eeeeee\"];\n");
	for (i = 0; i < g->nr; i++) {
		buf_ch(out, '\t');
		add_dot_quoted(v, i, false, out);
		buf_str(out, " [label=");
		add_dot_quoted(v, i, true, out);
		if (v->status)
			buf_fmt(out, ", fillcolor=\"%s\", tooltip=\"%s\"", colors[v->status[i]],
			    status_name(v->status[i]));
		buf_str(out, "];\n");
	}
	for (i = 0; i < g->nr; i++)
		for (k = g->first_parent[i]; k < g->first_parent[i + 1]; k++)
			add_dot_edge(v, g->parents[k], i, out);
	buf_str(out, "}\n");
}

/* ---- Mermaid ---------------------------------------------------------------- */

static bool is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* In a quoted label everything but letters, digits and what names are made of is written by its
 * number: quotes, markup, and the backticks that would make it Markdown. */
static void add_mermaid_label(const struct graph_view *v, uint32_t i, struct buf *out)
{
	struct buf id = BUF_INIT;
	const unsigned char *s;

	add_id(v, i, &id);
	for (s = (const unsigned char *)id.data; *s; s++) {
		if (isalnum(*s) || *s >= 0x80 || strchr("-_.+=@: ", *s))
			buf_ch(out, (char)*s);
		else
			buf_fmt(out, "#%u;", *s);
	}
	buf_release(&id);
}

/* Letters, digits and inner dashes, and no word of Mermaid's own. */
static bool is_plain(const char *id)
{
	static const char *const reserved[] = {"end", "graph", "flowchart", "subgraph", "style",
	    "linkStyle", "class", "classDef", "click", "call", "href", "default", "direction",
	    "interpolate", "TB", "TD", "BT", "RL", "LR"};
	size_t i;

	for (i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcasecmp(id, reserved[i]) == 0)
			return false;
	for (i = 0; id[i]; i++)
		if (!is_name_byte(id[i]) && !(id[i] == '-' && i > 0 && is_name_byte(id[i + 1])))
			return false;
	return true;
}

/* Rows go by their ids where all of these are plain, else by numbers. */
static bool has_plain_ids(const struct graph_view *v)
{
	uint32_t i;

	for (i = 0; i < v->graph->nr; i++)
		if (!is_plain(v->tasks->v[i].id))
			return false;
	return true;
}

static void add_mermaid_node(const struct graph_view *v, uint32_t i, bool by_id, struct buf *out)
{
	if (by_id)
		buf_str(out, v->tasks->v[i].id);
	else
		buf_fmt(out, "n%u", i + 1);
}

static void add_mermaid_edge(const struct graph_view *v, uint32_t from, uint32_t to, bool by_id,
    struct buf *out)
{
	buf_ch(out, '\t');
	add_mermaid_node(v, from, by_id, out);
	buf_str(out, " --> ");
	add_mermaid_node(v, to, by_id, out);
	buf_ch(out, '\n');
}

void graph_mermaid(const struct graph_view *v, struct buf *out)
{
	const struct graph *g = v->graph;
	bool by_id = has_plain_ids(v);
	uint32_t i, k;
	int s;

	buf_str(out, "flowchart LR\n");
	for (i = 0; i < g->nr; i++) {
		buf_ch(out, '\t');
		add_mermaid_node(v, i, by_id, out);
		buf_str(out, "[\"");
		add_mermaid_label(v, i, out);
		buf_str(out, "\"]");
		if (v->status)
			buf_fmt(out, ":::%s", status_name(v->status[i]));
		buf_ch(out, '\n');
	}
	for (i = 0; i < g->nr; i++)
		for (k = g->first_parent[i]; k < g->first_parent[i + 1]; k++)
			add_mermaid_edge(v, g->parents[k], i, by_id, out);
	for (s = 0; v->status && s < AGENT__COUNT; s++)
		buf_fmt(out, "\tclassDef %s fill:%s\n", status_name((enum agent_status)s),
		    colors[s]);
}
