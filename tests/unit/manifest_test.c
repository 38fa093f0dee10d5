#include "formats/manifest.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "temp_dir.h"

#include <cJSON.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#define NAME "batch-20260101-000200"
#define PARENT "batch-20260101-000100"
#define ORIGINAL "batch-20260101-000000"

struct scene {
	struct temp_dir dir;
	struct tasks tasks;
	struct batch b;
	struct manifest m;
};

static const char *const columns[] = {"id", "agent", "task", "tags", "output_file", "depends_on"};

static void add_row(struct tasks *ts, const char *const *row)
{
	const char **cells = arena_alloc(&ts->arena, ARRAY_LEN(columns) * sizeof(*cells));
	size_t i;

	for (i = 0; i < ARRAY_LEN(columns); i++)
		cells[i] = arena_strdup(&ts->arena, row[i]);
	VEC_GROW(ts->v, ts->nr, ts->cap);
	ts->v[ts->nr] = (struct task){.id = cells[0], .cells = cells, .line = ts->nr + 2};
	map_put(&ts->by_id, cells[0], ts->nr++);
}

static void init_columns(struct tasks *ts)
{
	size_t i;

	tasks_init(ts);
	ts->nr_columns = ARRAY_LEN(columns);
	for (i = 0; i < ARRAY_LEN(columns); i++)
		ts->known[task_column_from_name(columns[i])] = (int)i;
}

static int setup(void **state)
{
	static const char *const rows[][6] = {
	    {"1", "claude", "write a \"poem\"", "RETRY-1, fast;cheap", "out/a.md", ""},
	    {"two", "", "b\nytes \xff\x01 here", "", "", "1"},
	};
	struct scene *s = xcalloc(1, sizeof(*s));
	size_t i;

	if (temp_dir_make(&s->dir) < 0)
		return -1;
	init_columns(&s->tasks);
	for (i = 0; i < ARRAY_LEN(rows); i++)
		add_row(&s->tasks, rows[i]);
	batch_init(&s->b, &s->tasks, NULL, "sim", 8);
	manifest_init(&s->m);
	snprintf(s->m.version, sizeof(s->m.version), "3.0.0");
	snprintf(s->m.batch, sizeof(s->m.batch), NAME);
	s->m.created_t = 1795262400123;
	s->m.source_csv = xstrdup("my tasks.csv");
	s->m.options.cwd = xstrdup("/work");
	s->m.retry.max_retries = 5;
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct scene *s = *state;

	manifest_release(&s->m);
	batch_release(&s->b);
	tasks_release(&s->tasks);
	temp_dir_remove(&s->dir);
	free(s);
	return 0;
}

static cJSON *write_and_parse(struct scene *s)
{
	struct err err = ERR_INIT;
	char *text;
	cJSON *j;

	if (manifest_write(s->dir.fd, &s->m, &s->b, &err) < 0)
		fail_msg("%s", err.msg);
	text = temp_dir_get(&s->dir, MANIFEST_NAME);
	assert_true(utf8_is_valid(text, strlen(text)));
	j = cJSON_ParseWithOpts(text, NULL, true);
	assert_non_null(j);
	free(text);
	return j;
}

static void check_json(const cJSON *j, const char *expected)
{
	char *text = cJSON_PrintUnformatted(j);

	assert_non_null(text);
	assert_string_equal(text, expected);
	cJSON_free(text);
}

/* `jq .retry_metadata` of an original, to the letter. */
static void retry_metadata_of_an_original(void **state)
{
	cJSON *j = write_and_parse(*state);

	check_json(cJSON_GetObjectItem(j, "retry_metadata"),
	    "{\"is_retry\":false,\"kind\":null,\"original_batch\":null,\"retry_count\":0,\"parent_"
	    "batch\":null,"
	    "\"auto_retry_enabled\":false,\"max_retries\":5,\"next_batches\":[]}");
	cJSON_Delete(j);
}

static void retry_metadata_of_a_cycle(void **state)
{
	struct scene *s = *state;
	cJSON *j;

	s->m.retry.is_retry = s->m.retry.auto_retry_enabled = true;
	s->m.retry.kind = BATCH_EXTENSION;
	s->m.retry.retry_count = 2;
	snprintf(s->m.retry.original_batch, NAME_SIZE, ORIGINAL);
	snprintf(s->m.retry.parent_batch, NAME_SIZE, PARENT);
	manifest_add_next(&s->m, "batch-x");
	manifest_add_next(&s->m, "batch-y");
	manifest_add_next(&s->m, "batch-x");
	manifest_add_next(&s->m, "");
	j = write_and_parse(s);
	check_json(cJSON_GetObjectItem(j, "retry_metadata"),
	    "{\"is_retry\":true,\"kind\":\"extension\",\"original_batch\":\"" ORIGINAL
	    "\",\"retry_count\":2,\"parent_batch\":\"" PARENT
	    "\",\"auto_retry_enabled\":true,\"max_retries\":5,\"next_batches\":[\"batch-x\","
	    "\"batch-y\"]}");
	cJSON_Delete(j);
}

static void what_was_launched(void **state)
{
	struct scene *s = *state;
	cJSON *j = write_and_parse(s), *agents, *a;

	assert_string_equal(cJSON_GetObjectItem(j, "version")->valuestring, "3.0.0");
	assert_string_equal(cJSON_GetObjectItem(j, "batch")->valuestring, NAME);
	assert_true(cJSON_GetObjectItem(j, "created")->valuedouble == 1795262400.123);
	assert_string_equal(cJSON_GetObjectItem(j, "source_csv")->valuestring, "my tasks.csv");
	a = cJSON_GetObjectItem(j, "options");
	assert_string_equal(cJSON_GetObjectItem(a, "cwd")->valuestring, "/work");
	agents = cJSON_GetObjectItem(j, "agents");
	assert_int_equal(cJSON_GetArraySize(agents), 2);
	a = cJSON_GetArrayItem(agents, 0);
	assert_string_equal(cJSON_GetObjectItem(a, "id")->valuestring, "1");
	assert_string_equal(cJSON_GetObjectItem(a, "agent")->valuestring, "claude");
	assert_string_equal(cJSON_GetObjectItem(a, "task")->valuestring, "write a \"poem\"");
	check_json(cJSON_GetObjectItem(a, "tags"), "[\"RETRY-1\",\"fast\",\"cheap\"]");
	assert_string_equal(cJSON_GetObjectItem(a, "output_file")->valuestring, "out/a.md");
	assert_string_equal(cJSON_GetObjectItem(a, "status")->valuestring, "pending");
	a = cJSON_GetArrayItem(agents, 1);
	assert_string_equal(cJSON_GetObjectItem(a, "agent")->valuestring, "sim");
	assert_string_equal(cJSON_GetObjectItem(a, "task")->valuestring,
	    "b\nytes \xef\xbf\xbd\x01 here");
	check_json(cJSON_GetObjectItem(a, "tags"), "[]");
	check_json(cJSON_GetObjectItem(a, "depends_on"), "[\"1\"]");
	assert_null(cJSON_GetObjectItem(a, "output_file"));
	cJSON_Delete(j);
}

static void the_status_is_the_folds(void **state)
{
	struct scene *s = *state;
	struct event ev;
	cJSON *j, *a;

	event_init(&ev, EV_START);
	ev.agent = 0;
	ev.n = 1;
	batch_apply(&s->b, &ev);
	event_init(&ev, EV_VERDICT);
	ev.agent = 0;
	ev.n = 1;
	ev.verdict.class = CLASS_TASK_ERROR;
	batch_apply(&s->b, &ev);
	event_init(&ev, EV_STATUS);
	ev.agent = 0;
	ev.status.status = AGENT_FAILED;
	batch_apply(&s->b, &ev);
	j = write_and_parse(s);
	a = cJSON_GetArrayItem(cJSON_GetObjectItem(j, "agents"), 0);
	assert_string_equal(cJSON_GetObjectItem(a, "status")->valuestring, "failed");
	assert_string_equal(cJSON_GetObjectItem(a, "class")->valuestring, "task_error");
	assert_int_equal(cJSON_GetObjectItem(a, "attempts")->valueint, 1);
	cJSON_Delete(j);
}

static void reads_back(void **state)
{
	struct scene *s = *state;
	struct manifest m;

	s->m.retry.is_retry = true;
	s->m.retry.retry_count = 3;
	snprintf(s->m.retry.original_batch, NAME_SIZE, ORIGINAL);
	snprintf(s->m.retry.parent_batch, NAME_SIZE, PARENT);
	s->m.retry.auto_retry_enabled = true;
	manifest_add_next(&s->m, "batch-x");
	s->m.options.jobs = 77;
	assert_int_equal(manifest_write(s->dir.fd, &s->m, &s->b, NULL), 0);
	assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 0);
	assert_string_equal(m.version, "3.0.0");
	assert_string_equal(m.batch, NAME);
	assert_int_equal(m.created_t, 1795262400123);
	assert_string_equal(m.source_csv, "my tasks.csv");
	assert_int_equal(m.options.jobs, 77);
	assert_string_equal(m.options.cwd, "/work");
	assert_true(m.retry.is_retry && m.retry.auto_retry_enabled);
	assert_int_equal(m.retry.retry_count, 3);
	assert_int_equal(m.retry.max_retries, 5);
	assert_string_equal(m.retry.original_batch, ORIGINAL);
	assert_string_equal(m.retry.parent_batch, PARENT);
	assert_int_equal(m.retry.nr_next, 1);
	assert_string_equal(m.retry.next_batches[0], "batch-x");
	manifest_release(&m);
}

/* Another order of keys, another layout, text that looks like the agents' key. */
static void read_as_others_may_write_it(void **state)
{
	struct scene *s = *state;
	struct manifest m;

	temp_dir_put_str(&s->dir, MANIFEST_NAME,
	    "{\"agents\" :\n [{\"id\":\"]}\\\"\",\"options\":{\"jobs\":1},\"x\":[[]]}, 7],"
	    "\"x\":{\"agents\":[1]}, \"options\":{\"jobs\":5,\"agent\":\"\\\"agents\\\":[\"},"
	    "\"retry_metadata\":{\"max_retries\":2},\"created\":null, \"new\":[{}]}\n\n");
	assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 0);
	assert_int_equal(m.options.jobs, 5);
	assert_string_equal(m.options.agent, "\"agents\":[");
	assert_int_equal(m.retry.max_retries, 2);
	assert_int_equal(m.created_t, NUM_NONE);
	manifest_release(&m);
}

/* D3 and I8 */
static const char *const damaged[] = {
    "",
    "\n",
    "garbage",
    "{}",
    "[]",
    "null",
    "{\"agents\":[],\"options\":{}}",
    "{\"agents\":[],\"retry_metadata\":{}}",
    "{\"options\":{},\"retry_metadata\":{}}",
    "{\"agents\":[{\"id\":\"1\"},{\"i",
    "{\"agents\":[{\"id\":\"1\"}],\"options\":{},\"retry_metadata\":{}",
    "{\"agents\":[{\"id\":\"1\"}]],\"options\":{},\"retry_metadata\":{}}",
    "{\"agents\":[],\"options\":{},\"retry_metadata\":{}}}",
    "{\"agents\":[],\"options\":{},\"retry_metadata\":{}} x",
    "{\"agents\":[\"a\nb\"],\"options\":{},\"retry_metadata\":{}}",
    "{\"agents\":[],\"options\":{\"jobs\":},\"retry_metadata\":{}}",
};

static void a_damaged_one_is_not_believed(void **state)
{
	struct scene *s = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(damaged); i++) {
		struct err err = ERR_INIT;
		struct manifest m;

		temp_dir_put_str(&s->dir, MANIFEST_NAME, damaged[i]);
		if (manifest_read(s->dir.fd, &m, &err) != 1)
			fail_msg("was believed: %s", damaged[i]);
		assert_string_not_equal(err.msg, "");
	}
}

static void cut_off_anywhere(void **state)
{
	struct scene *s = *state;
	struct manifest m;
	size_t n, cut;
	char *text;

	assert_int_equal(manifest_write(s->dir.fd, &s->m, &s->b, NULL), 0);
	text = temp_dir_get(&s->dir, MANIFEST_NAME);
	n = strlen(text);
	for (cut = 0; cut < n - 1; cut++) {
		temp_dir_put(&s->dir, MANIFEST_NAME, text, cut);
		assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 1);
	}
	free(text);
}

static void put_nested(struct scene *s, const char *key, int levels)
{
	struct buf text = BUF_INIT;
	int i;

	buf_fmt(&text, "{\"agents\":[],\"options\":{},\"retry_metadata\":{},\"%s\":", key);
	for (i = 0; i < levels; i++)
		buf_ch(&text, '[');
	for (i = 0; i < levels; i++)
		buf_ch(&text, ']');
	buf_ch(&text, '}');
	temp_dir_put_str(&s->dir, MANIFEST_NAME, text.data);
	buf_release(&text);
}

static void a_hundred_thousand_levels(void **state)
{
	struct scene *s = *state;
	struct manifest m;

	put_nested(s, "x", 100000);
	assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 1);
	put_nested(s, "agents", 100000);
	assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 1);
	put_nested(s, "x", 20);
	assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 0);
	manifest_release(&m);
}

static void hostile_numbers_and_names(void **state)
{
	struct scene *s = *state;
	struct buf text = BUF_INIT;
	struct manifest m;
	int i;

	buf_str(&text,
	    "{\"agents\":[],\"options\":{\"jobs\":1e999},\"created\":1e300,\"retry_metadata\":{"
	    "\"retry_count\":1e30,\"max_retries\":-7,\"is_retry\":\"yes\",\"next_batches\":[1,null,"
	    "\"");
	for (i = 0; i < 1000; i++)
		buf_ch(&text, 'n');
	buf_str(&text, "\"],\"parent_batch\":\"");
	for (i = 0; i < 1000; i++)
		buf_ch(&text, 'p');
	buf_str(&text, "\"}}");
	temp_dir_put_str(&s->dir, MANIFEST_NAME, text.data);
	buf_release(&text);
	assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 0);
	assert_int_equal(m.retry.retry_count, 0);
	assert_int_equal(m.retry.max_retries, 0);
	assert_false(m.retry.is_retry);
	assert_int_equal(m.retry.nr_next, 0);
	assert_string_equal(m.retry.parent_batch, "");
	assert_int_equal(m.created_t, NUM_NONE);
	assert_int_equal(m.options.jobs, 8);
	manifest_release(&m);
}

static void announce(struct scene *s)
{
	struct event ev;

	event_init(&ev, EV_BATCH);
	ev.t = 1795262400000;
	ev.batch = (struct ev_batch){
	    .version = "3.0.0",
	    .original = ORIGINAL,
	    .parent = PARENT,
	    .cycle = 2,
	    .options_json =
		"{\"jobs\":4,\"auto_retry\":true,\"max_retries\":9,\"source_csv\":\"t.csv\"}",
	    .pid = NUM_NONE,
	    .not_before_t = NUM_NONE,
	    .jobs = NUM_NONE,
	};
	batch_apply(&s->b, &ev);
	event_init(&ev, EV_CYCLE);
	ev.cycle.child = "batch-x";
	batch_apply(&s->b, &ev);
	ev.cycle.child = "batch-y";
	batch_apply(&s->b, &ev);
}

static void check_rebuilt(const struct manifest *m)
{
	assert_string_equal(m->batch, NAME);
	assert_int_equal(m->options.jobs, 4);
	assert_true(m->retry.is_retry && m->retry.auto_retry_enabled);
	assert_int_equal(m->retry.max_retries, 9);
	assert_int_equal(m->retry.retry_count, 2);
	assert_string_equal(m->retry.original_batch, ORIGINAL);
	assert_string_equal(m->retry.parent_batch, PARENT);
	assert_int_equal(m->retry.nr_next, 2);
	assert_string_equal(m->source_csv, "t.csv");
	assert_int_equal(m->created_t, 1795262400000);
}

/* D3: rebuilt from the events, and the damaged ones are kept. */
static void rebuilt_from_the_events(void **state)
{
	static const char *const kept[] = {"manifest.json.damaged", "manifest.json.damaged-2"};
	struct scene *s = *state;
	bool was_rebuilt;
	size_t i;

	announce(s);
	for (i = 0; i < ARRAY_LEN(kept); i++) {
		char text[32], *aside;
		struct manifest m;

		snprintf(text, sizeof(text), "damage %zu", i);
		temp_dir_put_str(&s->dir, MANIFEST_NAME, text);
		assert_int_equal(manifest_read_or_rebuild(s->dir.fd, NAME, &m, &s->b, &was_rebuilt,
				     NULL),
		    0);
		assert_true(was_rebuilt);
		check_rebuilt(&m);
		manifest_release(&m);
		aside = temp_dir_get(&s->dir, kept[i]);
		assert_non_null(aside);
		assert_string_equal(aside, text);
		free(aside);
		/* What was written is whole, and now it is read as it is. */
		assert_int_equal(manifest_read_or_rebuild(s->dir.fd, NAME, &m, &s->b, &was_rebuilt,
				     NULL),
		    0);
		assert_false(was_rebuilt);
		check_rebuilt(&m);
		manifest_release(&m);
	}
}

static void a_missing_one_is_rebuilt(void **state)
{
	struct scene *s = *state;
	struct manifest m;
	bool was_rebuilt;

	announce(s);
	assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 1);
	assert_int_equal(manifest_read_or_rebuild(s->dir.fd, NAME, &m, &s->b, &was_rebuilt, NULL),
	    0);
	assert_true(was_rebuilt);
	assert_false(temp_dir_has(&s->dir, "manifest.json.damaged"));
	check_rebuilt(&m);
	manifest_release(&m);
}

/* For readers: nothing is written. */
static void from_the_batch_alone(void **state)
{
	struct scene *s = *state;
	struct manifest m;

	announce(s);
	manifest_from_batch(&m, NAME, &s->b);
	check_rebuilt(&m);
	manifest_release(&m);
	assert_false(temp_dir_has(&s->dir, MANIFEST_NAME));
	/* An original that names itself is an original. */
	manifest_from_batch(&m, ORIGINAL, &s->b);
	assert_false(m.retry.is_retry);
	assert_string_equal(m.retry.original_batch, "");
	manifest_release(&m);
}

/* S3 */
static void a_planted_link_is_replaced_not_followed(void **state)
{
	struct scene *s = *state;
	struct manifest m;
	char *text;

	temp_dir_put_str(&s->dir, "precious", "keep");
	assert_int_equal(symlinkat("precious", s->dir.fd, MANIFEST_NAME), 0);
	assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 1);
	assert_int_equal(manifest_write(s->dir.fd, &s->m, &s->b, NULL), 0);
	text = temp_dir_get(&s->dir, "precious");
	assert_string_equal(text, "keep");
	free(text);
	assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 0);
	manifest_release(&m);
}

static void versions(void **state)
{
	static const struct {
		const char *version;
		bool is_newer;
	} table[] = {
	    {AB_VERSION, false},
	    {"", false},
	    {"x", false},
	    {"2.9.9", false},
	    {"3", false},
	    {"3.0", false},
	    {"3.0.1", true},
	    {"3.1", true},
	    {"3.10.0", true},
	    {"4.0.0", true},
	    {"10.0.0", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++)
		if (manifest_is_newer(table[i].version) != table[i].is_newer)
			fail_msg("%s", table[i].version);
}

/* X3: a reader sees the old or the new one, never half. */
static void read_while_it_is_replaced(void **state)
{
	struct scene *s = *state;
	int i, st;
	pid_t pid;

	assert_int_equal(manifest_write(s->dir.fd, &s->m, &s->b, NULL), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (i = 0; i < 60; i++) {
			s->m.options.jobs = i;
			if (manifest_write(s->dir.fd, &s->m, &s->b, NULL) < 0)
				_exit(1);
		}
		_exit(0);
	}
	while (waitpid(pid, &st, WNOHANG) == 0) {
		struct manifest m;

		assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 0);
		manifest_release(&m);
	}
	assert_true(WIFEXITED(st) && WEXITSTATUS(st) == 0);
}

static long resident_kb(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages = 0, resident = 0;

	if (f) {
		if (fscanf(f, "%ld %ld", &pages, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Neither writing nor reading holds the rows in memory as JSON. */
static void many_rows_in_little_memory(void **state)
{
	struct scene *s = *state;
	struct tasks ts;
	struct batch b;
	struct manifest m;
	char id[16], task[600];
	const char *row[] = {id, "", task, "a b c", "", ""};
	struct stat st;
	long before;
	int i;

	init_columns(&ts);
	memset(task, 't', sizeof(task) - 1);
	task[sizeof(task) - 1] = '\0';
	for (i = 0; i < 50000; i++) {
		snprintf(id, sizeof(id), "%d", i);
		add_row(&ts, row);
	}
	batch_init(&b, &ts, NULL, "sim", 8);
	before = resident_kb();
	assert_int_equal(manifest_write(s->dir.fd, &s->m, &b, NULL), 0);
	assert_int_equal(manifest_read(s->dir.fd, &m, NULL), 0);
	manifest_release(&m);
	assert_int_equal(fstatat(s->dir.fd, MANIFEST_NAME, &st, 0), 0);
	assert_true(st.st_size > 30000000);
	assert_true(resident_kb() - before < 4000);
	batch_release(&b);
	tasks_release(&ts);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(retry_metadata_of_an_original),
	    T(retry_metadata_of_a_cycle),
	    T(what_was_launched),
	    T(the_status_is_the_folds),
	    T(reads_back),
	    T(read_as_others_may_write_it),
	    T(a_damaged_one_is_not_believed),
	    T(cut_off_anywhere),
	    T(a_hundred_thousand_levels),
	    T(hostile_numbers_and_names),
	    T(rebuilt_from_the_events),
	    T(a_missing_one_is_rebuilt),
	    T(from_the_batch_alone),
	    T(a_planted_link_is_replaced_not_followed),
	    T(versions),
	    T(read_while_it_is_replaced),
	    T(many_rows_in_little_memory),
	};

	return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
