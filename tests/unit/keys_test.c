#include "base/xalloc.h"
#include "ui/keys.h"
#include "ui/view_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* As curses numbers them. */
#define FUNCTION(n) (KEY_FUNCTION + 0410 + (n))

static void no_key_means_two_things_in_one_place(void **state)
{
	const struct key_binding *t;
	size_t nr, i, k, a, b;

	(void)state;
	t = keys_table(&nr);
	for (i = 0; i < nr; i++)
		for (k = i + 1; k < nr; k++) {
			if (!(t[i].contexts & t[k].contexts))
				continue;
			for (a = 0; a < KEY_CODES_MAX && t[i].codes[a]; a++)
				for (b = 0; b < KEY_CODES_MAX && t[k].codes[b]; b++)
					assert_int_not_equal(t[i].codes[a], t[k].codes[b]);
		}
}

static void keys_that_steer_send_a_verb(void **state)
{
	static const enum intent steering[] = {
	    INTENT_PAUSE,
	    INTENT_MORE_JOBS,
	    INTENT_FEWER_JOBS,
	    INTENT_SKIP_WAIT,
	    INTENT_RETRY,
	    INTENT_CANCEL,
	    INTENT_STOP,
	};
	const struct key_binding *t;
	size_t nr, i, k;

	(void)state;
	t = keys_table(&nr);
	for (i = 0; i < ARRAY_LEN(steering); i++) {
		for (k = 0; k < nr && t[k].intent != steering[i]; k++)
			;
		assert_true(k < nr);
		assert_true(t[k].verb >= 0 && t[k].verb < CTL__COUNT);
		assert_int_equal(t[k].hint.section, KEYS_STEER);
	}
}

/* Every key is in help: by itself, or beside the one it is named with. */
static void help_lists_all(void **state)
{
	static const struct {
		int code;
		const char *name;
	} named[] = {
	    {'j', "j"},
	    {'k', "k"},
	    {'h', "h"},
	    {'l', "l"},
	    {'g', "g"},
	    {'G', "G"},
	    {'b', "b"},
	    {' ', "Space"},
	    {'\t', "Tab"},
	    {'\r', "Enter"},
	    {0x1B, "Esc"},
	    {'q', "q"},
	    {'f', "f"},
	    {'<', "<"},
	    {'>', ">"},
	    {'I', "I"},
	    {'U', "U"},
	    {'c', "c"},
	    {'M', "M"},
	    {'1', "1"},
	    {'4', "4"},
	    {'5', "5"},
	    {'6', "6"},
	    {',', ","},
	    {'.', "."},
	    {'C', "C"},
	    {'F', "F"},
	    {'[', "["},
	    {']', "]"},
	    {'p', "p"},
	    {'+', "+"},
	    {'-', "-"},
	    {'s', "s"},
	    {'r', "r"},
	    {'x', "x"},
	    {'X', "X"},
	    {':', ":"},
	    {'1', "1"},
	    {'2', "2"},
	    {'3', "3"},
	    {'/', "/"},
	    {'n', "n"},
	    {'N', "N"},
	    {'&', "&"},
	    {'\\', "\\"},
	    {'e', "e"},
	    {'E', "E"},
	    {'{', "{"},
	    {'}', "}"},
	    {'v', "v"},
	    {'R', "R"},
	    {'w', "w"},
	    {'t', "t"},
	    {'m', "m"},
	    {'y', "y"},
	    {'i', "i"},
	    {'z', "z"},
	    {'=', "="},
	    {'B', "B"},
	    {'?', "?"},
	    {'U' & 0x1F, "^U"},
	    {'D' & 0x1F, "^D"},
	    {'L' & 0x1F, "^L"},
	};
	const struct key_binding *t;
	struct key_hint hints[64];
	size_t nr, nr_hints, i, k, a;

	(void)state;
	t = keys_table(&nr);
	nr_hints = keys_all_hints(hints, ARRAY_LEN(hints));
	for (i = 0; i < nr; i++)
		for (a = 0; a < KEY_CODES_MAX && t[i].codes[a]; a++) {
			if (t[i].codes[a] >= KEY_FUNCTION || t[i].codes[a] == '\n')
				continue;
			for (k = 0; k < ARRAY_LEN(named) && named[k].code != t[i].codes[a]; k++)
				;
			assert_true(k < ARRAY_LEN(named));
		}
	for (k = 0; k < ARRAY_LEN(named); k++) {
		for (i = 0; i < nr_hints && !strstr(hints[i].keys, named[k].name); i++)
			;
		if (i == nr_hints)
			fail_msg("help has no key %s", named[k].name);
	}
}

static void ways_out_are_on_every_last_line(void **state)
{
	struct key_hint hints[64];
	int where;

	(void)state;
	for (where = 0; where < KEYS__CONTEXTS; where++) {
		size_t nr = keys_hints((enum key_context)where, KEYS_STEER_RUNS, hints,
			   ARRAY_LEN(hints)),
		       i;
		int always = 0;

		for (i = 0; i < nr; i++)
			always += hints[i].rank == 0;
		assert_int_equal(always, 2);
		assert_int_equal(hints[nr - 1].label[0], 'q');
		assert_int_equal(keys_intent((enum key_context)where, 'q'), INTENT_BACK);
		assert_int_equal(keys_intent((enum key_context)where, '?'), INTENT_HELP);
	}
	assert_int_equal(keys_intent(KEYS_IN_HELP, 'x'), INTENT_NONE);
	assert_int_equal(keys_intent(KEYS_IN_TABLE, ' '), INTENT_TAG);
	assert_int_equal(keys_intent(KEYS_IN_LOG, ' '), INTENT_PAGE_DOWN);
}

/* The keys of the overview, each by itself: none can be lost without being missed here. */
static void the_table_has_all_its_keys(void **state)
{
	static const struct {
		int code;
		enum intent intent;
	} keys[] = {
	    {'1', INTENT_OVERVIEW},
	    {'2', INTENT_GRID},
	    {'3', INTENT_LOG},
	    {'4', INTENT_LINEAGE},
	    {'5', INTENT_TIMELINE},
	    {'6', INTENT_FAILURES},
	    {'j', INTENT_DOWN},
	    {'k', INTENT_UP},
	    {'h', INTENT_LEFT},
	    {'l', INTENT_RIGHT},
	    {'g', INTENT_FIRST},
	    {'G', INTENT_LAST},
	    {'U' & 0x1F, INTENT_HALF_UP},
	    {'D' & 0x1F, INTENT_HALF_DOWN},
	    {'\r', INTENT_OPEN},
	    {0x1B, INTENT_CLOSE},
	    {'q', INTENT_BACK},
	    {'/', INTENT_SEARCH},
	    {'n', INTENT_SEARCH_NEXT},
	    {'N', INTENT_SEARCH_PREV},
	    {'&', INTENT_KEEP},
	    {'\\', INTENT_KEEP},
	    {'f', INTENT_FILTER},
	    {'<', INTENT_SORT_PREV},
	    {'>', INTENT_SORT_NEXT},
	    {'I', INTENT_REVERSE},
	    {' ', INTENT_TAG},
	    {'U', INTENT_UNTAG},
	    {'[', INTENT_PREV_AGENT},
	    {']', INTENT_NEXT_AGENT},
	    {'{', INTENT_PREV_ATTEMPT},
	    {'}', INTENT_NEXT_ATTEMPT},
	    {'\t', INTENT_FOCUS},
	    {'z', INTENT_ZOOM},
	    {'i', INTENT_DETAILS},
	    {'?', INTENT_HELP},
	    {'=', INTENT_FREEZE},
	    {'L' & 0x1F, INTENT_REDRAW},
	    {'M', INTENT_MOUSE},
	    {'B', INTENT_BELL},
	    {'c', INTENT_COPY},
	    {'y', INTENT_PLAIN},
	    {':', INTENT_COMMAND},
	    {'F', INTENT_FOLLOW},
	    {'p', INTENT_PAUSE},
	    {'+', INTENT_MORE_JOBS},
	    {'-', INTENT_FEWER_JOBS},
	    {'s', INTENT_SKIP_WAIT},
	    {'r', INTENT_RETRY},
	    {'x', INTENT_CANCEL},
	    {'X', INTENT_STOP},
	    /* htop's, and the keypad's */
	    {KEY_FN_ENTER, INTENT_OPEN},
	    {FUNCTION(1), INTENT_HELP},
	    {FUNCTION(3), INTENT_SEARCH},
	    {FUNCTION(4), INTENT_KEEP},
	    {FUNCTION(5), INTENT_LINEAGE},
	    {FUNCTION(6), INTENT_SORT_NEXT},
	    {FUNCTION(9), INTENT_CANCEL},
	    {FUNCTION(10), INTENT_BACK},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(keys); i++)
		if (keys_intent(KEYS_IN_TABLE, keys[i].code) != keys[i].intent)
			fail_msg("key %#x does something else, or nothing", (unsigned)keys[i].code);
}

static void every_place_has_keys_of_its_own(void **state)
{
	int where;

	(void)state;
	for (where = 0; where < KEYS__CONTEXTS; where++) {
		const struct view_keys *k = view_keys_of((enum key_context)where);

		assert_non_null(k);
		assert_true(k->move || k->obey);
	}
	assert_int_equal(view_of_name("lineage")->intent, INTENT_LINEAGE);
	assert_int_equal(view_of_intent(INTENT_LOG)->view, VIEW_LOG);
	assert_null(view_of_intent(INTENT_STOP));
	assert_null(view_of_name("nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_key_means_two_things_in_one_place),
	    cmocka_unit_test(keys_that_steer_send_a_verb),
	    cmocka_unit_test(help_lists_all),
	    cmocka_unit_test(ways_out_are_on_every_last_line),
	    cmocka_unit_test(the_table_has_all_its_keys),
	    cmocka_unit_test(every_place_has_keys_of_its_own),
	};
	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
