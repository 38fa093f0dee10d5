#include "engine/holder.h"
#include "exec/procfs.h"
#include "formats/run_reader.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define NAME_PATIENCE_MS 1000

/* Whether the pid that the journal names last can be the holder's: a dead one is its predecessor's. */
static bool may_hold(const struct batch *b)
{
	char host[256] = "";

	if (b->pid == NUM_NONE || b->pid <= 0)
		return false;
	(void)gethostname(host, sizeof(host) - 1);
	if (b->host && strcmp(b->host, host) != 0)
		return true;
	return proc_is_alive((pid_t)b->pid, proc_start_ticks((pid_t)b->pid)) &&
	    !proc_is_killed((pid_t)b->pid);
}

void holder_name(const char *dir, const char *name, struct err *err)
{
	struct batch_reader r;
	bool is_known = false;
	int tries;

	err_set(err, "another conductor holds '%s'", name);
	for (tries = 0; tries < NAME_PATIENCE_MS / HOLDER_POLL_MS && !is_known; tries++) {
		if (tries)
			poll(NULL, 0, HOLDER_POLL_MS);
		if (batch_reader_open(&r, dir, NULL) < 0)
			return;
		is_known = may_hold(&r.state);
		if (is_known)
			err_set(err, "another conductor holds '%s' (pid %lld on %s)", name,
			    (long long)r.state.pid, r.state.host ? r.state.host : "this host");
		batch_reader_close(&r);
	}
}

bool holder_is_dying(const char *dir)
{
	struct batch_reader r;
	bool is;

	if (batch_reader_open(&r, dir, NULL) < 0)
		return false;
	is = r.state.pid != NUM_NONE && !may_hold(&r.state);
	batch_reader_close(&r);
	return is;
}
