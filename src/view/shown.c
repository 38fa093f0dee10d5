#include "view/shown.h"
#include "view/text/fold.h"

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

const struct attempt *shown_last_judged(const struct agent *a)
{
	uint32_t i;

	for (i = a->nr_attempts; i-- > 0;)
		if (a->attempts[i].has_verdict)
			return &a->attempts[i];
	return NULL;
}

void shown_failure_group(const struct agent *a, struct buf *out)
{
	const struct attempt *at = agent_last_attempt(a);

	buf_str(out, at ? class_name(at->class) : "");
	buf_ch(out, ' ');
	fold_message(at && at->message ? at->message : a->why, out);
}
