/* Attempts, waits and their ends as cells. */
#include "view/screen/gantt.h"
#include "base/xalloc.h"
#include "model/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CELLS 20
#define NOW 120 /* seconds: cell 12 of 10 s */

static void check(const struct agent *a, int64_t scale_s, const char *want)
{
	struct account acc = {.name = "x"}; /* its gate is open */
	struct pool pool = {.name = "x", .members = &(uint32_t){0}, .nr_members = 1};
	struct batch b = {.accounts = &acc, .nr_accounts = 1, .pools = &pool, .nr_pools = 1};
	char cells[CELLS + 1] = {0};
	struct gantt_row row = {{0, scale_s * 1000, CELLS}, cells};

	gantt_clear(&row);
	gantt_agent(&row, &b, a, NOW * 1000);
	assert_string_equal(cells, want);
}

/* Seconds; 0: not yet. */
struct part {
	int start, end, validating, verdict, wait;
	enum attempt_class class;
};

static uint32_t make(const struct part *parts, size_t nr, struct attempt *out)
{
	size_t i;

	for (i = 0; i < nr && parts[i].class != CLASS__COUNT; i++) {
		const struct part *p = &parts[i];

		out[i] = (struct attempt){
		    .n = (uint32_t)i + 1,
		    .account = "x",
		    .started_t = p->start * INT64_C(1000),
		    .has_ended = p->end > 0,
		    .ended_t = p->end ? p->end * INT64_C(1000) : NUM_NONE,
		    .validating_t = p->validating ? p->validating * INT64_C(1000) : NUM_NONE,
		    .has_verdict = p->verdict > 0,
		    .verdict_t = p->verdict ? p->verdict * INT64_C(1000) : NUM_NONE,
		    .wait_until_t = p->wait ? p->wait * INT64_C(1000) : NUM_NONE,
		    .class = p->class,
		};
	}
	return (uint32_t)i;
}

#define END \
	{ \
		.class = CLASS__COUNT \
	}
#define BAD CLASS_RATE_LIMIT
#define OK CLASS_SUCCESS

static void lives_are_cells(void **state)
{
	static const struct {
		const char *what, *want;
		struct part parts[5];
		enum agent_status status;
		enum agent_phase phase;
		int wait_until, since;
		int64_t scale_s;
	} rows[] = {
	    {"pending", "                    ", {END}, AGENT_PENDING, PHASE_NONE, 0, 0, 10},
	    {"runs", "  ==========        ", {{20, 0, 0, 0, 0, CLASS_NONE}, END}, AGENT_IN_PROGRESS,
		PHASE_RUNNING, 0, 20, 10},
	    {"runs since a second", "            =       ", {{120, 0, 0, 0, 0, CLASS_NONE}, END},
		AGENT_IN_PROGRESS, PHASE_RUNNING, 0, 120, 10},
	    {"failed", "  ===X              ", {{20, 50, 0, 50, 0, BAD}, END}, AGENT_FAILED,
		PHASE_NONE, 0, 50, 10},
	    {"completed", "  ===+              ", {{20, 50, 0, 50, 0, OK}, END}, AGENT_COMPLETED,
		PHASE_NONE, 0, 50, 10},
	    {"validated", "  ===??+            ", {{20, 50, 50, 70, 0, OK}, END}, AGENT_COMPLETED,
		PHASE_NONE, 0, 70, 10},
	    {"vetoed", "  ===??X            ", {{20, 50, 50, 70, 0, CLASS_INVALID}, END},
		AGENT_FAILED, PHASE_NONE, 0, 70, 10},
	    {"validates", "  ===???????        ", {{20, 50, 50, 0, 0, CLASS_NONE}, END},
		AGENT_IN_PROGRESS, PHASE_VALIDATING, 0, 50, 10},
	    {"being judged", "  ==========        ", {{20, 50, 0, 0, 0, CLASS_NONE}, END},
		AGENT_IN_PROGRESS, PHASE_RUNNING, 0, 20, 10},
	    {"retried", "  ===X~~====+       ",
		{{20, 50, 0, 50, 80, BAD}, {80, 120, 0, 120, 0, OK}, END}, AGENT_COMPLETED,
		PHASE_NONE, 0, 120, 10},
	    {"waits", "  ===X~~~~~~...     ", {{20, 50, 0, 50, 150, BAD}, END}, AGENT_IN_PROGRESS,
		PHASE_BACKOFF, 150, 50, 10},
	    {"waits a last second", "  ===X~~~~~~.       ", {{20, 50, 0, 50, 121, BAD}, END},
		AGENT_IN_PROGRESS, PHASE_BACKOFF, 121, 50, 10},
	    {"is overdue", "  ===X~~~~~~        ", {{20, 50, 0, 50, 110, BAD}, END},
		AGENT_IN_PROGRESS, PHASE_BACKOFF, 110, 50, 10},
	    {"failed just now", "  ==========X..     ", {{20, 120, 0, 120, 150, BAD}, END},
		AGENT_IN_PROGRESS, PHASE_BACKOFF, 150, 120, 10},
	    {"cancelled in its wait", "  ===X~~            ", {{20, 50, 0, 50, 150, BAD}, END},
		AGENT_CANCELLED, PHASE_NONE, 0, 80, 10},
	    {"taken up again: no wait was planned", "  ===X  ====+       ",
		{{20, 50, 0, 50, 0, BAD}, {80, 120, 0, 120, 0, OK}, END}, AGENT_COMPLETED,
		PHASE_NONE, 0, 120, 10},
	    /* Shorter than a cell: only the ends stay, and a failure wins. */
	    {"quick ones", "  X~X+              ",
		{{20, 21, 0, 21, 24, BAD}, {24, 28, 0, 28, 40, BAD}, {41, 47, 0, 47, 50, BAD},
		    {50, 57, 0, 57, 0, OK}, END},
		AGENT_COMPLETED, PHASE_NONE, 0, 57, 10},
	    {"failed and completed in one cell", "  X                 ",
		{{20, 21, 0, 21, 24, BAD}, {24, 28, 0, 28, 0, OK}, END}, AGENT_COMPLETED,
		PHASE_NONE, 0, 28, 10},
	    /* 8 s at 10 s a cell, over a border: not widened to a cell. */
	    {"over a border", "    X               ", {{35, 43, 0, 43, 0, BAD}, END}, AGENT_FAILED,
		PHASE_NONE, 0, 43, 10},
	    {"a clock set back", "     X              ", {{80, 50, 0, 50, 0, BAD}, END},
		AGENT_FAILED, PHASE_NONE, 0, 50, 10},
	};
	struct attempt attempts[5];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct agent a = {
		    .status = rows[i].status,
		    .phase = rows[i].phase,
		    .wait_until_t = rows[i].wait_until * INT64_C(1000),
		    .since_t = rows[i].since * INT64_C(1000),
		    .attempts = attempts,
		};

		a.nr_attempts = make(rows[i].parts, ARRAY_LEN(rows[i].parts), attempts);
		print_message("%s\n", rows[i].what);
		check(&a, rows[i].scale_s, rows[i].want);
	}
}

static void what_never_ran_is_nothing(void **state)
{
	struct attempt at[2] = {
	    {.n = 1,
		.started_t = 20000,
		.has_ended = true,
		.ended_t = 60000,
		.how = EXIT_VOID,
		.validating_t = NUM_NONE,
		.wait_until_t = NUM_NONE},
	    {.n = 2,
		.started_t = 80000,
		.has_ended = true,
		.has_verdict = true,
		.ended_t = 110000,
		.verdict_t = 110000,
		.validating_t = NUM_NONE,
		.wait_until_t = NUM_NONE,
		.class = CLASS_SUCCESS},
	};

	(void)state;
	check(&(struct agent){.status = AGENT_COMPLETED, .attempts = at, .nr_attempts = 2}, 10,
	    "        ===+        ");
}

static void only_the_window_is_filled(void **state)
{
	char cells[5] = {0};
	struct gantt_row row = {{100000, 10000, 4}, cells};

	(void)state;
	gantt_clear(&row);
	gantt_span(&row, '=', 0, 120000, false);
	gantt_span(&row, '~', 120000, 990000, false);
	gantt_point(&row, 'X', 99999);
	gantt_point(&row, 'X', 140000);
	assert_string_equal(cells, "==~~");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lives_are_cells),
	    cmocka_unit_test(what_never_ran_is_nothing),
	    cmocka_unit_test(only_the_window_is_filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
