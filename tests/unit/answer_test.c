#include "policy/answer.h"
#include "base/xalloc.h"
#include "policy/harvest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The answer that a profile finds in an output; "" for none. Valid until the next call. */
static const char *find(const struct profile_answer *where, const char *output)
{
	struct profile p = {.answer = *where};
	struct answer_finder *finder = answer_finder_new(&p, NULL);
	static char answer[256];
	const char *found;
	struct harvest h;
	struct usage u;

	assert_non_null(finder);
	harvest_begin(&h, finder, false);
	harvest_feed(&h, output, strlen(output));
	found = harvest_end(&h, &u);
	snprintf(answer, sizeof(answer), "%s", found ? found : "");
	harvest_release(&h);
	answer_finder_free(finder);
	return answer;
}

static void text_is_all_but_what_is_skipped(void **state)
{
	const struct {
		struct profile_answer where;
		const char *output, *want;
	} table[] = {
	    {{.way = ANSWER_TEXT}, "\n one\n\ntwo \n\n", " one\n\ntwo"},
	    {{.way = ANSWER_TEXT}, "", ""},
	    {{.way = ANSWER_TEXT}, "\n \n\r\n", ""},
	    {{.way = ANSWER_TEXT}, "\033[1mbold\033[0m\r\n", "bold"},
	    {{.way = ANSWER_TEXT}, "{\"a\": 1}\nis JSON\n", "{\"a\": 1}\nis JSON"},
	    {{.way = ANSWER_TEXT, .skip = (char *)"^Token usage:"},
		"Paris.\nToken usage: 1 input, 2 output\n", "Paris."},
	    {{.way = ANSWER_TEXT, .after = (char *)"^codex$", .until = (char *)"^tokens used"},
		"user\nhi\ncodex\nFirst.\nexec\nls\ncodex\nLast.\nOf all.\ntokens used\n12\n",
		"Last.\nOf all."},
	    /* What never comes leaves all of it. */
	    {{.way = ANSWER_TEXT, .after = (char *)"^codex$"}, "hello\n", "hello"},
	    {{.way = ANSWER_TEXT, .until = (char *)"^--$"}, "a\n--\nb\n--\nc\n", "a"},
	    {{.way = ANSWER_NONE}, "{\"type\":\"result\",\"result\":\"x\"}\ntext\n", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++)
		assert_string_equal(find(&table[i].where, table[i].output), table[i].want);
}

static void an_event_of_the_profiles_own_is_found(void **state)
{
	const struct profile_answer where = {
	    .way = ANSWER_EVENT, .type = (char *)"final", .field = (char *)"data.text"};

	(void)state;
	assert_string_equal(find(&where,
				"{\"type\":\"final\",\"data\":{\"text\":\"old\"}}\n"
				"{\"type\":\"result\",\"result\":\"not this\"}\n"
				"noise\n"
				"{\"type\":\"final\",\"data\":{\"text\":\"new \\u00fc\"}}\n"),
	    "new ü");
	assert_string_equal(find(&where, "{\"type\":\"final\",\"data\":\"text\"}\n"), "");
}

static void a_file_falls_back_on_events(void **state)
{
	const struct profile_answer where = {.way = ANSWER_FILE};

	(void)state;
	assert_string_equal(find(&where,
				"{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\","
				"\"text\":\"said\"}}\n"),
	    "said");
}

/* Half of an answer in an output file would pass for the whole. */
static void a_longer_one_than_is_kept_is_none(void **state)
{
	const struct profile_answer text = {.way = ANSWER_TEXT}, events = {.way = ANSWER_EVENTS};
	char *long_line = xmalloc(ANSWER_MAX / 2 + 2);
	struct profile p = {.answer = text};
	struct answer_finder *finder = answer_finder_new(&p, NULL);
	struct harvest h;
	struct usage u;
	int i;

	(void)state;
	memset(long_line, 'x', ANSWER_MAX / 2);
	memcpy(long_line + ANSWER_MAX / 2, "\n", 2);
	harvest_begin(&h, finder, false);
	for (i = 0; i < 3; i++)
		harvest_feed(&h, long_line, ANSWER_MAX / 2 + 1);
	assert_null(harvest_end(&h, &u));
	harvest_release(&h);
	answer_finder_free(finder);
	free(long_line);
	/* But a short one after it is one. */
	assert_string_equal(find(&events,
				"{\"type\":\"text\",\"text\":\"a\"}\n{\"type\":\"step_start\"}\n"
				"{\"type\":\"text\",\"text\":\"b\"}\n"),
	    "b");
}

static void a_regex_that_does_not_compile_is_refused(void **state)
{
	struct profile p = {.answer = {.way = ANSWER_TEXT, .skip = (char *)"("}};
	struct err err = ERR_INIT;

	(void)state;
	assert_null(answer_finder_new(&p, &err));
	assert_non_null(strstr(err.msg, "cannot compile pattern '('"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_is_all_but_what_is_skipped),
	    cmocka_unit_test(an_event_of_the_profiles_own_is_found),
	    cmocka_unit_test(a_file_falls_back_on_events),
	    cmocka_unit_test(a_longer_one_than_is_kept_is_none),
	    cmocka_unit_test(a_regex_that_does_not_compile_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
