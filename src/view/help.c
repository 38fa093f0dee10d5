/* Help, drawn from the key table: in two columns where there is room. */
#include "view/frame.h"
#include "view/glyphs.h"

#include <stdio.h>
#include <string.h>

#define KEYS_COLUMNS 20
#define LINES_MAX 96

struct help_line {
	const char *keys; /* NULL: `text` is a title, or stands alone */
	char text[112];
	bool is_title;
};

struct help_lines {
	struct help_line v[LINES_MAX];
	int nr;
};

static struct help_line *add(struct help_lines *l, const char *keys, const char *text)
{
	struct help_line *line = &l->v[l->nr < LINES_MAX ? l->nr++ : LINES_MAX - 1];

	*line = (struct help_line){.keys = keys};
	snprintf(line->text, sizeof(line->text), "%s", text);
	return line;
}

static void add_section(struct help_lines *l, const struct frame_opts *o, enum key_section s)
{
	bool has_title = false;
	size_t i;

	for (i = 0; i < o->nr_all_hints; i++) {
		const struct key_hint *h = &o->all_hints[i];

		if (h->section != s || !h->help)
			continue;
		if (!has_title) {
			if (l->nr)
				add(l, NULL, "");
			add(l, NULL, key_section_title(s))->is_title = true;
			has_title = true;
		}
		add(l, h->keys, h->help);
	}
}

static void add_states(struct help_lines *l, const struct viewer *v)
{
	static const enum style_role order[] = {
	    ROLE_PENDING,
	    ROLE_BLOCKED,
	    ROLE_RUNNING,
	    ROLE_BACKOFF,
	    ROLE_VALIDATING,
	    ROLE_COMPLETED,
	    ROLE_FAILED,
	    ROLE_LOST,
	    ROLE_CANCELLED,
	    ROLE_SKIPPED,
	};
	size_t i;

	add(l, NULL, "");
	add(l, NULL, "STATES")->is_title = true;
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i += 2) {
		struct buf b = BUF_INIT, pair = BUF_INIT;
		size_t k;

		for (k = i; k < i + 2; k++) {
			struct glyph g = {.cp = glyph_of_role(order[k], v->look.ascii), .width = 1};
			struct cells one;

			/* As text, like every other line. */
			cells_init(&one);
			cells_resize(&one, 16, 1);
			cells_put(&one, 0, 0, 16, &g);
			cells_text(&one, 0, 2, 16, (struct style){0}, shown_role_word(order[k]));
			buf_reset(&pair);
			cells_row_text(&one, 0, v->look.ascii, &pair);
			width_pad(&b, pair.data, k == i ? 16 : 13);
			cells_release(&one);
		}
		add(l, NULL, "")->keys = "";
		snprintf(l->v[l->nr - 1].text, sizeof(l->v[0].text), "%s", b.data);
		buf_release(&pair);
		buf_release(&b);
	}
}

static void add_farewell(struct help_lines *l, const struct viewer *v)
{
	char text[112];

	add(l, NULL, "");
	add(l, NULL, "Leaving (q) never stops the batch. Come back with:");
	snprintf(text, sizeof(text), "agent-batch monitor %.80s",
	    v->model.run->batches[0]->dir.name);
	add(l, NULL, text);
}

static void paint_line(struct cells *c, int row, int col, int end, const struct help_line *line)
{
	const struct style title = {.flags = STYLE_BOLD}, plain = {0};

	if (line->is_title || !line->keys) {
		cells_text(c, row, col, end, line->is_title ? title : plain, line->text);
		return;
	}
	cells_text(c, row, col + 2, end, title, line->keys);
	cells_text(c, row, col + 2 + (*line->keys ? KEYS_COLUMNS : 0), end, plain, line->text);
}

static void paint_column(const struct viewer *v, struct cells *c, int col, int end,
    const struct help_lines *l, int rows)
{
	int i;

	for (i = 0; i < rows && v->overlay_top + i < l->nr; i++)
		paint_line(c, 2 + i, col, end, &l->v[v->overlay_top + i]);
}

void help_paint(struct viewer *v, const struct frame_opts *o, struct cells *c)
{
	struct help_lines left, right;
	bool has_two = c->cols >= 100;
	struct help_lines *second = has_two ? &right : &left;
	int rows = v->layout.keys.row - v->layout.message.rows - 2, nr;

	left.nr = right.nr = 0;
	add_section(&left, o, KEYS_MOVE);
	add_section(&left, o, KEYS_FIND);
	add_section(&left, o, KEYS_LOG);
	add_section(second, o, KEYS_STEER);
	add_section(second, o, KEYS_SCREEN);
	add_states(second, v);
	add_farewell(second, v);
	nr = left.nr > right.nr ? left.nr : right.nr;
	if (v->overlay_top > nr - rows)
		v->overlay_top = nr > rows ? nr - rows : 0;
	v->overlay_rows = rows;
	cells_text(c, 0, 1, c->cols - 1, (struct style){.flags = STYLE_BOLD}, "Help: overview");
	cells_text(c, 0, c->cols - 9, c->cols, (struct style){0}, "q closes");
	if (nr > rows)
		cells_textf(c, c->rows - 1, c->cols - 14, c->cols - 1, (struct style){0},
		    "page %d of %d", (v->overlay_top + rows - 1) / rows + 1,
		    (nr + rows - 1) / rows);
	paint_column(v, c, 1, has_two ? 66 : c->cols - 1, &left, rows);
	if (has_two)
		paint_column(v, c, 67, c->cols - 1, &right, rows);
}
