#include "model/retry_words.h"
#include "base/utf8.h"

#include <string.h>

#define TASK_SHOWN 80

/* As Python writes a string in a list. An id holds no control character. */
static void add_quoted(const char *id, struct buf *out)
{
	char quote = strchr(id, '\'') && !strchr(id, '"') ? '"' : '\'';

	buf_ch(out, quote);
	for (; *id; id++) {
		if (*id == quote || *id == '\\')
			buf_ch(out, '\\');
		buf_ch(out, *id);
	}
	buf_ch(out, quote);
}

void retry_words_found(const struct tasks *ts, const uint32_t *rows, uint32_t nr, struct buf *out)
{
	uint32_t i;

	buf_fmt(out, "Found %u failed subtask(s) to retry: [", nr);
	for (i = 0; i < nr && i < RETRY_IDS_SHOWN; i++) {
		buf_str(out, i ? ", " : "");
		add_quoted(ts->v[rows[i]].id, out);
	}
	buf_str(out, nr > RETRY_IDS_SHOWN ? ", ...]" : "]");
}

/* The first line of the task, or as much of it as a line of the log bears. */
static void add_task(const char *text, struct buf *out)
{
	size_t len, shown;

	text += strspn(text, " \t\r\n");
	len = strcspn(text, "\r\n");
	shown = len <= TASK_SHOWN ? len : utf8_valid_prefix(text, TASK_SHOWN);
	buf_add(out, text, shown);
	if (text[shown + strspn(text + shown, " \t\r\n")])
		buf_str(out, "...");
}

void retry_words_retrying(const struct tasks *ts, const struct task *t, struct buf *out)
{
	buf_fmt(out, "Retrying failed subtask: %s - ", t->id);
	add_task(task_get(ts, t, COL_TASK), out);
}

void retry_words_healed(const struct task *t, struct buf *out)
{
	buf_fmt(out, "Successfully retried subtask: %s", t->id);
}

void retry_words_complete(uint32_t nr, struct buf *out)
{
	buf_fmt(out, "Retry execution complete: %u subtask(s) retried", nr);
}
