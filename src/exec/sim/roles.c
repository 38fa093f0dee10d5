#include "exec/sim/roles.h"
#include "base/xalloc.h"
#include "formats/jsonw.h"
#include "formats/reply.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_SUBTASKS 4
#define LONG_WORD 6
#define TOLD_BYTES 200 /* of a result, in the answer */

/* What a subtask and a requirement are about is a word of the problem. */
static const char *const subtasks[] = {
    "Find out what is known about %s, and name the sources.",
    "Collect the figures on %s and check them against each other.",
    "Look up who has worked on %s, and what they found.",
    "Compare the two best accounts of %s.",
    "List what is uncertain about %s, and how it could be settled.",
    "Work out one example of %s from beginning to end.",
};
static const char *const requirements[] = {
    "Say what has changed about %s in the last year.",
    "Name what speaks against the figures on %s.",
    "Give an example of %s that a layman understands.",
    "Find a case where %s went wrong, and say why.",
};

/* A sentence with its one %s filled. */
static char *about(const char *sentence, const char *what)
{
	const char *at = strstr(sentence, "%s");

	return xasprintf("%.*s%s%s", (int)(at - sentence), sentence, what, at + 2);
}

/* ---- the request ----------------------------------------------------------------- */

bool role_find_request(const char *text, size_t len, struct json *request)
{
	static const char *const none[] = {NULL};
	struct reply_part part;
	bool is_found = false;
	struct reply r;

	reply_init(&r, text, len, none, false);
	while (reply_next(&r, &part)) {
		const struct json v = {part.p, part.n, false};

		if (!json_is_string(json_get(v, "problem")))
			continue;
		*request = v;
		is_found = true;
	}
	return is_found;
}

static char *text_of(struct json v)
{
	char *s = xmalloc(v.n + 1);

	json_text(v, s, v.n + 1);
	return s;
}

char *role_problem(struct json request)
{
	return text_of(json_get(request, "problem"));
}

bool role_has_feedback(struct json request)
{
	return json_get(request, "feedback").n > 0;
}

/* Elements of an array, members of an object. */
static uint32_t count(struct json box)
{
	struct json key = {0}, v = {0};
	uint32_t nr = 0;

	while (json_is_object(box) ? json_next_member(box, &key, &v) : json_next(box, &v))
		nr++;
	return nr;
}

/* The i-th word that says something, round and round: a long one, if there is any. */
static const char *word(const struct role_play *p, unsigned i)
{
	const struct scene *s = p->scene;
	unsigned nr_long = 0, k;

	for (k = 0; k < s->nr_words; k++)
		nr_long += strlen(s->words[k]) >= LONG_WORD;
	if (nr_long == 0)
		return s->words[i % s->nr_words];
	i %= nr_long;
	for (k = 0; strlen(s->words[k]) < LONG_WORD || i-- > 0; k++)
		;
	return s->words[k];
}

/* ---- the planner ------------------------------------------------------------------- */

static uint32_t planned(const struct role_play *p)
{
	return p->plan->nr_subtasks >= 0 ? (uint32_t)p->plan->nr_subtasks : DEFAULT_SUBTASKS;
}

/* The subtask's own directive: what it costs as the problem says, and how often it fails first. */
static void add_directive(const struct role_play *p, uint32_t number, struct buf *out)
{
	const struct sim_plan *plan = p->plan;
	struct buf keys = BUF_INIT;
	size_t i;
	int64_t k;

	for (i = 0; i < plan->fails.nr; i++) {
		if (plan->fails.v[i].number != number)
			continue;
		buf_str(&keys, " outcomes=");
		for (k = 0; k < plan->fails.v[i].times; k++)
			buf_str(&keys, "fail,");
		buf_str(&keys, "ok");
	}
	if (plan->duration_s >= 0)
		buf_fmt(&keys, " duration=%g", plan->duration_s);
	if (plan->lines >= 0)
		buf_fmt(&keys, " lines=%lld", (long long)plan->lines);
	if (plan->cost_usd >= 0)
		buf_fmt(&keys, " cost=%g", plan->cost_usd);
	if (plan->tokens >= 0)
		buf_fmt(&keys, " tokens=%lld", (long long)plan->tokens);
	if (keys.len)
		buf_fmt(out, " [[sim%s]]", keys.data);
	buf_release(&keys);
}

static void put_subtask(const struct role_play *p, struct jsonw *w, uint32_t number,
    const char *task)
{
	struct buf text = BUF_INIT;
	char id[32];

	snprintf(id, sizeof(id), "step_%u", number);
	buf_str(&text, task);
	add_directive(p, number, &text);
	jsonw_object(w);
	jsonw_kstr(w, "id", id);
	jsonw_kstr(w, "task", text.data);
	jsonw_end(w, '}');
	buf_release(&text);
}

static void put_first_plan(const struct role_play *p, struct jsonw *w)
{
	uint32_t i, nr = planned(p);

	for (i = 0; i < nr; i++) {
		char *task = about(subtasks[i % ARRAY_LEN(subtasks)], word(p, i));

		put_subtask(p, w, i + 1, task);
		free(task);
	}
}

static void put_extension(const struct role_play *p, struct jsonw *w, uint32_t nr_before)
{
	struct json missing = json_get(p->request, "missing_requirements"), v = {0};
	uint32_t number = nr_before;

	while (json_next(missing, &v)) {
		char *task = text_of(v);

		put_subtask(p, w, ++number, task);
		free(task);
	}
	if (number == nr_before)
		put_subtask(p, w, number + 1, "Look at all of it again, and say what is missing.");
}

static void answer_plan(const struct role_play *p, struct buf *out)
{
	uint32_t nr_before = count(json_get(p->request, "previous_plan"));
	struct jsonw w;

	if (nr_before)
		buf_fmt(out, "The %u subtasks so far leave something open. I add what brings it:",
		    nr_before);
	else
		buf_fmt(out, "I see %u parts that can be done apart from each other:", planned(p));
	buf_str(out, "\n\n```json\n");
	jsonw_init(&w, out, 2);
	jsonw_array(&w);
	if (nr_before)
		put_extension(p, &w, nr_before);
	else
		put_first_plan(p, &w);
	jsonw_end(&w, ']');
	buf_str(out, "\n```\n");
}

/* ---- the validator ------------------------------------------------------------------ */

struct judgement {
	bool is_complete;
	enum solve_quality quality;
	uint32_t nr_open; /* rows that have not completed */
	uint32_t nr_missing; /* requirements that no row is about */
};

static bool has_completed(struct json result)
{
	return json_is(json_get(result, "status"), "completed");
}

/* By what is there; but the directive says it round by round where it says anything. */
static struct judgement judge(const struct role_play *p)
{
	const struct sim_verdicts *told = &p->plan->verdicts;
	struct judgement j = {.is_complete = true, .quality = QUALITY_GOOD};
	struct json results = json_get(p->request, "results"), key = {0}, v = {0};
	uint32_t nr_rows = count(json_get(p->request, "plan"));
	uint32_t nr_added = nr_rows > planned(p) ? nr_rows - planned(p) : 0;

	while (json_next_member(results, &key, &v))
		j.nr_open += !has_completed(v);
	if (p->plan->nr_missing > nr_added)
		j.nr_missing = (uint32_t)p->plan->nr_missing - nr_added;
	if (j.nr_open)
		j.nr_missing = 0; /* one thing after the other */
	if (told->nr) {
		j.quality = told->v[p->round < (int64_t)told->nr ? (size_t)p->round : told->nr - 1];
		j.is_complete = j.quality != QUALITY_POOR;
		if (!j.is_complete && j.nr_open + j.nr_missing == 0)
			j.nr_missing = 1;
	} else if (j.nr_open || j.nr_missing) {
		j.is_complete = false;
		j.quality = j.nr_open ? QUALITY_POOR : QUALITY_FAIR;
	}
	return j;
}

static void put_text(struct jsonw *w, const char *sentence, const char *what)
{
	char *s = about(sentence, what);

	jsonw_str(w, s);
	free(s);
}

static void put_missing(const struct role_play *p, const struct judgement *j, struct jsonw *w)
{
	struct json results = json_get(p->request, "results"), key = {0}, v = {0};
	uint32_t nr_rows = count(json_get(p->request, "plan"));
	uint32_t i;

	while (!j->is_complete && json_next_member(results, &key, &v)) {
		char *id = text_of(key);

		if (!has_completed(v))
			put_text(w, "Do what %s was to do.", id);
		free(id);
	}
	for (i = 0; !j->is_complete && i < j->nr_missing; i++)
		put_text(w, requirements[(nr_rows + i) % ARRAY_LEN(requirements)],
		    word(p, nr_rows + i));
}

static void answer_verdict(const struct role_play *p, struct buf *out)
{
	struct judgement j = judge(p);
	struct jsonw w;

	if (j.nr_open)
		buf_fmt(out, "I looked at every result; %u of them %s not there.", j.nr_open,
		    j.nr_open == 1 ? "is" : "are");
	else
		buf_str(out, "I looked at every result and held the answer against them.");
	buf_str(out, "\n\n```json\n");
	jsonw_init(&w, out, 2);
	jsonw_object(&w);
	jsonw_kbool(&w, "is_complete", j.is_complete);
	jsonw_kstr(&w, "data_quality", solve_quality_name(j.quality));
	jsonw_key(&w, "missing_requirements");
	jsonw_array(&w);
	put_missing(p, &j, &w);
	jsonw_end(&w, ']');
	jsonw_key(&w, "warnings");
	jsonw_array(&w);
	jsonw_end(&w, ']');
	jsonw_end(&w, '}');
	buf_str(out, "\n```\n");
}

/* ---- the synthesizer ------------------------------------------------------------------ */

static void tell_result(struct json key, struct json result, struct buf *out)
{
	char id[256], text[TOLD_BYTES];

	json_text(key, id, sizeof(id));
	json_text(json_get(result, "output"), text, sizeof(text));
	text[strcspn(text, "\n")] = '\0';
	if (has_completed(result))
		buf_fmt(out, "- %s: %s\n", id, text);
	else
		buf_fmt(out, "- %s is not there: what it was to find out remains open.\n", id);
}

static void answer_problem(const struct role_play *p, struct buf *out)
{
	struct json results = json_get(p->request, "results"), key = {0}, v = {0};

	buf_fmt(out, "On %s, from %u results:\n\n", word(p, 0), count(results));
	while (json_next_member(results, &key, &v))
		tell_result(key, v, out);
}

void role_reply(const struct role_play *p, struct buf *out)
{
	switch (p->role) {
	case SOLVE_PLANNER:
		answer_plan(p, out);
		break;
	case SOLVE_SYNTHESIZER:
		answer_problem(p, out);
		break;
	case SOLVE_VALIDATOR:
		answer_verdict(p, out);
		break;
	case SOLVE_ROLE__COUNT:
		break;
	}
}
