/* Verdicts, stops and the end of a run with roles. */
#include "engine/solve_parts.h"
#include "base/file.h"
#include "formats/results.h"

#include <stdio.h>
#include <string.h>

static void missing_text(const struct verdict_reply *v, struct buf *out)
{
	size_t i;

	for (i = 0; i < v->nr_missing && out->len < 400; i++)
		buf_fmt(out, "%s%.200s", i ? "; " : "", v->missing[i]);
	if (i < v->nr_missing)
		buf_str(out, "; ...");
}

static void say_verdict(struct engine *e, const struct verdict_reply *v, const char *missing)
{
	struct buf line = BUF_INIT;

	buf_fmt(&line, "Validation: %s, quality %s", v->is_complete ? "complete" : "not complete",
	    solve_quality_name(v->quality));
	if (v->nr_missing)
		buf_fmt(&line, ": %zu missing requirement%s: %s", v->nr_missing,
		    v->nr_missing == 1 ? "" : "s", missing);
	engine_say(e, line.data);
	buf_release(&line);
}

int solve_tell_verdict(struct stepper *s)
{
	struct buf reply = BUF_INIT, missing = BUF_INIT;
	struct verdict_reply v;
	struct event ev;
	int rc = solve_reply(s, SOLVE_VALIDATOR, &reply);

	if (rc == 0) {
		rc = verdict_reply_read(&v, reply.data, reply.len, &s->e->err);
		missing_text(&v, &missing);
		solve_init_told(&ev, &s->step);
		ev.solve.has_verdict = true;
		ev.solve.is_complete = v.is_complete;
		ev.solve.quality = v.quality;
		ev.solve.nr_missing = (int64_t)v.nr_missing;
		ev.solve.why = missing.len ? missing.data : NULL;
		if (rc == 0) {
			say_verdict(s->e, &v, missing.data);
			rc = solve_tell(s->e, &ev);
		}
		verdict_reply_release(&v);
	}
	buf_release(&missing);
	buf_release(&reply);
	return rc;
}

static void write_results(struct stepper *s, enum end_state state)
{
	struct err err = ERR_INIT;

	if (results_write(&s->run, state, &err) < 0)
		engine_sayf(s->e, "cannot write the results: %s", err.msg);
}

/* The best there is: the last synthesis. */
static int write_answer(struct stepper *s)
{
	struct engine *e = s->e;
	uint32_t k = solve_now(e)->last_call[SOLVE_SYNTHESIZER];
	char name[ROLE_CALL_SIZE];
	struct buf reply = BUF_INIT;
	struct call_look c;
	size_t len;
	int rc = 0;

	if (k == 0)
		return 0;
	solve_call_name(SOLVE_SYNTHESIZER, k, name);
	role_call_look(&e->dir, name, &c);
	if (c.state != CALL_READ)
		return 0;
	rc = role_call_reply(&e->dir, SOLVE_SYNTHESIZER, name, c.n, &reply, &e->err);
	if (rc == 0)
		rc = answer_reply_read(reply.data, reply.len, &len, &e->err);
	if (rc == 0) {
		buf_cut(&reply, len);
		buf_ch(&reply, '\n');
		rc = file_replace(e->dir.fd, ANSWER_NAME, reply.data, reply.len, &e->err);
	}
	buf_release(&reply);
	return rc;
}

/* Why it ends without having passed. */
static void end_reason(const struct engine *e, char *why, size_t size)
{
	const struct solve_verdict *v = solve_last_verdict(solve_now(e));

	why[0] = '\0';
	if (!v)
		return;
	if (solve_has_passed(v->is_complete, v->quality))
		snprintf(why, size, "validation passed");
	else if (v->round >= e->options.max_validation_retries)
		snprintf(why, size, "validation has not passed, and its %d retr%s spent%s%.600s",
		    e->options.max_validation_retries,
		    e->options.max_validation_retries == 1 ? "y is" : "ies are",
		    v->why ? ": still missing: " : "", v->why ? v->why : "");
	else
		snprintf(why, size,
		    "validation has not passed, nothing that failed can run again, and there is no "
		    "planner%s%.600s",
		    v->why ? ": missing: " : "", v->why ? v->why : "");
}

int solve_end_run(struct stepper *s)
{
	struct engine *e = s->e;
	char why[800];
	struct event ev;

	if (write_answer(s) < 0)
		return -1;
	write_results(s, END_FINISHED);
	end_reason(e, why, sizeof(why));
	solve_init_told(&ev, &s->step);
	ev.solve.exit_code = s->step.exit_code;
	ev.solve.why = why[0] ? why : NULL;
	if (solve_tell(e, &ev) < 0)
		return -1;
	engine_sayf(e, "done: %s", why[0] ? why : "all phases are over");
	e->status = s->step.exit_code;
	return 1;
}

static void stop_reason(const struct stepper *s, char *why, size_t size)
{
	const struct solve *solve = solve_now(s->e);
	const struct batch *b = &s->last->state;
	int role = solve_role_of_phase(solve->phase);

	if (role < 0) {
		snprintf(why, size, "%.700s",
		    b->end_why        ? b->end_why
			: b->stop_why ? b->stop_why
				      : "stopped by the operator");
		return;
	}
	if (s->call.state == CALL_UNREAD && s->step.exit_code != EXIT_STOPPED)
		snprintf(why, size, "the %s gave no reply that could be read, %d times: %.700s",
		    solve_role_name((enum solve_role)role), s->e->options.attempts, s->call.why);
	else if (s->call.is_cancelled)
		snprintf(why, size, "the %s was cancelled", solve_role_name((enum solve_role)role));
	else if (s->call.state == CALL_FAILED)
		snprintf(why, size, "the %s failed: %.700s", solve_role_name((enum solve_role)role),
		    s->call.why);
	else
		snprintf(why, size, "%.700s",
		    s->call.why[0] ? s->call.why : "stopped by the operator");
}

int solve_stop_run(struct stepper *s)
{
	struct engine *e = s->e;
	char why[900];
	struct event ev;

	stop_reason(s, why, sizeof(why));
	write_results(s, END_STOPPED);
	solve_init_told(&ev, &s->step);
	ev.solve.child = solve_now(e)->child;
	ev.solve.csv = solve_now(e)->csv;
	ev.solve.kind = solve_now(e)->kind;
	ev.solve.until_t = solve_now(e)->until_t;
	ev.solve.role = solve_now(e)->call;
	ev.solve.exit_code = s->step.exit_code;
	ev.solve.why = why;
	if (solve_tell(e, &ev) < 0)
		return -1;
	engine_sayf(e, "%s; go on with: agent-batch resume %s", why, e->dir.name);
	e->status = s->step.exit_code;
	return 1;
}
