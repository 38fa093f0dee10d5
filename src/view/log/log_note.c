#include "view/log/log_note.h"
#include "base/clock.h"
#include "view/text/duration.h"
#include "view/text/units.h"

static void add_how(const struct attempt *at, struct buf *out)
{
	switch (at->how) {
	case EXIT_CODE:
		buf_fmt(out, "exit %d", at->exit_value);
		return;
	case EXIT_SIGNAL:
		buf_fmt(out, "signal %d", at->exit_value);
		return;
	case EXIT_FAILED:
		buf_str(out, "could not be started");
		return;
	case EXIT_VOID:
		buf_str(out, "never ran");
		return;
	case EXIT_UNKNOWN:
		buf_str(out, "no exit record");
		return;
	}
}

/* Why the next one came when it did. */
static void add_wait(const struct attempt *at, struct buf *out)
{
	char text[UNITS_SIZE];

	if (at->wait_why == WAIT_GATE)
		buf_str(out, "; held by the rate gate");
	else if (at->retry_after_ms > 0 && at->retry_after_ms < 100000)
		buf_fmt(out, "; the service said %d s", (int)((at->retry_after_ms + 999) / 1000));
	else if (at->retry_after_ms > 0)
		buf_fmt(out, "; the service said %s", estimate_text(at->retry_after_ms, text));
}

static void note_of_attempt(const struct attempt *at, bool waits, struct buf *out)
{
	char text[DURATION_SIZE], money[UNITS_SIZE];

	buf_fmt(out, "=== attempt %u ", at->n);
	if (!at->has_verdict)
		buf_str(out, "ended: ");
	else if (at->class == CLASS_SUCCESS)
		buf_str(out, "completed: ");
	else
		buf_fmt(out, "failed: %s, ", class_name(at->class));
	add_how(at, out);
	if (at->how != EXIT_VOID && at->ended_m >= at->started_m)
		buf_fmt(out, ", after %s", duration_text(at->ended_m - at->started_m, text));
	if (at->has_verdict && at->cost_usd >= 0)
		buf_fmt(out, ", %s", money_text(at->cost_usd, money));
	if (at->has_verdict && at->class != CLASS_SUCCESS && !at->charged)
		buf_str(out, ", not charged");
	if (at->has_verdict && !waits)
		add_wait(at, out);
	buf_str(out, " ===");
}

static const char *why_words(enum wait_why why)
{
	static const char *const words[WAIT__COUNT] = {
	    [WAIT_NONE] = "",
	    [WAIT_TOLD] = " (the service said so)",
	    [WAIT_LADDER] = " (backoff)",
	    [WAIT_LEARNED] = " (as long as this service's limits lasted)",
	    [WAIT_GATE] = " (the rate gate)",
	    [WAIT_PROBE] = " (a probe of the limit)",
	    [WAIT_OPERATOR] = " (by the operator)",
	};

	return words[why];
}

/* The gate may hold it longer than its own wait does. */
static void note_of_wait(const struct batch *b, const struct agent *a, struct buf *out)
{
	char clock[CLOCK_HMS_LEN + 1], text[UNITS_SIZE];
	int64_t span = a->wait_until_t - a->wait_from_t, next_t = agent_next_t(b, a);

	if (a->wait_is_parked || next_t == NUM_NONE) {
		buf_fmt(out, "=== waiting for you: %s ===",
		    a->wait_is_parked ? "--max-wait is spent, resume the batch"
				      : "its account is closed, open the gate");
		return;
	}
	clock_hms(next_t, clock);
	if (span < 100000)
		buf_fmt(out, "=== waiting %d s", (int)((span + 500) / 1000));
	else
		buf_fmt(out, "=== waiting %s", estimate_text(span, text));
	buf_fmt(out, "%s, next at %s%s ===", why_words(a->wait_why), clock,
	    next_t > a->wait_until_t ? ", held by the rate gate" : "");
}

void log_note_text(const struct batch *b, const struct agent *a, const struct log_note *note,
    struct buf *out)
{
	if (note->attempt == LOG_NOTE_REPLACED)
		buf_str(out, "=== the log was cut or replaced: what was read before is gone ===");
	else if (note->attempt == LOG_NOTE_WAIT)
		note_of_wait(b, a, out);
	else
		/* What is waited for now has a line of its own. */
		note_of_attempt(&a->attempts[note->attempt],
		    a->phase == PHASE_BACKOFF && note->attempt + 1 == a->nr_attempts, out);
}
