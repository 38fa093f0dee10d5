#include "formats/journal.h"
#include "base/xalloc.h"
#include "formats/event_json.h"
#include "temp_dir.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#define LINE(id) "{\"t\":1.5,\"m\":7,\"ev\":\"start\",\"id\":\"" id "\",\"n\":1}\n"

struct scene {
	struct temp_dir dir;
	struct journal_reader r;
	struct buf heard; /* the ids of the events, each with a space behind */
	uint64_t nr_events;
};

static int setup(void **state)
{
	struct scene *s = xcalloc(1, sizeof(*s));

	if (temp_dir_make(&s->dir) < 0)
		return -1;
	s->r.fd = -1;
	buf_init(&s->heard);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	journal_reader_close(&s->r);
	temp_dir_remove(&s->dir);
	buf_release(&s->heard);
	free(s);
	return 0;
}

static void on_event(void *ctx, const struct event *ev)
{
	struct scene *s = ctx;

	s->nr_events++;
	if (ev->id)
		buf_fmt(&s->heard, "%s ", ev->id);
	else if (s->heard.len < 10000)
		buf_fmt(&s->heard, "(%s) ", event_type_name(ev->type));
}

static void open_journal(struct scene *s, const char *text)
{
	struct err err = ERR_INIT;

	temp_dir_put_str(&s->dir, JOURNAL_NAME, text);
	if (journal_reader_open(&s->r, s->dir.fd, &err) != 0)
		fail_msg("%s", err.msg);
}

static int read_more(struct scene *s)
{
	buf_reset(&s->heard);
	return journal_read(&s->r, 0, on_event, s, NULL);
}

static void a_journal_that_is_not_there_yet(void **state)
{
	struct scene *s = *state;

	assert_int_equal(journal_reader_open(&s->r, s->dir.fd, NULL), 1);
	assert_int_equal(s->r.fd, -1);
	open_journal(s, LINE("a"));
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "a ");
}

/* S3: what is planted is not followed. */
static void a_link_is_refused(void **state)
{
	struct scene *s = *state;
	bool is_torn;

	temp_dir_put_str(&s->dir, "elsewhere", "precious");
	assert_int_equal(symlinkat("elsewhere", s->dir.fd, JOURNAL_NAME), 0);
	assert_int_equal(journal_reader_open(&s->r, s->dir.fd, NULL), -1);
	assert_int_equal(journal_open_append(s->dir.fd, &is_torn, NULL), -1);
	assert_int_equal(unlinkat(s->dir.fd, JOURNAL_NAME, 0), 0);
	assert_int_equal(linkat(s->dir.fd, "elsewhere", s->dir.fd, JOURNAL_NAME, 0), 0);
	assert_int_equal(journal_open_append(s->dir.fd, &is_torn, NULL), -1);
}

static void follows_what_is_appended(void **state)
{
	struct scene *s = *state;

	open_journal(s, LINE("a") LINE("b"));
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "a b ");
	assert_int_equal(read_more(s), 0);
	assert_string_equal(s->heard.data, "");
	temp_dir_append(&s->dir, JOURNAL_NAME, LINE("c"));
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "c ");
	assert_int_equal(s->r.nr_skipped, 0);
}

/* A line is told when it is whole, wherever it was cut in two. */
static void a_line_that_comes_in_two_parts(void **state)
{
	static const char line[] = LINE("abc");
	struct scene *s = *state;
	size_t cut;

	for (cut = 1; cut < sizeof(line) - 1; cut++) {
		char *head = xstrndup(line, cut);

		journal_reader_close(&s->r);
		open_journal(s, head);
		assert_int_equal(read_more(s), 0);
		temp_dir_append(&s->dir, JOURNAL_NAME, line + cut);
		assert_int_equal(read_more(s), 1);
		assert_string_equal(s->heard.data, "abc ");
		assert_int_equal(s->r.nr_skipped, 0);
		free(head);
	}
}

/* D1: the torn line is passed over, and what begins with a newline behind it is not. */
static void a_torn_last_line(void **state)
{
	struct scene *s = *state;
	bool is_torn;
	int fd;

	open_journal(s, LINE("a") "{\"t\":1.5,\"ev\":\"st");
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "a ");
	fd = journal_open_append(s->dir.fd, &is_torn, NULL);
	assert_true(fd >= 0);
	assert_true(is_torn);
	assert_int_equal(write_all(fd, "\n" LINE("b"), strlen("\n" LINE("b"))), 0);
	close(fd);
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "b ");
	assert_int_equal(s->r.nr_skipped, 1);
	fd = journal_open_append(s->dir.fd, &is_torn, NULL);
	assert_false(is_torn);
	close(fd);
}

static void a_new_journal_is_not_torn(void **state)
{
	struct scene *s = *state;
	struct stat st;
	bool is_torn = true;
	int fd = journal_open_append(s->dir.fd, &is_torn, NULL);

	assert_true(fd >= 0);
	assert_false(is_torn);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	close(fd);
}

/* A line that lacks nothing but its newline: who resumes takes it as all others will. */
static void the_rest_of_a_torn_journal(void **state)
{
	struct scene *s = *state;

	open_journal(s, LINE("a") "{\"t\":1,\"ev\":\"start\",\"id\":\"b\",\"n\":1}");
	assert_int_equal(read_more(s), 1);
	buf_reset(&s->heard);
	assert_true(journal_take_rest(&s->r, on_event, s));
	assert_string_equal(s->heard.data, "b ");
	assert_false(journal_take_rest(&s->r, on_event, s));
	temp_dir_append(&s->dir, JOURNAL_NAME, "\n" LINE("c"));
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "c ");
	assert_int_equal(s->r.nr_skipped, 0);
}

static void the_rest_that_is_no_event(void **state)
{
	struct scene *s = *state;

	open_journal(s, LINE("a") "{\"t\":1,\"ev\":\"sta");
	assert_int_equal(read_more(s), 1);
	assert_false(journal_take_rest(&s->r, on_event, s));
	assert_int_equal(s->r.nr_skipped, 1);
	temp_dir_append(&s->dir, JOURNAL_NAME, "\n" LINE("c"));
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "c ");
	assert_int_equal(s->r.nr_skipped, 1);
}

/* D4: the rest counts, and how many lines were passed over is known. */
static void unreadable_lines_in_the_middle(void **state)
{
	struct scene *s = *state;

	open_journal(s,
	    LINE("a") "\x01\x02 garbage\n"
		      "[1,2]\n"
		      "{\"t\":1,\"ev\":\"tomorrow\"}\n"
		      "\n" LINE("b") "{\"t\":1,\"ev\":\"start\",\"id\":\"x\"\n" LINE("c"));
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "a () b c ");
	assert_int_equal(s->r.nr_skipped, 3);
}

static void nul_bytes_do_not_end_the_file(void **state)
{
	static const char text[] = LINE("a") "\0\0\0\n" LINE("b");
	struct scene *s = *state;

	temp_dir_put(&s->dir, JOURNAL_NAME, text, sizeof(text) - 1);
	assert_int_equal(journal_reader_open(&s->r, s->dir.fd, NULL), 0);
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "a b ");
	assert_int_equal(s->r.nr_skipped, 1);
}

static void put_long_line(struct scene *s, size_t n)
{
	char *text = xmalloc(n + 1);

	memset(text, 'x', n);
	text[n] = '\0';
	temp_dir_append(&s->dir, JOURNAL_NAME, text);
	free(text);
}

static void a_line_over_the_limit(void **state)
{
	struct scene *s = *state;

	open_journal(s, LINE("a"));
	put_long_line(s, 5 * JOURNAL_LINE_MAX);
	temp_dir_append(&s->dir, JOURNAL_NAME, "\n" LINE("b"));
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "a b ");
	assert_int_equal(s->r.nr_skipped, 1);
	assert_true(s->r.pending.cap < 2 * JOURNAL_LINE_MAX);
}

/* The same while it is still being written: counted once, and nothing of it is kept. */
static void a_line_over_the_limit_in_parts(void **state)
{
	struct scene *s = *state;
	int i;

	open_journal(s, LINE("a"));
	for (i = 0; i < 5; i++) {
		put_long_line(s, JOURNAL_LINE_MAX / 2 + 1);
		assert_true(read_more(s) >= 0);
	}
	assert_true(s->r.pending.cap < 3 * JOURNAL_LINE_MAX);
	temp_dir_append(&s->dir, JOURNAL_NAME, "\n" LINE("b"));
	assert_int_equal(read_more(s), 1);
	assert_string_equal(s->heard.data, "b ");
	assert_int_equal(s->r.nr_skipped, 1);
}

static void a_line_of_the_limit_is_read(void **state)
{
	static const char head[] = "{\"t\":1,\"ev\":\"start\",\"id\":\"";
	static const char tail[] = "\",\"n\":1}";
	struct scene *s = *state;
	size_t over;

	for (over = 0; over < 2; over++) {
		size_t n = JOURNAL_LINE_MAX + over - strlen(head) - strlen(tail);

		journal_reader_close(&s->r);
		open_journal(s, head);
		put_long_line(s, n);
		temp_dir_append(&s->dir, JOURNAL_NAME, tail);
		temp_dir_append(&s->dir, JOURNAL_NAME, "\n");
		assert_int_equal(read_more(s), over == 0);
		assert_int_equal(s->r.nr_skipped, over);
	}
}

static void a_bound_is_kept(void **state)
{
	struct scene *s = *state;
	struct buf text = BUF_INIT;
	uint64_t last = 0;
	int i, rounds = 0;

	for (i = 0; i < 20000; i++)
		buf_str(&text, LINE("abcdefgh"));
	open_journal(s, text.data);
	buf_release(&text);
	while (journal_read(&s->r, 1, on_event, s, NULL) == 1) {
		assert_true(s->nr_events > last);
		assert_true(s->nr_events - last < 10000);
		last = s->nr_events;
		rounds++;
	}
	assert_int_equal(s->nr_events, 20000);
	assert_true(rounds > 2);
}

static void the_first_event(void **state)
{
	static const char first[] = "{\"t\":1,\"ev\":\"batch\",\"original\":\"o\"}";
	struct scene *s = *state;
	struct arena arena = ARENA_INIT;
	struct event ev;
	struct buf text = BUF_INIT;

	assert_false(journal_first(s->dir.fd, &ev, &arena));
	temp_dir_put_str(&s->dir, JOURNAL_NAME, first);
	assert_false(journal_first(s->dir.fd, &ev, &arena)); /* not whole yet */
	temp_dir_append(&s->dir, JOURNAL_NAME, "\n" LINE("a"));
	assert_true(journal_first(s->dir.fd, &ev, &arena));
	assert_int_equal(ev.type, EV_BATCH);
	assert_string_equal(ev.batch.original, "o");

	buf_str(&text, "{\"t\":1,\"ev\":\"batch\",\"options\":{\"agent\":\"");
	while (text.len < 50000)
		buf_ch(&text, 'a');
	buf_str(&text, "\"}}\n" LINE("a"));
	temp_dir_put_str(&s->dir, JOURNAL_NAME, text.data);
	assert_true(journal_first(s->dir.fd, &ev, &arena));
	assert_true(strlen(ev.batch.options_json) > 49000);
	buf_release(&text);
	arena_release(&arena);
}

/* The ratio that counts: a fold of 100,000 events is a blink. Measured 60 ms here; the bound is
 * wide, for slow machines and sanitizers. */
static void a_hundred_thousand_events(void **state)
{
	struct scene *s = *state;
	struct timespec from, to;
	struct buf text = BUF_INIT;
	int i;

	for (i = 0; i < 100000; i++) {
		struct event ev;
		char id[16];

		snprintf(id, sizeof(id), "%d", i % 5000);
		event_init(&ev,
		    (enum event_type[]){EV_START, EV_EXIT, EV_VERDICT, EV_STATUS}[i % 4]);
		ev.t = INT64_C(1795262400000) + i;
		ev.m = i;
		ev.id = id;
		ev.n = 1;
		if (ev.type == EV_VERDICT) {
			ev.verdict.message = "529 overloaded \"please\" wait";
			ev.verdict.cost_usd = 0.0123;
		}
		event_format(&ev, &text);
	}
	open_journal(s, text.data);
	buf_release(&text);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(read_more(s), 1);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_int_equal(s->nr_events, 100000);
	print_message("# 100,000 events in %.0f ms\n",
	    (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6);
	assert_true(to.tv_sec - from.tv_sec < 5);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(a_journal_that_is_not_there_yet),
	    T(a_link_is_refused),
	    T(follows_what_is_appended),
	    T(a_line_that_comes_in_two_parts),
	    T(a_torn_last_line),
	    T(a_new_journal_is_not_torn),
	    T(the_rest_of_a_torn_journal),
	    T(the_rest_that_is_no_event),
	    T(unreadable_lines_in_the_middle),
	    T(nul_bytes_do_not_end_the_file),
	    T(a_line_over_the_limit),
	    T(a_line_over_the_limit_in_parts),
	    T(a_line_of_the_limit_is_read),
	    T(a_bound_is_kept),
	    T(the_first_event),
	    T(a_hundred_thousand_events),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
