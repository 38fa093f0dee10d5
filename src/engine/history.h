/* What the earlier batches of a run say about its rows; read when first asked. */
#ifndef AB_ENGINE_HISTORY_H
#define AB_ENGINE_HISTORY_H

#include "formats/run_reader.h"
#include "policy/budget.h"
#include "policy/usage.h"

#include <stdint.h>

struct history;

/* `path`: the batch being conducted. All others of the run count that do not stem from it: while it
 * is conducted nobody else conducts one of them. */
struct history *history_new(const char *path);
void history_free(struct history *h);
/* Attempts of a row in earlier batches of the run; void ones do not count. */
uint32_t history_attempts(struct history *h, const char *id);
/* The row in the last of those batches that executed it, and that batch; NULL: in none. */
const struct agent *history_last(struct history *h, const char *id, const struct batch_reader **in);
/* In how many of those batches the row failed with this fingerprint (policy/fingerprint.h). */
uint32_t history_failed_alike(struct history *h, const char *id, const char *fingerprint);
/* Adds to *sum what the row's attempts in those batches used with that session of its agent. */
void history_session_use(struct history *h, const char *id, const char *session, struct usage *sum);
/* The gate of that account as the cycle before has left it, one of its batches if there were branches,
 * where it waits for a person; NULL: it does not, or a person has launched this cycle. */
const struct gate *history_closed(struct history *h, const char *account);
/* What the earlier batches cost together. */
struct spent history_spent(struct history *h);

#endif
