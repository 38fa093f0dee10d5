#include "exec/sim/plan.h"
#include "base/buf.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define OPEN "[[sim"
#define CLOSE "]]"

static const char *const outcome_names[SIM__COUNT] = {
    [SIM_OK] = "ok",
    [SIM_FAIL] = "fail",
    [SIM_429] = "429",
    [SIM_529] = "529",
    [SIM_500] = "500",
    [SIM_503] = "503",
    [SIM_NETWORK] = "network",
    [SIM_AUTH] = "auth",
    [SIM_BUDGET] = "budget",
    [SIM_USAGE] = "usage",
    [SIM_REFUSAL] = "refusal",
    [SIM_OVERFLOW] = "overflow",
    [SIM_CONFIG] = "config",
    [SIM_CRASH] = "crash",
    [SIM_HANG] = "hang",
    [SIM_MAX_TURNS] = "max_turns",
    [SIM_NO_OUTPUT] = "no_output",
    [SIM_GARBLED] = "garbled",
};

/* Bytes of a key or value; they are not NUL-terminated. */
struct word {
	const char *p;
	size_t n;
};

static bool word_is(struct word w, const char *s)
{
	return w.n == strlen(s) && memcmp(w.p, s, w.n) == 0;
}

/* ---- values ------------------------------------------------------------- */

/* What comes of them: the names of classes, as people know them from reports. */
static const struct {
	const char *class;
	enum sim_outcome outcome;
} outcome_classes[] = {
    {"success", SIM_OK}, {"task_error", SIM_FAIL}, {"rate_limit", SIM_429},
    {"usage_limit", SIM_USAGE}, {"transient", SIM_500}, {"context_overflow", SIM_OVERFLOW},
    {"timeout", SIM_HANG}, /* it looks like one to whoever sets the limit */
};

static int read_outcome(struct word w, enum sim_outcome *out)
{
	size_t k;
	int i;

	for (k = 0; k < sizeof(outcome_classes) / sizeof(outcome_classes[0]); k++)
		if (word_is(w, outcome_classes[k].class)) {
			*out = outcome_classes[k].outcome;
			return 0;
		}
	for (i = 0; i < SIM__COUNT; i++)
		if (word_is(w, outcome_names[i])) {
			*out = (enum sim_outcome)i;
			return 0;
		}
	return -1;
}

/* The next of words that are parted by commas; false: there is none. Begin with *from = 0. */
static bool next_item(struct word list, size_t *from, struct word *item)
{
	size_t i = *from;

	if (i > list.n)
		return false;
	while (i < list.n && list.p[i] != ',')
		i++;
	*item = (struct word){list.p + *from, i - *from};
	*from = i + 1;
	return true;
}

static int read_steps(struct word value, void *out)
{
	struct sim_steps steps = {.nr = 0};
	struct word item;
	size_t from = 0;

	while (next_item(value, &from, &item)) {
		if (steps.nr == SIM_MAX_STEPS || read_outcome(item, &steps.v[steps.nr]) < 0)
			return -1;
		steps.nr++;
	}
	*(struct sim_steps *)out = steps;
	return 0;
}

static int read_number(struct word value, void *out)
{
	double v = 0, unit = 1;
	bool has_point = false, has_digit = false;
	size_t i;

	for (i = 0; i < value.n; i++) {
		if (value.p[i] == '.' && !has_point) {
			has_point = true;
			continue;
		}
		if (value.p[i] < '0' || value.p[i] > '9')
			return -1;
		has_digit = true;
		v = v * 10 + (value.p[i] - '0');
		if (has_point)
			unit *= 10;
	}
	if (!has_digit || v / unit > 1e9)
		return -1;
	*(double *)out = v / unit;
	return 0;
}

static int read_whole(struct word value, void *out)
{
	double d;

	if (read_number(value, &d) < 0 || d != (double)(int64_t)d)
		return -1;
	*(int64_t *)out = (int64_t)d;
	return 0;
}

/* NUMBER or NUMBER:TIMES */
static int read_fail(struct word w, struct sim_fail *f)
{
	const char *colon = memchr(w.p, ':', w.n);
	size_t n = colon ? (size_t)(colon - w.p) : w.n;

	f->times = 1;
	if (read_whole((struct word){w.p, n}, &f->number) < 0 || f->number < 1)
		return -1;
	if (colon && read_whole((struct word){colon + 1, w.n - n - 1}, &f->times) < 0)
		return -1;
	return f->times < SIM_MAX_STEPS ? 0 : -1;
}

static int read_fails(struct word value, void *out)
{
	struct sim_fails *fails = out;
	struct word item;
	size_t from = 0;

	fails->nr = 0;
	while (next_item(value, &from, &item))
		if (fails->nr == SIM_MAX_STEPS || read_fail(item, &fails->v[fails->nr++]) < 0)
			return -1;
	return 0;
}

static int read_quality(struct word w, enum solve_quality *out)
{
	int q;

	for (q = QUALITY_NONE + 1; q < QUALITY__COUNT; q++) {
		*out = (enum solve_quality)q;
		if (word_is(w, solve_quality_name(*out)))
			return 0;
	}
	return -1;
}

static int read_verdicts(struct word value, void *out)
{
	struct sim_verdicts *verdicts = out;
	struct word item;
	size_t from = 0;

	verdicts->nr = 0;
	while (next_item(value, &from, &item))
		if (verdicts->nr == SIM_MAX_STEPS ||
		    read_quality(item, &verdicts->v[verdicts->nr++]) < 0)
			return -1;
	return 0;
}

static const struct {
	const char *name;
	int (*read)(struct word value, void *out);
	size_t at; /* of what it sets, in struct sim_plan */
} keys[] = {
    {"outcomes", read_steps, offsetof(struct sim_plan, outcomes)},
    {"cycles", read_steps, offsetof(struct sim_plan, cycles)},
    {"duration", read_number, offsetof(struct sim_plan, duration_s)},
    {"retry-after", read_number, offsetof(struct sim_plan, retry_after_s)},
    {"cost", read_number, offsetof(struct sim_plan, cost_usd)},
    {"lines", read_whole, offsetof(struct sim_plan, lines)},
    {"tokens", read_whole, offsetof(struct sim_plan, tokens)},
    {"plan", read_whole, offsetof(struct sim_plan, nr_subtasks)},
    {"fails", read_fails, offsetof(struct sim_plan, fails)},
    {"missing", read_whole, offsetof(struct sim_plan, nr_missing)},
    {"verdicts", read_verdicts, offsetof(struct sim_plan, verdicts)},
    {"planner", read_steps, offsetof(struct sim_plan, roles[SOLVE_PLANNER])},
    {"synthesizer", read_steps, offsetof(struct sim_plan, roles[SOLVE_SYNTHESIZER])},
    {"validator", read_steps, offsetof(struct sim_plan, roles[SOLVE_VALIDATOR])},
};

static int read_pair(struct sim_plan *plan, struct word key, struct word value, struct err *err)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(keys) && !word_is(key, keys[i].name); i++)
		;
	if (i == ARRAY_LEN(keys))
		return err_set(err, "unknown option '%.*s' in [[sim ...]]", (int)key.n, key.p);
	if (keys[i].read(value, (char *)plan + keys[i].at) < 0)
		return err_set(err, "invalid value '%.*s' of option '%.*s' in [[sim ...]]",
		    (int)value.n, value.p, (int)key.n, key.p);
	return 0;
}

/* ---- directives --------------------------------------------------------- */

/* The next directive from *s on: what stands between [[sim and ]]; *s moves behind it, *before is
 * set to where it begins. False: there is none, or it is not closed. */
static bool next_directive(const char **s, const char **before, struct word *inner)
{
	const char *open = *s, *close;

	while ((open = strstr(open, OPEN))) {
		const char *p = open + strlen(OPEN);

		if (isspace((unsigned char)*p) || strncmp(p, CLOSE, 2) == 0) {
			close = strstr(p, CLOSE);
			if (!close)
				return false;
			*inner = (struct word){p, (size_t)(close - p)};
			*before = open;
			*s = close + strlen(CLOSE);
			return true;
		}
		open = p;
	}
	return false;
}

static int read_directive(struct sim_plan *plan, struct word inner, struct err *err)
{
	size_t i = 0;

	for (;;) {
		struct word pair, key;
		const char *eq;

		while (i < inner.n && isspace((unsigned char)inner.p[i]))
			i++;
		if (i == inner.n)
			return 0;
		pair = (struct word){inner.p + i, 0};
		while (i + pair.n < inner.n && !isspace((unsigned char)pair.p[pair.n]))
			pair.n++;
		i += pair.n;
		eq = memchr(pair.p, '=', pair.n);
		if (!eq)
			return err_set(err, "unexpected argument '%.*s' in [[sim ...]]",
			    (int)pair.n, pair.p);
		key = (struct word){pair.p, (size_t)(eq - pair.p)};
		if (read_pair(plan, key, (struct word){eq + 1, pair.n - key.n - 1}, err) < 0)
			return -1;
	}
}

int sim_plan_read(const char *task, struct sim_plan *plan, struct err *err)
{
	const char *before;
	struct word inner;

	*plan = (struct sim_plan){
	    .duration_s = -1,
	    .retry_after_s = -1,
	    .cost_usd = -1,
	    .lines = -1,
	    .tokens = -1,
	    .nr_subtasks = -1,
	};
	while (next_directive(&task, &before, &inner))
		if (read_directive(plan, inner, err) < 0)
			return -1;
	return 0;
}

char *sim_plan_strip(const char *task)
{
	struct buf out = BUF_INIT;
	const char *before, *from = task;
	struct word inner;

	while (next_directive(&task, &before, &inner)) {
		buf_add(&out, from, (size_t)(before - from));
		from = task;
	}
	buf_str(&out, from);
	while (out.len && isspace((unsigned char)out.data[out.len - 1]))
		buf_cut(&out, out.len - 1);
	return buf_detach(&out);
}

/* ---- asking ------------------------------------------------------------- */

static enum sim_outcome step(const struct sim_steps *steps, int64_t i)
{
	if (steps->nr == 0)
		return SIM_OK;
	if (i < 0)
		i = 0;
	return steps->v[(uint64_t)i < steps->nr ? (size_t)i : steps->nr - 1];
}

enum sim_outcome sim_plan_outcome(const struct sim_plan *plan, int64_t run_attempt, int64_t cycle)
{
	enum sim_outcome by_cycle = step(&plan->cycles, cycle);

	return by_cycle != SIM_OK ? by_cycle : step(&plan->outcomes, run_attempt - 1);
}

enum sim_outcome sim_plan_role_outcome(const struct sim_plan *plan, enum solve_role role,
    int64_t attempt)
{
	return step(&plan->roles[role], attempt - 1);
}
