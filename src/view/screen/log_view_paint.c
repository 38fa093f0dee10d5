/* The log view: its lines with numbers and marks, what stands above and below them. */
#include "view/text/glyphs.h"
#include "view/text/highlight.h"
#include "view/screen/log_view.h"
#include "view/row.h"
#include "view/text/units.h"
#include "view/text/words.h"

#include <inttypes.h>
#include <stdio.h>

#define NUMBER_MIN 4

static const struct style plain;
static const struct style dim = {.flags = STYLE_DIM};

/* ---- numbers ------------------------------------------------------------ */

/* Lines of ours count as they are shown. 0: not counted so far. */
static int64_t number_of(struct log_view *lv, struct log_place place)
{
	const struct log_pane *p = lv->pane;
	int64_t notes = place.note;
	uint32_t i;

	if (place.at > lv->lines.at)
		return 0;
	for (i = 0; i < p->nr_notes && p->notes[i].at < place.at; i++)
		notes++;
	return log_finder_rank(&lv->lines, p->tail.fd, place.at) + notes + 1;
}

/* The number of the last line of the file. */
static int64_t last_number(struct log_view *lv)
{
	struct log_finder *filter = lv->pane->filter;
	struct log_place place = {.at = lv->pane->tail.size, .note = lv->pane->nr_notes};
	uint32_t i;

	if (!log_finder_is_done(&lv->lines, lv->size))
		return 0;
	for (i = 0; i < lv->pane->nr_notes; i++)
		if (lv->pane->notes[i].at < place.at)
			place.note--;
	lv->pane->filter = NULL;
	if (!log_pane_step_back(lv->pane, &place))
		place.at = -1;
	lv->pane->filter = filter;
	return place.at < 0 ? 0 : number_of(lv, place);
}

/* Whether a line of the file begins there: pieces of a line that is too long have no number. */
static bool begins_line(struct log_view *lv, int64_t at)
{
	int64_t line = log_tail_line_at(&lv->pane->tail, at);

	return line == at;
}

static int digits(int64_t n)
{
	int nr = 1;

	for (; n >= 10; n /= 10)
		nr++;
	return nr < NUMBER_MIN ? NUMBER_MIN : nr;
}

/* ---- lines -------------------------------------------------------------- */

static char mark_of(struct log_view *lv, struct log_place place)
{
	struct log_bytes b;

	if (!lv->pane->filter && log_pane_note(lv->pane, place))
		return ':';
	if (place.part > 0)
		return ' ';
	if (log_marks_has(&lv->marks, place.at))
		return 'm';
	log_tail_line(&lv->pane->tail, place.at, true, &b);
	if (lv->cursor >= place.at && lv->cursor < log_tail_next(&lv->pane->tail, place.at))
		return '*';
	return log_finder_has(&lv->search, b.p, b.n) ? '*' : ' ';
}

static void paint_time(struct log_view *lv, struct log_place place, struct cells *c, int row,
    int col)
{
	const struct log_pane *p = lv->pane;
	const struct agent *a = &p->batch->state.agents[p->agent];
	const struct log_note *note = p->filter ? NULL : log_pane_note(p, place);
	char text[LOG_TIME_LEN + 1] = "";

	if (!note)
		log_times_text(&p->times, a, place.at, text);
	else if (note->attempt < a->nr_attempts)
		clock_hms(a->attempts[note->attempt].ended_t, text + 1);
	if (note && text[1])
		text[0] = ' ';
	cells_text(c, row, col, col + LOG_TIME_LEN, dim, text);
}

/* Where the lines begin, behind a number of so many digits. */
static int text_column(const struct log_view *lv, int width)
{
	return 4 + width + (lv->has_times ? LOG_TIME_LEN + 1 : 0);
}

static void paint_one(struct log_view *lv, struct log_place place, struct cells *c, int row,
    int width)
{
	char mark[2] = {mark_of(lv, place), '\0'};
	bool is_note = !lv->pane->filter && log_pane_note(lv->pane, place);
	bool is_first = is_note || (place.part == 0 && begins_line(lv, place.at));
	int64_t n = is_first ? number_of(lv, place) : 0;
	int col = text_column(lv, width);

	if (n)
		cells_textf(c, row, 2, 2 + width, dim, "%*" PRId64, width, n);
	cells_text(c, row, 2 + width, 3 + width, (struct style){.flags = STYLE_BOLD}, mark);
	if (lv->has_times && is_first)
		paint_time(lv, place, c, row, 3 + width);
	log_pane_paint_place(lv->pane, place, c, row, col, c->cols - 1);
	if (!is_note)
		highlight_row(c, row, col, c->cols - 1, &lv->search.needle);
}

void log_view_paint(struct log_view *lv, struct cells *c, int row, int rows)
{
	struct log_pane *p = lv->pane;
	struct log_place place;
	int width = digits(last_number(lv)), i;

	log_pane_look(p, lv->mode, lv->wraps);
	p->rows = rows;
	p->cols = c->cols - 1 - text_column(lv, width);
	if (p->cols < 1)
		p->cols = 1;
	if (!p->batch)
		return;
	place = log_pane_first(p, rows);
	if (log_pane_is_end(p, place)) {
		cells_text(c, row, text_column(lv, width), c->cols - 1, dim,
		    p->filter ? "(no line has it)" : log_pane_why_empty(p));
		return;
	}
	for (i = 0; i < rows && !log_pane_is_end(p, place); i++) {
		paint_one(lv, place, c, row + i, width);
		if (!log_pane_step_on(p, &place))
			return;
	}
}

/* ---- above -------------------------------------------------------------- */

void log_view_paint_title(struct log_view *lv, const struct view_model *m, const struct look *look,
    struct cells *c, int row)
{
	const struct log_pane *p = lv->pane;
	struct words left = {0}, right = {0};
	struct buf id = BUF_INIT;
	char size[UNITS_SIZE];
	struct view_row r;
	struct glyph g;

	if (!p->batch)
		return;
	view_row_fill_of(m, p->batch, p->agent, p->tail.changed_t, &r);
	g = (struct glyph){
	    .cp = glyph_of_role(r.role, look->ascii), .width = 1, .style = glyph_style(r.role)};
	cells_put(c, row, 1, c->cols, &g);
	sanitize_line(&id, r.agent->task->id);
	words_add(&left, 0, glyph_word_style(r.role), "%s", shown_role_word(r.role));
	if (p->batch->manifest.options.role)
		words_add(&left, 2, (struct style){.flags = STYLE_BOLD}, "%s", p->batch->dir.name);
	else
		words_add(&left, 2, (struct style){.flags = STYLE_BOLD}, "agent %s", id.data);
	words_add(&left, 1, plain, "%s", r.account);
	if (p->batch != m->shown && !p->batch->manifest.options.role)
		words_add(&left, 2, plain, "cycle %lld", (long long)p->batch->state.cycle);
	if (r.try[0] != '-')
		words_add(&left, 2, plain, "try %s", r.try);
	if (*r.time)
		words_add(&left, 1, plain, "%s", r.time);
	if (*r.cost)
		words_add(&right, 2, plain, "$%s", r.cost);
	words_add(&right, 2, plain, "log %s", bytes_text(p->tail.size, size));
	words_paint(&left, c, row, 3, c->cols - 1);
	if (3 + words_width(&left) + 2 + words_width(&right) < c->cols)
		words_paint(&right, c, row, c->cols - 1 - words_width(&right), c->cols - 1);
	buf_release(&id);
}

/* ---- below -------------------------------------------------------------- */

static int percent(int64_t part, int64_t whole)
{
	return whole > 0 ? (int)(part * 100 / whole) : 100;
}

static void add_search(struct log_view *lv, struct words *w)
{
	struct buf word = BUF_INIT;

	if (lv->kept.len) {
		sanitize_line(&word, lv->kept.data);
		words_add(w, 2, plain, "&%.40s", word.data);
	}
	buf_reset(&word);
	if (lv->searched.len) {
		bool is_done = log_finder_is_done(&lv->search, lv->size);

		sanitize_line(&word, lv->searched.data);
		words_add(w, 2, plain, "/%.40s", word.data);
		if (lv->search.nr_words == 0)
			;
		else if (!is_done)
			words_add(w, 2, plain, "searching %d%%", percent(lv->search.at, lv->size));
		else if (lv->search.nr == 0)
			words_add(w, 2, plain, "no match");
		else if (lv->cursor >= 0 && lv->seeking == &lv->search)
			words_add(w, 2, plain, "match %" PRId64 " of %" PRId64,
			    log_finder_rank(&lv->search, lv->pane->tail.fd, lv->cursor) + 1,
			    lv->search.nr);
		else
			words_add(w, 2, plain, "%" PRId64 " matches", lv->search.nr);
	}
	if (lv->trouble.len)
		words_add(w, 2, plain, "%.60s", lv->trouble.data);
	else if (lv->notice)
		words_add(w, 2, plain, "%s", lv->notice);
	else if (lv->seek != SEEK_NONE && lv->seeking == &lv->errors)
		words_add(w, 2, plain, "searching %d%%", percent(lv->errors.at, lv->size));
	buf_release(&word);
}

static void add_place(struct log_view *lv, struct words *w)
{
	struct log_pane *p = lv->pane;
	struct log_place place = log_pane_first(p, p->rows), last = place;
	int64_t total = last_number(lv);
	int i;

	for (i = 0; i < p->rows && !log_pane_is_end(p, place); i++) {
		last = place;
		if (!log_pane_step_on(p, &place))
			break;
	}
	if (!log_finder_is_done(&lv->lines, lv->size))
		words_add(w, 3, plain, "counting lines %d%%", percent(lv->lines.at, lv->size));
	else if (total)
		words_add(w, 3, plain, "line %" PRId64 " of %" PRId64, number_of(lv, last), total);
	words_add(w, 2, plain, "%d%%",
	    percent(log_pane_is_end(p, place) ? p->tail.size : place.at, p->tail.size));
}

static void add_follow(struct log_view *lv, bool is_wide, struct words *w)
{
	int64_t below = 0;

	if (lv->pane->follows) {
		words_add(w, 0, plain, "FOLLOW");
		return;
	}
	if (log_finder_is_done(&lv->lines, lv->size))
		below =
		    lv->lines.nr - log_finder_rank(&lv->lines, lv->pane->tail.fd, lv->seen_size);
	if (below > 0)
		words_add(w, 0, plain,
		    is_wide ? "follow OFF, %" PRId64 " new line%s below: F to follow"
			    : "follow OFF, %" PRId64 " new line%s: F",
		    below, below == 1 ? "" : "s");
	else
		words_add(w, 0, plain, is_wide ? "follow OFF: F to follow" : "follow OFF: F");
}

void log_view_paint_position(struct log_view *lv, struct cells *c, int row)
{
	struct words left = {0}, right = {0};
	bool is_wide = c->cols >= 100;

	if (!lv->pane->batch)
		return;
	add_search(lv, &left);
	add_place(lv, &left);
	if (is_wide || lv->mode != LOG_TEXT)
		words_add(&left, 3, plain, "%s", log_mode_word(lv->mode));
	if (is_wide)
		words_add(&left, 2, plain, "wrap %s", lv->wraps ? "on" : "off");
	if (is_wide)
		words_add(&left, 2, plain, "time %s", lv->has_times ? "on" : "off");
	add_follow(lv, is_wide, &right);
	while (left.nr > 1 && words_width(&left) + words_width(&right) + 4 > c->cols)
		left.nr--;
	words_paint(&left, c, row, 1, c->cols - 1);
	if (words_width(&left) + words_width(&right) + 4 <= c->cols)
		words_paint(&right, c, row, c->cols - 1 - words_width(&right), c->cols - 1);
}
