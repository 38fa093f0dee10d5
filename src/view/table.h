/* The table of agents: its columns at a width, and one row as text or cells. */
#ifndef AB_VIEW_TABLE_H
#define AB_VIEW_TABLE_H

#include "view/cells.h"
#include "view/header.h"
#include "view/log_peek.h"
#include "view/row.h"

/* Where columns begin; -1: not shown at this width. */
struct table_columns {
	int id, state, try, time, last_class, cost, agent, line, end;
};

void table_columns(const struct view_model *m, int cols, struct table_columns *t);

/* Column titles; `from` and `to` are the rows in sight, from 1; 0: say nothing of them. */
void table_paint_head(const struct view_model *m, int cols, struct cells *c, int row, uint32_t from,
    uint32_t to);

struct table_row_opts {
	uint32_t agent;
	bool is_selected, is_tagged;
	struct log_peeks *peeks; /* NULL: logs are not read */
};
void table_paint_row(const struct view_model *m, const struct look *look, struct cells *c, int row,
    const struct table_row_opts *o);

#endif
