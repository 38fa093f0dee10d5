/* Tasks from a CSV, and CSVs of tasks.
 *
 * The format is DESIGN.md's: a header row; RFC 4180 quoting; newlines in fields; BOM or none; CRLF
 * or LF. Every refusal is one line, `FILE:LINE:COL: what, and what to do`, line and column from 1,
 * column in bytes; nothing is returned then. libcsv does the splitting and stays in here. */
#ifndef AB_FORMATS_TASKS_CSV_H
#define AB_FORMATS_TASKS_CSV_H

#include "base/buf.h"
#include "base/err.h"
#include "model/graph.h"
#include "model/task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* In bytes: attempts/<id>.<n>.validate.jsonl must be a name, whatever n. */
#define TASK_ID_MAX 229
/* After so many faults reading ends: the rest is the same one again. */
#define TASKS_MAX_FAULTS 20

/* Where a cell of a CSV stood that was made from another file (formats/tasks_json.h). */
struct tasks_origin {
	size_t at; /* offset of its first byte in the CSV */
	uint32_t line; /* both from 1, in that file */
	size_t column;
};

struct tasks_read_opts {
	const char *file; /* how messages name it; "-" is written as "<stdin>" */
	bool has_no_places; /* it is no file of the user's: messages have neither line nor column */
	/* What a relative context_path is relative to; NULL: paths are not checked. */
	const char *cwd;
	/* Whether a profile of that name exists; asked once a name. NULL: not checked. */
	bool (*has_profile)(void *ctx, const char *name);
	void *profile_ctx;
	const char *how_to_name_agents; /* of an unknown profile: what to do. NULL: for a person */
	bool dirs_are_exclusive; /* --exclusive-dir: no warning where rows share one */
	/* Each cell's origin, by rising offset; messages and lines name that place. NULL: none. */
	const struct tasks_origin *origins;
	size_t nr_origins;
	uint32_t lines_before; /* the text begins so many lines into the file that messages name */
	const struct graph_met *met; /* dependencies met outside the file, or NULL */
	/* Whether an id belongs to a row outside the file, so that none in it may have it; NULL: none
	 * does. */
	bool (*is_taken)(void *ctx, const char *id);
	void *taken_ctx;
	/* Rows without an id are numbered from the number behind this one on. */
	uint32_t numbered_behind;
	/* Called once for each warning (bytes that are not UTF-8, rows that share a directory); the
	 * text is complete and has no newline. NULL: warnings are dropped. */
	void (*warn)(void *ctx, const char *text);
	void *warn_ctx;
	/* Called for each refusal, at most TASKS_MAX_FAULTS times; err gets the first one. NULL:
	 * the first one ends the reading. */
	void (*fault)(void *ctx, const char *text);
	void *fault_ctx;
};

/* Reads from `fd` to its end. On success `ts` (initialised here) owns everything, the ids are
 * unique safe file names, every number parses, every dependency exists and `graph` (initialised
 * here, may be NULL) has no cycle. On failure both are released. */
int tasks_read_fd(struct tasks *ts, struct graph *graph, int fd, const struct tasks_read_opts *opts,
    struct err *err);
/* The same from a text in memory, which may go afterwards. */
int tasks_read_text(struct tasks *ts, struct graph *graph, const char *text, size_t len,
    const struct tasks_read_opts *opts, struct err *err);

/* Appends "FILE:LINE:COL: ", the place of a row's cell (its number in the file's columns; -1: of
 * the row), of a text that was read without a fault. Reads it again: for messages. */
void tasks_place(struct buf *out, const char *text, size_t len, const struct tasks_read_opts *opts,
    uint32_t row, int cell);

/* Numbers of the columns, already checked by tasks_read_fd. 0 where the cell is empty. */
double task_timeout_s(const struct tasks *ts, const struct task *t);
long task_max_turns(const struct tasks *ts, const struct task *t);

/* Writes header and rows, in the given order, to `out`: the same columns in the same order, `id`
 * in front and `tags` at the end where the source had none; every cell reads back to the same
 * bytes. An older RETRY-* tag gives way to RETRY-k. -1: a write failed (errno text in err). */
int tasks_write_retry(FILE *out, const struct tasks *ts, const struct retry_row *rows, uint32_t nr,
    struct err *err);

/* One CSV cell, quoted where it must be, without a separator. */
void csv_write_cell(FILE *out, const char *cell);

#endif
