/* The plain driver of a fuzz target: its seeds as they are, then mutations of them, the same ones on
 * every machine. For the unit tests, where there is no libFuzzer. */
#ifndef AB_TESTS_FUZZ_MUTATE_H
#define AB_TESTS_FUZZ_MUTATE_H

#include "base/buf.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "fuzz/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*fuzz_target)(const uint8_t *data, size_t len);

struct fuzz_seeds {
	struct buf *v;
	size_t nr, cap;
};

static inline int fuzz_is_seed(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* In the order of their names: readdir's order would make the mutations differ. */
static inline void fuzz_load(struct fuzz_seeds *seeds, const char *path)
{
	struct dirent **names;
	int dirfd = dir_open(path, NULL);
	int i, nr = scandir(path, &names, fuzz_is_seed, alphasort);

	CHECK(dirfd >= 0 && nr > 0);
	for (i = 0; i < nr; i++) {
		VEC_GROW(seeds->v, seeds->nr, seeds->cap);
		buf_init(&seeds->v[seeds->nr]);
		CHECK(file_read(dirfd, names[i]->d_name, 1 << 20, &seeds->v[seeds->nr++], NULL) ==
		    0);
		free(names[i]);
	}
	free(names);
	close(dirfd);
}

static inline void fuzz_release(struct fuzz_seeds *seeds)
{
	while (seeds->nr)
		buf_release(&seeds->v[--seeds->nr]);
	free(seeds->v);
}

static inline uint32_t fuzz_random(uint64_t *s, size_t below)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return below ? (uint32_t)((*s >> 33) % below) : 0;
}

static inline void fuzz_insert(struct buf *b, size_t at, const char *p, size_t n)
{
	buf_reserve(b, n);
	memmove(b->data + at + n, b->data + at, b->len - at);
	memcpy(b->data + at, p, n);
	buf_commit(b, n);
}

/* `words` are bytes that mean something to the parser, more likely to matter than random ones. */
static inline void fuzz_mutate(struct buf *b, const struct fuzz_seeds *seeds,
    const char *const *words, uint64_t *s)
{
	const struct buf *other = &seeds->v[fuzz_random(s, seeds->nr)];
	size_t at = fuzz_random(s, b->len + 1);
	size_t n = fuzz_random(s, b->len - at + 1);
	size_t nr_words = 0, from;

	while (words[nr_words])
		nr_words++;
	switch (fuzz_random(s, 6)) {
	case 0:
		if (at < b->len)
			b->data[at] = (char)fuzz_random(s, 256);
		break;
	case 1:
	case 2:
		from = fuzz_random(s, nr_words);
		fuzz_insert(b, at, words[from], strlen(words[from]));
		break;
	case 3:
		n %= 9;
		memmove(b->data + at, b->data + at + n, b->len - at - n);
		buf_cut(b, b->len - n);
		break;
	case 4:
		from = fuzz_random(s, other->len + 1);
		n = fuzz_random(s, other->len - from + 1) % 40;
		fuzz_insert(b, at, other->data + from, n);
		break;
	default:
		buf_cut(b, at);
		break;
	}
}

static inline void fuzz_run(fuzz_target target, const char *path, const char *const *words,
    size_t nr_mutations)
{
	struct fuzz_seeds seeds = {NULL, 0, 0};
	struct buf b = BUF_INIT;
	uint64_t s = 20261121;
	size_t i;

	fuzz_load(&seeds, path);
	for (i = 0; i < seeds.nr; i++)
		target((const uint8_t *)seeds.v[i].data, seeds.v[i].len);
	for (i = 0; i < nr_mutations; i++) {
		const struct buf *seed = &seeds.v[i % seeds.nr];
		uint32_t rounds = 1 + fuzz_random(&s, 6);

		buf_reset(&b);
		buf_reserve(&b, seed->len);
		buf_add(&b, seed->data, seed->len);
		while (rounds--)
			fuzz_mutate(&b, &seeds, words, &s);
		target((const uint8_t *)b.data, b.len);
	}
	buf_release(&b);
	fuzz_release(&seeds);
}

#endif
