/* A living batch for the benchmarks of the screen: its journal, its lock, and agents that write.
 *
 *   tui_world DIR AGENTS idle
 *   tui_world DIR AGENTS lines PER_SECOND LOGS
 *   tui_world DIR AGENTS flood MIB_PER_SECOND LOGS
 *
 * Makes a batch of so many agents in DIR, 100 of them running, 50 waiting for ten minutes, most of
 * the others through after two failures; prints its path, holds its lock as a conductor does, and
 * writes into the logs of the running ones until it is killed. */
#include "base/clock.h"
#include "run_fixture.h"

#include <poll.h>
#include <signal.h>

#define RUNNING 100
#define WAITING 50
#define TURN_MS 10

static const char *const messages[] = {
    "429 Too Many Requests (request req_%06u)",
    "503 upstream connect error after %u ms",
    "killed after %u s (TERM, 10 s, KILL)",
    "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"try %u\"}}",
    "connection reset by peer, attempt %u",
    "refused: context_path '/srv/work/%u' has uncommitted changes",
};

static const enum attempt_class classes[] = {CLASS_RATE_LIMIT, CLASS_TRANSIENT, CLASS_TIMEOUT,
    CLASS_RATE_LIMIT, CLASS_TRANSIENT, CLASS_TASK_ERROR};

static void id_of(uint32_t i, char out[16])
{
	snprintf(out, 16, "t%05u", i);
}

static void fail_once(struct run_fixture *f, uint32_t i, int n, int64_t t)
{
	char id[16], message[128];
	size_t kind = (i + (uint32_t)n) % ARRAY_LEN(messages);

	id_of(i, id);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(message, sizeof(message), messages[kind], i * 7 + (uint32_t)n);
#pragma GCC diagnostic pop
	fix_start(f, id, n, t, "sim");
	fix_end(f, &(struct fix_end){id, n, t + 20000, classes[kind], 0.02, message, 0});
}

static void live(struct run_fixture *f, uint32_t i, int64_t now_t)
{
	int64_t t = now_t - 3600000 + i % 3000 * 1000;
	char id[16];
	int n;

	id_of(i, id);
	if (i % 10 == 9)
		return; /* pending */
	for (n = 1; n <= 2 && i >= RUNNING; n++) {
		int64_t at = i < RUNNING + WAITING ? now_t - 90000 + n * 30000 : t + n * 60000;

		fail_once(f, i, n, at);
		fix_wait(f, id, at + 20000,
		    i < RUNNING + WAITING && n == 2 ? now_t + 600000 + i * 100 : at + 50000,
		    WAIT_LADDER);
	}
	if (i >= RUNNING && i < RUNNING + WAITING)
		return;
	fix_start(f, id, i < RUNNING ? 1 : 3, i < RUNNING ? now_t - 60000 : t + 180000, "sim");
	if (i < RUNNING)
		return;
	fix_end(f,
	    &(struct fix_end){id, 3, t + 200000, i % 10 ? CLASS_SUCCESS : CLASS_TASK_ERROR, 0.05,
		i % 10 ? NULL : "refused: nothing to do", 0});
	fix_status(f, id, t + 200000, i % 10 ? AGENT_COMPLETED : AGENT_FAILED, PHASE_NONE);
}

static int make(struct run_fixture *f, const char *dir, uint32_t agents)
{
	int64_t now_t = clock_now().wall_ms;
	uint32_t i;

	snprintf(f->root, sizeof(f->root), "%s", dir);
	buf_str(&f->csv, "id,agent,task\n");
	fix_batch_event(f, now_t - 3600000, 1);
	for (i = 0; i < agents; i++) {
		buf_fmt(&f->csv, "t%05u,sim,port the module of the number %05u to C17\n", i, i);
		live(f, i, now_t);
	}
	return fix_write_batch(f, FIX_CHILD, 1);
}

/* ---- agents that write -------------------------------------------------- */

static int open_log(const char *dir, uint32_t i)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/agent-t%05u.log", dir,
	    i % 10 == 9 ? i - 9 : i);
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int64_t mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* `what`: 'l' lines, 'f' MiB. What is due is written in turns of 10 ms, one log after the other. */
static void write_logs(char what, int64_t rate, int *fds, int nr)
{
	static char block[65536];
	int64_t begun = mono_us(), done = 0;
	size_t unit = what == 'l' ? 80 : sizeof(block), i;
	int at = 0;

	for (i = 0; i < sizeof(block); i++)
		block[i] = (char)(i % 80 == 79 ? '\n' : "the quick brown fox jumps over "[i % 31]);
	for (;;) {
		int64_t due = (mono_us() - begun) * rate / 1000000;

		for (due = what == 'l' ? due : due * 16; done < due; done++, at = (at + 1) % nr)
			if (write(fds[at], block, unit) < 0)
				return;
		(void)poll(NULL, 0, TURN_MS);
	}
}

int main(int argc, char **argv)
{
	struct run_fixture f = {.lock_fd = -1};
	char path[192];
	int fds[RUNNING], nr, i;

	if (argc < 4 || make(&f, argv[1], (uint32_t)atoi(argv[2])) < 0)
		return 2;
	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/lock", f.root);
	f.lock_fd = open(path, O_RDWR | O_CLOEXEC);
	if (f.lock_fd < 0 || lock_take(f.lock_fd, LOCK_BATCH) != 0)
		return 2;
	nr = argc > 5 ? atoi(argv[5]) : RUNNING;
	for (i = 0; i < nr && i < RUNNING; i++) {
		fds[i] = open_log(f.root, (uint32_t)i);
		if (fds[i] < 0 || write_all(fds[i], "begins\n", 7) < 0)
			return 2;
	}
	printf("%s/" FIX_CHILD "\n", f.root);
	fflush(stdout);
	if (argc > 5)
		write_logs(argv[3][0], atol(argv[4]), fds, nr);
	pause();
	return 0;
}
