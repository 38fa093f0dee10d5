/* The final report of a run: what succeeded, what was healed, when and how, what is left and why,
 * and what re-running only the failures has saved. */
#ifndef AB_VIEW_REPORT_H
#define AB_VIEW_REPORT_H

#include "base/buf.h"
#include "base/clock.h"
#include "formats/run_reader.h"

#include <stdbool.h>

void report_text(const struct run_reader *run, struct instant now, bool color, struct buf *out);
void report_markdown(const struct run_reader *run, struct instant now, struct buf *out);
void report_json(const struct run_reader *run, struct instant now, struct buf *out);

#endif
