#include "engine/judge.h"
#include "engine/reset.h"
#include "base/file.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "engine/output.h"
#include "policy/classify.h"
#include "policy/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct judge {
	struct judge_opts opts;
	struct classifier **classifiers; /* one an account's profile, made when first needed */
	struct map by_profile; /* profile name, "" for none -> classifier */
	size_t nr, cap;
	char *tail;
	struct verdict verdict;
	struct usage usage;
	char why[512]; /* the output file could not be filled */
};

struct judge *judge_new(const struct judge_opts *opts)
{
	struct judge *j = xcalloc(1, sizeof(*j));

	j->opts = *opts;
	j->tail = xmalloc(CLASSIFY_TAIL_BYTES);
	map_init(&j->by_profile);
	usage_init(&j->usage);
	return j;
}

void judge_free(struct judge *j)
{
	size_t i;

	if (!j)
		return;
	for (i = 0; i < j->nr; i++)
		classifier_free(j->classifiers[i]);
	free(j->classifiers);
	map_release(&j->by_profile);
	usage_release(&j->usage);
	free(j->tail);
	free(j);
}

static struct classifier *classifier_of(struct judge *j, uint32_t row)
{
	const struct profile *p = command_profile(j->opts.commands, row);
	const char *name = p ? p->name : "";
	uint32_t i = map_get(&j->by_profile, name);
	struct err err = ERR_INIT;

	if (i != MAP_NONE)
		return j->classifiers[i];
	VEC_GROW(j->classifiers, j->nr, j->cap);
	/* A pattern that does not compile was refused when the profile was loaded. */
	j->classifiers[j->nr] = classifier_new(p, &err);
	if (!j->classifiers[j->nr])
		j->classifiers[j->nr] = classifier_new(NULL, &err);
	map_put(&j->by_profile, name, (uint32_t)j->nr);
	return j->classifiers[j->nr++];
}

/* The last bytes of what the attempt printed. A log that cannot be read counts as empty: the exit
 * alone is judged then. */
static size_t read_tail(struct judge *j, const char *id, const struct attempt *at)
{
	int64_t from = at->log_from == NUM_NONE ? 0 : at->log_from;
	int64_t to = at->log_to;
	char name[LOG_NAME_SIZE];
	ssize_t n;
	int fd;

	if (to == NUM_NONE || to <= from)
		return 0;
	if (to - from > CLASSIFY_TAIL_BYTES)
		from = to - CLASSIFY_TAIL_BYTES;
	batch_log_name(id, name);
	fd = file_open_read(j->opts.dir->fd, name, NULL);
	if (fd < 0)
		return 0;
	n = pread_all(fd, j->tail, (size_t)(to - from), from);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

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
		stands = j->usage.answer && *j->usage.answer &&
		    output_fill(path, j->usage.answer, &err) == 0;
	snprintf(j->why, sizeof(j->why), "%.*s", (int)sizeof(j->why) - 1, err.msg);
	free(path);
	return stands;
}

static void take_usage(const struct usage *u, struct ev_verdict *v)
{
	v->cost_usd = u->cost_usd;
	v->tokens_in = u->tokens_in;
	v->tokens_out = u->tokens_out;
	v->turns = u->turns;
	v->session = u->session;
	v->answer = u->answer;
}

void judge_attempt(struct judge *j, uint32_t agent, const struct attempt *at, struct ev_verdict *v)
{
	const struct task *t = &j->opts.batch->tasks->v[agent];
	struct ended e = {
	    .exit = {.how = at->how,
		.value = at->exit_value,
		.killed = at->killed,
		.message = at->message},
	    .tail = j->tail,
	    .tail_len = read_tail(j, t->id, at),
	    .task = task_get(j->opts.batch->tasks, t, COL_TASK),
	};

	if (is_success_code(command_profile(j->opts.commands, agent), &e.exit))
		e.exit.value = 0;
	classify(classifier_of(j, agent), &e, &j->verdict);
	usage_extract(&j->usage, e.tail, e.tail_len);
	v->class = j->verdict.class;
	v->message = j->verdict.message[0] ? j->verdict.message : NULL;
	v->evidence = j->verdict.evidence[0] ? j->verdict.evidence : NULL;
	v->retry_after_ms = j->verdict.retry_after_ms;
	v->reset_at_t = reset_of_verdict(&j->verdict, at->ended_t);
	take_usage(&j->usage, v);
	if (v->class == CLASS_SUCCESS && !has_output(j, t, at)) {
		v->class = CLASS_NO_OUTPUT;
		v->message =
		    j->why[0] ? j->why : "the output file that was asked for was not written";
	}
}
