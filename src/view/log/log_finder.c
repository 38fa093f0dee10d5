#include "view/log/log_finder.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK LOG_FINDER_STEP
/* A word that begins at a block's end goes on behind it. */
#define ROOM (BLOCK + LOG_FINDER_WORD_MAX)
/* A line that begins in a block is matched as far as this behind where it begins. */
#define LINE_ROOM (2 * BLOCK)

void log_finder_release(struct log_finder *f)
{
	free(f->before);
	free(f->block);
	free(f->begins);
	needle_release(&f->needle);
	*f = (struct log_finder){0};
}

void log_finder_reset(struct log_finder *f)
{
	f->at = f->nr = f->size = 0;
	f->nr_blocks = 0;
	f->open_at = f->block_at = -1;
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
	needle_release(&f->needle);
	f->by_lines = f->inverts = false;
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

int log_finder_set_typed(struct log_finder *f, const char *typed, bool is_filter, struct err *err)
{
	bool inverts = is_filter && *typed == '!';
	int rc;

	typed += inverts;
	log_finder_set(f, NULL, 0, false);
	rc = needle_set(&f->needle, typed, err);
	if (rc < 0 || !needle_is_set(&f->needle))
		return rc;
	f->by_lines = inverts || f->needle.regex;
	f->inverts = inverts;
	if (!f->by_lines) {
		size_t n = strnlen(typed, LOG_FINDER_WORD_MAX);

		f->folds = f->needle.folds;
		memcpy(f->words[0], typed, n);
		f->words[0][n] = '\0';
		if (f->folds)
			fold(f->words[0], n);
		f->lens[0] = n;
	}
	f->nr_words = 1;
	return 0;
}

/* ---- one block ---------------------------------------------------------- */

/* Reads what begins in [at, at + n) and the rest of a word behind it. Returns the bytes there. */
static size_t load(struct log_finder *f, int fd, int64_t at, size_t n)
{
	ssize_t got;

	if (!f->block)
		f->block = xmalloc(BLOCK + LINE_ROOM);
	got = pread_all(fd, f->block, n + LOG_FINDER_WORD_MAX, (off_t)at);
	if (got <= 0)
		return 0;
	if (f->folds)
		fold(f->block, (size_t)got);
	return (size_t)got;
}

/* The same by lines: with the rest of a line that begins in the block. What is there already is not
 * read again: an expression takes many small steps. */
static size_t load_lines(struct log_finder *f, int fd, int64_t at)
{
	size_t n = f->size - at < BLOCK + LINE_ROOM ? (size_t)(f->size - at) : BLOCK + LINE_ROOM;
	ssize_t got;

	if (f->block_at == at && f->block_size == f->size)
		return f->block_nr;
	if (!f->block)
		f->block = xmalloc(BLOCK + LINE_ROOM);
	got = pread_all(fd, f->block, n, (off_t)at);
	f->block_at = got > 0 ? at : -1;
	f->block_size = f->size;
	f->block_nr = got > 0 ? (size_t)got : 0;
	return f->block_nr;
}

static bool is_hit(const struct log_finder *f, const char *line, size_t n)
{
	while (n && line[n - 1] == '\r')
		n--;
	return needle_matches(&f->needle, line, n) != f->inverts;
}

/* The first line at `from` or behind it that begins before `to` in the block; or `to`. */
static size_t line_from(const struct log_finder *f, size_t n, size_t from, size_t to)
{
	bool begins = from ? f->block[from - 1] == '\n' : f->begins[f->block_at / BLOCK];
	const char *nl;

	if (begins || from >= to)
		return from;
	nl = memchr(f->block + from, '\n', (to < n ? to : n) - from);
	return nl && (size_t)(nl + 1 - f->block) < to ? (size_t)(nl + 1 - f->block) : to;
}

static size_t line_length(const struct log_finder *f, size_t n, size_t at)
{
	size_t room = n - at < LINE_ROOM ? n - at : LINE_ROOM;
	const char *nl = memchr(f->block + at, '\n', room);

	return nl ? (size_t)(nl - (f->block + at)) : room;
}

static size_t find_line(const struct log_finder *f, size_t n, size_t from, size_t to)
{
	for (from = line_from(f, n, from, to); from < to; from = line_from(f, n, from + 1, to))
		if (is_hit(f, f->block + from, line_length(f, n, from)))
			return from;
	return to;
}

/* The first begin of a word in block[from, to), of `n` bytes that are there; or `to`. */
static size_t find(const struct log_finder *f, size_t n, size_t from, size_t to)
{
	size_t i, best = to;

	if (f->by_lines)
		return find_line(f, n, from, to);
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
	int64_t end = f->by_lines ? size : size - (int64_t)longest(f) + 1;

	return f->nr_words == 0 || end < 0 ? 0 : end;
}

bool log_finder_is_done(const struct log_finder *f, int64_t size)
{
	return f->at >= last_begin(f, size);
}

static void enter_block(struct log_finder *f)
{
	VEC_GROW(f->before, f->nr_blocks, f->cap_blocks);
	f->before[f->nr_blocks++] = f->nr;
}

/* A piece begins with a block that a line goes through which had begun before the last block. */
static void enter_block_of_lines(struct log_finder *f, int fd)
{
	size_t block = f->nr_blocks;
	const char *nl;

	if (block == f->cap_begins || !f->begins) {
		f->cap_begins = f->cap_begins ? 2 * f->cap_begins : 256;
		f->begins = xrealloc(f->begins, f->cap_begins * sizeof(*f->begins));
	}
	f->begins[block] = true;
	if (block && load_lines(f, fd, (int64_t)(block - 1) * BLOCK) >= BLOCK) {
		nl = memrchr(f->block, '\n', BLOCK);
		f->begins[block] = !nl || nl == f->block + BLOCK - 1;
	}
	enter_block(f);
}

/* The last line had no newline, and now it may have more. */
static void take_back_open_line(struct log_finder *f)
{
	if (f->open_at < 0)
		return;
	f->at = f->open_at;
	f->nr -= f->open_is_hit;
	f->nr_blocks = (size_t)(f->open_at / BLOCK) + 1;
	f->open_at = -1;
}

static bool step_by_lines(struct log_finder *f, int fd, int64_t size)
{
	int64_t base;
	size_t n, at, to;
	int lines = 0;

	if (size != f->size)
		take_back_open_line(f);
	f->size = size;
	if (fd < 0 || f->at >= size)
		return false;
	if ((size_t)(f->at / BLOCK) >= f->nr_blocks)
		enter_block_of_lines(f, fd);
	base = f->at / BLOCK * BLOCK;
	n = load_lines(f, fd, base);
	to = size - base < BLOCK ? (size_t)(size - base) : BLOCK;
	if (n < to)
		return false; /* it shrank under us: the next look at the file tells */
	at = line_from(f, n, (size_t)(f->at - base), to);
	while (at < to && lines++ < LOG_FINDER_LINES) {
		size_t len = line_length(f, n, at);
		bool is_one = is_hit(f, f->block + at, len);

		if (base + (int64_t)(at + len) == size) {
			f->open_at = base + (int64_t)at;
			f->open_is_hit = is_one;
		}
		f->nr += is_one;
		at = line_from(f, n, at + 1, to);
	}
	f->at = base + (int64_t)at;
	return f->at < size;
}

bool log_finder_step(struct log_finder *f, int fd, int64_t size)
{
	int64_t end = last_begin(f, size), to = (f->at / BLOCK + 1) * BLOCK;
	size_t n, want, at = 0;

	if (f->by_lines)
		return step_by_lines(f, fd, size);
	f->size = size;
	if (fd < 0 || f->at >= end)
		return false;
	if (to > end)
		to = end;
	if ((size_t)(f->at / BLOCK) >= f->nr_blocks)
		enter_block(f);
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

	*nr = f->by_lines ? load_lines(f, fd, at) : load(f, fd, at, n);
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
	if (count_in(f, block) == 0)
		return rank;
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
	if (f->by_lines)
		return is_hit(f, p, n);
	if (!f->block)
		f->block = xmalloc(BLOCK + LINE_ROOM);
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
