#include "view/log_pane.h"
#include "base/xalloc.h"
#include "view/duration.h"
#include "view/sanitize.h"
#include "view/units.h"

#include <string.h>

static const struct style dim = {.flags = STYLE_DIM};

void log_pane_init(struct log_pane *p)
{
	*p = (struct log_pane){.agent = AGENT_NONE, .follows = true};
	log_tail_init(&p->tail);
}

void log_pane_release(struct log_pane *p)
{
	log_tail_release(&p->tail);
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

static void add_how(const struct attempt *at, struct buf *out)
{
	switch (at->how) {
	case EXIT_CODE:
		buf_fmt(out, "exit %d", at->exit_value);
		return;
	case EXIT_SIGNAL:
		buf_fmt(out, "signal %d", at->exit_value);
		return;
	case EXIT_FAILED:
		buf_str(out, "could not be started");
		return;
	case EXIT_VOID:
		buf_str(out, "never ran");
		return;
	case EXIT_UNKNOWN:
		buf_str(out, "no exit record");
		return;
	}
}

static void note_of_attempt(const struct attempt *at, struct buf *out)
{
	char text[DURATION_SIZE], money[UNITS_SIZE];

	buf_fmt(out, "=== attempt %u ", at->n);
	if (!at->has_verdict)
		buf_str(out, "ended: ");
	else if (at->class == CLASS_SUCCESS)
		buf_str(out, "completed: ");
	else
		buf_fmt(out, "failed: %s, ", class_name(at->class));
	add_how(at, out);
	if (at->how != EXIT_VOID && at->ended_m >= at->started_m)
		buf_fmt(out, ", after %s", duration_text(at->ended_m - at->started_m, text));
	if (at->has_verdict && at->cost_usd >= 0)
		buf_fmt(out, ", %s", money_text(at->cost_usd, money));
	if (at->has_verdict && at->class != CLASS_SUCCESS && !at->charged)
		buf_str(out, ", not charged");
	buf_str(out, " ===");
}

static const char *why_words(enum wait_why why)
{
	static const char *const words[WAIT__COUNT] = {
	    [WAIT_NONE] = "",
	    [WAIT_TOLD] = " (the service said so)",
	    [WAIT_LADDER] = " (backoff)",
	    [WAIT_LEARNED] = " (as long as this service's limits lasted)",
	    [WAIT_GATE] = " (the rate gate)",
	    [WAIT_PROBE] = " (a probe of the limit)",
	    [WAIT_OPERATOR] = " (by the operator)",
	};

	return words[why];
}

/* The gate may hold it longer than its own wait does. */
static void note_of_wait(const struct batch *b, const struct agent *a, struct buf *out)
{
	char clock[CLOCK_HMS_LEN + 1], text[UNITS_SIZE];
	int64_t span = a->wait_until_t - a->wait_from_t, next_t = agent_next_t(b, a);

	if (a->wait_is_parked || next_t == NUM_NONE) {
		buf_fmt(out, "=== waiting for you: %s ===",
		    a->wait_is_parked ? "--max-wait is spent, resume the batch"
				      : "its account is closed, open the gate");
		return;
	}
	clock_hms(next_t, clock);
	if (span < 100000)
		buf_fmt(out, "=== waiting %d s", (int)((span + 500) / 1000));
	else
		buf_fmt(out, "=== waiting %s", estimate_text(span, text));
	buf_fmt(out, "%s, next at %s%s ===", why_words(a->wait_why), clock,
	    next_t > a->wait_until_t ? ", held by the rate gate" : "");
}

static void note_text(const struct log_pane *p, const struct log_note *note, struct buf *out)
{
	if (note->attempt == LOG_NOTE_REPLACED)
		buf_str(out, "=== the log was cut or replaced: what was read before is gone ===");
	else if (note->attempt == LOG_NOTE_WAIT)
		note_of_wait(&p->batch->state, agent_of(p), out);
	else
		note_of_attempt(&agent_of(p)->attempts[note->attempt], out);
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

/* ---- places ------------------------------------------------------------- */

static struct log_place line_place(const struct log_pane *p, int64_t at)
{
	struct log_place place = {.at = at};

	(void)notes_at(p, at, &place.note);
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
	*place = line_place(p, log_tail_line_at(&p->tail, hit));
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
	if (p->filter)
		return step_back_to_word(p, place);
	if (place->note > 0) {
		place->note--;
		return true;
	}
	if (place->at <= 0)
		return false;
	*place = line_place(p, log_tail_prev(&p->tail, place->at));
	return true;
}

bool log_pane_step_on(struct log_pane *p, struct log_place *place)
{
	uint32_t nr;

	if (p->filter)
		return step_on_to_word(p, place);
	(void)notes_at(p, place->at, &nr);
	if (place->note < nr) {
		place->note++;
		return true;
	}
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
	return a.at < b.at || (a.at == b.at && a.note < b.note);
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
	batch_log_name(agent_of(p)->task->id, name);
	log_tail_open(&p->tail, batch->dir.fd, name);
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
	}
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

/* Where on the page that byte is: its line, or its piece of one that is too long. */
static bool page_has(struct log_pane *p, int64_t at, struct log_place *found)
{
	struct log_place place = log_pane_first(p, p->rows);
	int i;

	for (i = 0; i < p->rows && !log_pane_is_end(p, place); i++) {
		*found = place;
		if (!log_pane_step_on(p, &place))
			return false;
		if (found->at <= at && at < place.at)
			return true;
	}
	return false;
}

#define REVEAL_COLUMNS 40

void log_pane_reveal(struct log_pane *p, int64_t at)
{
	struct log_place place;
	int64_t off;
	int i;

	if (!page_has(p, at, &place)) {
		p->follows = false;
		p->top = line_place(p, log_tail_line_at(&p->tail, at));
		for (i = 0; i < p->rows / 3 && log_pane_step_back(p, &p->top); i++)
			;
		if (!page_has(p, at, &place))
			return;
	}
	p->top = log_pane_first(p, p->rows);
	p->follows = false;
	/* Sideways only as far as it must be: bytes are columns in most logs. */
	off = at - place.at;
	if (off < p->left || off > p->left + REVEAL_COLUMNS)
		p->left = off > REVEAL_COLUMNS ? (int)(off - REVEAL_COLUMNS) : 0;
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

/* Up to here lines are decoded from their beginning; of longer ones only what follows the last
 * carriage return is. */
#define SHORT_LINE 8192

static const char *skip_overwritten(const char *p, size_t *n)
{
	size_t len = *n;
	const char *cr;

	while (len && p[len - 1] == '\r')
		len--;
	cr = *n > SHORT_LINE ? memrchr(p, '\r', len) : NULL;
	if (cr)
		*n -= (size_t)(cr + 1 - p);
	return cr ? cr + 1 : p;
}

struct field {
	struct cells *c;
	int row, col, end;
	int left; /* columns that are scrolled out */
};

/* `x`: the column in the line. Returns the one behind it. */
static int put_glyph(const struct field *f, int x, const struct glyph *g)
{
	int at = f->col + x - f->left;
	struct glyph blank = {.cp = ' ', .width = 1, .style = g->style};

	if (at >= f->col || (g->width == 0 && at > f->col))
		cells_put(f->c, f->row, at, f->end, g);
	else if (at + g->width > f->col)
		cells_put(f->c, f->row, f->col, f->end, &blank); /* its right half */
	return x + g->width;
}

static void paint_line(const struct field *f, enum sanitize_mode mode, const char *p, size_t n)
{
	static const struct style none;
	struct sanitizer s;
	struct glyph g[128];
	const char *end;
	int x = 0;
	bool may_restart;

	if (mode != SANITIZE_RAW)
		p = skip_overwritten(p, &n);
	end = p + n;
	may_restart = n <= SHORT_LINE && memchr(p, '\r', n);
	sanitize_init(&s, mode);
	while (p <= end && (may_restart || x - f->left < f->end - f->col)) {
		size_t i,
		    nr =
			p < end ? sanitize_feed(&s, &p, end, g, ARRAY_LEN(g)) : sanitize_end(&s, g);

		for (i = 0; i < nr; i++) {
			if (g[i].cp == GLYPH_RESTART) {
				cells_fill(f->c, f->row, f->col, f->end, none, ' ');
				x = 0;
			} else {
				x = put_glyph(f, x, &g[i]);
			}
		}
		if (p == end && nr == 0)
			return;
	}
}

void log_pane_paint_place(struct log_pane *p, struct log_place place, struct cells *c, int row,
    int col, int end)
{
	const struct field f = {c, row, col, end, p->left};
	const struct log_note *note = p->filter ? NULL : log_pane_note(p, place);

	if (note) {
		struct buf text = BUF_INIT;

		note_text(p, note, &text);
		cells_text(c, row, col, end, dim, text.data);
		buf_release(&text);
	} else {
		size_t n;
		const char *line = log_tail_line(&p->tail, place.at, &n);

		paint_line(&f, p->is_raw ? SANITIZE_RAW : SANITIZE_LOG, line, n);
	}
}

void log_pane_paint(struct log_pane *p, struct cells *c, int row, int rows, int col, int end)
{
	struct log_place place;
	int i;

	p->rows = rows;
	if (!p->batch)
		return;
	place = log_pane_first(p, rows);
	if (log_pane_is_end(p, place) && p->follows) {
		cells_text(c, row, col, end, dim,
		    agent_of(p)->nr_attempts ? "(no output yet)" : "(not started yet)");
		return;
	}
	for (i = 0; i < rows && !log_pane_is_end(p, place); i++) {
		log_pane_paint_place(p, place, c, row + i, col, end);
		if (!log_pane_step_on(p, &place))
			return;
	}
}
