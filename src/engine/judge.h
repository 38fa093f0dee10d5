/* What an ended attempt amounts to: reads its log, lets policy classify it, and looks
 * whether the output file that was asked for is there and the checks agree that need no program. */
#ifndef AB_ENGINE_JUDGE_H
#define AB_ENGINE_JUDGE_H

#include "base/buf.h"
#include "engine/command.h"
#include "engine/history.h"
#include "formats/batch_dir.h"
#include "model/batch.h"
#include "policy/patterns.h"

struct judge;

struct judge_opts {
	const struct options *options; /* all borrowed */
	const struct batch *batch;
	const struct batch_dir *dir;
	struct command_maker *commands;
	struct pattern_base *patterns; /* that all profiles share; NULL: judge_use comes */
	/* Whether the reply of a role can be read; else `why` (of `size` bytes) says what is wrong.
	 * Asked only where options->role. */
	bool (*reply_is_good)(void *ctx, const struct buf *reply, char *why, size_t size);
	void *ctx;
	struct history *history; /* of the run's earlier batches, or NULL */
};

struct judge *judge_new(const struct judge_opts *opts);
void judge_free(struct judge *j);

/* The patterns that all profiles share, borrowed: to be given before the first judge_attempt. */
void judge_use(struct judge *j, struct pattern_base *patterns);

/* Fills *v; its strings stay until the next call. Reads at most the last 64 KiB of the attempt, and
 * READING_STEP_BYTES more where its profile needs all of the output. False: there is still more to
 * read, *v is not filled, and it is to be called again in another turn. */
bool judge_attempt(struct judge *j, uint32_t agent, const struct attempt *at, struct ev_verdict *v);

#endif
