#include "exec/template.h"
#include "base/buf.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* ---- words ---- */

void words_free(char **words, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		free(words[i]);
	free(words);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* From behind the opening quote to behind the closing one; NULL: there is none. */
static const char *take_single(const char *s, struct buf *word)
{
	const char *end = strchr(s, '\'');

	if (!end)
		return NULL;
	buf_add(word, s, (size_t)(end - s));
	return end + 1;
}

static const char *take_double(const char *s, struct buf *word)
{
	for (; *s && *s != '"'; s++) {
		if (s[0] == '\\' && s[1] == '\n') {
			s++;
			continue;
		}
		if (s[0] == '\\' && s[1] && strchr("$`\"\\", s[1]))
			s++;
		buf_ch(word, *s);
	}
	return *s ? s + 1 : NULL;
}

/* One word, its quotes taken off; NULL: a quote is not closed (*open is where it opens). */
static const char *take_word(const char *s, struct buf *word, const char **open)
{
	while (s && *s && !is_blank(*s)) {
		*open = s;
		if (*s == '\'') {
			s = take_single(s + 1, word);
		} else if (*s == '"') {
			s = take_double(s + 1, word);
		} else if (s[0] == '\\' && s[1] == '\n') {
			s += 2; /* a line goes on */
		} else {
			if (s[0] == '\\' && s[1])
				s++;
			buf_ch(word, *s++);
		}
	}
	return s;
}

/* A backslash and a newline between words is no word. */
static const char *skip_blanks(const char *s)
{
	while (is_blank(*s) || (s[0] == '\\' && s[1] == '\n'))
		s += is_blank(*s) ? 1 : 2;
	return s;
}

int shell_split(const char *s, char ***words, size_t *nr, struct err *err)
{
	char **v = xcalloc(1, sizeof(*v));
	size_t n = 0;
	const char *at = s;

	while (*(at = skip_blanks(at))) {
		struct buf word = BUF_INIT;
		const char *open = at;

		at = take_word(at, &word, &open);
		if (!at) {
			err_set(err, "unclosed quote: %.40s", open);
			buf_release(&word);
			words_free(v, n);
			return -1;
		}
		v = xrealloc(v, (n + 2) * sizeof(*v));
		v[n++] = buf_detach(&word);
		v[n] = NULL;
	}
	*words = v;
	*nr = n;
	return 0;
}

/* ---- placeholders ---- */

enum piece { PIECE_END, PIECE_CHAR, PIECE_NAME, PIECE_UNCLOSED };

/* The next piece of a template, from *s, which is moved behind it: a literal byte, or the name
 * between two braces. A lone } is literal: it can mean nothing else. */
static enum piece next_piece(const char **s, char *c, const char **name, size_t *len)
{
	const char *at = *s;

	if (!*at)
		return PIECE_END;
	*c = *at;
	*s = at + 1;
	if ((at[0] == '{' && at[1] == '{') || (at[0] == '}' && at[1] == '}')) {
		*s = at + 2;
		return PIECE_CHAR;
	}
	if (*at != '{')
		return PIECE_CHAR;
	*name = at + 1;
	*len = strcspn(at + 1, "{}");
	if (at[1 + *len] != '}')
		return PIECE_UNCLOSED;
	*s = at + 2 + *len;
	return PIECE_NAME;
}

static int add_value(struct buf *out, const char *name, size_t len, template_lookup lookup,
    void *ctx, struct err *err)
{
	char *key = xstrndup(name, len);
	const char *value = len ? lookup(ctx, key) : NULL;
	int rc = 0;

	if (value)
		buf_str(out, value);
	else
		rc = err_set(err,
		    "unknown placeholder '{%.60s}': a literal brace is written '{{' or '}}'", key);
	free(key);
	return rc;
}

char *template_fill(const char *word, template_lookup lookup, void *ctx, struct err *err)
{
	struct buf out = BUF_INIT;
	const char *at = word, *name = NULL;
	size_t len = 0;
	char c = '\0';

	for (;;) {
		switch (next_piece(&at, &c, &name, &len)) {
		case PIECE_END:
			return buf_detach(&out);
		case PIECE_CHAR:
			buf_ch(&out, c);
			break;
		case PIECE_NAME:
			if (add_value(&out, name, len, lookup, ctx, err) < 0)
				goto fail;
			break;
		case PIECE_UNCLOSED:
			err_set(err, "unclosed '{' in '%.60s': a literal brace is written '{{'",
			    word);
			goto fail;
		}
	}
fail:
	buf_release(&out);
	return NULL;
}

static bool word_uses(const char *word, const char *wanted)
{
	const char *name = NULL;
	size_t len = 0;
	enum piece piece;
	char c;

	while ((piece = next_piece(&word, &c, &name, &len)) != PIECE_END)
		if (piece == PIECE_NAME && strlen(wanted) == len && memcmp(name, wanted, len) == 0)
			return true;
	return false;
}

bool template_uses(char *const *words, size_t nr, const char *name)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (word_uses(words[i], name))
			return true;
	return false;
}
