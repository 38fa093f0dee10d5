/* Any bytes as a tasks CSV. `make fuzz` looks for new ones with libFuzzer, tests/unit runs the seeds
 * and some thousand mutations of them.
 *
 * What must hold: a refusal has a place inside the file; what is accepted is what the header
 * promises; and written again, as a retry CSV or with every cell in quotes, it reads back the
 * same. The last also holds the two ways of splitting against each other, with libcsv and without. */
#include "base/file.h"
#include "formats/tasks_csv.h"
#include "fuzz/check.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct text {
	const char *p;
	size_t len;
	unsigned nr_lines;
};

static void check_message(const struct text *t, const char *message)
{
	unsigned line = 0;
	size_t column = 0;
	int n = 0;

	CHECK(sscanf(message, "fuzz.csv:%u:%zu: %n", &line, &column, &n) == 2);
	CHECK(n > 0 && message[n] != '\0' && !strchr(message, '\n'));
	CHECK(line >= 1 && line <= t->nr_lines);
	CHECK(column >= 1 && column <= t->len + 1);
}

static void told(void *ctx, const char *message)
{
	check_message(ctx, message);
}

static bool knows_profile(void *ctx, const char *name)
{
	(void)ctx;
	return strchr(name, '?') == NULL;
}

static int read_text(struct tasks *ts, struct graph *g, struct text *t)
{
	struct tasks_read_opts opts = {
	    .file = "fuzz.csv",
	    .has_profile = knows_profile,
	    .warn = told,
	    .warn_ctx = t,
	    .fault = told,
	    .fault_ctx = t,
	};
	struct err err = ERR_INIT;
	size_t i;
	int rc;

	for (t->nr_lines = 1, i = 0; i < t->len; i++)
		t->nr_lines += t->p[i] == '\n';
	rc = tasks_read_text(ts, g, t->p, t->len, &opts, &err);
	CHECK(rc == 0 || (rc == -1 && ts->nr == 0));
	if (rc < 0)
		check_message(t, err.msg);
	return rc;
}

static void check_promises(const struct tasks *ts, const struct graph *g)
{
	uint32_t i;

	CHECK(ts->nr > 0 && ts->known[COL_TASK] >= 0 && g->nr == ts->nr);
	for (i = 0; i < ts->nr; i++) {
		CHECK(is_safe_name(ts->v[i].id, TASK_ID_MAX));
		CHECK(tasks_find(ts, ts->v[i].id) == i);
		CHECK(task_get(ts, &ts->v[i], COL_TASK)[0] != '\0');
		CHECK(task_timeout_s(ts, &ts->v[i]) >= 0);
		CHECK(task_max_turns(ts, &ts->v[i]) >= 0);
		CHECK(i == 0 || ts->v[i].line > ts->v[i - 1].line);
	}
}

/* The columns of `a` are those of `b` from `first` on. */
static void check_same(const struct tasks *a, const struct tasks *b, uint32_t first)
{
	uint32_t i, c;

	CHECK(a->nr == b->nr);
	for (c = 0; c < a->nr_columns; c++)
		CHECK(strcmp(a->columns[c], b->columns[first + c]) == 0);
	for (i = 0; i < a->nr; i++) {
		CHECK(strcmp(a->v[i].id, b->v[i].id) == 0);
		for (c = 0; c < a->nr_columns; c++)
			if ((int)c != a->known[COL_ID])
				CHECK(strcmp(a->v[i].cells[c], b->v[i].cells[first + c]) == 0);
	}
}

static void check_reads_back(const struct tasks *ts, char *written, size_t len, uint32_t first)
{
	struct text t = {.p = written, .len = len};
	struct tasks back;
	struct graph g;

	CHECK(read_text(&back, &g, &t) == 0);
	check_same(ts, &back, first);
	tasks_release(&back);
	graph_release(&g);
	free(written);
}

static void check_retry(const struct tasks *ts)
{
	struct retry_row *rows = calloc(ts->nr, sizeof(*rows));
	char *written = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&written, &len);
	uint32_t i;

	CHECK(rows && out);
	for (i = 0; i < ts->nr; i++)
		rows[i].task = i;
	CHECK(tasks_write_retry(out, ts, rows, ts->nr, NULL) == 0);
	CHECK(fclose(out) == 0);
	free(rows);
	check_reads_back(ts, written, len, ts->known[COL_ID] < 0);
}

static void write_quoted(FILE *out, const char *cell)
{
	(void)putc('"', out);
	for (; *cell; cell++) {
		if (*cell == '"')
			(void)putc('"', out);
		(void)putc(*cell, out);
	}
	(void)putc('"', out);
}

static void check_quoted(const struct tasks *ts)
{
	char *written = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&written, &len);
	uint32_t i, c;

	CHECK(out);
	for (i = 0; i <= ts->nr; i++) {
		for (c = 0; c < ts->nr_columns; c++) {
			(void)fputs(c ? "," : "", out);
			write_quoted(out, i ? ts->v[i - 1].cells[c] : ts->columns[c]);
		}
		(void)fputs("\r\n", out);
	}
	CHECK(fclose(out) == 0);
	check_reads_back(ts, written, len, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* A copy of just this length, so that a sanitizer sees a read past the end. */
	char *copy = malloc(len ? len : 1);
	struct text t = {.p = copy, .len = len};
	struct tasks ts;
	struct graph g;

	CHECK(copy);
	if (len)
		memcpy(copy, data, len);
	if (read_text(&ts, &g, &t) == 0) {
		check_promises(&ts, &g);
		check_retry(&ts);
		check_quoted(&ts);
		tasks_release(&ts);
		graph_release(&g);
	}
	free(copy);
	return 0;
}
