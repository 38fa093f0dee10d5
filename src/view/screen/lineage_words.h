/* What the lineage view says of cycles and their agents. All of it is appended to `out`; text that is
 * not ours is sanitised. */
#ifndef AB_VIEW_LINEAGE_WORDS_H
#define AB_VIEW_LINEAGE_WORDS_H

#include "view/screen/lineage.h"

/* What a cycle made of an agent: "completed at attempt 2", "failed again: auth". */
void lineage_outcome(const struct view_model *m, const struct batch_reader *r, uint32_t agent,
    bool had_failed, struct buf *out);
/* "rate_limit 51, timeout 7, +4": as much as `columns` hold. */
void lineage_classes(const struct lineage_cycle *c, size_t columns, struct buf *out);
/* The cycle that is not there yet: its number, and in words when it comes. False: none will. */
bool lineage_coming(const struct view_model *m, bool is_wide, int64_t *cycle, struct buf *out);

#endif
