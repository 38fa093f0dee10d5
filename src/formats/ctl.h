/* The control socket's language, and its client.
 *
 * One connection, one request line, one reply line, both JSON objects:
 *   {"verb":"cancel","ids":["17"],"n":12,"account":"claude","if_status":"in_progress","by":"operator"}
 *   {"ok":true,"message":"2 agents cancelled"}
 * A line is at most CTL_LINE_MAX bytes. */
#ifndef AB_FORMATS_CTL_H
#define AB_FORMATS_CTL_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CTL_LINE_MAX ((size_t)65536)

enum ctl_verb {
	CTL_PAUSE,
	CTL_RESUME,
	CTL_JOBS,
	CTL_CANCEL,
	CTL_RETRY,
	CTL_SKIP_WAIT,
	CTL_GATE, /* the gates as they stand, in the reply's message */
	CTL_GATE_OPEN, /* account */
	CTL_STOP,
	CTL__COUNT
};

struct ctl_request {
	enum ctl_verb verb;
	char **ids; /* malloc'ed with its strings; none: all that the verb can mean */
	size_t nr_ids;
	int64_t n; /* jobs */
	char *account; /* gate open */
	char *if_status; /* refuse unless every id has this status or phase now; NULL: no matter */
	char *by;
};

const char *ctl_verb_name(enum ctl_verb v); /* as typed: "skip-wait", "gate open" */
void ctl_request_release(struct ctl_request *q);
struct ctl_request ctl_request_copy(const struct ctl_request *q);
/* Whether it is said of the run: where several branches of it live, of all of them. */
bool ctl_verb_is_of_run(enum ctl_verb v);
/* From words as typed on the command line or behind ':': `jobs 12`, `cancel 17 18`, `gate open
 * claude`. err names the word that is wrong. */
int ctl_request_from_words(struct ctl_request *q, char *const *words, size_t nr, struct err *err);
void ctl_request_format(const struct ctl_request *q, struct buf *out);
int ctl_request_parse(const char *line, size_t n, struct ctl_request *q, struct err *err);
void ctl_reply_format(bool ok, const char *message, struct buf *out);
int ctl_reply_parse(const char *line, size_t n, bool *ok, struct buf *message, struct err *err);

/* Sends it to the conductor of the batch directory `dirfd` and waits for the reply. 0 done, 1
 * refused or nobody listens (message says which), -1 on errors. Connects through /proc/self/fd, so
 * that the path's length does not matter. */
int ctl_call(int dirfd, const struct ctl_request *q, int timeout_ms, struct buf *message,
    struct err *err);
/* The address of `ctl` in `dirfd` for bind and connect, at most 108 bytes. */
struct sockaddr_un;
void ctl_address(int dirfd, struct sockaddr_un *out);

#endif
