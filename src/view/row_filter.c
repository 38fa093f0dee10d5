#include "view/row_filter.h"
#include "base/xalloc.h"
#include "view/text/glyphs.h"
#include "view/shown.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TASK_BYTES 4096

/* ---- the fields of a row ------------------------------------------------ */

static bool has(const struct needle *n, const char *s)
{
	return s && needle_matches(n, s, strlen(s));
}

static const char *class_of(const struct agent *a)
{
	const struct attempt *at = shown_last_judged(a);

	return at && at->class != CLASS_SUCCESS ? class_name(at->class) : "";
}

static bool has_in_task(const struct needle *n, const struct batch_reader *r, const struct agent *a)
{
	const char *task = task_get(&r->tasks, a->task, COL_TASK);

	return needle_matches(n, task, strnlen(task, TASK_BYTES));
}

static bool has_in_message(const struct needle *n, const struct agent *a)
{
	const struct attempt *at = shown_last_judged(a);

	return has(n, at && at->message ? at->message : a->why);
}

static bool has_in_columns(const struct needle *n, const struct batch_reader *r,
    const struct agent *a)
{
	return has(n, a->task->id) || has(n, shown_role_word(shown_role(a))) ||
	    has(n, class_of(a)) || has(n, agent_account_name(&r->state, a));
}

bool row_has(const struct needle *n, const struct batch_reader *r, uint32_t agent)
{
	const struct agent *a = &r->state.agents[agent];

	return has_in_columns(n, r, a) || has_in_message(n, a) || has_in_task(n, r, a) ||
	    has(n, task_get(&r->tasks, a->task, COL_TAGS));
}

bool row_shows(const struct needle *n, const struct batch_reader *r, uint32_t agent)
{
	const struct agent *a = &r->state.agents[agent];

	if (has_in_columns(n, r, a))
		return true;
	switch (shown_role(a)) {
	case ROLE_BACKOFF:
	case ROLE_LOST:
	case ROLE_FAILED:
	case ROLE_CANCELLED:
	case ROLE_SKIPPED:
		return has_in_message(n, a);
	case ROLE_PENDING:
		return has_in_task(n, r, a);
	case ROLE_RUNNING:
	case ROLE_VALIDATING:
	case ROLE_BLOCKED:
	case ROLE_COMPLETED:
	case ROLE_NONE:
	case ROLE__COUNT:
		break;
	}
	return false;
}

/* ---- words -------------------------------------------------------------- */

static const struct {
	const char *prefix;
	enum row_word_kind kind;
} kinds[] = {
    {"state:", WORD_STATE},
    {"class:", WORD_CLASS},
    {"tag:", WORD_TAG},
    {"agent:", WORD_AGENT},
};

/* The word as it is on the screen, short or not, or as files have it, or its beginning. */
static bool is_state(const struct agent *a, const char *word, size_t len)
{
	enum style_role role = shown_role(a);

	return strncasecmp(shown_role_word(role), word, len) == 0 ||
	    strcasecmp(glyph_short_word(role), word) == 0 ||
	    strncasecmp(status_name(a->status), word, len) == 0;
}

static bool has_tag(const char *tags, const char *word, size_t len)
{
	const char *tag;
	size_t n;

	while ((tag = task_next_word(&tags, &n)))
		if (n == len && strncasecmp(tag, word, len) == 0)
			return true;
	return false;
}

static bool word_takes(const struct row_word *w, const struct batch_reader *r, uint32_t agent)
{
	const struct agent *a = &r->state.agents[agent];

	switch (w->kind) {
	case WORD_STATE:
		return is_state(a, w->needle.text, w->needle.len);
	case WORD_CLASS:
		return strncasecmp(class_of(a), w->needle.text, w->needle.len) == 0;
	case WORD_TAG:
		return has_tag(task_get(&r->tasks, a->task, COL_TAGS), w->needle.text,
		    w->needle.len);
	case WORD_AGENT:
		return strncasecmp(agent_account_name(&r->state, a), w->needle.text,
			   w->needle.len) == 0;
	case WORD_ANY:
		break;
	}
	return row_has(&w->needle, r, agent);
}

/* A prefix without a word behind it, as while it is typed, says nothing yet. */
static int add_word(struct row_filter *f, const char *s, struct err *err)
{
	struct row_word *w = &f->words[f->nr_words];
	size_t i;

	w->kind = WORD_ANY;
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (strncmp(s, kinds[i].prefix, strlen(kinds[i].prefix)) == 0) {
			w->kind = kinds[i].kind;
			s += strlen(kinds[i].prefix);
			break;
		}
	if (w->kind != WORD_ANY && *s == '/')
		s++; /* no expressions there */
	if (needle_set(&w->needle, s, err) < 0)
		return -1;
	if (needle_is_set(&w->needle))
		f->nr_words++;
	return 0;
}

/* ---- doors -------------------------------------------------------------- */

void row_filter_release(struct row_filter *f)
{
	size_t i;

	for (i = 0; i < f->nr_words; i++)
		needle_release(&f->words[i].needle);
	free(f->typed);
	*f = (struct row_filter){0};
}

int row_filter_set(struct row_filter *f, const char *typed, struct err *err)
{
	char *words = xstrdup(typed), *at = words, *save = NULL, *word;
	int rc = 0;

	row_filter_release(f);
	if (*at == '!') {
		f->is_not = true;
		at++;
	}
	if (*at == '/') /* an expression has blanks of its own */
		rc = add_word(f, at, err);
	else
		for (word = strtok_r(at, " ", &save); word && f->nr_words < ROW_FILTER_WORDS;
		     word = strtok_r(NULL, " ", &save))
			rc = add_word(f, word, err) < 0 ? -1 : rc;
	free(words);
	if (rc < 0 || f->nr_words == 0)
		row_filter_release(f);
	else
		f->typed = xstrdup(typed);
	return rc;
}

bool row_filter_takes(const struct row_filter *f, const struct batch_reader *r, uint32_t agent)
{
	size_t i;

	if (!f->typed)
		return true;
	for (i = 0; i < f->nr_words; i++)
		if (!word_takes(&f->words[i], r, agent))
			return f->is_not;
	return !f->is_not;
}
