#include "view/log_finder.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK LOG_FINDER_STEP
/* A word that begins at a block's end goes on behind it. */
#define ROOM (BLOCK + LOG_FINDER_WORD_MAX)

void log_finder_release(struct log_finder *f)
{
	free(f->before);
	free(f->block);
	*f = (struct log_finder){0};
}

void log_finder_reset(struct log_finder *f)
{
	f->at = f->nr = f->size = 0;
	f->nr_blocks = 0;
}

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (uint64_t)(c))

/* Eight bytes at once: a gigabyte is folded before it is searched. The high bit of a byte tells
 * whether it is at least 'A', or more than 'Z'; an upper case letter is one without the other. */
static uint64_t fold_eight(uint64_t w)
{
	uint64_t low = w & EACH_BYTE(0x7F);
	uint64_t from_a = low + EACH_BYTE(0x80 - 'A'), above_z = low + EACH_BYTE(0x7F - 'Z');
	uint64_t is_upper = (from_a ^ above_z) & ~w & EACH_BYTE(0x80);

	return w | is_upper >> 2;
}

static void fold(char *p, size_t n)
{
	size_t i;

	for (i = 0; i + 8 <= n; i += 8) {
		uint64_t w;

		memcpy(&w, p + i, 8);
		w = fold_eight(w);
		memcpy(p + i, &w, 8);
	}
	for (; i < n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] + ('a' - 'A'));
}

void log_finder_set(struct log_finder *f, const char *const *words, size_t nr, bool folds)
{
	size_t i;

	log_finder_reset(f);
	f->folds = folds;
	f->nr_words = 0;
	for (i = 0; i < nr && f->nr_words < LOG_FINDER_WORDS; i++) {
		size_t n = strnlen(words[i], LOG_FINDER_WORD_MAX);

		if (n == 0)
			continue;
		memcpy(f->words[f->nr_words], words[i], n);
		f->words[f->nr_words][n] = '\0';
		if (folds)
			fold(f->words[f->nr_words], n);
		f->lens[f->nr_words++] = n;
	}
}

void log_finder_set_typed(struct log_finder *f, const char *word)
{
	bool has_upper = false;
	const char *p;

	for (p = word; *p; p++)
		has_upper = has_upper || (*p >= 'A' && *p <= 'Z');
	log_finder_set(f, &word, 1, !has_upper);
}

/* ---- one block ---------------------------------------------------------- */

/* Reads what begins in [at, at + n) and the rest of a word behind it. Returns the bytes there. */
static size_t load(struct log_finder *f, int fd, int64_t at, size_t n)
{
	ssize_t got;

	if (!f->block)
		f->block = xmalloc(ROOM);
	got = pread_all(fd, f->block, n + LOG_FINDER_WORD_MAX, (off_t)at);
	if (got <= 0)
		return 0;
	if (f->folds)
		fold(f->block, (size_t)got);
	return (size_t)got;
}

/* The first begin of a word in block[from, to), of `n` bytes that are there; or `to`. */
static size_t find(const struct log_finder *f, size_t n, size_t from, size_t to)
{
	size_t i, best = to;

	for (i = 0; i < f->nr_words; i++) {
		size_t len = f->lens[i], end = best - 1 + len;
		const char *hit;

		if (from >= best)
			break;
		if (end > n)
			end = n;
		if (end < from + len)
			continue;
		hit = len == 1 ? memchr(f->block + from, f->words[i][0], end - from)
			       : memmem(f->block + from, end - from, f->words[i], len);
		if (hit)
			best = (size_t)(hit - f->block);
	}
	return best;
}

static size_t longest(const struct log_finder *f)
{
	size_t i, most = 1;

	for (i = 0; i < f->nr_words; i++)
		if (f->lens[i] > most)
			most = f->lens[i];
	return most;
}

/* ---- counting ----------------------------------------------------------- */

/* Behind this place no word can begin that is whole. */
static int64_t last_begin(const struct log_finder *f, int64_t size)
{
	int64_t end = size - (int64_t)longest(f) + 1;

	return f->nr_words == 0 || end < 0 ? 0 : end;
}

bool log_finder_is_done(const struct log_finder *f, int64_t size)
{
	return f->at >= last_begin(f, size);
}

bool log_finder_step(struct log_finder *f, int fd, int64_t size)
{
	int64_t end = last_begin(f, size), to = (f->at / BLOCK + 1) * BLOCK;
	size_t n, want, at = 0;

	f->size = size;
	if (fd < 0 || f->at >= end)
		return false;
	if (to > end)
		to = end;
	if ((size_t)(f->at / BLOCK) >= f->nr_blocks) {
		VEC_GROW(f->before, f->nr_blocks, f->cap_blocks);
		f->before[f->nr_blocks++] = f->nr;
	}
	want = (size_t)(to - f->at);
	n = load(f, fd, f->at, want);
	if (n < want)
		return false; /* it shrank under us: the next look at the file tells */
	while ((at = find(f, n, at, want)) < want) {
		f->nr++;
		at++;
	}
	f->at = to;
	return f->at < end;
}

/* ---- asking ------------------------------------------------------------- */

static int64_t count_in(const struct log_finder *f, size_t block)
{
	return (block + 1 < f->nr_blocks ? f->before[block + 1] : f->nr) - f->before[block];
}

/* Loads a block as far as it was counted. *nr: the bytes there; returns where the counted end. */
static size_t load_block(struct log_finder *f, int fd, size_t block, size_t *nr)
{
	int64_t at = (int64_t)block * BLOCK;
	size_t n = f->at - at < BLOCK ? (size_t)(f->at - at) : BLOCK;

	*nr = load(f, fd, at, n);
	return n < *nr ? n : *nr;
}

int64_t log_finder_rank(struct log_finder *f, int fd, int64_t at)
{
	size_t block = at > 0 ? (size_t)(at / BLOCK) : 0, n, to, from = 0;
	int64_t rank;

	if (at <= 0 || f->nr_blocks == 0)
		return 0;
	if (at >= f->at || block >= f->nr_blocks)
		return f->nr;
	rank = f->before[block];
	to = load_block(f, fd, block, &n);
	if (to > (size_t)(at % BLOCK))
		to = (size_t)(at % BLOCK);
	while ((from = find(f, n, from, to)) < to) {
		rank++;
		from++;
	}
	return rank;
}

/* Where a long word has no room any more a short one may still stand: the first that begins in
 * [from, end) of the uncounted rest, or -1. */
static int64_t find_in_rest(struct log_finder *f, int fd, int64_t from, int64_t end)
{
	size_t n, to, hit;

	if (f->nr_words < 2)
		return -1; /* it is counted wherever it has room */
	if (from < f->at)
		from = f->at;
	if (end > f->size)
		end = f->size;
	if (from >= end || end - f->at >= LOG_FINDER_WORD_MAX)
		return -1;
	to = (size_t)(end - from);
	n = load(f, fd, from, to);
	hit = n < to ? to : find(f, n, 0, to);
	return hit < to ? from + (int64_t)hit : -1;
}

int64_t log_finder_next(struct log_finder *f, int fd, int64_t at)
{
	size_t block = (size_t)((at < 0 ? 0 : at) / BLOCK);
	size_t from = (size_t)((at < 0 ? 0 : at) % BLOCK);

	for (; block < f->nr_blocks; block++, from = 0) {
		size_t n, to, hit;

		if (count_in(f, block) == 0)
			continue;
		to = load_block(f, fd, block, &n);
		if (from >= to)
			continue;
		hit = find(f, n, from, to);
		if (hit < to)
			return (int64_t)block * BLOCK + (int64_t)hit;
	}
	return find_in_rest(f, fd, at, f->size);
}

/* The last one of a block that begins before `end`, or -1. */
static int64_t last_in(struct log_finder *f, int fd, size_t block, size_t end)
{
	size_t n, to = load_block(f, fd, block, &n), hit = 0;
	int64_t found = -1;

	if (to > end)
		to = end;
	while ((hit = find(f, n, hit, to)) < to)
		found = (int64_t)block * BLOCK + (int64_t)hit++;
	return found;
}

int64_t log_finder_prev(struct log_finder *f, int fd, int64_t at)
{
	int64_t rest = -1, found = -1;
	size_t block, end = BLOCK;

	while ((rest = find_in_rest(f, fd, rest + 1, at)) >= 0)
		found = rest;
	if (found >= 0 || at <= 0 || f->nr_blocks == 0)
		return found;
	if (at > f->at)
		at = f->at;
	block = (size_t)(at / BLOCK);
	if (block >= f->nr_blocks)
		block = f->nr_blocks - 1;
	else
		end = (size_t)(at % BLOCK);
	for (;; block--, end = BLOCK) {
		int64_t hit = count_in(f, block) && end ? last_in(f, fd, block, end) : -1;

		if (hit >= 0 || block == 0)
			return hit;
	}
}

bool log_finder_has(struct log_finder *f, const char *p, size_t n)
{
	if (f->nr_words == 0)
		return false;
	if (!f->block)
		f->block = xmalloc(ROOM);
	/* By pieces that overlap by a word. */
	for (;;) {
		size_t k = n < ROOM ? n : ROOM;

		memcpy(f->block, p, k);
		if (f->folds)
			fold(f->block, k);
		if (k && find(f, k, 0, k) < k)
			return true;
		if (k == n)
			return false;
		p += BLOCK;
		n -= BLOCK;
	}
}
