#include "formats/role_reply.h"
#include "base/json_scan.h"
#include "base/xalloc.h"
#include "formats/reply.h"
#include "formats/tasks_load.h"

#include <string.h>

enum { KEY_COMPLETE, KEY_QUALITY, KEY_MISSING, KEY_WARNINGS, KEY__COUNT };
static const char *const keys[KEY__COUNT] = {
    [KEY_COMPLETE] = "is_complete",
    [KEY_QUALITY] = "data_quality",
    [KEY_MISSING] = "missing_requirements",
    [KEY_WARNINGS] = "warnings",
};

/* ---- finding it -------------------------------------------------------------------- */

enum likeness { IS_NO_VERDICT, IS_PIECE, IS_VERDICT };

static enum likeness judge(const struct reply_part *part)
{
	const struct json v = {part->p, part->n, false};

	if (part->fault)
		return IS_VERDICT;
	if (!json_get(v, keys[KEY_COMPLETE]).n)
		return IS_NO_VERDICT;
	return json_get(v, keys[KEY_QUALITY]).n ? IS_VERDICT : IS_PIECE;
}

/* The last one; a piece, which the words behind a verdict may repeat, where there is no whole one. */
static bool find(struct reply *r, struct reply_part *out)
{
	enum likeness found = IS_NO_VERDICT, likeness;
	struct reply_part part;

	while (reply_next(r, &part)) {
		likeness = judge(&part);
		if (likeness == IS_NO_VERDICT || likeness < found)
			continue;
		*out = part;
		found = likeness;
	}
	return found != IS_NO_VERDICT;
}

/* ---- reading it --------------------------------------------------------------------- */

static int find_keys(struct json object, struct json out[KEY__COUNT], struct err *err)
{
	struct json key = {0}, value = {0};
	int k;

	memset(out, 0, KEY__COUNT * sizeof(*out));
	while (json_next_member(object, &key, &value)) {
		for (k = 0; k < KEY__COUNT && !json_is(key, keys[k]); k++)
			;
		if (k == KEY__COUNT)
			continue;
		if (out[k].n)
			return err_set(err, "'%s' stands twice in the verdict: say it once",
			    keys[k]);
		out[k] = value;
	}
	return 0;
}

static int read_complete(struct verdict_reply *v, struct json value, struct err *err)
{
	v->is_complete = json_is_true(value);
	return v->is_complete || json_is_false(value)
	    ? 0
	    : err_set(err, "'is_complete' is neither true nor false: write it without quotes");
}

static int read_quality(struct verdict_reply *v, struct json value, struct err *err)
{
	char name[16], shown[EXCERPT_SIZE];
	int q;

	if (!value.n)
		return err_set(err,
		    "'data_quality' is missing: say \"good\", \"fair\" or \"poor\"");
	json_text(value, name, sizeof(name));
	q = json_is_string(value) ? solve_quality_from_name(name) : -1;
	if (q < 0)
		return err_set(err, "'data_quality' is '%s': say \"good\", \"fair\" or \"poor\"",
		    tasks_excerpt(name, shown));
	v->quality = (enum solve_quality)q;
	return 0;
}

static bool is_null(struct json v)
{
	return v.n == 4 && memcmp(v.p, "null", 4) == 0;
}

static bool is_blank(const char *s)
{
	return s[strspn(s, " \t\r\n")] == '\0';
}

static int read_strings(struct verdict_reply *v, struct json array, const char *key,
    const char ***out, size_t *nr, struct err *err)
{
	struct json e = {0};
	size_t max = 0;

	if (!array.n || is_null(array))
		return 0;
	if (!json_is_array(array))
		return err_set(err, "'%s' is no array: write [\"...\"], or [] for none", key);
	while (json_next(array, &e)) {
		if (!json_is_string(e))
			return err_set(err, "'%s' holds something else than strings", key);
		max++;
	}
	*out = arena_alloc(&v->arena, (max + 1) * sizeof(**out));
	for (e = (struct json){0}; json_next(array, &e);) {
		char *s = arena_alloc(&v->arena, e.n + 1);

		json_text(e, s, e.n + 1);
		if (!is_blank(s))
			(*out)[(*nr)++] = s;
	}
	return 0;
}

static int read_object(struct verdict_reply *v, struct json object, struct err *err)
{
	struct json values[KEY__COUNT];

	if (find_keys(object, values, err) < 0 || read_complete(v, values[KEY_COMPLETE], err) < 0 ||
	    read_quality(v, values[KEY_QUALITY], err) < 0 ||
	    read_strings(v, values[KEY_MISSING], keys[KEY_MISSING], &v->missing, &v->nr_missing,
		err) < 0)
		return -1;
	return read_strings(v, values[KEY_WARNINGS], keys[KEY_WARNINGS], &v->warnings,
	    &v->nr_warnings, err);
}

int verdict_reply_read(struct verdict_reply *v, const char *reply, size_t len, struct err *err)
{
	static const char *const words[] = {"is_complete", NULL};
	struct reply_part part;
	struct reply r;

	*v = (struct verdict_reply){.arena = ARENA_INIT};
	reply_init(&r, reply, len, words, false);
	if (!find(&r, &part))
		return err_set(err,
		    "%s: answer with a JSON object that has 'is_complete' and 'data_quality'",
		    reply_is_empty(&r) ? "the reply is empty" : "no verdict in the reply");
	if (part.fault)
		return reply_refuse(&r, "the verdict", part.fault, err);
	return read_object(v, (struct json){part.p, part.n, false}, err);
}

void verdict_reply_release(struct verdict_reply *v)
{
	arena_release(&v->arena);
	*v = (struct verdict_reply){.arena = ARENA_INIT};
}

bool verdict_reply_passed(const struct verdict_reply *v)
{
	return solve_has_passed(v->is_complete, v->quality);
}

/* ---- the synthesizer ------------------------------------------------------------------ */

int answer_reply_read(const char *reply, size_t len, size_t *answer_len, struct err *err)
{
	while (len && reply[len - 1] && strchr(" \t\r\n", reply[len - 1]))
		len--;
	*answer_len = len;
	return len ? 0 : err_set(err, "the reply is empty: answer the problem");
}
