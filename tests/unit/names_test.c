#include "formats/names.h"
#include "base/xalloc.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define AT_MS 1761311575000 /* 2025-10-24 13:12:55 UTC */

struct dir {
	char path[64];
	int fd;
};

static int setup(void **state)
{
	struct dir *d = xcalloc(1, sizeof(*d));

	setenv("TZ", "UTC", 1);
	tzset();
	snprintf(d->path, sizeof(d->path), "/tmp/names-test-XXXXXX");
	assert_non_null(mkdtemp(d->path));
	d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(d->fd >= 0);
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	struct dir *d = *state;

	close(d->fd);
	assert_int_equal(rmdir(d->path), 0);
	free(d);
	return 0;
}

static void a_batch_is_named_by_its_local_second(void **state)
{
	struct dir *d = *state;
	char name[NAME_SIZE];

	name_free_batch(d->fd, AT_MS + 999, name);
	assert_string_equal(name, "batch-20251024-131255");
	setenv("TZ", "UTC-2", 1);
	tzset();
	name_free_batch(d->fd, AT_MS, name);
	assert_string_equal(name, "batch-20251024-151255");
	setenv("TZ", "UTC", 1);
	tzset();
}

static void a_name_taken_gets_the_next_number(void **state)
{
	struct dir *d = *state;
	char name[NAME_SIZE], want[NAME_SIZE];
	int i;

	for (i = 1; i <= 12; i++) {
		name_free_batch(d->fd, AT_MS, name);
		if (i == 1)
			snprintf(want, sizeof(want), "batch-20251024-131255");
		else
			snprintf(want, sizeof(want), "batch-20251024-131255-%d", i);
		assert_string_equal(name, want);
		assert_true(name_is_batch(name));
		assert_int_equal(mkdirat(d->fd, name, 0700), 0);
	}
	/* A gap is filled: -3 may be used again once it is gone. */
	assert_int_equal(unlinkat(d->fd, "batch-20251024-131255-3", AT_REMOVEDIR), 0);
	name_free_batch(d->fd, AT_MS, name);
	assert_string_equal(name, "batch-20251024-131255-3");
	unlinkat(d->fd, "batch-20251024-131255", AT_REMOVEDIR);
	for (i = 2; i <= 12; i++) {
		snprintf(want, sizeof(want), "batch-20251024-131255-%d", i);
		unlinkat(d->fd, want, AT_REMOVEDIR);
	}
}

static void a_dangling_link_takes_a_name_too(void **state)
{
	struct dir *d = *state;
	char name[NAME_SIZE];

	assert_int_equal(symlinkat("/nowhere/at/all", d->fd, "batch-20251024-131255"), 0);
	name_free_batch(d->fd, AT_MS, name);
	assert_string_equal(name, "batch-20251024-131255-2");
	unlinkat(d->fd, "batch-20251024-131255", 0);
}

static void a_retry_csv_names_parent_and_now(void **state)
{
	struct dir *d = *state;
	char name[NAME_SIZE];
	int fd;

	name_free_retry_csv(d->fd, RETRY_CSV_AUTO, "batch-20251024-130000-2", AT_MS, name);
	assert_string_equal(name, "auto-retry-20251024-130000-2-20251024-131255.csv");
	fd = openat(d->fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	name_free_retry_csv(d->fd, RETRY_CSV_AUTO, "batch-20251024-130000-2", AT_MS, name);
	assert_string_equal(name, "auto-retry-20251024-130000-2-20251024-131255-2.csv");
	name_free_retry_csv(d->fd, RETRY_CSV_HAND, "/x/batch-20251024-130000", AT_MS, name);
	assert_string_equal(name, "retry-batch-20251024-130000-20251024-131255.csv");
	unlinkat(d->fd, "auto-retry-20251024-130000-2-20251024-131255.csv", 0);
}

static void a_renamed_parent_still_gives_a_name(void **state)
{
	struct dir *d = *state;
	char name[NAME_SIZE], parent[256];

	memset(parent, 'x', sizeof(parent));
	parent[sizeof(parent) - 1] = '\0';
	name_free_retry_csv(d->fd, RETRY_CSV_HAND, parent, AT_MS, name);
	assert_true(strlen(name) < NAME_SIZE - 1);
	assert_string_equal(name + strlen(name) - 20, "-20251024-131255.csv");
}

static void retry_names_are_read_back(void **state)
{
	static const struct {
		const char *name;
		int kind; /* -1: no retry CSV */
		const char *parent;
	} t[] = {
	    {"auto-retry-20251024-131255-20251024-132015.csv", RETRY_CSV_AUTO,
		"batch-20251024-131255"},
	    {"retry-batch-20251024-123819-20251024-130933.csv", RETRY_CSV_HAND,
		"batch-20251024-123819"},
	    {"auto-retry-20251024-131255-2-20251024-132015.csv", RETRY_CSV_AUTO,
		"batch-20251024-131255-2"},
	    {"auto-retry-20251024-131255-20251024-132015-3.csv", RETRY_CSV_AUTO,
		"batch-20251024-131255"},
	    {"auto-retry-20251024-131255-17-20251024-132015-3.csv", RETRY_CSV_AUTO,
		"batch-20251024-131255-17"},
	    /* An ending as long as a day is an ending only if a moment follows it. */
	    {"auto-retry-20251024-131255-20251024-20251024-132015.csv", RETRY_CSV_AUTO,
		"batch-20251024-131255-20251024"},
	    {"/home/u/agent-batches/retry-batch-20251024-123819-20251024-130933.csv",
		RETRY_CSV_HAND, "batch-20251024-123819"},
	    {"auto-retry-20251024-131255-20251024-132015.csv/tasks.csv", -1, NULL},
	    {"auto-retry-20251024-131255-20251024-132015", -1, NULL},
	    {"auto-retry-20251024-131255-20251024-132015.csv.bak", -1, NULL},
	    {"auto-retry-20251024-131255.csv", -1, NULL},
	    {"auto-retry-20251024-131255-1-20251024-132015.csv", -1, NULL},
	    {"auto-retry-20251024-131255-0-20251024-132015.csv", -1, NULL},
	    {"auto-retry-20251024-131255-02-20251024-132015.csv", -1, NULL},
	    {"auto-retry-20251024-131255-9999999999-20251024-132015.csv", -1, NULL},
	    {"auto-retry-20251024-131255-20251024-13201.csv", -1, NULL},
	    {"auto-retry-2025102a-131255-20251024-132015.csv", -1, NULL},
	    {"my-auto-retry-20251024-131255-20251024-132015.csv", -1, NULL},
	    {"auto-retry-", -1, NULL},
	    {"tasks.csv", -1, NULL},
	    {"", -1, NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		enum retry_csv_kind kind = RETRY_CSV_AUTO;
		char parent[NAME_SIZE];
		bool is = name_parse_retry_csv(t[i].name, &kind, parent);

		if (is != (t[i].kind >= 0))
			fail_msg("'%s' was %staken for a retry CSV", t[i].name, is ? "" : "not ");
		if (!is)
			continue;
		assert_int_equal((int)kind, t[i].kind);
		assert_string_equal(parent, t[i].parent);
	}
}

static void only_our_names_are_batches(void **state)
{
	(void)state;
	assert_true(name_is_batch("batch-20251024-131255"));
	assert_true(name_is_batch("batch-20251024-131255-2"));
	assert_true(name_is_batch("batch-20251024-131255-999999999"));
	assert_false(name_is_batch("batch-20251024-131255-1"));
	assert_false(name_is_batch("batch-20251024-131255-"));
	assert_false(name_is_batch("batch-20251024-131255-2x"));
	assert_false(name_is_batch("batch-20251024-131255 "));
	assert_false(name_is_batch("batch-20251024131255"));
	assert_false(name_is_batch("./batch-20251024-131255"));
	assert_false(name_is_batch("retry-batch-20251024-131255"));
	assert_false(name_is_batch("latest"));
	assert_false(name_is_batch(""));
}

static int compare_elements(const void *a, const void *b)
{
	return name_compare(*(const char *const *)a, *(const char *const *)b);
}

static void names_are_ordered_by_creation(void **state)
{
	static const char *const sorted[] = {
	    "",
	    "latest",
	    "batch-20251023-235959",
	    "auto-retry-20251023-235959-20251024-131254.csv",
	    "batch-20251024-131255",
	    "batch-20251024-131255-2",
	    "batch-20251024-131255-9",
	    "batch-20251024-131255-10",
	    "batch-20251024-131255-100",
	    "batch-20251024-131256",
	    "batch-20251101-000000",
	};
	const char *v[ARRAY_LEN(sorted)];
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_LEN(sorted); i++) {
		v[ARRAY_LEN(sorted) - 1 - i] = sorted[i];
		for (j = 0; j < ARRAY_LEN(sorted); j++) {
			int c = name_compare(sorted[i], sorted[j]);

			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
		}
	}
	qsort(v, ARRAY_LEN(v), sizeof(v[0]), compare_elements);
	for (i = 0; i < ARRAY_LEN(sorted); i++)
		assert_string_equal(v[i], sorted[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_batch_is_named_by_its_local_second, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_name_taken_gets_the_next_number, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_dangling_link_takes_a_name_too, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_retry_csv_names_parent_and_now, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_renamed_parent_still_gives_a_name, setup, teardown),
	    cmocka_unit_test(retry_names_are_read_back),
	    cmocka_unit_test(only_our_names_are_batches),
	    cmocka_unit_test(names_are_ordered_by_creation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
