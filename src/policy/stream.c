#include "policy/stream.h"
#include "policy/tail.h"

#include <string.h>

#define MAX_BROKEN_DOCS 32

void stream_init(struct stream *s, const struct stream_sink *sink)
{
	*s = (struct stream){.sink = *sink, .held = BUF_INIT, .clean = BUF_INIT};
}

void stream_release(struct stream *s)
{
	buf_release(&s->held);
	buf_release(&s->clean);
}

/* ---- lines -------------------------------------------------------------- */

/* A tool that is not told otherwise colours its lines, and redraws one by a carriage return. */
static void give_line(struct stream *s, const char *p, size_t n)
{
	size_t i = 0;

	if (!memchr(p, '\033', n) && !memchr(p, '\r', n)) {
		s->sink.line(s->sink.ctx, p, n);
		return;
	}
	buf_reset(&s->clean);
	while (i < n) {
		if (p[i] == '\033')
			i += escape_length(p + i, n - i);
		else if (p[i++] != '\r')
			buf_ch(&s->clean, p[i - 1]);
		else if (i < n)
			buf_reset(&s->clean);
	}
	s->sink.line(s->sink.ctx, s->clean.len ? s->clean.data : "", s->clean.len);
}

/* ---- documents ---------------------------------------------------------- */

static bool is_only_blanks(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return false;
	return true;
}

static bool give_document(struct stream *s, const char *p, size_t n)
{
	struct json doc;

	if (!json_value(p, n, &doc))
		return false;
	if (!is_only_blanks(doc.p + doc.n, n - (size_t)(doc.p + doc.n - p)))
		return false;
	s->sink.document(s->sink.ctx, doc);
	return true;
}

/* Carries the state of brackets and strings over a line of a document. False: no document goes on
 * so, for a string does not reach over a line's end. */
static bool walk(struct stream *s, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (s->in_string) {
			if (s->is_escaped)
				s->is_escaped = false;
			else if (p[i] == '\\')
				s->is_escaped = true;
			else if (p[i] == '"')
				s->in_string = false;
		} else if (p[i] == '"') {
			s->in_string = true;
		} else if (p[i] == '{' || p[i] == '[') {
			s->depth++;
		} else if ((p[i] == '}' || p[i] == ']') && s->depth > 0) {
			s->depth--;
		}
	}
	return !s->in_string;
}

/* A bracket alone on its line opens one over several. */
static bool may_be_document(const char *p, size_t n)
{
	return json_looks_like(p, n) ||
	    (n > 0 && (p[0] == '{' || p[0] == '[') && is_only_blanks(p + 1, n - 1));
}

static bool begin_document(struct stream *s, const char *p, size_t n)
{
	if (s->nr_broken >= MAX_BROKEN_DOCS)
		return false;
	s->depth = 0;
	s->in_string = s->is_escaped = false;
	s->in_document = walk(s, p, n) && s->depth > 0;
	return s->in_document;
}

/* The line that opened it is a line of text after all; those behind it are looked at again. */
static void give_up_document(struct stream *s)
{
	const char *p = s->held.data + s->at;
	const char *eol = memchr(p, '\n', s->held.len - s->at);
	size_t n = eol ? (size_t)(eol - p) : s->held.len - s->at;

	s->nr_broken++;
	s->in_document = false;
	give_line(s, p, n);
	s->at += eol ? n + 1 : n;
	s->seen = s->at;
}

/* A line inside a document, from `seen` on. */
static void go_on_with_document(struct stream *s, const char *p, size_t n)
{
	const char *from = s->held.data + s->at;

	/* Events stand at the beginning of a line; what a document holds is indented. */
	if ((n > 1 && p[0] == '{' && p[1] == '"') || !walk(s, p, n)) {
		give_up_document(s);
		return;
	}
	s->seen += n + 1;
	if (s->depth > 0)
		return;
	if (!give_document(s, from, (size_t)(p + n - from))) {
		give_up_document(s);
		return;
	}
	s->in_document = false;
	s->at = s->seen;
}

static void take_line(struct stream *s, const char *p, size_t n)
{
	if (s->in_document) {
		go_on_with_document(s, p, n);
		return;
	}
	s->seen += n + 1;
	if (!may_be_document(p, n))
		give_line(s, p, n);
	else if (give_document(s, p, n))
		;
	else if (begin_document(s, p, n))
		return; /* `at` stays where it begins */
	else
		give_line(s, p, n);
	s->at = s->seen;
}

/* ---- the bytes ---------------------------------------------------------- */

static void bound(struct stream *s)
{
	if (s->in_document && s->held.len - s->at > STREAM_MAX_PIECE)
		give_up_document(s);
	if (!s->in_document && s->seen == s->at && s->held.len - s->at > STREAM_MAX_PIECE) {
		s->is_skipping = true;
		s->at = s->seen = s->held.len;
	}
}

static void take_lines(struct stream *s)
{
	const char *eol;

	while (s->seen < s->held.len &&
	    (eol = memchr(s->held.data + s->seen, '\n', s->held.len - s->seen))) {
		const char *p = s->held.data + s->seen;

		if (s->is_skipping) {
			s->is_skipping = false;
			s->at = s->seen = (size_t)(eol + 1 - s->held.data);
			continue;
		}
		take_line(s, p, (size_t)(eol - p));
	}
}

void stream_feed(struct stream *s, const char *p, size_t n)
{
	buf_add(&s->held, p, n);
	do {
		take_lines(s);
		bound(s);
	} while (s->seen < s->held.len &&
	    memchr(s->held.data + s->seen, '\n', s->held.len - s->seen));
	buf_drop(&s->held, s->at);
	s->seen -= s->at;
	s->at = 0;
}

void stream_finish(struct stream *s)
{
	if (s->held.len > s->seen)
		stream_feed(s, "\n", 1);
	while (s->in_document) {
		give_up_document(s);
		take_lines(s);
	}
	buf_reset(&s->held);
	s->at = s->seen = 0;
}
