/* The accounts of a run as its conductor has them: what config.json declares, read when the
 * conductor begins, and the values, read anew before every start.
 *
 * A batch keeps only the names. So whoever conducts it, after an exec for the next cycle or by a
 * resume from another shell, reads the same config.json and takes the values from its own
 * environment and the files; where something is missing, that account waits for a person. */
#ifndef AB_ENGINE_ACCOUNTS_H
#define AB_ENGINE_ACCOUNTS_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/fill.h"

struct accounts;

struct accounts *accounts_new(void);
void accounts_free(struct accounts *a);

/* Reads the values of "profile/name" for the starts that come. -1: it is not declared (any more), or
 * a value cannot be had; what was read before stays for the starts that are on their way. */
int accounts_take(struct accounts *a, const char *name, struct err *err);
/* Takes what any account of the pool sets or is taken from out of an environment. */
void accounts_hide(const struct accounts *a, const char *pool, struct argv *env);
/* Puts in what the account sets. */
void accounts_fill(const struct accounts *a, const char *name, struct argv *env);
/* The text, with "***" in place of the account's secrets where it holds any: then a copy in `room`.
 * What an agent says of its key is not journalled as it stands. NULL stays. */
const char *accounts_mask(struct accounts *a, const char *name, const char *text, struct buf *room);
/* Appends what tells the account apart from another one of its name (not its values). */
void accounts_identity(const struct accounts *a, const char *name, struct buf *out);

#endif
