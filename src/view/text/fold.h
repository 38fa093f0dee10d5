/* What failures of one kind have in common: a message without what differs from one agent, attempt
 * or moment to the next. */
#ifndef AB_VIEW_FOLD_H
#define AB_VIEW_FOLD_H

#include "base/buf.h"

/* Of a message, what is folded: the rest of a longer one tells no kinds apart. */
#define FOLD_MAX 1024

/* Appends `message` as one clean line: numbers, dates and times become <n>; hex, uuids, words with
 * digits among their letters, and quoted strings become <id>; paths and urls become <path>. The
 * names in a JSON object stay, and so do its values that are names themselves: they tell the kind.
 * Folding what is folded already changes nothing. NULL is an empty message. */
void fold_message(const char *message, struct buf *out);

#endif
