/* Starting the agent: the half of the shim that becomes it. */
#ifndef AB_EXEC_SHIM_AGENT_H
#define AB_EXEC_SHIM_AGENT_H

#include <stdint.h>
#include <sys/types.h>

struct agent_spec {
	char **argv; /* argv[0] is searched for in the PATH of the environment */
	const char *cwd;
	const char *nofile; /* SHIM_ARG_NOFILE */
	const char *oom; /* SHIM_ARG_OOM */
	int record_fd;
	int64_t shim_start_ticks;
};

/* Why there is no agent. */
struct agent_fault {
	enum { AGENT_RUNS, AGENT_NO_RECORD, AGENT_NO_CWD, AGENT_NO_EXEC } what;
	int errnum;
	char interpreter[256]; /* the script is there, but not what its first line names; or "" */
};

/* Clones the agent, which writes the record's start line and executes its program. Returns when it
 * has done so, or has failed (*fault; it is a child to be reaped all the same): its pid. -1 with
 * errno: there is no child. */
pid_t agent_start(const struct agent_spec *spec, struct agent_fault *fault);

/* The fault in words: "cannot run 'foo': No such file or directory". */
void agent_fault_text(const struct agent_spec *spec, const struct agent_fault *fault, char *out,
    size_t size);

#endif
