/* Memory that is all freed at once: for what lives as long as a batch or a tasks file.
 * Pointers stay valid until arena_release. */
#ifndef AB_BASE_ARENA_H
#define AB_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
	char *next;
	size_t left;
	size_t total_bytes; /* taken from the system so far */
};

#define ARENA_INIT \
	{ \
		NULL, NULL, 0, 0 \
	}

void arena_init(struct arena *a);
void arena_release(struct arena *a);
/* Forgets everything that was taken, keeping the newest block for the next use. */
void arena_reset(struct arena *a);
/* Aligned for any type, not zeroed. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_zalloc(struct arena *a, size_t n);
/* A copy of `n` bytes with a NUL behind it, unaligned. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);

#endif
