/* attempts/<id>.<n>.jsonl: what the shim wrote about one attempt. Append-only; a lock on byte 0
 * means that the attempt's shim is alive.
 *
 *   {"ev":"start","t":..,"m":..,"pid":..,"start":..,"boot":"..","host":"..","shim_pid":..,"shim_start":..}
 *   {"ev":"kill","t":..,"why":"timeout"}             our own TERM, written before it is sent
 *   {"ev":"exit","t":..,"m":..,"code":0,"rss_kb":..,"cpu_ms":..}    or "signal":9
 *   {"ev":"failed","t":..,"errno":2,"message":".."}  it could not be started
 *   {"ev":"left","t":..,"names":".."}                processes the agent left behind, and their end
 *   {"ev":"void","t":..}                             made by whoever resumed: it never ran
 *
 * `start` is the process's start time in clock ticks since boot (proc(5), field 22). */
#ifndef AB_FORMATS_RECORD_H
#define AB_FORMATS_RECORD_H

#include "base/err.h"
#include "model/event.h"

#include <stdbool.h>
#include <stdint.h>

/* Which process of an attempt: the agent itself, or its validation command. */
enum record_kind { RECORD_AGENT, RECORD_VALIDATE };

#define RECORD_NAME_SIZE 288
/* "<id>.<n>.jsonl", "<id>.<n>.validate.jsonl". */
void record_name(const char *id, uint32_t n, enum record_kind kind, char out[RECORD_NAME_SIZE]);

struct record {
	bool is_there; /* the file exists */
	bool is_locked; /* somebody holds it: its shim is alive */
	bool has_start, has_exit, is_void;
	int64_t pid, start_ticks, shim_pid, shim_start_ticks;
	int64_t started_t, started_m;
	char boot[40], host[256];
	enum kill_why killed;
	struct ev_exit exit; /* message points into `message` */
	int64_t exit_t, exit_m;
	char message[512];
	char left[512]; /* names of leftovers, or "" */
};

/* Asks for the lock, then reads (bounded: a record is short; what is unreadable counts as not
 * there). -1 only on a read error other than that the file is missing. */
int record_read(int attempts_fd, const char *name, struct record *r, struct err *err);

/* Claims an attempt that no shim has started: creates the record exclusively with a `void` line, or
 * takes the lock of one that has no start line and adds it. 0 claimed: it never ran, and a late
 * shim will find this and end. 1: a shim is alive, has started it, or it is void already: read. */
int record_claim_void(int attempts_fd, const char *name, int64_t wall_ms, struct err *err);

/* Appends the exit (and why we killed it) that the next reaper saw in place of a killed shim;
 * flushed. */
int record_append_exit(int attempts_fd, const char *name, const struct ev_exit *exit, int64_t t,
    int64_t m, struct err *err);

#endif
