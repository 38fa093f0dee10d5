/* A service with a limit for real processes, on a local socket, and the agent that asks it.
 *
 *   limited serve SOCKET rate PER_S BURST | at-once N | window N MS | usage N MS | flaky PCT
 *                [tells]
 *   limited ask SOCKET [SECONDS]    as an agent: works so long when it is taken up, else says what
 *                                   the service said, as real ones do, and exits 1
 *   limited ask-usage SOCKET [SECONDS]   the same in the words of a usage limit
 *   limited use SOCKET MS           somebody else who asks every MS milliseconds, until killed
 *   limited count SOCKET            prints: served refused longest-row-of-refusals (of agents)
 *
 * A request is one connection: the first byte says who asks, and the service answers a line, "ok"
 * or "no SECONDS" (-1: not told). It lasts until it is closed. */
#include "service.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_PEERS 256

struct peer {
	int fd;
	bool has_asked, is_served;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void sleep_s(double s)
{
	struct timespec t = {.tv_sec = (time_t)s};

	t.tv_nsec = (long)((s - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL);
}

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(9);
}

static int open_socket(const char *path, struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (fd < 0 || strlen(path) >= sizeof(at->sun_path))
		fail("socket");
	memcpy(at->sun_path, path, strlen(path) + 1);
	return fd;
}

static int ask(const char *path, char who)
{
	struct sockaddr_un at;
	int fd = open_socket(path, &at);

	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || write(fd, &who, 1) != 1)
		fail("connect");
	return fd;
}

static void read_line(int fd, char *line, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (n + 1 < size && (got = read(fd, line + n, size - n - 1)) > 0) {
		n += (size_t)got;
		if (line[n - 1] == '\n')
			break;
	}
	line[n] = '\0';
}

/* ---- the service -------------------------------------------------------------- */

static void answer(struct service *s, struct peer *p, char who)
{
	uint32_t refused = s->nr_refused, row = s->nr_refused_in_row, served = s->nr_served;
	int64_t told_s;

	p->has_asked = true;
	if (who == 'c') {
		dprintf(p->fd, "%u %u %u\n", s->nr_served, s->nr_refused, s->worst_row);
		return;
	}
	p->is_served = service_ask(s, now_ms(), &told_s);
	if (who == 'u') { /* somebody else's are not counted */
		s->nr_refused = refused;
		s->nr_refused_in_row = row;
		s->nr_served = served;
	}
	if (p->is_served)
		dprintf(p->fd, "ok\n");
	else
		dprintf(p->fd, "no %d\n", told_s == TOLD_NOTHING ? -1 : (int)told_s);
}

static void serve_peer(struct service *s, struct peer *p)
{
	char who;
	ssize_t n = read(p->fd, &who, 1);

	if (n == 1 && !p->has_asked) {
		answer(s, p, who);
		return;
	}
	if (n == 1 || (n < 0 && errno == EINTR))
		return;
	if (p->is_served)
		service_done(s);
	close(p->fd);
	*p = (struct peer){.fd = -1};
}

static void take_peer(int listener, struct peer *peers)
{
	int fd = accept(listener, NULL, NULL), i;

	for (i = 0; fd >= 0 && i < MAX_PEERS; i++)
		if (peers[i].fd < 0) {
			peers[i] = (struct peer){.fd = fd};
			return;
		}
	if (fd >= 0)
		close(fd);
}

static _Noreturn void serve(const char *path, struct service *s)
{
	struct peer peers[MAX_PEERS];
	struct pollfd polled[MAX_PEERS + 1];
	struct sockaddr_un at;
	int listener = open_socket(path, &at), i;

	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(listener, 200) < 0)
		fail("bind");
	for (i = 0; i < MAX_PEERS; i++)
		peers[i] = (struct peer){.fd = -1};
	for (;;) {
		for (i = 0; i < MAX_PEERS; i++)
			polled[i] = (struct pollfd){.fd = peers[i].fd, .events = POLLIN};
		polled[MAX_PEERS] = (struct pollfd){.fd = listener, .events = POLLIN};
		if (poll(polled, MAX_PEERS + 1, -1) < 0 && errno != EINTR)
			fail("poll");
		/* Who left makes room before anybody new asks. */
		for (i = 0; i < MAX_PEERS; i++)
			if (polled[i].revents && peers[i].has_asked)
				serve_peer(s, &peers[i]);
		for (i = 0; i < MAX_PEERS; i++)
			if (polled[i].revents && peers[i].fd >= 0 && !peers[i].has_asked)
				serve_peer(s, &peers[i]);
		if (polled[MAX_PEERS].revents)
			take_peer(listener, peers);
	}
}

static bool parse_service(int argc, char **argv, struct service *s)
{
	const char *kind = argc > 0 ? argv[0] : "";
	double a = argc > 1 ? atof(argv[1]) : 0, b = argc > 2 ? atof(argv[2]) : 0;

	*s = (struct service){.tells = strcmp(argv[argc - 1], "tells") == 0};
	if (strcmp(kind, "rate") == 0) {
		s->kind = SERVICE_RATE;
		s->per_s = a;
		s->burst = b;
	} else if (strcmp(kind, "at-once") == 0) {
		s->kind = SERVICE_AT_ONCE;
	} else if (strcmp(kind, "window") == 0) {
		s->kind = SERVICE_WINDOW;
		s->window_ms = (int64_t)b;
	} else if (strcmp(kind, "usage") == 0) {
		s->kind = SERVICE_USAGE;
		s->resets_at_ms = now_ms() + (int64_t)b;
	} else if (strcmp(kind, "flaky") == 0) {
		s->kind = SERVICE_FLAKY;
		s->refuses_pct = (uint32_t)a;
	} else {
		return false;
	}
	s->most = (uint32_t)a;
	return a > 0;
}

/* ---- who asks ------------------------------------------------------------------- */

/* The usage window's own words; anything else is a 429. */
static int as_agent(const char *path, double work_s, bool is_usage)
{
	char line[64];
	int fd = ask(path, 'a'), told;

	read_line(fd, line, sizeof(line));
	if (strcmp(line, "ok\n") == 0) {
		sleep_s(work_s);
		printf("done\n");
		return 0;
	}
	told = atoi(line + 2);
	if (is_usage)
		printf("Error: usage limit reached%s", told < 0 ? "\n" : ", ");
	else
		printf("Error: 429 Too Many Requests%s", told < 0 ? "\n" : ", ");
	if (told >= 0)
		printf(is_usage ? "try again in %d seconds\n" : "retry-after: %d\n", told);
	return 1;
}

static _Noreturn void as_somebody_else(const char *path, double every_s)
{
	char line[64];

	for (;;) {
		int fd = ask(path, 'u');

		read_line(fd, line, sizeof(line));
		close(fd);
		sleep_s(every_s);
	}
}

static int print_count(const char *path)
{
	char line[64];
	int fd = ask(path, 'c');

	read_line(fd, line, sizeof(line));
	printf("%s", line);
	return 0;
}

int main(int argc, char **argv)
{
	struct service s;

	if (argc > 4 && strcmp(argv[1], "serve") == 0 && parse_service(argc - 3, argv + 3, &s))
		serve(argv[2], &s);
	if (argc > 2 && strcmp(argv[1], "ask") == 0)
		return as_agent(argv[2], argc > 3 ? atof(argv[3]) : 0, false);
	if (argc > 2 && strcmp(argv[1], "ask-usage") == 0)
		return as_agent(argv[2], argc > 3 ? atof(argv[3]) : 0, true);
	if (argc > 3 && strcmp(argv[1], "use") == 0)
		as_somebody_else(argv[2], atof(argv[3]) / 1000);
	if (argc > 2 && strcmp(argv[1], "count") == 0)
		return print_count(argv[2]);
	fprintf(stderr, "limited: see the head of tests/support/limited.c\n");
	return 2;
}
