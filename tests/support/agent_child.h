/* The agents of supervision tests: the test binary runs itself as its own child.
 * main() calls agent_child_main first; agent_child_argv makes a command of it. */
#ifndef AB_TESTS_AGENT_CHILD_H
#define AB_TESTS_AGENT_CHILD_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define AGENT_CHILD "--as-agent"

static inline void agent_sleep_forever(void)
{
	for (;;)
		pause();
}

static inline void agent_append_line(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0 || dprintf(fd, "%s\n", text) < 0)
		_exit(99);
	close(fd);
}

/* What FAULTS.md P8 asks about, a line each. */
static inline int agent_describe(void)
{
	char cwd[4096], line[256], target[4096], path[64];
	struct rlimit rl;
	struct dirent *entry;
	FILE *status;
	DIR *fds = opendir("/proc/self/fd");
	int tty;

	while (fds && (entry = readdir(fds))) {
		int fd = atoi(entry->d_name);
		ssize_t n;

		if (entry->d_name[0] == '.' || fd == dirfd(fds))
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		printf("fd %d %s\n", fd, target);
	}
	closedir(fds);
	status = fopen("/proc/self/status", "re");
	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0)
			printf("%s", line);
	fclose(status);
	status = fopen("/proc/self/oom_score_adj", "re");
	if (status && fgets(line, sizeof(line), status))
		printf("oom %s", line);
	fclose(status);
	printf("leads its session %d\n", getsid(0) == getpid());
	tty = open("/dev/tty", O_RDWR);
	printf("has a terminal %d\n", tty >= 0);
	getrlimit(RLIMIT_NOFILE, &rl);
	printf("nofile %llu\n", (unsigned long long)rl.rlim_cur);
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)));
	printf("env %s\n", getenv("AGENT_TEST") ? getenv("AGENT_TEST") : "-");
	return 0;
}

/* Leaves a process of another session behind that holds stdout open. It says so in `ready` once it
 * is there; with `is_stubborn` it ignores TERM. Its name is `name`. */
static inline int agent_leave_daemon(const char *ready, const char *name, bool is_stubborn)
{
	struct stat st;

	if (fork() == 0) {
		setsid();
		if (fork() == 0) {
			char text[16];
			int fd = open("/proc/self/comm", O_WRONLY);

			if (fd >= 0 && write(fd, name, strlen(name)) > 0)
				close(fd);
			if (is_stubborn)
				signal(SIGTERM, SIG_IGN);
			snprintf(text, sizeof(text), "%d", (int)getpid());
			agent_append_line(ready, text);
			agent_sleep_forever();
		}
		_exit(0);
	}
	while (stat(ready, &st) < 0 || st.st_size == 0)
		usleep(1000);
	return 5;
}

static inline uint64_t agent_hash(uint64_t h, const void *p, size_t n)
{
	const unsigned char *at = p;

	while (n--)
		h = (h ^ *at++) * 1099511628211u;
	return h;
}
#define AGENT_HASH_SEED 1469598103934665603u

/* "stdin BYTES HASH" and the same for each argument. */
static inline int agent_report_input(int argc, char **argv)
{
	static char chunk[65536];
	uint64_t h = AGENT_HASH_SEED;
	size_t total = 0;
	ssize_t n;
	int i;

	while ((n = read(0, chunk, sizeof(chunk))) > 0) {
		h = agent_hash(h, chunk, (size_t)n);
		total += (size_t)n;
	}
	printf("stdin %zu %llx\n", total, (unsigned long long)h);
	for (i = 0; i < argc; i++)
		printf("arg %zu %llx\n", strlen(argv[i]),
		    (unsigned long long)agent_hash(AGENT_HASH_SEED, argv[i], strlen(argv[i])));
	return 0;
}

/* Every mode but the first words: exit N | signal N | describe | wait FIFO N | ... */
static inline int agent_run(int argc, char **argv)
{
	const char *mode = argv[0];

	if (strcmp(mode, "exit") == 0)
		return atoi(argv[1]);
	if (strcmp(mode, "signal") == 0)
		return raise(atoi(argv[1]));
	if (strcmp(mode, "describe") == 0)
		return agent_describe();
	if (strcmp(mode, "input") == 0)
		return agent_report_input(argc - 1, argv + 1);
	if (strcmp(mode, "daemon") == 0)
		return agent_leave_daemon(argv[1], argv[2], false);
	if (strcmp(mode, "stubborn-daemon") == 0)
		return agent_leave_daemon(argv[1], argv[2], true);
	if (strcmp(mode, "sleep") == 0) { /* sleep READY-FILE */
		agent_append_line(argv[1], "up");
		agent_sleep_forever();
	}
	if (strcmp(mode, "stubborn") == 0) { /* with a child in a session of its own */
		signal(SIGTERM, SIG_IGN);
		agent_leave_daemon(argv[1], "stubborn", true);
		agent_sleep_forever();
	}
	if (strcmp(mode, "stop") == 0) {
		agent_append_line(argv[1], "up");
		raise(SIGSTOP);
		agent_sleep_forever();
	}
	if (strcmp(mode, "once") == 0) { /* once COUNT-FILE FIFO CODE: a line a start, then waits */
		char c;
		int fd;

		agent_append_line(argv[1], "started");
		fd = open(argv[2], O_RDONLY);
		while (read(fd, &c, 1) > 0)
			;
		return atoi(argv[3]);
	}
	if (strcmp(mode, "binary") == 0)
		return write(1, "\0\xff\x1b[31m\xc3(", 9) == 9 ? 0 : 1;
	(void)argc;
	return 98;
}

/* Ends the process if it is an agent. */
static inline void agent_child_main(int argc, char **argv)
{
	int rc;

	if (argc < 3 || strcmp(argv[1], AGENT_CHILD) != 0)
		return;
	setvbuf(stdout, NULL, _IOFBF, 65536);
	rc = agent_run(argc - 2, argv + 2);
	fflush(stdout);
	_exit(rc);
}

#endif
