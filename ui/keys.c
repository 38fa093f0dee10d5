#include "ui/keys.h"
#include "base/xalloc.h"

#include <curses.h>

/* Known without curses to those who read typed answers. */
_Static_assert(KEY_FN_BACKSPACE == KEY_FUNCTION + KEY_BACKSPACE, "curses' code of backspace");
_Static_assert(KEY_FN_ENTER == KEY_FUNCTION + KEY_ENTER, "curses' code of enter");
_Static_assert(KEY_FN_MOUSE == KEY_FUNCTION + KEY_MOUSE, "curses' code of the mouse");

#define CTRL(c) ((c)&0x1F)
#define FN(code) (KEY_FUNCTION + (code))

#define TABLE (1u << KEYS_IN_TABLE)
#define LOG (1u << KEYS_IN_LOG)
#define HELP (1u << KEYS_IN_HELP)
#define DETAILS (1u << KEYS_IN_DETAILS)
#define FILE_VIEW (1u << KEYS_IN_FILE)
#define PANES (TABLE | LOG)
#define LOGS (LOG | FILE_VIEW)
#define GRID (1u << KEYS_IN_GRID)
#define BOTH (PANES | FILE_VIEW)
#define READING (HELP | DETAILS)
#define VIEWS (BOTH | GRID)
#define LINEAGE (1u << KEYS_IN_LINEAGE)
#define TIMELINE (1u << KEYS_IN_TIMELINE)
#define FAILURES (1u << KEYS_IN_FAILURES)
#define OF_RUN (LINEAGE | TIMELINE | FAILURES)
#define ALL (VIEWS | OF_RUN | READING)

/* The order is that of the last line. Keys that share a line of help have it at the first of them.
 * Rank: how long a label stays when room gets short; 0 stays always. */
static const struct key_binding table[] = {
    {{'\r', '\n', FN(KEY_ENTER)}, INTENT_OPEN, PANES | GRID, -1,
	{"Enter", "open the log of the agent", KEYS_MOVE, "Enter log", NULL, 1}},
    {{'\r', '\n', FN(KEY_ENTER)}, INTENT_OPEN, LINEAGE, -1,
	{NULL, NULL, KEYS_MOVE, "Enter agents of the cycle", "Enter agents", 1}},
    {{'j', FN(KEY_DOWN)}, INTENT_DOWN, TIMELINE, -1,
	{NULL, NULL, KEYS_MOVE, "up/down agent", "up/dn agent", 3}},
    {{'h', FN(KEY_LEFT)}, INTENT_LEFT, TIMELINE, -1,
	{NULL, NULL, KEYS_MOVE, "left/right time", NULL, 2}},
    {{','}, INTENT_COARSER, TIMELINE, -1,
	{", .", "timeline: coarser, finer", KEYS_MOVE, ", . coarser/finer", ", . scale", 2}},
    {{'.'}, INTENT_FINER, TIMELINE, -1, {.section = KEYS_MOVE}},
    {{'g', FN(KEY_HOME)}, INTENT_FIRST, TIMELINE, -1,
	{NULL, NULL, KEYS_MOVE, "g/G start/now", "G now", 3}},
    {{'\r', '\n', FN(KEY_ENTER)}, INTENT_OPEN, TIMELINE, -1,
	{NULL, NULL, KEYS_MOVE, "Enter log at this time", "Enter log", 1}},
    {{'j', FN(KEY_DOWN)}, INTENT_DOWN, FAILURES, -1,
	{NULL, NULL, KEYS_MOVE, "up/down group", "up/dn group", 5}},
    {{'\r', '\n', FN(KEY_ENTER)}, INTENT_OPEN, FAILURES, -1,
	{NULL, NULL, KEYS_MOVE, "Enter log at the message", "Enter log", 1}},
    {{'j', FN(KEY_DOWN)}, INTENT_DOWN, ALL & ~(TIMELINE | FAILURES), -1,
	{"j k Up Down", "row, line", KEYS_MOVE, NULL, NULL, 0}},
    {{'k', FN(KEY_UP)}, INTENT_UP, ALL, -1, {.section = KEYS_MOVE}},
    {{'h', FN(KEY_LEFT)}, INTENT_LEFT, TABLE | LOGS, -1,
	{"h l Left Right", "columns, log sideways, fold, time", KEYS_MOVE, NULL, NULL, 0}},
    {{'h', FN(KEY_LEFT)}, INTENT_LEFT, GRID, -1,
	{NULL, NULL, KEYS_MOVE, "arrows focus pane", "arrows focus", 2}},
    {{'h', FN(KEY_LEFT)}, INTENT_LEFT, LINEAGE, -1,
	{NULL, NULL, KEYS_MOVE, "left/right fold", NULL, 2}},
    {{'l', FN(KEY_RIGHT)}, INTENT_RIGHT, TABLE | LOGS | GRID | LINEAGE | TIMELINE, -1,
	{.section = KEYS_MOVE}},
    {{FN(KEY_NPAGE)}, INTENT_PAGE_DOWN, ALL & ~GRID, -1,
	{"PgUp PgDn ^U ^D", "page, half page", KEYS_MOVE, NULL, NULL, 0}},
    {{' '}, INTENT_PAGE_DOWN, READING, -1,
	{NULL, NULL, KEYS_MOVE, "Space next page", "Space page", 2}},
    {{' '}, INTENT_PAGE_DOWN, LOGS, -1, {"b Space", "page back, on", KEYS_LOG, NULL, NULL, 0}},
    {{FN(KEY_NPAGE)}, INTENT_PAGE_DOWN, GRID, -1,
	{NULL, NULL, KEYS_MOVE, "PgDn more panes", "PgDn more", 2}},
    {{FN(KEY_PPAGE)}, INTENT_PAGE_UP, ALL, -1, {.section = KEYS_MOVE}},
    {{'b'}, INTENT_PAGE_UP, LOGS | READING, -1, {.section = KEYS_MOVE}},
    {{CTRL('D')}, INTENT_HALF_DOWN, ALL & ~GRID, -1, {.section = KEYS_MOVE}},
    {{CTRL('U')}, INTENT_HALF_UP, ALL & ~GRID, -1, {.section = KEYS_MOVE}},
    {{'g', FN(KEY_HOME)}, INTENT_FIRST, ALL & ~TIMELINE, -1,
	{"g G Home End", "first, last; start, now", KEYS_MOVE, NULL, NULL, 0}},
    {{'G', FN(KEY_END)}, INTENT_LAST, ALL, -1, {.section = KEYS_MOVE}},
    {{'\t'}, INTENT_FOCUS, PANES | LINEAGE | FAILURES, -1,
	{"Tab", "table <-> log pane", KEYS_MOVE, "Tab pane", NULL, 9}},
    {{'1'}, INTENT_OVERVIEW, VIEWS | OF_RUN | DETAILS, -1,
	{"1 2 3", "overview, grid, log of the agent", KEYS_MOVE, NULL, NULL, 0}},
    {{'2'}, INTENT_GRID, VIEWS | OF_RUN | DETAILS, -1, {.section = KEYS_MOVE}},
    {{'4', FN(KEY_F(5))}, INTENT_LINEAGE, VIEWS | OF_RUN | DETAILS, -1,
	{"4 5 6", "lineage (cycles), timeline, failures", KEYS_MOVE, NULL, NULL, 0}},
    {{'6'}, INTENT_FAILURES, VIEWS | OF_RUN | DETAILS, -1, {.section = KEYS_MOVE}},
    {{'5'}, INTENT_TIMELINE, VIEWS | OF_RUN | DETAILS, -1, {.section = KEYS_MOVE}},
    {{'3'}, INTENT_LOG, VIEWS | OF_RUN | DETAILS, -1, {.section = KEYS_MOVE}},
    {{'R'}, INTENT_ROLE, VIEWS | OF_RUN | DETAILS, -1,
	{"R", "log of the role at work; again: before", KEYS_MOVE, NULL, NULL, 0}},
    {{'/', FN(KEY_F(3))}, INTENT_SEARCH, FILE_VIEW, -1,
	{"/ (F3)", "search as typed; // a pattern", KEYS_LOG, "/ find", NULL, 9}},
    {{'n'}, INTENT_SEARCH_NEXT, FILE_VIEW, -1,
	{"n N", "next, previous match", KEYS_LOG, "n/N next/prev", "n/N match", 1}},
    {{'N'}, INTENT_SEARCH_PREV, FILE_VIEW, -1, {.section = KEYS_LOG}},
    {{'&', '\\', FN(KEY_F(4))}, INTENT_KEEP, FILE_VIEW, -1,
	{"& \\ (F4)", "keep lines that have it; &! the others", KEYS_LOG, "& keep lines", "& keep",
	    2}},
    {{'e'}, INTENT_NEXT_ERROR, FILE_VIEW, -1,
	{"e E", "next, previous error line", KEYS_LOG, NULL, NULL, 0}},
    {{'E'}, INTENT_PREV_ERROR, FILE_VIEW, -1, {.section = KEYS_LOG}},
    {{'F'}, INTENT_FOLLOW, LOGS, -1,
	{"F", "follow on, off (any move up: off)", KEYS_LOG, "F follow", NULL, 3}},
    {{'w'}, INTENT_WRAP, FILE_VIEW, -1, {"w", "wrap long lines", KEYS_LOG, "w wrap", NULL, 4}},
    {{'t'}, INTENT_TIMES, FILE_VIEW, -1,
	{"t", "when lines came (< by then, > after)", KEYS_LOG, "t time", NULL, 10}},
    {{'m'}, INTENT_MARK, FILE_VIEW, -1,
	{"m", "mark a line; again: the next", KEYS_LOG, NULL, NULL, 0}},
    {{'v'}, INTENT_MODE, FILE_VIEW, -1,
	{"v", "as text, what JSON says, raw", KEYS_LOG, "v text/json/raw", "v view", 5}},
    {{'}'}, INTENT_NEXT_ATTEMPT, FILE_VIEW, -1,
	{"{ }", "previous, next attempt", KEYS_LOG, "{} attempt", "{} try", 6}},
    {{'{'}, INTENT_PREV_ATTEMPT, FILE_VIEW, -1, {.section = KEYS_LOG}},
    {{'/', FN(KEY_F(3))}, INTENT_SEARCH, TABLE, -1,
	{"/ n N (F3)", "search, next, previous; // a pattern", KEYS_FIND, "/ search", "/ find", 2}},
    {{'/', FN(KEY_F(3))}, INTENT_SEARCH, LINEAGE, -1, {NULL, NULL, KEYS_FIND, "/ find", NULL, 8}},
    {{'/', FN(KEY_F(3))}, INTENT_SEARCH, TIMELINE | FAILURES, -1, {.section = KEYS_FIND}},
    {{'/', FN(KEY_F(3))}, INTENT_SEARCH, HELP, -1,
	{NULL, NULL, KEYS_FIND, "/ finds a key", "/ find", 1}},
    {{'n'}, INTENT_SEARCH_NEXT, TABLE | OF_RUN | HELP, -1, {.section = KEYS_FIND}},
    {{'N'}, INTENT_SEARCH_PREV, TABLE | OF_RUN | HELP, -1, {.section = KEYS_FIND}},
    {{'&', '\\', FN(KEY_F(4))}, INTENT_KEEP, TABLE, -1,
	{"& \\ (F4)", "keep rows with words, state:failed", KEYS_FIND, "& filter", NULL, 4}},
    {{'&', '\\', FN(KEY_F(4))}, INTENT_KEEP, LINEAGE | TIMELINE, -1, {.section = KEYS_FIND}},
    {{'}'}, INTENT_NEXT_ATTEMPT, PANES, -1, {.section = KEYS_LOG}},
    {{'{'}, INTENT_PREV_ATTEMPT, PANES, -1, {.section = KEYS_LOG}},
    {{']'}, INTENT_NEXT_AGENT, OF_RUN, -1, {.section = KEYS_MOVE}},
    {{']'}, INTENT_NEXT_AGENT, (VIEWS & ~FILE_VIEW) | DETAILS, -1,
	{"[ ]", "previous, next agent", KEYS_MOVE, "[] agent", NULL, 9}},
    {{']'}, INTENT_NEXT_AGENT, FILE_VIEW, -1, {NULL, NULL, KEYS_MOVE, "[] agent", NULL, 7}},
    {{'['}, INTENT_PREV_AGENT, VIEWS | OF_RUN | DETAILS, -1, {.section = KEYS_MOVE}},
    {{'y'}, INTENT_PLAIN, LOGS, -1, {NULL, NULL, KEYS_SCREEN, "y plain", NULL, 8}},
    {{'z'}, INTENT_ZOOM, GRID, -1, {NULL, NULL, KEYS_SCREEN, "z zoom", NULL, 3}},
    {{'f'}, INTENT_FILTER, TABLE | GRID | LINEAGE | TIMELINE, -1,
	{"f", "next state filter", KEYS_FIND, "f state", NULL, 7}},
    {{'>', FN(KEY_F(6))}, INTENT_SORT_NEXT, TABLE | TIMELINE, -1,
	{"< > I", "sort column, reverse (F6)", KEYS_FIND, NULL, NULL, 0}},
    {{'<'}, INTENT_SORT_PREV, TABLE | TIMELINE, -1, {.section = KEYS_FIND}},
    {{'I'}, INTENT_REVERSE, TABLE | TIMELINE, -1, {.section = KEYS_FIND}},
    {{' '}, INTENT_TAG, GRID | TIMELINE, -1, {.section = KEYS_FIND}},
    {{' '}, INTENT_TAG, TABLE, -1,
	{"Space U", "tag, untag all (then s r x c act on them)", KEYS_FIND, "Space tag", NULL, 8}},
    {{' '}, INTENT_TAG, FAILURES, -1, {NULL, NULL, KEYS_FIND, "Space tag group", NULL, 2}},
    {{'U'}, INTENT_UNTAG, VIEWS | OF_RUN | DETAILS, -1, {.section = KEYS_FIND}},
    {{'F'}, INTENT_FOLLOW, TABLE, -1, {.section = KEYS_LOG}},
    {{'p'}, INTENT_PAUSE, VIEWS | OF_RUN, CTL_PAUSE,
	{"p", "pause, resume starting", KEYS_STEER, "p pause", NULL, 2}},
    {{'+'}, INTENT_MORE_JOBS, VIEWS | OF_RUN, CTL_JOBS,
	{"+ -", "one job more, one fewer", KEYS_STEER, "+/- jobs", "+- jobs", 5}},
    {{'-'}, INTENT_FEWER_JOBS, VIEWS | OF_RUN, CTL_JOBS, {.section = KEYS_STEER}},
    {{'s'}, INTENT_SKIP_WAIT, VIEWS | TIMELINE | DETAILS, CTL_SKIP_WAIT,
	{"s", "skip the wait of the agent", KEYS_STEER, "s skip wait", "s skip", 3}},
    {{'s'}, INTENT_SKIP_WAIT, FAILURES, CTL_SKIP_WAIT, {.section = KEYS_STEER}},
    {{'r'}, INTENT_RETRY, VIEWS | TIMELINE | DETAILS, CTL_RETRY,
	{"r", "retry now", KEYS_STEER, "r retry", NULL, 5}},
    {{'r'}, INTENT_RETRY, FAILURES, CTL_RETRY,
	{NULL, NULL, KEYS_STEER, "r retry group", "r retry", 3}},
    {{'x', FN(KEY_F(9))}, INTENT_CANCEL, VIEWS | TIMELINE | DETAILS, CTL_CANCEL,
	{"x", "cancel the agent, asks (F9)", KEYS_STEER, "x cancel", NULL, 6}},
    {{'x', FN(KEY_F(9))}, INTENT_CANCEL, FAILURES, CTL_CANCEL,
	{NULL, NULL, KEYS_STEER, "x cancel group", "x cancel", 4}},
    {{'X'}, INTENT_STOP, ALL, CTL_STOP, {"X", "stop the batch, asks", KEYS_STEER, NULL, NULL, 0}},
    {{':'}, INTENT_COMMAND, ALL, -1,
	{": command", "any ctl verb, e.g. :jobs 12", KEYS_STEER, NULL, NULL, 0}},
    {{0}, INTENT_NONE, 0, -1, {":17 :q", "go to agent 17; leave", KEYS_FIND, NULL, NULL, 0}},
    {{'i'}, INTENT_DETAILS, OF_RUN | DETAILS, -1, {.section = KEYS_SCREEN}},
    {{'i'}, INTENT_DETAILS, VIEWS, -1,
	{"i", "details of the agent", KEYS_SCREEN, "i details", NULL, 10}},
    {{'z'}, INTENT_ZOOM, PANES, -1,
	{"z", "all room to table, log or pane", KEYS_SCREEN, "z zoom", NULL, 9}},
    {{'c'}, INTENT_COPY, VIEWS | OF_RUN | DETAILS, -1,
	{"c", "copy ids, or marked lines", KEYS_SCREEN, NULL, NULL, 0}},
    {{'y'}, INTENT_PLAIN, ALL & ~LOGS, -1,
	{"y", "print as plain text", KEYS_SCREEN, NULL, NULL, 0}},
    {{'M'}, INTENT_MOUSE, ALL, -1, {"M", "mouse on, off", KEYS_SCREEN, NULL, NULL, 0}},
    {{'='}, INTENT_FREEZE, ALL, -1, {"=", "freeze the screen", KEYS_SCREEN, NULL, NULL, 0}},
    {{'C'}, INTENT_SCOPE, FAILURES, -1,
	{"C", "4 5 6: this cycle, whole run", KEYS_SCREEN, "C cycle/all", NULL, 6}},
    {{'C'}, INTENT_SCOPE, LINEAGE | TIMELINE, -1,
	{NULL, NULL, KEYS_SCREEN, "C cycle/all", NULL, 8}},
    {{'B'}, INTENT_BELL, ALL, -1, {"B", "bell at the end on, off", KEYS_SCREEN, NULL, NULL, 0}},
    {{CTRL('L')}, INTENT_REDRAW, ALL, -1, {"^L", "redraw", KEYS_SCREEN, NULL, NULL, 0}},
    {{'?', FN(KEY_F(1))}, INTENT_HELP, ALL, -1,
	{"? F1", "this help", KEYS_SCREEN, "? help", NULL, 0}},
    {{0x1B}, INTENT_CLOSE, ALL, -1, {.section = KEYS_MOVE}},
    {{'q', FN(KEY_F(10))}, INTENT_BACK, TABLE, -1,
	{"Esc q", "back (q at the top: leave)", KEYS_MOVE, "q leave", NULL, 0}},
    {{'q', FN(KEY_F(10))}, INTENT_BACK, LOGS | GRID | OF_RUN | READING, -1,
	{NULL, NULL, KEYS_MOVE, "q back", NULL, 0}},
};

const struct key_binding *keys_table(size_t *nr)
{
	*nr = ARRAY_LEN(table);
	return table;
}

enum intent keys_intent(enum key_context where, int code)
{
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(table); i++)
		for (k = 0; k < KEY_CODES_MAX && table[i].codes[k]; k++)
			if (table[i].codes[k] == code && (table[i].contexts & (1u << where)))
				return table[i].intent;
	return INTENT_NONE;
}

/* In the last line of the log its own keys take the room of those that steer; in those of the grid
 * and the failures they take the room of those that steer the whole batch. */
static bool is_named(enum key_context where, const struct key_binding *k)
{
	bool steers_batch = k->intent == INTENT_PAUSE || k->intent == INTENT_MORE_JOBS;

	if (!k->hint.label || !(k->contexts & (1u << where)))
		return false;
	if (where == KEYS_IN_GRID || where == KEYS_IN_FAILURES)
		return !steers_batch;
	return (where != KEYS_IN_FILE && where != KEYS_IN_TIMELINE) ||
	    k->hint.section != KEYS_STEER;
}

static struct key_hint hint_now(const struct key_binding *k, enum keys_steer steer)
{
	struct key_hint h = k->hint;

	if (h.section == KEYS_STEER && steer == KEYS_STEER_NOBODY)
		h.label = h.label_short = NULL;
	else if (k->intent == INTENT_PAUSE && steer == KEYS_STEER_HELD)
		h.label = "p resume";
	return h;
}

size_t keys_hints(enum key_context where, enum keys_steer steer, struct key_hint *out, size_t max)
{
	size_t i, nr = 0;

	for (i = 0; i < ARRAY_LEN(table) && nr < max; i++)
		if (is_named(where, &table[i]))
			out[nr++] = hint_now(&table[i], steer);
	return nr;
}

int keys_hint_code(enum key_context where, size_t n)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++)
		if (is_named(where, &table[i]) && n-- == 0)
			return table[i].codes[0];
	return 0;
}

size_t keys_all_hints(struct key_hint *out, size_t max)
{
	size_t i, nr = 0;

	for (i = 0; i < ARRAY_LEN(table) && nr < max; i++)
		if (table[i].hint.help)
			out[nr++] = table[i].hint;
	return nr;
}
