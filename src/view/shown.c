#include "view/shown.h"
#include "view/sanitize.h"

#include <ctype.h>
#include <string.h>

/* The word of each state, and its colour of the set of 8. */
static const struct {
	const char *word;
	const char *sgr;
} roles[ROLE__COUNT] = {
    [ROLE_NONE] = {"", ""},
    [ROLE_RUNNING] = {"RUNNING", "1;36"},
    [ROLE_VALIDATING] = {"VALIDATING", "35"},
    [ROLE_BACKOFF] = {"BACKOFF", "33"},
    [ROLE_LOST] = {"LOST", "1;31"},
    [ROLE_FAILED] = {"FAILED", "1;31"},
    [ROLE_PENDING] = {"PENDING", "2"},
    [ROLE_BLOCKED] = {"BLOCKED", "2"},
    [ROLE_CANCELLED] = {"CANCELLED", ""},
    [ROLE_SKIPPED] = {"SKIPPED", "2"},
    [ROLE_COMPLETED] = {"COMPLETED", "32"},
};

static enum style_role role_of_phase(enum agent_phase p)
{
	switch (p) {
	case PHASE_BACKOFF:
		return ROLE_BACKOFF;
	case PHASE_VALIDATING:
		return ROLE_VALIDATING;
	case PHASE_NONE:
	case PHASE_RUNNING:
	case PHASE__COUNT:
		break;
	}
	return ROLE_RUNNING;
}

enum style_role shown_role(const struct agent *a)
{
	switch (a->status) {
	case AGENT_PENDING:
		return a->unmet > 0 ? ROLE_BLOCKED : ROLE_PENDING;
	case AGENT_IN_PROGRESS:
		return role_of_phase(a->phase);
	case AGENT_COMPLETED:
		return ROLE_COMPLETED;
	case AGENT_FAILED:
		return a->class == CLASS_LOST ? ROLE_LOST : ROLE_FAILED;
	case AGENT_SKIPPED:
		return ROLE_SKIPPED;
	case AGENT_CANCELLED:
		return ROLE_CANCELLED;
	case AGENT__COUNT:
		break;
	}
	return ROLE_NONE;
}

const char *shown_role_word(enum style_role role)
{
	return roles[role].word;
}

void shown_color(enum style_role role, bool color, struct buf *out)
{
	if (color)
		buf_fmt(out, "\033[%sm", roles[role].sgr);
}

void shown_color_end(bool color, struct buf *out)
{
	if (color)
		buf_str(out, "\033[m");
}

void shown_word(enum style_role role, bool color, struct buf *out)
{
	shown_color(role, color, out);
	buf_str(out, roles[role].word);
	shown_color_end(color, out);
}

uint32_t shown_try(const struct agent *a)
{
	const struct attempt *last = agent_last_attempt(a);

	if (!last)
		return 0;
	return a->charged + !(last->has_verdict && last->charged);
}

uint32_t shown_table_try(const struct agent *a)
{
	return a->phase == PHASE_BACKOFF ? a->charged + 1 : shown_try(a);
}

/* ---- kinds of failure --------------------------------------------------- */

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

/* The length of the word at `s`, and whether it looks like a path or url. */
static size_t word_span(const char *s, bool *is_path)
{
	size_t n = 0;

	*is_path = false;
	while (is_word_byte(s[n]) || s[n] == '/' || s[n] == ':' || s[n] == '~') {
		*is_path = *is_path || s[n] == '/';
		n++;
	}
	return n;
}

/* 1.5, 429, 10:32:07, 2026-11-22 */
static bool is_number(const char *s, size_t n)
{
	return strspn(s, "0123456789.,:-") >= n;
}

/* A hash, a uuid, req_011CSHoE..: digits among the letters. */
static bool is_id(const char *s, size_t n)
{
	return n >= 4 && strcspn(s, "0123456789") < n;
}

static size_t fold_quoted(const char *s, struct buf *out)
{
	const char *end = strchr(s + 1, *s);

	if (!end)
		return 0;
	buf_str(out, "<id>");
	return (size_t)(end - s) + 1;
}

static size_t fold_word(const char *s, struct buf *out)
{
	bool is_path;
	size_t n = word_span(s, &is_path);
	size_t word = n;

	while (word > 0 &&
	    strchr(".,:-", s[word - 1])) /* punctuation behind it is not the word's */
		word--;
	if (word == 0)
		return 0;
	if (is_path && word > 1)
		buf_str(out, "<path>");
	else if (isdigit((unsigned char)s[0]) && is_number(s, word))
		buf_str(out, "<n>");
	else if (is_id(s, word))
		buf_str(out, "<id>");
	else
		buf_add(out, s, word);
	return word;
}

void shown_fold_message(const char *message, struct buf *out)
{
	struct buf clean = BUF_INIT;
	const char *s;

	sanitize_line(&clean, message);
	for (s = clean.data; *s;) {
		size_t n = 0;

		/* Inside a word an apostrophe quotes nothing. */
		if (strchr("\"'`", *s) && (s == clean.data || !isalnum((unsigned char)s[-1])))
			n = fold_quoted(s, out);
		if (n == 0)
			n = fold_word(s, out);
		if (n == 0) {
			buf_ch(out, *s);
			n = 1;
		}
		s += n;
	}
	buf_release(&clean);
}

void shown_failure_group(const struct agent *a, struct buf *out)
{
	const struct attempt *at = agent_last_attempt(a);

	buf_str(out, at ? class_name(at->class) : "");
	buf_ch(out, ' ');
	shown_fold_message(at && at->message ? at->message : a->why, out);
}
