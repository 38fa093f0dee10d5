#include "formats/plan.h"
#include "base/json_scan.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "formats/plan_check.h"
#include "formats/reply.h"
#include "formats/tasks_csv.h"
#include "formats/tasks_json.h"
#include "formats/tasks_load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of further faults so much is told that a planner can correct them at once. */
#define FAULTS_BYTES_MAX 900

static const char *const words[] = {"task", "prompt", "subtasks", "tasks", "plan", NULL};

/* ---- which part is the plan --------------------------------------------------------- */

enum likeness { IS_NO_PLAN, IS_ARRAY_OF_OBJECTS, IS_TASK, IS_PLAN };

struct found {
	enum likeness likeness;
	struct reply_part part;
	const char *task_end; /* behind the task object that the part ends with; NULL: none */
	bool is_torn; /* another such object stands before it, and something between them */
	struct json other; /* the last JSON that is no plan */
};

static bool has_task(struct json object)
{
	return json_get(object, "task").n || json_get(object, "prompt").n;
}

static enum likeness array_likeness(struct json array)
{
	struct json v = {0};
	enum likeness likeness = IS_NO_PLAN;

	while (json_next(array, &v)) {
		if (!json_is_object(v))
			return IS_NO_PLAN;
		if (has_task(v))
			return IS_PLAN;
		likeness = IS_ARRAY_OF_OBJECTS;
	}
	return likeness;
}

/* The array in {"subtasks": [...]}; {"plan": {"subtasks": [...]}} is one, too. */
static struct json array_in(struct json object)
{
	static const char *const keys[] = {
	    "subtasks", "tasks", "plan", "plan.subtasks", "plan.tasks"};
	struct json v;
	size_t i;

	for (i = 0; i < ARRAY_LEN(keys); i++) {
		v = json_get(object, keys[i]);
		if (json_is_array(v))
			return v;
	}
	return (struct json){0};
}

/* Narrows the part to the array or object that is to be read. */
static enum likeness judge_json(struct reply_part *part)
{
	struct json v = {part->p, part->n, false};
	struct json array;

	if (part->fault)
		return IS_PLAN;
	if (json_is_array(v))
		return array_likeness(v);
	array = array_in(v);
	if (!array.n)
		return has_task(v) ? IS_TASK : IS_NO_PLAN;
	part->p = array.p;
	part->n = array.n;
	return IS_PLAN;
}

/* Objects one after the other are one plan. */
static bool continues(const struct found *f, const char *p)
{
	const char *at = f->task_end;

	while (at && at < p && strchr(" \t\r\n", *at) && *at)
		at++;
	return at == p;
}

/* What prose puts into brackets, "[1]", is not meant to be one. */
static bool is_meant(const struct reply_part *part)
{
	const struct json v = {part->p, part->n, false};
	struct json first = {0};

	return json_is_object(v) || !json_next(v, &first) || isnan(json_number(first));
}

static void take_part(struct found *f, struct reply_part part)
{
	enum likeness likeness = part.kind == REPLY_JSON ? judge_json(&part) : IS_PLAN;
	bool is_task = likeness == IS_TASK;

	if (likeness == IS_NO_PLAN && is_meant(&part))
		f->other = (struct json){part.p, part.n, false};
	if (likeness == IS_NO_PLAN || likeness < f->likeness)
		return;
	if (is_task && continues(f, part.p)) {
		f->part.n = (size_t)(part.p + part.n - f->part.p);
	} else {
		f->is_torn = is_task && f->task_end;
		f->part = part;
		f->likeness = likeness;
	}
	f->task_end = is_task ? part.p + part.n : NULL;
}

/* ---- reading it ----------------------------------------------------------------------- */

struct plan_load {
	struct plan *plan;
	const struct plan_opts *opts;
	struct err *err;
	struct reply reply;
	struct map known; /* id -> index in opts->known */
	struct buf faults;
	unsigned nr_faults;
};

static void note_fault(void *ctx, const char *text)
{
	struct plan_load *l = ctx;

	if (l->nr_faults++ && l->faults.len + strlen(text) > FAULTS_BYTES_MAX)
		return;
	buf_fmt(&l->faults, "%s%s", l->faults.len ? "; " : "", text);
}

static bool is_taken(void *ctx, const char *id)
{
	const struct plan_load *l = ctx;

	return map_get(&l->known, id) != MAP_NONE;
}

/* Also those that did not complete: they are refused in words of their own. */
static bool is_known(void *ctx, const char *id)
{
	return is_taken(ctx, id);
}

static uint32_t largest_number(const struct plan_opts *o)
{
	unsigned long largest = 0, n;
	size_t i;
	char *end;

	for (i = 0; i < o->nr_known; i++) {
		n = strtoul(o->known[i].id, &end, 10);
		if (*end == '\0' && n > largest && n < UINT32_MAX / 2)
			largest = n;
	}
	return (uint32_t)largest;
}

/* What is in plan->csv; it was made from `json`, or stands in the reply from `at` on. */
static int read_rows(struct plan_load *l, const struct tasks_json *json, const char *at)
{
	const struct buf *csv = &l->plan->csv;
	const struct graph_met met = {is_known, l};
	const struct tasks_read_opts opts = {
	    .file = "reply",
	    .cwd = l->opts->cwd,
	    .has_profile = l->opts->has_profile,
	    .profile_ctx = l->opts->profile_ctx,
	    .origins = json ? json->origins : NULL,
	    .nr_origins = json ? json->nr : 0,
	    .how_to_name_agents = "leave 'agent' out, or name one that you were told of",
	    .lines_before = (uint32_t)reply_lines_before(&l->reply, at),
	    .met = &met,
	    .is_taken = is_taken,
	    .taken_ctx = l,
	    .numbered_behind = largest_number(l->opts),
	    .warn = l->opts->warn,
	    .warn_ctx = l->opts->warn_ctx,
	    .fault = note_fault,
	    .fault_ctx = l,
	};

	if (tasks_read_text(&l->plan->tasks, NULL, csv->data, csv->len, &opts, l->err) == 0)
		return 0;
	return l->nr_faults ? err_set(l->err, "%s", l->faults.data) : -1;
}

static int refuse_at(struct plan_load *l, const char *p, const char *what)
{
	struct buf place = BUF_INIT;

	reply_place(&l->reply, p, &place);
	err_set(l->err, "%s: %s", place.data, what);
	buf_release(&place);
	return -1;
}

/* What can be told before it is read. */
static int refuse_json(struct plan_load *l, const struct found *f)
{
	if (f->part.fault)
		return reply_refuse(&l->reply, "the plan", f->part.fault, l->err);
	return refuse_at(l, f->part.p,
	    "no key 'task': give each subtask one that says what is to be done");
}

#define HOW \
	"answer with a CSV that has a column task, or with a JSON array of objects that have a " \
	"key " \
	"task, in straight double quotes"

static int refuse_all(struct plan_load *l, const struct found *f)
{
	struct json first = {0};

	if (reply_is_empty(&l->reply))
		return err_set(l->err, "the reply is empty: " HOW);
	if (!f->other.n)
		return err_set(l->err, "no plan in the reply: " HOW);
	return refuse_at(l, f->other.p,
	    json_is_array(f->other) && !json_next(f->other, &first)
		? "no subtasks: plan at least one"
		: "this JSON is no plan: " HOW);
}

static int read_json(struct plan_load *l, const struct found *f)
{
	const struct tasks_json_opts opts = {
	    .file = "reply", .dir = l->opts->cwd ? l->opts->cwd : "/"};
	struct tasks_json json = {.csv = BUF_INIT};
	struct buf text = BUF_INIT;
	int rc;

	if (f->part.fault || f->likeness == IS_ARRAY_OF_OBJECTS)
		return refuse_json(l, f);
	reply_in_place(&l->reply, f->part.p, f->part.n, &text);
	rc = tasks_json_read(&json, text.data, text.len, &opts, l->err);
	if (rc == 0) {
		buf_add(&l->plan->csv, json.csv.data, json.csv.len);
		rc = read_rows(l, &json, l->reply.text);
	}
	tasks_json_release(&json);
	buf_release(&text);
	return rc;
}

static int read_csv(struct plan_load *l, const struct found *f)
{
	buf_add(&l->plan->csv, f->part.p, f->part.n);
	return read_rows(l, NULL, f->part.p);
}

/* ---- ids of an extension ---------------------------------------------------------------- */

/* Rows that have no id of their own are numbered on, which the CSV alone does not tell. */
static bool lacks_ids(const struct tasks *ts)
{
	uint32_t i;

	if (ts->known[COL_ID] < 0)
		return true;
	for (i = 0; i < ts->nr; i++)
		if (task_get(ts, &ts->v[i], COL_ID)[0] == '\0')
			return true;
	return false;
}

static int write_ids(struct plan_load *l)
{
	struct plan *p = l->plan;
	struct retry_row *rows = xcalloc(p->tasks.nr, sizeof(*rows));
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	uint32_t i;
	int rc;

	if (!out)
		die("no memory for a plan of %u rows", p->tasks.nr);
	for (i = 0; i < p->tasks.nr; i++)
		rows[i].task = i;
	rc = tasks_write_retry(out, &p->tasks, rows, p->tasks.nr, l->err);
	(void)fclose(out); /* into memory: tasks_write_retry has flushed it */
	buf_reset(&p->csv);
	buf_add(&p->csv, text, len);
	free(text);
	free(rows);
	return rc;
}

/* ---- the whole -------------------------------------------------------------------------- */

/* The rows as whoever reads tasks.csv sees them: lines are those of the file, not of the reply. */
static int read_again(struct plan_load *l)
{
	const struct graph_met met = {is_known, l};
	const struct tasks_read_opts opts = {.file = "plan", .met = &met};

	tasks_release(&l->plan->tasks);
	return tasks_read_text(&l->plan->tasks, NULL, l->plan->csv.data, l->plan->csv.len, &opts,
	    l->err);
}

static int load(struct plan_load *l)
{
	struct found f = {.likeness = IS_NO_PLAN};
	struct reply_part part;
	int rc;

	while (reply_next(&l->reply, &part))
		take_part(&f, part);
	if (f.likeness == IS_NO_PLAN)
		return refuse_all(l, &f);
	/* The last of them alone would be a plan, and not the one that was meant. */
	if (f.is_torn)
		return refuse_at(l, f.part.p,
		    "the subtasks stand apart from each other: put them into one array");
	rc = f.part.kind == REPLY_JSON ? read_json(l, &f) : read_csv(l, &f);
	if (rc < 0 || plan_check(&l->plan->tasks, l->opts, &l->known, l->err) < 0)
		return -1;
	if (l->opts->nr_known && lacks_ids(&l->plan->tasks) && write_ids(l) < 0)
		return -1;
	return read_again(l);
}

int plan_read(struct plan *p, const char *reply, size_t len, const struct plan_opts *opts,
    struct err *err)
{
	struct plan_load l = {.plan = p, .opts = opts, .err = err, .faults = BUF_INIT};
	size_t i;
	int rc;

	buf_init(&p->csv);
	tasks_init(&p->tasks);
	map_init(&l.known);
	for (i = 0; i < opts->nr_known; i++)
		map_put(&l.known, opts->known[i].id, (uint32_t)i);
	reply_init(&l.reply, reply, len, words, true);
	rc = load(&l);
	map_release(&l.known);
	buf_release(&l.faults);
	return rc;
}

void plan_release(struct plan *p)
{
	buf_release(&p->csv);
	tasks_release(&p->tasks);
}
