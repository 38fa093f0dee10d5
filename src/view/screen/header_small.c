/* The header where there is little room: in one line above a log, and on the smallest screens. */
#include "view/screen/header_parts.h"
#include "base/xalloc.h"
#include "view/screen/state_bar.h"
#include "view/text/duration.h"
#include "view/text/glyphs.h"

#include <inttypes.h>
#include <string.h>

static const struct style plain;
static const struct style bold = {.flags = STYLE_BOLD};

/* ---- in one line -------------------------------------------------------- */

static void brief_left(const struct view_model *m, const struct look *look, int level,
    struct words *w)
{
	const struct batch *b = &m->shown->state;
	char source[200], gate[64];
	uint32_t nr;
	const struct account *acc = header_limited(m, &nr);

	*w = (struct words){0};
	header_source(m, source, level >= 1);
	words_add(w, 2, bold, "%s", source);
	header_add_cycle(m, w, 2, "cycle ");
	header_add_state(m, look, w, 2);
	if (level >= 2)
		return;
	if (b->jobs > 0)
		words_add(w, 2, plain, "%u/%" PRId64 " jobs", batch_slots_used(b), b->jobs);
	else
		words_add(w, 2, plain, "%u jobs", batch_slots_used(b));
	if (!acc || level >= 1)
		return;
	header_gate_words(m, acc, false, gate, sizeof(gate));
	words_add(w, 2, plain, "rate");
	words_add(w, 1, (struct style){.role = ROLE_BACKOFF, .flags = STYLE_BOLD}, "%s", gate);
}

void header_paint_brief(const struct view_model *m, const struct look *look, struct cells *c,
    int row)
{
	int level = c->cols >= 60 ? 0 : 1;
	struct words left, right = {0};
	char clock[CLOCK_HMS_LEN + 1];

	clock_hms(m->now.wall_ms, clock);
	if (m->shown->state.nr_agents > 0)
		words_add(&right, 2, plain, "%u/%u done", m->counts[ROLE_COMPLETED],
		    m->shown->state.nr_agents);
	words_add(&right, 2, plain, "%s", clock);
	for (;; level++) {
		brief_left(m, look, level, &left);
		if (header_both(&left, &right, c, row, level >= 2))
			return;
	}
}

/* Columns of a name that stay, whatever the room. */
#define NAME_MIN 4

/* ---- the smallest screens ----------------------------------------------- */

static void tiny_state(const struct view_model *m, struct words *w)
{
	uint32_t failed = m->counts[ROLE_FAILED] + m->counts[ROLE_LOST];
	char source[200];

	header_source(m, source, true);
	words_add(w, 1, bold, "%s", source);
	header_add_cycle(m, w, 1, "");
	words_add(w, 1, (struct style){.role = (uint8_t)view_run_role(m), .flags = STYLE_BOLD},
	    "%s", view_run_short(m));
	if (m->shown->state.nr_agents > 0)
		words_add(w, 1, plain, "%u/%u", m->counts[ROLE_COMPLETED],
		    m->shown->state.nr_agents);
	if (failed)
		words_add(w, 1, glyph_word_style(ROLE_FAILED), "%u fail", failed);
}

/* The name gives way to what is told of the run, down to a few letters. */
static void shorten_source(struct words *w, int room)
{
	char *name = w->v[0].text;
	int over = words_width(w) - room, keep = (int)width_str(name) - over;

	if (over > 0)
		name[width_cut(name, strlen(name), (size_t)(keep > NAME_MIN ? keep : NAME_MIN),
		    NULL)] = '\0';
}

static void tiny_counts(const struct view_model *m, struct words *w)
{
	size_t i;

	if (header_add_role(m, w))
		return;
	for (i = 0; i < ARRAY_LEN(header_narrow_order); i++) {
		enum style_role role = header_narrow_order[i];
		uint32_t n = state_count(m, role);

		if (n && role != ROLE_COMPLETED && role != ROLE_FAILED && role != ROLE_LOST)
			words_add(w, 1, glyph_word_style(role), "%u %s", n, glyph_short_word(role));
	}
	if (w->nr == 0)
		words_add(w, 1, plain,
		    m->shown->state.nr_agents ? "nothing left to do" : "no rows yet");
}

static void tiny_next(const struct view_model *m, struct words *w)
{
	int64_t left = view_next_event_left(m);
	char text[DURATION_SIZE], gate[64];
	uint32_t nr;
	const struct account *acc = header_limited(m, &nr);

	if (left != NUM_NONE && left > 0)
		words_add(w, 2, plain, "next %s", duration_left(left, 0, text));
	else if (left == 0)
		words_add(w, 2, plain, "next due");
	else
		words_add(w, 2, plain, "up %s", duration_text(header_elapsed(m), text));
	if (!acc)
		return;
	header_gate_words(m, acc, false, gate, sizeof(gate));
	words_add(w, 2, (struct style){.role = ROLE_BACKOFF, .flags = STYLE_BOLD}, "%s", gate);
}

void header_paint_tiny(const struct view_model *m, int line, struct cells *c, int row)
{
	struct words w = {0};
	int margin = c->cols > 20 ? 1 : 0;

	if (line == 1) {
		tiny_state(m, &w);
		shorten_source(&w, c->cols - margin);
	} else if (line == 2)
		tiny_counts(m, &w);
	else
		tiny_next(m, &w);
	while (w.nr > 1 && words_width(&w) > c->cols - margin)
		w.nr--;
	words_paint(&w, c, row, margin, c->cols);
}
