#include "view/log/log_pane.h"
#include "base/xalloc.h"

#include <limits.h>
#include <string.h>

static const struct style dim = {.flags = STYLE_DIM};

void log_pane_init(struct log_pane *p)
{
	*p = (struct log_pane){.agent = AGENT_NONE, .follows = true, .line_at = -1};
	log_tail_init(&p->tail);
}

void log_pane_release(struct log_pane *p)
{
	log_tail_release(&p->tail);
	log_line_release(&p->line);
	log_times_release(&p->times);
}

/* ---- notes -------------------------------------------------------------- */

static const struct agent *agent_of(const struct log_pane *p)
{
	return &p->batch->state.agents[p->agent];
}

static void add_note(struct log_pane *p, int64_t at, uint32_t attempt)
{
	/* The journal may be ahead of what was seen of the file, but its order holds. */
	if (p->nr_notes && p->notes[p->nr_notes - 1].at > at)
		at = p->notes[p->nr_notes - 1].at;
	if (p->nr_notes < LOG_NOTES_MAX)
		p->notes[p->nr_notes++] = (struct log_note){at, attempt};
}

static void find_notes(struct log_pane *p)
{
	const struct agent *a = agent_of(p);
	uint32_t i = a->nr_attempts < LOG_NOTES_MAX - 1 ? 0 : a->nr_attempts - (LOG_NOTES_MAX - 2);

	p->nr_notes = 0;
	if (p->was_replaced)
		add_note(p, 0, LOG_NOTE_REPLACED);
	for (; i < a->nr_attempts; i++) {
		const struct attempt *at = &a->attempts[i];

		if (at->has_ended)
			add_note(p,
			    at->log_to == NUM_NONE ? p->tail.size
						   : log_tail_line_from(&p->tail, at->log_to),
			    i);
	}
	if (a->phase == PHASE_BACKOFF)
		add_note(p, p->tail.size, LOG_NOTE_WAIT);
}

/* The first note at `at`, and how many there are. */
static const struct log_note *notes_at(const struct log_pane *p, int64_t at, uint32_t *nr)
{
	uint32_t i = 0;

	*nr = 0;
	while (i < p->nr_notes && p->notes[i].at < at)
		i++;
	while (i + *nr < p->nr_notes && p->notes[i + *nr].at == at)
		++*nr;
	return &p->notes[i < LOG_NOTES_MAX ? i : 0];
}

/* ---- lines -------------------------------------------------------------- */

/* A line as it is shown now. The one that was asked for last costs nothing: rows of a wrapped one
 * are painted one by one. */
static const struct log_line *shape(struct log_pane *p, int64_t at)
{
	struct log_line_opts o = {
	    .mode = p->mode,
	    .wrap = p->wraps ? p->cols : 0,
	    .columns = p->wraps ? p->cols : p->left + p->cols,
	};
	struct log_bytes b;

	log_tail_line(&p->tail, at, p->mode == LOG_RAW, &b);
	o.more = b.more;
	if (p->line_at == at && p->line_n == b.n && p->line_opts.mode == o.mode &&
	    p->line_opts.wrap == o.wrap && p->line_opts.columns == o.columns &&
	    p->line_opts.more == o.more)
		return &p->line;
	p->line_at = at;
	p->line_n = b.n;
	p->line_opts = o;
	log_line_shape(&p->line, &o, b.p, b.n);
	return &p->line;
}

static uint32_t rows_of(struct log_pane *p, int64_t at)
{
	return p->wraps && at < p->tail.size ? (uint32_t)shape(p, at)->nr_rows : 1;
}

/* ---- places ------------------------------------------------------------- */

static struct log_place line_place(const struct log_pane *p, int64_t at)
{
	struct log_place place = {.at = at};

	(void)notes_at(p, at, &place.note);
	return place;
}

static struct log_place last_row(struct log_pane *p, int64_t at)
{
	struct log_place place = line_place(p, at);

	place.part = rows_of(p, at) - 1;
	return place;
}

/* Behind everything. */
static struct log_place end_place(const struct log_pane *p)
{
	return line_place(p, p->tail.size);
}

bool log_pane_is_end(const struct log_pane *p, struct log_place place)
{
	uint32_t nr;

	(void)notes_at(p, place.at, &nr);
	return place.at >= p->tail.size && place.note >= nr;
}

/* With a filter only lines are places that hold a word of it. */
static bool step_back_to_word(struct log_pane *p, struct log_place *place)
{
	int64_t hit = log_finder_prev(p->filter, p->tail.fd, place->at);

	if (hit < 0)
		return false;
	*place = last_row(p, log_tail_line_at(&p->tail, hit));
	return true;
}

static bool step_on_to_word(struct log_pane *p, struct log_place *place)
{
	int64_t hit;

	if (place->at >= p->tail.size)
		return false;
	hit = log_finder_next(p->filter, p->tail.fd, log_tail_next(&p->tail, place->at));
	*place = hit < 0 ? end_place(p) : line_place(p, log_tail_line_at(&p->tail, hit));
	return true;
}

bool log_pane_step_back(struct log_pane *p, struct log_place *place)
{
	if (place->part > 0) {
		place->part--;
		return true;
	}
	if (p->filter)
		return step_back_to_word(p, place);
	if (place->note > 0) {
		place->note--;
		return true;
	}
	if (place->at <= 0)
		return false;
	*place = last_row(p, log_tail_prev(&p->tail, place->at));
	return true;
}

bool log_pane_step_on(struct log_pane *p, struct log_place *place)
{
	uint32_t nr;

	(void)notes_at(p, place->at, &nr);
	if (!p->filter && place->note < nr) {
		place->note++;
		return true;
	}
	if (place->part + 1 < rows_of(p, place->at)) {
		place->part++;
		return true;
	}
	if (p->filter)
		return step_on_to_word(p, place);
	if (place->at >= p->tail.size)
		return false;
	*place = (struct log_place){.at = log_tail_next(&p->tail, place->at)};
	return true;
}

const struct log_note *log_pane_note(const struct log_pane *p, struct log_place place)
{
	uint32_t nr;
	const struct log_note *notes = notes_at(p, place.at, &nr);

	return place.note < nr ? &notes[place.note] : NULL;
}

/* The first place when the end is shown. */
static struct log_place tail_top(struct log_pane *p, int rows)
{
	struct log_place place = end_place(p);

	while (rows-- > 0 && log_pane_step_back(p, &place))
		;
	return place;
}

static bool is_before(struct log_place a, struct log_place b)
{
	if (a.at != b.at)
		return a.at < b.at;
	return a.note != b.note ? a.note < b.note : a.part < b.part;
}

/* ---- moving ------------------------------------------------------------- */

void log_pane_show(struct log_pane *p, const struct batch_reader *batch, uint32_t agent)
{
	char name[LOG_NAME_SIZE];

	if (p->batch == batch && p->agent == agent)
		return;
	p->batch = batch;
	p->agent = agent;
	p->follows = true;
	p->left = 0;
	p->was_replaced = false;
	p->line_at = -1;
	batch_log_name(agent_of(p)->task->id, name);
	log_tail_open(&p->tail, batch->dir.fd, name);
	log_times_clear(&p->times);
	log_times_saw(&p->times, p->tail.size, p->tail.changed_t);
	find_notes(p);
}

void log_pane_refresh(struct log_pane *p)
{
	if (!p->batch)
		return;
	log_tail_refresh(&p->tail);
	if (p->tail.was_replaced) {
		/* Places in the old file mean nothing in the new one. */
		p->tail.was_replaced = false;
		p->was_replaced = true;
		p->follows = true;
		p->line_at = -1;
		log_times_clear(&p->times);
	}
	log_times_saw(&p->times, p->tail.size, p->tail.changed_t);
	find_notes(p);
}

/* Not past the last page. */
static void keep_page_full(struct log_pane *p)
{
	struct log_place last = tail_top(p, p->rows);

	if (is_before(last, p->top))
		p->top = last;
}

void log_pane_move(struct log_pane *p, int lines)
{
	if (!p->batch || lines == 0)
		return;
	if (p->follows) {
		if (lines > 0)
			return;
		p->top = tail_top(p, p->rows);
		p->follows = false;
	}
	while (lines < 0 && log_pane_step_back(p, &p->top))
		lines++;
	while (lines > 0 && log_pane_step_on(p, &p->top))
		lines--;
	keep_page_full(p);
}

void log_pane_home(struct log_pane *p)
{
	p->follows = false;
	p->top = (struct log_place){0};
	if (p->filter && p->batch) {
		int64_t hit = log_finder_next(p->filter, p->tail.fd, 0);

		p->top = hit < 0 ? end_place(p) : line_place(p, log_tail_line_at(&p->tail, hit));
	}
}

void log_pane_follow(struct log_pane *p, bool follows)
{
	if (!follows && p->follows)
		p->top = tail_top(p, p->rows);
	p->follows = follows;
}

/* A page that is less than full shows more above. */
struct log_place log_pane_first(struct log_pane *p, int rows)
{
	struct log_place last = tail_top(p, rows);

	return p->follows || is_before(last, p->top) ? last : p->top;
}

void log_pane_go(struct log_pane *p, int64_t at)
{
	p->follows = false;
	p->top = (struct log_place){.at = at};
	keep_page_full(p);
}

/* The row that a byte is in. Bytes are columns in most logs; what a line of JSON says is elsewhere. */
static struct log_place place_of(struct log_pane *p, int64_t at)
{
	struct log_place place = line_place(p, log_tail_line_at(&p->tail, at));
	int64_t part =
	    p->wraps && p->cols > 0 && p->mode != LOG_JSON ? (at - place.at) / p->cols : 0;
	uint32_t rows = rows_of(p, place.at);

	place.part = part < rows ? (uint32_t)part : rows - 1;
	return place;
}

static bool page_has(struct log_pane *p, struct log_place want)
{
	struct log_place place = log_pane_first(p, p->rows);
	int i;

	for (i = 0; i < p->rows && !log_pane_is_end(p, place); i++) {
		if (place.at == want.at && place.note == want.note && place.part == want.part)
			return true;
		if (!log_pane_step_on(p, &place))
			return false;
	}
	return false;
}

/* So much of what was found must be in sight; and as much before it where it was not. */
#define REVEAL_WORD 10
#define REVEAL_COLUMNS 30

/* Only as far as it must be. */
static void reveal_sideways(struct log_pane *p, int64_t off)
{
	if (p->wraps || p->mode == LOG_JSON || off >= LOG_LINE_MAX)
		return;
	if (off < p->left || off > p->left + p->cols - REVEAL_WORD)
		p->left = off > REVEAL_COLUMNS ? (int)(off - REVEAL_COLUMNS) : 0;
}

void log_pane_reveal(struct log_pane *p, int64_t at)
{
	struct log_place place = place_of(p, at);
	int i;

	if (!page_has(p, place)) {
		p->top = place;
		for (i = 0; i < p->rows / 3 && log_pane_step_back(p, &p->top); i++)
			;
		p->follows = false;
	}
	p->top = log_pane_first(p, p->rows);
	p->follows = false;
	reveal_sideways(p, at - place.at);
}

void log_pane_look(struct log_pane *p, enum log_mode mode, bool wraps)
{
	if (p->wraps != wraps || p->mode != mode)
		p->top.part = 0;
	p->mode = mode;
	p->wraps = wraps;
}

void log_pane_scroll(struct log_pane *p, int columns)
{
	p->left += columns;
	if (p->left < 0)
		p->left = 0;
	if (p->left > LOG_LINE_MAX)
		p->left = LOG_LINE_MAX;
}

/* ---- painting ----------------------------------------------------------- */

void log_pane_paint_place(struct log_pane *p, struct log_place place, struct cells *c, int row,
    int col, int end)
{
	const struct log_note *note = p->filter ? NULL : log_pane_note(p, place);
	struct buf text = BUF_INIT;

	if (note) {
		log_note_text(&p->batch->state, agent_of(p), note, &text);
		cells_text(c, row, col, end, dim, text.data);
		buf_release(&text);
		return;
	}
	p->cols = end - col > 1 ? end - col : 1;
	log_line_paint(shape(p, place.at), place.part, c, row, col, end, p->wraps ? 0 : p->left);
}

void log_pane_text_of(struct log_pane *p, struct log_place place, struct buf *out)
{
	const struct log_note *note = p->filter ? NULL : log_pane_note(p, place);
	int cols = p->cols;
	bool wraps = p->wraps;

	if (note) {
		log_note_text(&p->batch->state, agent_of(p), note, out);
		return;
	}
	/* All of it, with the line ends that it has itself. */
	p->wraps = true;
	p->cols = INT_MAX / 2;
	log_line_text(shape(p, place.at), out);
	p->wraps = wraps;
	p->cols = cols;
}

void log_pane_page_text(struct log_pane *p, size_t max, struct buf *out)
{
	struct log_place place;
	size_t len;
	int i;

	if (!p->batch)
		return;
	place = log_pane_first(p, p->rows);
	for (i = 0; i < p->rows && !log_pane_is_end(p, place); i++) {
		if (place.part == 0 || i == 0) {
			len = out->len;
			log_pane_text_of(p, place, out);
			buf_ch(out, '\n');
			if (out->len > max) {
				buf_cut(out, len);
				return;
			}
		}
		if (!log_pane_step_on(p, &place))
			return;
	}
}

const char *log_pane_why_empty(const struct log_pane *p)
{
	const struct agent *a = agent_of(p);

	if (a->nr_attempts == 0)
		return status_is_final(a->status) ? "(never started)" : "(not started yet)";
	return status_is_final(a->status) ? "(no output)" : "(no output yet)";
}

void log_pane_paint(struct log_pane *p, struct cells *c, int row, int rows, int col, int end)
{
	struct log_place place;
	int i;

	p->rows = rows;
	p->cols = end - col > 1 ? end - col : 1;
	log_pane_look(p, LOG_JSON, false);
	if (!p->batch)
		return;
	place = log_pane_first(p, rows);
	if (log_pane_is_end(p, place) && p->follows) {
		cells_text(c, row, col, end, dim, log_pane_why_empty(p));
		return;
	}
	for (i = 0; i < rows && !log_pane_is_end(p, place); i++) {
		log_pane_paint_place(p, place, c, row + i, col, end);
		if (!log_pane_step_on(p, &place))
			return;
	}
}
