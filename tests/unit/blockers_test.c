/* What rows wait for, or were skipped for: a diamond with a failing arm, a fan, a chain; in words, in
 * frames, in JSON, and how long a large graph takes. */
#include "disk_batch.h"
#include "formats/tasks_csv.h"
#include "views_fixture.h"
#include "view/blockers.h"
#include "view/print/headless.h"
#include "view/print/status_text.h"
#include "view/row.h"

#include <time.h>

#define B0 "batch-20261121-235000"
#define NOW_S (FIX_NOW_T / 1000)

/* top -> left (fails), right (runs) -> bottom -> under; wide waits for right, slow and top, far for
 * wide; join for 12 of a fan; c02 ... c10 are a chain behind right. */
static const char csv_text[] = "id,task,depends_on\n"
			       "top,Read the module,\n"
			       "left,Port the parser,top\n"
			       "right,Port the writer,top\n"
			       "slow,Bisect the crash,\n"
			       "bottom,Join the two,left right\n"
			       "under,Write the guide,bottom\n"
			       "wide,Compare them,right slow top\n"
			       "far,Publish it,wide\n"
			       "f01,Part,\nf02,Part,\nf03,Part,\nf04,Part,\nf05,Part,\nf06,Part,\n"
			       "join,Join the parts,f01 f02 f03 f04 f05 f06 right wide\n"
			       "c01,Chain,right\nc02,Chain,c01\nc03,Chain,c02\nc04,Chain,c03\n"
			       "gone,Ask nobody,\nlost,Waits for nobody,gone\n";

struct world {
	struct temp_dir dir;
	struct views_world *views;
	int lock_fd;
};

static struct world w;

static void event(double ago_s, const char *fields)
{
	double t = (double)NOW_S - ago_s;

	disk_event(&w.dir, B0, "{\"t\":%.3f,\"m\":%.3f,%s}", t, t - (double)NOW_S + 100000, fields);
}

static void start(const char *id, int n, double ago_s)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "\"ev\":\"start\",\"id\":\"%s\",\"n\":%d,\"account\":\"claude\",\"log_from\":0", id, n);
	event(ago_s, text);
}

static void end(const char *id, int n, double ago_s, const char *class, const char *status)
{
	char text[512];

	snprintf(text, sizeof(text), "\"ev\":\"exit\",\"id\":\"%s\",\"n\":%d,\"code\":%d", id, n,
	    strcmp(class, "success") != 0);
	event(ago_s, text);
	snprintf(text, sizeof(text),
	    "\"ev\":\"verdict\",\"id\":\"%s\",\"n\":%d,\"class\":\"%s\",\"charged\":true,"
	    "\"message\":\"%s\"",
	    id, n, class, strcmp(class, "success") == 0 ? "" : "2 tests still fail");
	event(ago_s, text);
	snprintf(text, sizeof(text), "\"ev\":\"status\",\"id\":\"%s\",%s", id, status);
	event(ago_s, text);
}

static void skipped(const char *id, const char *parent)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "\"ev\":\"status\",\"id\":\"%s\",\"status\":\"skipped\",\"why\":\"%s did not "
	    "complete\"",
	    id, parent);
	event(99, text);
}

static int setup(void **state)
{
	char path[256];

	(void)state;
	if (temp_dir_make(&w.dir) < 0)
		return -1;
	disk_batch(&w.dir, B0, csv_text);
	event(200, "\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\",\"pid\":1,\"cycle\":0");
	start("top", 1, 190);
	end("top", 1, 160, "success", "\"status\":\"completed\"");
	start("left", 1, 150);
	start("right", 1, 150);
	start("slow", 1, 140);
	end("left", 1, 100, "task_error", "\"status\":\"failed\"");
	skipped("bottom", "left");
	skipped("under", "bottom");
	end("slow", 1, 20, "transient", "\"status\":\"in_progress\",\"phase\":\"backoff\"");
	snprintf(path, sizeof(path),
	    "\"ev\":\"wait\",\"id\":\"slow\",\"until\":%lld,\"why\":\"ladder\"",
	    (long long)NOW_S + 25);
	event(20, path);
	start("f01", 1, 10);
	end("f01", 1, 5, "success", "\"status\":\"completed\"");
	start("f02", 1, 4);
	event(3,
	    "\"ev\":\"status\",\"id\":\"gone\",\"status\":\"cancelled\",\"why\":\"by the "
	    "operator\"");
	skipped("lost", "gone");
	w.lock_fd = disk_hold(&w.dir, B0, LOCK_BATCH);
	snprintf(path, sizeof(path), "%s/" B0, w.dir.path);
	w.views = views_open(path);
	return w.views ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	views_close(w.views);
	close(w.lock_fd);
	temp_dir_remove(&w.dir);
	return 0;
}

#define graph_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static uint32_t find(const char *id)
{
	return batch_find(&w.views->viewer.model.shown->state, id);
}

static void lines_tell_what_is_waited_for(void **state)
{
	static const struct {
		const char *id, *line;
	} rows[] = {
	    {"wide", "waits for right, slow (running 2:30, in 0:25)"},
	    {"far", "waits for right (running 2:30) > wide"},
	    /* Those that wait for none first; the others are as many more. */
	    {"join", "waits for f02, f03, right and 4 more (running 0:04, pending, running 2:30)"},
	    {"c01", "waits for right (running 2:30)"},
	    {"c02", "waits for right (running 2:30) > c01"},
	    {"c03", "waits for right (running 2:30) > 1 more > c02"},
	    {"c04", "waits for right (running 2:30) > 2 more > c03"},
	    {"bottom", "left failed: task_error"},
	    {"under", "left failed: task_error, through bottom"},
	    {"lost", "gone was cancelled"},
	};
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&b);
		assert_true(view_row_line(&w.views->viewer.model, find(rows[i].id), &b));
		if (strcmp(b.data, rows[i].line) != 0)
			fail_msg("%s: %s", rows[i].id, b.data);
	}
	buf_release(&b);
}

static void a_row_that_may_start_has_no_blocker(void **state)
{
	struct view_model *m = &w.views->viewer.model;

	(void)state;
	assert_null(blockers_find(m->blockers, &m->shown->state, find("f05")));
	assert_null(blockers_find(m->blockers, &m->shown->state, find("top")));
	assert_null(blockers_find(m->blockers, &m->shown->state, find("left")));
	assert_null(blockers_find(m->blockers, &m->shown->state, AGENT_NONE));
}

/* What was found is found anew when the batch has gone on. */
static void it_follows_the_journal(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	end("right", 1, 0, "success", "\"status\":\"completed\"");
	start("c01", 1, 0);
	assert_true(run_reader_refresh(&w.views->run, NULL) >= 0);
	viewer_update(&w.views->viewer, (struct instant){FIX_NOW_T, 99999});
	assert_true(view_row_line(&w.views->viewer.model, find("c03"), &b));
	assert_string_equal(b.data, "waits for c01 (running 0:00) > c02");
	buf_reset(&b);
	assert_true(view_row_line(&w.views->viewer.model, find("far"), &b));
	assert_string_equal(b.data, "waits for slow (in 0:25) > wide");
	buf_release(&b);
}

static void frames_say_what_rows_wait_for(void **state)
{
	(void)state;
	views_press(w.views, "k");
	viewer_select(&w.views->viewer, find("join"));
	views_golden(w.views, "blocked-overview");
	w.views->viewer.overlay = OVERLAY_DETAILS;
	views_golden(w.views, "blocked-details");
	w.views->viewer.overlay = OVERLAY_NONE;
	w.views->viewer.view = VIEW_LINEAGE;
	views_golden(w.views, "blocked-lineage");
}

static void a_pane_tells_it_before_there_is_a_log(void **state)
{
	(void)state;
	views_press(w.views, "k");
	viewer_select(&w.views->viewer, find("c04"));
	views_draw(w.views, 120, 40);
	assert_true(views_shows(w.views, "waits for the row it depends on"));
	assert_true(views_shows(w.views, ": c03     blocked"));
	assert_true(views_shows(w.views, "held up by right (running 2:30) > 2 more > c03"));
	viewer_select(&w.views->viewer, find("under"));
	views_draw(w.views, 120, 40);
	assert_true(views_shows(w.views, "never began: left failed: task_error, through bottom"));
	assert_true(views_shows(w.views, "X left    failed: task_error  2 tests still fail"));
	views_press(w.views, "3");
	views_draw(w.views, 80, 24);
	assert_true(views_shows(w.views, "never began: left failed: task_error, through bottom"));
	viewer_select(&w.views->viewer, find("f05"));
	views_draw(w.views, 80, 24);
	assert_true(views_shows(w.views, "(not started yet)"));
}

static void details_tell_the_way_and_who_needs_it(void **state)
{
	(void)state;
	views_press(w.views, "k");
	viewer_select(&w.views->viewer, find("c03"));
	views_press(w.views, "i");
	views_draw(w.views, 120, 40);
	assert_true(views_shows(w.views, "waits for     c02 blocked"));
	assert_true(views_shows(w.views, "held up by    right (running 2:30) > 1 more > c02"));
	assert_true(views_shows(w.views, "needed by     c04"));
	viewer_select(&w.views->viewer, find("right"));
	views_draw(w.views, 120, 40);
	assert_true(views_shows(w.views,
	    "needed by     bottom, wide, join, c01; the longest chain behind it has 4 rows"));
	viewer_select(&w.views->viewer, find("under"));
	views_draw(w.views, 120, 40);
	assert_true(views_shows(w.views, "skipped for   left failed: task_error, through bottom"));
	assert_true(views_hides(w.views, "did not complete"));
}

static void status_tells_it_too(void **state)
{
	struct status_opts o = {.columns = 130, .all = true, .now = {FIX_NOW_T, 0}};
	struct buf b = BUF_INIT;

	(void)state;
	status_text(&w.views->run, w.views->run.batches[0], &o, &b);
	assert_non_null(strstr(b.data, "waits for right (running 2:30) > wide\n"));
	assert_non_null(strstr(b.data, "left failed: task_error, through bottom\n"));
	buf_reset(&b);
	status_json(&w.views->run, w.views->run.batches[0], &b);
	assert_non_null(strstr(b.data, "\"unmet\":1,\"blocked_by\":\"right\""));
	assert_non_null(strstr(b.data, "\"unmet\":1,\"blocked_by\":\"left\""));
	assert_non_null(strstr(b.data, "\"unmet\":1,\"blocked_by\":\"gone\""));
	buf_release(&b);
}

static struct headless lines;

static void take_event(void *ctx, const struct event *ev)
{
	headless_event(&lines, ev, ctx);
}

static void headless_lines_name_the_row_that_failed(void **state)
{
	const struct batch_reader *r = w.views->run.batches[0];
	struct headless_opts opts = {0};
	struct journal_reader journal;
	struct buf b = BUF_INIT;

	(void)state;
	headless_init(&lines, &opts, r);
	assert_int_equal(journal_reader_open(&journal, r->dir.fd, NULL), 0);
	journal_read(&journal, 0, take_event, &b, NULL);
	journal_reader_close(&journal);
	headless_release(&lines);
	assert_non_null(strstr(b.data, " bottom SKIPPED left did not complete\n"));
	assert_non_null(strstr(b.data, " under SKIPPED bottom did not complete, for left\n"));
	buf_release(&b);
}

/* ---- large graphs ---------------------------------------------------------- */

#define LARGE 100000

static int64_t cpu_ms(void)
{
	return (int64_t)clock() * 1000 / CLOCKS_PER_SEC;
}

/* A row that 100,000 wait for, and which waits for 100,000 itself; a chain of 100,000. */
static void large_graphs_are_looked_through_once(void **state)
{
	struct buf text = BUF_INIT;
	struct tasks ts;
	struct graph g;
	struct batch b;
	struct blockers k = BLOCKERS_INIT;
	const struct tasks_read_opts opts = {.file = "large.csv"};
	uint32_t i;
	int64_t was;
	struct err err = ERR_INIT;

	(void)state;
	buf_str(&text, "id,task,depends_on\n");
	for (i = 0; i < LARGE; i++)
		buf_fmt(&text, "w%u,x,\n", i);
	buf_str(&text, "join,x,");
	for (i = 0; i < LARGE; i++)
		buf_fmt(&text, "%sw%u", i ? " " : "", i);
	buf_str(&text, "\n");
	for (i = 0; i < LARGE; i++)
		buf_fmt(&text, "k%u,x,join\n", i);
	for (i = 0; i < LARGE; i++)
		buf_fmt(&text, "c%u,x,%c%u\n", i, i ? 'c' : 'k', i ? i - 1 : 0);
	assert_int_equal(tasks_read_text(&ts, &g, text.data, text.len, &opts, &err), 0);
	batch_init(&b, &ts, &g, "claude", 8);
	was = cpu_ms();
	for (i = LARGE + 1; i < b.nr_agents; i++) {
		const struct blocker *by = blockers_find(&k, &b, i);

		assert_non_null(by);
		assert_int_equal(by->agent, 0);
	}
	assert_int_equal(blockers_find(&k, &b, b.nr_agents - 1)->depth, LARGE + 2);
	if (cpu_ms() - was > 1000)
		fail_msg("took %lld ms", (long long)(cpu_ms() - was));
	blockers_release(&k);
	batch_release(&b);
	graph_release(&g);
	tasks_release(&ts);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    graph_test(lines_tell_what_is_waited_for),
	    graph_test(a_row_that_may_start_has_no_blocker),
	    graph_test(it_follows_the_journal),
	    graph_test(frames_say_what_rows_wait_for),
	    graph_test(a_pane_tells_it_before_there_is_a_log),
	    graph_test(details_tell_the_way_and_who_needs_it),
	    graph_test(status_tells_it_too),
	    graph_test(headless_lines_name_the_row_that_failed),
	    cmocka_unit_test(large_graphs_are_looked_through_once),
	};

	return cmocka_run_group_tests_name("blockers", tests, NULL, NULL);
}
