#include "formats/tasks_csv.h"
#include "base/file.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "formats/tasks_load.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Offsets and line numbers of more would not fit what is kept of a row. */
#define FILE_MAX ((size_t)2 << 30)

static const char *file_name(const struct tasks_read_opts *opts)
{
	return opts->file && strcmp(opts->file, "-") != 0 ? opts->file : "<stdin>";
}

const char *tasks_excerpt(const char *s, char out[EXCERPT_SIZE])
{
	size_t n = strlen(s), at = 0, k;

	while (at < n) {
		uint32_t cp;

		k = utf8_decode(s + at, n - at, &cp);
		if (at + k > EXCERPT_SIZE - 4)
			break;
		memcpy(out + at, s + at, k);
		if (cp == UTF8_BAD || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			memset(out + at, '?', k);
		at += k;
	}
	memcpy(out + at, at < n ? "..." : "", at < n ? 4 : 1);
	return out;
}

/* The cell that holds the offset, in the file that it was made from; NULL: it was made from none. */
static const struct tasks_origin *origin_of(const struct tasks_load *l, size_t at)
{
	const struct tasks_origin *o = l->opts->origins;
	size_t from = 0, to = l->opts->nr_origins;

	while (from + 1 < to) {
		size_t middle = from + (to - from) / 2;

		if (o[middle].at <= at)
			from = middle;
		else
			to = middle;
	}
	return to ? &o[from] : NULL;
}

static void place_message(struct buf *out, struct tasks_load *l, const struct csv_span *span,
    size_t at)
{
	struct csv_place p;
	const struct tasks_origin *origin = origin_of(l, at);

	if (l->opts->has_no_places) {
		buf_fmt(out, "%s: ", file_name(l->opts));
		return;
	}
	if (origin)
		p = (struct csv_place){.line = origin->line, .column = origin->column};
	else
		p = csv_place(&l->reader, span, at);
	p.line += origin ? 0 : l->opts->lines_before;
	buf_fmt(out, "%s:%u:%zu: ", file_name(l->opts), p.line, p.column);
}

static void take_fault(struct tasks_load *l, const char *text)
{
	if (l->nr_faults++ == 0)
		err_set(l->err, "%s", text);
	if (l->opts->fault)
		l->opts->fault(l->opts->fault_ctx, text);
	if (!l->opts->fault || l->nr_faults >= TASKS_MAX_FAULTS)
		l->is_over = true;
}

static __attribute__((format(printf, 5, 0))) void message(struct buf *out, struct tasks_load *l,
    const struct csv_span *span, uint32_t cell, const char *fmt, va_list ap)
{
	place_message(out, l, span, csv_cell_offset(&l->reader, span, cell));
	buf_vfmt(out, fmt, ap);
}

void tasks_fault(struct tasks_load *l, const struct csv_span *span, uint32_t cell, const char *fmt,
    ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	if (l->is_over)
		return;
	va_start(ap, fmt);
	message(&text, l, span, cell, fmt, ap);
	va_end(ap);
	take_fault(l, text.data);
	buf_release(&text);
}

void tasks_warn(struct tasks_load *l, const struct csv_span *span, uint32_t cell, const char *fmt,
    ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	message(&text, l, span, cell, fmt, ap);
	va_end(ap);
	l->opts->warn(l->opts->warn_ctx, text.data);
	buf_release(&text);
}

/* ---- the header row ---- */

/* The known column that a header cell means to name, blanks and letter case aside, or -1. */
static int meant_column(const char *cell)
{
	char word[32];
	size_t n;
	int i;

	while (*cell == ' ' || *cell == '\t')
		cell++;
	n = strcspn(cell, " \t");
	if (n >= sizeof(word) || cell[n + strspn(cell + n, " \t")])
		return -1;
	for (i = 0; i < (int)n; i++)
		word[i] = (char)tolower((unsigned char)cell[i]);
	word[n] = '\0';
	return task_column_from_name(word);
}

static void check_header_cell(struct tasks_load *l, const struct csv_span *span, uint32_t i)
{
	struct tasks *ts = l->ts;
	int known = task_column_from_name(ts->columns[i]);
	char name[EXCERPT_SIZE];
	int meant;

	tasks_excerpt(ts->columns[i], name);
	if (known >= 0 && ts->known[known] >= 0) {
		tasks_fault(l, span, i, "column '%s' means the same as column %d, '%s': remove one",
		    name, ts->known[known] + 1, ts->columns[ts->known[known]]);
		return;
	}
	if (known >= 0) {
		ts->known[known] = (int)i;
		return;
	}
	meant = meant_column(ts->columns[i]);
	if (meant >= 0 && l->opts->warn)
		tasks_warn(l, span, i,
		    "column '%s' is kept as one of your own: write '%s' if it "
		    "is meant",
		    name, task_column_name((enum task_column)meant));
}

static void check_header_twins(struct tasks_load *l, const struct csv_span *span)
{
	struct tasks *ts = l->ts;
	char name[EXCERPT_SIZE];
	struct map seen;
	uint32_t i, first;

	map_init(&seen);
	for (i = 0; i < ts->nr_columns; i++) {
		/* Columns without a name, as spreadsheets leave them behind, cannot be meant. */
		if (ts->columns[i][0] == '\0' || task_column_from_name(ts->columns[i]) >= 0)
			continue;
		first = map_put(&seen, ts->columns[i], i);
		if (first != i)
			tasks_fault(l, span, i,
			    "column '%s' is there already as column %u: "
			    "rename or remove one",
			    tasks_excerpt(ts->columns[i], name), first + 1);
	}
	map_release(&seen);
}

static void refuse_without_task(struct tasks_load *l, const struct csv_span *span)
{
	const char *hint = "the first line names the columns, one of them 'task'";

	if (l->ts->nr_columns == 1 && strpbrk(l->ts->columns[0], ";\t"))
		hint = "separate the columns by commas";
	tasks_fault(l, span, 0, "no column 'task': %s", hint);
}

static int read_header(struct tasks_load *l)
{
	struct csv_row *row = &l->reader.row;
	struct tasks *ts = l->ts;
	uint32_t i;

	ts->nr_columns = row->nr_cells;
	ts->columns = xcalloc(row->nr_cells, sizeof(*ts->columns));
	memcpy(ts->columns, row->cells, row->nr_cells * sizeof(*ts->columns));
	for (i = 0; i < ts->nr_columns; i++)
		check_header_cell(l, &row->span, i);
	check_header_twins(l, &row->span);
	if (ts->known[COL_TASK] < 0)
		refuse_without_task(l, &row->span);
	return l->nr_faults ? -1 : 0;
}

/* ---- rows ---- */

/* What makes it a bad file name, a word that depends_on cannot hold, or a string that JSON cannot
 * give back; NULL when it is a good id. */
static const char *id_fault(const char *id)
{
	size_t n = strlen(id), at, k;

	if (n > TASK_ID_MAX)
		return "is no safe file name: it is too long, at most 229 bytes will do";
	for (at = 0; at < n; at += k) {
		uint32_t cp;

		k = utf8_decode(id + at, n - at, &cp);
		if (cp == UTF8_BAD)
			return "is not UTF-8: save the file as UTF-8";
		if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return "is no safe file name: remove the control character";
		if (cp == '/')
			return "is no safe file name: remove the '/'";
		if (cp == ' ' || cp == ',' || cp == ';')
			return "holds a space, comma or semicolon, which part the ids in "
			       "depends_on: use '-' or '_'";
	}
	return is_safe_name(id, TASK_ID_MAX) ? NULL : "is no safe file name: choose another";
}

/* Its own cell, or where that is missing or empty the number of the data row. */
static const char *row_id(struct tasks_load *l, const char *const *cells)
{
	struct tasks *ts = l->ts;
	char number[16];
	const char *id = ts->known[COL_ID] < 0 ? "" : cells[ts->known[COL_ID]];

	if (id[0])
		return id;
	snprintf(number, sizeof(number), "%u", l->opts->numbered_behind + ts->nr + 1);
	return arena_strdup(&ts->arena, number);
}

static uint32_t id_cell(const struct tasks *ts)
{
	return ts->known[COL_ID] < 0 ? 0 : (uint32_t)ts->known[COL_ID];
}

static void check_id(struct tasks_load *l, uint32_t i)
{
	struct tasks *ts = l->ts;
	const char *id = ts->v[i].id;
	const char *what = id_fault(id);
	char name[EXCERPT_SIZE];
	uint32_t first;

	if (what) {
		l->has_gaps = true;
		tasks_fault(l, &l->spans[i], id_cell(ts), "id '%s' %s", tasks_excerpt(id, name),
		    what);
		return;
	}
	if (l->opts->is_taken && l->opts->is_taken(l->opts->taken_ctx, id))
		tasks_fault(l, &l->spans[i], id_cell(ts),
		    "id '%s' is in the plan already: give the new row another",
		    tasks_excerpt(id, name));
	first = map_put(&ts->by_id, id, i);
	if (first != i)
		tasks_fault(l, &l->spans[i], id_cell(ts),
		    "duplicate id '%s', first on line %u: every row needs its own",
		    tasks_excerpt(id, name), ts->v[first].line);
}

static void add_row(struct tasks_load *l)
{
	const struct csv_row *row = &l->reader.row;
	const struct tasks_origin *origin = origin_of(l, row->span.begin);
	struct tasks *ts = l->ts;
	size_t bytes = row->nr_cells * sizeof(*row->cells);
	const char **cells = arena_alloc(&ts->arena, bytes);

	memcpy(cells, row->cells, bytes);
	VEC_GROW(ts->v, ts->nr, ts->cap);
	VEC_GROW(l->spans, ts->nr, l->cap_spans);
	l->spans[ts->nr] = row->span;
	ts->v[ts->nr] = (struct task){
	    .id = row_id(l, cells),
	    .cells = cells,
	    .line = origin ? origin->line : l->opts->lines_before + row->span.line,
	};
	ts->nr++;
	check_id(l, ts->nr - 1);
	tasks_check_row(l, ts->nr - 1);
}

static void refuse_row(struct tasks_load *l)
{
	const struct csv_row *row = &l->reader.row;
	uint32_t want = l->ts->nr_columns;

	l->has_gaps = true;
	tasks_fault(l, &row->span, want, "wrong number of fields, %u where the header names %u: %s",
	    row->nr_cells, want,
	    row->nr_cells < want ? "add the missing ones, empty will do"
				 : "put a field that holds commas in quotes");
}

/* ---- the whole ---- */

static void check_utf8(struct tasks_load *l)
{
	const struct csv_reader *r = &l->reader;
	size_t good = utf8_valid_prefix(r->text, r->len);
	struct csv_span all = {.begin = 0, .end = r->len, .line = 1};
	struct buf text = BUF_INIT;

	if (!l->opts->warn || good == r->len)
		return;
	place_message(&text, l, &all, good);
	buf_str(&text,
	    "not UTF-8 from here on: agents get the bytes as they are, screens and JSON "
	    "a replacement character");
	l->opts->warn(l->opts->warn_ctx, text.data);
	buf_release(&text);
}

static void syntax_fault(struct tasks_load *l)
{
	struct buf text = BUF_INIT;

	l->has_gaps = true;
	place_message(&text, l, &l->reader.row.span, l->reader.fault_at);
	buf_str(&text, l->reader.fault);
	take_fault(l, text.data);
	buf_release(&text);
}

static void fault_at(struct tasks_load *l, size_t at, const char *what)
{
	const struct csv_span all = {.begin = 0, .end = l->reader.len, .line = 1};
	struct buf text = BUF_INIT;

	place_message(&text, l, &all, at);
	buf_str(&text, what);
	take_fault(l, text.data);
	buf_release(&text);
}

static int read_rows(struct tasks_load *l)
{
	int rc = csv_reader_next(&l->reader);

	if (rc == 0) {
		fault_at(l, l->reader.len,
		    "empty: the first line names the columns, one of them 'task', and each "
		    "further one is a task");
		return -1;
	}
	if (rc > 0 && read_header(l) < 0)
		return -1;
	while (rc > 0 && !l->is_over && (rc = csv_reader_next(&l->reader)) > 0) {
		if (l->reader.row.nr_cells == l->ts->nr_columns)
			add_row(l);
		else
			refuse_row(l);
	}
	if (rc < 0)
		syntax_fault(l);
	else if (l->ts->nr == 0 && !l->nr_faults)
		fault_at(l, l->reader.len, "no rows: add a line for each task");
	return l->is_over || l->has_gaps || l->ts->nr == 0 ? -1 : 0;
}

static void load_release(struct tasks_load *l)
{
	csv_reader_release(&l->reader);
	free(l->spans);
	map_release(&l->profiles);
	map_release(&l->contexts);
	map_release(&l->dirs);
	free(l->dir_of);
	buf_release(&l->path);
}

int tasks_read_text(struct tasks *ts, struct graph *graph, const char *text, size_t len,
    const struct tasks_read_opts *opts, struct err *err)
{
	struct tasks_load l = {.ts = ts, .opts = opts, .err = err, .path = BUF_INIT};
	struct graph own;
	struct graph *g = graph ? graph : &own;
	int rc = 0;

	tasks_init(ts);
	memset(g, 0, sizeof(*g));
	csv_reader_init(&l.reader, text, len, &ts->arena);
	if (len > FILE_MAX)
		fault_at(&l, 0, "larger than 2 GiB: split it");
	else if (read_rows(&l) == 0)
		tasks_check_relations(&l, g);
	if (l.nr_faults == 0)
		check_utf8(&l);
	if (l.nr_faults) {
		tasks_release(ts);
		graph_release(g);
		rc = -1;
	}
	if (!graph)
		graph_release(&own);
	load_release(&l);
	return rc;
}

void tasks_place(struct buf *out, const char *text, size_t len, const struct tasks_read_opts *opts,
    uint32_t row, int cell)
{
	struct tasks_load l = {.opts = opts};
	struct arena arena;
	const struct csv_span *span = &l.reader.row.span;
	uint32_t i;

	arena_init(&arena);
	csv_reader_init(&l.reader, text, len, &arena);
	for (i = 0; i < row + 2 && csv_reader_next(&l.reader) > 0;
	     i++) /* the header is the first */
		continue;
	place_message(out, &l, span,
	    csv_cell_offset(&l.reader, span, cell < 0 ? 0 : (uint32_t)cell));
	csv_reader_release(&l.reader);
	arena_release(&arena);
}

int tasks_read_fd(struct tasks *ts, struct graph *graph, int fd, const struct tasks_read_opts *opts,
    struct err *err)
{
	struct buf text = BUF_INIT;
	int rc;

	if (file_read_fd(fd, FILE_MAX, &text, err) == 0) {
		rc = tasks_read_text(ts, graph, text.data, text.len, opts, err);
	} else {
		rc = err_prefix(err, "%s: ", file_name(opts));
		tasks_init(ts);
		if (graph)
			memset(graph, 0, sizeof(*graph));
	}
	buf_release(&text);
	return rc;
}
