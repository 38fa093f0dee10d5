#include "exec/memory.h"
#include "model/event.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KB_MAX (INT64_MAX / 1024)

int64_t memory_available_in(const char *meminfo)
{
	static const char name[] = "MemAvailable:";
	const char *line = meminfo;

	while (line) {
		if (strncmp(line, name, sizeof(name) - 1) == 0) {
			char *end;
			long long kb = strtoll(line + sizeof(name) - 1, &end, 10);

			return strncmp(end, " kB", 3) == 0 && kb >= 0 && kb <= KB_MAX ? kb * 1024
										      : NUM_NONE;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return NUM_NONE;
}

int64_t memory_available(void)
{
	char text[4096];
	int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return NUM_NONE;
	text[n] = '\0';
	return memory_available_in(text);
}
