#include "formats/reply.h"
#include "model/task.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define BOM "\xef\xbb\xbf"
#define HEADER_CELL_MAX 64

void reply_init(struct reply *r, const char *text, size_t len, const char *const *words,
    bool wants_csv)
{
	if (len >= 3 && memcmp(text, BOM, 3) == 0) {
		text += 3;
		len -= 3;
	}
	*r = (struct reply){
	    .text = text, .end = text + len, .p = text, .words = words, .wants_csv = wants_csv};
}

/* ---- lines ------------------------------------------------------------------------- */

static const char *line_end(const char *p, const char *end)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));

	return lf ? lf : end;
}

static const char *behind_line(const char *p, const char *end)
{
	p = line_end(p, end);
	return p < end ? p + 1 : end;
}

static const char *skip_set(const char *p, const char *end, const char *set)
{
	while (p < end && *p && strchr(set, *p))
		p++;
	return p;
}

static bool is_empty_line(const char *p, const char *end)
{
	p = skip_set(p, end, " \t\r");
	return p == end || *p == '\n';
}

/* Three or more of ` or ~ at a line's beginning. */
static bool is_fence(const char *p, const char *end)
{
	p = skip_set(p, end, " \t");
	return end - p >= 3 && (*p == '`' || *p == '~') && p[1] == *p && p[2] == *p;
}

static bool is_word(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && strncasecmp(p, word, n) == 0 &&
	    (p + n == end || strchr(" \t\r\n", p[n]));
}

/* ---- JSON ---------------------------------------------------------------------------- */

/* Where a word stands next as a string, at or behind `p`; the reply's end: nowhere. */
static const char *find_word(const struct reply *r, const char *word, const char *p)
{
	size_t n = strlen(word);

	while ((p = memmem(p, (size_t)(r->end - p), word, n))) {
		if (p > r->text && p[-1] == '"' && p + n < r->end && p[n] == '"')
			return p;
		p += n;
	}
	return r->end;
}

/* Whether one of the words stands between the two. What was found is kept, and looked for again only
 * from further on: each word is looked for once in all of the reply. */
static bool has_word(struct reply *r, const char *from, const char *to)
{
	bool is_there = false;
	size_t i;

	for (i = 0; r->words[i]; i++) {
		if (!r->word_at[i] || r->word_at[i] < from)
			r->word_at[i] = find_word(r, r->words[i], from);
		is_there |= r->word_at[i] < to;
	}
	return is_there;
}

static const char *next_fence(const char *p, const char *end)
{
	while (p < end && !is_fence(p, end))
		p = behind_line(p, end);
	return p;
}

/* Whether the bracket at `p` was open where the last value broke: it breaks there, too, and looking
 * again from each of them would take as many times as long as they are deep. */
static bool is_known_broken(struct jsonr_fault *broken, const char *p)
{
	while (broken->nr_open && broken->open[broken->nr_open - 1] < p)
		broken->nr_open--;
	return broken->nr_open && broken->open[broken->nr_open - 1] == p;
}

/* Behind the value that begins here; NULL: it breaks at r->broken.at. */
static const char *value_end(struct reply *r)
{
	struct jsonr_fault fault;
	const char *to;

	if (is_known_broken(&r->broken, r->p))
		return NULL;
	to = jsonr_value_end_or(r->p, r->end, &fault);
	if (!to)
		r->broken = fault;
	return to;
}

/* At a bracket: false where it belongs to prose. */
static bool take_json(struct reply *r, struct reply_part *part)
{
	const char *from = r->p, *to = value_end(r), *fault = r->broken.at;

	*part = (struct reply_part){.kind = REPLY_JSON, .p = from};
	if (to) {
		part->n = (size_t)(to - from);
		r->p = to;
		return true;
	}
	if (!has_word(r, from, fault))
		return false;
	part->n = (size_t)(fault - from);
	part->fault = fault;
	r->p = next_fence(behind_line(fault, r->end), r->end);
	return true;
}

/* ---- CSV ----------------------------------------------------------------------------- */

/* One cell of a header: a word, perhaps in quotes. */
static const char *header_cell(const char *p, const char *end, char name[HEADER_CELL_MAX])
{
	bool is_quoted = p < end && *p == '"';
	const char *from = p + is_quoted;
	size_t n = 0;

	while (from + n < end && !strchr("\", \t\r\n", from[n]))
		n++;
	p = from + n;
	if (n == 0 || n >= HEADER_CELL_MAX || (is_quoted && (p == end || *p++ != '"')))
		return NULL;
	memcpy(name, from, n);
	name[n] = '\0';
	return p;
}

static bool is_header(const char *p, const char *end)
{
	char name[HEADER_CELL_MAX];
	bool has_task = false;

	end = line_end(p, end);
	if (end > p && end[-1] == '\r')
		end--;
	if (end - p > 3 && memcmp(p, BOM, 3) == 0)
		p += 3;
	while (p < end && (p = header_cell(p, end, name))) {
		has_task |= task_column_from_name(name) == COL_TASK;
		if (p == end)
			return has_task;
		if (*p++ != ',')
			return false;
	}
	return false;
}

/* Behind the row that begins at `p`, which ends at the first line end outside of quotes. */
static const char *behind_row(const char *p, const char *end, size_t *nr_fields)
{
	bool is_quoted = false;

	for (*nr_fields = 1; p < end; p++) {
		if (*p == '"')
			is_quoted = !is_quoted;
		else if (is_quoted)
			continue;
		else if (*p == '\n')
			return p + 1;
		else if (*p == ',')
			++*nr_fields;
	}
	return end;
}

/* Where a CSV in prose goes on, if the empty lines at `p` do not end it; else NULL. */
static const char *goes_on(const char *p, const char *end, size_t nr_columns)
{
	size_t nr;

	while (p < end && is_empty_line(p, end))
		p = behind_line(p, end);
	if (p == end || nr_columns < 2 || is_fence(p, end))
		return NULL;
	behind_row(p, end, &nr);
	return nr == nr_columns ? p : NULL;
}

static void take_csv(struct reply *r, struct reply_part *part)
{
	const char *from = r->p;
	bool is_whole = r->is_fenced || skip_set(r->text, from, " \t\r\n") == from;
	size_t nr_columns, nr;
	const char *p = behind_row(from, r->end, &nr_columns), *next;

	while (p < r->end && !is_fence(p, r->end)) {
		if (!is_whole && is_empty_line(p, r->end)) {
			next = goes_on(p, r->end, nr_columns);
			if (!next)
				break;
			p = next;
		}
		p = behind_row(p, r->end, &nr);
	}
	*part = (struct reply_part){.kind = REPLY_CSV, .p = from, .n = (size_t)(p - from)};
	r->p = p;
}

/* ---- the whole ------------------------------------------------------------------------ */

static bool is_line_start(const struct reply *r)
{
	return r->p == r->text || r->p[-1] == '\n';
}

/* A fence closes what one before it has opened, unless a word stands behind it. */
static void take_fence(struct reply *r)
{
	const char *behind = skip_set(r->p, r->end, " \t`~");

	r->is_fenced = r->is_behind_fence = !r->is_fenced || !is_empty_line(behind, r->end);
	r->is_csv_fence = r->is_fenced && is_word(behind, r->end, "csv");
}

/* At the beginning of a line that is not empty: takes it, if it begins a CSV. */
static bool take_line(struct reply *r, struct reply_part *part)
{
	bool is_csv;

	if (is_fence(r->p, r->end)) {
		take_fence(r);
		return false;
	}
	is_csv = r->wants_csv &&
	    (r->is_behind_fence && r->is_csv_fence ? !strchr("[{", *r->p)
						   : is_header(r->p, r->end));
	if (is_csv)
		take_csv(r, part);
	r->is_behind_fence = false;
	return is_csv;
}

bool reply_next(struct reply *r, struct reply_part *part)
{
	while (r->p < r->end) {
		if (is_line_start(r) && !is_empty_line(r->p, r->end) && take_line(r, part))
			return true;
		if ((*r->p == '{' || *r->p == '[') && take_json(r, part))
			return true;
		for (r->p++; r->p < r->end && !is_line_start(r) && *r->p != '{' && *r->p != '[';
		     r->p++)
			;
	}
	return false;
}

/* ---- faults ---------------------------------------------------------------------------- */

bool reply_is_empty(const struct reply *r)
{
	return skip_set(r->text, r->end, " \t\r\n") == r->end;
}

/* Behind the word or string that begins at `p`, at what cannot stand in it, or at the end. */
static const char *walk_scalar(const char *p, const char *end)
{
	if (p < end && *p != '"') {
		while (p < end && isalnum((unsigned char)*p))
			p++;
		return p;
	}
	for (p += p < end; p < end && *p != '"' && (unsigned char)*p >= ' '; p++)
		p += *p == '\\' && p + 1 < end;
	return p;
}

static bool is_behind_comma(const struct reply *r, const char *p)
{
	while (p > r->text && strchr(" \t\r\n", p[-1]) && p[-1])
		p--;
	return p > r->text && p[-1] == ',';
}

/* Faults as models make them. */
static const char *advice(const struct reply *r, const char *fault)
{
	const char *at = walk_scalar(fault, r->end);

	if (at == r->end)
		return "breaks off here: close what is open";
	if (*fault == '"' && (*at == '\n' || *at == '\r' || *at == '\t'))
		return "has a line break or a tab in the text that begins here: write \\n or \\t";
	if ((*fault == ']' || *fault == '}') && is_behind_comma(r, fault))
		return "has a comma before this bracket: remove it";
	if (*fault == '\'' || (r->end - fault > 2 && memcmp(fault, "\xe2\x80", 2) == 0))
		return "has a quote here that JSON does not know: write a straight double one";
	if (*fault == '/' || *fault == '#')
		return "has a comment here, which JSON does not know: remove it";
	return "is not JSON from here on, or is nested too deep: correct it";
}

int reply_refuse(const struct reply *r, const char *what, const char *fault, struct err *err)
{
	struct buf place = BUF_INIT;

	reply_place(r, fault, &place);
	err_set(err, "%s: %s %s", place.data, what, advice(r, fault));
	buf_release(&place);
	return -1;
}

/* ---- places ---------------------------------------------------------------------------- */

static size_t count_lines(const char *p, const char *end, const char **last)
{
	size_t nr = 0;

	for (*last = p; (p = memchr(p, '\n', (size_t)(end - p))); nr++)
		*last = ++p;
	return nr;
}

void reply_place(const struct reply *r, const char *p, struct buf *out)
{
	const char *line;
	size_t nr = count_lines(r->text, p, &line);

	buf_fmt(out, "reply:%zu:%zu", nr + 1, (size_t)(p - line) + 1);
}

size_t reply_lines_before(const struct reply *r, const char *p)
{
	const char *line;

	return count_lines(r->text, p, &line);
}

static void fill(struct buf *out, char c, size_t n)
{
	buf_reserve(out, n);
	memset(out->data + out->len, c, n);
	buf_commit(out, n);
}

void reply_in_place(const struct reply *r, const char *p, size_t n, struct buf *out)
{
	const char *line;
	size_t nr = count_lines(r->text, p, &line);

	buf_reset(out);
	fill(out, '\n', nr);
	fill(out, ' ', (size_t)(p - line));
	buf_add(out, p, n);
}
