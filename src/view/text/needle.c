#define PCRE2_CODE_UNIT_WIDTH 8

#include "view/text/needle.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

/* For lines that somebody waits for: a few milliseconds at worst. */
#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 1000

struct needle_regex {
	pcre2_code *code;
	bool is_compiled; /* to machine code */
	pcre2_match_data *match;
	pcre2_match_context *context;
};

/* Behind a backslash a letter is no text: \S. */
static bool has_upper(const char *s, bool is_regex)
{
	for (; *s; s++) {
		if (is_regex && *s == '\\' && s[1])
			s++;
		else if (isupper((unsigned char)*s))
			return true;
	}
	return false;
}

/* ---- regular expressions ------------------------------------------------ */

static void regex_free(struct needle_regex *r)
{
	if (!r)
		return;
	pcre2_match_data_free(r->match);
	pcre2_match_context_free(r->context);
	pcre2_code_free(r->code);
	free(r);
}

static struct needle_regex *regex_new(const char *text, bool folds, struct err *err)
{
	/* Logs hold bytes that are no UTF-8: those match nothing, and end nothing. */
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
	    (folds ? PCRE2_CASELESS : 0);
	struct needle_regex *r;
	PCRE2_UCHAR message[128];
	PCRE2_SIZE at;
	int errnum;
	pcre2_code *code =
	    pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &errnum, &at, NULL);

	if (!code) {
		pcre2_get_error_message(errnum, message, sizeof(message));
		err_set(err, "no regular expression: %s at %zu", (const char *)message, (size_t)at);
		return NULL;
	}
	r = xcalloc(1, sizeof(*r));
	r->code = code;
	r->is_compiled = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0; /* else only slower */
	r->match = pcre2_match_data_create(1, NULL);
	r->context = pcre2_match_context_create(NULL);
	if (!r->match || !r->context)
		die("out of memory");
	pcre2_set_match_limit(r->context, MATCH_LIMIT);
	pcre2_set_depth_limit(r->context, DEPTH_LIMIT);
	return r;
}

static bool regex_find(const struct needle_regex *r, const char *s, size_t len, size_t from,
    size_t *at, size_t *end)
{
	const PCRE2_SIZE *found = pcre2_get_ovector_pointer(r->match);
	/* Most texts are short: what the general door checks first takes as long as the match. */
	int rc = r->is_compiled
	    ? pcre2_jit_match(r->code, (PCRE2_SPTR)s, len, from, PCRE2_NOTEMPTY, r->match,
		  r->context)
	    : pcre2_match(r->code, (PCRE2_SPTR)s, len, from, PCRE2_NOTEMPTY, r->match, r->context);

	if (rc < 0)
		return false;
	/* \K in a lookahead can turn them round. */
	if (found[1] <= found[0])
		return false;
	*at = found[0];
	*end = found[1];
	return true;
}

/* ---- plain words -------------------------------------------------------- */

static bool is_here(const struct needle *n, const char *s)
{
	size_t i;

	for (i = 0; i < n->len; i++)
		if (tolower((unsigned char)s[i]) != tolower((unsigned char)n->text[i]))
			return false;
	return true;
}

/* By the first letter in both cases, which memchr finds fast. */
static bool fold_find(const struct needle *n, const char *s, size_t len, size_t from, size_t *at)
{
	int low = tolower((unsigned char)n->text[0]), high = toupper((unsigned char)n->text[0]);
	const char *p = s + from, *stop = s + len - n->len + 1;
	const char *l = p, *h = p;

	while (p < stop) {
		if (l && l <= p)
			l = memchr(p, low, (size_t)(stop - p));
		if (h && h <= p)
			h = high == low ? NULL : memchr(p, high, (size_t)(stop - p));
		p = !l ? h : !h || l < h ? l : h;
		if (!p)
			return false;
		if (is_here(n, p)) {
			*at = (size_t)(p - s);
			return true;
		}
		p++;
	}
	return false;
}

static bool plain_find(const struct needle *n, const char *s, size_t len, size_t from, size_t *at)
{
	const char *p;

	if (n->folds)
		return fold_find(n, s, len, from, at);
	p = memmem(s + from, len - from, n->text, n->len);
	if (p)
		*at = (size_t)(p - s);
	return p != NULL;
}

/* ---- doors -------------------------------------------------------------- */

void needle_release(struct needle *n)
{
	free(n->text);
	regex_free(n->regex);
	*n = (struct needle){0};
}

int needle_set(struct needle *n, const char *typed, struct err *err)
{
	bool is_regex = *typed == '/';
	const char *text = typed + is_regex;

	needle_release(n);
	if (!*text)
		return 0;
	n->folds = !has_upper(text, is_regex);
	if (is_regex) {
		n->regex = regex_new(text, n->folds, err);
		if (!n->regex)
			return -1;
	}
	n->text = xstrdup(text);
	n->len = strlen(text);
	return 0;
}

bool needle_is_set(const struct needle *n)
{
	return n->text != NULL;
}

bool needle_find(const struct needle *n, const char *s, size_t len, size_t from, size_t *at,
    size_t *end)
{
	if (!n->text || from > len)
		return false;
	if (n->regex)
		return regex_find(n->regex, s, len, from, at, end);
	if (len - from < n->len || !plain_find(n, s, len, from, at))
		return false;
	*end = *at + n->len;
	return true;
}

bool needle_matches(const struct needle *n, const char *s, size_t len)
{
	size_t at, end;

	return needle_find(n, s, len, 0, &at, &end);
}
