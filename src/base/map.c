#include "base/map.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static uint64_t seed(void)
{
	static uint64_t s;

	/* Early in boot there may be no randomness yet: then the hash is merely a good one. */
	while (s == 0)
		if (getrandom(&s, sizeof(s), GRND_NONBLOCK) != (ssize_t)sizeof(s))
			s = 0x9e3779b97f4a7c15u;
	return s;
}

/* Folds the 128-bit product: every bit of both factors reaches every bit of the result. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 m = (unsigned __int128)a * b;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static uint32_t hash(const char *key)
{
	const uint64_t s = seed();
	size_t n = strlen(key);
	uint64_t h = s ^ n;
	uint64_t word;

	for (; n >= sizeof(word); n -= sizeof(word), key += sizeof(word)) {
		memcpy(&word, key, sizeof(word));
		h = mix(h ^ word, s | 1);
	}
	word = 0;
	memcpy(&word, key, n);
	h = mix(mix(h ^ word, s | 1), 0xd6e8feb86659fd93u);
	return (uint32_t)(h ^ (h >> 32));
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
