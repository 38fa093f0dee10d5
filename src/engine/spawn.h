/* Starting conductors, as processes of their own sessions. */
#ifndef AB_ENGINE_SPAWN_H
#define AB_ENGINE_SPAWN_H

#include "base/err.h"
#include "formats/batch_dir.h"

#include <stdbool.h>

struct conductor_spawn {
	const struct batch_dir *dir;
	const char *overrides; /* the options object's text with what is given anew, or NULL */
	int lock_fd, run_lock_fd; /* held already and handed on, or -1; borrowed */
	bool waits; /* until it holds its locks and has said so */
};

/* 0, or an exit_status with err. */
int conductor_spawn(const struct conductor_spawn *s, struct err *err);

#endif
