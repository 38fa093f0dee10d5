/* Finding the attempts of an earlier conductor again. */
#include "exec/local_priv.h"
#include "exec/procfs.h"

#include <stdio.h>
#include <string.h>

/* Without a record only the start event tells in which boot it was. After a power cut the record
 * may be missing though the agent ran; a validation is harmless to run again. */
static bool may_claim(const struct local *lx, struct attempt_ref ref)
{
	const struct attempt *at = agent_attempt(&lx->opts.batch->agents[ref.agent], ref.n);

	return ref.kind == RECORD_VALIDATE || (at && at->boot && strcmp(at->boot, lx->boot) == 0);
}

/* Reads the record; one that nobody has started is claimed. -1: it cannot be read, or claimed. */
static int read_or_claim(struct local *lx, struct attempt_ref ref, struct record *r)
{
	char name[RECORD_NAME_SIZE];
	struct err err = ERR_INIT;
	int rc;

	local_record_name(lx, ref, name);
	do {
		rc = record_read(lx->attempts_fd, name, r, &err);
		if (rc < 0 || r->is_locked || r->has_start || r->has_exit || r->is_void)
			break;
		if (!may_claim(lx, ref))
			return -1;
		rc = record_claim_void(lx->attempts_fd, name, clock_now().wall_ms, &err);
		r->is_void = rc == 0;
	} while (rc == 1);
	if (rc < 0)
		local_log(lx, ref, "its record tells nothing: %s", err.msg);
	return rc;
}

static enum probe_result adopt(struct local *lx, struct attempt_ref ref, const struct record *r)
{
	struct job *job = jobs_add(&lx->jobs, ref);

	job->state = JOB_WATCHED;
	local_watch(lx, job, r);
	/* Whatever there is to tell is told from the loop, never from in here. */
	local_poll(lx, job);
	return PROBE_ALIVE;
}

enum probe_result local_probe(struct executor *ex, struct attempt_ref ref, struct ev_exit *exit)
{
	struct local *lx = (struct local *)ex;
	struct record r;

	if (read_or_claim(lx, ref, &r) < 0)
		return PROBE_UNKNOWN;
	if (r.is_void)
		return PROBE_VOID;
	if (r.is_locked)
		return adopt(lx, ref, &r);
	if (r.has_exit) {
		*exit = r.exit;
		snprintf(lx->message, sizeof(lx->message), "%s", r.message);
		exit->message = r.exit.message ? lx->message : NULL;
		exit->log_to = local_log_size(lx, ref.agent);
		return PROBE_ENDED;
	}
	/* Its shim was killed. What it had started may be alive still. */
	if (local_is_here(lx, &r) &&
	    (proc_is_alive((pid_t)r.pid, r.start_ticks) || proc_session_is_alive((pid_t)r.pid)))
		return adopt(lx, ref, &r);
	return PROBE_UNKNOWN;
}
