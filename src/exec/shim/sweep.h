/* Going through all that the attempt has started, to end it. */
#ifndef AB_EXEC_SHIM_SWEEP_H
#define AB_EXEC_SHIM_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SWEEP_SEEN_MAX 1024
#define SWEEP_NAMES_SIZE 200

/* "sleep[4711], node[4712]" */
struct sweep_names {
	char text[SWEEP_NAMES_SIZE];
	bool is_cut;
};

/* All zeros at first; the first three fields are the caller's. */
struct sweep {
	/* Names of processes to leave alone, a line each; NULL: leave all alone. They and what they
	 * have started are spared, unless the end of everything was asked for. */
	const char *keep;
	bool spares_nobody;
	bool is_kill; /* KILL; else TERM, once to each */
	struct sweep_names ended, kept; /* who was met, but where nobody is spared */
	size_t nr; /* of the last sweep: processes that are to end and have not yet */
	pid_t seen[SWEEP_SEEN_MAX];
	size_t nr_seen;
};

/* Signals each that is to end. What forks meanwhile may be missed: sweep until none is left. */
size_t sweep_all(struct sweep *w);

/* Who was left behind and what became of it, for the record; "" for nobody. */
#define SWEEP_TEXT_SIZE (2 * SWEEP_NAMES_SIZE + 64)
void sweep_text(const struct sweep *w, char out[SWEEP_TEXT_SIZE]);

#endif
