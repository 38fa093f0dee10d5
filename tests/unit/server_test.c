#include "engine/server.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "formats/batch_dir.h"
#include "temp_dir.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define DEADLINE_MS 10000
#define PAUSE "{\"verb\":\"pause\"}\n"

struct scene {
	struct temp_dir dir;
	uv_loop_t loop;
	uv_timer_t tick; /* so that the loop comes round */
	struct server *server;
	unsigned nr_served;
	enum ctl_verb last;
};

static void serve(void *ctx, const struct ctl_request *q, bool *ok, struct buf *message)
{
	struct scene *s = ctx;

	s->nr_served++;
	s->last = q->verb;
	*ok = true;
	buf_str(message, "done");
}

static void on_tick(uv_timer_t *t)
{
	(void)t;
}

static void open_server(struct scene *s)
{
	const struct server_opts opts = {
	    .loop = &s->loop, .dirfd = s->dir.fd, .serve = serve, .ctx = s};
	struct err err = ERR_INIT;

	s->server = server_new(&opts, &err);
	if (!s->server)
		fail_msg("%s", err.msg);
}

static void open_scene(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(temp_dir_make(&s->dir), 0);
	assert_int_equal(uv_loop_init(&s->loop), 0);
	uv_timer_init(&s->loop, &s->tick);
	uv_timer_start(&s->tick, on_tick, 1, 1);
	open_server(s);
}

/* Every handle must be gone then: a peer that is forgotten fails here. */
static void close_scene(struct scene *s)
{
	server_close(s->server);
	uv_close((uv_handle_t *)&s->tick, NULL);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	server_free(s->server);
	assert_int_equal(uv_loop_close(&s->loop), 0);
	assert_false(temp_dir_has(&s->dir, CTL_NAME));
	temp_dir_remove(&s->dir);
}

static int join(const struct scene *s)
{
	struct sockaddr_un addr;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ctl_address(s->dir.fd, &addr);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

/* Sends all of it and reads until the server closes; the loop runs meanwhile. */
static void talk(struct scene *s, int fd, const char *text, size_t len, struct buf *reply)
{
	int64_t deadline = clock_now().mono_ms + DEADLINE_MS;
	size_t sent = 0;

	for (;;) {
		char chunk[512];
		ssize_t n;

		assert_true(clock_now().mono_ms < deadline);
		n = sent < len ? send(fd, text + sent, len - sent, MSG_NOSIGNAL) : 0;
		if (n > 0)
			sent += (size_t)n;
		uv_run(&s->loop, UV_RUN_ONCE);
		n = recv(fd, chunk, sizeof(chunk), 0);
		if (n > 0)
			buf_add(reply, chunk, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return;
	}
}

static bool is_ok(const struct buf *reply)
{
	struct buf message = BUF_INIT;
	struct err err = ERR_INIT;
	bool ok = false;

	if (reply->len == 0 || reply->data[reply->len - 1] != '\n')
		fail_msg("no whole reply: '%s'", reply->len ? reply->data : "");
	assert_int_equal(ctl_reply_parse(reply->data, reply->len - 1, &ok, &message, &err), 0);
	buf_release(&message);
	return ok;
}

static bool asks(struct scene *s, const char *text, size_t len)
{
	struct buf reply = BUF_INIT;
	int fd = join(s);
	bool ok;

	talk(s, fd, text, len, &reply);
	close(fd);
	ok = is_ok(&reply);
	buf_release(&reply);
	return ok;
}

static void one_line_in_one_line_out(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_true(asks(&s, PAUSE, strlen(PAUSE)));
	assert_int_equal(s.nr_served, 1);
	assert_int_equal(s.last, CTL_PAUSE);
	close_scene(&s);
}

static void a_request_may_come_byte_by_byte(void **state)
{
	static const char text[] = PAUSE;
	struct scene s;
	struct buf reply = BUF_INIT;
	size_t i;
	int fd;

	(void)state;
	open_scene(&s);
	fd = join(&s);
	for (i = 0; i + 2 < sizeof(text); i++) {
		assert_int_equal(send(fd, text + i, 1, MSG_NOSIGNAL), 1);
		uv_run(&s.loop, UV_RUN_ONCE);
		assert_int_equal(s.nr_served, 0);
	}
	talk(&s, fd, "\n", 1, &reply);
	assert_true(is_ok(&reply));
	buf_release(&reply);
	close(fd);
	close_scene(&s);
}

/* What comes behind the first line is nobody's. */
static void one_request_a_connection(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_true(asks(&s, PAUSE PAUSE PAUSE, strlen(PAUSE PAUSE PAUSE)));
	assert_int_equal(s.nr_served, 1);
	close_scene(&s);
}

static void x8_garbage_is_refused(void **state)
{
	static const char *const garbage[] = {"\n", "hello\n", "{\"verb\":\"explode\"}\n",
	    "{\"verb\":\n", "[[[[[[[[[[[[[[[[[[\n", "\x80\xff\xfe\n", "{\"verb\":\"jobs\"}\n"};
	struct scene s;
	size_t i;

	(void)state;
	open_scene(&s);
	for (i = 0; i < ARRAY_LEN(garbage); i++)
		assert_false(asks(&s, garbage[i], strlen(garbage[i])));
	assert_false(asks(&s, "a\0b\n", 4));
	assert_int_equal(s.nr_served, 0);
	assert_true(asks(&s, PAUSE, strlen(PAUSE)));
	close_scene(&s);
}

static void x8_a_megabyte_without_newline_ends_early(void **state)
{
	struct scene s;
	struct buf reply = BUF_INIT;
	size_t len = (size_t)1 << 20;
	char *text = malloc(len);
	int fd;

	(void)state;
	memset(text, 'a', len);
	open_scene(&s);
	fd = join(&s);
	talk(&s, fd, text, len, &reply); /* until it is closed: far before the end */
	assert_int_equal(s.nr_served, 0);
	close(fd);
	assert_true(asks(&s, PAUSE, strlen(PAUSE)));
	free(text);
	buf_release(&reply);
	close_scene(&s);
}

static void x8_who_hangs_delays_nobody(void **state)
{
	struct scene s;
	int silent, half;

	(void)state;
	open_scene(&s);
	silent = join(&s);
	half = join(&s);
	assert_int_equal(send(half, "{\"verb\"", 7, MSG_NOSIGNAL), 7);
	assert_true(asks(&s, PAUSE, strlen(PAUSE)));
	assert_int_equal(s.nr_served, 1);
	/* The end of the batch does not wait for them either. */
	close_scene(&s);
	close(silent);
	close(half);
}

static void a_peer_that_leaves_is_forgotten(void **state)
{
	struct scene s;
	int i;

	(void)state;
	open_scene(&s);
	for (i = 0; i < 200; i++) {
		int fd = join(&s);

		assert_int_equal(send(fd, PAUSE, i % 2 ? strlen(PAUSE) : 3, MSG_NOSIGNAL),
		    i % 2 ? (ssize_t)strlen(PAUSE) : 3);
		close(fd);
		uv_run(&s.loop, UV_RUN_ONCE);
	}
	assert_true(asks(&s, PAUSE, strlen(PAUSE)));
	close_scene(&s);
}

/* 200 at once that say nothing: above the bound those that have waited longest go, who has something
 * to say is served, and when all have gone there is room again. */
static void x8_two_hundred_peers(void **state)
{
	struct scene s;
	int fds[200], open = 0;
	char c;
	size_t i;

	(void)state;
	open_scene(&s);
	for (i = 0; i < ARRAY_LEN(fds); i++) {
		fds[i] = join(&s);
		uv_run(&s.loop, UV_RUN_ONCE);
	}
	for (i = 0; i < 20; i++)
		uv_run(&s.loop, UV_RUN_ONCE);
	for (i = 0; i < ARRAY_LEN(fds); i++) {
		bool is_open = recv(fds[i], &c, 1, 0) < 0 && errno == EAGAIN;

		assert_int_equal(is_open, i >= ARRAY_LEN(fds) - 128);
		open += is_open;
	}
	assert_int_equal(open, 128);
	assert_true(asks(&s, PAUSE, strlen(PAUSE)));
	for (i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	for (i = 0; i < 20; i++)
		uv_run(&s.loop, UV_RUN_ONCE);
	assert_true(asks(&s, PAUSE, strlen(PAUSE)));
	close_scene(&s);
}

static void s4_the_socket_is_ours_alone_whatever_the_umask(void **state)
{
	static const mode_t masks[] = {0, 022, 0777};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(masks); i++) {
		struct scene s;
		struct stat st;
		mode_t old;

		open_scene(&s);
		server_close(s.server);
		for (int k = 0; k < 3; k++)
			uv_run(&s.loop, UV_RUN_ONCE);
		server_free(s.server);
		old = umask(masks[i]);
		open_server(&s);
		assert_int_equal(umask(old), masks[i]); /* as it was */
		assert_int_equal(fstatat(s.dir.fd, CTL_NAME, &st, AT_SYMLINK_NOFOLLOW), 0);
		assert_true(S_ISSOCK(st.st_mode));
		assert_int_equal(st.st_mode & 07777, 0600);
		close_scene(&s);
	}
}

static void what_a_dead_conductor_left_is_replaced(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	server_close(s.server);
	for (int k = 0; k < 3; k++)
		uv_run(&s.loop, UV_RUN_ONCE);
	server_free(s.server);
	temp_dir_put_str(&s.dir, CTL_NAME, "not even a socket");
	open_server(&s);
	assert_true(asks(&s, PAUSE, strlen(PAUSE)));
	close_scene(&s);
}

static void count_turn(uv_prepare_t *p)
{
	++*(unsigned *)p->data;
}

/* Whoever asked for it is not ready for a turn of its own loop yet. */
static void without_a_socket_no_turn_is_made(void **state)
{
	uv_prepare_t prepare;
	struct scene s;
	struct server_opts opts = {.loop = &s.loop, .serve = serve, .ctx = &s};
	struct err err = ERR_INIT;
	unsigned nr_turns = 0;

	(void)state;
	memset(&s, 0, sizeof(s));
	assert_int_equal(temp_dir_make(&s.dir), 0);
	assert_int_equal(uv_loop_init(&s.loop), 0);
	uv_prepare_init(&s.loop, &prepare);
	prepare.data = &nr_turns;
	uv_prepare_start(&prepare, count_turn);
	assert_int_equal(mkdirat(s.dir.fd, CTL_NAME, 0700), 0);
	opts.dirfd = s.dir.fd;
	assert_null(server_new(&opts, &err));
	assert_non_null(strstr(err.msg, "control socket"));
	assert_int_equal(nr_turns, 0);
	uv_close((uv_handle_t *)&prepare, NULL);
	uv_run(&s.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s.loop), 0);
	temp_dir_remove(&s.dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_line_in_one_line_out),
	    cmocka_unit_test(a_request_may_come_byte_by_byte),
	    cmocka_unit_test(one_request_a_connection),
	    cmocka_unit_test(x8_garbage_is_refused),
	    cmocka_unit_test(x8_a_megabyte_without_newline_ends_early),
	    cmocka_unit_test(x8_who_hangs_delays_nobody),
	    cmocka_unit_test(a_peer_that_leaves_is_forgotten),
	    cmocka_unit_test(x8_two_hundred_peers),
	    cmocka_unit_test(s4_the_socket_is_ours_alone_whatever_the_umask),
	    cmocka_unit_test(what_a_dead_conductor_left_is_replaced),
	    cmocka_unit_test(without_a_socket_no_turn_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
