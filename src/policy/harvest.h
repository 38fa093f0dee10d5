/* What an attempt's output holds beside the reason of its end: what it used, and its final answer.
 *
 *   harvest_begin, harvest_feed as often as there are bytes, harvest_end, harvest_release
 *
 * Pure; memory is bounded however much is fed. */
#ifndef AB_POLICY_HARVEST_H
#define AB_POLICY_HARVEST_H

#include "policy/answer.h"
#include "policy/stream.h"
#include "policy/usage.h"

#include <stdbool.h>
#include <stddef.h>

struct harvest {
	struct stream stream;
	struct usage_reader usage;
	struct answer_reader answer;
	bool is_cut;
};

/* is_cut: what is fed is the end of the output only: its first line may be half a line, and sums
 * over it are not believed. The struct must not move until the release. */
void harvest_begin(struct harvest *h, const struct answer_finder *finder, bool is_cut);
/* Before anything is fed: where the profile says the session is named; borrowed until the end. */
void harvest_session_from(struct harvest *h, const struct profile_event *session);
void harvest_feed(struct harvest *h, const char *p, size_t n);
/* Returns the answer, borrowed until the release, or NULL. */
const char *harvest_end(struct harvest *h, struct usage *u);
void harvest_release(struct harvest *h);

/* Whether the end of the output alone would not do for this profile (NULL: none). */
bool harvest_needs_all(const struct profile *p);

#endif
