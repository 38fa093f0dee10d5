/* Starting conductors, as processes of their own sessions. */
#ifndef AB_ENGINE_SPAWN_H
#define AB_ENGINE_SPAWN_H

#include "base/err.h"
#include "engine/launch.h"

#include <stdbool.h>

/* The words of the hidden command `conduct` that say what these options say, to be executed by this
 * very program. */
struct conduct_line {
	const char *argv[12]; /* NULL-terminated; texts of the options are borrowed */
	char fds[3][12];
};
void conduct_line_make(struct conduct_line *line, const struct conduct_opts *opts);

struct conductor_spawn {
	const struct batch_dir *dir;
	const char *overrides; /* the options object's text with what is given anew, or NULL */
	int lock_fd, run_lock_fd; /* held already and handed on, or -1; borrowed */
	bool waits; /* until it holds its locks and has said so */
};

/* 0, or an exit_status with err. */
int conductor_spawn(const struct conductor_spawn *s, struct err *err);

#endif
