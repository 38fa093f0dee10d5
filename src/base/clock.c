#include "base/clock.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t read_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct instant clock_now(void)
{
	return (struct instant){
	    .wall_ms = read_ms(CLOCK_REALTIME),
	    .mono_ms = read_ms(CLOCK_MONOTONIC),
	};
}

void clock_boot_id(char out[BOOT_ID_LEN + 1])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, out, BOOT_ID_LEN) : -1;

	if (fd >= 0)
		close(fd);
	if (n == BOOT_ID_LEN)
		out[BOOT_ID_LEN] = '\0';
	else
		memcpy(out, "unknown", 8);
}

/* False where there is no such moment: a clock before 1970, a year past tm's. */
static bool local_time(int64_t wall_ms, struct tm *tm)
{
	time_t t = (time_t)(wall_ms / 1000);

	return wall_ms >= 0 && localtime_r(&t, tm);
}

void clock_stamp(int64_t wall_ms, char out[CLOCK_STAMP_LEN + 1])
{
	struct tm tm;

	if (!local_time(wall_ms, &tm) ||
	    strftime(out, CLOCK_STAMP_LEN + 1, "%Y%m%d-%H%M%S", &tm) == 0)
		memcpy(out, "-", 2);
}

void clock_text(int64_t wall_ms, char out[CLOCK_TEXT_LEN + 1])
{
	struct tm tm;

	if (!local_time(wall_ms, &tm) ||
	    strftime(out, CLOCK_TEXT_LEN + 1, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		memcpy(out, "-", 2);
}

void clock_hms(int64_t wall_ms, char out[CLOCK_HMS_LEN + 1])
{
	struct tm tm;

	if (!local_time(wall_ms, &tm) || strftime(out, CLOCK_HMS_LEN + 1, "%H:%M:%S", &tm) == 0)
		memcpy(out, "-", 2);
}
