#include "policy/tail.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define RED '\1' /* stands in the cleaned text where a colour sequence asked for red */
#define MIN_ECHO_BYTES 12 /* a shorter line says too little to be called an echo */
#define MAX_ECHO_TASK (256 * 1024)
#define MAX_BROKEN_DOCS 32 /* lines that open a document which never ends: each costs a walk */

/* ---- cleaning ----------------------------------------------------------- */

static bool is_red_sequence(const char *p, size_t n)
{
	size_t i;

	if (n < 4 || p[n - 1] != 'm')
		return false;
	for (i = 2; i + 2 < n; i++)
		if ((p[i] == '3' || p[i] == '9') && p[i + 1] == '1' &&
		    (p[i - 1] == '[' || p[i - 1] == ';') && (p[i + 2] == 'm' || p[i + 2] == ';'))
			return true;
	return false;
}

/* A program that draws its line anew goes back to where it began or wipes it: what follows is another
 * line. ("\033[K" alone only ends one: compilers print it behind every colour.) */
static bool is_redraw(const char *p, size_t n)
{
	static const char *const ends[] = {
	    "[G", "[1G", "[2K", "[1K", "[A", "[1A", "[F", "[1F", "[E", "[1E", "[H", "[J", "[2J"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(ends); i++)
		if (n == 1 + strlen(ends[i]) && memcmp(p + 1, ends[i], n - 1) == 0)
			return true;
	return false;
}

size_t escape_length(const char *p, size_t n)
{
	size_t i;

	if (n < 2 || p[1] == '\n')
		return 1;
	if (p[1] == '[') {
		for (i = 2; i < n && p[i] != '\n'; i++)
			if (p[i] >= '@' && p[i] <= '~')
				return i + 1;
		return i;
	}
	if (p[1] == ']' || p[1] == 'P') {
		for (i = 2; i < n && p[i] != '\n' && p[i] != '\a'; i++)
			if (p[i] == '\033')
				return i + 1 < n && p[i + 1] == '\\' ? i + 2 : i;
		return i < n && p[i] == '\a' ? i + 1 : i;
	}
	return 2;
}

/* Typographic quotes and blanks come in for plain ones ("You’ve hit"); all three bytes long. */
static char plain_for(const unsigned char *p, size_t n)
{
	if (n < 3 || p[0] != 0xe2 || p[1] != 0x80)
		return 0;
	if (p[2] == 0x98 || p[2] == 0x99)
		return '\'';
	if (p[2] == 0x9c || p[2] == 0x9d)
		return '"';
	return p[2] == 0xaf ? ' ' : 0;
}

static bool is_byte_order_mark(const char *p, size_t n)
{
	return n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0;
}

static void end_line(struct buf *out)
{
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_ch(out, '\n');
}

/* A control sequence says nothing, but for how it colours or where it goes. */
static size_t clean_escape(struct buf *out, const char *p, size_t n)
{
	size_t len = escape_length(p, n);

	if (is_red_sequence(p, len))
		buf_ch(out, RED);
	else if (is_redraw(p, len))
		end_line(out);
	return len;
}

static void clean(struct buf *out, const char *p, size_t n)
{
	size_t i = 0;
	char c;

	buf_reserve(out, n + 1);
	while (i < n) {
		if (p[i] == '\033') {
			i += clean_escape(out, p + i, n - i);
		} else if ((c = plain_for((const unsigned char *)p + i, n - i))) {
			buf_ch(out, c);
			i += 3;
		} else if (is_byte_order_mark(p + i, n - i)) {
			i += 3;
		} else if (p[i] == '\r') {
			if (++i == n || p[i] != '\n')
				end_line(out);
		} else {
			c = p[i++];
			buf_ch(out, (unsigned char)c < ' ' && c != '\n' ? ' ' : c);
		}
	}
}

/* ---- splitting ---------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == RED;
}

/* A line's text without blanks and colour marks at either end. */
static struct piece make_line(const char *p, size_t n)
{
	struct piece line = {PIECE_TEXT, p, n, n > 0 && p[0] == ' ', false};

	for (; line.n && is_blank(line.p[0]); line.p++, line.n--)
		line.is_red = line.is_red || line.p[0] == RED;
	while (line.n && is_blank(line.p[line.n - 1]))
		line.n--;
	return line;
}

/* The JSON document that begins with this line. It must end where a line ends. */
static bool find_doc(const struct tail *t, size_t from, struct json *doc, unsigned *broken)
{
	const char *p = t->bytes.data + from;
	size_t left = t->bytes.len - from, line = strcspn(p, "\n"), end;

	if (!json_looks_like(p, left))
		return false;
	if (!json_value(p, line, doc)) {
		if (*broken >= MAX_BROKEN_DOCS)
			return false;
		if (!json_value(p, left, doc)) {
			(*broken)++;
			return false;
		}
	}
	for (end = doc->n; end < left && is_blank(p[end]); end++)
		;
	return end >= left || p[end] == '\n';
}

static void add_piece(struct tail *t, struct piece piece)
{
	VEC_GROW(t->v, t->nr, t->cap);
	t->v[t->nr++] = piece;
	t->nr_docs += piece.kind == PIECE_JSON;
}

/* In a stream of events, what another writer printed may stand on the same line: "Reading from
 * stdin...{"type":...". Whether the line holds an event with something beside it. */
static bool find_glued(const struct tail *t, const char *p, size_t n, struct json *doc)
{
	static const char opening[] = "{\"type\":\"";
	const char *begin = memmem(p, n, opening, sizeof(opening) - 1);

	return t->nr_docs > 0 && begin && json_value(begin, n - (size_t)(begin - p), doc) &&
	    (begin == p || doc->p + doc->n == p + n);
}

static void add_line(struct tail *t, const char *p, size_t n)
{
	struct json doc;

	if (!find_glued(t, p, n, &doc)) {
		add_piece(t, make_line(p, n));
		return;
	}
	if (doc.p > p)
		add_piece(t, make_line(p, (size_t)(doc.p - p)));
	add_piece(t, (struct piece){PIECE_JSON, doc.p, doc.n, false, false});
	if (doc.p + doc.n < p + n)
		add_piece(t, make_line(doc.p + doc.n, (size_t)(p + n - doc.p) - doc.n));
}

void tail_init(struct tail *t, const char *p, size_t n)
{
	unsigned broken = 0;
	size_t at = 0;

	*t = (struct tail){.bytes = BUF_INIT};
	clean(&t->bytes, p, n);
	while (at < t->bytes.len) {
		struct json doc;

		if (find_doc(t, at, &doc, &broken)) {
			add_piece(t, (struct piece){PIECE_JSON, doc.p, doc.n, false, false});
			at += doc.n;
			at += strcspn(t->bytes.data + at, "\n") + 1;
		} else {
			size_t len = strcspn(t->bytes.data + at, "\n");

			add_line(t, t->bytes.data + at, len);
			at += len + 1;
		}
	}
}

void tail_release(struct tail *t)
{
	free(t->v);
	buf_release(&t->bytes);
	*t = (struct tail){.bytes = BUF_INIT};
}

/* Long lines are wrapped by some tools, so that a part of a line of the task counts too. */
bool tail_is_echo(const char *task, const struct piece *line)
{
	return task && line->n >= MIN_ECHO_BYTES &&
	    memmem(task, strnlen(task, MAX_ECHO_TASK), line->p, line->n) != NULL;
}

bool tail_is_told(const char *feedback, const struct piece *line)
{
	const char *p = feedback ? feedback : "";
	size_t n;

	if (line->n < MIN_ECHO_BYTES)
		return false;
	for (; *p; p += n + (p[n] == '\n')) {
		n = strcspn(p, "\n");
		if (n >= MIN_ECHO_BYTES &&
		    (n < line->n ? memmem(line->p, line->n, p, n) != NULL
				 : memcmp(p, line->p, line->n) == 0))
			return true;
	}
	return false;
}
