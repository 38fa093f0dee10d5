/* JSON written as a stream into a buffer: no tree, no allocation a value. Commas and colons are
 * its own; the caller opens and closes in order. Strings that are not UTF-8 get U+FFFD for each
 * bad run, so that the text is always valid JSON. */
#ifndef AB_FORMATS_JSONW_H
#define AB_FORMATS_JSONW_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct jsonw {
	struct buf *out; /* borrowed */
	unsigned depth;
	bool has_value[32]; /* at each depth: a comma is due */
	bool after_key;
	int indent; /* 0: one line; else spaces a level */
};

void jsonw_init(struct jsonw *w, struct buf *out, int indent);
void jsonw_object(struct jsonw *w); /* { */
void jsonw_array(struct jsonw *w); /* [ */
void jsonw_end(struct jsonw *w, char close); /* '}' or ']' */
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_str(struct jsonw *w, const char *s); /* NULL: null */
void jsonw_strn(struct jsonw *w, const char *s, size_t n);
void jsonw_int(struct jsonw *w, int64_t v);
void jsonw_num(struct jsonw *w, double v); /* shortest text that reads back; null if not finite */
/* A sum of money: to the milliardth, so that three dimes are 0.3. */
void jsonw_usd(struct jsonw *w, double usd);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
/* Milliseconds as seconds with up to three decimals: 1795262400.123 */
void jsonw_ms(struct jsonw *w, int64_t ms);
/* Text that is JSON already. */
void jsonw_raw(struct jsonw *w, const char *json);

/* Key and value at once. */
void jsonw_kstr(struct jsonw *w, const char *key, const char *s);
void jsonw_kstr_or_null(struct jsonw *w, const char *key, const char *s); /* "" is null, too */
/* The words of a cell (task_next_word), as an array. */
void jsonw_kwords(struct jsonw *w, const char *key, const char *s);
void jsonw_kint(struct jsonw *w, const char *key, int64_t v);
void jsonw_knum(struct jsonw *w, const char *key, double v);
void jsonw_kusd(struct jsonw *w, const char *key, double usd);
void jsonw_kbool(struct jsonw *w, const char *key, bool v);
void jsonw_kms(struct jsonw *w, const char *key, int64_t ms);
/* NUM_NONE (model/event.h) is null, or leaves the key out. */
void jsonw_kint_or_null(struct jsonw *w, const char *key, int64_t v);
void jsonw_kms_or_null(struct jsonw *w, const char *key, int64_t ms);
void jsonw_kint_if_told(struct jsonw *w, const char *key, int64_t v);
void jsonw_kms_if_told(struct jsonw *w, const char *key, int64_t ms);

#endif
