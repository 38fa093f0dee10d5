#include "view/screen/log_view.h"
#include "base/xalloc.h"
#include "formats/stream_line.h"

#include <string.h>

static const char *const error_words[] = {
    "error",
    "fail",
    "fatal",
    "panic",
    "exception",
    "traceback",
    "denied",
    "killed",
};

void log_view_init(struct log_view *lv, struct log_pane *pane)
{
	static const char *const newline[] = {"\n"};

	*lv = (struct log_view){.pane = pane, .cursor = -1, .marked_at = -1, .agent = AGENT_NONE};
	buf_init(&lv->trouble);
	buf_init(&lv->searched);
	buf_init(&lv->kept);
	log_finder_set(&lv->lines, newline, 1, false);
}

void log_view_release(struct log_view *lv)
{
	log_finder_release(&lv->lines);
	log_finder_release(&lv->search);
	log_finder_release(&lv->errors);
	log_finder_release(&lv->filter);
	log_marks_release(&lv->marks);
	buf_release(&lv->trouble);
	buf_release(&lv->searched);
	buf_release(&lv->kept);
}

/* Counts are of one file as long as it only grows. */
static void follow_file(struct log_view *lv)
{
	const struct log_pane *p = lv->pane;
	bool is_same = lv->batch == p->batch && lv->agent == p->agent &&
	    (lv->file == p->tail.ino || lv->size == 0) && p->tail.size >= lv->size;

	if (!is_same) {
		log_finder_reset(&lv->lines);
		log_finder_reset(&lv->search);
		log_finder_reset(&lv->errors);
		log_finder_reset(&lv->filter);
		log_marks_clear(&lv->marks);
		lv->cursor = lv->marked_at = -1;
		lv->seek = SEEK_NONE;
		lv->notice = NULL;
	}
	lv->pane->tail.lines = &lv->lines;
	lv->batch = p->batch;
	lv->agent = p->agent;
	lv->file = p->tail.ino;
	lv->size = p->tail.size;
	if (p->follows || !is_same)
		lv->seen_size = p->tail.size;
}

/* ---- looking for -------------------------------------------------------- */

static void arrive(struct log_view *lv, int64_t at, const char *notice)
{
	lv->seek = SEEK_NONE;
	lv->notice = notice;
	if (at < 0)
		return;
	lv->cursor = at;
	log_pane_reveal(lv->pane, at);
}

/* What an agent's JSON stream says must be an error, not only have the word somewhere in it, as in
 * "is_error":false. */
static bool is_error_line(struct log_view *lv, int64_t line)
{
	struct buf said = BUF_INIT;
	struct log_bytes b;
	enum stream_kind kind;
	bool is_one;

	log_tail_line(&lv->pane->tail, line, true, &b);
	kind = stream_line_read(b.p, b.n, b.more > 0, &said);
	is_one = kind == STREAM_OTHER || kind == STREAM_ERROR ||
	    log_finder_has(&lv->errors, said.data, said.len);
	buf_release(&said);
	return is_one;
}

/* Goes on behind a line that is none. */
static bool pass_over(struct log_view *lv, int64_t at)
{
	int64_t line;

	if (at < 0 || lv->seeking != &lv->errors)
		return false;
	line = log_tail_line_at(&lv->pane->tail, at);
	if (is_error_line(lv, line))
		return false;
	lv->seek_from = lv->seek == SEEK_PREV ? line : log_tail_next(&lv->pane->tail, line);
	return true;
}

/* Goes there as soon as enough of the file was counted to know where it is. True: it has only
 * passed over what is no error, and goes on. */
static bool try_seek(struct log_view *lv)
{
	struct log_finder *f = lv->seeking;
	int fd = lv->pane->tail.fd;
	bool is_done;
	int64_t at;

	if (lv->seek == SEEK_NONE)
		return false;
	is_done = log_finder_is_done(f, lv->pane->tail.size);
	if (lv->seek == SEEK_PREV) {
		if (!is_done && f->at < lv->seek_from)
			return false;
		at = log_finder_prev(f, fd, lv->seek_from);
		if (pass_over(lv, at))
			return true;
		arrive(lv, at, at < 0 ? "no earlier one" : NULL);
		return false;
	}
	at = log_finder_next(f, fd, lv->seek_from);
	if (pass_over(lv, at))
		return true;
	if (at >= 0)
		arrive(lv, at, NULL);
	else if (is_done && lv->seek == SEEK_NEXT)
		arrive(lv, -1, "no later one");
	else if (is_done)
		arrive(lv, log_finder_prev(f, fd, lv->seek_from), NULL);
	return false;
}

bool log_view_work(struct log_view *lv)
{
	struct log_finder *all[] = {&lv->filter, &lv->search, &lv->errors, &lv->lines};
	size_t i;
	bool is_busy = false, was_counted;

	follow_file(lv);
	if (!lv->pane->batch)
		return false;
	was_counted = log_finder_is_done(&lv->lines, lv->size);
	/* What somebody waits for comes first. */
	if (lv->seek != SEEK_NONE)
		is_busy = log_finder_step(lv->seeking, lv->pane->tail.fd, lv->size);
	for (i = 0; i < ARRAY_LEN(all) && !is_busy; i++)
		is_busy = log_finder_step(all[i], lv->pane->tail.fd, lv->size);
	if (!is_busy && !was_counted)
		log_tail_forget(&lv->pane->tail);
	return try_seek(lv) || is_busy;
}

/* Behind the last place of the page. */
static int64_t page_end(struct log_view *lv)
{
	struct log_place place = log_pane_first(lv->pane, lv->pane->rows);
	int i;

	for (i = 0; i < lv->pane->rows && log_pane_step_on(lv->pane, &place); i++)
		;
	return place.at;
}

static void seek(struct log_view *lv, struct log_finder *f, enum log_seek how, int64_t from)
{
	lv->seeking = f;
	lv->seek = how;
	lv->seek_from = from;
	lv->notice = NULL;
	(void)try_seek(lv);
}

/* From what was found last, if that is still on the page; else from the page. `behind`: 1, or to
 * the end of its line. */
static void seek_on(struct log_view *lv, struct log_finder *f, int by, bool by_lines)
{
	int64_t top = log_pane_first(lv->pane, lv->pane->rows).at, at = lv->cursor;
	bool is_here = at >= top && at < page_end(lv);

	if (by > 0 && is_here)
		at = by_lines
		    ? log_tail_next(&lv->pane->tail, log_tail_line_at(&lv->pane->tail, at))
		    : at + 1;
	else if (by < 0 && is_here)
		at = by_lines ? log_tail_line_at(&lv->pane->tail, at) : at;
	else
		at = top;
	seek(lv, f, by > 0 ? SEEK_NEXT : SEEK_PREV, at);
}

/* What cannot be searched for is said as long as it is typed. */
static void set_typed(struct log_view *lv, struct log_finder *f, struct buf *kept,
    const char *typed)
{
	struct err err = ERR_INIT;

	buf_reset(kept);
	buf_str(kept, typed);
	buf_reset(&lv->trouble);
	if (log_finder_set_typed(f, typed, f == &lv->filter, &err) < 0)
		buf_str(&lv->trouble, err.msg);
}

void log_view_search(struct log_view *lv, const char *typed)
{
	set_typed(lv, &lv->search, &lv->searched, typed);
	lv->cursor = -1;
	lv->seek = SEEK_NONE;
	lv->notice = NULL;
	if (lv->search.nr_words && lv->pane->batch)
		seek(lv, &lv->search, SEEK_NEAREST, log_pane_first(lv->pane, lv->pane->rows).at);
}

void log_view_keep(struct log_view *lv, const char *typed)
{
	set_typed(lv, &lv->filter, &lv->kept, typed);
	lv->pane->filter = lv->filter.nr_words ? &lv->filter : NULL;
	/* The place of the first line need not be one any more. */
	lv->pane->follows = true;
}

void log_view_next(struct log_view *lv, int by)
{
	if (lv->searched.len && lv->pane->batch)
		seek_on(lv, &lv->search, by, false);
}

void log_view_next_error(struct log_view *lv, int by)
{
	if (!lv->pane->batch)
		return;
	if (lv->errors.nr_words == 0)
		log_finder_set(&lv->errors, error_words, ARRAY_LEN(error_words), true);
	seek_on(lv, &lv->errors, by, true);
}

/* An attempt begins behind the line about the end of the one before it. */
void log_view_next_attempt(struct log_view *lv, int by)
{
	struct log_pane *p = lv->pane;
	int64_t top, found = -1;
	uint32_t i;

	if (!p->batch)
		return;
	if (p->filter)
		log_view_keep(lv, "");
	top = log_pane_first(p, p->rows).at;
	if (by < 0 && top > 0)
		found = 0;
	for (i = 0; i < p->nr_notes; i++) {
		int64_t at = p->notes[i].at;

		if (by < 0 && at < top)
			found = at;
		if (by > 0 && at > top && found < 0)
			found = at;
	}
	lv->notice = found < 0 ? (by < 0 ? "no earlier attempt" : "no later attempt") : NULL;
	if (found >= 0)
		log_pane_go(p, found);
}

/* ---- marks -------------------------------------------------------------- */

static bool is_on_page(struct log_view *lv, int64_t at)
{
	return at >= log_pane_first(lv->pane, lv->pane->rows).at && at < page_end(lv);
}

/* The first line of the file at or below a place; -1: there is none. */
static int64_t line_below(struct log_view *lv, struct log_place place)
{
	while (log_pane_note(lv->pane, place) && !lv->pane->filter)
		if (!log_pane_step_on(lv->pane, &place))
			return -1;
	return log_pane_is_end(lv->pane, place) ? -1 : place.at;
}

static int64_t line_to_mark(struct log_view *lv)
{
	struct log_tail *t = &lv->pane->tail;
	struct log_place place = {.at = lv->marked_at, .note = UINT32_MAX};

	if (lv->marked_at >= 0 && is_on_page(lv, lv->marked_at)) {
		do
			if (!log_pane_step_on(lv->pane, &place))
				return -1;
		while (place.at == lv->marked_at);
		return line_below(lv, place);
	}
	if (lv->cursor >= 0 && is_on_page(lv, lv->cursor))
		return log_tail_line_at(t, lv->cursor);
	return line_below(lv, log_pane_first(lv->pane, lv->pane->rows));
}

bool log_view_mark(struct log_view *lv)
{
	int64_t at = lv->pane->batch ? line_to_mark(lv) : -1;

	lv->marked_at = at;
	if (at < 0)
		return false;
	log_pane_follow(lv->pane, false);
	if (!is_on_page(lv, at))
		log_pane_reveal(lv->pane, at);
	return log_marks_toggle(&lv->marks, at);
}

static struct log_place place_of_line(struct log_view *lv, int64_t at)
{
	struct log_place place = {.at = at};

	while (!lv->pane->filter && log_pane_note(lv->pane, place))
		place.note++;
	return place;
}

size_t log_view_marked_text(struct log_view *lv, size_t max, struct buf *out)
{
	size_t i, len;

	for (i = 0; i < lv->marks.nr; i++) {
		len = out->len;
		if (i)
			buf_ch(out, '\n');
		log_pane_text_of(lv->pane, place_of_line(lv, lv->marks.v[i]), out);
		if (out->len > max) {
			buf_cut(out, len);
			break;
		}
	}
	return i;
}

void log_view_point(struct log_view *lv, int64_t at)
{
	if (!lv->pane->batch)
		return;
	follow_file(lv);
	arrive(lv, at, NULL);
}

bool log_view_clear(struct log_view *lv)
{
	buf_reset(&lv->trouble);
	if (lv->searched.len) {
		log_view_search(lv, "");
		return true;
	}
	lv->cursor = -1;
	lv->seek = SEEK_NONE;
	lv->notice = NULL;
	if (!lv->kept.len)
		return false;
	log_view_keep(lv, "");
	return true;
}
