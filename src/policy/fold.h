/* Messages of failures made alike: numbers become <n>, ids and quoted words <id>, paths and urls
 * <path>, so that two rows that failed for one reason say the same. Pure. */
#ifndef AB_POLICY_FOLD_H
#define AB_POLICY_FOLD_H

#include "base/buf.h"

/* Appends the folded text. It is printable where the text was. */
void fold_text(const char *text, struct buf *out);

#endif
