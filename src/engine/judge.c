#include "engine/judge.h"
#include "engine/reset.h"
#include "base/file.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "engine/checks.h"
#include "engine/feedback.h"
#include "engine/output.h"
#include "engine/reading.h"
#include "engine/reply.h"
#include "formats/record.h"
#include "policy/classify.h"
#include "policy/session.h"
#include "policy/gaia.h"
#include "policy/validation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a profile's outputs are read by, made when it is first needed. */
struct reader {
	struct classifier *classifier;
	struct answer_finder *finder;
	const struct profile_event *session; /* borrowed; NULL: no profile */
};

#define TOLD_ANSWER_MAX 65536 /* bytes of an answer that the journal keeps */

struct judge {
	struct judge_opts opts;
	struct reader *readers;
	struct map by_profile; /* profile name, "" for none -> reader */
	size_t nr, cap;
	char *tail;
	struct readings readings;
	struct verdict verdict;
	struct usage usage;
	struct buf answer; /* "": none */
	struct buf feedback; /* of the attempt that is judged */
	struct buf told_answer; /* what the journal gets of it */
	char why[1024]; /* the output file could not be filled, or a check does not agree */
};

struct judge *judge_new(const struct judge_opts *opts)
{
	struct judge *j = xcalloc(1, sizeof(*j));

	j->opts = *opts;
	j->tail = xmalloc(CLASSIFY_TAIL_BYTES + 1);
	map_init(&j->by_profile);
	buf_init(&j->answer);
	buf_init(&j->told_answer);
	buf_init(&j->feedback);
	return j;
}

void judge_free(struct judge *j)
{
	size_t i;

	if (!j)
		return;
	for (i = 0; i < j->nr; i++) {
		classifier_free(j->readers[i].classifier);
		answer_finder_free(j->readers[i].finder);
	}
	free(j->readers);
	readings_release(&j->readings);
	map_release(&j->by_profile);
	buf_release(&j->answer);
	buf_release(&j->told_answer);
	buf_release(&j->feedback);
	free(j->tail);
	free(j);
}

void judge_use(struct judge *j, struct pattern_base *patterns)
{
	j->opts.patterns = patterns;
}

static const struct reader *reader_of(struct judge *j, const struct profile *p)
{
	const char *name = p ? p->name : "";
	uint32_t i = map_get(&j->by_profile, name);
	struct err err = ERR_INIT;
	struct reader *r;

	if (i != MAP_NONE)
		return &j->readers[i];
	VEC_GROW(j->readers, j->nr, j->cap);
	/* Regexes that do not compile were refused when the profile was loaded. */
	r = &j->readers[j->nr];
	r->classifier = classifier_new(p, j->opts.patterns, &err);
	if (!r->classifier)
		r->classifier = classifier_new(NULL, j->opts.patterns, &err);
	r->session = p ? &p->session : NULL;
	r->finder = answer_finder_new(p, &err);
	if (!r->finder)
		r->finder = answer_finder_new(NULL, &err);
	map_put(&j->by_profile, name, (uint32_t)j->nr);
	return &j->readers[j->nr++];
}

/* ---- its log ------------------------------------------------------------ */

/* Where an attempt's output lies. A log that cannot be read counts as empty: the exit alone is
 * judged then. */
struct output {
	int fd; /* -1: there is nothing */
	int64_t from, to;
	size_t tail_len; /* of judge.tail */
};

static void open_output(struct judge *j, const char *id, const struct attempt *at,
    struct output *out)
{
	char name[LOG_NAME_SIZE];

	*out = (struct output){.fd = -1};
	out->from = at->log_from == NUM_NONE ? 0 : at->log_from;
	out->to = at->log_to;
	if (out->to == NUM_NONE || out->to <= out->from)
		return;
	batch_log_name(id, name);
	out->fd = file_open_read(j->opts.dir->fd, name, NULL);
}

static void close_output(const struct output *out)
{
	if (out->fd >= 0)
		close(out->fd);
}

static bool is_longer_than_tail(const struct output *out)
{
	return out->to - out->from > CLASSIFY_TAIL_BYTES;
}

static void read_tail(struct judge *j, struct output *out)
{
	int64_t from = is_longer_than_tail(out) ? out->to - CLASSIFY_TAIL_BYTES : out->from;
	ssize_t n = out->fd < 0 ? 0 : pread_all(out->fd, j->tail, (size_t)(out->to - from), from);

	out->tail_len = n > 0 ? (size_t)n : 0;
}

/* ---- what it used and answered ------------------------------------------ */

static void tell_answer(struct judge *j, const char *answer, size_t answer_len)
{
	size_t len = answer_len < TOLD_ANSWER_MAX ? answer_len : TOLD_ANSWER_MAX;

	buf_reset(&j->told_answer);
	while (len < answer_len && len > 0 && ((unsigned char)answer[len] & 0xc0) == 0x80)
		len--; /* at a whole character */
	buf_add(&j->told_answer, answer, len);
	if (len < answer_len)
		buf_str(&j->told_answer, "\xe2\x80\xa6");
}

static void set_answer(struct judge *j, const char *answer)
{
	buf_reset(&j->answer);
	buf_str(&j->answer, answer ? answer : "");
	tell_answer(j, j->answer.data, j->answer.len);
}

static void harvest_tail(struct judge *j, const struct reader *reader, const struct output *out)
{
	struct harvest h;

	harvest_begin(&h, reader->finder, is_longer_than_tail(out));
	harvest_session_from(&h, reader->session);
	harvest_feed(&h, j->tail, out->tail_len);
	set_answer(j, harvest_end(&h, &j->usage));
	harvest_release(&h);
}

/* A step of reading all of it; whether it is done. Kept where a validation is still to come, after
 * which the attempt is judged once more. */
static bool harvest_all(struct judge *j, const struct reader *reader, const struct output *out,
    uint32_t agent, uint32_t n)
{
	struct reading *r = readings_find(&j->readings, agent, n);
	const struct task *t = &j->opts.batch->tasks->v[agent];
	bool was_done = r && r->is_done;

	if (!r) {
		r = readings_begin(&j->readings, agent, n, out->from, out->to, reader->finder);
		harvest_session_from(&r->harvest, reader->session);
	}
	if (!reading_step(r, out->fd))
		return false;
	j->usage = r->usage;
	set_answer(j, r->answer);
	if (was_done ||
	    validation_of(j->opts.options, j->opts.batch->tasks, t).kind != VALIDATE_COMMAND)
		readings_drop(&j->readings, r);
	return true;
}

/* What the program wrote to {answer_file} is better than what could be read off its output. */
static void take_answer_file(struct judge *j, const char *id, uint32_t n)
{
	char name[RECORD_NAME_SIZE + sizeof(ATTEMPTS_NAME)];
	struct buf text = BUF_INIT;

	snprintf(name, sizeof(name), ATTEMPTS_NAME "/%s.%u.answer", id, (unsigned)n);
	if (file_read(j->opts.dir->fd, name, ANSWER_MAX, &text, NULL) == 0) {
		while (text.len && strchr(" \t\r\n", text.data[text.len - 1]))
			buf_cut(&text, text.len - 1);
		if (text.len && strlen(text.data) == text.len)
			set_answer(j, text.data);
	}
	buf_release(&text);
}

static bool harvest(struct judge *j, const struct reader *reader, const struct output *out,
    uint32_t agent, uint32_t n)
{
	const struct profile *p = command_profile(j->opts.commands, agent);

	if (out->fd >= 0 && is_longer_than_tail(out) && harvest_needs_all(p)) {
		if (!harvest_all(j, reader, out, agent, n))
			return false;
	} else {
		harvest_tail(j, reader, out);
	}
	if (p && p->answer.way == ANSWER_FILE)
		take_answer_file(j, j->opts.batch->tasks->v[agent].id, n);
	return true;
}

/* Some tell what the whole session used: that of earlier attempts is theirs. */
static void take_off_earlier(struct judge *j, uint32_t agent, const struct attempt *at)
{
	const struct profile *p = command_profile(j->opts.commands, agent);
	const struct agent *a = &j->opts.batch->agents[agent];
	struct usage before;

	if (!p || !p->usage_is_session || !at->is_resumed)
		return;
	usage_init(&before);
	session_add_use(a, at->session, at->n, &before);
	if (j->opts.history && j->opts.batch->cycle > 0)
		history_session_use(j->opts.history, a->task->id, at->session, &before);
	usage_take_off(&j->usage, &before);
}

/* ---- a role's reply ------------------------------------------------------ */

static bool has_good_reply(struct judge *j, const char *id, uint32_t n)
{
	struct buf reply = BUF_INIT;
	struct err err = ERR_INIT;
	bool is_good = false;

	if (reply_take(j->opts.dir, j->opts.options, id, n, &j->answer, &reply, &err) < 0)
		snprintf(j->why, sizeof(j->why), "%.*s", (int)sizeof(j->why) - 1, err.msg);
	else
		is_good = j->opts.reply_is_good(j->opts.ctx, &reply, j->why, sizeof(j->why));
	buf_release(&reply);
	return is_good;
}

/* Also one that says nothing, where the program ends well all the same: some call that an error, but
 * who is told that there was no reply may give one. */
static bool has_replied(const struct judge *j, const struct attempt *at, const struct ev_verdict *v)
{
	return v->class == CLASS_SUCCESS ||
	    (v->class == CLASS_TASK_ERROR && j->answer.len == 0 && at->how == EXIT_CODE &&
		at->exit_value == 0 && !reply_is_printed(j->opts.options));
}

/* Behind what is wrong with its reply what its program says of it. */
static const char *why_unread(struct judge *j, const struct ev_verdict *v)
{
	size_t len = strlen(j->why);

	if (v->class != CLASS_SUCCESS && v->message)
		snprintf(j->why + len, sizeof(j->why) - len, " (%s)", v->message);
	return j->why;
}

/* ---- the verdict -------------------------------------------------------- */

static bool is_success_code(const struct profile *p, const struct ev_exit *exit)
{
	size_t i;

	if (!p || exit->how != EXIT_CODE)
		return false;
	for (i = 0; i < p->nr_success_codes; i++)
		if (p->success_codes[i] == exit->value)
			return true;
	return false;
}

/* Whether the output file that was asked for stands: written by the agent since the attempt began,
 * or else filled here with its final answer. */
static bool has_output(struct judge *j, const struct task *t, const struct attempt *at)
{
	char *path = task_output_path(j->opts.options, j->opts.batch->tasks, t);
	struct err err = ERR_INIT;
	bool stands = true;

	if (path && !output_is_fresh(path, at->started_t))
		stands = j->answer.len && output_fill(path, j->answer.data, &err) == 0;
	snprintf(j->why, sizeof(j->why), "%.*s", (int)sizeof(j->why) - 1, err.msg);
	free(path);
	return stands;
}

/* Whether the checks that need no program agree: with the agent's answer, else with all that it
 * printed. */
static bool is_valid(struct judge *j, uint32_t agent, const struct attempt *at, size_t tail_len)
{
	const struct checks c = {
	    .options = j->opts.options,
	    .tasks = j->opts.batch->tasks,
	    .commands = j->opts.commands,
	    .row = agent,
	    .n = at->n,
	    .answer = j->answer.len ? j->answer.data : j->tail,
	};

	j->tail[tail_len] = '\0';
	return checks_agree(&c, j->why, sizeof(j->why));
}

/* Of a program that says nowhere what its answer is, what is compared with the expected one is it. */
static void tell_compared(struct judge *j, const struct task *t, size_t tail_len,
    struct ev_verdict *v)
{
	const char *final;
	size_t len;

	if (j->answer.len || !checks_compare(j->opts.options, j->opts.batch->tasks, t))
		return;
	j->tail[tail_len] = '\0';
	final = gaia_final(j->tail, &len);
	tell_answer(j, final, len);
	v->answer = len ? j->told_answer.data : NULL;
}

static void take_usage(const struct judge *j, struct ev_verdict *v)
{
	const struct usage *u = &j->usage;

	v->cost_usd = u->cost_usd;
	v->tokens_in = u->tokens_in;
	v->tokens_out = u->tokens_out;
	v->tokens_total =
	    u->tokens_in == NUM_NONE && u->tokens_out == NUM_NONE ? u->tokens_total : NUM_NONE;
	v->turns = u->turns;
	v->session = u->session[0] ? u->session : NULL;
	/* What a program says where it failed is no answer, however it hands it out. */
	v->answer = v->class == CLASS_SUCCESS && j->told_answer.len ? j->told_answer.data : NULL;
}

/* What the attempt was told of the one before it, or NULL. */
static const char *feedback_of(struct judge *j, const char *id, uint32_t n)
{
	buf_reset(&j->feedback);
	return feedback_read(j->opts.dir, id, n, &j->feedback) ? j->feedback.data : NULL;
}

static void judge_output(struct judge *j, const struct reader *reader, uint32_t agent,
    const struct attempt *at, size_t tail_len, struct ev_verdict *v)
{
	const struct task *t = &j->opts.batch->tasks->v[agent];
	struct ended e = {
	    .exit = {.how = at->how,
		.value = at->exit_value,
		.killed = at->killed,
		.message = at->message},
	    .tail = j->tail,
	    .tail_len = tail_len,
	    .task = command_runs_task(j->opts.commands, agent)
		? NULL
		: task_get(j->opts.batch->tasks, t, COL_TASK),
	    .feedback = feedback_of(j, t->id, at->n),
	};

	if (is_success_code(command_profile(j->opts.commands, agent), &e.exit))
		e.exit.value = 0;
	classify(reader->classifier, &e, &j->verdict);
	reset_settle(&j->verdict, at->ended_t);
	v->class = j->verdict.class;
	v->message = j->verdict.message[0] ? j->verdict.message : NULL;
	v->evidence = j->verdict.evidence[0] ? j->verdict.evidence : NULL;
	v->retry_after_ms = j->verdict.retry_after_ms;
	v->reset_at_t = j->verdict.reset_at_t;
}

bool judge_attempt(struct judge *j, uint32_t agent, const struct attempt *at, struct ev_verdict *v)
{
	const struct task *t = &j->opts.batch->tasks->v[agent];
	const struct reader *reader = reader_of(j, command_profile(j->opts.commands, agent));
	struct output out;
	bool is_read;

	open_output(j, t->id, at, &out);
	read_tail(j, &out);
	if (reply_is_printed(j->opts.options) && !(at->how == EXIT_CODE && at->exit_value == 0))
		out.tail_len += reply_tail(j->opts.dir, t->id, at->n, j->tail + out.tail_len,
		    CLASSIFY_TAIL_BYTES - out.tail_len);
	is_read = harvest(j, reader, &out, agent, at->n);
	close_output(&out);
	if (!is_read)
		return false;
	judge_output(j, reader, agent, at, out.tail_len, v);
	take_off_earlier(j, agent, at);
	take_usage(j, v);
	if (v->class == CLASS_SUCCESS && !has_output(j, t, at)) {
		v->class = CLASS_NO_OUTPUT;
		v->message =
		    j->why[0] ? j->why : "the output file that was asked for was not written";
	}
	if (v->class == CLASS_SUCCESS)
		tell_compared(j, t, out.tail_len, v);
	if (v->class == CLASS_SUCCESS && !is_valid(j, agent, at, out.tail_len)) {
		v->class = CLASS_INVALID;
		v->message = j->why;
	}
	if (j->opts.options->role && has_replied(j, at, v) && !has_good_reply(j, t->id, at->n)) {
		v->message = why_unread(j, v);
		v->class = CLASS_INVALID;
	}
	return true;
}
