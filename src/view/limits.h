/* What the limits of accounts ask of whoever looks. */
#ifndef AB_VIEW_LIMITS_H
#define AB_VIEW_LIMITS_H

#include "base/buf.h"
#include "model/batch.h"

#include <stdbool.h>

/* A declared account of a pool that needs a person: others may have done all its work, so that
 * nothing else tells that it is of no use. */
bool limits_is_lost_member(const struct batch *b, const struct account *acc);
/* The first account that needs a person and counts, or NULL; *nr, unless NULL, counts them. */
const struct account *limits_person(const struct batch *b, uint32_t *nr);
/* "agent-batch ctl batch-... gate open claude/work", for when it is put right. `batch`: its name, or
 * NULL: the newest. */
void limits_add_open(const struct account *acc, const char *batch, struct buf *out);
/* ": 401 invalid x-api-key", or nothing. */
void limits_add_why(const struct account *acc, struct buf *out);

#endif
