/* Scores the classifier against labelled outputs of agent programs: those that people reported and
 * those captured lie beside the repository, not in it, and are skipped where they are missing; ours
 * vary what these programs are known to print, and each is judged by its own profile.
 * CLASSIFY_VERBOSE=1 lists misses. */
#include "base/buf.h"
#include "base/file.h"
#include "engine/reset.h"
#include "exec/profiles.h"
#include "exec/shared_patterns.h"
#include "policy/classify.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cJSON.h>
#include <cmocka.h>

#define CORPUS "../shared/corpus"
/* What is reached, less one point. (Of the captured ones four say "overloaded" and are labelled
 * transient; the table of classes calls that a rate limit.) */
#define FLOOR_REPORTED_PCT 99
#define FLOOR_CAPTURED_PCT 94

/* When the outputs ended: 2026-11-21 12:00:00 UTC. */
#define NOW_T (INT64_C(1795262400) * 1000)

static struct pattern_base *patterns;

struct score {
	unsigned nr, right, false_alarms, waits, waits_right, resets, resets_right;
	unsigned class_nr[CLASS__COUNT], class_right[CLASS__COUNT];
};

static const char *text_of(const cJSON *row, const char *key)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItem(row, key));

	return s ? s : "";
}

static void judge(const struct classifier *c, const cJSON *row, int64_t now_t, struct verdict *v)
{
	const char *tail = text_of(row, "tail");
	struct ended e = {
	    .exit = {.how = EXIT_CODE, .value = cJSON_GetObjectItem(row, "exit_code")->valueint},
	    .tail = tail,
	    .tail_len = strlen(tail),
	};

	classify(c, &e, v);
	reset_settle(v, now_t);
}

static void score_wait(struct score *s, const cJSON *row, const struct verdict *v)
{
	const cJSON *wait = cJSON_GetObjectItem(row, "retry_after_s");
	double told = v->retry_after_ms == NUM_NONE ? NAN : (double)v->retry_after_ms / 1000;
	bool is_right = cJSON_IsNumber(wait) ? fabs(told - wait->valuedouble) <= 1 : isnan(told);

	s->waits++;
	s->waits_right += is_right;
	if (!is_right && getenv("CLASSIFY_VERBOSE"))
		printf("# wait %s: got %g, want %g\n", text_of(row, "id"), told,
		    cJSON_IsNumber(wait) ? wait->valuedouble : (double)NAN);
}

/* As classify tells it: only a window resets, one whose end was told as a span that long after now. */
static int64_t reset_at(const struct verdict *v, int64_t now_t)
{
	if (v->class != CLASS_USAGE_LIMIT)
		return NUM_NONE;
	if (v->reset_at_t == NUM_NONE && v->retry_after_ms != NUM_NONE)
		return now_t + v->retry_after_ms;
	return v->reset_at_t;
}

static bool is_reset_at(const cJSON *row, const struct verdict *v, int64_t now_t)
{
	const cJSON *want = cJSON_GetObjectItem(row, "reset_at");
	int64_t at = reset_at(v, now_t);

	return cJSON_IsNumber(want) ? fabs((double)at / 1000 - want->valuedouble) <= 1
				    : at == NUM_NONE;
}

static bool is_reset_text(const cJSON *row, const struct verdict *v)
{
	const cJSON *reset = cJSON_GetObjectItem(row, "reset");
	const char *kind = text_of(reset, "kind"), *text = text_of(reset, "text");

	if (strcmp(kind, "epoch") == 0)
		return v->reset_at_t / 1000 == atoll(text);
	if (strcmp(kind, "clock") == 0 || strcmp(kind, "datetime") == 0)
		return strcmp(v->reset_text, text) == 0;
	return v->reset_text[0] == '\0' && v->reset_at_t == NUM_NONE;
}

/* Rows tell the words that were cut out, the moment that they name, or both. */
static void score_reset(struct score *s, const cJSON *row, const struct verdict *v)
{
	bool is_right = (!cJSON_HasObjectItem(row, "reset") || is_reset_text(row, v)) &&
	    (!cJSON_HasObjectItem(row, "reset_at") || is_reset_at(row, v, NOW_T));

	s->resets++;
	s->resets_right += is_right;
	if (!is_right && getenv("CLASSIFY_VERBOSE"))
		printf("# reset %s: got '%s' %lld\n", text_of(row, "id"), v->reset_text,
		    (long long)reset_at(v, NOW_T));
}

static void score_row(struct score *s, const struct classifier *c, const cJSON *row)
{
	int want = class_from_name(text_of(row, "class"));
	struct verdict v;

	assert_int_not_equal(want, -1);
	judge(c, row, NOW_T, &v);
	s->nr++;
	s->class_nr[want]++;
	if ((int)v.class == want) {
		s->right++;
		s->class_right[want]++;
		score_wait(s, row, &v);
		score_reset(s, row, &v);
		return;
	}
	s->false_alarms += want == CLASS_SUCCESS;
	if (getenv("CLASSIFY_VERBOSE"))
		printf("# %s: got %s, want %s (%s)\n", text_of(row, "id"), class_name(v.class),
		    class_name((enum attempt_class)want), v.evidence);
}

static void print_score(const char *file, const struct score *s)
{
	int c;

	printf("# %s: %u of %u right (%.1f %%), waits %u of %u, resets %u of %u\n", file, s->right,
	    s->nr, 100.0 * s->right / s->nr, s->waits_right, s->waits, s->resets_right, s->resets);
	for (c = 0; c < CLASS__COUNT; c++)
		if (s->class_nr[c])
			printf("#   %-16s %3u of %3u\n", class_name((enum attempt_class)c),
			    s->class_right[c], s->class_nr[c]);
}

/* A classifier for each agent that occurs, by its profile where that is one of ours. */
struct judges {
	bool by_profile;
	struct {
		char *agent;
		struct classifier *classifier;
	} v[32];
	size_t nr;
};

static const struct classifier *judge_of(struct judges *js, const char *agent)
{
	struct profile p;
	bool has_profile;
	size_t i;

	if (!js->by_profile)
		agent = "";
	for (i = 0; i < js->nr; i++)
		if (strcmp(js->v[i].agent, agent) == 0)
			return js->v[i].classifier;
	assert_true(js->nr < sizeof(js->v) / sizeof(js->v[0]));
	has_profile = js->by_profile && profile_load(agent, &p, NULL) == 0;
	js->v[i].classifier = classifier_new(has_profile ? &p : NULL, patterns, NULL);
	assert_non_null(js->v[i].classifier);
	js->v[i].agent = strdup(agent);
	if (has_profile)
		profile_release(&p);
	return js->v[js->nr++].classifier;
}

static void free_judges(struct judges *js)
{
	while (js->nr) {
		classifier_free(js->v[--js->nr].classifier);
		free(js->v[js->nr].agent);
	}
}

static void read_lines(const char *dir, const char *name, struct buf *text)
{
	int dirfd = dir_open(dir, NULL), fd;

	if (dirfd < 0) {
		print_message("no %s here\n", dir);
		skip();
	}
	fd = file_open_read(dirfd, name, NULL);
	assert_true(fd >= 0);
	assert_int_equal(file_read_fd(fd, 64 << 20, text, NULL), 0);
	close(fd);
	close(dirfd);
}

static cJSON *take_line(char *line, char **end)
{
	cJSON *row;

	*end = line + strcspn(line, "\n");
	**end = '\0';
	row = cJSON_Parse(line);
	assert_non_null(row);
	return row;
}

static void score_file(const char *dir, const char *name, bool by_profile, struct score *s)
{
	struct judges judges = {.by_profile = by_profile};
	struct buf text = BUF_INIT;
	char *line, *end;

	memset(s, 0, sizeof(*s));
	read_lines(dir, name, &text);
	for (line = text.data; *line; line = end + 1) {
		cJSON *row = take_line(line, &end);

		score_row(s, judge_of(&judges, text_of(row, "agent")), row);
		cJSON_Delete(row);
	}
	buf_release(&text);
	free_judges(&judges);
	print_score(name, s);
}

static void outputs_that_people_reported(void **state)
{
	struct score s;

	(void)state;
	score_file(CORPUS, "agent-outcomes.jsonl", true, &s);
	assert_int_equal(s.false_alarms, 0);
	assert_in_range(100 * s.right, FLOOR_REPORTED_PCT * s.nr, 100 * s.nr);
}

static void outputs_captured_from_real_programs(void **state)
{
	struct score s;

	(void)state;
	score_file(CORPUS, "captured-outcomes.jsonl", true, &s);
	assert_int_equal(s.false_alarms, 0);
	assert_in_range(100 * s.right, FLOOR_CAPTURED_PCT * s.nr, 100 * s.nr);
}

static void all_are_right(const char *name)
{
	struct score s;

	score_file("tests/fixtures", name, true, &s);
	assert_int_equal(s.false_alarms, 0);
	assert_int_equal(s.right, s.nr);
	assert_int_equal(s.waits_right, s.waits);
	assert_int_equal(s.resets_right, s.resets);
}

static void outputs_of_our_own(void **state)
{
	(void)state;
	all_are_right("outcomes.jsonl");
}

/* Labelled before they were judged; of the 446 first written, 419 were right at once. The rest are in
 * the shapes of outputs that people reported since, of which 66 of 81 were at first, then 189 of 209,
 * 125 of 140 and 83 of 96. */
static void outputs_that_were_held_out(void **state)
{
	(void)state;
	all_are_right("unseen.jsonl");
}

/* The same, of the programs beside those of the vendors, and of bare commands: of the first 188 were
 * 162 right at once, of the next 135 113, of 53 waits 39, of 99 that others had collected 72, of 90
 * more 81, of 35 successes that speak of errors all, and of a last 63 57. */
static void outputs_of_other_tools_that_were_held_out(void **state)
{
	(void)state;
	all_are_right("unseen_tools.jsonl");
}

/* What a limit tells of its end, in many spellings, at other moments and in other zones. */
static void told_times(void **state)
{
	const struct classifier *c;
	struct judges judges = {0};
	struct buf text = BUF_INIT;
	unsigned nr = 0, wrong = 0;
	char *line, *end;

	(void)state;
	c = judge_of(&judges, "");
	read_lines("tests/fixtures", "times.jsonl", &text);
	for (line = text.data; *line; line = end + 1) {
		cJSON *row = take_line(line, &end);
		int64_t now_t = (int64_t)cJSON_GetObjectItem(row, "now")->valuedouble * 1000;
		struct score s = {0};
		struct verdict v;

		setenv("TZ", text_of(row, "tz"), 1);
		judge(c, row, now_t, &v);
		score_wait(&s, row, &v);
		nr++;
		if (v.class != CLASS_USAGE_LIMIT || !s.waits_right ||
		    !is_reset_at(row, &v, now_t)) {
			wrong++;
			print_error("%s: %lld: %s", class_name(v.class),
			    (long long)reset_at(&v, now_t), text_of(row, "tail"));
		}
		cJSON_Delete(row);
	}
	setenv("TZ", "UTC", 1);
	buf_release(&text);
	free_judges(&judges);
	printf("# times.jsonl: %u of %u right\n", nr - wrong, nr);
	assert_int_equal(wrong, 0);
}

/* Our own alone: what the user has is no business of these tests. */
static int setup(void **state)
{
	(void)state;
	setenv("XDG_CONFIG_HOME", "/no/such/place", 1);
	setenv("TZ", "UTC", 1);
	patterns = shared_patterns_load(NULL);
	return patterns ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	pattern_base_free(patterns);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(outputs_that_people_reported),
	    cmocka_unit_test(outputs_captured_from_real_programs),
	    cmocka_unit_test(outputs_of_our_own),
	    cmocka_unit_test(outputs_that_were_held_out),
	    cmocka_unit_test(outputs_of_other_tools_that_were_held_out),
	    cmocka_unit_test(told_times),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
