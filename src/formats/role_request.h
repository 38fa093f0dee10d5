/* What a role is asked: one JSON object, on a command's stdin or inside a profile's prompt.
 *
 *   planner      problem, attachments, previous_plan, missing_requirements, warnings, results
 *   synthesizer  problem, plan, results
 *   validator    problem, plan, results, answer
 * and feedback, where the last reply could not be read. agent-batch-roles(5) has the fields. */
#ifndef AB_FORMATS_ROLE_REQUEST_H
#define AB_FORMATS_ROLE_REQUEST_H

#include "base/buf.h"
#include "model/solve.h"
#include "model/task.h"

#include <stddef.h>
#include <stdint.h>

/* Of each result's output so many bytes are told, the first ones. */
#define ROLE_OUTPUT_MAX 65536
/* What a prompt should hold of all outputs together: some 100,000 tokens. */
#define ROLE_PROMPT_OUTPUTS_MAX 393216

/* A subtask of the plan: a row of the original, or of the extension that added it. */
struct role_row {
	const struct tasks *tasks;
	const struct task *task;
};

struct role_result {
	const char *id;
	const char *status; /* "completed" */
	const char *class_name; /* NULL or "": null */
	const char *output; /* its answer, or what its output file holds; NULL: null */
	size_t output_len;
	const char *output_file; /* NULL or "": null */
	uint32_t attempts; /* over the run */
};

/* Everything is borrowed. Fields that the role is not told are not looked at. */
struct role_request {
	enum solve_role role;
	const char *problem; /* NULL: "" */
	const char *const *attachments; /* absolute paths */
	size_t nr_attachments;
	const struct role_row *plan;
	size_t nr_plan;
	const char *const *missing;
	size_t nr_missing;
	const char *const *warnings;
	size_t nr_warnings;
	const struct role_result *results;
	size_t nr_results;
	/* Of all outputs together so many bytes are told: the longest are cut first, to one length. 0:
	 * as many as there are. */
	size_t outputs_max;
	const char *answer; /* NULL: "" */
	const char *feedback; /* NULL: the key is left out */
	int indent; /* 0: all in one line */
};

/* Appends it; valid JSON and UTF-8 whatever the strings hold. */
void role_request_write(struct buf *out, const struct role_request *r);

#endif
