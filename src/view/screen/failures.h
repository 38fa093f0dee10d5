/* View 6: failed attempts in groups of one class and one folded message, with what has become of
 * their agents since and what happens to them next.
 *
 * Attempts are taken in once, a slice at a time (failures_work), while the view is open; what comes
 * later costs what came. Agents are those of the run (view/run_agents.h): one that failed alike in
 * three cycles is one agent of its group. */
#ifndef AB_VIEW_FAILURES_H
#define AB_VIEW_FAILURES_H

#include "base/map.h"
#include "view/failure_next.h"
#include "view/model.h"
#include "view/text/needle.h"
#include "view/run_agents.h"

#include <stdbool.h>
#include <stdint.h>

/* Kinds that come later share one group for each class: nobody reads more, and output that is
 * hostile must not fill the memory. */
#define FAILURE_KINDS_MAX 1000

/* One agent in one group. */
struct failure {
	uint32_t number; /* of the run */
	struct run_agent at; /* where it failed so last */
	uint32_t attempt; /* index there */
	uint32_t nr; /* attempts that failed so */
	uint32_t group;
	uint32_t next; /* the same agent in another group, or AGENT_NONE */
	int64_t t; /* when it was last judged so */
};

struct failure_group {
	enum attempt_class class;
	char *message; /* folded; owned */
	char *key; /* owned */
	uint32_t nr_agents, nr_attempts;
	int64_t last_t;
	uint32_t roles[ROLE__COUNT]; /* its agents as they stand now */
	enum failure_next next; /* of the worst off whose last failure this is */
};

struct failures {
	bool is_whole_run; /* key C; else the cycle that lives now */
	bool holds; /* rows stay where they are: a key was pressed just now */

	struct failure *v;
	uint32_t nr, cap;
	uint32_t *first; /* by number: its first entry in `v`, or AGENT_NONE */
	uint32_t nr_first;
	struct failure_group *groups;
	uint32_t nr_groups, cap_groups;
	struct map kinds; /* key -> group */
	uint32_t *order; /* of the groups, most agents first */
	uint32_t nr_order;

	struct run_agents *agents; /* borrowed */
	uint32_t made_of; /* its nr_begun then */
	const struct batch_reader *cycle; /* what it was made of where it is no whole run */
	struct failures_batch {
		const struct batch_reader *batch;
		uint64_t events; /* nr_events that were looked at */
		uint32_t *seen; /* by agent: attempts that were looked at */
	} * batches;
	size_t nr_batches, cap_batches;
	size_t at_batch; /* where the scan is */
	uint32_t at_agent;
	bool is_scanning;
	uint64_t counted; /* events of the run that groups were counted at, */
	int counted_code; /* and its exit code then */
	bool is_sorted;

	uint32_t selected; /* a group; AGENT_NONE: the first */
	uint32_t *list; /* entries of the selected group, the last one first */
	uint32_t nr_list;
	uint32_t list_of; /* its group */
	int64_t list_at_ms;
	uint64_t list_counted;
	bool in_agents; /* the lower table has the keys */
	uint32_t at; /* the agent under the cursor there, a number; AGENT_NONE: the first */
	uint32_t top, groups_top;
};

void failures_init(struct failures *f, struct run_agents *agents);
void failures_release(struct failures *f);
/* A little of what is to be taken in. False: nothing is left to do. */
bool failures_work(struct failures *f, const struct view_model *m);
/* How much was taken in, in per cent. */
int failures_percent(const struct failures *f);
void failures_switch_scope(struct failures *f);

/* The selected group and its agents; NULL: there is none. Makes the list where it is not. */
const struct failure_group *failures_selected(struct failures *f, const struct view_model *m);
/* The entry under the cursor: of the lower table, or the last of the group. */
const struct failure *failures_entry(const struct failures *f);
/* By groups, or by agents where they have the keys. */
void failures_move(struct failures *f, int64_t rows);
/* Selects what stands so many rows below the first group, or agent, in sight, and gives it the
 * keys. True: it had them already. */
bool failures_press_group(struct failures *f, uint32_t row);
bool failures_press_agent(struct failures *f, uint32_t row);

/* How an agent stands in the run: what another branch has completed is completed. */
enum style_role failure_fate(const struct agent *a);

/* Goes to the next group, or agent, that shows it (by 1, -1; 0: from where the cursor is). False:
 * none does. */
bool failures_find(struct failures *f, const struct needle *n, int by);
/* Of the selected group, or the one under the cursor: those of the shown batch, malloc'ed. */
uint32_t *failures_agents(const struct failures *f, const struct view_model *m, uint32_t *nr);

/* ---- for painters ------------------------------------------------------- */

const struct batch_reader *failure_batch(const struct failures *f, const struct failure *e);
const struct attempt *failure_attempt(const struct failures *f, const struct failure *e);
/* Which of the charged ones it was: the a of a/b. */
uint32_t failure_try(const struct failures *f, const struct failure *e);
/* The line as the agent printed it, where that is one for people; else the message. */
const char *failure_printed(const struct failures *f, const struct failure *e);

#endif
