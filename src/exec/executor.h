/* What the conductor needs of whatever runs attempts: the local machine (exec/local.h), Slurm, or
 * the simulator's make-believe one. Every call returns at once; ends are told by callbacks. */
#ifndef AB_EXEC_EXECUTOR_H
#define AB_EXEC_EXECUTOR_H

#include "base/err.h"
#include "formats/record.h"
#include "model/event.h"

#include <stdbool.h>
#include <stdint.h>

struct executor;

/* One process of a batch: the n-th attempt of the agent with index `agent`, or its validation. */
struct attempt_ref {
	uint32_t agent;
	uint32_t n;
	enum record_kind kind;
};

/* What is known of an attempt when a conductor comes to a batch that it did not start. */
enum probe_result {
	PROBE_ALIVE, /* it runs, or its leftovers do; its end will be told like any other */
	PROBE_ENDED, /* with the exit that is returned */
	PROBE_VOID, /* it never ran, and never will: claimed */
	PROBE_UNKNOWN /* no exit record and nothing alive: promise 3 */
};

enum start_result {
	START_OK,
	START_BUSY, /* the machine has no room now (processes, memory, descriptors): try again later */
	START_FAILED /* err says why; the attempt is void */
};

struct executor_ops {
	/* Before the start is journalled: opens what the attempt writes to, writes its task file.
	 * *log_from: where its output will begin. -1: the disk says no. */
	int (*prepare)(struct executor *ex, struct attempt_ref ref, int64_t *log_from,
	    struct err *err);
	/* After the start is on disk. */
	enum start_result (*start)(struct executor *ex, struct attempt_ref ref, struct err *err);
	/* TERM now, KILL after the grace, to everything it started; `now`: KILL at once. Its end is
	 * told as any other. Nothing happens to one that has ended; one that is only prepared (also
	 * after START_BUSY) is given up, and nothing is told. */
	void (*kill)(struct executor *ex, struct attempt_ref ref, enum kill_why why, bool now);
	/* Finds an attempt again. For PROBE_ENDED *exit is filled (message borrowed until the next
	 * call). */
	enum probe_result (*probe)(struct executor *ex, struct attempt_ref ref,
	    struct ev_exit *exit);
	/* Size of the agent's log in bytes; NUM_NONE: there is none. */
	int64_t (*log_size)(struct executor *ex, uint32_t agent);
	void (*free)(struct executor *ex);
};

struct executor {
	const struct executor_ops *ops;
	/* Set by the owner before the first start. `on_end`: the process has ended (its record is
	 * written); called once for each start and each PROBE_ALIVE, never from inside a call above. A
	 * second attempt of the agent may start only after `on_gone`: everything it started is gone. */
	void (*on_end)(void *ctx, struct attempt_ref ref, const struct ev_exit *exit);
	void (*on_gone)(void *ctx, struct attempt_ref ref);
	void *ctx;
};

#endif
