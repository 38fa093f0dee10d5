/* String -> number. Keys are borrowed: they must outlive the map. Open addressing; the hash is
 * seeded per process so that hostile ids cannot choose their collisions. */
#ifndef AB_BASE_MAP_H
#define AB_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_slot {
	const char *key; /* NULL: free */
	uint32_t hash;
	uint32_t value;
};

struct map {
	struct map_slot *slots;
	size_t cap; /* a power of two, or 0 */
	size_t nr;
};

#define MAP_INIT \
	{ \
		NULL, 0, 0 \
	}
#define MAP_NONE UINT32_MAX

void map_init(struct map *m);
void map_release(struct map *m);
/* The value, or MAP_NONE. */
uint32_t map_get(const struct map *m, const char *key);
/* Sets it if the key is new. Returns the value that stands now: an old one is kept. */
uint32_t map_put(struct map *m, const char *key, uint32_t value);

#endif
