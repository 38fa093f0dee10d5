/* CSVs of tasks, written so that every cell reads back to the same bytes. */
#include "base/buf.h"
#include "base/xalloc.h"
#include "formats/tasks_csv.h"

#include <errno.h>
#include <string.h>

/* Other readers than ours trim blanks that are not in quotes, and every reader takes these first
 * bytes of a file for a sign of its encoding. */
static bool needs_quotes(const char *cell)
{
	static const char *const marks[] = {"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"};
	size_t n = strlen(cell);
	size_t i;

	if (n == 0)
		return false;
	for (i = 0; i < ARRAY_LEN(marks); i++)
		if (strncmp(cell, marks[i], strlen(marks[i])) == 0)
			return true;
	return cell[strcspn(cell, "\",\r\n")] || strchr(" \t", cell[0]) ||
	    strchr(" \t", cell[n - 1]);
}

/* Errors stay in the stream, for ferror. */
void csv_write_cell(FILE *out, const char *cell)
{
	const char *quote;

	if (!needs_quotes(cell)) {
		(void)fputs(cell, out);
		return;
	}
	(void)putc('"', out);
	while ((quote = strchr(cell, '"'))) {
		(void)fwrite(cell, 1, (size_t)(quote - cell) + 1, out);
		(void)putc('"', out);
		cell = quote + 1;
	}
	(void)fputs(cell, out);
	(void)putc('"', out);
}

/* ---- tags ---- */

static bool is_retry_tag(const char *word, size_t len)
{
	static const char prefix[] = "RETRY-";
	size_t n = sizeof(prefix) - 1;

	return len > n && memcmp(word, prefix, n) == 0 && strspn(word + n, "0123456789") >= len - n;
}

/* Behind words that are parted by commas comes a comma, and so on; alone comes nothing. */
static void add_tag(struct buf *out, const char *tag)
{
	if (out->len)
		buf_ch(out, strchr(out->data, ';') ? ';' : strchr(out->data, ',') ? ',' : ' ');
	buf_str(out, tag);
}

/* The tags as they are, RETRY-k where the first older one stood, else at the end. Further older
 * ones go, with the separators before them. */
static void retag(struct buf *out, const char *tags, uint32_t k)
{
	const char *s = tags;
	const char *copied = tags; /* up to here it is in `out`, or left out */
	const char *word_end = tags;
	bool is_placed = false;
	const char *word;
	char tag[32];
	size_t len;

	snprintf(tag, sizeof(tag), "RETRY-%u", k);
	buf_reset(out);
	while ((word = task_next_word(&s, &len))) {
		const char *before = word_end;

		word_end = s;
		if (!is_retry_tag(word, len))
			continue;
		buf_add(out, copied, (size_t)((is_placed ? before : word) - copied));
		if (!is_placed)
			buf_str(out, tag);
		is_placed = true;
		copied = s;
	}
	buf_str(out, copied);
	if (!is_placed)
		add_tag(out, tag);
}

/* ---- rows ---- */

static void write_header(FILE *out, const struct tasks *ts)
{
	uint32_t i;

	if (ts->known[COL_ID] < 0)
		(void)fputs("id,", out);
	for (i = 0; i < ts->nr_columns; i++) {
		if (i)
			(void)putc(',', out);
		csv_write_cell(out, ts->columns[i]);
	}
	(void)fputs(ts->known[COL_TAGS] < 0 ? ",tags\n" : "\n", out);
}

static void write_row(FILE *out, const struct tasks *ts, const struct retry_row *row,
    struct buf *tags)
{
	const struct task *t = &ts->v[row->task];
	uint32_t i;

	buf_reset(tags);
	if (row->failed_cycles)
		retag(tags, task_get(ts, t, COL_TAGS), row->failed_cycles);
	else
		buf_str(tags, task_get(ts, t, COL_TAGS));
	if (ts->known[COL_ID] < 0) {
		csv_write_cell(out, t->id);
		(void)putc(',', out);
	}
	for (i = 0; i < ts->nr_columns; i++) {
		if (i)
			(void)putc(',', out);
		/* An empty id was the number of its row, which is another one now. */
		if ((int)i == ts->known[COL_ID])
			csv_write_cell(out, t->id);
		else
			csv_write_cell(out,
			    (int)i == ts->known[COL_TAGS] ? tags->data : t->cells[i]);
	}
	if (ts->known[COL_TAGS] < 0) {
		(void)putc(',', out);
		csv_write_cell(out, tags->data);
	}
	(void)putc('\n', out);
}

int tasks_write_retry(FILE *out, const struct tasks *ts, const struct retry_row *rows, uint32_t nr,
    struct err *err)
{
	struct buf tags = BUF_INIT;
	uint32_t i;

	errno = 0;
	write_header(out, ts);
	for (i = 0; i < nr && !ferror(out); i++)
		write_row(out, ts, &rows[i], &tags);
	buf_release(&tags);
	if (fflush(out) != 0 || ferror(out))
		return err_sys(err, errno ? errno : EIO, "cannot write the retry CSV");
	return 0;
}
