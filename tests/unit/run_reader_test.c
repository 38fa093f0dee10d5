/* Batches and runs as readers see them: how they stand, in which order, and what is merged. */
#include "formats/run_reader.h"
#include "base/xalloc.h"
#include "disk_batch.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#define B0 "batch-20260101-000000"
#define B1 "batch-20260101-000100"
#define B2 "batch-20260101-000200"
#define B3 "batch-20260101-000300"

#define CSV "id,task\na,do a\nb,do b\nc,do c\n"

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

static void open_batch(struct batch_reader *r, const char *name)
{
	char *path = xasprintf("%s/%s", dir.path, name);
	struct err err = ERR_INIT;

	if (batch_reader_open(r, path, &err) < 0)
		fail_msg("%s", err.msg);
	free(path);
}

static void open_run(struct run_reader *r, const char *name)
{
	char *path = xasprintf("%s/%s", dir.path, name);
	struct err err = ERR_INIT;

	if (run_reader_open(r, path, &err) < 0)
		fail_msg("%s", err.msg);
	free(path);
}

/* The names of its batches, without "batch-20260101-", in their order. */
static void check_batches(const struct run_reader *r, const char *expected)
{
	struct buf names = BUF_INIT;
	size_t i;

	for (i = 0; i < r->nr; i++)
		buf_fmt(&names, "%s%s", i ? " " : "", r->batches[i]->dir.name + 15);
	assert_string_equal(names.data, expected);
	buf_release(&names);
}

/* ---- one batch ---------------------------------------------------------- */

static void a_batch_is_loaded(void **state)
{
	struct batch_reader r;

	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	disk_attempt(&dir, B0, "a", 1, "success", "completed");
	disk_attempt(&dir, B0, "b", 1, "task_error", "failed");
	open_batch(&r, B0);
	assert_string_equal(r.dir.name, B0);
	assert_int_equal(r.state.nr_agents, 3);
	assert_int_equal(r.state.counts[AGENT_COMPLETED], 1);
	assert_int_equal(r.state.counts[AGENT_FAILED], 1);
	assert_int_equal(r.state.counts[AGENT_PENDING], 1);
	assert_string_equal(r.manifest.batch, B0);
	assert_false(r.is_held);
	assert_int_equal(batch_reader_refresh(&r, NULL), 0);
	disk_attempt(&dir, B0, "c", 1, "success", "completed");
	assert_int_equal(batch_reader_refresh(&r, NULL), 1);
	assert_int_equal(r.state.counts[AGENT_COMPLETED], 2);
	assert_int_equal(batch_reader_refresh(&r, NULL), 0);
	batch_reader_close(&r);
}

static void a_missing_journal_is_an_empty_one(void **state)
{
	struct batch_reader r;

	(void)state;
	disk_batch(&dir, B0, CSV);
	open_batch(&r, B0);
	assert_int_equal(r.state.counts[AGENT_PENDING], 3);
	assert_int_equal(batch_reader_refresh(&r, NULL), 0);
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	assert_int_equal(batch_reader_refresh(&r, NULL), 1);
	assert_non_null(r.state.version);
	batch_reader_close(&r);
}

static void what_cannot_be_opened(void **state)
{
	static const char *const csvs[] = {NULL, "", "id\nx\n", "id,task\na,\"x\n"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(csvs); i++) {
		char name[] = "batch-20260101-00000x", *path;
		struct batch_reader r;
		struct err err = ERR_INIT;

		name[sizeof(name) - 2] = (char)('0' + i);
		disk_batch(&dir, name, csvs[i]);
		path = xasprintf("%s/%s", dir.path, name);
		assert_int_equal(batch_reader_open(&r, path, &err), -1);
		assert_non_null(strstr(err.msg, name));
		free(path);
	}
}

/* Rows may depend on rows of an earlier cycle, name profiles and paths that are not here: all that
 * was judged when the batch was made. */
static void nothing_is_judged_again(void **state)
{
	struct batch_reader r;

	(void)state;
	disk_batch(&dir, B0,
	    "id,task,agent,context_path,depends_on\na,x,no-such-profile,/no/such/path,gone\n"
	    "b,x,,,a\n");
	open_batch(&r, B0);
	assert_int_equal(r.state.agents[0].unmet, 0);
	assert_int_equal(r.state.agents[1].unmet, 1);
	batch_reader_close(&r);
}

/* The rows that name no agent belong to the one of the options: of the manifest, or where that is
 * damaged, of the first event. */
static void accounts_come_from_the_options(void **state)
{
	static const struct {
		const char *options, *account;
	} table[] = {
	    {"{\"agent\":\"claude\"}", "claude"},
	    {"{\"agent\":\"claude\",\"agent_command\":\"x\"}", "claude"},
	    {"{\"agent_command\":\"x\"}", "command"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		char name[] = "batch-20260101-00000x", path[64];
		struct batch_reader r;

		name[sizeof(name) - 2] = (char)('0' + i);
		disk_batch(&dir, name, CSV);
		disk_event(&dir, name,
		    "{\"t\":1,\"ev\":\"batch\",\"version\":\"3.0.0\",\"options\":%s}",
		    table[i].options);
		snprintf(path, sizeof(path), "%s/" MANIFEST_NAME, name);
		temp_dir_put_str(&dir, path, "{\"agents\":[{\"id\":");
		open_batch(&r, name);
		assert_string_equal(r.state.accounts[0].name, table[i].account);
		assert_string_equal(r.manifest.batch, name);
		/* D3: whoever only reads leaves the damage as it is. */
		snprintf(path, sizeof(path), "%s/" MANIFEST_NAME ".damaged", name);
		assert_false(temp_dir_has(&dir, path));
		batch_reader_close(&r);
	}
}

static void a_replaced_manifest_is_seen(void **state)
{
	struct batch_reader r;
	struct manifest m;

	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	open_batch(&r, B0);
	assert_int_equal(r.manifest.retry.nr_next, 0);
	manifest_from_batch(&m, B0, &r.state);
	manifest_add_next(&m, B1);
	assert_int_equal(manifest_write(r.dir.fd, &m, &r.state, NULL), 0);
	manifest_release(&m);
	assert_int_equal(batch_reader_refresh(&r, NULL), 1);
	assert_int_equal(r.manifest.retry.nr_next, 1);
	assert_int_equal(batch_reader_refresh(&r, NULL), 0);
	batch_reader_close(&r);
}

/* D9: what a newer version wrote is read as far as it is understood. */
static void a_newer_version(void **state)
{
	struct err err = ERR_INIT;
	struct batch_reader r;

	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_event(&dir, B0,
	    "{\"t\":1,\"ev\":\"batch\",\"version\":\"9.0.0\",\"flux\":[1],\"options\":{\"agent\":"
	    "\"claude\","
	    "\"flux\":2}}");
	disk_attempt(&dir, B0, "a", 1, "success", "completed");
	disk_event(&dir, B0, "{\"t\":2,\"ev\":\"flux\",\"id\":\"b\"}");
	disk_event(&dir, B0, "{\"t\":2,\"ev\":\"status\",\"id\":\"b\",\"status\":\"in_flux\"}");
	open_batch(&r, B0);
	assert_int_equal(r.state.counts[AGENT_COMPLETED], 1);
	assert_int_equal(r.state.counts[AGENT_PENDING], 2);
	assert_int_equal(r.state.nr_unknown, 2);
	assert_int_equal(r.journal.nr_skipped, 0);
	assert_int_equal(batch_reader_check_writable(&r, &err), -1);
	assert_non_null(strstr(err.msg, "9.0.0"));
	batch_reader_close(&r);
	disk_batch(&dir, B1, CSV);
	disk_event(&dir, B1, "{\"t\":1,\"ev\":\"batch\",\"version\":\"" AB_VERSION "\"}");
	open_batch(&r, B1);
	assert_int_equal(batch_reader_check_writable(&r, NULL), 0);
	batch_reader_close(&r);
}

static void the_rest_of_a_torn_journal(void **state)
{
	struct batch_reader r;

	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	temp_dir_append(&dir, B0 "/" JOURNAL_NAME,
	    "{\"t\":6,\"ev\":\"start\",\"id\":\"a\",\"n\":1}");
	open_batch(&r, B0);
	assert_int_equal(r.state.nr_attempts, 0);
	batch_reader_take_rest(&r);
	assert_int_equal(r.state.nr_attempts, 1);
	batch_reader_close(&r);
}

/* ---- how a batch stands ------------------------------------------------- */

static void check_state(enum run_state expected)
{
	struct batch_reader r;

	open_batch(&r, B0);
	if (batch_reader_state(&r) != expected)
		fail_msg("%s, not %s", run_state_name(batch_reader_state(&r)),
		    run_state_name(expected));
	batch_reader_close(&r);
}

static void verb(const char *what)
{
	disk_event(&dir, B0, "{\"t\":9,\"m\":9,\"ev\":\"verb\",\"verb\":\"%s\"}", what);
}

static void how_a_batch_stands(void **state)
{
	int fd;

	(void)state;
	disk_batch(&dir, B0, "id,task\na,do a\n");
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	check_state(RUN_INTERRUPTED);
	fd = disk_hold(&dir, B0, LOCK_BATCH);
	check_state(RUN_RUNNING);
	verb("pause");
	check_state(RUN_PAUSED);
	verb("stop");
	check_state(RUN_DRAINING);
	verb("resume");
	check_state(RUN_RUNNING);
	disk_event(&dir, B0, "{\"t\":10,\"m\":10,\"ev\":\"start\",\"id\":\"a\",\"n\":1}");
	check_state(RUN_RUNNING);
	disk_event(&dir, B0,
	    "{\"t\":11,\"m\":11,\"ev\":\"wait\",\"id\":\"a\",\"n\":1,\"until\":99}");
	check_state(RUN_WAITING);
	close(fd);
	check_state(RUN_INTERRUPTED);
	fd = disk_hold(&dir, B0, LOCK_BATCH);
	disk_end(&dir, B0, "stopped", 3);
	check_state(RUN_STOPPED);
	/* resume: a new first line, and it lives again. */
	disk_born(&dir, B0, NULL, NULL, 0, 50);
	check_state(RUN_WAITING);
	disk_end(&dir, B0, "finished", 1);
	check_state(RUN_FINISHED);
	close(fd);
	check_state(RUN_FINISHED);
}

static void ready_rows_behind_a_closed_gate_wait(void **state)
{
	int fd;

	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_born(&dir, B0, NULL, NULL, 0, 5);
	fd = disk_hold(&dir, B0, LOCK_BATCH);
	check_state(RUN_RUNNING);
	disk_event(&dir, B0,
	    "{\"t\":6,\"ev\":\"gate\",\"account\":\"command\",\"state\":\"closed\",\"until\":99}");
	check_state(RUN_WAITING);
	disk_event(&dir, B0,
	    "{\"t\":7,\"ev\":\"gate\",\"account\":\"command\",\"state\":\"open\"}");
	check_state(RUN_RUNNING);
	close(fd);
}

static void a_cycle_that_cools_off_waits(void **state)
{
	int fd;

	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_event(&dir, B0,
	    "{\"t\":5,\"ev\":\"batch\",\"version\":\"3.0.0\",\"cycle\":1,\"original\":\"x\","
	    "\"not_before\":60}");
	fd = disk_hold(&dir, B0, LOCK_BATCH);
	check_state(RUN_WAITING);
	disk_event(&dir, B0, "{\"t\":60,\"ev\":\"start\",\"id\":\"a\",\"n\":1}");
	check_state(RUN_RUNNING);
	close(fd);
}

/* ---- runs --------------------------------------------------------------- */

/* B0 -> B1 (by its journal) -> B2 (by the manifest alone); B3 is another run. */
static void make_chain(void)
{
	struct batch_reader r;
	struct manifest m;

	disk_batch(&dir, B0, CSV);
	disk_born(&dir, B0, NULL, NULL, 0, 100);
	disk_cycle(&dir, B0, B1);
	disk_batch(&dir, B1, "id,task\nb,do b\nc,do c\n");
	disk_born(&dir, B1, B0, B0, 1, 200);
	disk_batch(&dir, B2, "id,task\nc,do c\n");
	disk_born(&dir, B2, B0, B1, 2, 300);
	open_batch(&r, B1);
	manifest_from_batch(&m, B1, &r.state);
	manifest_add_next(&m, B2);
	assert_int_equal(manifest_write(r.dir.fd, &m, &r.state, NULL), 0);
	manifest_release(&m);
	batch_reader_close(&r);
	disk_batch(&dir, B3, CSV);
	disk_born(&dir, B3, NULL, NULL, 0, 400);
}

static void opened_by_any_of_its_batches(void **state)
{
	static const char *const names[] = {B0, B1, B2};
	size_t i;

	(void)state;
	make_chain();
	for (i = 0; i < ARRAY_LEN(names); i++) {
		struct run_reader r;

		open_run(&r, names[i]);
		check_batches(&r, "000000 000100 000200");
		assert_string_equal(run_reader_last(&r)->dir.name, B2);
		run_reader_close(&r);
	}
}

static void children_appear(void **state)
{
	struct batch_reader *first;
	struct run_reader r;

	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_born(&dir, B0, NULL, NULL, 0, 100);
	open_run(&r, B0);
	first = r.batches[0];
	disk_cycle(&dir, B0, B1);
	assert_int_equal(run_reader_refresh(&r, NULL), 1);
	check_batches(&r, "000000");
	disk_batch(&dir, B1, "id,task\nb,do b\n");
	assert_int_equal(run_reader_refresh(&r, NULL), 0); /* not born yet */
	disk_born(&dir, B1, B0, B0, 1, 200);
	disk_cycle(&dir, B1, B2);
	assert_int_equal(run_reader_refresh(&r, NULL), 1);
	check_batches(&r, "000000 000100");
	disk_batch(&dir, B2, "id,task\nb,do b\n");
	disk_born(&dir, B2, B0, B1, 2, 300);
	assert_int_equal(run_reader_refresh(&r, NULL), 1);
	check_batches(&r, "000000 000100 000200");
	assert_ptr_equal(r.batches[0], first);
	assert_int_equal(run_reader_refresh(&r, NULL), 0);
	run_reader_close(&r);
}

/* C1: a clock that was set back does not put a child before its parent; and siblings are in the
 * order of their making. */
static void in_order_of_creation(void **state)
{
	struct run_reader r;

	(void)state;
	disk_batch(&dir, B2, CSV);
	disk_born(&dir, B2, NULL, NULL, 0, 1000);
	disk_cycle(&dir, B2, B0);
	disk_cycle(&dir, B2, B1);
	disk_batch(&dir, B0, "id,task\nb,do b\n");
	disk_born(&dir, B0, B2, B2, 1, 500);
	disk_cycle(&dir, B0, B3);
	disk_batch(&dir, B1, "id,task\nb,do b\n");
	disk_born(&dir, B1, B2, B2, 1, 5000);
	disk_batch(&dir, B3, "id,task\nb,do b\n");
	disk_born(&dir, B3, B2, B0, 2, 501);
	open_run(&r, B3);
	check_batches(&r, "000200 000000 000300 000100");
	run_reader_close(&r);
}

static void names_that_lead_astray(void **state)
{
	struct run_reader r;

	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_event(&dir, B0,
	    "{\"t\":1,\"ev\":\"batch\",\"version\":\"3.0.0\",\"original\":\"../x\",\"parent\":\"" B1
	    "\"}");
	disk_cycle(&dir, B0, "../" B1);
	disk_cycle(&dir, B0, "/etc");
	disk_cycle(&dir, B0, "..");
	disk_cycle(&dir, B0, "");
	disk_cycle(&dir, B0, B0);
	disk_cycle(&dir, B0, B1);
	/* Each is the other's child and parent. */
	disk_batch(&dir, B1, "id,task\nb,do b\n");
	disk_born(&dir, B1, B0, B0, 1, 200);
	disk_cycle(&dir, B1, B0);
	open_run(&r, B0);
	assert_int_equal(r.nr, 2);
	run_reader_close(&r);
}

static void whose_original_is_gone(void **state)
{
	struct run_reader r;

	(void)state;
	disk_batch(&dir, B1, "id,task\nb,do b\n");
	disk_born(&dir, B1, B0, B0, 1, 200);
	disk_cycle(&dir, B1, B2);
	disk_batch(&dir, B2, "id,task\nb,do b\n");
	disk_born(&dir, B2, B0, B1, 2, 300);
	open_run(&r, B2);
	check_batches(&r, "000100 000200");
	assert_int_equal(run_reader_state(&r), RUN_INTERRUPTED);
	run_reader_close(&r);
}

/* ---- how a run stands --------------------------------------------------- */

static void check_run(enum run_state expected, int code)
{
	struct run_reader r;

	open_run(&r, B0);
	if (run_reader_state(&r) != expected)
		fail_msg("%s, not %s", run_state_name(run_reader_state(&r)),
		    run_state_name(expected));
	assert_int_equal(run_reader_exit_code(&r), code);
	run_reader_close(&r);
}

static void how_a_run_stands(void **state)
{
	int run, batch;

	(void)state;
	disk_batch(&dir, B0, "id,task\na,do a\n");
	disk_born(&dir, B0, NULL, NULL, 0, 100);
	check_run(RUN_INTERRUPTED, 7);
	run = disk_hold(&dir, B0, LOCK_RUN);
	check_run(RUN_RUNNING, -1); /* it is just being taken up */
	batch = disk_hold(&dir, B0, LOCK_BATCH);
	check_run(RUN_RUNNING, -1);
	disk_attempt(&dir, B0, "a", 1, "transient", "failed");
	disk_cycle(&dir, B0, B1);
	disk_end(&dir, B0, "finished", 1);
	close(batch);
	check_run(RUN_RUNNING, -1); /* between the batch and its child */
	close(run);
	check_run(RUN_INTERRUPTED, 7); /* P2 */
	run = disk_hold(&dir, B0, LOCK_RUN);
	disk_batch(&dir, B1, "id,task\na,do a\n");
	check_run(RUN_RUNNING, -1);
	disk_born(&dir, B1, B0, B0, 1, 200);
	batch = disk_hold(&dir, B1, LOCK_BATCH);
	check_run(RUN_RUNNING, -1);
	disk_attempt(&dir, B1, "a", 1, "success", "completed");
	disk_end(&dir, B1, "finished", 0);
	check_run(RUN_FINISHED, -1); /* its conductor still lives */
	close(batch);
	close(run);
	check_run(RUN_FINISHED, 0);
}

static void exit_codes(void **state)
{
	static const struct {
		const char *status_b, *end;
		int told, code;
		enum run_state state;
	} table[] = {
	    {"completed", "finished", 0, 0, RUN_FINISHED},
	    {"failed", "finished", 1, 1, RUN_FINISHED},
	    {"failed", "finished", 0, 1, RUN_FINISHED}, /* the rows know better */
	    {"completed", "finished", 1, 0, RUN_FINISHED},
	    {"cancelled", "finished", 1, 1, RUN_FINISHED},
	    {"cancelled", "finished", 3, 3, RUN_FINISHED},
	    {"failed", "stopped", 3, 3, RUN_STOPPED},
	    {"failed", "stopped", 0, 3, RUN_STOPPED},
	    {"failed", "stopped", 1, 1, RUN_STOPPED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct temp_dir outer = dir;

		assert_int_equal(temp_dir_make(&dir), 0);
		disk_batch(&dir, B0, "id,task\na,do a\nb,do b\n");
		disk_born(&dir, B0, NULL, NULL, 0, 100);
		disk_attempt(&dir, B0, "a", 1, "success", "completed");
		disk_attempt(&dir, B0, "b", 1, "task_error", table[i].status_b);
		disk_end(&dir, B0, table[i].end, table[i].told);
		check_run(table[i].state, table[i].code);
		temp_dir_remove(&dir);
		dir = outer;
	}
}

static void the_living_batch_is_the_last(void **state)
{
	struct run_reader r;
	int fd;

	(void)state;
	make_chain();
	fd = disk_hold(&dir, B1, LOCK_BATCH);
	open_run(&r, B0);
	assert_string_equal(run_reader_last(&r)->dir.name, B1);
	assert_int_equal(run_reader_state(&r), RUN_RUNNING);
	run_reader_close(&r);
	close(fd);
}

/* ---- merging ------------------------------------------------------------ */

static const struct merged_row *row_of(const struct merged_row *rows, uint32_t nr, const char *id)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (strcmp(rows[i].task->id, id) == 0)
			return &rows[i];
	fail_msg("no row '%s'", id);
	return NULL;
}

static void the_best_outcome_of_a_row(void **state)
{
	const struct merged_row *row;
	struct merged_row *rows;
	struct run_reader r;
	uint32_t nr;

	(void)state;
	disk_batch(&dir, B0, "id,task\na,do a\nb,do b\nc,do c\nd,do d\n");
	disk_born(&dir, B0, NULL, NULL, 0, 100);
	disk_attempt(&dir, B0, "a", 1, "success", "completed");
	disk_attempt(&dir, B0, "b", 1, "rate_limit", "in_progress");
	disk_attempt(&dir, B0, "b", 2, "crash", "failed");
	disk_attempt(&dir, B0, "c", 1, "task_error", "failed");
	disk_attempt(&dir, B0, "d", 1, "transient", "failed");
	disk_cycle(&dir, B0, B1);
	disk_end(&dir, B0, "finished", 1);
	/* The child runs a again (by hand), heals b, fails c otherwise, and adds a row. */
	disk_batch(&dir, B1, "id,task\nnew,x\nc,do c\nb,do b\na,do a\nd,do d\n");
	disk_born(&dir, B1, B0, B0, 1, 200);
	disk_attempt(&dir, B1, "a", 1, "task_error", "failed");
	disk_attempt(&dir, B1, "b", 1, "success", "completed");
	disk_attempt(&dir, B1, "c", 1, "timeout", "failed");
	disk_attempt(&dir, B1, "new", 1, "success", "completed");
	disk_end(&dir, B1, "stopped", 3);
	open_run(&r, B0);
	rows = run_merge(&r, &nr);
	assert_int_equal(nr, 5);
	assert_string_equal(rows[0].task->id, "a");
	assert_string_equal(rows[1].task->id, "b");
	assert_string_equal(rows[2].task->id, "c");
	assert_string_equal(rows[3].task->id, "d");
	assert_string_equal(rows[4].task->id, "new");

	/* A success is never replaced. */
	row = &rows[0];
	assert_int_equal(row->agent->status, AGENT_COMPLETED);
	assert_string_equal(row->from->dir.name, B0);
	assert_int_equal(row->attempts, 2);
	assert_int_equal(row->cycles_failed, 1);
	/* A failure is healed. */
	row = row_of(rows, nr, "b");
	assert_int_equal(row->agent->status, AGENT_COMPLETED);
	assert_string_equal(row->from->dir.name, B1);
	assert_int_equal(row->attempt->n, 1);
	assert_int_equal(row->attempts, 3);
	assert_int_equal(row->cycles_failed, 1);
	assert_string_equal(row->first_failed_in->dir.name, B0);
	assert_int_equal(row->first_failure->n, 2);
	assert_int_equal(row->first_failure->class, CLASS_CRASH);
	assert_true(row->is_cost_told && row->cost_usd == 0.75);
	assert_int_equal(row->tokens_in, 300);
	assert_int_equal(row->tokens_out, 30);
	/* Of two failures it is the later one. */
	row = row_of(rows, nr, "c");
	assert_int_equal(row->agent->class, CLASS_TIMEOUT);
	assert_string_equal(row->from->dir.name, B1);
	assert_int_equal(row->cycles_failed, 2);
	assert_string_equal(row->first_failed_in->dir.name, B0);
	/* Not to have been run says less than how it failed. */
	row = row_of(rows, nr, "d");
	assert_int_equal(row->agent->status, AGENT_FAILED);
	assert_int_equal(row->agent->class, CLASS_TRANSIENT);
	assert_string_equal(row->from->dir.name, B0);
	assert_int_equal(row->cycles_failed, 2);
	assert_int_equal(row->attempts, 1);
	row = row_of(rows, nr, "new");
	assert_string_equal(row->from->dir.name, B1);
	assert_int_equal(row->cycles_failed, 0);
	assert_null(row->first_failure);
	free(rows);
	run_reader_close(&r);
}

/* While the child lives, its rows are what they are now. */
static void a_row_that_is_being_healed(void **state)
{
	const struct merged_row *row;
	struct merged_row *rows;
	struct run_reader r;
	uint32_t nr;

	(void)state;
	disk_batch(&dir, B0, CSV);
	disk_born(&dir, B0, NULL, NULL, 0, 100);
	disk_attempt(&dir, B0, "a", 1, "transient", "failed");
	disk_attempt(&dir, B0, "b", 1, "transient", "failed");
	disk_cycle(&dir, B0, B1);
	disk_end(&dir, B0, "finished", 1);
	disk_batch(&dir, B1, "id,task\na,do a\nb,do b\n");
	disk_born(&dir, B1, B0, B0, 1, 200);
	disk_event(&dir, B1, "{\"t\":6,\"ev\":\"start\",\"id\":\"a\",\"n\":1}");
	disk_event(&dir, B1, "{\"t\":6,\"ev\":\"exit\",\"id\":\"a\",\"n\":1,\"void\":true}");
	disk_event(&dir, B1, "{\"t\":6,\"ev\":\"start\",\"id\":\"a\",\"n\":2}");
	open_run(&r, B1);
	rows = run_merge(&r, &nr);
	row = row_of(rows, nr, "a");
	assert_int_equal(row->agent->phase, PHASE_RUNNING);
	assert_int_equal(row->attempt->n, 2);
	assert_int_equal(row->attempts, 2); /* the void one was none */
	row = row_of(rows, nr, "b");
	assert_int_equal(row->agent->status, AGENT_PENDING);
	assert_null(row->attempt);
	/* c left no trace in a batch that has ended. */
	row = row_of(rows, nr, "c");
	assert_int_equal(row->agent->status, AGENT_PENDING);
	assert_int_equal(row->cycles_failed, 1);
	assert_false(row->is_cost_told);
	free(rows);
	run_reader_close(&r);
}

/* X3: readers take no lock, whatever they do. */
static void readers_hold_nothing(void **state)
{
	struct run_reader r;
	int i, fds[2];

	(void)state;
	make_chain();
	open_run(&r, B0);
	for (i = 0; i < 2; i++) {
		assert_true(run_reader_refresh(&r, NULL) >= 0);
		fds[0] = disk_hold(&dir, B0, LOCK_BATCH); /* aborts when it cannot */
		fds[1] = disk_hold(&dir, B0, LOCK_RUN);
		close(fds[0]);
		close(fds[1]);
	}
	run_reader_close(&r);
}

/* ---- roles -------------------------------------------------------------- */

static void born_with_roles(void)
{
	disk_event(&dir, B0,
	    "{\"t\":5,\"m\":1,\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\",\"pid\":1,"
	    "\"cycle\":"
	    "0,\"options\":{\"planner_command\":\"p\",\"validator_command\":\"v\"}}");
}

/* Before the plan is there a run with a planner has no rows; then it has them, with all that the
 * journal says of them. */
static void a_plan_comes_later(void **state)
{
	struct batch_reader r;
	struct err err = ERR_INIT;

	(void)state;
	disk_batch(&dir, B0, NULL);
	born_with_roles();
	open_batch(&r, B0);
	assert_true(r.awaits_plan);
	assert_int_equal(r.state.nr_agents, 0);
	disk_event(&dir, B0,
	    "{\"t\":6,\"m\":6,\"ev\":\"solve\",\"phase\":\"planning\",\"round\":0,"
	    "\"role\":\"roles/planner-1\"}");
	assert_int_equal(batch_reader_refresh(&r, NULL), 1);
	assert_true(r.state.solve.is_told);
	temp_dir_put_str(&dir, B0 "/" TASKS_NAME, "id,task\na,do a\na,twice\n");
	assert_int_equal(batch_reader_refresh(&r, &err), -1);
	assert_int_equal(r.state.nr_agents, 0);
	temp_dir_put_str(&dir, B0 "/" TASKS_NAME, CSV);
	disk_attempt(&dir, B0, "a", 1, "success", "completed");
	assert_int_equal(batch_reader_refresh(&r, NULL), 1);
	assert_false(r.awaits_plan);
	assert_int_equal(r.state.nr_agents, 3);
	assert_int_equal(r.state.counts[AGENT_COMPLETED], 1);
	assert_int_equal(r.state.solve.last_call[SOLVE_PLANNER], 1);
	assert_int_equal(batch_reader_refresh(&r, NULL), 0);
	batch_reader_close(&r);
}

/* Where nobody plans, a missing file is a fault. */
static void only_a_planner_may_bring_the_rows(void **state)
{
	struct batch_reader r;
	char *path = xasprintf("%s/" B0, dir.path);

	(void)state;
	disk_batch(&dir, B0, NULL);
	disk_event(&dir, B0,
	    "{\"t\":5,\"m\":1,\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\",\"pid\":1,"
	    "\"cycle\":"
	    "0,\"options\":{\"validator_command\":\"v\"}}");
	assert_int_equal(batch_reader_open(&r, path, NULL), -1);
	free(path);
}

static void make_call(const char *name, const char *id, long t)
{
	char path[128], csv[64];

	snprintf(path, sizeof(path), B0 "/roles/%s", name);
	snprintf(csv, sizeof(csv), "id,task\n%s,-\n", id);
	disk_batch(&dir, path, csv);
	disk_born(&dir, path, NULL, NULL, 0, t);
}

static void calls_of_roles_are_found(void **state)
{
	struct run_reader r;
	uint64_t events;

	(void)state;
	disk_batch(&dir, B0, CSV);
	born_with_roles();
	disk_event(&dir, B0,
	    "{\"t\":6,\"m\":6,\"ev\":\"solve\",\"phase\":\"planning\",\"round\":0,"
	    "\"role\":\"roles/planner-2\"}");
	assert_int_equal(mkdirat(dir.fd, B0 "/roles", 0700), 0);
	make_call("planner-1", "planner", 6);
	open_run(&r, B0);
	/* Told, but not there yet. */
	assert_int_equal(r.nr, 1);
	assert_int_equal(r.roles.nr, 1);
	assert_null(role_calls_now(&r.roles, &r.batches[0]->state.solve));
	make_call("planner-2", "planner", 7);
	assert_int_equal(run_reader_refresh(&r, NULL), 1);
	assert_int_equal(r.roles.nr, 2);
	assert_string_equal(role_call_id(role_calls_now(&r.roles, &r.batches[0]->state.solve)),
	    "planner-2");
	disk_event(&dir, B0,
	    "{\"t\":8,\"m\":8,\"ev\":\"solve\",\"phase\":\"validating\",\"round\":0,"
	    "\"role\":\"roles/validator-1\"}");
	make_call("validator-1", "validator", 8);
	assert_int_equal(run_reader_refresh(&r, NULL), 1);
	assert_int_equal(r.roles.nr, 3);
	assert_ptr_equal(role_calls_find(&r.roles, "planner"), &r.roles.v[1]);
	assert_ptr_equal(role_calls_find(&r.roles, "planner-1"), &r.roles.v[0]);
	assert_ptr_equal(role_calls_find(&r.roles, "roles/validator-1"), &r.roles.v[2]);
	assert_null(role_calls_find(&r.roles, "validator-2"));
	assert_null(role_calls_find(&r.roles, "synthesizer"));
	assert_null(role_calls_find(&r.roles, "a"));
	/* What goes on in a call is news of the run, and no part of its rows. */
	events = run_reader_events(&r);
	disk_attempt(&dir, B0 "/roles/validator-1", "validator", 1, "success", "completed");
	assert_int_equal(run_reader_refresh(&r, NULL), 1);
	assert_true(run_reader_events(&r) > events);
	assert_int_equal(r.batches[0]->state.counts[AGENT_COMPLETED], 0);
	assert_int_equal(run_reader_refresh(&r, NULL), 0);
	run_reader_close(&r);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    T(a_batch_is_loaded),
	    T(a_missing_journal_is_an_empty_one),
	    T(what_cannot_be_opened),
	    T(nothing_is_judged_again),
	    T(accounts_come_from_the_options),
	    T(a_replaced_manifest_is_seen),
	    T(a_newer_version),
	    T(the_rest_of_a_torn_journal),
	    T(how_a_batch_stands),
	    T(ready_rows_behind_a_closed_gate_wait),
	    T(a_cycle_that_cools_off_waits),
	    T(opened_by_any_of_its_batches),
	    T(children_appear),
	    T(in_order_of_creation),
	    T(names_that_lead_astray),
	    T(whose_original_is_gone),
	    T(how_a_run_stands),
	    T(exit_codes),
	    T(the_living_batch_is_the_last),
	    T(the_best_outcome_of_a_row),
	    T(a_row_that_is_being_healed),
	    T(readers_hold_nothing),
	    T(a_plan_comes_later),
	    T(only_a_planner_may_bring_the_rows),
	    T(calls_of_roles_are_found),
	};

	return cmocka_run_group_tests_name("run_reader", tests, NULL, NULL);
}
