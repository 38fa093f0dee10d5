/* A role's call in a run that solves: the directory inside the original in which it is conducted
 * like a batch of one row, what it is asked, and what its reply says. */
#ifndef AB_ENGINE_ROLE_H
#define AB_ENGINE_ROLE_H

#include "base/buf.h"
#include "base/err.h"
#include "formats/plan.h"
#include "formats/role_reply.h"
#include "formats/run_reader.h"
#include "policy/solve.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a call stands, and why. */
struct call_look {
	enum solve_call state;
	bool is_draining;
	bool is_cancelled; /* CALL_FAILED: by the operator */
	int exit_code; /* CALL_STOPPED, CALL_FAILED */
	uint32_t n; /* CALL_READ: the attempt whose reply counts */
	char why[1024]; /* CALL_UNREAD, CALL_FAILED, CALL_STOPPED: class and message, or "" */
};

/* `name` is one that solve_call_name makes. What is not there, or cannot be read, is unfinished. */
void role_call_look(const struct batch_dir *original, const char *name, struct call_look *c);

/* The run of `run->batches[0]` asks for its call number k of a role: its directory is made, with the
 * request as its one row. One that is there is completed where a crash left it. */
int role_call_make(const struct run_reader *run, enum solve_role role, uint32_t k, struct err *err);

/* What a call that was read has replied. */
int role_call_reply(const struct batch_dir *original, enum solve_role role, const char *name,
    uint32_t n, struct buf *reply, struct err *err);

/* A planner's reply: for the original, or in later rounds for an extension. -1: it is told back
 * what is wrong. `p` is released by the caller all the same. */
int role_read_plan(const struct run_reader *run, const struct buf *reply, struct plan *p,
    struct err *err);

/* Whether a role's reply can be read; else `why` says what is wrong with it. */
bool role_reply_is_good(const struct run_reader *run, enum solve_role role, const struct buf *reply,
    char *why, size_t size);

/* role_ask.c: appends what call k of a role is told: a request, or the prompt around it. */
int role_ask(const struct run_reader *run, enum solve_role role, uint32_t k, struct buf *out,
    struct err *err);

#endif
