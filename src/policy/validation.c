#define PCRE2_CODE_UNIT_WIDTH 8

#include "policy/validation.h"
#include "base/xalloc.h"

#include <pcre2.h>
#include <string.h>

/* The pattern is the user's, but the text is an agent's: it must not hold the batch up. */
#define MATCH_LIMIT 1000000
#define DEPTH_LIMIT 10000
#define HEAP_KIB 65536

static const struct {
	const char *name;
	enum validation_kind kind;
} kinds[] = {
    {"file:", VALIDATE_FILE},
    {"nonempty:", VALIDATE_NONEMPTY},
    {"json:", VALIDATE_JSON},
    {"regex:", VALIDATE_REGEX},
    {"equals:", VALIDATE_EQUALS},
};

struct validation validation_read(const char *cell)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t n = strlen(kinds[i].name);

		if (strncmp(cell, kinds[i].name, n) == 0)
			return (struct validation){kinds[i].kind, cell + n};
	}
	return (struct validation){*cell ? VALIDATE_COMMAND : VALIDATE_NOTHING, cell};
}

struct validation validation_of(const struct options *o, const struct tasks *ts,
    const struct task *t)
{
	const char *cell = task_get(ts, t, COL_VALIDATE);

	if (!*cell)
		cell = o->validate ? o->validate : "";
	return validation_read(cell);
}

bool validation_has_path(enum validation_kind kind)
{
	return kind == VALIDATE_FILE || kind == VALIDATE_NONEMPTY || kind == VALIDATE_JSON;
}

static pcre2_code *compile(const char *regex, struct err *err)
{
	PCRE2_UCHAR message[128];
	PCRE2_SIZE at;
	int errnum;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED,
	    PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &errnum, &at, NULL);

	if (code)
		return code;
	pcre2_get_error_message(errnum, message, sizeof(message));
	err_set(err, "cannot compile 'regex:%.200s': %s at %zu", regex, (const char *)message,
	    (size_t)at);
	return NULL;
}

int validation_check(const struct validation *v, struct err *err)
{
	pcre2_code *code;

	if (v->kind == VALIDATE_NOTHING || v->kind == VALIDATE_COMMAND)
		return 0;
	if (!*v->arg)
		return err_set(err, "a check wants something behind its colon");
	if (v->kind != VALIDATE_REGEX)
		return 0;
	code = compile(v->arg, err);
	if (!code)
		return -1;
	pcre2_code_free(code);
	return 0;
}

int validation_matches(const char *regex, const char *text, size_t len)
{
	pcre2_code *code = compile(regex, NULL);
	pcre2_match_context *context = pcre2_match_context_create(NULL);
	pcre2_match_data *match = code ? pcre2_match_data_create_from_pattern(code, NULL) : NULL;
	int rc = PCRE2_ERROR_NOMEMORY;

	if (context && match) {
		pcre2_set_match_limit(context, MATCH_LIMIT);
		pcre2_set_depth_limit(context, DEPTH_LIMIT);
		pcre2_set_heap_limit(context, HEAP_KIB);
		rc = pcre2_match(code, (PCRE2_SPTR)text, len, 0, 0, match, context);
	}
	pcre2_match_data_free(match);
	pcre2_match_context_free(context);
	pcre2_code_free(code);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	return rc >= 0 ? 1 : -1;
}
