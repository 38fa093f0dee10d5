/* Between the halves of formats/tasks_json.h: tasks_json.c finds records and columns, tasks_json_csv.c
 * writes them as a CSV. Nobody else includes this. */
#ifndef AB_FORMATS_TASKS_JSON_LOAD_H
#define AB_FORMATS_TASKS_JSON_LOAD_H

#include "base/json_scan.h"
#include "base/map.h"
#include "formats/tasks_json.h"

#define COLUMNS_MAX 256

/* One column of the CSV, and the key that fills it. */
struct json_column {
	char *key;
	const char *name; /* of the CSV's column: the key, or what --map says; borrowed */
	uint32_t seen_in; /* the last record that had it, from 1 */
	bool is_attachment; /* no column: goes into context_path */
	bool is_beside; /* context_path by --map: its paths begin at the JSON file's directory */
	bool knows_question_mark; /* GAIA keeps answers back by writing '?' */
};

struct json_mapping {
	char *column, *key;
	bool is_used;
};

struct json_load {
	const struct tasks_json_opts *opts;
	struct tasks_json *out;
	struct err *err;
	const char *text, *end;
	/* The place told last: going on from there keeps it linear. */
	const char *told, *line_start;
	uint32_t line;
	struct json_column columns[COLUMNS_MAX];
	size_t nr_columns;
	struct map by_key;
	struct json_mapping *map;
	size_t nr_map, cap_map;
	struct json *records;
	size_t nr_records, cap_records;
};

/* Line and column of a place in the text. */
struct tasks_origin load_place_of(struct json_load *l, const char *p);
/* Sets the error to "FILE:LINE:COL: what, and what to do"; -1. */
int load_refuse(struct json_load *l, const char *p, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Text of a key or string, malloc'ed; NULL: it holds a NUL. */
char *load_text_of(struct json v);
/* The column of a key, made where it is new. */
int load_add_column(struct json_load *l, struct json k, uint32_t *index);
/* NULL: there is none. */
struct json_column *load_column_named(struct json_load *l, const char *name);

/* The CSV with its origins into l->out, from records and columns that were judged. */
int load_write_csv(struct json_load *l);

#endif
