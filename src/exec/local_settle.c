/* Who tells us of an end? For an attempt of our own, its shim: it exits (SIGCHLD), or sends a line
 * when it stays to clear up. For an attempt that an earlier conductor started, pidfds of shim and
 * agent. In each case what counts is the record, read under the rule "first the lock, then the
 * text"; the processes only say when to look. A shim that was killed leaves its agent to us: then
 * the agent's own status is reaped here, and written into the record in the shim's place.
 *
 * Nothing is told from inside a call of the owner: all of this is run by the loop. */
#include "exec/local_priv.h"
#include "exec/procstat.h"
#include "exec/shim/shim.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- telling the owner ---- */

static void tell_end(struct local *lx, struct job *job, const struct ev_exit *exit)
{
	struct ev_exit told = *exit;

	told.log_to = local_log_size(lx, job->ref.agent);
	job->has_ended = true;
	lx->base.on_end(lx->base.ctx, job->ref, &told);
}

static void tell_end_as(struct local *lx, struct job *job, enum exit_how how, const char *message)
{
	struct ev_exit exit = {
	    .how = how,
	    .killed = job->killed,
	    .message = message,
	    .rss_kb = NUM_NONE,
	    .cpu_ms = NUM_NONE,
	};

	tell_end(lx, job, &exit);
}

static void tell_gone(struct local *lx, struct job *job)
{
	struct attempt_ref ref = job->ref;

	local_unwatch(job);
	jobs_remove(&lx->jobs, job);
	lx->base.on_gone(lx->base.ctx, ref);
}

/* No record of an end, nothing alive. */
static void tell_unknown(struct local *lx, struct job *job)
{
	tell_end_as(lx, job, EXIT_UNKNOWN, NULL);
	tell_gone(lx, job);
}

/* ---- what is known of a job by now ---- */

static bool read_record(struct local *lx, const struct job *job, struct record *r)
{
	char name[RECORD_NAME_SIZE];
	struct err err = ERR_INIT;

	local_record_name(lx, job->ref, name);
	if (record_read(lx->attempts_fd, name, r, &err) == 0)
		return true;
	local_log(lx, job->ref, "%s", err.msg);
	memset(r, 0, sizeof(*r));
	return false;
}

/* Its shim is alive, or was a moment ago: the lock may live in the agent's half until the exec. */
static void settle_held(struct local *lx, struct job *job, const struct record *r)
{
	if (r->has_start && !job->agent)
		local_watch(lx, job, r);
	if (job->owes_request && job->agent) {
		job->owes_request = false;
		local_hand_on_kill(lx, job);
	}
	local_poll_unless(lx, job, job->shim_watch && (job->has_ended || job->agent_watch));
}

/* The agent's end is told; what it left behind is what remains. Its shim has ended that, unless it
 * was killed itself. */
static void settle_ended(struct local *lx, struct job *job, const struct record *r)
{
	bool was_shim_killed = job->is_reaped && WIFSIGNALED(job->shim_status);

	if (job->clearing != CLEAR_NOT) {
		if (local_go_on_clearing(lx, job) > 0)
			return;
	} else if (was_shim_killed && !job->keeps_leftovers && local_signal_group(lx, job, 0) > 0) {
		local_begin_clearing(lx, job, false);
		return;
	}
	if (r->left[0])
		local_log(lx, job->ref, "left processes behind: %s", r->left);
	tell_gone(lx, job);
}

/* In place of a killed shim. */
void local_end_reaped(struct local *lx, struct job *job, const struct stray *s)
{
	struct instant now = clock_now();
	char name[RECORD_NAME_SIZE];
	struct err err = ERR_INIT;
	struct ev_exit exit = {
	    .how = WIFSIGNALED(s->status) ? EXIT_SIGNAL : EXIT_CODE,
	    .value = WIFSIGNALED(s->status) ? WTERMSIG(s->status) : WEXITSTATUS(s->status),
	    .killed = job->killed,
	    .rss_kb = s->rss_kb,
	    .cpu_ms = s->cpu_ms,
	};

	local_record_name(lx, job->ref, name);
	if (record_append_exit(lx->attempts_fd, name, &exit, now.wall_ms, now.mono_ms, &err) < 0)
		local_log(lx, job->ref, "its end is not in its record: %s", err.msg);
	jobs_set_pid(&lx->jobs, job, 0);
	job->state = JOB_WATCHED;
	tell_end(lx, job, &exit);
	local_settle(lx, job);
}

/* No lock, started, no exit: the shim was killed. If it was our child, so is the agent now. */
static void settle_orphan(struct local *lx, struct job *job, const struct record *r)
{
	struct procstat ps;
	struct stray s;
	bool is_there;

	if (job->is_reaped && local_take_stray(lx, job->agent, job->agent_start, &s)) {
		local_end_reaped(lx, job, &s);
		return;
	}
	is_there = procstat_read(job->agent, &ps) == 0 && ps.start_ticks == job->agent_start;
	if (is_there && ps.ppid == getpid()) {
		job->state = JOB_ORPHAN;
		jobs_set_pid(&lx->jobs, job, job->agent);
	} else if (is_there && ps.state != 'Z') {
		local_watch(lx, job, r);
	} else if (local_signal_group(lx, job, 0) == 0) {
		tell_unknown(lx, job);
		return;
	} else if (job->clearing == CLEAR_NOT) {
		local_begin_clearing(lx, job, job->is_killed_now);
	}
	if (job->killed != KILL_NONE && job->clearing == CLEAR_NOT)
		local_begin_clearing(lx, job, job->is_killed_now);
	if (job->clearing != CLEAR_NOT)
		(void)local_go_on_clearing(lx, job);
	else
		local_poll_unless(lx, job, job->state == JOB_ORPHAN || job->agent_watch);
}

/* No lock and no start line: the program was never executed, and will not be. */
static void settle_unstarted(struct local *lx, struct job *job, const struct record *r)
{
	bool is_failed = job->is_reaped && WIFEXITED(job->shim_status);
	int status = is_failed ? WEXITSTATUS(job->shim_status) : 0;
	char name[RECORD_NAME_SIZE], text[256];
	struct err err = ERR_INIT;
	int rc;

	if (is_failed && status == 0 && !r->is_there) {
		tell_unknown(lx, job); /* it wrote one: somebody has removed the directory */
		return;
	}
	local_record_name(lx, job->ref, name);
	rc = r->is_void ? 0 : record_claim_void(lx->attempts_fd, name, clock_now().wall_ms, &err);
	if (rc == 1 || (rc < 0 && !job->is_reaped)) {
		local_poll(lx, job); /* somebody is at it: look again */
		return;
	}
	if (is_failed && status < SHIM_TAKEN)
		snprintf(text, sizeof(text), "its record cannot be written: %s", strerror(status));
	else
		snprintf(text, sizeof(text), "its shim ended before it");
	tell_end_as(lx, job, EXIT_VOID, text);
	tell_gone(lx, job);
}

void local_settle(struct local *lx, struct job *job)
{
	struct record r;
	bool is_read;

	if (job->state == JOB_ORPHAN) {
		if (job->clearing != CLEAR_NOT)
			(void)local_go_on_clearing(lx, job); /* its end will be reaped */
		return;
	}
	is_read = read_record(lx, job, &r);
	if (r.has_exit && !job->has_ended)
		tell_end(lx, job, &r.exit);
	if (job->state == JOB_RUNNING)
		return; /* its shim will be reaped */
	if (!r.is_locked)
		local_note_processes(job, &r);
	if (r.is_locked) {
		settle_held(lx, job, &r);
	} else if (job->has_ended) {
		settle_ended(lx, job, &r);
	} else if (!is_read || (r.has_start && !local_is_here(lx, &r))) {
		tell_unknown(lx, job);
	} else if (r.has_start) {
		settle_orphan(lx, job, &r);
	} else {
		settle_unstarted(lx, job, &r);
	}
}
