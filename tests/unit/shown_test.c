#include "view/shown.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void states_have_the_words_of_the_screen(void **state)
{
	static const struct {
		struct agent agent;
		const char *word;
	} rows[] = {
	    {{.status = AGENT_PENDING}, "PENDING"},
	    {{.status = AGENT_PENDING, .unmet = 1}, "BLOCKED"},
	    {{.status = AGENT_IN_PROGRESS, .phase = PHASE_RUNNING}, "RUNNING"},
	    {{.status = AGENT_IN_PROGRESS, .phase = PHASE_BACKOFF}, "BACKOFF"},
	    {{.status = AGENT_IN_PROGRESS, .phase = PHASE_VALIDATING}, "VALIDATING"},
	    {{.status = AGENT_COMPLETED}, "COMPLETED"},
	    {{.status = AGENT_FAILED, .class = CLASS_CRASH}, "FAILED"},
	    {{.status = AGENT_FAILED, .class = CLASS_LOST}, "LOST"},
	    {{.status = AGENT_COMPLETED, .class = CLASS_LOST}, "COMPLETED"},
	    {{.status = AGENT_SKIPPED}, "SKIPPED"},
	    {{.status = AGENT_CANCELLED}, "CANCELLED"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(shown_role_word(shown_role(&rows[i].agent)), rows[i].word);
}

static void a_try_counts_what_is_charged_and_what_runs(void **state)
{
	struct attempt none[1] = {{.n = 1}};
	struct attempt charged[1] = {{.n = 1, .has_verdict = true, .charged = true}};
	struct attempt uncharged[1] = {{.n = 1, .has_verdict = true}};

	(void)state;
	assert_int_equal(shown_try(&(struct agent){0}), 0);
	assert_int_equal(shown_try(&(struct agent){.attempts = none, .nr_attempts = 1}), 1);
	assert_int_equal(shown_try(&(struct agent){
			     .attempts = none, .nr_attempts = 1, .charged = 2}),
	    3);
	assert_int_equal(shown_try(&(struct agent){
			     .attempts = charged, .nr_attempts = 1, .charged = 3}),
	    3);
	assert_int_equal(shown_try(&(struct agent){
			     .attempts = uncharged, .nr_attempts = 1, .charged = 2}),
	    3);
}

static void a_group_is_class_and_folded_message(void **state)
{
	struct attempt at[1] = {
	    {.has_verdict = true, .class = CLASS_RATE_LIMIT, .message = "429 for 17"}};
	struct buf out = BUF_INIT;

	(void)state;
	shown_failure_group(&(struct agent){.attempts = at, .nr_attempts = 1}, &out);
	assert_string_equal(out.data, "rate_limit <n> for <n>");
	buf_reset(&out);
	shown_failure_group(&(struct agent){.why = "no trace"}, &out);
	assert_string_equal(out.data, " no trace");
	buf_release(&out);
}

static void colour_is_ended_where_it_began(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	shown_word(ROLE_FAILED, true, &out);
	shown_word(ROLE_FAILED, false, &out);
	assert_string_equal(out.data, "\033[1;31mFAILED\033[mFAILED");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(states_have_the_words_of_the_screen),
	    cmocka_unit_test(a_try_counts_what_is_charged_and_what_runs),
	    cmocka_unit_test(a_group_is_class_and_folded_message),
	    cmocka_unit_test(colour_is_ended_where_it_began),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
