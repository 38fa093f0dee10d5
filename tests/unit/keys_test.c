#include "base/xalloc.h"
#include "ui/keys.h"
#include "ui/view_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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
		size_t nr = keys_hints((enum key_context)where, hints, ARRAY_LEN(hints)), i;
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
	    cmocka_unit_test(every_place_has_keys_of_its_own),
	};
	return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
