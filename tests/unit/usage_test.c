/* Scores what is read of usage and answers against labelled outputs: our own, and those of real
 * programs that lie beside the repository (skipped, saying so, where they are not). */
#include "base/buf.h"
#include "base/file.h"
#include "model/event.h"
#include "policy/harvest.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cJSON.h>
#include <cmocka.h>

#define CORPUS "../shared/corpus"

static const char *text_of(const cJSON *row, const char *key)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItem(row, key));

	return s ? s : "";
}

/* The text in pieces of `step` bytes. */
static void harvest_text(const char *text, size_t step, bool is_cut, struct usage *u, char *answer,
    size_t cap)
{
	struct answer_finder *finder = answer_finder_new(NULL, NULL);
	size_t len = strlen(text), at;
	const char *found;
	struct harvest h;

	harvest_begin(&h, finder, is_cut);
	for (at = 0; at < len; at += step)
		harvest_feed(&h, text + at, len - at < step ? len - at : step);
	found = harvest_end(&h, u);
	snprintf(answer, cap, "%s", found ? found : "");
	harvest_release(&h);
	answer_finder_free(finder);
}

/* ---- tables ------------------------------------------------------------- */

static bool is_count(const cJSON *row, const char *key, int64_t got)
{
	const cJSON *want = cJSON_GetObjectItem(row, key);
	bool is_right = cJSON_IsNumber(want) ? (double)got == want->valuedouble : got == NUM_NONE;

	if (!is_right)
		print_error("  %s: %lld\n", key, (long long)got);
	return is_right;
}

static bool is_cost(const cJSON *row, double got)
{
	const cJSON *want = cJSON_GetObjectItem(row, "cost_usd");
	bool is_right = cJSON_IsNumber(want) ? fabs(got - want->valuedouble) < 1e-9 : got < 0;

	if (!is_right)
		print_error("  cost_usd: %g\n", got);
	return is_right;
}

static bool is_text(const cJSON *row, const char *key, const char *got)
{
	bool is_right = !cJSON_HasObjectItem(row, key) || strcmp(text_of(row, key), got) == 0;

	if (!is_right)
		print_error("  %s: '%s'\n", key, got);
	return is_right;
}

static bool is_right(const cJSON *row, size_t step)
{
	char answer[1024];
	struct usage u;
	bool good = true;

	harvest_text(text_of(row, "sample"), step, false, &u, answer, sizeof(answer));
	good = is_count(row, "input_tokens", u.tokens_in) && good;
	good = is_count(row, "output_tokens", u.tokens_out) && good;
	good = is_count(row, "total_tokens", u.tokens_total) && good;
	good = is_count(row, "turns", u.turns) && good;
	good = is_cost(row, u.cost_usd) && good;
	good = is_text(row, "session_id", u.session) && good;
	good = is_text(row, "answer", answer) && good;
	if (!good)
		print_error("%s: %s%s (in pieces of %zu)\n", text_of(row, "agent"),
		    text_of(row, "flags"), text_of(row, "about"), step);
	return good;
}

static void check_file(const char *dir, const char *name)
{
	static const size_t steps[] = {1 << 20, 7, 1};
	struct buf text = BUF_INIT;
	unsigned nr = 0, right = 0;
	char *line, *end;
	int dirfd = dir_open(dir, NULL);

	if (dirfd < 0) {
		print_message("no %s here\n", dir);
		skip();
	}
	assert_int_equal(file_read(dirfd, name, 64 << 20, &text, NULL), 0);
	close(dirfd);
	for (line = text.data; *line; line = end + 1) {
		bool good = true;
		cJSON *row;
		size_t i;

		end = line + strcspn(line, "\n");
		*end = '\0';
		row = cJSON_Parse(line);
		assert_non_null(row);
		for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
			good = is_right(row, steps[i]) && good;
		nr++;
		right += good;
		cJSON_Delete(row);
	}
	buf_release(&text);
	printf("# %s: %u of %u right\n", name, right, nr);
	assert_true(nr > 20);
	assert_int_equal(right, nr);
}

static void our_own_outputs_are_read(void **state)
{
	(void)state;
	check_file("tests/fixtures", "usage.jsonl");
}

static void outputs_of_real_programs_are_read(void **state)
{
	(void)state;
	check_file(CORPUS, "usage-formats.jsonl");
}

/* ---- ends alone --------------------------------------------------------- */

#define STEP \
	"{\"type\":\"step_finish\",\"sessionID\":\"s\",\"part\":{\"cost\":1,\"tokens\":{" \
	"\"input\":5,\"output\":6}}}\n"

static void sums_over_an_end_are_not_believed(void **state)
{
	char answer[64];
	struct usage u;

	(void)state;
	harvest_text("rest of a line}\n" STEP, 100, true, &u, answer, sizeof(answer));
	assert_int_equal(u.tokens_in, NUM_NONE);
	assert_true(u.cost_usd < 0);
	assert_string_equal(u.session, "s");
}

static void half_a_line_is_no_event(void **state)
{
	char answer[64];
	struct usage u;

	(void)state;
	/* What stands inside a longer event may look like one of its own. */
	harvest_text("{\"type\":\"result\",\"result\":\"planted\",\"num_turns\":9}\nend\n", 100,
	    true, &u, answer, sizeof(answer));
	assert_string_equal(answer, "");
	assert_int_equal(u.turns, NUM_NONE);
}

static void the_last_result_replaces_what_was_there(void **state)
{
	char answer[64];
	struct usage u;

	(void)state;
	harvest_text("{\"type\":\"result\",\"result\":\"old\",\"num_turns\":9,\"session_id\":\"a\"}"
		     "\n"
		     "[{\"type\":\"system\"},{\"type\":\"result\",\"result\":\"new\","
		     "\"total_cost_usd\":2}]",
	    100, false, &u, answer, sizeof(answer));
	assert_true(u.cost_usd == 2);
	assert_string_equal(answer, "new");
	assert_int_equal(u.turns, NUM_NONE);
}

/* ---- bounds ------------------------------------------------------------- */

/* More than is held of a line, then an honest end. */
static void a_line_without_an_end_costs_little(void **state)
{
	struct answer_finder *finder = answer_finder_new(NULL, NULL);
	static char chunk[65536];
	static const char result[] =
	    "\n{\"type\":\"result\",\"result\":\"here\",\"num_turns\":2}\n";
	struct harvest h;
	struct usage u;
	size_t i;

	(void)state;
	memset(chunk, '[', sizeof(chunk));
	harvest_begin(&h, finder, false);
	for (i = 0; i < 200; i++) {
		harvest_feed(&h, chunk, sizeof(chunk));
		assert_true(h.stream.held.cap <= 4 * STREAM_MAX_PIECE);
	}
	harvest_feed(&h, result, sizeof(result) - 1);
	assert_string_equal(harvest_end(&h, &u), "here");
	assert_int_equal(u.turns, 2);
	harvest_release(&h);
	answer_finder_free(finder);
}

static void a_document_without_an_end_hides_nothing(void **state)
{
	struct answer_finder *finder = answer_finder_new(NULL, NULL);
	static const char result[] = "{\"type\":\"result\",\"result\":\"here\"}\n";
	struct harvest h;
	struct usage u;
	size_t i;

	(void)state;
	harvest_begin(&h, finder, false);
	for (i = 0; i < 100; i++)
		harvest_feed(&h, "{\n \"open\": [\n", 14);
	for (i = 0; i < 100000; i++)
		harvest_feed(&h, "  1234567890123456789,\n", 23);
	assert_true(h.stream.held.cap <= 4 * STREAM_MAX_PIECE);
	harvest_feed(&h, result, sizeof(result) - 1);
	assert_string_equal(harvest_end(&h, &u), "here");
	harvest_release(&h);
	answer_finder_free(finder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(our_own_outputs_are_read),
	    cmocka_unit_test(outputs_of_real_programs_are_read),
	    cmocka_unit_test(sums_over_an_end_are_not_believed),
	    cmocka_unit_test(half_a_line_is_no_event),
	    cmocka_unit_test(the_last_result_replaces_what_was_there),
	    cmocka_unit_test(a_line_without_an_end_costs_little),
	    cmocka_unit_test(a_document_without_an_end_hides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
