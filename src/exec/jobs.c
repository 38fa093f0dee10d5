#include "exec/jobs.h"
#include "base/xalloc.h"

#include <stdlib.h>

static struct job **agent_bucket(struct jobs *jobs, uint32_t agent)
{
	return &jobs->by_agent[agent % JOBS_BUCKETS];
}

static struct job **pid_bucket(struct jobs *jobs, pid_t pid)
{
	return &jobs->by_pid[(uint32_t)pid % JOBS_BUCKETS];
}

struct job *jobs_add(struct jobs *jobs, struct attempt_ref ref)
{
	struct job **bucket = agent_bucket(jobs, ref.agent);
	struct job *job = xcalloc(1, sizeof(*job));

	job->ref = ref;
	job->log_fd = -1;
	job->next_by_agent = *bucket;
	*bucket = job;
	job->next = jobs->first;
	if (job->next)
		job->next->prev = job;
	jobs->first = job;
	return job;
}

void jobs_set_pid(struct jobs *jobs, struct job *job, pid_t pid)
{
	struct job **at;

	if (job->pid_key) {
		for (at = pid_bucket(jobs, job->pid_key); *at != job; at = &(*at)->next_by_pid)
			;
		*at = job->next_by_pid;
	}
	job->pid_key = pid;
	if (!pid)
		return;
	at = pid_bucket(jobs, pid);
	job->next_by_pid = *at;
	*at = job;
}

void jobs_remove(struct jobs *jobs, struct job *job)
{
	struct job **at = agent_bucket(jobs, job->ref.agent);

	while (*at != job)
		at = &(*at)->next_by_agent;
	*at = job->next_by_agent;
	jobs_set_pid(jobs, job, 0);
	if (job->prev)
		job->prev->next = job->next;
	else
		jobs->first = job->next;
	if (job->next)
		job->next->prev = job->prev;
	free(job);
}

struct job *jobs_find(const struct jobs *jobs, struct attempt_ref ref)
{
	struct job *job = jobs->by_agent[ref.agent % JOBS_BUCKETS];

	while (job &&
	    (job->ref.agent != ref.agent || job->ref.n != ref.n || job->ref.kind != ref.kind))
		job = job->next_by_agent;
	return job;
}

struct job *jobs_by_pid(const struct jobs *jobs, pid_t pid)
{
	struct job *job = jobs->by_pid[(uint32_t)pid % JOBS_BUCKETS];

	while (job && job->pid_key != pid)
		job = job->next_by_pid;
	return job;
}
