#include "engine/create.h"
#include "base/xalloc.h"
#include "disk_batch.h"
#include "formats/run_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CSV_TEXT "\xef\xbb\xbfid,task\r\na,\"two\r\nlines\"\r\n"

struct scene {
	struct temp_dir dir;
	struct options options;
	struct retry_metadata retry;
	struct batch_plan plan;
	struct batch_dir made;
	struct err err;
};

static void open_scene(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	assert_int_equal(temp_dir_make(&s->dir), 0);
	options_init(&s->options);
	s->options.agent = xstrdup("sim");
	s->options.source_csv = xstrdup("/home/me/t.csv");
	s->plan = (struct batch_plan){
	    .batches_dir = s->dir.path,
	    .options = &s->options,
	    .retry = &s->retry,
	    .csv = CSV_TEXT,
	    .csv_len = strlen(CSV_TEXT),
	};
}

static void close_scene(struct scene *s)
{
	options_release(&s->options);
	temp_dir_remove(&s->dir);
}

static mode_t mode_of(int dirfd, const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW), 0);
	return st.st_mode & 07777;
}

static void s4_a_batch_is_ours_alone_whatever_the_umask(void **state)
{
	static const mode_t masks[] = {0, 0777};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(masks); i++) {
		struct scene s;
		mode_t old;

		open_scene(&s);
		old = umask(masks[i]);
		assert_int_equal(batch_create(&s.plan, &s.made, &s.err), 0);
		umask(old);
		assert_int_equal(mode_of(s.dir.fd, s.made.name), 0700);
		assert_int_equal(mode_of(s.made.fd, ATTEMPTS_NAME), 0700);
		assert_int_equal(mode_of(s.made.fd, "logs"), 0700);
		assert_int_equal(mode_of(s.made.fd, TASKS_NAME), 0600);
		assert_int_equal(mode_of(s.made.fd, MANIFEST_NAME), 0600);
		assert_int_equal(mode_of(s.made.fd, LOCK_NAME), 0600);
		batch_dir_close(&s.made);
		close_scene(&s);
	}
}

static void the_csv_is_kept_byte_for_byte(void **state)
{
	struct scene s;
	struct batch_reader r;
	struct buf text = BUF_INIT;

	(void)state;
	open_scene(&s);
	assert_int_equal(batch_create(&s.plan, &s.made, &s.err), 0);
	assert_int_equal(file_read(s.made.fd, TASKS_NAME, SIZE_MAX / 2, &text, &s.err), 0);
	assert_int_equal(text.len, strlen(CSV_TEXT));
	assert_memory_equal(text.data, CSV_TEXT, text.len);
	buf_release(&text);
	/* Without a journal it is a batch of which nothing ever ran. */
	assert_false(temp_dir_has(&(struct temp_dir){.fd = s.made.fd}, JOURNAL_NAME));
	assert_int_equal(batch_reader_open(&r, s.made.path, &s.err), 0);
	assert_int_equal(r.state.nr_events, 0);
	assert_int_equal(r.state.counts[AGENT_PENDING], 1);
	assert_string_equal(r.manifest.batch, s.made.name);
	assert_string_equal(r.manifest.source_csv, "/home/me/t.csv");
	assert_string_equal(r.manifest.options.agent, "sim");
	assert_false(r.manifest.retry.is_retry);
	batch_reader_close(&r);
	batch_dir_close(&s.made);
	close_scene(&s);
}

static void names_of_the_same_second_stay_apart(void **state)
{
	struct batch_dir more[3];
	struct scene s;
	size_t i, k;

	(void)state;
	open_scene(&s);
	for (i = 0; i < ARRAY_LEN(more); i++)
		assert_int_equal(batch_create(&s.plan, &more[i], &s.err), 0);
	for (i = 0; i < ARRAY_LEN(more); i++)
		for (k = 0; k < i; k++)
			assert_string_not_equal(more[i].name, more[k].name);
	for (i = 0; i < ARRAY_LEN(more); i++)
		batch_dir_close(&more[i]);
	close_scene(&s);
}

static void a_name_that_is_taken_is_told(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	s.plan.name = "batch-20261121-231502";
	disk_batch(&s.dir, s.plan.name, "id,task\nz,theirs\n");
	assert_int_equal(batch_create(&s.plan, &s.made, &s.err), 1);
	assert_false(temp_dir_has(&s.dir, "batch-20261121-231502/" MANIFEST_NAME));
	close_scene(&s);
}

static void s3_a_planted_link_is_no_batch(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	s.plan.name = "batch-20261121-231502";
	assert_int_equal(mkdirat(s.dir.fd, "elsewhere", 0700), 0);
	assert_int_equal(symlinkat("elsewhere", s.dir.fd, s.plan.name), 0);
	assert_int_not_equal(batch_create(&s.plan, &s.made, &s.err), 0);
	assert_false(temp_dir_has(&s.dir, "elsewhere/" TASKS_NAME));
	close_scene(&s);
}

static void a_directory_that_was_not_finished_is_filled_anew(void **state)
{
	struct scene s;
	struct batch_reader r;

	(void)state;
	open_scene(&s);
	s.plan.name = "batch-20261121-231502";
	assert_int_equal(batch_dir_make(&s.made, s.dir.path, s.plan.name, &s.err), 0);
	temp_dir_put_str(&s.dir, "batch-20261121-231502/" TASKS_NAME, "id,ta");
	assert_int_equal(batch_create_files(&s.plan, &s.made, &s.err), 0);
	assert_int_equal(batch_reader_open(&r, s.made.path, &s.err), 0);
	assert_string_equal(r.tasks.v[0].id, "a");
	batch_reader_close(&r);
	batch_dir_close(&s.made);
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(s4_a_batch_is_ours_alone_whatever_the_umask),
	    cmocka_unit_test(the_csv_is_kept_byte_for_byte),
	    cmocka_unit_test(names_of_the_same_second_stay_apart),
	    cmocka_unit_test(a_name_that_is_taken_is_told),
	    cmocka_unit_test(s3_a_planted_link_is_no_batch),
	    cmocka_unit_test(a_directory_that_was_not_finished_is_filled_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
