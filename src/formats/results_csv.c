#include "formats/results_csv.h"
#include "base/file.h"
#include "formats/jsonw.h"
#include "formats/tasks_csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const own_columns[] = {"status", "class", "batch", "cycle", "attempts", "answer",
    "cost_usd", "tokens_in", "tokens_out", "duration_s", "session", "message", "extracted"};

struct csv_out {
	FILE *file;
	struct buf cell;
	bool has_cell; /* a comma is due */
};

/* Also what Excel takes for these signs where full-width ones are typed. */
static bool is_formula(const char *s)
{
	static const char *const wide[] = {
	    "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
	size_t i;

	if (*s && strchr("=+-@\t\r\n", *s))
		return true;
	for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strncmp(s, wide[i], strlen(wide[i])) == 0)
			return true;
	return false;
}

static void put(struct csv_out *c, const char *text)
{
	if (c->has_cell)
		(void)putc(',', c->file);
	c->has_cell = true;
	if (!text)
		return;
	if (!is_formula(text)) {
		csv_write_cell(c->file, text);
		return;
	}
	buf_reset(&c->cell);
	buf_fmt(&c->cell, "'%s", text);
	csv_write_cell(c->file, c->cell.data);
}

static void end_row(struct csv_out *c)
{
	(void)fputs("\r\n", c->file);
	c->has_cell = false;
}

static void put_int(struct csv_out *c, int64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)v);
	put(c, v == NUM_NONE ? NULL : text);
}

/* As results.json has it. */
static void put_num(struct csv_out *c, void (*write)(struct jsonw *w, double v), double v)
{
	struct buf text = BUF_INIT;
	struct jsonw w;

	jsonw_init(&w, &text, 0);
	write(&w, v);
	put(c, text.data);
	buf_release(&text);
}

static void put_duration(struct csv_out *c, const struct attempt *at)
{
	if (at && at->ended_m != NUM_NONE && at->ended_m >= at->started_m)
		put_num(c, jsonw_num, (double)(at->ended_m - at->started_m) / 1000);
	else
		put(c, NULL);
}

static void put_header(struct csv_out *c, const struct tasks *ts)
{
	size_t i;

	for (i = 0; i < ts->nr_columns; i++)
		put(c, ts->columns[i]);
	for (i = 0; i < sizeof(own_columns) / sizeof(own_columns[0]); i++)
		put(c, own_columns[i]);
	if (ts->known[COL_ID] < 0)
		put(c, "id");
	end_row(c);
}

/* The tasks that a row was read from: the original's, or those of the batch that added it. */
static const struct tasks *tasks_of(const struct run_reader *run, const struct task *t)
{
	size_t i;

	for (i = 0; i < run->nr; i++) {
		const struct tasks *ts = &run->batches[i]->tasks;

		if (t >= ts->v && t < ts->v + ts->nr)
			return ts;
	}
	return &run->batches[0]->tasks;
}

/* Cells under the original's header, whatever order their own file has. */
static void put_cells(struct csv_out *c, const struct run_reader *run, const struct task *t)
{
	const struct tasks *header = &run->batches[0]->tasks;
	const struct tasks *ts = tasks_of(run, t);
	uint32_t i;

	for (i = 0; i < header->nr_columns; i++) {
		if ((int)i == header->known[COL_ID])
			put(c, t->id); /* an empty one is the number of its row */
		else if (ts == header)
			put(c, t->cells[i]);
		else
			put(c, task_get_named(ts, t, header->columns[i]));
	}
}

static void put_row(struct csv_out *c, const struct run_reader *run, const struct merged_row *row,
    const char *extracted)
{
	const struct attempt *at = row->attempt;

	put_cells(c, run, row->task);
	put(c, status_name(row->agent->status));
	put(c, class_name(row->agent->class));
	put(c, row->from->dir.name);
	put_int(c, row->from->state.cycle);
	put_int(c, row->attempts);
	put(c, at ? at->answer : NULL);
	if (row->is_cost_told)
		put_num(c, jsonw_usd, row->cost_usd);
	else
		put(c, NULL);
	put_int(c, row->are_tokens_told ? row->tokens_in : NUM_NONE);
	put_int(c, row->are_tokens_told ? row->tokens_out : NUM_NONE);
	put_duration(c, at);
	put(c, at ? at->session : NULL);
	put(c, at && at->message ? at->message : row->agent->why);
	put(c, extracted);
	if (run->batches[0]->tasks.known[COL_ID] < 0)
		put(c, row->task->id);
	end_row(c);
}

static int put_all(struct csv_out *c, const struct run_reader *run, const struct merged_row *rows,
    uint32_t nr, const char *const *extracted)
{
	uint32_t i;

	errno = 0;
	put_header(c, &run->batches[0]->tasks);
	for (i = 0; i < nr && !ferror(c->file); i++)
		put_row(c, run, &rows[i], extracted[i]);
	return fflush(c->file) != 0 || ferror(c->file) ? -1 : 0;
}

int results_csv_write(const struct run_reader *run, const struct merged_row *rows, uint32_t nr,
    const char *const *extracted, struct err *err)
{
	struct csv_out c = {.cell = BUF_INIT};
	struct file_new f;
	int fd, rc = -1;

	if (file_new_begin(&f, run->batches[0]->dir.fd, RESULTS_CSV_NAME, err) < 0)
		return -1;
	fd = fcntl(f.fd, F_DUPFD_CLOEXEC, 0); /* the stream closes its own */
	c.file = fd < 0 ? NULL : fdopen(fd, "w");
	if (c.file)
		rc = put_all(&c, run, rows, nr, extracted);
	if (rc < 0)
		err_sys(err, errno ? errno : EIO, "cannot write '%s'", RESULTS_CSV_NAME);
	if (c.file)
		(void)fclose(c.file); /* all of it was flushed, and is synced by the commit */
	else if (fd >= 0)
		close(fd);
	buf_release(&c.cell);
	if (rc == 0)
		return file_new_commit(&f, err);
	file_new_abandon(&f);
	return -1;
}
