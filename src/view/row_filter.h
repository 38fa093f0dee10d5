/* Key &: which agents are rows, by words as they were typed.
 *
 *   auth token        rows that have both words (id, state, class, agent, tags, task, error)
 *   state:failed      by the state's word or its beginning; class:auth, tag:nightly, agent:codex
 *   !state:pending    rows that all of this is not true of
 *   /^(401|403)       a regular expression over each of the same fields
 *
 * Words compare as a search does (view/text/needle.h). A task counts with its first 4 KiB. */
#ifndef AB_VIEW_ROW_FILTER_H
#define AB_VIEW_ROW_FILTER_H

#include "formats/run_reader.h"
#include "view/text/needle.h"

#include <stdbool.h>
#include <stdint.h>

#define ROW_FILTER_WORDS 8 /* what is more is left out */

enum row_word_kind { WORD_ANY, WORD_STATE, WORD_CLASS, WORD_TAG, WORD_AGENT };

struct row_word {
	enum row_word_kind kind;
	struct needle needle;
};

/* Begins as {0}: takes every row. */
struct row_filter {
	char *typed; /* malloc'ed; NULL: it takes every row */
	bool is_not;
	struct row_word words[ROW_FILTER_WORDS];
	size_t nr_words;
};

/* "" takes every row again. -1: no regular expression (err); then it takes every row, too. */
int row_filter_set(struct row_filter *f, const char *typed, struct err *err);
void row_filter_release(struct row_filter *f);
bool row_filter_takes(const struct row_filter *f, const struct batch_reader *r, uint32_t agent);

/* Whether what is looked for stands in one of the fields above; and in one of those that the
 * agent's row of the overview shows, where the log's last line is not among them. */
bool row_has(const struct needle *n, const struct batch_reader *r, uint32_t agent);
bool row_shows(const struct needle *n, const struct batch_reader *r, uint32_t agent);

#endif
