/* The control socket: one request line, one reply line a connection. Bounded in every way, so that
 * no peer can delay the loop: CTL_LINE_MAX bytes and 10 seconds each, and
 * of a crowd past 128 the one that has kept silent longest goes. */
#ifndef AB_ENGINE_SERVER_H
#define AB_ENGINE_SERVER_H

#include "base/err.h"
#include "formats/ctl.h"

#include <uv.h>

struct server;

struct server_opts {
	uv_loop_t *loop;
	int dirfd; /* of the batch directory */
	void (*serve)(void *ctx, const struct ctl_request *q, bool *ok, struct buf *message);
	void *ctx;
};

/* Listens on `ctl` in the directory, 0600; replaces what a dead conductor left (the batch's lock
 * must be held). NULL with err: a handle is left to be closed by the loop, which is not run here. */
struct server *server_new(const struct server_opts *opts, struct err *err);
/* Stops listening and removes the socket's name. What is connected is closed by the loop. */
void server_close(struct server *s);
/* After the loop has run its closing callbacks. */
void server_free(struct server *s);

#endif
