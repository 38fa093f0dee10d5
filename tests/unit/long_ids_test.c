/* What long ids leave of the tables, and the tables of them. */
#include "disk_batch.h"
#include "views_fixture.h"

#define B0 "batch-20261121-233000"
#define B1 "batch-20261121-234000"
#define LONG "translate-the-manual-fr" /* 23 columns */
#define LONGER "translate-the-whole-manual-to-french-with-notes"

static struct temp_dir dir;

static struct views_world *open_run(const char *last)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir.path, last);
	return views_open(path);
}

static int setup(void **state)
{
	(void)state;
	if (temp_dir_make(&dir) < 0)
		return -1;
	disk_batch(&dir, B0, "id,task\n" LONG ",do it\n" LONGER ",do it\nshort,do it\n");
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	disk_attempt(&dir, B0, LONG, 1, "task_error", "failed");
	disk_attempt(&dir, B0, LONGER, 1, "task_error", "failed");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

static void the_position_is_told_briefly_where_room_is_short(void **state)
{
	struct views_world *w = open_run(B0);

	(void)state;
	views_draw(w, 140, 30);
	assert_true(views_shows(w, "1-3 of 3  sort: state"));
	views_draw(w, 110, 30);
	assert_true(views_shows(w, " LAST LINE "));
	assert_true(views_shows(w, " 1-3/3"));
	views_close(w);
}

static void ids_have_the_room_of_earlier_failures_where_none_can_be(void **state)
{
	struct views_world *w = open_run(B0);

	(void)state;
	views_press(w, "4");
	views_draw(w, 100, 30);
	assert_true(views_shows(w, "  " LONG "  "));
	assert_true(views_shows(w, "  translate-the-whole-manual-to-fre X failed"));
	assert_true(views_shows(w, "  BY CLASS\n"));
	views_draw(w, 80, 30);
	assert_true(views_shows(w, "  " LONG "  "));
	views_close(w);

	disk_batch(&dir, B1, "id,task\n" LONG ",do it\n" LONGER ",do it\n");
	disk_born(&dir, B1, B0, B0, 1, 20);
	disk_cycle(&dir, B0, B1);
	w = open_run(B1);
	views_press(w, "4");
	views_draw(w, 100, 30);
	assert_true(views_shows(w, "CYCLE 0 FAILED BY"));
	assert_true(views_shows(w, " task_error (1 attempt) "));
	views_close(w);
}

/* The smallest screen tells of the run what it can. */
static void a_long_name_gives_way_to_the_counts(void **state)
{
	struct views_world *w = open_run(B0);

	(void)state;
	/* Without a CSV the run is called by its batch. */
	views_draw(w, 30, 4);
	assert_true(views_shows(w, " batch-2026 0 NOCON 0/3 2 fail"));
	views_draw(w, 14, 4);
	assert_true(views_shows(w, "batc 0 NOCON"));
	views_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(the_position_is_told_briefly_where_room_is_short, setup,
		teardown),
	    cmocka_unit_test_setup_teardown(ids_have_the_room_of_earlier_failures_where_none_can_be,
		setup, teardown),
	    cmocka_unit_test_setup_teardown(a_long_name_gives_way_to_the_counts, setup, teardown),
	};

	return cmocka_run_group_tests_name("long_ids", tests, NULL, NULL);
}
