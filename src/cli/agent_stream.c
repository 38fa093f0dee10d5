#include "cli/agent_stream.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "cli/print.h"
#include "formats/stream_line.h"
#include "view/text/duration.h"
#include "view/text/sanitize.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536
/* A line that grows longer is printed in pieces. */
#define LINE_MAX_BYTES ((size_t)262144)

void agent_stream_init(struct agent_stream *s, const struct batch_reader *batch, uint32_t agent)
{
	*s = (struct agent_stream){
	    .batch = batch,
	    .agent = agent,
	    .fd = -1,
	    .at = -1,
	    .line = BUF_INIT,
	};
}

void agent_stream_release(struct agent_stream *s)
{
	if (s->fd >= 0)
		close(s->fd);
	buf_release(&s->line);
}

/* ---- printing --------------------------------------------------------------- */

static void print_line(const char *p, size_t n, bool is_cut)
{
	struct buf said = BUF_INIT, out = BUF_INIT;

	if (n > 0 && *p == '{' && stream_line_read(p, n, is_cut, &said) != STREAM_OTHER)
		sanitize_text(&out, said.data, said.len);
	else
		sanitize_text(&out, p, n);
	if (out.len == 0 || out.data[out.len - 1] != '\n')
		buf_ch(&out, '\n');
	print_buf(&out);
	buf_release(&said);
	buf_release(&out);
}

static void print_clean(struct agent_stream *s, const char *p, size_t n)
{
	const char *from, *end;

	buf_add(&s->line, p, n);
	from = s->line.data;
	while ((end = memchr(from, '\n', s->line.len - (size_t)(from - s->line.data)))) {
		print_line(from, (size_t)(end - from), false);
		from = end + 1;
	}
	buf_drop(&s->line, (size_t)(from - s->line.data));
	if (s->line.len < LINE_MAX_BYTES)
		return;
	print_line(s->line.data, s->line.len, true);
	buf_reset(&s->line);
}

static void print_rest_of_line(struct agent_stream *s)
{
	if (s->line.len > 0)
		print_line(s->line.data, s->line.len, false);
	buf_reset(&s->line);
}

/* ---- the log ------------------------------------------------------------------ */

static void open_log(struct agent_stream *s)
{
	char name[LOG_NAME_SIZE];

	batch_log_name(s->batch->state.agents[s->agent].task->id, name);
	s->fd = file_open_read(s->batch->dir.fd, name, NULL); /* not yet there: asked again */
}

/* Up to the attempt's end, as far as it is there. */
static void copy(struct agent_stream *s, const struct attempt *at)
{
	bool is_bounded = at->has_ended && at->log_to != NUM_NONE;
	char *bytes;

	if (s->fd < 0)
		open_log(s);
	if (s->fd < 0)
		return;
	bytes = xmalloc(READ_BYTES);
	while (!print_is_broken() && (!is_bounded || s->at < at->log_to)) {
		size_t want = READ_BYTES;
		ssize_t n;

		if (is_bounded && at->log_to - s->at < (int64_t)want)
			want = (size_t)(at->log_to - s->at);
		n = pread_all(s->fd, bytes, want, (off_t)s->at);
		if (n <= 0)
			break; /* no more for now; what cannot be read is not told as text */
		s->at += n;
		if (s->is_clean)
			print_clean(s, bytes, (size_t)n);
		else
			print_mem(bytes, (size_t)n);
	}
	free(bytes);
}

/* ---- attempts ------------------------------------------------------------------- */

static void tell_end(const struct agent_stream *s, const struct attempt *at)
{
	const struct batch *b = &s->batch->state;
	const struct agent *a = &b->agents[s->agent];
	struct buf text = BUF_INIT;
	char left[DURATION_SIZE];
	int64_t next_t = a->phase == PHASE_BACKOFF ? agent_next_t(b, a) : NUM_NONE;

	if (at->class == CLASS_SUCCESS)
		return;
	buf_fmt(&text, "attempt %u: %s", at->n, class_name(at->class));
	if (at->message)
		buf_fmt(&text, ": %s", at->message);
	if (next_t != NUM_NONE)
		buf_fmt(&text, "; again in %s", duration_left(next_t, clock_now().wall_ms, left));
	note("%s", text.data);
	buf_release(&text);
}

/* Whether the attempt at s->attempt is through, and the next one may be read. */
static bool pump_attempt(struct agent_stream *s, const struct attempt *at)
{
	if (at->has_ended && at->how == EXIT_VOID)
		return true;
	if (s->at < 0)
		s->at = at->log_from == NUM_NONE ? 0 : at->log_from;
	if (!s->is_quiet)
		copy(s, at);
	if (!at->has_verdict)
		return false;
	print_rest_of_line(s);
	tell_end(s, at);
	return true;
}

void agent_stream_pump(struct agent_stream *s)
{
	const struct agent *a = &s->batch->state.agents[s->agent];

	while (s->attempt < a->nr_attempts && pump_attempt(s, &a->attempts[s->attempt])) {
		s->attempt++;
		s->at = -1;
	}
}
