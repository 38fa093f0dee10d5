/* Which rows the next cycle takes. Pure. */
#ifndef AB_POLICY_RETRY_H
#define AB_POLICY_RETRY_H

#include "model/batch.h"
#include "model/task.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows of an ended batch for the next cycle of the loop, in CSV order: failed, lost and traceless
 * rows, less cancelled ones and those of classes the table excludes (unless `retry_on` names
 * them) and those that are set aside, plus the skipped rows all of whose uncompleted ancestors are in it. `rows` has room for
 * nr_agents; returns how many. `cycles_failed_before(ctx, id)`: in how many earlier cycles of the
 * run the row failed (NULL: none). */
uint32_t retry_select(const struct batch *b, uint32_t retry_on,
    uint32_t (*cycles_failed_before)(void *ctx, const char *id), void *ctx, struct retry_row *rows);

/* Rows whose own failure closed the gate that waits for a person: they run again in this batch when
 * that person acts, by resuming it or opening the gate. Of one account, or of all (ACCOUNT_NONE). To be
 * asked before the gate is opened; `rows` has room for nr_agents. Returns how many. */
uint32_t retry_by_person(const struct batch *b, uint32_t account, uint32_t *rows);

/* What goes beside the batches that the rows are chosen from. */
struct retry_wish {
	uint32_t retry_on;
	uint32_t (*failed_before)(void *ctx, const char *id); /* or NULL */
	void *ctx;
};

/* The same of the siblings that a cycle was forked into, which have the same rows in the same order
 * (at least one): a row that one of them has completed is done, and one that an operator has
 * cancelled in one of them, or that is set aside there, is out; else it is in when one of them alone
 * would have it. */
uint32_t retry_select_of(const struct batch *const *v, size_t nr, const struct retry_wish *wish,
    struct retry_row *rows);

/* Whether each row has completed in one of the siblings. */
bool retry_all_done(const struct batch *const *v, size_t nr);

/* Whether every failed row of the batch failed by a passing cause (and at least one did): then
 * the cycle waits first. `*until_t` is the latest reset that was told, of several keys each row's
 * earliest, or NUM_NONE: the ladder. */
bool retry_must_cool_off(const struct batch *b, int64_t *until_t);
/* When the cycle behind the batch may start: that reset, or the ladder's step for it from now_t on.
 * NUM_NONE: at once. */
int64_t retry_cool_off_until(const struct batch *b, const struct ladder *ladder, int64_t now_t);

#endif
