#include "engine/server.h"
#include "base/xalloc.h"
#include "formats/batch_dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_PEERS 128
#define PEER_MS 10000

struct peer {
	struct server *server;
	struct peer *next;
	uv_pipe_t pipe;
	uv_timer_t timer;
	uv_write_t write;
	struct buf in;
	struct buf out;
	char chunk[4096];
	int open_handles;
	bool is_closing;
};

struct server {
	struct server_opts opts;
	uv_pipe_t pipe;
	struct peer *peers;
};

/* ---- one peer ---------------------------------------------------------------- */

static void on_peer_closed(uv_handle_t *h)
{
	struct peer *p = h->data;
	struct peer **at;

	if (--p->open_handles)
		return;
	for (at = &p->server->peers; *at != p; at = &(*at)->next)
		;
	*at = p->next;
	buf_release(&p->in);
	buf_release(&p->out);
	free(p);
}

static void peer_close(struct peer *p)
{
	if (p->is_closing)
		return;
	p->is_closing = true;
	uv_close((uv_handle_t *)&p->pipe, on_peer_closed);
	uv_close((uv_handle_t *)&p->timer, on_peer_closed);
}

static void on_peer_timer(uv_timer_t *t)
{
	peer_close(t->data);
}

static void on_written(uv_write_t *w, int status)
{
	(void)status; /* the peer went away: so be it */
	peer_close(w->data);
}

static void answer(struct peer *p, bool ok, const char *message)
{
	uv_buf_t b;

	uv_read_stop((uv_stream_t *)&p->pipe);
	ctl_reply_format(ok, message, &p->out);
	b = uv_buf_init(p->out.data, (unsigned)p->out.len);
	p->write.data = p;
	if (uv_write(&p->write, (uv_stream_t *)&p->pipe, &b, 1, on_written) < 0)
		peer_close(p);
}

static void serve_line(struct peer *p, size_t len)
{
	struct buf message = BUF_INIT;
	struct err err = ERR_INIT;
	struct ctl_request q;
	bool ok = false;

	if (ctl_request_parse(p->in.data, len, &q, &err) < 0) {
		answer(p, false, err.msg);
		return;
	}
	p->server->opts.serve(p->server->opts.ctx, &q, &ok, &message);
	answer(p, ok, message.data);
	ctl_request_release(&q);
	buf_release(&message);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *b)
{
	struct peer *p = h->data;

	(void)suggested;
	*b = uv_buf_init(p->chunk, sizeof(p->chunk));
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct peer *p = s->data;
	const char *end;

	if (n < 0) {
		peer_close(p);
		return;
	}
	buf_add(&p->in, b->base, (size_t)n);
	end = memchr(p->in.data, '\n', p->in.len);
	if (end)
		serve_line(p, (size_t)(end - p->in.data));
	else if (p->in.len > CTL_LINE_MAX)
		answer(p, false, "request too long");
}

/* A crowd that says nothing must not keep out who has something to say: the one that has waited
 * longest without a whole request goes. */
static void make_room(struct server *sv)
{
	struct peer *p, *oldest = NULL;
	unsigned nr = 0;

	for (p = sv->peers; p; p = p->next) {
		if (p->is_closing)
			continue;
		nr++;
		if (!p->out.len)
			oldest = p;
	}
	if (nr >= MAX_PEERS && oldest)
		peer_close(oldest);
}

static void on_connection(uv_stream_t *s, int status)
{
	struct server *sv = s->data;
	struct peer *p;

	if (status < 0)
		return;
	make_room(sv);
	p = xcalloc(1, sizeof(*p));
	p->server = sv;
	p->pipe.data = p->timer.data = p;
	buf_init(&p->in);
	buf_init(&p->out);
	uv_pipe_init(sv->opts.loop, &p->pipe, 0);
	uv_timer_init(sv->opts.loop, &p->timer);
	p->open_handles = 2;
	p->next = sv->peers;
	sv->peers = p;
	if (uv_accept(s, (uv_stream_t *)&p->pipe) < 0) {
		peer_close(p);
		return;
	}
	uv_timer_start(&p->timer, on_peer_timer, PEER_MS, 0);
	if (uv_read_start((uv_stream_t *)&p->pipe, on_alloc, on_read) < 0)
		peer_close(p);
}

/* ---- the socket ----------------------------------------------------------------- */

static void on_refused_closed(uv_handle_t *h)
{
	free(h->data);
}

struct server *server_new(const struct server_opts *opts, struct err *err)
{
	struct server *s = xcalloc(1, sizeof(*s));
	struct sockaddr_un addr;
	mode_t old;
	int rc;

	s->opts = *opts;
	ctl_address(opts->dirfd, &addr);
	(void)unlinkat(opts->dirfd, CTL_NAME, 0);
	uv_pipe_init(opts->loop, &s->pipe, 0);
	s->pipe.data = s;
	old = umask(0177);
	rc = uv_pipe_bind(&s->pipe, addr.sun_path);
	umask(old);
	if (rc == 0)
		rc = uv_listen((uv_stream_t *)&s->pipe, 128, on_connection);
	if (rc == 0)
		return s;
	err_set(err, "cannot listen on the control socket: %s", uv_strerror(rc));
	uv_close((uv_handle_t *)&s->pipe, on_refused_closed);
	return NULL;
}

void server_close(struct server *s)
{
	struct peer *p;

	if (!s)
		return;
	(void)unlinkat(s->opts.dirfd, CTL_NAME, 0);
	uv_close((uv_handle_t *)&s->pipe, NULL);
	for (p = s->peers; p; p = p->next)
		if (!p->out.len) /* a reply under way closes by itself */
			peer_close(p);
}

void server_free(struct server *s)
{
	free(s);
}
