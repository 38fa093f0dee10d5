/* How an agent program is called and read. Made by formats/profile_json.h from a JSON file;
 * found by exec/profiles.h. Strings are owned by the profile. */
#ifndef AB_MODEL_PROFILE_H
#define AB_MODEL_PROFILE_H

#include "model/class.h"

#include <stdbool.h>
#include <stddef.h>

/* A line of output that tells a class. */
struct profile_pattern {
	enum attempt_class class;
	char *regex; /* PCRE2, matched against single lines, caseless when it begins with (?i) */
};

struct profile {
	char *name;
	char *path; /* the file it was read from; NULL for a command given by --agent-command */
	char **argv; /* a template a word, with placeholders; argv[0] may be "{libexec}/NAME" */
	size_t nr_argv;
	char **unattended_argv; /* added behind argv with --unattended */
	size_t nr_unattended;
	bool task_on_stdin; /* else /dev/null, and the task comes by {task} or {task_file} */
	double timeout_s; /* 0: none */
	double stall_s; /* 0: none */
	int *success_codes; /* exit codes that count as success beside 0 */
	size_t nr_success_codes;
	char **keep; /* names of leftover processes that are left alone */
	size_t nr_keep;
	struct profile_pattern *patterns;
	size_t nr_patterns;
};

void profile_release(struct profile *p);

#endif
