#include "policy/verdict.h"
#include "base/json_scan.h"
#include "base/utf8.h"

#include <string.h>

void verdict_clear(struct verdict *v)
{
	memset(v, 0, sizeof(*v));
	v->retry_after_ms = v->reset_at_t = NUM_NONE;
}

/* One line: blanks joined, bytes that are not UTF-8 left out, cut at a whole character. */
static void set_words(char *out, size_t cap, const char *p, size_t n)
{
	size_t i = 0, len = 0;

	while (i < n) {
		uint32_t cp;
		size_t took = utf8_decode(p + i, n - i, &cp);
		bool is_blank = cp <= ' ' || cp == 0x7f || cp == UTF8_BAD;

		if (is_blank && len > 0 && out[len - 1] != ' ' && len + 1 < cap) {
			out[len++] = ' ';
		} else if (!is_blank) {
			if (len + took >= cap)
				break;
			memcpy(out + len, p + i, took);
			len += took;
		}
		i += took;
	}
	while (len > 0 && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
}

/* Bytes of the status in "401 {...}". */
static size_t status_before(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < 3; i++)
		if (p[i] < '0' || p[i] > '9')
			return 0;
	return n > 4 && p[3] == ' ' ? 4 : 0;
}

/* What a service sent as its error is shown by the sentence in it; and of "[API Error: ...]", whose
 * beginning was peeled, the bracket at the end goes too. */
void verdict_set_message(struct verdict *v, const char *p, size_t n)
{
	char text[sizeof(v->message)];
	size_t status = status_before(p, n);
	struct json body;

	if (n > status && p[status] == '{' && json_value(p + status, n - status, &body)) {
		struct json message = json_get(body, "error.message");

		memcpy(text, p, status);
		if (json_is_string(message) &&
		    json_text(message, text + status, sizeof(text) - status) > 0) {
			set_words(v->message, sizeof(v->message), text, strlen(text));
			return;
		}
	}
	if (n > 1 && p[n - 1] == ']' && !memchr(p, '[', n))
		n--;
	set_words(v->message, sizeof(v->message), p, n);
}

void verdict_set_evidence(struct verdict *v, const char *p, size_t n)
{
	set_words(v->evidence, sizeof(v->evidence), p, n);
}
