#include "formats/ctl.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "formats/batch_dir.h"
#include "formats/jsonw.h"

#include <cJSON.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- verbs -------------------------------------------------------------- */

enum args { ARGS_NONE, ARGS_NUMBER, ARGS_IDS, ARGS_SOME_IDS, ARGS_ACCOUNT };

static const struct {
	const char *name;
	enum args args;
} verbs[CTL__COUNT] = {
    [CTL_PAUSE] = {"pause", ARGS_NONE},
    [CTL_RESUME] = {"resume", ARGS_NONE},
    [CTL_JOBS] = {"jobs", ARGS_NUMBER},
    [CTL_CANCEL] = {"cancel", ARGS_IDS},
    [CTL_RETRY] = {"retry", ARGS_SOME_IDS},
    [CTL_SKIP_WAIT] = {"skip-wait", ARGS_IDS},
    [CTL_GATE] = {"gate", ARGS_NONE},
    [CTL_GATE_OPEN] = {"gate open", ARGS_ACCOUNT},
    [CTL_STOP] = {"stop", ARGS_NONE},
};

#define JOBS_MAX 100000

const char *ctl_verb_name(enum ctl_verb v)
{
	return verbs[v].name;
}

static int verb_from_name(const char *name)
{
	int v;

	for (v = 0; v < CTL__COUNT; v++)
		if (strcmp(verbs[v].name, name) == 0)
			return v;
	return -1;
}

static char *copy_or_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

struct ctl_request ctl_request_copy(const struct ctl_request *q)
{
	struct ctl_request copy = *q;
	size_t i;

	copy.ids = q->nr_ids ? xcalloc(q->nr_ids, sizeof(*copy.ids)) : NULL;
	for (i = 0; i < q->nr_ids; i++)
		copy.ids[i] = xstrdup(q->ids[i]);
	copy.account = copy_or_null(q->account);
	copy.if_status = copy_or_null(q->if_status);
	copy.by = copy_or_null(q->by);
	return copy;
}

bool ctl_verb_is_of_run(enum ctl_verb v)
{
	return v == CTL_PAUSE || v == CTL_RESUME || v == CTL_CANCEL || v == CTL_STOP ||
	    v == CTL_GATE_OPEN;
}

void ctl_request_release(struct ctl_request *q)
{
	size_t i;

	for (i = 0; i < q->nr_ids; i++)
		free(q->ids[i]);
	free(q->ids);
	free(q->account);
	free(q->if_status);
	free(q->by);
	memset(q, 0, sizeof(*q));
}

static void add_id(struct ctl_request *q, const char *id)
{
	q->ids = xrealloc(q->ids, (q->nr_ids + 1) * sizeof(*q->ids));
	q->ids[q->nr_ids++] = xstrdup(id);
}

/* What every request must hold, however it came in. */
static int check_request(const struct ctl_request *q, struct err *err)
{
	const char *name = verbs[q->verb].name;

	switch (verbs[q->verb].args) {
	case ARGS_NONE:
	case ARGS_IDS:
		return 0;
	case ARGS_NUMBER:
		if (q->n < 0 || q->n > JOBS_MAX)
			return err_set(err, "%s wants a number from 0 to %d", name, JOBS_MAX);
		return 0;
	case ARGS_SOME_IDS:
		if (q->nr_ids == 0)
			return err_set(err, "%s wants the ids of agents", name);
		return 0;
	case ARGS_ACCOUNT:
		if (!q->account || !*q->account)
			return err_set(err, "%s wants the name of a gate", name);
		return 0;
	}
	return 0;
}

/* ---- from words --------------------------------------------------------- */

static int take_number(struct ctl_request *q, const char *word, struct err *err)
{
	char *end;
	long long v;

	errno = 0;
	v = strtoll(word, &end, 10);
	if (errno || end == word || *end || v < 0 || v > JOBS_MAX)
		return err_set(err, "%s wants a number from 0 to %d, not '%s'", verbs[q->verb].name,
		    JOBS_MAX, word);
	q->n = v;
	return 0;
}

static int take_words(struct ctl_request *q, char *const *words, size_t nr, struct err *err)
{
	size_t i;

	switch (verbs[q->verb].args) {
	case ARGS_NONE:
		break;
	case ARGS_NUMBER:
		if (nr && take_number(q, *words, err) < 0)
			return -1;
		words += nr > 0;
		nr -= nr > 0;
		break;
	case ARGS_IDS:
	case ARGS_SOME_IDS:
		for (i = 0; i < nr; i++)
			add_id(q, words[i]);
		nr = 0;
		break;
	case ARGS_ACCOUNT:
		if (nr)
			q->account = xstrdup(*words);
		words += nr > 0;
		nr -= nr > 0;
		break;
	}
	if (nr)
		return err_set(err, "%s takes no '%s'", verbs[q->verb].name, *words);
	return check_request(q, err);
}

static int unknown_verb(const char *word, struct err *err)
{
	struct buf list = BUF_INIT;
	int v;

	for (v = 0; v < CTL__COUNT; v++)
		if (!strchr(verbs[v].name, ' '))
			buf_fmt(&list, "%s%s", v ? ", " : "", verbs[v].name);
	err_set(err, "unknown verb '%s': there are %s", word, list.data);
	buf_release(&list);
	return -1;
}

int ctl_request_from_words(struct ctl_request *q, char *const *words, size_t nr, struct err *err)
{
	int v;

	*q = (struct ctl_request){.n = -1};
	if (nr == 0)
		return err_set(err, "no verb given");
	v = verb_from_name(words[0]);
	if (v < 0)
		return unknown_verb(words[0], err);
	words++;
	nr--;
	if (v == CTL_GATE && nr && strcmp(words[0], "open") == 0) {
		v = CTL_GATE_OPEN;
		words++;
		nr--;
	}
	q->verb = (enum ctl_verb)v;
	if (take_words(q, words, nr, err) == 0)
		return 0;
	ctl_request_release(q);
	return -1;
}

/* ---- lines -------------------------------------------------------------- */

void ctl_request_format(const struct ctl_request *q, struct buf *out)
{
	struct jsonw w;
	size_t i;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_kstr(&w, "verb", verbs[q->verb].name);
	if (q->nr_ids) {
		jsonw_key(&w, "ids");
		jsonw_array(&w);
		for (i = 0; i < q->nr_ids; i++)
			jsonw_str(&w, q->ids[i]);
		jsonw_end(&w, ']');
	}
	if (verbs[q->verb].args == ARGS_NUMBER)
		jsonw_kint(&w, "n", q->n);
	if (q->account)
		jsonw_kstr(&w, "account", q->account);
	if (q->if_status)
		jsonw_kstr(&w, "if_status", q->if_status);
	if (q->by)
		jsonw_kstr(&w, "by", q->by);
	jsonw_end(&w, '}');
	buf_ch(out, '\n');
}

static cJSON *parse_line(const char *line, size_t n, struct err *err)
{
	cJSON *root = n <= CTL_LINE_MAX ? cJSON_ParseWithLength(line, n) : NULL;

	if (cJSON_IsObject(root))
		return root;
	cJSON_Delete(root);
	err_set(err, "not a JSON object of at most %zu bytes", CTL_LINE_MAX);
	return NULL;
}

static char *get_string(const cJSON *root, const char *key)
{
	const cJSON *j = cJSON_GetObjectItemCaseSensitive(root, key);

	return cJSON_IsString(j) ? xstrdup(j->valuestring) : NULL;
}

static int get_ids(struct ctl_request *q, const cJSON *ids, struct err *err)
{
	const cJSON *item;

	if (!ids)
		return 0;
	/* `"ids":"17"` must not become "all of them". */
	if (!cJSON_IsArray(ids))
		return err_set(err, "ids is not an array");
	cJSON_ArrayForEach (item, ids) {
		if (!cJSON_IsString(item))
			return err_set(err, "an id is not a string");
		add_id(q, item->valuestring);
	}
	return 0;
}

static int get_request(struct ctl_request *q, const cJSON *root, struct err *err)
{
	const cJSON *verb = cJSON_GetObjectItemCaseSensitive(root, "verb");
	const cJSON *n = cJSON_GetObjectItemCaseSensitive(root, "n");
	int v = cJSON_IsString(verb) ? verb_from_name(verb->valuestring) : -1;

	if (v < 0)
		return err_set(err, "unknown verb");
	q->verb = (enum ctl_verb)v;
	if (cJSON_IsNumber(n) && n->valuedouble >= 0 && n->valuedouble <= JOBS_MAX &&
	    n->valuedouble == (double)(int)n->valuedouble)
		q->n = (int)n->valuedouble;
	q->account = get_string(root, "account");
	q->if_status = get_string(root, "if_status");
	q->by = get_string(root, "by");
	if (get_ids(q, cJSON_GetObjectItemCaseSensitive(root, "ids"), err) < 0)
		return -1;
	return check_request(q, err);
}

int ctl_request_parse(const char *line, size_t n, struct ctl_request *q, struct err *err)
{
	cJSON *root = parse_line(line, n, err);
	int rc = -1;

	*q = (struct ctl_request){.n = -1};
	if (root)
		rc = get_request(q, root, err);
	if (rc < 0)
		ctl_request_release(q);
	cJSON_Delete(root);
	return rc;
}

void ctl_reply_format(bool ok, const char *message, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_kbool(&w, "ok", ok);
	jsonw_kstr(&w, "message", message);
	jsonw_end(&w, '}');
	buf_ch(out, '\n');
}

int ctl_reply_parse(const char *line, size_t n, bool *ok, struct buf *message, struct err *err)
{
	cJSON *root = parse_line(line, n, err);
	const cJSON *j;
	int rc = -1;

	if (!root)
		return -1;
	j = cJSON_GetObjectItemCaseSensitive(root, "ok");
	if (cJSON_IsBool(j)) {
		*ok = cJSON_IsTrue(j);
		j = cJSON_GetObjectItemCaseSensitive(root, "message");
		if (cJSON_IsString(j))
			buf_str(message, j->valuestring);
		rc = 0;
	} else {
		err_set(err, "a reply without ok");
	}
	cJSON_Delete(root);
	return rc;
}

/* ---- the client --------------------------------------------------------- */

void ctl_address(int dirfd, struct sockaddr_un *out)
{
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(out->sun_path, sizeof(out->sun_path), "/proc/self/fd/%d/%s", dirfd, CTL_NAME);
}

struct call {
	int fd;
	int64_t deadline_ms;
};

static int time_left(const struct call *c)
{
	int64_t left = c->deadline_ms - clock_now().mono_ms;

	return left > 0 ? (int)left : 0;
}

/* 0: ready (or broken, as the next call will say), -1: the deadline. */
static int wait_for(const struct call *c, short events, struct err *err)
{
	for (;;) {
		struct pollfd p = {.fd = c->fd, .events = events};
		int n = poll(&p, 1, time_left(c));

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return err_sys(err, errno, "cannot wait for the conductor");
		if (n == 0)
			return err_set(err, "the conductor does not answer");
	}
}

/* Blocking, with the deadline as its bound: who waits for room in the conductor's queue of callers
 * is then served in turn by the kernel. Asked again and again, it would lose to a crowd that blocks. */
static int set_blocking(const struct call *c, bool is_blocking)
{
	int ms = time_left(c);
	struct timeval left = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 + 1};
	int flags = fcntl(c->fd, F_GETFL);

	if (flags < 0 ||
	    fcntl(c->fd, F_SETFL, is_blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) < 0)
		return -1;
	return is_blocking ? setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof(left)) : 0;
}

/* 0, 1: nobody listens, -1. */
static int call_connect(const struct call *c, int dirfd, struct err *err)
{
	struct sockaddr_un address;

	ctl_address(dirfd, &address);
	do {
		if (set_blocking(c, true) < 0)
			return err_sys(err, errno, "cannot connect to the conductor");
		if (connect(c->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
			return set_blocking(c, false) < 0
			    ? err_sys(err, errno, "cannot connect to the conductor")
			    : 0;
		if (errno == ENOENT || errno == ECONNREFUSED)
			return 1;
		if (errno != EAGAIN && errno != EINTR)
			return err_sys(err, errno, "cannot connect to the conductor");
	} while (time_left(c) > 0);
	return err_set(err, "the conductor does not answer");
}

static int call_send(const struct call *c, const struct buf *line, struct err *err)
{
	size_t done = 0;

	while (done < line->len) {
		ssize_t n = send(c->fd, line->data + done, line->len - done, MSG_NOSIGNAL);

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN && wait_for(c, POLLOUT, err) < 0)
			return -1;
		else if (errno != EAGAIN && errno != EINTR)
			return err_sys(err, errno, "cannot send to the conductor");
	}
	return 0;
}

static int call_receive(const struct call *c, struct buf *line, struct err *err)
{
	while (!memchr(line->data, '\n', line->len)) {
		ssize_t n;

		if (line->len > CTL_LINE_MAX)
			return err_set(err, "the conductor's answer is too long");
		buf_reserve(line, 4096);
		n = recv(c->fd, line->data + line->len, 4096, 0);
		if (n > 0)
			buf_commit(line, (size_t)n);
		else if (n == 0)
			return err_set(err, "the conductor hung up without an answer");
		else if (errno == EAGAIN && wait_for(c, POLLIN, err) < 0)
			return -1;
		else if (errno != EAGAIN && errno != EINTR)
			return err_sys(err, errno, "cannot hear the conductor");
	}
	buf_cut(line, (size_t)((char *)memchr(line->data, '\n', line->len) - line->data));
	return 0;
}

static int call_ask(const struct call *c, const struct ctl_request *q, struct buf *message,
    struct err *err)
{
	struct buf line = BUF_INIT;
	bool ok = false;
	int rc;

	ctl_request_format(q, &line);
	rc = call_send(c, &line, err);
	buf_reset(&line);
	if (rc == 0)
		rc = call_receive(c, &line, err);
	if (rc == 0)
		rc = ctl_reply_parse(line.data, line.len, &ok, message, err);
	buf_release(&line);
	return rc < 0 ? -1 : !ok;
}

int ctl_call(int dirfd, const struct ctl_request *q, int timeout_ms, struct buf *message,
    struct err *err)
{
	struct call c = {.deadline_ms = clock_now().mono_ms + timeout_ms};
	int rc;

	c.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c.fd < 0)
		return err_sys(err, errno, "cannot make a socket");
	rc = call_connect(&c, dirfd, err);
	if (rc == 1)
		buf_str(message, "no conductor listens: nothing runs here");
	if (rc == 0)
		rc = call_ask(&c, q, message, err);
	close(c.fd);
	return rc;
}
