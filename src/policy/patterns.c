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
#define MAX_PREFIX_ROWS 16
#define MAX_PREFIXES 8 /* "Error: Request failed: API Error: 500 ..." is as deep as they go */

struct rule {
	struct pattern_hit hit;
	pcre2_code *code;
};

struct patterns {
	struct rule *tables[TABLE__COUNT];
	size_t nr[TABLE__COUNT];
	pcre2_code *prefixes[MAX_PREFIX_ROWS];
	size_t nr_prefixes;
	pcre2_code *shapes[SHAPE__COUNT];
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
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); /* without it only slower */
	return code;
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

static int add_rule(struct patterns *ps, enum pattern_table table, const struct pattern_row *row,
    uint32_t options, struct err *err)
{
	struct rule *rule = &ps->tables[table][ps->nr[table]];

	rule->code = compile(row->regex, options, err);
	if (!rule->code)
		return -1;
	rule->hit = (struct pattern_hit){row->class, row->flags};
	ps->nr[table]++;
	return 0;
}

static int add_table(struct patterns *ps, enum pattern_table table, const struct pattern_row *rows,
    uint32_t options, struct err *err)
{
	size_t nr = 0, i;

	while (rows[nr].regex)
		nr++;
	ps->tables[table] = xcalloc(nr, sizeof(struct rule));
	for (i = 0; i < nr; i++)
		if (add_rule(ps, table, &rows[i], options, err) < 0)
			return -1;
	return 0;
}

/* A profile's pattern is as its author wrote it: it says (?i) itself. */
static int add_profile(struct patterns *ps, const struct profile *profile, struct err *err)
{
	size_t i;

	ps->tables[TABLE_PROFILE] = xcalloc(profile->nr_patterns, sizeof(struct rule));
	for (i = 0; i < profile->nr_patterns; i++) {
		struct pattern_row row = {
		    profile->patterns[i].class, PATTERN_EXIT_0, profile->patterns[i].regex};

		if (add_rule(ps, TABLE_PROFILE, &row, 0, err) < 0)
			return -1;
	}
	return 0;
}

static int add_shared(struct patterns *ps, struct err *err)
{
	const uint32_t here = PCRE2_CASELESS | PCRE2_ANCHORED;
	size_t i;

	if (add_table(ps, TABLE_ERROR, pattern_errors, PCRE2_CASELESS | PCRE2_DOTALL, err) < 0 ||
	    add_table(ps, TABLE_SENTENCE, pattern_sentences, here, err) < 0 ||
	    add_table(ps, TABLE_PROSE, pattern_prose, PCRE2_CASELESS, err) < 0 ||
	    add_table(ps, TABLE_TRAILER, pattern_trailers, here, err) < 0 ||
	    add_table(ps, TABLE_NOTICE, pattern_notices, PCRE2_CASELESS, err) < 0)
		return -1;
	for (i = 0; pattern_prefixes[i].regex; i++) {
		ps->prefixes[i] = compile(pattern_prefixes[i].regex, here, err);
		if (!ps->prefixes[i])
			return -1;
		ps->nr_prefixes++;
	}
	for (i = 0; i < SHAPE__COUNT; i++) {
		ps->shapes[i] = compile(pattern_shapes[i], PCRE2_CASELESS, err);
		if (!ps->shapes[i])
			return -1;
	}
	return 0;
}

struct patterns *patterns_new(const struct profile *profile, struct err *err)
{
	struct patterns *ps = xcalloc(1, sizeof(*ps));

	ps->match = pcre2_match_data_create(MAX_GROUPS, NULL);
	ps->context = new_context();
	if (!ps->match)
		die("out of memory");
	if ((profile && add_profile(ps, profile, err) < 0) || add_shared(ps, err) < 0) {
		patterns_free(ps);
		return NULL;
	}
	return ps;
}

void patterns_free(struct patterns *ps)
{
	size_t t, i;

	if (!ps)
		return;
	for (t = 0; t < TABLE__COUNT; t++) {
		for (i = 0; i < ps->nr[t]; i++)
			pcre2_code_free(ps->tables[t][i].code);
		free(ps->tables[t]);
	}
	for (i = 0; i < ps->nr_prefixes; i++)
		pcre2_code_free(ps->prefixes[i]);
	for (i = 0; i < SHAPE__COUNT; i++)
		pcre2_code_free(ps->shapes[i]);
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
	if (lp->code && lp->match)
		return lp;
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
	struct line_pattern *lp = regex ? line_pattern_new(regex, err) : NULL;

	line_pattern_free(lp);
	return regex && !lp ? -1 : 0;
}

/* ---- matching ----------------------------------------------------------- */

static bool match(const struct patterns *ps, const pcre2_code *code, const char *p, size_t n,
    size_t from)
{
	return pcre2_match(code, (PCRE2_SPTR)p, n, from, 0, ps->match, ps->context) >= 0;
}

bool patterns_find(const struct patterns *ps, enum pattern_table table, const char *p, size_t n,
    struct pattern_hit *hit)
{
	size_t i;

	for (i = 0; i < ps->nr[table]; i++) {
		if (!match(ps, ps->tables[table][i].code, p, n, 0))
			continue;
		*hit = ps->tables[table][i].hit;
		return true;
	}
	return false;
}

static bool peel_one(const struct patterns *ps, const char **p, size_t *n, enum prefix *kind)
{
	size_t i, len;

	for (i = 0; i < ps->nr_prefixes; i++) {
		if (!match(ps, ps->prefixes[i], *p, *n, 0))
			continue;
		len = pcre2_get_ovector_pointer(ps->match)[1];
		if (pattern_prefixes[i].kind > *kind)
			*kind = pattern_prefixes[i].kind;
		/* A status is announcement and message in one. */
		if (len == 0 || pattern_prefixes[i].kind == PREFIX_STATUS)
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
	size_t i, nr;

	if (from > n || !match(ps, ps->shapes[shape], p, n, from))
		return false;
	found = pcre2_get_ovector_pointer(ps->match);
	nr = pcre2_get_ovector_count(ps->match);
	for (i = 0; i < 2 * nr_groups; i++)
		groups[i] = i < 2 * nr ? found[i] : (size_t)-1;
	return true;
}
