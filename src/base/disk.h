/* Whether a file system takes what is written. */
#ifndef AB_BASE_DISK_H
#define AB_BASE_DISK_H

/* Why that of `fd` takes nothing more just now: "the disk is full"; NULL: it does, or cannot be
 * asked. A quota is not seen. */
const char *disk_why_refuses(int fd);

#endif
