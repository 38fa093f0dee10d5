#include "engine/writer.h"
#include "temp_dir.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define JOURNAL "events.jsonl"

/* A writer on a loop of its own, appending to a file of its own. */
struct scene {
	struct temp_dir dir;
	uv_loop_t loop;
	struct writer w;
	int error; /* of the last try */
	unsigned nr_done;
};

static void on_done(void *ctx, int error)
{
	struct scene *s = ctx;

	s->error = error;
	s->nr_done++;
}

/* `before`: what is in the file already. */
static int open_scene(struct scene *s, const char *before)
{
	size_t len = strlen(before);
	int fd;

	memset(s, 0, sizeof(*s));
	if (temp_dir_make(&s->dir) < 0)
		return -1;
	temp_dir_put_str(&s->dir, JOURNAL, before);
	fd = openat(s->dir.fd, JOURNAL, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0 || uv_loop_init(&s->loop) < 0)
		return -1;
	writer_init(&s->w, &s->loop, fd, len && before[len - 1] != '\n', on_done, s);
	return 0;
}

static void close_scene(struct scene *s)
{
	writer_release(&s->w);
	assert_int_equal(uv_loop_close(&s->loop), 0);
	temp_dir_remove(&s->dir);
}

/* One try, until it is told. */
static int try_write(struct scene *s)
{
	unsigned before = s->nr_done;

	writer_start(&s->w);
	assert_true(s->w.is_busy);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_int_equal(s->nr_done, before + 1);
	assert_false(s->w.is_busy);
	return s->error;
}

static void assert_file(const struct scene *s, const char *want)
{
	char *got = temp_dir_get(&s->dir, JOURNAL);

	assert_string_equal(got, want);
	free(got);
}

/* The file may grow to `bytes` and no further: what a full disk does to a write. */
static struct rlimit limit_file(rlim_t bytes)
{
	struct rlimit old, now;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	now = old;
	now.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	return old;
}

static void unlimit_file(const struct rlimit *old)
{
	assert_int_equal(setrlimit(RLIMIT_FSIZE, old), 0);
}

static void writes_and_forgets(void **state)
{
	struct scene s;

	(void)state;
	assert_int_equal(open_scene(&s, "one\n"), 0);
	buf_str(&s.w.bytes, "two\nthree\n");
	assert_int_equal(try_write(&s), 0);
	assert_int_equal(s.w.bytes.len, 0);
	assert_file(&s, "one\ntwo\nthree\n");
	buf_str(&s.w.bytes, "four\n");
	assert_int_equal(try_write(&s), 0);
	assert_file(&s, "one\ntwo\nthree\nfour\n");
	close_scene(&s);
}

static void d1_a_torn_line_is_closed_first(void **state)
{
	struct scene s;

	(void)state;
	assert_int_equal(open_scene(&s, "one\n{\"half"), 0);
	buf_str(&s.w.bytes, "two\n");
	assert_int_equal(try_write(&s), 0);
	assert_file(&s, "one\n{\"half\ntwo\n");
	assert_false(s.w.is_torn);
	close_scene(&s);
}

/* At every length at which the disk may be full: what is in the file when it has healed is every
 * line whole, in order, once; beside them at most the line that was cut. */
static void d1_no_line_is_lost_wherever_the_disk_ends(void **state)
{
	static const char lines[] = "first\nsecond\nthird\n";
	rlim_t room;

	(void)state;
	for (room = 0; room < sizeof(lines) - 1; room++) {
		struct scene s;
		struct rlimit old;
		char want[128];
		size_t whole;

		assert_int_equal(open_scene(&s, ""), 0);
		old = limit_file(room);
		buf_str(&s.w.bytes, lines);
		assert_int_equal(try_write(&s), EFBIG);
		assert_int_equal(try_write(&s), EFBIG);
		unlimit_file(&old);
		assert_int_equal(try_write(&s), 0);

		for (whole = room; whole > 0 && lines[whole - 1] != '\n'; whole--)
			;
		snprintf(want, sizeof(want), "%.*s%s%s", (int)room, lines, whole < room ? "\n" : "",
		    lines + whole);
		assert_file(&s, want);
		close_scene(&s);
	}
}

/* Not even the newline that closes a torn line gets through, then it heals. */
static void d1_a_torn_line_stays_torn_while_the_disk_is_full(void **state)
{
	struct scene s;
	struct rlimit old;
	int i;

	(void)state;
	assert_int_equal(open_scene(&s, "{\"half"), 0);
	old = limit_file(6);
	buf_str(&s.w.bytes, "two\n");
	for (i = 0; i < 3; i++) {
		assert_int_equal(try_write(&s), EFBIG);
		assert_true(s.w.is_torn);
	}
	unlimit_file(&old);
	assert_int_equal(try_write(&s), 0);
	assert_file(&s, "{\"half\ntwo\n");
	close_scene(&s);
}

/* Only the newline got through: it is not written twice. */
static void d1_a_closed_line_is_not_closed_again(void **state)
{
	struct scene s;
	struct rlimit old;

	(void)state;
	assert_int_equal(open_scene(&s, "{\"half"), 0);
	old = limit_file(7);
	buf_str(&s.w.bytes, "two\n");
	assert_int_equal(try_write(&s), EFBIG);
	assert_false(s.w.is_torn);
	unlimit_file(&old);
	assert_int_equal(try_write(&s), 0);
	assert_file(&s, "{\"half\ntwo\n");
	close_scene(&s);
}

static void d1_a_full_device_keeps_the_bytes(void **state)
{
	struct scene s;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	if (fd < 0)
		skip();
	assert_int_equal(open_scene(&s, ""), 0);
	close(s.w.fd);
	s.w.fd = fd;
	buf_str(&s.w.bytes, "two\n");
	assert_int_equal(try_write(&s), ENOSPC);
	assert_int_equal(s.w.bytes.len, 4);
	assert_false(writer_is_gone(&s.w));
	close_scene(&s);
}

static void d5_a_removed_journal_is_told(void **state)
{
	struct scene s;

	(void)state;
	assert_int_equal(open_scene(&s, ""), 0);
	assert_int_equal(unlinkat(s.dir.fd, JOURNAL, 0), 0);
	buf_str(&s.w.bytes, "two\n");
	(void)try_write(&s);
	assert_true(writer_is_gone(&s.w));
	close_scene(&s);
}

/* A turn that only starts something has no bytes: it is told like any other. */
static void nothing_to_write_is_flushed_too(void **state)
{
	struct scene s;

	(void)state;
	assert_int_equal(open_scene(&s, ""), 0);
	assert_int_equal(try_write(&s), 0);
	assert_file(&s, "");
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(writes_and_forgets),
	    cmocka_unit_test(d1_a_torn_line_is_closed_first),
	    cmocka_unit_test(d1_no_line_is_lost_wherever_the_disk_ends),
	    cmocka_unit_test(d1_a_torn_line_stays_torn_while_the_disk_is_full),
	    cmocka_unit_test(d1_a_closed_line_is_not_closed_again),
	    cmocka_unit_test(d1_a_full_device_keeps_the_bytes),
	    cmocka_unit_test(d5_a_removed_journal_is_told),
	    cmocka_unit_test(nothing_to_write_is_flushed_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
