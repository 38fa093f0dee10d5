/* A run of solve on the screens, stage by stage. */
#include "solve_fixture.h"
#include "views_fixture.h"
#include "ui/ui.h"
#include "view/print/lineage_text.h"
#include "view/print/report.h"
#include "view/print/status_text.h"
#include "view/summary.h"

static struct solve_fixture disk;
static struct views_world *w;

static void open_at(enum solve_stage stage)
{
	char path[200];

	assert_int_equal(solve_fixture_make(&disk, stage), 0);
	solve_fixture_path(&disk, path);
	w = views_open(path);
	assert_non_null(w);
	if (stage == STAGE_PLANNING)
		w->now_t = FIX_NOW_T - 1288000;
}

static int teardown(void **state)
{
	(void)state;
	views_close(w);
	solve_fixture_remove(&disk);
	return 0;
}

static const struct {
	enum solve_stage stage;
	const char *name;
} stages[] = {
    {STAGE_PLANNING, "planning"},
    {STAGE_EXECUTING, "executing"},
    {STAGE_VALIDATING, "validating"},
    {STAGE_STOPPED, "stopped"},
    {STAGE_EXTENDING, "extending"},
    {STAGE_DONE, "done"},
};

static void frames_of_all_stages(void **state)
{
	char name[64];
	size_t i;

	for (i = 0; i < ARRAY_LEN(stages); i++) {
		open_at(stages[i].stage);
		snprintf(name, sizeof(name), "solve-%s", stages[i].name);
		views_golden_ascii(w, name);
		w->viewer.view = VIEW_LINEAGE;
		snprintf(name, sizeof(name), "solve-%s-lineage", stages[i].name);
		views_golden_ascii(w, name);
		w->viewer.view = VIEW_OVERVIEW;
		views_press(w, "R");
		snprintf(name, sizeof(name), "solve-%s-log", stages[i].name);
		views_golden_ascii(w, name);
		if (i + 1 < ARRAY_LEN(stages))
			(void)teardown(state);
	}
}

static void the_timeline_has_a_line_for_each_role(void **state)
{
	(void)state;
	open_at(STAGE_VALIDATING);
	w->viewer.view = VIEW_TIMELINE;
	views_press(w, "C");
	views_golden_ascii(w, "solve-timeline");
}

/* ---- what is printed ----------------------------------------------------- */

static void has_line(const struct buf *b, const char *want)
{
	char *line = xasprintf("%s\n", want);

	if (!strstr(b->data, line))
		fail_msg("missing: %s\nin:\n%s", want, b->data);
	free(line);
}

static const struct instant now = {FIX_NOW_T, 99999};

static void status_has_the_phase(void **state)
{
	struct status_opts o = {.columns = 100, .now = now};
	struct buf b = BUF_INIT;

	(void)state;
	open_at(STAGE_VALIDATING);
	status_text(&w->run, run_reader_last(&w->run), &o, &b);
	has_line(&b,
	    " round 1/2  VALIDATE  validator-2 ↻ BACKOFF in 0:23  2/5  claude  rate_limit 429 "
	    "Too Many Requests");
	buf_release(&b);
}

static void status_before_there_are_rows(void **state)
{
	struct status_opts o = {.columns = 80, .now = {FIX_NOW_T - 1288000, 0}};
	struct buf b = BUF_INIT;

	(void)state;
	open_at(STAGE_PLANNING);
	status_text(&w->run, run_reader_last(&w->run), &o, &b);
	has_line(&b, " no rows yet");
	assert_non_null(strstr(b.data,
	    " round 0/2  PLAN  planner-1 ▸ RUNNING 0:12  1/5  assistant: Two"));
	buf_reset(&b);
	status_json(&w->run, run_reader_last(&w->run), &b);
	assert_non_null(strstr(b.data, "\"agents\":[]"));
	buf_release(&b);
}

static void the_report_keeps_roles_apart(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	open_at(STAGE_DONE);
	report_text(&w->run, now, false, &b);
	has_line(&b,
	    "\"How many people lived in Berlin in 1910,...\": 5/5 succeeded after 2 retries");
	has_line(&b,
	    "  cycle 2  " SOLVE_B2 "  extension: 1 agent, 1 done, 0 failed, 00:02:39, $0.05");
	has_line(&b, "  round 0: not complete, poor, 2 missing: a second source; the comparison");
	has_line(&b, "  round 1: not complete, fair, 1 missing: the page of the census");
	has_line(&b, "  round 2: complete, good");
	has_line(&b, "  planner: 2 calls, 2 attempts, 00:01:09, $0.10, 2.4k tokens");
	has_line(&b, "  validator: 3 calls, 3 attempts, 00:02:07, $0.15, 3.6k tokens");
	has_line(&b, "  in all: 8 calls, 8 attempts, 00:05:20, $0.40, 9.6k tokens");
	has_line(&b, "  $0.70 in all");
	has_line(&b, "  $0.40 of it for roles");
	buf_reset(&b);
	report_markdown(&w->run, now, &b);
	has_line(&b, "## validations");
	has_line(&b, "- round 2: complete, good");
	buf_reset(&b);
	report_json(&w->run, now, &b);
	assert_non_null(strstr(b.data, "\"solve\":{\"phase\":\"done\",\"round\":2,"));
	assert_non_null(strstr(b.data,
	    "{\"round\":1,\"passed\":false,\"is_complete\":false,"
	    "\"data_quality\":\"fair\",\"missing\":1,"));
	assert_non_null(strstr(b.data, "{\"role\":\"validator\",\"calls\":3,"));
	assert_non_null(strstr(b.data, "\"kind\":\"extension\""));
	buf_release(&b);
}

static void the_lineage_tells_verdicts(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	open_at(STAGE_DONE);
	lineage_text(&w->run, now, false, &b);
	has_line(&b,
	    "    validation of round 0: not complete, poor, 2 missing: a second source; the "
	    "comparison");
	assert_non_null(strstr(b.data, SOLVE_B2 "  cycle 2 extension  1 agent  1 done"));
	has_line(&b, "        validation of round 2: complete, good");
	buf_release(&b);
}

static void what_stays_tells_the_verdict(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	open_at(STAGE_DONE);
	temp_dir_put_str(&disk.dir, SOLVE_B0 "/answer.md", "2,071,257\n");
	view_leaving_text(&w->run, now, &b);
	has_line(&b, "  validation passed, round 2: complete, good");
	assert_non_null(strstr(b.data, SOLVE_B0 "/answer.md\n"));
	buf_release(&b);
}

/* ---- keys ---------------------------------------------------------------- */

static void logs_of_roles_are_opened(void **state)
{
	(void)state;
	open_at(STAGE_DONE);
	views_press(w, "R");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "COMPLETED  validator-3"));
	views_press(w, "R");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "COMPLETED  synthesizer-3"));
	views_press(w, ":planner\r");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "COMPLETED  planner-2"));
	views_press(w, ":planner-1\r");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "Two sources at least"));
	views_press(w, "q");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "step_5"));
	views_press(w, ":planner-7\r");
	views_draw(w, 120, 40);
	assert_true(views_hides(w, "planner-1 claude"));
}

/* A role that waits is told to try again at once; nothing else is done to it. */
static void enter_opens_the_log_that_is_shown_while_it_plans(void **state)
{
	(void)state;
	open_at(STAGE_PLANNING);
	views_press(w, "\r");
	views_draw(w, 120, 40);
	assert_int_equal(w->viewer.view, VIEW_LOG);
	assert_true(views_shows(w, "RUNNING  planner-1 "));
}

static void a_role_is_steered_from_its_log(void **state)
{
	(void)state;
	open_at(STAGE_VALIDATING);
	assert_string_equal(view_listener(&w->viewer.model)->dir.name, "validator-2");
	views_press(w, "Rs");
	assert_int_equal(w->nr_sent, 1);
	assert_non_null(strstr(w->sent.data, "skip-wait"));
	views_press(w, "x+");
	assert_int_equal(w->nr_sent, 1);
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "a role is at work"));
	views_press(w, "Rs"); /* the call before: it is over */
	assert_int_equal(w->nr_sent, 1);
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "synthesizer-2 is over"));
}

static void a_validation_of_the_lineage_opens_its_log(void **state)
{
	(void)state;
	open_at(STAGE_DONE);
	views_press(w, "4g");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, ">- 0 "));
	views_press(w, "j");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, ">|-- ? validation 0: not complete, poor"));
	assert_true(views_shows(w, "validation 0 of cycle 0 by validator-1"));
	views_press(w, "\r");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "COMPLETED  validator-1"));
	views_press(w, "qh");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, ">- 0 "));
	views_press(w, "h");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, ">+ 0 "));
	assert_true(views_hides(w, "validation 0"));
}

/* Every view, while there is no row, and when the plan brings some. */
static void the_plan_brings_rows(void **state)
{
	static const char keys[] = "123456i";
	size_t i, k;

	(void)state;
	open_at(STAGE_PLANNING);
	for (k = 0; k < 2; k++) {
		for (i = 0; keys[i]; i++) {
			char key[2] = {keys[i], '\0'};

			views_press(w, key);
			views_draw(w, 120, 40);
			views_draw(w, 60, 12);
			views_press(w, "fCjk sxn<U");
			views_draw(w, 80, 24);
			views_press(w, "\x1bq");
			w->nr_left = 0;
		}
		if (k)
			break;
		solve_execute(&disk);
		assert_int_equal(run_reader_refresh(&w->run, NULL), 1);
		w->now_t = FIX_NOW_T;
		viewer_update(&w->viewer, now);
	}
	(void)viewer_show_all(&w->viewer);
	views_press(w, "1");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "step_1  + COMPLETED"));
	assert_true(views_shows(w, "EXECUTE  all 4 rows"));
}

static void one_frame_has_a_role(void **state)
{
	char path[200];
	struct ui_print_opts o = {
	    .batch = path, .id = "validator-2", .cols = 100, .rows = 20, .ascii = true};
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	open_at(STAGE_STOPPED);
	solve_fixture_path(&disk, path);
	o.at_t = FIX_NOW_T;
	o.view = "log";
	assert_int_equal(ui_print_frame(&o, &b, &err), 0);
	assert_non_null(strstr(b.data, "X FAILED  validator-2 claude"));
	buf_reset(&b);
	o.view = "details";
	assert_int_equal(ui_print_frame(&o, &b, &err), 0);
	assert_non_null(strstr(b.data, " agent         validator\n"));
	assert_non_null(strstr(b.data, "401 invalid api key"));
	o.id = "planner-9";
	assert_int_equal(ui_print_frame(&o, &b, &err), -1);
	buf_release(&b);
}

int main(void)
{
#define T(f) cmocka_unit_test_teardown(f, teardown)
	const struct CMUnitTest tests[] = {
	    T(frames_of_all_stages),
	    T(the_timeline_has_a_line_for_each_role),
	    T(status_has_the_phase),
	    T(status_before_there_are_rows),
	    T(the_report_keeps_roles_apart),
	    T(the_lineage_tells_verdicts),
	    T(what_stays_tells_the_verdict),
	    T(logs_of_roles_are_opened),
	    T(enter_opens_the_log_that_is_shown_while_it_plans),
	    T(a_role_is_steered_from_its_log),
	    T(a_validation_of_the_lineage_opens_its_log),
	    T(one_frame_has_a_role),
	    T(the_plan_brings_rows),
	};

	return cmocka_run_group_tests_name("solve_views", tests, NULL, NULL);
}
