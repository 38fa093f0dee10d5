/* Runs a program on a terminal of 120x40 and measures it from outside.
 *
 *   tui_drive SECONDS KEYS PRESSES PROGRAM [ARG...]
 *
 * Types KEYS when its first frame is there (Enter is ^M), lets it settle, measures for SECONDS,
 * then presses j and k PRESSES times and takes the time to the first byte that comes back. One
 * line: first_ms first_cpu_ms cpu_pct wakes_s bytes_s p50_ms p99_ms rss_kb fds */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COLS 120
#define ROWS 40
#define QUIET_MS 150
#define SETTLE_MS 1500
#define FIRST_MAX_MS 20000
#define PRESSES_MAX 1000

static pid_t child;
static int master;

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* Reads what comes within `ms`; returns the bytes, or -1 at its end. */
static long take(int ms)
{
	struct pollfd p = {.fd = master, .events = POLLIN};
	char buf[65536];
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return 0;
	n = read(master, buf, sizeof(buf));
	return n > 0 ? (long)n : -1;
}

static long take_for(double ms)
{
	double until = now_ms() + ms;
	long sum = 0, n;

	while (now_ms() < until) {
		n = take((int)(until - now_ms()) + 1);
		if (n < 0)
			break;
		sum += n;
	}
	return sum;
}

/* Nanoseconds on a processor. */
static double cpu_ms(void)
{
	char path[64];
	unsigned long long ns = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", child);
	f = fopen(path, "re");
	if (f && fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	if (f)
		fclose(f);
	return (double)ns / 1e6;
}

static long status_of(const char *field)
{
	char path[64], line[256];
	long v = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", child);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, field, strlen(field)) == 0)
			v = atol(line + strlen(field));
	if (f)
		fclose(f);
	return v;
}

static int nr_fds(void)
{
	char path[64];
	int nr = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", child);
	d = opendir(path);
	while (d && readdir(d))
		nr++;
	if (d)
		closedir(d);
	return nr - 2;
}

/* The last byte before it is quiet. */
static double first_frame(double begun)
{
	double last = begun;
	long sum = 0, n;

	while (now_ms() - begun < FIRST_MAX_MS && (sum == 0 || now_ms() - last < QUIET_MS)) {
		n = take(10);
		if (n < 0)
			break;
		if (n > 0)
			last = now_ms();
		sum += n;
	}
	return last - begun;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void press(int nr, double *p50, double *p99)
{
	double took[PRESSES_MAX];
	int i;

	*p50 = *p99 = -1;
	if (nr > PRESSES_MAX)
		nr = PRESSES_MAX;
	for (i = 0; i < nr; i++) {
		double begun;

		(void)take_for(20 + i * 7 % 60);
		begun = now_ms();
		if (write(master, i % 40 < 20 ? "j" : "k", 1) != 1)
			return;
		while (take(100) == 0 && now_ms() - begun < 2000)
			;
		took[i] = now_ms() - begun;
	}
	if (nr == 0)
		return;
	qsort(took, (size_t)nr, sizeof(*took), by_size);
	*p50 = took[nr / 2];
	*p99 = took[(nr * 99 + 99) / 100 - 1];
}

int main(int argc, char **argv)
{
	struct winsize size = {.ws_row = ROWS, .ws_col = COLS};
	double begun = now_ms(), first, first_cpu, cpu, p50, p99, secs;
	long wakes, bytes;

	if (argc < 5)
		return 2;
	secs = atof(argv[1]);
	child = forkpty(&master, NULL, NULL, &size);
	if (child == 0) {
		setenv("TERM", "xterm-256color", 1);
		unsetenv("LINES");
		unsetenv("COLUMNS");
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	if (child < 0)
		return 2;
	first = first_frame(begun);
	first_cpu = cpu_ms();
	if (write(master, argv[2], strlen(argv[2])) < 0)
		return 2;
	(void)take_for(SETTLE_MS);
	cpu = cpu_ms();
	wakes = status_of("voluntary_ctxt_switches:");
	bytes = take_for(secs * 1000);
	cpu = cpu_ms() - cpu;
	wakes = status_of("voluntary_ctxt_switches:") - wakes;
	press(atoi(argv[3]), &p50, &p99);
	printf("%.0f %.0f %.2f %.1f %.0f %.1f %.1f %ld %d\n", first, first_cpu, cpu / secs / 10,
	    (double)wakes / secs, (double)bytes / secs, p50, p99, status_of("VmHWM:"), nr_fds());
	kill(child, SIGTERM);
	while (take(200) > 0)
		;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}
