#include "engine/history.h"
#include "disk_batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ORIGINAL "batch-20261121-223955"
#define FIRST "batch-20261121-231502"
#define SECOND "batch-20261121-232000"

/* An original with a twice and b once, a child with b twice (once in vain), and its child with b
 * once. */
static void make_run(const struct temp_dir *d)
{
	disk_batch(d, ORIGINAL, "id,task\na,x\nb,x\nc,x\n");
	disk_born(d, ORIGINAL, NULL, NULL, 0, 5);
	disk_attempt(d, ORIGINAL, "a", 1, "crash", "failed");
	disk_attempt(d, ORIGINAL, "a", 2, "success", "completed");
	disk_attempt(d, ORIGINAL, "b", 1, "task_error", "failed");
	disk_cycle(d, ORIGINAL, FIRST);
	disk_end(d, ORIGINAL, "finished", 1);
	disk_batch(d, FIRST, "id,task\nb,x\n");
	disk_born(d, FIRST, ORIGINAL, ORIGINAL, 1, 20);
	disk_event(d, FIRST, "{\"t\":21,\"m\":1,\"ev\":\"start\",\"id\":\"b\",\"n\":1}");
	disk_event(d, FIRST,
	    "{\"t\":21,\"m\":1,\"ev\":\"exit\",\"id\":\"b\",\"n\":1,\"void\":true}");
	disk_attempt(d, FIRST, "b", 2, "task_error", "failed");
	disk_cycle(d, FIRST, SECOND);
	disk_end(d, FIRST, "finished", 1);
	disk_batch(d, SECOND, "id,task\nb,x\n");
	disk_born(d, SECOND, ORIGINAL, FIRST, 2, 30);
	disk_attempt(d, SECOND, "b", 1, "task_error", "failed");
}

static uint32_t attempts(const struct temp_dir *d, const char *batch, const char *id)
{
	char path[256];
	struct history *h;
	uint32_t n;

	snprintf(path, sizeof(path), "%s/%s", d->path, batch);
	h = history_new(path);
	n = history_attempts(h, id);
	assert_int_equal(history_attempts(h, id), n); /* asked again */
	history_free(h);
	return n;
}

static void attempts_of_the_batches_before_are_counted(void **state)
{
	static const struct {
		const char *batch, *id;
		uint32_t nr;
	} cases[] = {
	    {ORIGINAL, "a", 0}, {ORIGINAL, "b", 0}, /* the first of the run */
	    {FIRST, "a", 2}, {FIRST, "b", 1}, {FIRST, "c", 0}, {FIRST, "nobody", 0},
	    {SECOND, "b", 2}, /* what never ran is none */
	};
	struct temp_dir d;
	size_t i;

	(void)state;
	assert_int_equal(temp_dir_make(&d), 0);
	make_run(&d);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(attempts(&d, cases[i].batch, cases[i].id), cases[i].nr);
	temp_dir_remove(&d);
}

static void a_run_that_cannot_be_read_counts_as_none(void **state)
{
	struct temp_dir d;

	(void)state;
	assert_int_equal(temp_dir_make(&d), 0);
	assert_int_equal(attempts(&d, "batch-20261121-231502", "a"), 0);
	temp_dir_remove(&d);
}

static void nobody_asks(void **state)
{
	(void)state;
	history_free(history_new("/nowhere/batch-1"));
	history_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(attempts_of_the_batches_before_are_counted),
	    cmocka_unit_test(a_run_that_cannot_be_read_counts_as_none),
	    cmocka_unit_test(nobody_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
