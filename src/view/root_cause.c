#include "view/root_cause.h"
#include "base/xalloc.h"
#include "view/text/duration.h"
#include "view/text/sanitize.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name, *text, *next;
} causes[CAUSE__COUNT] = {
    [CAUSE_UNKNOWN] = {"unknown", "not told by what it printed",
	"read its log, then make the task clearer or smaller"},
    [CAUSE_TOO_COMPLEX] = {"task_too_complex", "task too complex",
	"break it into subtasks (depends_on puts them in order)"},
    [CAUSE_CONTEXT] = {"insufficient_context", "insufficient context",
	"add what it looked for to context_path, or correct its name in the task"},
    [CAUSE_CAPABILITY] = {"api_limitations", "API limitations: more than this agent can or may do",
	"give the row to another agent or model, or allow what it needs"},
    [CAUSE_AMBIGUOUS] = {"ambiguous_requirements", "ambiguous requirements",
	"say in the task what is wanted, and how it is checked"},
    [CAUSE_LIMIT] = {"service_limits", "limits of the service",
	"fewer at once (--jobs), a longer --max-wait, or later"},
    [CAUSE_SERVICE] = {"service_failed", "the service failed or was out of reach",
	"try again when it is back"},
    [CAUSE_ACCOUNT] = {"account", "the account needs a person",
	"log in, set the key or add credit; then resume the run, or retry when it is over"},
    [CAUSE_SETUP] = {"setup", "the set-up is wrong",
	"put the program, its options, the model or the paths right; then retry"},
    [CAUSE_PROGRAM] = {"program", "the agent's program did not survive",
	"look at its log and at the machine's memory; then retry"},
    [CAUSE_PARENT] = {"dependency", "what it depends on did not complete",
	"heal that row: this one goes along"},
    [CAUSE_OPERATOR] = {"operator", "cancelled by the operator",
	"put it into a CSV of its own to run it after all"},
    [CAUSE_UNFINISHED] = {"unfinished", "the run is not through with it", "resume the run"},
};

const char *root_cause_name(enum root_cause c)
{
	return causes[c].name;
}

const char *root_cause_text(enum root_cause c)
{
	return causes[c].text;
}

const char *root_cause_next(enum root_cause c)
{
	return causes[c].next;
}

/* ---- what the class says by itself ---------------------------------------- */

static const struct {
	enum root_cause cause;
	const char *evidence;
} by_class[CLASS__COUNT] = {
    [CLASS_RATE_LIMIT] = {CAUSE_LIMIT, "every try met a rate limit"},
    [CLASS_USAGE_LIMIT] = {CAUSE_LIMIT, "its usage window was used up"},
    [CLASS_TRANSIENT] = {CAUSE_SERVICE, "every try met a failing service or network"},
    [CLASS_CRASH] = {CAUSE_PROGRAM, "it crashed"},
    [CLASS_LOST] = {CAUSE_PROGRAM, "it left no record of its end"},
    [CLASS_INVALID] = {CAUSE_AMBIGUOUS, "its work did not pass the row's validate or expect"},
    [CLASS_NO_OUTPUT] = {CAUSE_AMBIGUOUS, "it ended well, and output_file is not there"},
    [CLASS_MAX_TURNS] = {CAUSE_TOO_COMPLEX, "it used up its turns"},
    [CLASS_CONTEXT_OVERFLOW] = {CAUSE_TOO_COMPLEX,
	"task and context are more than the model takes"},
    [CLASS_AUTH] = {CAUSE_ACCOUNT, "the service does not know or not admit the account"},
    [CLASS_BUDGET] = {CAUSE_ACCOUNT, "the account's money is spent"},
    [CLASS_CONFIG] = {CAUSE_SETUP, "the program, its options, model or paths were not accepted"},
    [CLASS_REFUSAL] = {CAUSE_CAPABILITY, "the model refused the task"},
    [CLASS_CANCELLED] = {CAUSE_OPERATOR, "cancelled"},
};

/* ---- what the words of a task error say ------------------------------------ */

/* Looked for without regard to case, as whole words, in the message and the evidence of the last
 * attempt; the first that is found counts, so the most telling stand first. */
static const struct {
	enum root_cause cause;
	const char *words;
} said[] = {
    {CAUSE_CAPABILITY, "permission denied"},
    {CAUSE_CAPABILITY, "operation not permitted"},
    {CAUSE_CAPABILITY, "not allowed"},
    {CAUSE_CAPABILITY, "not permitted"},
    {CAUSE_CAPABILITY, "permission to use"},
    {CAUSE_CAPABILITY, "not supported"},
    {CAUSE_CAPABILITY, "unsupported"},
    {CAUSE_CAPABILITY, "no access to"},
    {CAUSE_CAPABILITY, "don't have access"},
    {CAUSE_CAPABILITY, "do not have access"},
    {CAUSE_CAPABILITY, "network is unreachable"},
    {CAUSE_CAPABILITY, "command not found"},
    {CAUSE_CAPABILITY, "no such tool"},
    {CAUSE_CAPABILITY, "sandbox"},
    {CAUSE_CONTEXT, "no such file or directory"},
    {CAUSE_CONTEXT, "file not found"},
    {CAUSE_CONTEXT, "does not exist"},
    {CAUSE_CONTEXT, "doesn't exist"},
    {CAUSE_CONTEXT, "module not found"},
    {CAUSE_CONTEXT, "no module named"},
    {CAUSE_CONTEXT, "cannot find"},
    {CAUSE_CONTEXT, "can't find"},
    {CAUSE_CONTEXT, "could not find"},
    {CAUSE_CONTEXT, "couldn't find"},
    {CAUSE_CONTEXT, "not found"},
    {CAUSE_CONTEXT, "undefined reference"},
    {CAUSE_CONTEXT, "missing file"},
    {CAUSE_AMBIGUOUS, "ambiguous"},
    {CAUSE_AMBIGUOUS, "unclear"},
    {CAUSE_AMBIGUOUS, "clarify"},
    {CAUSE_AMBIGUOUS, "clarification"},
    {CAUSE_AMBIGUOUS, "more information"},
    {CAUSE_AMBIGUOUS, "please provide"},
    {CAUSE_AMBIGUOUS, "which one"},
    {CAUSE_AMBIGUOUS, "could you"},
    {CAUSE_AMBIGUOUS, "would you like"},
    {CAUSE_AMBIGUOUS, "not specified"},
    {CAUSE_TOO_COMPLEX, "too complex"},
    {CAUSE_TOO_COMPLEX, "too large"},
    {CAUSE_TOO_COMPLEX, "out of time"},
    {CAUSE_TOO_COMPLEX, "ran out of"},
    {CAUSE_TOO_COMPLEX, "partially"},
    {CAUSE_TOO_COMPLEX, "still fail"},
    {CAUSE_TOO_COMPLEX, "still failing"},
    {CAUSE_TOO_COMPLEX, "tests fail"},
    {CAUSE_TOO_COMPLEX, "tests failed"},
    {CAUSE_TOO_COMPLEX, "test failed"},
    {CAUSE_TOO_COMPLEX, "make: ***"},
    {CAUSE_TOO_COMPLEX, "build failed"},
    {CAUSE_TOO_COMPLEX, "could not complete"},
    {CAUSE_TOO_COMPLEX, "unable to complete"},
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Where the words stand in the text, by themselves; NULL: nowhere. */
static const char *find_words(const char *text, const char *words)
{
	size_t len = strlen(words);
	const char *at;

	for (at = text; (at = strcasestr(at, words)); at++)
		if ((at == text || !is_letter(at[-1])) && !is_letter(at[len]))
			return at;
	return NULL;
}

static void quote(struct buf *evidence, const char *text, size_t n)
{
	buf_str(evidence, "it said \"");
	sanitize_line_mem(evidence, text, n);
	buf_ch(evidence, '"');
}

static enum root_cause by_words(const char *text, struct buf *evidence)
{
	size_t i;

	for (i = 0; text && i < ARRAY_LEN(said); i++) {
		const char *at = find_words(text, said[i].words);

		if (!at)
			continue;
		quote(evidence, at, strlen(said[i].words));
		return said[i].cause;
	}
	return CAUSE_UNKNOWN;
}

/* Who ends by asking has not been told enough. */
static bool ends_by_asking(const char *text)
{
	size_t n = text ? strlen(text) : 0;

	while (n > 0 && strchr(" \t\r\n\"'`*_", text[n - 1]))
		n--;
	return n > 1 && text[n - 1] == '?' && is_letter(text[n - 2]);
}

/* Whether it failed later as it had failed at first. */
static bool has_repeated(const struct merged_row *row)
{
	const struct attempt *first = row->first_failure;

	return first && first != row->attempt && first->message && row->attempt->message &&
	    strcmp(first->message, row->attempt->message) == 0;
}

static enum root_cause of_task_error(const struct merged_row *row, struct buf *evidence)
{
	const struct attempt *at = row->attempt;
	enum root_cause c = by_words(at->message, evidence);

	if (c == CAUSE_UNKNOWN)
		c = by_words(at->evidence, evidence);
	if (c != CAUSE_UNKNOWN)
		return c;
	if (ends_by_asking(at->answer) || ends_by_asking(at->message)) {
		buf_str(evidence, "it ended with a question, and nobody answers");
		return CAUSE_AMBIGUOUS;
	}
	c = by_words(at->answer, evidence);
	if (c == CAUSE_UNKNOWN && has_repeated(row))
		buf_str(evidence, "it failed in the same way when it was run again");
	return c;
}

static enum root_cause of_timeout(const struct attempt *at, struct buf *evidence)
{
	char time[DURATION_SIZE];

	if (at->killed == KILL_STALL) {
		buf_str(evidence, "it fell silent and was ended (--stall)");
		return CAUSE_UNKNOWN;
	}
	buf_fmt(evidence, "it was still at work after %s (--timeout)",
	    duration_text(at->ended_m - at->started_m, time));
	return CAUSE_TOO_COMPLEX;
}

static enum root_cause of_failure(const struct merged_row *row, struct buf *evidence)
{
	const struct attempt *at = row->attempt;
	enum attempt_class class = row->agent->class;

	if (at && class == CLASS_TASK_ERROR)
		return of_task_error(row, evidence);
	if (at && class == CLASS_TIMEOUT && at->ended_m != NUM_NONE)
		return of_timeout(at, evidence);
	if (by_class[class].evidence)
		buf_str(evidence, by_class[class].evidence);
	return by_class[class].cause;
}

enum root_cause root_cause_of(const struct merged_row *row, struct buf *evidence)
{
	switch (row->agent->status) {
	case AGENT_SKIPPED:
		sanitize_line(evidence, row->agent->why);
		return CAUSE_PARENT;
	case AGENT_CANCELLED:
		sanitize_line(evidence, row->agent->why);
		return CAUSE_OPERATOR;
	case AGENT_FAILED:
		return of_failure(row, evidence);
	case AGENT_PENDING:
	case AGENT_IN_PROGRESS:
	case AGENT_COMPLETED:
	case AGENT__COUNT:
		break;
	}
	return CAUSE_UNFINISHED;
}
