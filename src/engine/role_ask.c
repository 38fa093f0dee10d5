/* What a role's call is told. */
#include "engine/role.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "engine/command.h"
#include "engine/fill.h"
#include "engine/kept.h"
#include "exec/profiles.h"
#include "exec/prompts.h"
#include "formats/role_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Everything that a request borrows. */
struct asking {
	const struct run_reader *run;
	const struct batch_reader *original;
	struct merged_row *rows;
	uint32_t nr;
	struct role_row *plan;
	struct role_result *results;
	struct arena arena; /* outputs */
	struct verdict_reply verdict; /* that this round began with */
	bool has_verdict;
	struct buf answer;
	char feedback[1024]; /* "": none */
};

/* ---- the run so far ---------------------------------------------------------- */

/* The row as it was planned: of the first batch that has it. */
static struct role_row planned_row(const struct run_reader *run, const char *id)
{
	size_t i;

	for (i = 0; i < run->nr; i++) {
		const struct tasks *ts = &run->batches[i]->tasks;
		uint32_t row = tasks_find(ts, id);

		if (row != MAP_NONE)
			return (struct role_row){ts, &ts->v[row]};
	}
	BUG("a merged row is of no batch");
}

/* The beginning of what the row's attempt left for others (engine/kept.h). -1: it is not there. */
static ssize_t read_kept(const struct batch_dir *original, const char *id, char *out, size_t max)
{
	char name[sizeof(KEPT_NAME) + 256];
	ssize_t n;
	int fd;

	snprintf(name, sizeof(name), KEPT_NAME "/%s", id);
	fd = file_open_read(original->fd, name, NULL);
	if (fd < 0)
		return -1;
	n = pread_all(fd, out, max, 0);
	close(fd);
	return n;
}

/* Its output file, else its answer, else what it printed. */
static void add_output(struct asking *a, const struct merged_row *row, struct role_result *r)
{
	/* One byte more, so that what was cut is told to be. */
	char *kept = xmalloc(ROLE_OUTPUT_MAX + 1);
	ssize_t n = read_kept(&a->original->dir, row->task->id, kept, ROLE_OUTPUT_MAX + 1);

	if (n >= 0) {
		r->output = arena_strndup(&a->arena, kept, (size_t)n);
		r->output_len = (size_t)n;
	} else if (row->attempt && row->attempt->answer) {
		r->output = row->attempt->answer;
		r->output_len = strlen(r->output);
	}
	free(kept);
}

static void add_rows(struct asking *a)
{
	uint32_t i;

	a->rows = run_merge(a->run, &a->nr);
	a->plan = xcalloc(a->nr, sizeof(*a->plan));
	a->results = xcalloc(a->nr, sizeof(*a->results));
	for (i = 0; i < a->nr; i++) {
		const struct merged_row *row = &a->rows[i];
		struct role_result *r = &a->results[i];

		a->plan[i] = planned_row(a->run, row->task->id);
		*r = (struct role_result){
		    .id = row->task->id,
		    .status = status_name(row->agent->status),
		    .class_name = class_name(row->agent->class),
		    .output_file = task_get(&row->from->tasks, row->agent->task, COL_OUTPUT_FILE),
		    .attempts = row->attempts,
		};
		if (row->agent->status == AGENT_COMPLETED)
			add_output(a, row, r);
	}
}

/* ---- what other calls have said -------------------------------------------------- */

/* The reply of a call that was read. 1: it was not. */
static int read_call(const struct asking *a, enum solve_role role, const char *name,
    struct buf *reply, struct err *err)
{
	struct call_look c;

	role_call_look(&a->original->dir, name, &c);
	if (c.state != CALL_READ)
		return 1;
	return role_call_reply(&a->original->dir, role, name, c.n, reply, err);
}

/* Why the round is on: what the last validation missed. */
static int add_verdict(struct asking *a, struct err *err)
{
	const struct solve_verdict *last = solve_last_verdict(&a->original->state.solve);
	struct buf reply = BUF_INIT;
	int rc;

	if (!last || !last->call)
		return 0;
	rc = read_call(a, SOLVE_VALIDATOR, last->call, &reply, err);
	if (rc == 0) {
		rc = verdict_reply_read(&a->verdict, reply.data, reply.len, err);
		a->has_verdict = true;
	}
	buf_release(&reply);
	return rc < 0 ? -1 : 0;
}

/* The answer that is judged: this round's, the synthesizer's last one. */
static int add_answer(struct asking *a, struct err *err)
{
	uint32_t k = a->original->state.solve.last_call[SOLVE_SYNTHESIZER];
	char name[ROLE_CALL_SIZE];
	size_t len;
	int rc;

	if (k == 0)
		return 0;
	solve_call_name(SOLVE_SYNTHESIZER, k, name);
	rc = read_call(a, SOLVE_SYNTHESIZER, name, &a->answer, err);
	if (rc == 0 && answer_reply_read(a->answer.data, a->answer.len, &len, err) == 0)
		buf_cut(&a->answer, len);
	return rc < 0 ? -1 : 0;
}

/* The call before this one, where it gave no reply that could be read. */
static void add_feedback(struct asking *a, enum solve_role role, uint32_t k)
{
	char name[ROLE_CALL_SIZE];
	struct call_look c;

	if (k < 2)
		return;
	solve_call_name(role, k - 1, name);
	role_call_look(&a->original->dir, name, &c);
	if (c.state == CALL_UNREAD)
		snprintf(a->feedback, sizeof(a->feedback), "%s", c.why);
}

/* ---- the request ------------------------------------------------------------------- */

static void write_request(const struct asking *a, enum solve_role role, size_t outputs_max,
    int indent, struct buf *out)
{
	const struct options *o = &a->original->manifest.options;
	const struct role_request r = {
	    .role = role,
	    .problem = o->problem,
	    .attachments = (const char *const *)o->attachments.v,
	    .nr_attachments = o->attachments.nr,
	    .plan = a->plan,
	    .nr_plan = a->nr,
	    .missing = a->verdict.missing,
	    .nr_missing = a->verdict.nr_missing,
	    .warnings = a->verdict.warnings,
	    .nr_warnings = a->verdict.nr_warnings,
	    .results = a->results,
	    .nr_results = a->nr,
	    .outputs_max = outputs_max,
	    .answer = a->answer.data,
	    .feedback = a->feedback[0] ? a->feedback : NULL,
	    .indent = indent,
	};

	role_request_write(out, &r);
}

/* Whether the role's program is given its prompt as an argument, which holds less than a file. */
static bool is_asked_by_argument(const char *profile)
{
	struct profile p;
	bool is = false;

	if (profile_load(profile, &p, NULL) != 0)
		return false;
	is = words_use(&p.command, "task");
	profile_release(&p);
	return is;
}

/* Outputs give way until the prompt fits; what is too long without any is the program's to refuse. */
static void write_prompt(const struct asking *a, enum solve_role role, const char *text,
    struct buf *out)
{
	const char *profile = a->original->manifest.options.role_profile[role];
	size_t max = is_asked_by_argument(profile) ? ARG_MAX_BYTES : SIZE_MAX;
	size_t outputs_max = ROLE_PROMPT_OUTPUTS_MAX;
	struct buf request = BUF_INIT, prompt = BUF_INIT;

	for (;; outputs_max /= 2) {
		write_request(a, role, outputs_max, 2, &request);
		prompt_fill(&prompt, text, request.data, a->feedback[0] ? a->feedback : NULL);
		if (prompt.len <= max || outputs_max <= 1)
			break;
		buf_reset(&request);
		buf_reset(&prompt);
	}
	buf_add(out, prompt.data, prompt.len);
	buf_release(&prompt);
	buf_release(&request);
}

/* A command reads the request; an agent program reads a prompt with the request in it. */
static int write_words(const struct asking *a, enum solve_role role, struct buf *out,
    struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = 0;

	if (a->original->manifest.options.role_command[role]) {
		write_request(a, role, 0, 0, out);
		buf_ch(out, '\n');
		return 0;
	}
	rc = prompt_load(role, &text, err);
	if (rc == 0)
		write_prompt(a, role, text.data, out);
	buf_release(&text);
	return rc;
}

int role_ask(const struct run_reader *run, enum solve_role role, uint32_t k, struct buf *out,
    struct err *err)
{
	struct asking a = {
	    .run = run, .original = run->batches[0], .arena = ARENA_INIT, .answer = BUF_INIT};
	int rc = 0;

	add_rows(&a);
	add_feedback(&a, role, k);
	if (role == SOLVE_PLANNER)
		rc = add_verdict(&a, err);
	if (role == SOLVE_VALIDATOR)
		rc = add_answer(&a, err);
	if (rc == 0)
		rc = write_words(&a, role, out, err);
	if (a.has_verdict)
		verdict_reply_release(&a.verdict);
	buf_release(&a.answer);
	arena_release(&a.arena);
	free(a.results);
	free(a.plan);
	free(a.rows);
	return rc;
}
