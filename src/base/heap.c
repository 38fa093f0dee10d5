#include "base/heap.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void heap_init(struct heap *h)
{
	*h = (struct heap)HEAP_INIT;
}

void heap_release(struct heap *h)
{
	free(h->nodes);
	free(h->pos);
	heap_init(h);
}

static int before(struct heap_node a, struct heap_node b)
{
	return a.key < b.key || (a.key == b.key && a.item < b.item);
}

static void place(struct heap *h, size_t i, struct heap_node n)
{
	h->nodes[i] = n;
	h->pos[n.item] = (uint32_t)i + 1;
}

static void sift(struct heap *h, size_t i, struct heap_node n)
{
	while (i > 0 && before(n, h->nodes[(i - 1) / 2])) {
		place(h, i, h->nodes[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	for (;;) {
		size_t kid = 2 * i + 1;

		if (kid >= h->nr)
			break;
		if (kid + 1 < h->nr && before(h->nodes[kid + 1], h->nodes[kid]))
			kid++;
		if (!before(h->nodes[kid], n))
			break;
		place(h, i, h->nodes[kid]);
		i = kid;
	}
	place(h, i, n);
}

static void grow_pos(struct heap *h, uint32_t item)
{
	size_t cap = h->pos_cap ? h->pos_cap : 16;

	if (item < h->pos_cap)
		return;
	while (cap <= item)
		cap *= 2;
	h->pos = xrealloc(h->pos, cap * sizeof(*h->pos));
	memset(h->pos + h->pos_cap, 0, (cap - h->pos_cap) * sizeof(*h->pos));
	h->pos_cap = cap;
}

void heap_put(struct heap *h, uint32_t item, int64_t key)
{
	struct heap_node n = {.key = key, .item = item};

	grow_pos(h, item);
	if (h->pos[item] == 0) {
		VEC_GROW(h->nodes, h->nr, h->cap);
		h->nr++;
		sift(h, h->nr - 1, n);
	} else {
		sift(h, h->pos[item] - 1, n);
	}
}

void heap_remove(struct heap *h, uint32_t item)
{
	struct heap_node last;
	size_t i;

	if (item >= h->pos_cap || h->pos[item] == 0)
		return;
	i = h->pos[item] - 1;
	h->pos[item] = 0;
	last = h->nodes[--h->nr];
	if (last.item != item)
		sift(h, i, last);
}

const struct heap_node *heap_top(const struct heap *h)
{
	return h->nr ? &h->nodes[0] : NULL;
}
