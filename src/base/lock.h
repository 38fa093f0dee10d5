/* Locks that mean "alive": open-file-description locks (fcntl(2), F_OFD_SETLK). They belong to the
 * open file, not to the process, so they pass over fork and exec with the descriptor and end when
 * its last copy is closed: at the latest when the holder dies.
 *
 * Take the lock first, then read what it guards. Readers ask with lock_is_held and never take it. */
#ifndef AB_BASE_LOCK_H
#define AB_BASE_LOCK_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* Locks byte `at` of the file (which need not be that long) for writing. 0 taken; 1 somebody else
 * holds it; -1 with errno: this file system has no working locks. */
int lock_take(int fd, off_t at);
/* The same beside others that share it, while nobody holds it alone. Of a descriptor that holds it
 * alone it lets the others in; nobody who waits to have it alone gets in between. */
int lock_share(int fd, off_t at);
/* Whether somebody else holds byte `at`; `fd` may be open for reading only. -1 with errno. */
int lock_is_held(int fd, off_t at);
/* Refuses a directory whose file system does not keep exactly the locks used here: with a scratch
 * file taken and asked through two descriptors. The message says what to do. */
int lock_probe(int dirfd, const char *path, struct err *err);

#endif
