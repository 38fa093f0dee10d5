/* A run as a tree of cycles: for each batch what it had to do, what it made of it, what it healed. */
#ifndef AB_VIEW_LINEAGE_TEXT_H
#define AB_VIEW_LINEAGE_TEXT_H

#include "base/buf.h"
#include "base/clock.h"
#include "formats/run_reader.h"

#include <stdbool.h>

void lineage_text(const struct run_reader *run, struct instant now, bool color, struct buf *out);

#endif
