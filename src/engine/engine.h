/* The conductor's process, as its rooms share it: conduct.c sets it up and ends it, loop.c turns,
 * hooks.c answers what engine/conductor.h asks, makers.c what commands, judge and executor ask. Nobody
 * else includes this. */
#ifndef AB_ENGINE_ENGINE_H
#define AB_ENGINE_ENGINE_H

#include "engine/accounts.h"
#include "engine/command.h"
#include "engine/conductor.h"
#include "engine/history.h"
#include "engine/judge.h"
#include "engine/launch.h"
#include "engine/server.h"
#include "engine/shared_gates.h"
#include "engine/siblings.h"
#include "engine/writer.h"
#include "exec/local.h"
#include "formats/run_reader.h"

#include <stdbool.h>
#include <uv.h>

struct engine {
	const struct conduct_opts *opts;
	struct batch_dir dir; /* open before the reader, for the lock */
	struct batch_reader reader;
	struct batch_dir original; /* fd -1 when this batch is the original */
	bool has_reader;
	bool has_told_ready;
	struct options options;
	int lock_fd, run_lock_fd;

	uv_loop_t loop;
	bool has_loop;
	uv_prepare_t prepare;
	uv_timer_t wake, disk_retry;
	uv_poll_t wall;
	int wall_fd; /* a timerfd on the wall clock: it fires after a sleep, too */
	uv_signal_t signals[3];
	unsigned nr_signals_seen;

	struct accounts *accounts;
	struct buf masked[3]; /* message, evidence and answer that were judged last */
	struct command_maker *commands;
	struct pattern_base *patterns; /* that its profiles share */
	struct judge *judge;
	struct history *history;
	struct buf feedback; /* that was asked for last */
	struct executor *ex;
	struct server *server;
	struct shared_gates *gates;
	struct siblings *siblings; /* NULL: the batch is no branch */
	int round_lock_fd; /* while it ends as one of several branches; else -1 */
	bool has_jobs_by_person; /* they are not shared out anew when a branch ends */
	struct writer writer;
	bool has_writer;
	struct conductor conductor;
	bool has_conductor;

	bool is_closing;
	int status; /* exit_status to return */
	struct err err; /* why, where it is EXIT_INTERNAL */
};

/* ---- process.c ---- */

/* A line for logs/log.txt, of the original too. */
void engine_say(struct engine *e, const char *text);
void engine_sayf(struct engine *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Sets the status and returns -1. */
int engine_fail(struct engine *e, int status);
/* Replaces this process by the conductor of another batch, or of a role's call. The run's lock passes
 * over, and where it is held already that one's own (lock_fd; -1: it takes it itself). overrides: as in
 * conduct_opts, or NULL: its options are what its manifest says. Returns on failure, with e->err. */
void engine_become(struct engine *e, const char *path, int lock_fd, const char *overrides);

/* makers.c: makes the command maker, the judge and what these read; and the executor with the control
 * socket and the limits that batches share. -1 with e->err and e->status. */
int engine_init_makers(struct engine *e);
int engine_init_executor(struct engine *e);
/* The patterns that outputs are judged by. -1 with e->err: they cannot be read. */
int engine_load_patterns(struct engine *e);

/* hooks.c: connects the conductor to this engine. */
void engine_init_conductor(struct engine *e);
/* In how many cycles a row has failed before this one. */
uint32_t engine_cycles_failed(void *ctx, const char *id);

/* retry_log.c: what is said of rows that failed before, when their batch begins and has ended, and when
 * one of them starts (a conductor's op) and completes. Nothing of others. */
void engine_say_retrying(struct engine *e);
void engine_say_retried(struct engine *e);
void engine_say_starts(void *ctx, uint32_t agent, uint32_t n);
void engine_say_healed(struct engine *e, uint32_t agent);

/* branches.c: the batch as one of its cycle's branches. All do nothing, or what is done without, where
 * it is none. */
void engine_follow_siblings(struct engine *e);
/* The batch's part of the run's job slots. */
int engine_jobs(const struct engine *e);
/* Whether the run's lock is one that it shares with others. */
bool engine_shares_run(const struct engine *e);
/* Whether its end has announced branches. */
bool engine_has_forked(const struct engine *e);
/* Before conductor_finish: of several that end in the same moment one after the other does, so that
 * exactly one of them is the last. False: it is another one's turn, ask again soon. */
bool engine_may_finish(struct engine *e);
void engine_finish(struct engine *e, struct instant now);

/* next_cycle.c: makes the child that was announced and goes on with it; or the branches, with one of
 * them. Returns on failure, and where each branch has its conductor already. */
void engine_go_on_with_cycle(struct engine *e);

/* loop.c: handles and timers; then uv_run serves turns until the batch ends, with e->status. */
int engine_init_loop(struct engine *e);
void engine_on_flushed(void *ctx, int error);
void engine_close(struct engine *e);

#endif
