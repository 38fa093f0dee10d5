/* Slots in use: means of cells, taken in all at once or little by little. */
#include "view/screen/job_use.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define AGENTS 40

struct world {
	struct batch_reader r;
	struct agent agents[AGENTS];
	struct attempt attempts[AGENTS][2];
};

static void start(struct world *w, uint32_t agent, int64_t t)
{
	struct agent *a = &w->agents[agent];

	a->attempts = w->attempts[agent];
	a->attempts[a->nr_attempts++] = (struct attempt){
	    .started_t = t, .ended_t = NUM_NONE, .verdict_t = NUM_NONE, .validating_t = NUM_NONE};
	w->r.state.nr_events++;
}

static void end(struct world *w, uint32_t agent, int64_t t)
{
	struct attempt *at = &w->attempts[agent][w->agents[agent].nr_attempts - 1];

	at->has_ended = at->has_verdict = true;
	at->ended_t = at->verdict_t = t;
	w->r.state.nr_events += 2;
}

static struct world *new_world(void)
{
	struct world *w = xcalloc(1, sizeof(*w));

	w->r.state.agents = w->agents;
	w->r.state.nr_agents = AGENTS;
	return w;
}

static void check(struct job_use *u, int64_t now_t, const char *want)
{
	struct time_axis x = {.from_t = 0, .scale_ms = 10000, .cells = 8};
	uint32_t cells[8];
	char got[9] = {0};
	int i;

	job_use_cells(u, &x, now_t, cells);
	for (i = 0; i < 8; i++)
		got[i] = (char)(cells[i] == JOB_USE_NONE ? '-' : '0' + cells[i]);
	assert_string_equal(got, want);
}

static void cells_hold_the_mean(void **state)
{
	struct world *w = new_world();
	struct job_use u;

	(void)state;
	job_use_init(&u);
	check(&u, 80000, "--------");
	start(w, 0, 20000);
	job_use_add(&u, &w->r);
	check(&u, 50000, "--111---");
	start(w, 1, 24000);
	end(w, 0, 46000);
	job_use_add(&u, &w->r);
	/* 10 + 6 of 10 s; all of both; 6 + 10. */
	check(&u, 50000, "--222---");
	end(w, 1, 63000);
	job_use_add(&u, &w->r);
	check(&u, 80000, "--222100");
	/* Half a cell of now is measured by itself. */
	start(w, 2, 70000);
	job_use_add(&u, &w->r);
	check(&u, 72000, "--222101");
	job_use_release(&u);
	free(w);
}

static void order_does_not_matter(void **state)
{
	struct world *w = new_world();
	struct job_use all, bits;
	struct time_axis x = {.from_t = 0, .scale_ms = 7000, .cells = 60};
	uint32_t a[60], b[60], i;
	unsigned seed = 7;

	(void)state;
	job_use_init(&all);
	job_use_init(&bits);
	for (i = 0; i < AGENTS; i++) {
		seed = seed * 1103515245 + 12345;
		start(w, i, seed / 65536 % 300000);
		job_use_add(&bits, &w->r);
		end(w, i, w->attempts[i][0].started_t + seed / 65536 % 90000);
		if (i % 3 == 0)
			job_use_add(&bits, &w->r);
	}
	job_use_add(&all, &w->r);
	job_use_add(&bits, &w->r);
	job_use_cells(&all, &x, 400000, a);
	job_use_cells(&bits, &x, 400000, b);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(all.starts.nr, AGENTS);
	assert_int_equal(all.ends.nr, AGENTS);
	job_use_release(&all);
	job_use_release(&bits);
	free(w);
}

static void validation_holds_its_slot_and_what_never_ran_none(void **state)
{
	struct world *w = new_world();
	struct job_use u;

	(void)state;
	job_use_init(&u);
	start(w, 0, 0);
	w->attempts[0][0].has_ended = true;
	w->attempts[0][0].ended_t = 20000;
	w->attempts[0][0].validating_t = 20000;
	job_use_add(&u, &w->r);
	check(&u, 40000, "1111----");
	w->attempts[0][0].has_verdict = true;
	w->attempts[0][0].verdict_t = 30000;
	start(w, 1, 50000);
	w->attempts[1][0].has_ended = true;
	w->attempts[1][0].how = EXIT_VOID;
	w->attempts[1][0].ended_t = 70000;
	job_use_add(&u, &w->r);
	check(&u, 80000, "11100000");
	job_use_release(&u);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(cells_hold_the_mean),
	    cmocka_unit_test(order_does_not_matter),
	    cmocka_unit_test(validation_holds_its_slot_and_what_never_ran_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
