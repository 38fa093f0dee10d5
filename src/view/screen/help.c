/* Help, drawn from the key table: in two columns where there is room. */
#include "view/screen/frame.h"
#include "view/text/glyphs.h"
#include "view/text/highlight.h"

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

/* Two columns where there is room, one behind the other where there is not. */
struct help_page {
	struct help_lines left, right;
	bool has_two;
};

static void make_page(const struct viewer *v, const struct frame_opts *o, struct help_page *p)
{
	struct help_lines *second;

	p->has_two = v->layout.cols >= 100;
	p->left.nr = p->right.nr = 0;
	second = p->has_two ? &p->right : &p->left;
	add_section(&p->left, o, KEYS_MOVE);
	add_section(&p->left, o, KEYS_FIND);
	add_section(&p->left, o, KEYS_LOG);
	add_section(second, o, KEYS_STEER);
	add_section(second, o, KEYS_SCREEN);
	add_states(second, v);
	add_farewell(second, v);
}

static int page_lines(const struct help_page *p)
{
	return p->left.nr > p->right.nr ? p->left.nr : p->right.nr;
}

static bool line_has(const struct needle *n, const struct help_line *line)
{
	return needle_matches(n, line->text, strlen(line->text)) ||
	    (line->keys && needle_matches(n, line->keys, strlen(line->keys)));
}

bool help_seek(struct viewer *v, const struct frame_opts *o, int by)
{
	struct help_page p;
	int nr, i;

	make_page(v, o, &p);
	nr = p.left.nr + p.right.nr;
	for (i = 0; i < nr; i++) {
		int from = by == 0 ? i : by > 0 ? v->help_at + 1 + i : v->help_at - 1 - i;
		int at = (from % nr + nr) % nr;
		int row = at < p.left.nr ? at : at - p.left.nr;

		if (!line_has(&v->help_search, at < p.left.nr ? &p.left.v[at] : &p.right.v[row]))
			continue;
		v->help_at = at;
		if (row < v->overlay_top || row >= v->overlay_top + v->overlay_rows)
			v->overlay_top = row;
		return true;
	}
	return false;
}

int overlay_pages(const struct viewer *v, int nr, int *page)
{
	int rows = v->overlay_rows > 0 ? v->overlay_rows : 1;

	*page = (v->overlay_top + rows - 1) / rows + 1;
	return (nr + rows - 1) / rows;
}

/* Which of them it is: in the last row where there is room, else behind the title. */
static void paint_pages(const struct viewer *v, struct cells *c, int nr, int col)
{
	int page, pages = overlay_pages(v, nr, &page);
	static const struct style plain;

	if (c->cols >= 70)
		cells_textf(c, c->rows - 1, c->cols - 14, c->cols - 1, plain, "page %d of %d", page,
		    pages);
	else if (pages > 1)
		cells_textf(c, 0, col, c->cols - 10, plain, "  %d/%d", page, pages);
}

static int paint_title(const struct frame_opts *o, struct cells *c)
{
	const char *ways = c->cols >= 60 ? "/ finds a key   q closes" : "q closes";
	int nr = (int)strlen(ways);

	cells_text(c, 0, c->cols - 1 - nr, c->cols, (struct style){0}, ways);
	return cells_textf(c, 0, 1, c->cols - nr - 2, (struct style){.flags = STYLE_BOLD},
	    "Help: %s", o->view_name ? o->view_name : "");
}

void help_paint(struct viewer *v, const struct frame_opts *o, struct cells *c)
{
	struct help_page p;
	int rows = v->layout.keys.row - v->layout.message.rows - 2, nr, i;

	make_page(v, o, &p);
	nr = page_lines(&p);
	if (v->overlay_top > nr - rows)
		v->overlay_top = nr > rows ? nr - rows : 0;
	v->overlay_rows = rows;
	paint_pages(v, c, nr, paint_title(o, c));
	paint_column(v, c, 1, p.has_two ? 66 : c->cols - 1, &p.left, rows);
	if (p.has_two)
		paint_column(v, c, 67, c->cols - 1, &p.right, rows);
	for (i = 0; i < rows; i++)
		highlight_row(c, 2 + i, 0, c->cols, &v->help_search);
}
