/* Fuzz entry for what conductors tell each other of an account: a file that anybody may have
 * written. Whatever the bytes: no crash; what is taken is within bounds, reads back as written, and
 * the gate bears it. */
#include "check.h"
#include "formats/gate_hint.h"
#include "model/batch.h"
#include "policy/gate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_bounds(const struct gate_hint *h)
{
	CHECK(h->state != GATE_CLOSED || h->until_t != NUM_NONE);
	CHECK(h->width == NUM_NONE || h->width >= 1);
	CHECK(h->pace_ms == NUM_NONE || (h->pace_ms >= 1 && h->burst >= 1));
	CHECK(h->nr_lasted <= HINT_LASTED);
	CHECK(strlen(h->by) < sizeof(h->by) && strlen(h->why) < sizeof(h->why));
}

static void check_stable(const struct gate_hint *h)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct gate_hint again;

	gate_hint_format(h, "claude", &once);
	CHECK(gate_hint_parse(once.data, once.len, "claude", &again) == 0);
	gate_hint_format(&again, "claude", &twice);
	CHECK(strcmp(once.data, twice.data) == 0);
	buf_release(&once);
	buf_release(&twice);
}

static void check_gate(const struct gate_hint *h)
{
	const struct instant now = {.wall_ms = 1795262400000, .mono_ms = 5000};
	const struct ev_gate told = {.account = "claude",
	    .state = h->state,
	    .until_t = h->until_t,
	    .width = h->width,
	    .pace_ms = h->pace_ms,
	    .burst = h->burst,
	    .lasted_ms = h->nr_lasted ? h->lasted_ms[0] : NUM_NONE,
	    .nr_lasted = h->nr_lasted ? (int64_t)h->nr_lasted : NUM_NONE,
	    .why = h->why};
	struct account acc = {.name = "claude"};
	struct ev_gate ev;
	int64_t again_m;

	gate_init(&acc.gate);
	if (gate_hinted(&acc, &told, h->t, now, &ev)) {
		gate_set(&acc.gate, &ev, now.wall_ms, now.mono_ms, ev.why);
		CHECK(acc.gate.state != GATE_CLOSED || acc.gate.until_t - now.wall_ms <= 15000);
	}
	(void)gate_lets_start(&acc.gate, now, &again_m);
	CHECK(again_m > now.mono_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	/* A copy of just this length, so that a sanitizer sees a read past the end. */
	char *copy = malloc(n ? n : 1);
	struct gate_hint h;

	CHECK(copy);
	if (n)
		memcpy(copy, data, n);
	if (gate_hint_parse(copy, n, "claude", &h) == 0) {
		check_bounds(&h);
		check_stable(&h);
		check_gate(&h);
	}
	free(copy);
	return 0;
}
