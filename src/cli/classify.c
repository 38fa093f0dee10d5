/* classify: what the retry policy would make of an output, as JSON. */
#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/print.h"
#include "engine/reset.h"
#include "exec/profiles.h"
#include "exec/shared_patterns.h"
#include "formats/jsonw.h"
#include "policy/classify.h"
#include "policy/harvest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What an output is read by, and what was read of it. */
struct reading {
	struct profile profile; /* empty where it is unknown */
	struct pattern_base *patterns;
	struct classifier *classifier;
	struct answer_finder *finder;
	struct harvest harvest;
	struct buf tail;
};

static int reading_init(struct reading *r, const char *agent, struct err *err)
{
	const struct profile *p;
	int found = agent ? profile_load(agent, &r->profile, err) : 1;

	if (found < 0)
		return -1;
	p = found == 0 ? &r->profile : NULL;
	r->patterns = shared_patterns_load(err);
	if (!r->patterns)
		return -1;
	r->classifier = classifier_new(p, r->patterns, err);
	r->finder = answer_finder_new(p, err);
	return r->classifier && r->finder ? 0 : -1;
}

static void reading_release(struct reading *r)
{
	classifier_free(r->classifier);
	pattern_base_free(r->patterns);
	answer_finder_free(r->finder);
	profile_release(&r->profile);
	buf_release(&r->tail);
}

/* Harvests all that `fd` has, however much that is, and keeps the last CLASSIFY_TAIL_BYTES. */
static int read_all(int fd, struct reading *r)
{
	struct buf *tail = &r->tail;

	for (;;) {
		ssize_t n;

		buf_reserve(tail, CLASSIFY_TAIL_BYTES);
		n = read(fd, tail->data + tail->len, CLASSIFY_TAIL_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -1 : 0;
		harvest_feed(&r->harvest, tail->data + tail->len, (size_t)n);
		buf_commit(tail, (size_t)n);
		if (tail->len > CLASSIFY_TAIL_BYTES)
			buf_drop(tail, tail->len - CLASSIFY_TAIL_BYTES);
	}
}

static int read_input(const struct cli_args *args, struct reading *r)
{
	const char *file = args->nr_words ? args->words[0] : "-";
	int fd = STDIN_FILENO, rc;

	if (strcmp(file, "-") != 0)
		fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(EXIT_USAGE, "cannot open '%s': %s", file, strerror(errno));
	rc = read_all(fd, r);
	if (rc < 0)
		rc = fail(EXIT_USAGE, "cannot read '%s': %s", file, strerror(errno));
	if (fd != STDIN_FILENO)
		close(fd);
	return rc;
}

/* null where the output tells none of it. */
static void add_usage(struct jsonw *w, const struct usage *u)
{
	jsonw_key(w, "usage");
	if (u->cost_usd < 0 && u->tokens_in == NUM_NONE && u->tokens_out == NUM_NONE &&
	    u->tokens_total == NUM_NONE && u->turns == NUM_NONE && !u->session[0]) {
		jsonw_null(w);
		return;
	}
	jsonw_object(w);
	jsonw_key(w, "cost_usd");
	if (u->cost_usd < 0)
		jsonw_null(w);
	else
		jsonw_num(w, u->cost_usd);
	jsonw_kint_or_null(w, "tokens_in", u->tokens_in);
	jsonw_kint_or_null(w, "tokens_out", u->tokens_out);
	jsonw_kint_or_null(w, "tokens_total", u->tokens_total);
	jsonw_kint_or_null(w, "turns", u->turns);
	jsonw_kstr(w, "session", u->session[0] ? u->session : NULL);
	jsonw_end(w, '}');
}

/* Only a window resets; one whose end was told as a span does that long after now. */
static int64_t reset_at(const struct verdict *v, int64_t now_t)
{
	if (v->class != CLASS_USAGE_LIMIT)
		return NUM_NONE;
	if (v->reset_at_t == NUM_NONE && v->retry_after_ms != NUM_NONE)
		return now_t + v->retry_after_ms;
	return v->reset_at_t;
}

static void print_verdict(const struct verdict *v, struct reading *r, int64_t now_t)
{
	int64_t reset = reset_at(v, now_t);
	struct buf out = BUF_INIT;
	const char *answer;
	struct usage u;
	struct jsonw w;

	answer = harvest_end(&r->harvest, &u);
	jsonw_init(&w, &out, 0);
	jsonw_object(&w);
	jsonw_kstr(&w, "class", v->class == CLASS_NONE ? NULL : class_name(v->class));
	jsonw_key(&w, "retry_after_s");
	if (v->retry_after_ms == NUM_NONE)
		jsonw_null(&w);
	else
		jsonw_ms(&w, v->retry_after_ms);
	jsonw_key(&w, "reset_at");
	if (reset == NUM_NONE)
		jsonw_null(&w);
	else
		jsonw_int(&w, (reset + 999) / 1000);
	jsonw_kstr(&w, "reason", *v->message ? v->message : NULL);
	jsonw_kstr(&w, "evidence", *v->evidence ? v->evidence : NULL);
	add_usage(&w, &u);
	if (answer)
		jsonw_kstr(&w, "answer", answer);
	jsonw_end(&w, '}');
	buf_ch(&out, '\n');
	print_buf(&out);
	buf_release(&out);
}

static void judge(const struct cli_args *args, struct reading *r)
{
	int64_t now_t =
	    args->front.now_s != NUM_NONE ? args->front.now_s * 1000 : clock_now().wall_ms;
	struct verdict v;

	classify(r->classifier,
	    &(struct ended){
		.exit = {.how = EXIT_CODE,
		    .value = args->front.exit,
		    .log_to = NUM_NONE,
		    .rss_kb = NUM_NONE,
		    .cpu_ms = NUM_NONE},
		.tail = r->tail.data,
		.tail_len = r->tail.len,
	    },
	    &v);
	reset_settle(&v, now_t);
	print_verdict(&v, r, now_t);
}

int cmd_classify(struct cli_args *args)
{
	struct reading r = {.tail = BUF_INIT};
	struct err err = ERR_INIT;
	int rc;

	if (args->nr_words > 1)
		return fail(EXIT_USAGE, "one FILE at most, not also '%s'", args->words[1]);
	if (args->front.exit > 255)
		return fail(EXIT_USAGE, "an exit status is at most 255");
	if (reading_init(&r, args->front.agent, &err) < 0) {
		reading_release(&r);
		return fail(EXIT_USAGE, "%s", err.msg);
	}
	harvest_begin(&r.harvest, r.finder, false);
	harvest_session_from(&r.harvest, &r.profile.session);
	rc = read_input(args, &r);
	if (rc == 0) {
		judge(args, &r);
		rc = print_status();
	}
	harvest_release(&r.harvest);
	reading_release(&r);
	return rc;
}
