#include "exec/procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

void proc_path(char out[PROC_PATH_SIZE], pid_t pid, const char *behind)
{
	char digits[12];
	size_t n = 0;

	memcpy(out, "/proc/self", 11);
	if (pid > 0) {
		for (; pid; pid /= 10)
			digits[n++] = (char)('0' + pid % 10);
		out += strlen("/proc/");
		while (n)
			*out++ = digits[--n];
	} else {
		out += strlen("/proc/self");
	}
	memcpy(out, behind, strlen(behind) + 1);
}

static ssize_t read_some(int fd, char *p, size_t n)
{
	ssize_t r;

	do
		r = read(fd, p, n);
	while (r < 0 && errno == EINTR);
	return r;
}

/* The next number, moving *s behind it. */
static int64_t next_number(const char **s)
{
	int64_t v = 0;
	int is_negative = 0;

	while (**s == ' ')
		(*s)++;
	if (**s == '-') {
		is_negative = 1;
		(*s)++;
	}
	for (; **s >= '0' && **s <= '9'; (*s)++)
		v = v * 10 + (**s - '0');
	return is_negative ? -v : v;
}

/* "PID (COMM) STATE PPID PGRP SESSION ...": the name may hold blanks and parentheses, so it ends
 * at the last one. The start time is field 22, the state field 3. */
static int parse(char *line, struct procstat *ps)
{
	char *open = strchr(line, '(');
	char *end = strrchr(line, ')');
	const char *at = line;
	size_t n;
	int field;

	if (!open || !end || end < open || end[1] != ' ' || !end[2])
		return -1;
	ps->pid = (pid_t)next_number(&at);
	n = (size_t)(end - open - 1);
	if (n >= sizeof(ps->comm))
		n = sizeof(ps->comm) - 1;
	memcpy(ps->comm, open + 1, n);
	ps->comm[n] = '\0';
	ps->state = end[2];
	at = end + 3;
	ps->ppid = (pid_t)next_number(&at);
	next_number(&at);
	ps->session = (pid_t)next_number(&at);
	for (field = 7; field < 22; field++)
		next_number(&at);
	ps->start_ticks = next_number(&at);
	return 0;
}

int procstat_read(pid_t pid, struct procstat *ps)
{
	char path[PROC_PATH_SIZE], line[1024];
	ssize_t n;
	int fd;

	proc_path(path, pid, "/stat");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read_some(fd, line, sizeof(line) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	line[n] = '\0';
	return parse(line, ps);
}
