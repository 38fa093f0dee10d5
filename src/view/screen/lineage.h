/* View 4: the run as a tree of cycles, and below it what the selected cycle made of its agents.
 *
 * Nothing is computed while the view is not open; while it is, once for each time the journals
 * grew. Agents are named by batch and index, never by pointer: a refresh may move them. */
#ifndef AB_VIEW_LINEAGE_H
#define AB_VIEW_LINEAGE_H

#include "base/buf.h"
#include "view/model.h"
#include "view/run_agents.h"
#include "view/text/needle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One batch of the tree, or a validation behind it. */
struct lineage_cycle {
	const struct batch_reader *batch;
	size_t verdict; /* place of the validation's verdict + 1; 0: it is the batch */
	uint32_t parent; /* place of the parent among all cycles, or AGENT_NONE */
	uint32_t depth; /* 0: the original */
	bool is_last; /* of its parent's children */
	bool has_children;
	uint32_t agents, done, healed, failed, again,
	    left; /* again: failed that had failed before */
	uint32_t by_class[CLASS__COUNT]; /* of the failed */
};

struct lineage {
	struct lineage_cycle *cycles; /* in the order of the tree: children behind their parent */
	size_t nr_cycles, cap_cycles;
	uint32_t *shown; /* cycles that no fold hides */
	size_t nr_shown;
	const struct batch_reader **folded;
	size_t nr_folded, cap_folded;

	const struct batch_reader *selected; /* NULL: the one that lives now */
	size_t selected_verdict; /* as in lineage_cycle */
	bool in_agents; /* the lower table has the keys */
	bool is_whole_run; /* key C: it has each agent once, as its last cycle left it */
	struct run_agents *run_agents; /* borrowed */
	/* Of the selected cycle, by its indexes; or of the run, by its numbers: in the order they are
	 * shown. */
	uint32_t *agents;
	uint32_t nr_agents;
	uint32_t id_columns; /* the longest id among them, filtered out or not */
	uint32_t at; /* the row that is selected there */
	uint32_t top, cycles_top;

	uint32_t totals[ROLE__COUNT], healed; /* of the whole run, while it is shown */
	uint64_t made_of; /* events of all batches that this was made of */
	size_t made_of_batches;
	uint32_t made_for; /* the model's order then */
	const struct batch_reader *agents_of;
};

void lineage_init(struct lineage *l, struct run_agents *run_agents);
void lineage_release(struct lineage *l);
/* Makes it anew where the run, the filter or the selection has changed. */
void lineage_update(struct lineage *l, const struct view_model *m);

/* The selected cycle; never NULL after an update. */
const struct lineage_cycle *lineage_selected(const struct lineage *l);
/* Of a validation: what it found; NULL for a batch. */
const struct solve_verdict *lineage_verdict(const struct lineage_cycle *c,
    const struct run_reader *run);
/* Moves among the cycles, or the agents where they have the keys. */
void lineage_move(struct lineage *l, int64_t rows);
/* Selects the cycle that stands so many rows below the first one in sight. */
void lineage_press(struct lineage *l, uint32_t row);
void lineage_fold(struct lineage *l, bool is_folded);
bool lineage_is_folded(const struct lineage *l, const struct batch_reader *r);
/* Puts the cursor on the next agent that has it (by 1), the one before (-1), or the one that is
 * under it or next (0); all the way round. False: none has it. */
bool lineage_find(struct lineage *l, const struct needle *n, int by);
void lineage_switch_scope(struct lineage *l);
/* The agent of a row of the lower table, and its batch; NULL: no such row. */
const struct batch_reader *lineage_row(const struct lineage *l, uint32_t row, uint32_t *agent);

/* The last earlier batch where the agent failed or left no trace; NULL: it never did. `*agent` is
 * its place there. */
const struct batch_reader *lineage_failed_before(const struct run_reader *run,
    const struct batch_reader *r, const char *id, uint32_t *agent);

#endif
