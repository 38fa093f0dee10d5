#include "base/arena.h"
#include "base/xalloc.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN ((size_t)4096)
#define BLOCK_MAX ((size_t)1 << 20)

struct arena_block {
	struct arena_block *prev;
	size_t size;
	alignas(max_align_t) char data[];
};

void arena_init(struct arena *a)
{
	*a = (struct arena)ARENA_INIT;
}

void arena_release(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *b = a->blocks;

		a->blocks = b->prev;
		free(b);
	}
	arena_init(a);
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = a->blocks;

	if (!keep)
		return;
	/* A huge one was for one huge thing. */
	if (keep->size > BLOCK_MAX) {
		arena_release(a);
		return;
	}
	a->blocks = keep->prev;
	arena_release(a);
	keep->prev = NULL;
	a->blocks = keep;
	a->next = keep->data;
	a->left = keep->size;
	a->total_bytes = sizeof(*keep) + keep->size;
}

/* Blocks grow with what is held already, so that a small arena stays small. */
static void add_block(struct arena *a, size_t n)
{
	size_t size = a->total_bytes < BLOCK_MIN ? BLOCK_MIN : a->total_bytes;
	struct arena_block *b;

	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	if (size < n)
		size = n;
	if (size > SIZE_MAX - sizeof(*b))
		die("out of memory (%zu bytes)", n);
	b = xmalloc(sizeof(*b) + size);
	b->prev = a->blocks;
	b->size = size;
	a->blocks = b;
	a->next = b->data;
	a->left = size;
	a->total_bytes += sizeof(*b) + size;
}

static void *take(struct arena *a, size_t n, size_t align)
{
	size_t pad = (size_t)(-(uintptr_t)a->next) & (align - 1);
	void *p;

	if (!a->blocks || a->left < pad || a->left - pad < n) {
		add_block(a, n);
		pad = 0;
	}
	p = a->next + pad;
	a->next += pad + n;
	a->left -= pad + n;
	return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return take(a, n, alignof(max_align_t));
}

void *arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = take(a, n + 1, 1);

	if (n)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}
