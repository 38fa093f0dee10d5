#include "base/map.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static uint32_t seed(void)
{
	static uint32_t s;

	while (s == 0)
		if (getrandom(&s, sizeof(s), GRND_NONBLOCK) != (ssize_t)sizeof(s))
			s = 2166136261u;
	return s;
}

static uint32_t hash(const char *key)
{
	uint32_t h = seed();

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 16777619u;
	return h ^ (h >> 15);
}

void map_init(struct map *m)
{
	*m = (struct map)MAP_INIT;
}

void map_release(struct map *m)
{
	free(m->slots);
	map_init(m);
}

static struct map_slot *find(const struct map *m, const char *key, uint32_t h)
{
	size_t i = h & (m->cap - 1);

	while (m->slots[i].key && (m->slots[i].hash != h || strcmp(m->slots[i].key, key) != 0))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

uint32_t map_get(const struct map *m, const char *key)
{
	const struct map_slot *s;

	if (m->nr == 0)
		return MAP_NONE;
	s = find(m, key, hash(key));
	return s->key ? s->value : MAP_NONE;
}

static void grow(struct map *m)
{
	struct map old = *m;
	size_t i, j;

	m->cap = old.cap ? old.cap * 2 : 16;
	m->slots = xcalloc(m->cap, sizeof(*m->slots));
	for (i = 0; i < old.cap; i++) {
		if (!old.slots[i].key)
			continue;
		for (j = old.slots[i].hash & (m->cap - 1); m->slots[j].key;)
			j = (j + 1) & (m->cap - 1);
		m->slots[j] = old.slots[i];
	}
	free(old.slots);
}

uint32_t map_put(struct map *m, const char *key, uint32_t value)
{
	uint32_t h = hash(key);
	struct map_slot *s;

	if ((m->nr + 1) * 4 > m->cap * 3)
		grow(m);
	s = find(m, key, h);
	if (s->key)
		return s->value;
	*s = (struct map_slot){.key = key, .hash = h, .value = value};
	m->nr++;
	return value;
}
