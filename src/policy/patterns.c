#define PCRE2_CODE_UNIT_WIDTH 8

#include "policy/patterns.h"
#include "base/xalloc.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

/* Enough for any honest line; a pattern that needs more on hostile text is given up. */
#define MATCH_LIMIT 20000
#define DEPTH_LIMIT 1000
#define MAX_GROUPS 8
#define MAX_PREFIXES 8 /* "Error: Request failed: API Error: 500 ..." is as deep as they go */

struct rule {
	struct pattern_hit hit;
	enum prefix prefix; /* of an announcement */
	pcre2_code *code;
};

struct rules {
	struct rule *v;
	size_t nr;
};

struct pattern_base {
	struct rules tables[TABLE__COUNT]; /* without TABLE_PROFILE */
	pcre2_code *shapes[SHAPE__COUNT];
	bool is_fast;
};

struct patterns {
	const struct pattern_base *base;
	struct rules own;
	pcre2_match_data *match;
	pcre2_match_context *context;
};

/* ---- compiling ---------------------------------------------------------- */

static pcre2_code *compile(const char *regex, uint32_t options, struct err *err)
{
	PCRE2_UCHAR message[128];
	PCRE2_SIZE at;
	pcre2_code *code;
	int errnum;

	code = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, options, &errnum, &at, NULL);
	if (!code) {
		pcre2_get_error_message(errnum, message, sizeof(message));
		err_set(err, "cannot compile pattern '%.200s': %s at %zu", regex,
		    (const char *)message, (size_t)at);
		return NULL;
	}
	return code;
}

/* Machine code for it: without it, it is only slower. Takes four times as long as compiling it, so it
 * is for patterns that will be matched, not for those that are only to be checked. */
static void speed_up(pcre2_code *code)
{
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
}

static pcre2_match_context *new_context(void)
{
	pcre2_match_context *context = pcre2_match_context_create(NULL);

	if (!context)
		die("out of memory");
	pcre2_set_match_limit(context, MATCH_LIMIT);
	pcre2_set_depth_limit(context, DEPTH_LIMIT);
	return context;
}

static void free_rules(struct rules *rules)
{
	size_t i;

	for (i = 0; i < rules->nr; i++)
		pcre2_code_free(rules->v[i].code);
	free(rules->v);
}

/* ---- the shared ones ---------------------------------------------------- */

static uint32_t options_of(enum pattern_table table)
{
	switch (table) {
	case TABLE_ANNOUNCEMENT:
	case TABLE_SENTENCE:
	case TABLE_TRAILER:
		return PCRE2_CASELESS | PCRE2_ANCHORED;
	case TABLE_ERROR: /* an error with what is dumped below it is one text */
		return PCRE2_CASELESS | PCRE2_DOTALL;
	case TABLE_PROFILE: /* as its author wrote it: it says (?i) itself */
		return 0;
	case TABLE_PROSE:
	case TABLE_NOTICE:
	case TABLE__COUNT:
		break;
	}
	return PCRE2_CASELESS;
}

static int compile_table(struct rules *rules, const struct pattern_rows *rows,
    enum pattern_table table, struct err *err)
{
	rules->v = xcalloc(rows->nr ? rows->nr : 1, sizeof(*rules->v));
	for (; rules->nr < rows->nr; rules->nr++) {
		const struct pattern_row *row = &rows->v[rules->nr];
		pcre2_code *code = compile(row->regex, options_of(table), err);

		if (!code)
			return -1;
		rules->v[rules->nr] = (struct rule){{row->class, row->flags}, row->prefix, code};
	}
	return 0;
}

static int compile_shapes(struct pattern_base *base, const struct pattern_set *set, struct err *err)
{
	size_t i;

	for (i = 0; i < SHAPE__COUNT; i++) {
		base->shapes[i] = compile(set->shapes[i], PCRE2_CASELESS, err);
		if (!base->shapes[i])
			return err_prefix(err, "\"times.%s\": ", shape_name((enum shape)i));
	}
	return 0;
}

struct pattern_base *pattern_base_new(const struct pattern_set *set, struct pattern_fault *fault,
    struct err *err)
{
	struct pattern_base *base = xcalloc(1, sizeof(*base));
	int t;

	for (t = TABLE_PROFILE + 1; t < TABLE__COUNT; t++) {
		enum pattern_table table = (enum pattern_table)t;

		if (compile_table(&base->tables[t], &set->tables[t], table, err) == 0)
			continue;
		*fault = (struct pattern_fault){table, base->tables[t].nr};
		pattern_base_free(base);
		return NULL;
	}
	if (compile_shapes(base, set, err) < 0) {
		*fault = (struct pattern_fault){TABLE_PROFILE, 0};
		pattern_base_free(base);
		return NULL;
	}
	return base;
}

void pattern_base_free(struct pattern_base *base)
{
	size_t i;

	if (!base)
		return;
	for (i = 0; i < TABLE__COUNT; i++)
		free_rules(&base->tables[i]);
	for (i = 0; i < SHAPE__COUNT; i++)
		pcre2_code_free(base->shapes[i]);
	free(base);
}

static void make_fast(struct pattern_base *base)
{
	size_t t, i;

	if (base->is_fast)
		return;
	for (t = 0; t < TABLE__COUNT; t++)
		for (i = 0; i < base->tables[t].nr; i++)
			speed_up(base->tables[t].v[i].code);
	for (i = 0; i < SHAPE__COUNT; i++)
		speed_up(base->shapes[i]);
	base->is_fast = true;
}

/* ---- with a profile's own ----------------------------------------------- */

static int add_profile(struct patterns *ps, const struct profile *profile, struct err *err)
{
	ps->own.v = xcalloc(profile->nr_patterns ? profile->nr_patterns : 1, sizeof(*ps->own.v));
	for (; ps->own.nr < profile->nr_patterns; ps->own.nr++) {
		const struct profile_pattern *p = &profile->patterns[ps->own.nr];
		pcre2_code *code = compile(p->regex, options_of(TABLE_PROFILE), err);

		if (!code)
			return -1;
		speed_up(code);
		ps->own.v[ps->own.nr] =
		    (struct rule){{p->class, PATTERN_EXIT_0}, PREFIX_NONE, code};
	}
	return 0;
}

struct patterns *patterns_new(const struct profile *profile, struct pattern_base *base,
    struct err *err)
{
	struct patterns *ps = xcalloc(1, sizeof(*ps));

	make_fast(base);
	ps->base = base;
	ps->match = pcre2_match_data_create(MAX_GROUPS, NULL);
	ps->context = new_context();
	if (!ps->match)
		die("out of memory");
	if (profile && add_profile(ps, profile, err) < 0) {
		patterns_free(ps);
		return NULL;
	}
	return ps;
}

void patterns_free(struct patterns *ps)
{
	if (!ps)
		return;
	free_rules(&ps->own);
	pcre2_match_data_free(ps->match);
	pcre2_match_context_free(ps->context);
	free(ps);
}

/* ---- one by itself ------------------------------------------------------ */

struct line_pattern {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
};

struct line_pattern *line_pattern_new(const char *regex, struct err *err)
{
	struct line_pattern *lp = xcalloc(1, sizeof(*lp));

	lp->code = compile(regex, 0, err);
	lp->match = pcre2_match_data_create(1, NULL);
	lp->context = new_context();
	if (lp->code && lp->match) {
		speed_up(lp->code);
		return lp;
	}
	line_pattern_free(lp);
	return NULL;
}

void line_pattern_free(struct line_pattern *lp)
{
	if (!lp)
		return;
	pcre2_code_free(lp->code);
	pcre2_match_data_free(lp->match);
	pcre2_match_context_free(lp->context);
	free(lp);
}

bool line_pattern_matches(const struct line_pattern *lp, const char *p, size_t n)
{
	return pcre2_match(lp->code, (PCRE2_SPTR)p, n, 0, 0, lp->match, lp->context) >= 0;
}

int pattern_check(const char *regex, struct err *err)
{
	pcre2_code *code = regex ? compile(regex, 0, err) : NULL;

	pcre2_code_free(code);
	return regex && !code ? -1 : 0;
}

/* ---- matching ----------------------------------------------------------- */

/* How many groups are set, the whole match with them; 0: no match. */
static size_t match_groups(const struct patterns *ps, const pcre2_code *code, const char *p,
    size_t n, size_t from)
{
	int nr = pcre2_match(code, (PCRE2_SPTR)p, n, from, 0, ps->match, ps->context);

	return nr > 0 ? (size_t)nr : nr == 0 ? MAX_GROUPS : 0;
}

static bool match(const struct patterns *ps, const pcre2_code *code, const char *p, size_t n,
    size_t from)
{
	return match_groups(ps, code, p, n, from) > 0;
}

static const struct rules *rules_of(const struct patterns *ps, enum pattern_table table)
{
	return table == TABLE_PROFILE ? &ps->own : &ps->base->tables[table];
}

bool patterns_find(const struct patterns *ps, enum pattern_table table, const char *p, size_t n,
    struct pattern_hit *hit)
{
	const struct rules *rules = rules_of(ps, table);
	size_t i;

	for (i = 0; i < rules->nr; i++) {
		if (!match(ps, rules->v[i].code, p, n, 0))
			continue;
		*hit = rules->v[i].hit;
		return true;
	}
	return false;
}

static bool peel_one(const struct patterns *ps, const char **p, size_t *n, enum prefix *kind)
{
	const struct rules *rules = rules_of(ps, TABLE_ANNOUNCEMENT);
	size_t i, len;

	for (i = 0; i < rules->nr; i++) {
		if (!match(ps, rules->v[i].code, *p, *n, 0))
			continue;
		len = pcre2_get_ovector_pointer(ps->match)[1];
		if (rules->v[i].prefix > *kind)
			*kind = rules->v[i].prefix;
		/* A status is announcement and message in one. */
		if (len == 0 || rules->v[i].prefix == PREFIX_STATUS)
			return false;
		*p += len;
		*n -= len;
		return true;
	}
	return false;
}

enum prefix patterns_peel(const struct patterns *ps, const char **message, size_t *n)
{
	enum prefix kind = PREFIX_NONE;
	int i;

	for (i = 0; i < MAX_PREFIXES && peel_one(ps, message, n, &kind); i++)
		;
	return kind;
}

bool patterns_shape(const struct patterns *ps, enum shape shape, const char *p, size_t n,
    size_t from, size_t *groups, size_t nr_groups)
{
	const PCRE2_SIZE *found;
	size_t i, nr = from > n ? 0 : match_groups(ps, ps->base->shapes[shape], p, n, from);

	if (nr == 0)
		return false;
	found = pcre2_get_ovector_pointer(ps->match);
	for (i = 0; i < 2 * nr_groups; i++)
		groups[i] = i < 2 * nr ? found[i] : (size_t)-1;
	return true;
}
