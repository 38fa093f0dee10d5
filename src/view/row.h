/* One agent as a row of the table: what stands in its columns. */
#ifndef AB_VIEW_ROW_H
#define AB_VIEW_ROW_H

#include "base/buf.h"
#include "view/model.h"

/* The cells of one agent's row but LAST LINE. Strings are the model's or static. */
struct view_row {
	const struct agent *agent;
	enum style_role role;
	char try[24]; /* "2/5"; "-" before the first */
	char time[24]; /* "3:41", "in 0:23", "silent 2:10", "" */
	const char *last_class; /* of the last ended attempt that failed, or "" */
	char cost[32]; /* "0.31", "" where nothing was told */
	const char *account;
	const char *account_short; /* "work" of "claude/work": for a narrow column */
};
/* `output_at_t`: when its log last grew (Unix ms), or NUM_NONE: for "silent". */
void view_row_fill(const struct view_model *m, uint32_t agent, int64_t output_at_t,
    struct view_row *row);
/* The same of any batch of the run. */
void view_row_fill_of(const struct view_model *m, const struct batch_reader *r, uint32_t agent,
    int64_t output_at_t, struct view_row *row);

/* What stands under TIME as a number, for sorting: milliseconds, negative where nothing does. */
int64_t view_row_time_ms(const struct view_model *m, uint32_t agent);
/* Whether any attempt has told what it cost. */
bool view_has_cost(const struct agent *a);

/* LAST LINE where it does not come from the log: the error, the task, what it waits for. Clean
 * text of one line. False: the log's last line is what is shown. */
bool view_row_line(const struct view_model *m, uint32_t agent, struct buf *out);

#endif
