#include "policy/usage.h"
#include "model/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct usage read_usage(const char *tail)
{
	struct usage u;

	usage_init(&u);
	usage_extract(&u, tail, strlen(tail));
	return u;
}

static void check_nothing(const char *tail)
{
	struct usage u = read_usage(tail);

	assert_true(u.cost_usd < 0);
	assert_int_equal(u.tokens_in, NUM_NONE);
	assert_int_equal(u.tokens_out, NUM_NONE);
	assert_int_equal(u.turns, NUM_NONE);
	assert_null(u.session);
	assert_null(u.answer);
	usage_release(&u);
}

static void a_result_event_tells_everything(void **state)
{
	struct usage u =
	    read_usage("working\n"
		       "{\"type\":\"result\",\"is_error\":false,\"num_turns\":4,\"result\":"
		       "\"It says \\\"hi\\\"\\n\\u00fc’\",\"session_id\":\"s-1\","
		       "\"total_cost_usd\":0.0455704,\"usage\":{\"input_tokens\":18,"
		       "\"cache_read_input_tokens\":69608,\"output_tokens\":298}}\n"
		       "a line behind it\n");

	(void)state;
	assert_true(u.cost_usd > 0.04557 && u.cost_usd < 0.04558);
	assert_int_equal(u.tokens_in, 18);
	assert_int_equal(u.tokens_out, 298);
	assert_int_equal(u.turns, 4);
	assert_string_equal(u.session, "s-1");
	assert_string_equal(u.answer, "It says \"hi\"\nü’");
	usage_release(&u);
}

static void the_last_result_counts_and_replaces_what_was_there(void **state)
{
	struct usage u = read_usage("{\"type\":\"result\",\"result\":\"old\",\"total_cost_usd\":1,"
				    "\"session_id\":\"a\"}\n");
	static const char tail[] =
	    "{\"type\":\"result\",\"result\":\"old\",\"num_turns\":9}\n"
	    "[{\"type\":\"system\"},{\"type\":\"result\",\"result\":\"new\",\"total_cost_usd\":2}]";

	(void)state;
	usage_extract(&u, tail, sizeof(tail) - 1);
	assert_true(u.cost_usd == 2);
	assert_string_equal(u.answer, "new");
	assert_int_equal(u.turns, NUM_NONE);
	assert_null(u.session);
	usage_release(&u);
}

static void an_error_has_a_cost_but_no_answer(void **state)
{
	struct usage u =
	    read_usage("{\"type\":\"result\",\"is_error\":true,\"result\":\"API Error: "
		       "529\",\"total_cost_usd\":0.5}\n");

	(void)state;
	assert_true(u.cost_usd == 0.5);
	assert_null(u.answer);
	usage_release(&u);
}

static void what_is_no_result_tells_nothing(void **state)
{
	(void)state;
	check_nothing("");
	check_nothing("done\n");
	check_nothing("{\"type\":\"assistant\",\"total_cost_usd\":3}\n");
	check_nothing("x {\"type\":\"result\",\"total_cost_usd\":3}\n");
	check_nothing("{\"type\":\"result\",\"total_cost_usd\":3"); /* cut off */
	check_nothing("{\"type\":\"result\",\"total_cost_usd\":-3,\"num_turns\":\"many\","
		      "\"usage\":{\"input_tokens\":1e99},\"result\":null}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_result_event_tells_everything),
	    cmocka_unit_test(the_last_result_counts_and_replaces_what_was_there),
	    cmocka_unit_test(an_error_has_a_cost_but_no_answer),
	    cmocka_unit_test(what_is_no_result_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
