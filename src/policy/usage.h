/* What an attempt used, as its program tells it: tokens, cost, turns, the name of its session. Pure.
 *
 * Programs tell it in one event or line at the end, or in steps whose sum it is; both are read from
 * the same stream (policy/stream.h), and the event that ends a run goes before any sum. Cache tokens
 * are not added: what counts is the main number of each program. */
#ifndef AB_POLICY_USAGE_H
#define AB_POLICY_USAGE_H

#include "base/json_scan.h"
#include "model/profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SESSION_SIZE 128

struct usage {
	double cost_usd; /* < 0: not told */
	int64_t tokens_in, tokens_out, tokens_total, turns; /* NUM_NONE: not told */
	char session[SESSION_SIZE]; /* "": not told. Safe as an argument: it begins with a letter or
				     * digit and holds no blank. */
};

struct usage_reader {
	const struct profile_event *own_session; /* where the profile says it is named, or NULL */
	struct usage told; /* by the event that ends a run */
	struct usage steps; /* the sum over its steps */
	struct usage messages; /* the sum over the model's messages, where nothing better is told */
	char message[SESSION_SIZE]; /* the message counted last: some are told several times */
	struct usage before; /* the sum without it */
	bool in_models; /* in a table of the models that were used */
	bool after_total; /* the line before announced the total */
};

void usage_init(struct usage *u);
void usage_add(struct usage *sum, double cost_usd, int64_t in, int64_t out, int64_t total);
/* Takes off *u what was used before; where less is told than that, it was not told of all. */
void usage_take_off(struct usage *u, const struct usage *before);

void usage_begin(struct usage_reader *r);
void usage_take_document(struct usage_reader *r, struct json doc);
void usage_take_line(struct usage_reader *r, const char *p, size_t n);
/* is_whole: all of the output was read, so that sums are right. */
void usage_end(const struct usage_reader *r, bool is_whole, struct usage *u);

#endif
