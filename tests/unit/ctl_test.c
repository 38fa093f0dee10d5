/* The control socket: its words, its lines, and a client that never hangs. */
#include "formats/ctl.h"
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
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

/* ---- words -------------------------------------------------------------- */

static int from_line(struct ctl_request *q, const char *line, struct err *err)
{
	char *copy = xstrdup(line), *save = NULL, *word;
	char *words[16];
	size_t nr = 0;
	int rc;

	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		words[nr++] = word;
	rc = ctl_request_from_words(q, words, nr, err);
	free(copy);
	return rc;
}

static void words(void **state)
{
	static const struct {
		const char *line, *json;
	} table[] = {
	    {"pause", "{\"verb\":\"pause\"}"},
	    {"resume", "{\"verb\":\"resume\"}"},
	    {"jobs 12", "{\"verb\":\"jobs\",\"n\":12}"},
	    {"jobs 0", "{\"verb\":\"jobs\",\"n\":0}"},
	    {"cancel", "{\"verb\":\"cancel\"}"},
	    {"cancel 17 18", "{\"verb\":\"cancel\",\"ids\":[\"17\",\"18\"]}"},
	    {"retry a\"b", "{\"verb\":\"retry\",\"ids\":[\"a\\\"b\"]}"},
	    {"skip-wait", "{\"verb\":\"skip-wait\"}"},
	    {"skip-wait 3", "{\"verb\":\"skip-wait\",\"ids\":[\"3\"]}"},
	    {"gate", "{\"verb\":\"gate\"}"},
	    {"gate open claude", "{\"verb\":\"gate open\",\"account\":\"claude\"}"},
	    {"stop", "{\"verb\":\"stop\"}"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct err err = ERR_INIT;
		struct ctl_request q, back;
		struct buf line = BUF_INIT, again = BUF_INIT;

		if (from_line(&q, table[i].line, &err) < 0)
			fail_msg("%s: %s", table[i].line, err.msg);
		ctl_request_format(&q, &line);
		assert_int_equal(line.data[line.len - 1], '\n');
		assert_int_equal(ctl_request_parse(line.data, line.len, &back, &err), 0);
		ctl_request_format(&back, &again);
		assert_string_equal(again.data, line.data);
		buf_cut(&line, line.len - 1);
		assert_string_equal(line.data, table[i].json);
		assert_int_equal(back.verb, q.verb);
		ctl_request_release(&q);
		ctl_request_release(&back);
		buf_release(&line);
		buf_release(&again);
	}
}

static void wrong_words(void **state)
{
	static const struct {
		const char *line, *told;
	} table[] = {
	    {"", "verb"},
	    {"dance", "'dance'"},
	    {"pause now", "'now'"},
	    {"jobs", "number"},
	    {"jobs many", "'many'"},
	    {"jobs 12x", "'12x'"},
	    {"jobs -1", "'-1'"},
	    {"jobs 99999999999999999999", "number"},
	    {"jobs 1 2", "'2'"},
	    {"retry", "ids"},
	    {"gate shut", "'shut'"},
	    {"gate open", "name"},
	    {"gate open a b", "'b'"},
	    {"gate-open a", "'gate-open'"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct err err = ERR_INIT;
		struct ctl_request q;

		assert_int_equal(from_line(&q, table[i].line, &err), -1);
		if (!strstr(err.msg, table[i].told))
			fail_msg("%s: %s", table[i].line, err.msg);
		assert_int_equal(q.nr_ids, 0);
	}
}

/* Those that go for all branches of a run; the others are one batch's matter. */
static void what_is_said_of_the_run(void **state)
{
	static const bool of_run[CTL__COUNT] = {[CTL_PAUSE] = true,
	    [CTL_RESUME] = true,
	    [CTL_CANCEL] = true,
	    [CTL_STOP] = true,
	    [CTL_GATE_OPEN] = true};
	int v;

	(void)state;
	for (v = 0; v < CTL__COUNT; v++)
		assert_int_equal(ctl_verb_is_of_run((enum ctl_verb)v), of_run[v]);
}

static void everything_in_a_request(void **state)
{
	static const char line[] =
	    "{\"verb\":\"cancel\",\"ids\":[\"17\"],\"if_status\":\"in_progress\",\"by\":\"me\","
	    "\"future\":{}}";
	struct ctl_request q;

	(void)state;
	assert_int_equal(ctl_request_parse(line, strlen(line), &q, NULL), 0);
	assert_int_equal(q.verb, CTL_CANCEL);
	assert_int_equal(q.nr_ids, 1);
	assert_string_equal(q.ids[0], "17");
	assert_string_equal(q.if_status, "in_progress");
	assert_string_equal(q.by, "me");
	ctl_request_release(&q);
}

/* X8: garbage must do nothing; least of all mean "all agents". */
static void refused_requests(void **state)
{
	static const char *const lines[] = {
	    "",
	    "x",
	    "[]",
	    "{}",
	    "{\"verb\":7}",
	    "{\"verb\":\"dance\"}",
	    "{\"verb\":\"cancel\",\"ids\":\"17\"}",
	    "{\"verb\":\"cancel\",\"ids\":{\"0\":\"17\"}}",
	    "{\"verb\":\"cancel\",\"ids\":[17]}",
	    "{\"verb\":\"cancel\",\"ids\":[\"17\",null]}",
	    "{\"verb\":\"cancel\",\"ids\":null}",
	    "{\"verb\":\"retry\"}",
	    "{\"verb\":\"retry\",\"ids\":[]}",
	    "{\"verb\":\"jobs\"}",
	    "{\"verb\":\"jobs\",\"n\":-1}",
	    "{\"verb\":\"jobs\",\"n\":1.5}",
	    "{\"verb\":\"jobs\",\"n\":1e30}",
	    "{\"verb\":\"gate open\"}",
	    "{\"verb\":\"gate open\",\"account\":\"\"}",
	    "{\"verb\":\"cancel\"",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(lines); i++) {
		struct err err = ERR_INIT;
		struct ctl_request q;

		if (ctl_request_parse(lines[i], strlen(lines[i]), &q, &err) == 0)
			fail_msg("was taken: %s", lines[i]);
		assert_string_not_equal(err.msg, "");
		assert_int_equal(q.nr_ids, 0);
	}
}

static void an_endless_or_deep_line(void **state)
{
	struct buf line = BUF_INIT;
	struct ctl_request q;

	(void)state;
	while (line.len < 60000)
		buf_ch(&line, '[');
	assert_int_equal(ctl_request_parse(line.data, line.len, &q, NULL), -1);
	buf_reset(&line);
	buf_str(&line, "{\"verb\":\"stop\",\"by\":\"");
	while (line.len < CTL_LINE_MAX)
		buf_ch(&line, 'a');
	buf_str(&line, "\"}");
	assert_int_equal(ctl_request_parse(line.data, line.len, &q, NULL), -1);
	buf_release(&line);
}

static void replies(void **state)
{
	struct buf line = BUF_INIT, message = BUF_INIT;
	bool ok = false;

	(void)state;
	ctl_reply_format(true, "2 agents cancelled", &line);
	assert_string_equal(line.data, "{\"ok\":true,\"message\":\"2 agents cancelled\"}\n");
	assert_int_equal(ctl_reply_parse(line.data, line.len, &ok, &message, NULL), 0);
	assert_true(ok);
	assert_string_equal(message.data, "2 agents cancelled");
	buf_reset(&message);
	assert_int_equal(ctl_reply_parse("{\"ok\":false}", 12, &ok, &message, NULL), 0);
	assert_false(ok);
	assert_string_equal(message.data, "");
	assert_int_equal(ctl_reply_parse("{\"ok\":1}", 8, &ok, &message, NULL), -1);
	assert_int_equal(ctl_reply_parse("ok", 2, &ok, &message, NULL), -1);
	buf_release(&line);
	buf_release(&message);
}

/* ---- the client --------------------------------------------------------- */

static struct temp_dir dir;

static int setup(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_DFL); /* the client must not need it ignored */
	return temp_dir_make(&dir);
}

static int teardown(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

static int listen_at(int dirfd, int backlog)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;

	ctl_address(dirfd, &address);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

/* A peer in a process of its own: takes one call, reads one line, and answers in pieces. NULL: it
 * reads nothing and says nothing until it is killed. */
static pid_t peer(int listen_fd, const char *answer)
{
	pid_t pid = fork();
	size_t i;

	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = accept(listen_fd, NULL, NULL);
		char c = 0;

		if (!answer)
			for (;;)
				pause();
		while (c != '\n')
			if (read(fd, &c, 1) != 1)
				_exit(1);
		for (i = 0; answer[i]; i++)
			if (write(fd, answer + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	return pid;
}

static void end_peer(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

struct call {
	int rc;
	struct buf message;
	struct err err;
	int64_t took_ms;
};

static struct call call(int dirfd, struct ctl_request *q, int timeout_ms)
{
	struct call c = {.message = BUF_INIT, .err = ERR_INIT};
	int64_t from = clock_now().mono_ms;

	c.rc = ctl_call(dirfd, q, timeout_ms, &c.message, &c.err);
	c.took_ms = clock_now().mono_ms - from;
	return c;
}

static void done_or_refused(void **state)
{
	static const struct {
		const char *answer;
		int rc;
		const char *message;
	} table[] = {
	    {"{\"ok\":true,\"message\":\"done\"}\n", 0, "done"},
	    {"{\"ok\":false,\"message\":\"it has changed\"}\n", 1, "it has changed"},
	    {"{\"ok\":true,\"message\":\"x\"}\ntrailing", 0, "x"},
	    {"garbage\n", -1, ""},
	    {"{\"ok\":true", -1, ""}, /* and hangs up */
	    {"", -1, ""},
	};
	struct ctl_request q = {.verb = CTL_STOP};
	size_t i;
	int fd;

	(void)state;
	fd = listen_at(dir.fd, 5);
	for (i = 0; i < ARRAY_LEN(table); i++) {
		pid_t pid = peer(fd, table[i].answer);
		struct call c = call(dir.fd, &q, 10000);

		assert_int_equal(c.rc, table[i].rc);
		assert_string_equal(c.message.data, table[i].message);
		assert_int_equal(c.rc < 0, c.err.msg[0] != '\0');
		buf_release(&c.message);
		end_peer(pid);
	}
	close(fd);
}

static void nobody_listens(void **state)
{
	struct ctl_request q = {.verb = CTL_STOP};
	struct call c = call(dir.fd, &q, 5000);

	(void)state;
	assert_int_equal(c.rc, 1);
	assert_string_not_equal(c.message.data, "");
	buf_release(&c.message);
	/* A socket that a dead conductor left. */
	close(listen_at(dir.fd, 5));
	c = call(dir.fd, &q, 5000);
	assert_int_equal(c.rc, 1);
	buf_release(&c.message);
}

static void a_peer_that_hangs(void **state)
{
	struct ctl_request q = {.verb = CTL_STOP};
	int fd = listen_at(dir.fd, 5);
	pid_t pid = peer(fd, NULL);
	struct call c = call(dir.fd, &q, 200);

	(void)state;
	assert_int_equal(c.rc, -1);
	assert_non_null(strstr(c.err.msg, "does not answer"));
	assert_true(c.took_ms >= 190 && c.took_ms < 5000);
	buf_release(&c.message);
	end_peer(pid);
	close(fd);
}

/* More than a socket's buffer holds, to a peer that reads nothing. */
static void a_peer_that_does_not_read(void **state)
{
	struct ctl_request q = {.verb = CTL_CANCEL};
	int fd = listen_at(dir.fd, 5);
	pid_t pid = peer(fd, NULL);
	struct call c;

	(void)state;
	q.by = xmalloc(4000001);
	memset(q.by, 'x', 4000000);
	q.by[4000000] = '\0';
	c = call(dir.fd, &q, 200);
	assert_int_equal(c.rc, -1);
	assert_true(c.took_ms < 5000);
	buf_release(&c.message);
	ctl_request_release(&q);
	end_peer(pid);
	close(fd);
}

static void a_full_queue_of_callers(void **state)
{
	struct ctl_request q = {.verb = CTL_STOP};
	int fd = listen_at(dir.fd, 0), waiting[4];
	struct sockaddr_un address;
	struct call c;
	int i;

	(void)state;
	ctl_address(dir.fd, &address);
	for (i = 0; i < 4; i++) {
		waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(waiting[i], (struct sockaddr *)&address, sizeof(address));
	}
	c = call(dir.fd, &q, 200);
	assert_int_equal(c.rc, -1);
	assert_true(c.took_ms < 5000);
	buf_release(&c.message);
	for (i = 0; i < 4; i++)
		close(waiting[i]);
	close(fd);
}

static void an_answer_without_end(void **state)
{
	struct ctl_request q = {.verb = CTL_STOP};
	int fd = listen_at(dir.fd, 5);
	char *endless = xmalloc(3 * CTL_LINE_MAX);
	struct call c;
	pid_t pid;

	(void)state;
	memset(endless, 'x', 3 * CTL_LINE_MAX);
	endless[3 * CTL_LINE_MAX - 1] = '\0';
	pid = peer(fd, endless);
	c = call(dir.fd, &q, 20000);
	assert_int_equal(c.rc, -1);
	assert_non_null(strstr(c.err.msg, "too long"));
	buf_release(&c.message);
	end_peer(pid);
	free(endless);
	close(fd);
}

/* Paths may be longer than an address has room for. */
static void a_deep_directory(void **state)
{
	struct ctl_request q = {.verb = CTL_STOP};
	int at = dup(dir.fd), i, fd;
	struct call c;
	pid_t pid;

	(void)state;
	for (i = 0; i < 6; i++) {
		char name[] = "a-directory-with-a-name-of-forty-letters";
		int next;

		assert_int_equal(mkdirat(at, name, 0700), 0);
		next = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(at);
		at = next;
	}
	fd = listen_at(at, 5);
	pid = peer(fd, "{\"ok\":true,\"message\":\"here\"}\n");
	c = call(at, &q, 10000);
	assert_int_equal(c.rc, 0);
	assert_string_equal(c.message.data, "here");
	buf_release(&c.message);
	end_peer(pid);
	close(fd);
	close(at);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words),
	    cmocka_unit_test(wrong_words),
	    cmocka_unit_test(what_is_said_of_the_run),
	    cmocka_unit_test(everything_in_a_request),
	    cmocka_unit_test(refused_requests),
	    cmocka_unit_test(an_endless_or_deep_line),
	    cmocka_unit_test(replies),
	    T(done_or_refused),
	    T(nobody_listens),
	    T(a_peer_that_hangs),
	    T(a_peer_that_does_not_read),
	    T(a_full_queue_of_callers),
	    T(an_answer_without_end),
	    T(a_deep_directory),
	};

	return cmocka_run_group_tests_name("ctl", tests, NULL, NULL);
}
