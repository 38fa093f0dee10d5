/* classify: what the retry policy would make of an output, as JSON. */
#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/print.h"
#include "engine/reset.h"
#include "exec/profiles.h"
#include "formats/jsonw.h"
#include "policy/classify.h"
#include "policy/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Keeps the last CLASSIFY_TAIL_BYTES of what `fd` has, however much that is. */
static int read_tail(int fd, struct buf *tail)
{
	for (;;) {
		ssize_t n;

		buf_reserve(tail, CLASSIFY_TAIL_BYTES);
		n = read(fd, tail->data + tail->len, CLASSIFY_TAIL_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -1 : 0;
		buf_commit(tail, (size_t)n);
		if (tail->len > CLASSIFY_TAIL_BYTES)
			buf_drop(tail, tail->len - CLASSIFY_TAIL_BYTES);
	}
}

static int read_input(const struct cli_args *args, struct buf *tail)
{
	const char *file = args->nr_words ? args->words[0] : "-";
	int fd = STDIN_FILENO, rc;

	if (strcmp(file, "-") != 0)
		fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail(EXIT_USAGE, "cannot open '%s': %s", file, strerror(errno));
	rc = read_tail(fd, tail);
	if (rc < 0)
		rc = fail(EXIT_USAGE, "cannot read '%s': %s", file, strerror(errno));
	if (fd != STDIN_FILENO)
		close(fd);
	return rc;
}

static void kint_or_null(struct jsonw *w, const char *key, int64_t v)
{
	jsonw_key(w, key);
	if (v == NUM_NONE)
		jsonw_null(w);
	else
		jsonw_int(w, v);
}

/* null where the output tells none of it. */
static void add_usage(struct jsonw *w, const struct buf *tail)
{
	struct usage u;

	usage_init(&u);
	usage_extract(&u, tail->data, tail->len);
	jsonw_key(w, "usage");
	if (u.cost_usd < 0 && u.tokens_in == NUM_NONE && u.tokens_out == NUM_NONE &&
	    u.turns == NUM_NONE) {
		jsonw_null(w);
	} else {
		jsonw_object(w);
		jsonw_key(w, "cost_usd");
		if (u.cost_usd < 0)
			jsonw_null(w);
		else
			jsonw_num(w, u.cost_usd);
		kint_or_null(w, "tokens_in", u.tokens_in);
		kint_or_null(w, "tokens_out", u.tokens_out);
		kint_or_null(w, "turns", u.turns);
		jsonw_kstr(w, "session", u.session);
		jsonw_end(w, '}');
	}
	usage_release(&u);
}

/* A window whose end was told as a span ends that long after now. */
static int64_t reset_at(const struct verdict *v, int64_t now_t)
{
	int64_t at = reset_of_verdict(v, now_t);

	if (at == NUM_NONE && v->class == CLASS_USAGE_LIMIT && v->retry_after_ms != NUM_NONE)
		at = now_t + v->retry_after_ms;
	return at;
}

static void print_verdict(const struct verdict *v, const struct buf *tail, int64_t now_t)
{
	int64_t reset = reset_at(v, now_t);
	struct buf out = BUF_INIT;
	struct jsonw w;

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
	add_usage(&w, tail);
	jsonw_end(&w, '}');
	buf_ch(&out, '\n');
	print_buf(&out);
	buf_release(&out);
}

static int judge(const struct cli_args *args, const struct buf *tail)
{
	struct profile profile;
	struct err err = ERR_INIT;
	struct classifier *classifier;
	struct verdict v;
	int64_t now_t =
	    args->front.now_s != NUM_NONE ? args->front.now_s * 1000 : clock_now().wall_ms;
	int found = args->front.agent ? profile_load(args->front.agent, &profile, &err) : 1;

	if (found < 0)
		return fail(EXIT_USAGE, "%s", err.msg);
	classifier = classifier_new(found == 0 ? &profile : NULL, &err);
	if (classifier) {
		classify(classifier,
		    &(struct ended){
			.exit = {.how = EXIT_CODE,
			    .value = args->front.exit,
			    .log_to = NUM_NONE,
			    .rss_kb = NUM_NONE,
			    .cpu_ms = NUM_NONE},
			.tail = tail->data,
			.tail_len = tail->len,
		    },
		    &v);
		print_verdict(&v, tail, now_t);
	}
	classifier_free(classifier);
	if (found == 0)
		profile_release(&profile);
	return classifier ? print_status() : fail(EXIT_USAGE, "%s", err.msg);
}

int cmd_classify(struct cli_args *args)
{
	struct buf tail = BUF_INIT;
	int rc;

	if (args->nr_words > 1)
		return fail(EXIT_USAGE, "one FILE at most, not also '%s'", args->words[1]);
	if (args->front.exit > 255)
		return fail(EXIT_USAGE, "an exit status is at most 255");
	rc = read_input(args, &tail);
	if (rc == 0)
		rc = judge(args, &tail);
	buf_release(&tail);
	return rc;
}
