/* A cycle that was forked into branches, in the lineage: side by side under their parent. */
#include "disk_batch.h"
#include "views_fixture.h"

#define B0 "batch-20261121-233000"
#define B1 "batch-20261121-234000"
#define B2 "batch-20261121-234000-2"
#define NOW_S (FIX_NOW_T / 1000)

static struct temp_dir dir;
static struct views_world *w;
static int lock_fd;

static void tell(const char *batch, long ago, const char *fields)
{
	disk_event(&dir, batch, "{\"t\":%ld,\"m\":%ld,%s}", (long)NOW_S - ago,
	    (100000 - ago) * 1000, fields);
}

static void start(const char *batch, const char *id, long ago)
{
	char text[200];

	snprintf(text, sizeof(text),
	    "\"ev\":\"start\",\"id\":\"%s\",\"n\":1,\"account\":\"claude\"", id);
	tell(batch, ago, text);
}

static void end(const char *batch, const char *id, long ago, const char *class, const char *status)
{
	char text[300];

	snprintf(text, sizeof(text), "\"ev\":\"exit\",\"id\":\"%s\",\"n\":1,\"code\":%d", id,
	    strcmp(class, "success") != 0);
	tell(batch, ago, text);
	snprintf(text, sizeof(text),
	    "\"ev\":\"verdict\",\"id\":\"%s\",\"n\":1,\"class\":\"%s\",\"charged\":true,"
	    "\"cost_usd\":0.05,\"message\":\"2 tests still fail\"",
	    id, class);
	tell(batch, ago, text);
	snprintf(text, sizeof(text), "\"ev\":\"status\",\"id\":\"%s\",\"status\":\"%s\"", id,
	    status);
	tell(batch, ago, text);
}

static void born_branch(const char *name, const char *branch)
{
	char text[400];

	disk_batch(&dir, name, "id,task,depends_on\nb,do b,\nc,do c,\nd,do d,c\n");
	snprintf(text, sizeof(text),
	    "\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\",\"pid\":1,\"cycle\":1,"
	    "\"original\":"
	    "\"" B0 "\",\"parent\":\"" B0 "\",\"branch\":\"%s\",\"options\":{\"auto_retry\":true}",
	    branch);
	tell(name, 600, text);
}

static int setup(void **state)
{
	char path[200];

	(void)state;
	if (temp_dir_make(&dir) < 0)
		return -1;
	disk_batch(&dir, B0, "id,task,depends_on\na,do a,\nb,do b,\nc,do c,\nd,do d,c\n");
	tell(B0, 900,
	    "\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\",\"pid\":1,\"cycle\":0,"
	    "\"options\":{"
	    "\"auto_retry\":true}");
	start(B0, "a", 900);
	start(B0, "b", 900);
	start(B0, "c", 900);
	end(B0, "a", 850, "success", "completed");
	end(B0, "b", 800, "task_error", "failed");
	end(B0, "c", 700, "timeout", "failed");
	tell(B0, 700,
	    "\"ev\":\"status\",\"id\":\"d\",\"status\":\"skipped\",\"why\":\"c did not complete\"");
	tell(B0, 601, "\"ev\":\"cycle\",\"child\":\"" B1 "\",\"rows\":3,\"branch\":\"fast\"");
	tell(B0, 601, "\"ev\":\"cycle\",\"child\":\"" B2 "\",\"rows\":3,\"branch\":\"careful\"");
	tell(B0, 601, "\"ev\":\"end\",\"state\":\"finished\",\"exit\":1");
	born_branch(B1, "fast");
	born_branch(B2, "careful");
	start(B1, "b", 600);
	start(B2, "b", 600);
	start(B1, "c", 600);
	start(B2, "c", 600);
	end(B1, "b", 500, "success", "completed");
	tell(B2, 499,
	    "\"ev\":\"status\",\"id\":\"b\",\"status\":\"cancelled\",\"branch\":\"fast\",\"why\":"
	    "\"branch "
	    "fast completed it first\"");
	end(B1, "c", 400, "timeout", "failed");
	tell(B1, 400,
	    "\"ev\":\"status\",\"id\":\"d\",\"status\":\"skipped\",\"why\":\"c did not complete\"");
	tell(B1, 399, "\"ev\":\"end\",\"state\":\"finished\",\"exit\":1");
	lock_fd = disk_hold(&dir, B2, LOCK_BATCH);
	snprintf(path, sizeof(path), "%s/" B0, dir.path);
	w = views_open(path);
	return w ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	views_close(w);
	close(lock_fd);
	temp_dir_remove(&dir);
	return 0;
}

static void branches_stand_side_by_side(void **state)
{
	(void)state;
	w->viewer.view = VIEW_LINEAGE;
	views_golden_ascii(w, "branches-lineage");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, " |-- 1 fast "));
	assert_true(views_shows(w, ">`-- 1 careful "));
	assert_true(views_shows(w, "cycle 1, branch careful:"));
}

/* What a sibling makes of a row was not before, and what it has completed is no failure here. */
static void siblings_are_no_past(void **state)
{
	(void)state;
	views_press(w, "4");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "c      timeout (1 attempt)        > running, attempt 1/5"));
	assert_true(views_shows(w, "d                                 : blocked by c"));
	assert_true(views_shows(w, "/ completed by fast"));
	views_press(w, "k");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "cycle 1, branch fast: healed 1, failed again 1"));
}

static void what_a_sibling_has_completed_is_healed(void **state)
{
	(void)state;
	views_press(w, "6j");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "  b      + healed "));
	assert_true(views_hides(w, "/ cancelled"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(branches_stand_side_by_side),
	    T(siblings_are_no_past),
	    T(what_a_sibling_has_completed_is_healed),
	};

	return cmocka_run_group_tests_name("branch_views", tests, NULL, NULL);
}
