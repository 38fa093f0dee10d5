/* A run of solve on disk for tests of screens and printers, up to a stage: a plan of four rows, one of
 * which fails; a validation that asks for it again, one that asks for more, one that passes. */
#ifndef AB_TESTS_SOLVE_FIXTURE_H
#define AB_TESTS_SOLVE_FIXTURE_H

#include "disk_batch.h"

#define SOLVE_B0 "batch-20261121-233000"
#define SOLVE_B1 "batch-20261121-234000"
#define SOLVE_B2 "batch-20261121-234500"
/* 2026-11-21 23:52:09 UTC */
#define SOLVE_NOW_S 1795305129L

enum solve_stage {
	STAGE_PLANNING, /* the planner has run 12 s; there is no row yet */
	STAGE_EXECUTING,
	STAGE_VALIDATING, /* round 1: the validator waits for its second try */
	STAGE_STOPPED, /* it has failed for good */
	STAGE_EXTENDING, /* round 2: a new row runs */
	STAGE_DONE
};

struct solve_fixture {
	struct temp_dir dir;
	int lock_fds[3]; /* of the run, the batch that lives, the call that runs; -1: none */
};

/* One event, so many seconds before now; `fields` behind t and m. */
__attribute__((format(printf, 4, 5))) static inline void solve_tell(const struct solve_fixture *f,
    const char *batch, long ago, const char *fmt, ...)
{
	char fields[900];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fields, sizeof(fields), fmt, ap);
	va_end(ap);
	disk_event(&f->dir, batch, "{\"t\":%ld,\"m\":%ld,%s}", SOLVE_NOW_S - ago,
	    (100000 - ago) * 1000, fields);
}

static inline void solve_start(const struct solve_fixture *f, const char *batch, const char *id,
    int n, long ago)
{
	solve_tell(f, batch, ago,
	    "\"ev\":\"start\",\"id\":\"%s\",\"n\":%d,\"account\":\"claude\",\"log_from\":0", id, n);
}

static inline void solve_end(const struct solve_fixture *f, const char *batch, const char *id,
    int n, long ago, const char *class, const char *message)
{
	bool is_good = strcmp(class, "success") == 0;

	solve_tell(f, batch, ago, "\"ev\":\"exit\",\"id\":\"%s\",\"n\":%d,\"code\":%d", id, n,
	    !is_good);
	solve_tell(f, batch, ago,
	    "\"ev\":\"verdict\",\"id\":\"%s\",\"n\":%d,\"class\":\"%s\",\"charged\":true,"
	    "\"cost_usd\":0.05,\"tokens_in\":1000,\"tokens_out\":200,\"message\":\"%s\"",
	    id, n, class, message);
	if (is_good)
		solve_tell(f, batch, ago,
		    "\"ev\":\"status\",\"id\":\"%s\",\"status\":\"completed\"", id);
}

static inline void solve_row(const struct solve_fixture *f, const char *batch, const char *id,
    long from, long to)
{
	solve_start(f, batch, id, 1, from);
	solve_end(f, batch, id, 1, to, "success", "");
}

static inline void solve_fails(const struct solve_fixture *f, const char *batch, const char *id,
    long from, long to, const char *class, const char *message)
{
	solve_start(f, batch, id, 1, from);
	solve_end(f, batch, id, 1, to, class, message);
	solve_tell(f, batch, to, "\"ev\":\"status\",\"id\":\"%s\",\"status\":\"failed\"", id);
}

/* `kind` NULL: the original. */
static inline void solve_born(const struct solve_fixture *f, const char *name, const char *parent,
    const char *kind, int cycle, long ago)
{
	static const char options[] =
	    "{\"problem\":\"How many people lived in Berlin in 1910, and where do we know it "
	    "from?\","
	    "\"planner\":\"claude\",\"synthesizer\":\"claude\",\"validator\":\"claude\","
	    "\"agent\":\"claude\",\"max_validation_retries\":2}";

	if (!kind)
		solve_tell(f, name, ago,
		    "\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\",\"pid\":1,\"cycle\":0,"
		    "\"jobs\":8,\"options\":%s",
		    options);
	else
		solve_tell(f, name, ago,
		    "\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\",\"pid\":1,\"cycle\":%d,"
		    "\"jobs\":8,\"original\":\"" SOLVE_B0
		    "\",\"parent\":\"%s\",\"kind\":\"%s\",\"options\":%s",
		    cycle, parent, kind, options);
}

static inline void solve_finished(const struct solve_fixture *f, const char *name, long ago,
    int exit)
{
	solve_tell(f, name, ago, "\"ev\":\"end\",\"state\":\"finished\",\"exit\":%d", exit);
}

static inline void solve_phase(const struct solve_fixture *f, long ago, const char *phase,
    int round, const char *rest)
{
	solve_tell(f, SOLVE_B0, ago, "\"ev\":\"solve\",\"phase\":\"%s\",\"round\":%d%s", phase,
	    round, rest);
}

/* A call begins: told by the run, and the first event of its own. */
static inline void solve_call(const struct solve_fixture *f, long ago, const char *phase, int round,
    const char *role, int k)
{
	char path[128], csv[64], rest[64];

	snprintf(rest, sizeof(rest), ",\"role\":\"roles/%s-%d\"", role, k);
	solve_phase(f, ago, phase, round, rest);
	snprintf(path, sizeof(path), SOLVE_B0 "/roles/%s-%d", role, k);
	snprintf(csv, sizeof(csv), "id,task\n%s,-\n", role);
	disk_batch(&f->dir, path, csv);
	solve_tell(f, path, ago,
	    "\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b\",\"pid\":1,\"cycle\":0,\"jobs\":"
	    "1,"
	    "\"options\":{\"role\":\"%s\",\"agent\":\"claude\"}",
	    role);
	solve_start(f, path, role, 1, ago);
}

static inline void solve_log(const struct solve_fixture *f, const char *role, int k,
    const char *text)
{
	char path[160];

	snprintf(path, sizeof(path), SOLVE_B0 "/roles/%s-%d/agent-%s.log", role, k, role);
	temp_dir_put_str(&f->dir, path, text);
}

static inline void solve_answers(const struct solve_fixture *f, long ago, const char *role, int k)
{
	char path[128];

	snprintf(path, sizeof(path), SOLVE_B0 "/roles/%s-%d", role, k);
	solve_end(f, path, role, 1, ago, "success", "");
	solve_finished(f, path, ago, 0);
}

static inline void solve_plan(struct solve_fixture *f)
{
	disk_batch(&f->dir, SOLVE_B0, NULL);
	if (mkdirat(f->dir.fd, SOLVE_B0 "/roles", 0700) < 0)
		abort();
	solve_born(f, SOLVE_B0, NULL, NULL, 0, 1300);
	solve_call(f, 1300, "planning", 0, "planner", 1);
	solve_log(f, "planner", 1,
	    "=== attempt 1 at 2026-11-21 23:30:29 ===\n"
	    "assistant: Two sources at least, so that one can be held against the other.\n");
}

static inline void solve_execute(struct solve_fixture *f)
{
	solve_answers(f, 1270, "planner", 1);
	temp_dir_put_str(&f->dir, SOLVE_B0 "/" TASKS_NAME,
	    "id,task,depends_on\n"
	    "step_1,Find the census of 1910,\n"
	    "step_2,Find a second source,\n"
	    "step_3,Compare them,step_1 step_2\n"
	    "step_4,Write the paragraph,step_3\n");
	solve_phase(f, 1269, "executing", 0, ",\"rows\":4");
	solve_row(f, SOLVE_B0, "step_1", 1269, 1200);
}

static inline void solve_judge(struct solve_fixture *f)
{
	solve_fails(f, SOLVE_B0, "step_2", 1269, 1100, "task_error", "no second source was found");
	solve_tell(f, SOLVE_B0, 1100,
	    "\"ev\":\"status\",\"id\":\"step_3\",\"status\":\"skipped\",\"why\":\"step_2 did not "
	    "complete\"");
	solve_tell(f, SOLVE_B0, 1100,
	    "\"ev\":\"status\",\"id\":\"step_4\",\"status\":\"skipped\",\"why\":\"step_3 did not "
	    "complete\"");
	solve_finished(f, SOLVE_B0, 1099, 1);
	solve_call(f, 1098, "synthesizing", 0, "synthesizer", 1);
	solve_answers(f, 1070, "synthesizer", 1);
	solve_call(f, 1069, "validating", 0, "validator", 1);
	solve_answers(f, 1040, "validator", 1);
	solve_phase(f, 1040, "validating", 0,
	    ",\"is_complete\":false,\"data_quality\":\"poor\",\"missing\":2,\"why\":\"a second "
	    "source; the "
	    "comparison\"");
	solve_phase(f, 1039, "executing", 1,
	    ",\"child\":\"" SOLVE_B1 "\",\"kind\":\"retry\",\"rows\":3");
	solve_tell(f, SOLVE_B0, 1039, "\"ev\":\"cycle\",\"child\":\"" SOLVE_B1 "\",\"rows\":3");
	disk_batch(&f->dir, SOLVE_B1,
	    "id,task,depends_on,tags\n"
	    "step_2,Find a second source,,RETRY-1\n"
	    "step_3,Compare them,step_1 step_2,\n"
	    "step_4,Write the paragraph,step_3,\n");
	solve_born(f, SOLVE_B1, SOLVE_B0, "retry", 1, 1038);
	solve_row(f, SOLVE_B1, "step_2", 1038, 900);
	solve_row(f, SOLVE_B1, "step_3", 899, 820);
	solve_row(f, SOLVE_B1, "step_4", 819, 700);
	solve_finished(f, SOLVE_B1, 699, 0);
	solve_call(f, 698, "synthesizing", 1, "synthesizer", 2);
	solve_answers(f, 650, "synthesizer", 2);
	solve_call(f, 649, "validating", 1, "validator", 2);
}

static inline void solve_waits(struct solve_fixture *f)
{
	const char *call = SOLVE_B0 "/roles/validator-2";

	solve_end(f, call, "validator", 1, 30, "rate_limit", "429 Too Many Requests");
	solve_tell(f, call, 30,
	    "\"ev\":\"status\",\"id\":\"validator\",\"status\":\"in_progress\",\"phase\":"
	    "\"backoff\"");
	solve_tell(f, call, 30,
	    "\"ev\":\"wait\",\"id\":\"validator\",\"until\":%ld,\"why\":\"told\"",
	    SOLVE_NOW_S + 23);
}

static inline void solve_gives_up(struct solve_fixture *f)
{
	const char *call = SOLVE_B0 "/roles/validator-2";

	solve_end(f, call, "validator", 1, 30, "auth", "401 invalid api key");
	solve_tell(f, call, 30, "\"ev\":\"status\",\"id\":\"validator\",\"status\":\"failed\"");
	solve_finished(f, call, 30, 1);
	solve_phase(f, 29, "validating", 1,
	    ",\"why\":\"validator failed: auth: 401 invalid api key\",\"exit\":1");
}

static inline void solve_extend(struct solve_fixture *f)
{
	solve_answers(f, 600, "validator", 2);
	solve_phase(f, 600, "validating", 1,
	    ",\"is_complete\":false,\"data_quality\":\"fair\",\"missing\":1,\"why\":\"the page of "
	    "the "
	    "census\"");
	solve_call(f, 599, "planning", 2, "planner", 2);
	solve_answers(f, 560, "planner", 2);
	solve_phase(f, 559, "executing", 2,
	    ",\"child\":\"" SOLVE_B2 "\",\"kind\":\"extension\",\"rows\":1");
	solve_tell(f, SOLVE_B1, 559,
	    "\"ev\":\"cycle\",\"child\":\"" SOLVE_B2 "\",\"rows\":1,\"kind\":\"extension\"");
	disk_batch(&f->dir, SOLVE_B2, "id,task\nstep_5,Find the page of the census\n");
	solve_born(f, SOLVE_B2, SOLVE_B1, "extension", 2, 558);
	solve_start(f, SOLVE_B2, "step_5", 1, 558);
}

static inline void solve_passes(struct solve_fixture *f)
{
	solve_end(f, SOLVE_B2, "step_5", 1, 400, "success", "");
	solve_finished(f, SOLVE_B2, 399, 0);
	solve_call(f, 398, "synthesizing", 2, "synthesizer", 3);
	solve_answers(f, 350, "synthesizer", 3);
	solve_call(f, 349, "validating", 2, "validator", 3);
	solve_answers(f, 300, "validator", 3);
	solve_phase(f, 300, "validating", 2,
	    ",\"is_complete\":true,\"data_quality\":\"good\",\"missing\":0");
	solve_phase(f, 299, "done", 2, ",\"exit\":0");
}

/* -1: it cannot be made. Held as its conductor would hold it. */
static inline int solve_fixture_make(struct solve_fixture *f, enum solve_stage stage)
{
	static const char *const living[] = {
	    [STAGE_PLANNING] = SOLVE_B0 "/roles/planner-1",
	    [STAGE_EXECUTING] = SOLVE_B0,
	    [STAGE_VALIDATING] = SOLVE_B0 "/roles/validator-2",
	    [STAGE_EXTENDING] = SOLVE_B2,
	};

	f->lock_fds[0] = f->lock_fds[1] = f->lock_fds[2] = -1;
	if (temp_dir_make(&f->dir) < 0)
		return -1;
	solve_plan(f);
	if (stage >= STAGE_EXECUTING)
		solve_execute(f);
	if (stage == STAGE_EXECUTING)
		solve_start(f, SOLVE_B0, "step_2", 1, 140);
	if (stage >= STAGE_VALIDATING)
		solve_judge(f);
	if (stage == STAGE_VALIDATING)
		solve_waits(f);
	if (stage == STAGE_STOPPED)
		solve_gives_up(f);
	if (stage >= STAGE_EXTENDING)
		solve_extend(f);
	if (stage >= STAGE_DONE)
		solve_passes(f);
	if (stage == STAGE_STOPPED || stage == STAGE_DONE)
		return 0;
	f->lock_fds[0] = disk_hold(&f->dir, SOLVE_B0, LOCK_RUN);
	if (stage != STAGE_EXECUTING && stage != STAGE_EXTENDING)
		f->lock_fds[1] = disk_hold(&f->dir, SOLVE_B0, LOCK_BATCH);
	f->lock_fds[2] = disk_hold(&f->dir, living[stage], LOCK_BATCH);
	return 0;
}

static inline void solve_fixture_path(const struct solve_fixture *f, char out[200])
{
	snprintf(out, 200, "%s/" SOLVE_B0, f->dir.path);
}

static inline void solve_fixture_remove(struct solve_fixture *f)
{
	size_t i;

	for (i = 0; i < 3; i++)
		if (f->lock_fds[i] >= 0)
			close(f->lock_fds[i]);
	temp_dir_remove(&f->dir);
}

#endif
