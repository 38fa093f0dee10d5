/* The parts of an agent's reply that may be what it was asked for: JSON values and tasks CSVs,
 * wherever they stand, in prose, inside ``` fences, or alone.
 *
 *   struct reply r;
 *   struct reply_part part;
 *   reply_init(&r, text, len, words);
 *   while (reply_next(&r, &part))
 *           judge(&part);
 *
 * Only outermost values come, in the order of the text; brackets of prose that open no JSON are
 * passed over. A value that begins well, holds one of `words` as a key and then breaks, comes too,
 * with the place: it is what was meant, and no earlier draft should be taken in its stead. What
 * follows it, up to the next fence, is passed over with it.
 *
 * A CSV begins at a line of words that are parted by commas, one of which is task or prompt, or
 * behind an opening fence that says csv. It ends at a fence; in prose also at an empty line behind
 * which no row of as many fields stands. One that the reply begins with goes on to its end.
 *
 * Replies are hostile: the time it takes is linear, whatever they hold. */
#ifndef AB_FORMATS_REPLY_H
#define AB_FORMATS_REPLY_H

#include "base/buf.h"
#include "base/err.h"
#include "formats/jsonr.h"

#include <stdbool.h>
#include <stddef.h>

#define REPLY_WORDS_MAX 8

enum reply_kind { REPLY_JSON, REPLY_CSV };

struct reply_part {
	enum reply_kind kind;
	const char *p; /* borrowed from the reply */
	size_t n;
	const char *fault; /* JSON: where it breaks, at most the reply's end; NULL: it is whole */
};

struct reply {
	const char *text, *end; /* behind a BOM; borrowed */
	const char *p; /* where to look on */
	const char *const *words;
	struct jsonr_fault broken; /* the last value that broke */
	const char *word_at[REPLY_WORDS_MAX]; /* where each stands next; NULL: not looked for */
	bool wants_csv;
	bool is_fenced, is_csv_fence; /* inside a fence; one that says csv */
	bool is_behind_fence; /* nothing but empty lines since it opened */
};

/* `words`: the keys that tell a broken value from prose, up to a NULL, at most REPLY_WORDS_MAX. They must outlive `r`, as must
 * the text. `wants_csv`: CSVs come, too. */
void reply_init(struct reply *r, const char *text, size_t len, const char *const *words,
    bool wants_csv);
bool reply_next(struct reply *r, struct reply_part *part);

bool reply_is_empty(const struct reply *r);
/* Says of a part's fault what is wrong there, and what to do. `what`: "the plan". Returns -1. */
int reply_refuse(const struct reply *r, const char *what, const char *fault, struct err *err);
/* "reply:LINE:COL" of a place in it, both from 1, the column in bytes. */
void reply_place(const struct reply *r, const char *p, struct buf *out);
/* How many lines end before a place. */
size_t reply_lines_before(const struct reply *r, const char *p);
/* Replaces `out` by the `n` bytes from `p` on, behind as many lines and blanks as stand before them, so
 * that who passes over blanks tells places as they are in the reply. */
void reply_in_place(const struct reply *r, const char *p, size_t n, struct buf *out);

#endif
