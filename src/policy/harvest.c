#include "policy/harvest.h"

static void on_line(void *ctx, const char *p, size_t n)
{
	struct harvest *h = ctx;

	usage_take_line(&h->usage, p, n);
	answer_take_line(&h->answer, p, n);
}

static void on_document(void *ctx, struct json doc)
{
	struct harvest *h = ctx;

	usage_take_document(&h->usage, doc);
	answer_take_document(&h->answer, doc);
}

void harvest_begin(struct harvest *h, const struct answer_finder *finder, bool is_cut)
{
	stream_init(&h->stream,
	    &(struct stream_sink){.line = on_line, .document = on_document, .ctx = h});
	h->stream.is_skipping = is_cut;
	h->is_cut = is_cut;
	usage_begin(&h->usage);
	answer_begin(&h->answer, finder);
}

void harvest_session_from(struct harvest *h, const struct profile_event *session)
{
	h->usage.own_session = session && session->type ? session : NULL;
}

void harvest_feed(struct harvest *h, const char *p, size_t n)
{
	stream_feed(&h->stream, p, n);
}

const char *harvest_end(struct harvest *h, struct usage *u)
{
	stream_finish(&h->stream);
	usage_end(&h->usage, !h->is_cut, u);
	return answer_end(&h->answer);
}

void harvest_release(struct harvest *h)
{
	stream_release(&h->stream);
	answer_release(&h->answer);
}

bool harvest_needs_all(const struct profile *p)
{
	/* A session is told at the beginning. */
	return p && (p->usage_is_sum || p->answer.way == ANSWER_TEXT || p->session.type);
}
