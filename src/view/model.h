/* What every screen and printer shows of a run, computed from what run_reader folded: the order of
 * the agents, counts, totals of the run, an estimate of its end.
 *
 * view_model_init, then view_model_update whenever the reader was refreshed or time went on, then
 * read. An update costs a few linear passes when the journal grew, and nothing that depends on the
 * number of agents when it did not. Cells of a row (view/row.h) are computed only for rows that are seen. Reads no clock: `now` is handed in. */
#ifndef AB_VIEW_MODEL_H
#define AB_VIEW_MODEL_H

#include "base/clock.h"
#include "formats/run_reader.h"
#include "view/row_filter.h"
#include "view/row_order.h"
#include "view/shown.h"
#include "view/tags.h"

#include <stdbool.h>
#include <stdint.h>

/* Key f: which states are rows. */
enum view_filter {
	VF_ALL,
	VF_ACTIVE, /* running, validating */
	VF_WAITING, /* backoff, pending, blocked */
	VF_FAILED, /* failed, lost, cancelled, skipped */
	VF_DONE,
	VF__COUNT
};
const char *view_filter_word(enum view_filter f); /* "all", "active", ... */
bool view_filter_takes(enum view_filter f, enum style_role role);

/* The run as a whole. */
struct view_totals {
	uint32_t agents; /* rows of the original, with later additions */
	uint32_t done; /* completed in any cycle */
	uint32_t healed; /* done that had failed in an earlier cycle */
	uint32_t left;
	int64_t started_t; /* of the first batch, or NUM_NONE */
	int64_t ended_t; /* of the last one when the run has ended, else NUM_NONE */
};

/* When it may be over, from the quartiles of the durations so far. */
struct view_eta {
	bool is_known;
	int64_t ms, low_ms, high_ms;
};

struct view_cycle_cache;
struct blockers;
struct dir_turns;

struct view_model {
	const struct run_reader *run; /* borrowed */
	const struct batch_reader *shown; /* the batch whose agents are the rows */
	uint32_t shown_agents; /* how many it had: a plan brings rows */
	struct instant now;
	const char *boot; /* of this machine; monotonic times of other boots mean nothing */
	enum run_state state; /* of the run */
	int exit_code; /* -1 while it runs */
	uint32_t counts[ROLE__COUNT]; /* agents of `shown` by the state they are shown in */
	struct view_totals totals;
	struct view_eta eta;
	/* Set by the caller: this batch is shown; NULL: the last. */
	const struct batch_reader *pinned;
	/* Set by the caller, who then counts `order` on: the next update makes the rows anew. */
	enum view_filter filter;
	struct row_filter words;
	enum view_sort sort;
	bool is_reversed;
	uint32_t order;
	struct tags tags;
	uint32_t *rows; /* indexes of agents, in order */
	uint32_t nr_rows;
	uint32_t *places; /* agent -> its row, or AGENT_NONE when it is filtered out */
	uint32_t id_columns; /* the longest id of the shown batch */
	uint32_t try_columns; /* the widest "a/b" */

	uint32_t sorted_order; /* `order` then */
	uint32_t *id_ranks; /* place of each agent by its id */
	const struct batch_reader *id_ranks_of;
	uint64_t sorted_events; /* nr_events of `shown` that rows are made of */
	int64_t eta_at_ms;
	uint32_t cap_rows;
	struct blockers *blockers; /* of `shown`, made when they are asked for */
	struct dir_turns *dir_turns; /* the same */
	struct view_cycle_cache *cycles; /* one for each batch of the run */
	size_t nr_cycles, cap_cycles;
};

/* `boot`: clock_boot_id where `now` is this machine's clock, borrowed; NULL where it is a moment
 * given by hand: then only times of day count. */
void view_model_init(struct view_model *m, const struct run_reader *run, const char *boot);
void view_model_release(struct view_model *m);
/* keep_order: rows stay where they are (their states go on), unless the batch is another one. */
void view_model_update(struct view_model *m, struct instant now, bool keep_order);

/* Who takes verbs now: the call of a role while one is at work, else the shown batch. */
const struct batch_reader *view_listener(const struct view_model *m);

/* Whether both filters let it be a row. */
bool view_model_takes(const struct view_model *m, const struct batch_reader *r, uint32_t agent);

/* Failed there, or left no trace: what a later cycle is to heal. AGENT_NONE: false. */
bool view_had_failed(const struct batch *b, uint32_t agent);

const struct agent *view_agent(const struct view_model *m, uint32_t agent);
/* Milliseconds since the attempt began; never negative. */
int64_t view_ran(const struct view_model *m, const struct attempt *at);
/* What is left of a backoff or of an account's gate, whichever ends later: milliseconds, 0 when it
 * is due, or NUM_NONE where only a person ends it. */
int64_t view_wait_left(const struct view_model *m, const struct agent *a);
/* The same in a batch that is not the shown one. */
int64_t view_wait_left_in(const struct view_model *m, const struct batch *b, const struct agent *a);
int64_t view_gate_left(const struct view_model *m, const struct account *acc);
/* The soonest end of a backoff in the shown batch, or NUM_NONE. */
int64_t view_next_event_left(const struct view_model *m);

#endif
