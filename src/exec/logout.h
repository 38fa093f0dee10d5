/* Whether this machine's session manager ends our processes when the user logs out (systemd-logind:
 * KillUserProcesses in logind.conf, the scope we live in, lingering). */
#ifndef AB_EXEC_LOGOUT_H
#define AB_EXEC_LOGOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum logout_end {
	LOGOUT_SPARES, /* or nothing is known of it */
	LOGOUT_KILLS_SESSION, /* we are in a session that is ended with all in it */
	LOGOUT_KILLS_MANAGER /* we are below the user's manager, which goes with the last session */
};

/* `root`: "" for this machine, else a directory that stands for "/" (tests). `user`: his name. */
enum logout_end logout_ends_us(const char *root, const char *user, uid_t uid);
/* What avoids it: a sentence with the command; NULL for LOGOUT_SPARES. */
const char *logout_advice(enum logout_end e);
/* The same of this process: what logout_ends_us says of who we are. */
enum logout_end logout_ends_me(void);

#endif
