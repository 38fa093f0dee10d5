/* What an attempt cost and answered, as its program told it at the end of its output. Pure. */
#ifndef AB_POLICY_USAGE_H
#define AB_POLICY_USAGE_H

#include <stddef.h>
#include <stdint.h>

struct usage {
	double cost_usd; /* < 0: not told */
	int64_t tokens_in, tokens_out, turns; /* NUM_NONE: not told */
	char *session, *answer; /* owned; NULL: not told */
};

void usage_init(struct usage *u);
void usage_release(struct usage *u);
/* Replaces *u by what the last terminal result object among the lines tells. */
void usage_extract(struct usage *u, const char *tail, size_t len);

#endif
