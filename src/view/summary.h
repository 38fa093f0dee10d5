/* A whole run in figures, and the few lines that stay on the terminal when it has ended or was
 * left. */
#ifndef AB_VIEW_SUMMARY_H
#define AB_VIEW_SUMMARY_H

#include "base/buf.h"
#include "base/clock.h"
#include "formats/run_reader.h"

#include <stdbool.h>
#include <stdint.h>

/* One batch of the run. */
struct cycle_sums {
	const struct batch_reader *batch;
	uint32_t agents, done, failed;
	uint32_t healed; /* completed here, after they had not been in an earlier one */
	uint32_t executed; /* agents that started at least once */
	uint64_t attempts;
	int64_t elapsed_ms;
	double cost_usd;
	int64_t tokens_in, tokens_out, turns, tokens;
};

/* Attempts that did not end well and had another behind them in the same batch. */
struct again_sums {
	uint64_t attempts;
	uint32_t agents, done; /* of each batch: whose attempts these were, and completed there */
};

struct run_sums {
	struct merged_row *rows; /* the best outcome of each */
	uint32_t nr_rows;
	uint32_t counts[AGENT__COUNT]; /* of those outcomes */
	uint32_t healed;
	struct cycle_sums *cycles; /* in the run's order */
	size_t nr_cycles; /* batches: branches of a cycle are one each */
	size_t nr_rounds; /* cycles, however many branches they were forked into */
	uint32_t executed, executed_if_all; /* what was run; had every cycle run every row */
	uint64_t attempts;
	struct again_sums again[CLASS__COUNT]; /* by what they ended by */
	int64_t elapsed_ms;
	double cost_usd;
	double cost_left_usd; /* of rows that are not completed */
	int64_t tokens_in, tokens_out, turns, tokens;
	enum run_state state;
};

/* Pointers into `run`, valid until its next refresh. */
void run_sums_init(struct run_sums *s, const struct run_reader *run, struct instant now);
void run_sums_release(struct run_sums *s);
/* Whether the row was brought to its end by a later batch than the first that had it. */
bool row_is_healed(const struct merged_row *row);

/* Milliseconds from its first event to its end, or to now while it runs; nobody's time after a
 * crash. */
int64_t batch_elapsed_ms(const struct batch_reader *r, int64_t now_t);

/* The last element of the CSV's path, clean; "stdin" for "-". */
void view_source_name(const struct run_reader *run, struct buf *out);
/* How many are neither completed nor failed, by what they are; `between` before each. */
void add_others(const struct batch *b, const char *between, struct buf *out);
/* "1 agent", "2 agents". */
const char *plural(uint64_t n);

/* What stays after the screen is left or a follower ends: how the run ended, or that it still runs
 * and how to get back to it. At most 10 failures. */
void view_leaving_text(const struct run_reader *run, struct instant now, struct buf *out);

#endif
