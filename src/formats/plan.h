/* A planner's reply -> the tasks CSV of its subtasks.
 *
 * The plan may be a tasks CSV, or JSON: an array of objects, objects one after the other, or an
 * object with such an array as "subtasks", "tasks" or "plan"; with the columns and rules of any tasks
 * file (agent-batch-tasks(5)). It may stand alone, in prose, or inside a ``` fence.
 *
 * Which one counts where there are several: the last one that looks like a plan, even if it turns out
 * to be faulty: what stands before it was an example or a draft. It looks like one when it is a CSV
 * with a column task (or prompt), an object with such an array, or an array in which an object has a
 * key task (or prompt). Objects that stand alone count only where there is none of these, for behind a
 * plan they are examples of its rows; other arrays of objects where there is nothing better. Objects
 * that stand apart from each other are refused, since the last one alone is not what was meant.
 *
 * Nobody looks at a plan before it runs, so that some of what a tasks file only warns of, or takes for a
 * column of one's own, is refused: a column that sounds like one of ours ("dependencies"),
 * {result:ID} of a row that is not there or not waited for, a task without a word, and two rows that
 * write one file at the same time.
 *
 * A row without an id gets its number, as in any tasks file; in an extension numbers go on behind
 * the largest one that is in the run, and the CSV has them written out. */
#ifndef AB_FORMATS_PLAN_H
#define AB_FORMATS_PLAN_H

#include "base/buf.h"
#include "base/err.h"
#include "model/task.h"

#include <stdbool.h>
#include <stddef.h>

/* A row that the run has already. */
struct plan_known {
	const char *id;
	bool is_completed;
};

struct plan_opts {
	const char *cwd; /* what a relative context_path is relative to; NULL: not checked */
	/* Whether a profile of that name exists; NULL: not checked. */
	bool (*has_profile)(void *ctx, const char *name);
	void *profile_ctx;
	/* An extension: its ids must be new, and its rows may depend on those that completed. */
	const struct plan_known *known;
	size_t nr_known;
	/* Warnings as tasks_read_fd gives them; NULL: dropped. */
	void (*warn)(void *ctx, const char *text);
	void *warn_ctx;
};

struct plan {
	struct buf csv; /* the bytes of tasks.csv */
	struct tasks tasks; /* its rows, as tasks_read_text reads them */
};

/* `p` is initialised here, and released by the caller whatever comes back. -1: err says why, with
 * the place ("reply:LINE:COL: what, and what to do"), in words that can be told to the planner; up
 * to a few more faults stand behind the first. */
int plan_read(struct plan *p, const char *reply, size_t len, const struct plan_opts *opts,
    struct err *err);
void plan_release(struct plan *p);

#endif
