/* A set of numbered items ordered by a 64-bit key, then by their number: the smallest first.
 * Each item (0 to some limit) is in the heap at most once; adding it again changes its key. */
#ifndef AB_BASE_HEAP_H
#define AB_BASE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_node {
	int64_t key;
	uint32_t item;
};

struct heap {
	struct heap_node *nodes;
	size_t nr, cap;
	uint32_t *pos; /* item -> its place + 1 in nodes; 0: not in the heap */
	size_t pos_cap;
};

#define HEAP_INIT \
	{ \
		NULL, 0, 0, NULL, 0 \
	}

void heap_init(struct heap *h);
void heap_release(struct heap *h);
void heap_put(struct heap *h, uint32_t item, int64_t key);
/* Nothing happens when the item is not in it. */
void heap_remove(struct heap *h, uint32_t item);
/* The smallest, or NULL when it is empty; valid until the next change. */
const struct heap_node *heap_top(const struct heap *h);

#endif
