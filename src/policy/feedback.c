#include "policy/feedback.h"
#include "base/utf8.h"

#include <string.h>

#define MESSAGE_MAX 2048

/* Bytes that are good text, with a mark where something was not. */
static void add_clean(struct buf *out, const char *p, size_t n)
{
	while (n > 0) {
		uint32_t cp;
		size_t len = utf8_decode(p, n, &cp);

		if (cp == UTF8_BAD)
			buf_str(out, "\xef\xbf\xbd");
		else if (cp == '\n' || cp == '\t' || (cp >= 0x20 && (cp < 0x7f || cp > 0x9f)))
			buf_add(out, p, len);
		p += len;
		n -= len;
	}
}

/* At most `max` bytes, from the beginning. */
static void add_line(struct buf *out, const char *what, const char *text)
{
	size_t n = text ? strlen(text) : 0;
	size_t from;

	if (n == 0)
		return;
	buf_str(out, what);
	from = out->len;
	add_clean(out, text, n < MESSAGE_MAX ? n : MESSAGE_MAX);
	if (out->len - from > MESSAGE_MAX)
		buf_cut(out, from + utf8_valid_prefix(out->data + from, MESSAGE_MAX));
	if (n > MESSAGE_MAX)
		buf_str(out, " ...");
	buf_ch(out, '\n');
}

/* "=== validation of attempt 2 at ... ===": ours, for readers of the log. */
static bool is_separator(const char *line, size_t n)
{
	static const char *const begins[] = {"=== attempt ", "=== validation of attempt "};
	size_t i;

	if (n < 8 || memcmp(line + n - 4, " ===", 4) != 0)
		return false;
	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(line, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

static void add_lines(struct buf *out, const char *p, size_t n)
{
	while (n > 0) {
		const char *eol = memchr(p, '\n', n);
		size_t line = eol ? (size_t)(eol - p) : n;

		if (!is_separator(p, line)) {
			add_clean(out, p, line);
			buf_ch(out, '\n');
		}
		p += line + (eol != NULL);
		n -= line + (eol != NULL);
	}
}

/* Its end, from the beginning of a line on where there is one. */
static void add_validation(struct buf *out, const char *p, size_t n)
{
	struct buf clean = BUF_INIT;
	const char *from, *eol;

	add_lines(&clean, p, n);
	while (clean.len && clean.data[clean.len - 1] == '\n')
		buf_cut(&clean, clean.len - 1);
	if (clean.len) {
		buf_str(out, "Output of the validation:\n");
		from = clean.data;
		if (clean.len > FEEDBACK_VALIDATION_MAX) {
			from += clean.len - FEEDBACK_VALIDATION_MAX;
			while (((unsigned char)*from & 0xc0) == 0x80)
				from++;
			eol = strchr(from, '\n');
			from = eol ? eol + 1 : from;
			buf_str(out, "...\n");
		}
		buf_fmt(out, "%s\n", from);
	}
	buf_release(&clean);
}

void feedback_text(const struct attempt *at, const char *validation, size_t len, struct buf *out)
{
	if (!at->has_verdict || at->class == CLASS_SUCCESS)
		return;
	buf_fmt(out, "The last attempt at this task did not succeed: %s\n", class_name(at->class));
	add_line(out, "Message: ", at->message);
	if (!at->message || !at->evidence || strcmp(at->message, at->evidence) != 0)
		add_line(out, "Evidence: ", at->evidence);
	add_validation(out, validation, len);
}

void feedback_append(struct buf *prompt, const char *feedback)
{
	buf_fmt(prompt, "\n\n%s", feedback);
}
