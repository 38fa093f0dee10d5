#include "formats/record.h"
#include "base/lock.h"
#include "base/xalloc.h"
#include "temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#define START \
	"{\"ev\":\"start\",\"t\":1795262400.123,\"m\":5,\"pid\":42,\"start\":9900,\"boot\":\"b-" \
	"1\"," \
	"\"host\":\"here\",\"shim_pid\":41,\"shim_start\":9899}\n"

static struct temp_dir dir;

static int setup(void **state)
{
	(void)state;
	return temp_dir_make(&dir);
}

static int teardown(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

static struct record read_text(const char *text)
{
	struct record r;

	temp_dir_put_str(&dir, "1.1.jsonl", text);
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), 0);
	assert_true(r.is_there);
	return r;
}

static void names(void **state)
{
	char name[RECORD_NAME_SIZE];

	(void)state;
	record_name("17", 3, RECORD_AGENT, name);
	assert_string_equal(name, "17.3.jsonl");
	record_name("a.b", 4294967295, RECORD_VALIDATE, name);
	assert_string_equal(name, "a.b.4294967295.validate.jsonl");
}

static void a_record_that_is_missing(void **state)
{
	struct record r;

	(void)state;
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), 0);
	assert_false(r.is_there || r.is_locked || r.has_start || r.has_exit || r.is_void);
	assert_int_equal(r.pid, NUM_NONE);
}

static void a_link_is_an_error(void **state)
{
	struct record r;

	(void)state;
	temp_dir_put_str(&dir, "elsewhere", START);
	assert_int_equal(symlinkat("elsewhere", dir.fd, "1.1.jsonl"), 0);
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), -1);
}

static void a_start(void **state)
{
	struct record r;

	(void)state;
	r = read_text(START);
	assert_true(r.has_start);
	assert_false(r.has_exit || r.is_void || r.is_locked);
	assert_int_equal(r.started_t, 1795262400123);
	assert_int_equal(r.started_m, 5);
	assert_int_equal(r.pid, 42);
	assert_int_equal(r.start_ticks, 9900);
	assert_int_equal(r.shim_pid, 41);
	assert_int_equal(r.shim_start_ticks, 9899);
	assert_string_equal(r.boot, "b-1");
	assert_string_equal(r.host, "here");
	assert_int_equal(r.exit.how, EXIT_UNKNOWN);
}

/* P4: a signal and a code are two different things. */
static void exits(void **state)
{
	struct record r;

	(void)state;
	r = read_text(START
	    "{\"ev\":\"exit\",\"t\":9.5,\"m\":8,\"code\":137,\"rss_kb\":3,\"cpu_ms\":4}\n");
	assert_true(r.has_exit);
	assert_int_equal(r.exit.how, EXIT_CODE);
	assert_int_equal(r.exit.value, 137);
	assert_int_equal(r.exit.rss_kb, 3);
	assert_int_equal(r.exit.cpu_ms, 4);
	assert_int_equal(r.exit_t, 9500);
	assert_int_equal(r.exit_m, 8);
	assert_int_equal(r.killed, KILL_NONE);

	r = read_text(START "{\"ev\":\"exit\",\"t\":9,\"signal\":9}\n");
	assert_int_equal(r.exit.how, EXIT_SIGNAL);
	assert_int_equal(r.exit.value, 9);
	assert_int_equal(r.exit.rss_kb, NUM_NONE);

	r = read_text("{\"ev\":\"failed\",\"t\":9,\"errno\":2,\"message\":\"no such file\"}\n");
	assert_true(r.has_exit);
	assert_false(r.has_start);
	assert_int_equal(r.exit.how, EXIT_FAILED);
	assert_int_equal(r.exit.value, 2);
	assert_string_equal(r.message, "no such file");
	assert_non_null(r.exit.message);
}

static void our_own_kill(void **state)
{
	struct record r;

	(void)state;
	r = read_text(START "{\"ev\":\"kill\",\"t\":8,\"why\":\"timeout\"}\n"
			    "{\"ev\":\"kill\",\"t\":8.1,\"why\":\"cancel\"}\n"
			    "{\"ev\":\"exit\",\"t\":9,\"code\":0}\n"
			    "{\"ev\":\"left\",\"t\":9.1,\"names\":\"sleep, sh\"}\n");
	assert_int_equal(r.killed, KILL_TIMEOUT); /* the first one did it */
	assert_int_equal(r.exit.killed, KILL_TIMEOUT);
	assert_int_equal(r.exit.how, EXIT_CODE);
	assert_string_equal(r.left, "sleep, sh");
}

/* Promise 2: what is recorded is not overwritten. */
static void the_first_exit_stands(void **state)
{
	struct record r;

	(void)state;
	r = read_text(START
	    "{\"ev\":\"exit\",\"t\":9,\"code\":0}\n{\"ev\":\"exit\",\"t\":10,\"signal\":9}\n");
	assert_int_equal(r.exit.how, EXIT_CODE);
	assert_int_equal(r.exit_t, 9000);
}

static void what_is_unreadable_is_not_there(void **state)
{
	static const char *const texts[] = {
	    "",
	    "\n\n",
	    "garbage\n",
	    "{\"ev\":\"exit\",\"t\":9,\"co",
	    "{\"ev\":\"exit\",\"t\":9}\n",
	    "{\"ev\":\"exit\",\"t\":9,\"code\":\"0\"}\n",
	    "{\"ev\":\"exit\",\"t\":9,\"code\":1e99}\n",
	    "{\"ev\":\"failed\",\"t\":9}\n",
	    "{\"ev\":7}\n",
	    "[]\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		struct record r = read_text(texts[i]);

		assert_false(r.has_exit || r.has_start || r.is_void);
		assert_int_equal(r.exit.how, EXIT_UNKNOWN);
	}
}

static void a_torn_line_between_whole_ones(void **state)
{
	struct record r;

	(void)state;
	r = read_text(START
	    "{\"ev\":\"exit\",\"t\":9,\"sig\n{\"ev\":\"exit\",\"t\":10,\"signal\":9}\n");
	assert_true(r.has_start);
	assert_int_equal(r.exit.how, EXIT_SIGNAL);
}

static void a_huge_record_is_read_in_part(void **state)
{
	struct buf text = BUF_INIT;
	struct record r;

	(void)state;
	buf_str(&text, START);
	while (text.len < 10000)
		buf_str(&text, "{\"ev\":\"noise\"}\n");
	buf_str(&text, "{\"ev\":\"exit\",\"t\":9,\"code\":3}\n");
	while (text.len < 4000000)
		buf_str(&text, "{\"ev\":\"noise\"}\n");
	r = read_text(text.data);
	assert_true(r.has_start && r.has_exit);
	assert_int_equal(r.exit.value, 3);
	buf_release(&text);
}

static void long_texts_are_cut(void **state)
{
	struct buf text = BUF_INIT;
	struct record r;
	int i;

	(void)state;
	buf_str(&text, "{\"ev\":\"failed\",\"t\":9,\"errno\":2,\"message\":\"");
	for (i = 0; i < 2000; i++)
		buf_ch(&text, 'm');
	buf_str(&text, "\"}\n");
	r = read_text(text.data);
	assert_int_equal(strlen(r.message), sizeof(r.message) - 1);
	buf_release(&text);
}

/* Alive is who holds the lock, and asking does not disturb it. */
static void a_lock_is_seen(void **state)
{
	struct record r;
	int fd;

	(void)state;
	r = read_text(START);
	assert_false(r.is_locked);
	fd = openat(dir.fd, "1.1.jsonl", O_RDWR | O_CLOEXEC);
	assert_int_equal(lock_take(fd, 0), 0);
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), 0);
	assert_true(r.is_locked);
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), 0);
	assert_true(r.is_locked);
	close(fd);
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), 0);
	assert_false(r.is_locked);
}

static void claimed_once(void **state)
{
	struct record r;
	struct stat st;

	(void)state;
	assert_int_equal(record_claim_void(dir.fd, "1.2.jsonl", 5000, NULL), 0);
	assert_int_equal(record_claim_void(dir.fd, "1.2.jsonl", 5000, NULL), 1);
	assert_int_equal(record_read(dir.fd, "1.2.jsonl", &r, NULL), 0);
	assert_true(r.is_there && r.is_void);
	assert_false(r.has_start || r.has_exit);
	assert_int_equal(fstatat(dir.fd, "1.2.jsonl", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	(void)read_text(START);
	assert_int_equal(record_claim_void(dir.fd, "1.1.jsonl", 5000, NULL), 1);
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), 0);
	assert_false(r.is_void);
}

/* A shim died between making its record and its first line; or has just made it and lives. */
static void an_empty_record_is_claimed_by_its_lock(void **state)
{
	struct record r;
	int fd;

	(void)state;
	(void)read_text("{\"ev\":\"sta");
	fd = openat(dir.fd, "1.1.jsonl", O_RDWR | O_CLOEXEC);
	assert_int_equal(lock_take(fd, 0), 0);
	assert_int_equal(record_claim_void(dir.fd, "1.1.jsonl", 5000, NULL), 1);
	close(fd);
	assert_int_equal(record_claim_void(dir.fd, "1.1.jsonl", 5000, NULL), 0);
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), 0);
	assert_true(r.is_void);
	assert_int_equal(record_claim_void(dir.fd, "1.1.jsonl", 5000, NULL), 1);
}

/* Of many who claim at the same moment, one gets it. */
static void claimed_by_one_of_many(void **state)
{
	int round, i, winners;

	(void)state;
	for (round = 0; round < 20; round++) {
		char name[32];

		snprintf(name, sizeof(name), "r.%d.jsonl", round);
		for (i = 0; i < 4; i++)
			if (fork() == 0)
				_exit(record_claim_void(dir.fd, name, 1, NULL));
		for (i = winners = 0; i < 4; i++) {
			int st;

			assert_true(wait(&st) > 0);
			assert_true(WIFEXITED(st) && WEXITSTATUS(st) <= 1);
			winners += WEXITSTATUS(st) == 0;
		}
		assert_int_equal(winners, 1);
	}
}

/* P3: the next reaper's exit stands behind whatever the killed shim left. */
static void an_appended_exit(void **state)
{
	struct ev_exit exit = {
	    .how = EXIT_SIGNAL, .value = 15, .log_to = NUM_NONE, .rss_kb = 7, .cpu_ms = NUM_NONE};
	struct record r;

	(void)state;
	(void)read_text(START "{\"ev\":\"exit\",\"co");
	assert_int_equal(record_append_exit(dir.fd, "1.1.jsonl", &exit, 9123, 55, NULL), 0);
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), 0);
	assert_true(r.has_start && r.has_exit);
	assert_int_equal(r.exit.how, EXIT_SIGNAL);
	assert_int_equal(r.exit.value, 15);
	assert_int_equal(r.exit.rss_kb, 7);
	assert_int_equal(r.exit.cpu_ms, NUM_NONE);
	assert_int_equal(r.exit_t, 9123);
	assert_int_equal(r.exit_m, 55);
	assert_int_equal(r.exit.killed, exit.killed);
	exit.how = EXIT_CODE;
	exit.value = 0;
	assert_int_equal(record_append_exit(dir.fd, "1.1.jsonl", &exit, 9999, 60, NULL), 0);
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), 0);
	assert_int_equal(r.exit.how, EXIT_SIGNAL);
}

static void an_end_that_was_asked_for_says_why(void **state)
{
	const struct ev_exit exit = {.how = EXIT_SIGNAL,
	    .value = 9,
	    .killed = KILL_TIMEOUT,
	    .rss_kb = NUM_NONE,
	    .cpu_ms = NUM_NONE};
	struct record r;

	(void)state;
	(void)read_text(START);
	assert_int_equal(record_append_exit(dir.fd, "1.1.jsonl", &exit, 9123, 55, NULL), 0);
	assert_int_equal(record_read(dir.fd, "1.1.jsonl", &r, NULL), 0);
	assert_int_equal(r.exit.how, EXIT_SIGNAL);
	assert_int_equal(r.exit.killed, KILL_TIMEOUT);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(names),
	    T(a_record_that_is_missing),
	    T(a_link_is_an_error),
	    T(a_start),
	    T(exits),
	    T(our_own_kill),
	    T(an_end_that_was_asked_for_says_why),
	    T(the_first_exit_stands),
	    T(what_is_unreadable_is_not_there),
	    T(a_torn_line_between_whole_ones),
	    T(a_huge_record_is_read_in_part),
	    T(long_texts_are_cut),
	    T(a_lock_is_seen),
	    T(claimed_once),
	    T(an_empty_record_is_claimed_by_its_lock),
	    T(claimed_by_one_of_many),
	    T(an_appended_exit),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
