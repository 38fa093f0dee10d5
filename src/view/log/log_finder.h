/* Where some words stand in a log, whatever its size: the file is read once, piece by piece, and
 * only how often a word begins in each 64 KiB is remembered. From that follow the number of a
 * place ("match 17 of 23"; with a newline as the word: its line), and the next and the previous one
 * without reading what has none.
 *
 * Bytes are compared as they are in the file; without regard to case, only ASCII letters are alike.
 *
 * A regular expression, and whatever is looked for by what it is not in, is found by lines: a place
 * is where a line begins. Of a line that is longer than 64 KiB pieces count as lines, too; what
 * stands in two of them is found within 128 KiB of where a piece begins. */
#ifndef AB_VIEW_LOG_FINDER_H
#define AB_VIEW_LOG_FINDER_H

#include "view/text/needle.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_FINDER_WORDS 8
#define LOG_FINDER_WORD_MAX 255
/* What one log_finder_step reads at most. */
#define LOG_FINDER_STEP 65536
/* And so many lines, where each is matched with an expression. */
#define LOG_FINDER_LINES 16

struct log_finder {
	char words[LOG_FINDER_WORDS][LOG_FINDER_WORD_MAX + 1];
	size_t lens[LOG_FINDER_WORDS], nr_words; /* 0: finds nothing */
	bool folds; /* upper and lower case are alike */
	int64_t at; /* what begins before this place is counted */
	int64_t nr; /* so many do */
	int64_t
	    size; /* of the file then; its last bytes, fewer than the longest word has, are not counted */
	int64_t *before; /* how many begin before each 64 KiB */
	size_t nr_blocks, cap_blocks;
	char *block; /* bytes being looked at */
	/* By lines. */
	struct needle needle; /* what was typed; also for words */
	bool by_lines, inverts; /* `inverts`: lines that do not have it */
	bool *begins; /* whether a line, or a piece of one, begins where each 64 KiB do */
	size_t cap_begins;
	int64_t open_at; /* of the last line, while it has no newline; or -1 */
	bool open_is_hit;
	int64_t block_at, block_size; /* what is in the block, and of a file of what size; or -1 */
	size_t block_nr;
};

/* Begins as {0}. */
void log_finder_release(struct log_finder *f);
/* Looks for other words from now on: nothing is known yet. Longer ones are cut. */
void log_finder_set(struct log_finder *f, const char *const *words, size_t nr, bool folds);
/* As typed: one word, or behind a '/' a regular expression; case counts when it has an upper case
 * letter. `is_filter`: behind a '!' first, lines that do not have it. "" finds nothing. -1: it is no
 * expression (err), and nothing is found. */
int log_finder_set_typed(struct log_finder *f, const char *typed, bool is_filter, struct err *err);
/* The file is another one: forgets what was counted. */
void log_finder_reset(struct log_finder *f);

/* Counts on in the file, which has `size` bytes. False: there is no more to count. */
bool log_finder_step(struct log_finder *f, int fd, int64_t size);
bool log_finder_is_done(const struct log_finder *f, int64_t size);

/* How many begin before `at`, as far as was counted. */
int64_t log_finder_rank(struct log_finder *f, int fd, int64_t at);
/* The first that begins at `at` or behind it, the last before it; -1: none was counted. */
int64_t log_finder_next(struct log_finder *f, int fd, int64_t at);
int64_t log_finder_prev(struct log_finder *f, int fd, int64_t at);
/* Whether one stands in these bytes. */
bool log_finder_has(struct log_finder *f, const char *p, size_t n);

#endif
