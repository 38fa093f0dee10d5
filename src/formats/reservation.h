/* A name that is taken for a child before anything says so: an empty batch directory whose lock file
 * holds the parent's name, and behind it the name of the branch that the child is to be.
 *
 * The directory is made before the `cycle` event that announces it, for whoever makes it has the
 * name: runs that end in the same second would else announce the same one. A conductor that dies in
 * between leaves it, and the next one of that parent finds it again. It gets its name by a rename
 * that replaces nothing, so that a directory of such a name always says whose it is. */
#ifndef AB_FORMATS_RESERVATION_H
#define AB_FORMATS_RESERVATION_H

#include "base/err.h"
#include "formats/names.h"

#include <stdbool.h>
#include <stdint.h>

/* Whose child it is to be. */
struct reservation {
	const char *batches_dir;
	const char *parent;
	const char *branch; /* or NULL */
};

/* Into `child`: the name that is reserved for it already, else the first that is free, reserved now.
 * Only for who holds the parent's lock. Not flushed. On failure `child` is a name that was free, and
 * nothing is reserved. */
int reservation_take(const struct reservation *r, int64_t wall_ms, char child[NAME_SIZE],
    struct err *err);

/* Gives back what was reserved for children of the parent and not used: the run ended without. */
void reservation_drop(const char *batches_dir, const char *parent);

/* Whether the directory `childfd` without journal and manifest was reserved for another child than
 * that one. What says nothing (a crash of the machine may have taken it) is nobody else's. */
bool reservation_is_foreign(int childfd, const struct reservation *r);

#endif
