/* How much memory this machine can still give. Linux's /proc/meminfo. */
#ifndef AB_EXEC_MEMORY_H
#define AB_EXEC_MEMORY_H

#include <stdint.h>

/* Bytes, without swapping: MemAvailable. NUM_NONE where it is not told. */
int64_t memory_available(void);
/* The same from the file's text. */
int64_t memory_available_in(const char *meminfo);

#endif
