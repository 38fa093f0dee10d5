/* The table of agents: its columns at a width, and one row as text or cells. */
#ifndef AB_VIEW_TABLE_H
#define AB_VIEW_TABLE_H

#include "view/text/cells.h"
#include "view/screen/header.h"
#include "view/log/log_peek.h"
#include "view/row.h"

enum table_column {
	TABLE_ID,
	TABLE_STATE,
	TABLE_TRY,
	TABLE_TIME,
	TABLE_CLASS,
	TABLE_COST,
	TABLE_AGENT,
	TABLE_LINE,
	TABLE__COLUMNS
};

/* So many steps to the right leave only ID and LAST LINE; more of them scroll its text. */
#define TABLE_SCROLL_COLUMNS (TABLE_LINE - TABLE_STATE)
#define TABLE_SCROLL_MAX (TABLE_SCROLL_COLUMNS + 64)

/* Where columns begin (-1: not shown), and the column behind their last one. */
struct table_columns {
	int at[TABLE__COLUMNS], stop[TABLE__COLUMNS];
	int end; /* of the whole row */
	int line_left; /* columns of LAST LINE that are scrolled away */
};

/* At a width, `scrolled` steps to the right: columns behind ID give way to those that a narrow
 * screen leaves out. */
void table_columns(const struct view_model *m, int cols, int scrolled, struct table_columns *t);
/* The order that a column's title stands for, or SORT__COUNT. */
enum view_sort table_sort_of(enum table_column column);
/* The column whose title is at `col`, or TABLE__COLUMNS. */
enum table_column table_column_at(const struct table_columns *t, int col);

struct table_head_opts {
	int scrolled;
	uint32_t from, to; /* the rows in sight, from 1; 0: nothing is said of them */
};
void table_paint_head(const struct view_model *m, struct cells *c, int row,
    const struct table_head_opts *o);

struct table_row_opts {
	uint32_t agent;
	int scrolled;
	bool is_selected, is_tagged;
	struct log_peeks *peeks; /* NULL: logs are not read */
};
void table_paint_row(const struct view_model *m, const struct look *look, struct cells *c, int row,
    const struct table_row_opts *o);

#endif
