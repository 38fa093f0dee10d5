#include "view/log/log_at.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_BYTES 65536
/* So much of a line tells which one it is: what is kept of it may be cut, or put together. */
#define WORDS_MAX 48
#define WORDS_MIN 4

/* The last place of `words` in `n` bytes, or -1. */
static int64_t find_last(const char *p, size_t n, const char *words)
{
	size_t len = words ? strnlen(words, WORDS_MAX) : 0;
	const char *found = NULL, *at = p;

	if (len < WORDS_MIN)
		return -1;
	while ((at = memmem(at, n - (size_t)(at - p), words, len)))
		found = at++;
	return found ? found - p : -1;
}

int64_t log_at_failure(int fd, const struct attempt *at)
{
	int64_t from = at->log_from == NUM_NONE ? 0 : at->log_from, to = at->log_to, found;
	struct stat st;
	char *p;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (to == NUM_NONE || to > st.st_size)
		to = st.st_size;
	if (from < to - LOOK_BYTES)
		from = to - LOOK_BYTES;
	if (from < 0 || from >= to)
		return -1;
	p = xmalloc((size_t)(to - from));
	n = pread(fd, p, (size_t)(to - from), from);
	found = n > 0 ? find_last(p, (size_t)n, at->evidence) : -1;
	if (found < 0 && n > 0)
		found = find_last(p, (size_t)n, at->message);
	free(p);
	return found < 0 ? to - 1 : from + found;
}
