#include "base/disk.h"

#include <sys/statvfs.h>
#include <unistd.h>

/* Less is a block or two that no file gets any more. */
#define FULL_BYTES 16384

const char *disk_why_refuses(int fd)
{
	struct statvfs v;
	unsigned long long blocks;

	if (fstatvfs(fd, &v) < 0)
		return NULL;
	/* Some blocks are kept for the superuser. */
	blocks = geteuid() == 0 ? v.f_bfree : v.f_bavail;
	if (v.f_flag & ST_RDONLY)
		return "the disk is read-only";
	if (v.f_blocks > 0 && blocks * v.f_frsize < FULL_BYTES)
		return "the disk is full";
	if (v.f_files > 0 && v.f_favail == 0)
		return "the disk has no inodes left";
	return NULL;
}
