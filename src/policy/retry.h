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

/* Whether every failed row of the batch failed by a passing cause (and at least one did): then
 * the cycle waits first. `*until_t` is the latest reset that was told, or NUM_NONE: the ladder. */
bool retry_must_cool_off(const struct batch *b, int64_t *until_t);

#endif
