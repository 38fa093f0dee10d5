/* The two places of files that people may read and write: the user's own, which goes first, and the
 * one that came with the program. */
#ifndef AB_EXEC_SHARE_H
#define AB_EXEC_SHARE_H

enum share_place {
	SHARE_USER, /* $XDG_CONFIG_HOME/agent-batch, or ~/.config/agent-batch */
	SHARE_OURS, /* ../share/agent-batch beside the executable */
	SHARE__COUNT
};

/* The path of `name` below it, which need not be there. NULL: there is no home to look in.
 * malloc'ed. */
char *share_path(enum share_place place, const char *name);

#endif
