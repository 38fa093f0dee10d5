/* What a simulated agent answers in a role of a run that solves a problem: as planner, synthesizer
 * or validator, by what the request tells it and the directives of the problem say (plan.h). Pure. */
#ifndef AB_EXEC_SIM_ROLES_H
#define AB_EXEC_SIM_ROLES_H

#include "base/buf.h"
#include "base/json_scan.h"
#include "exec/sim/plan.h"
#include "exec/sim/scenes.h"
#include "model/solve.h"

#include <stdbool.h>
#include <stdint.h>

/* Finds the request (formats/role_request.h) in a prompt: the last JSON object with a key "problem".
 * False: there is none. */
bool role_find_request(const char *text, size_t len, struct json *request);
/* The problem in it, malloc'ed. */
char *role_problem(struct json request);
/* Whether it tells that the last reply could not be read. */
bool role_has_feedback(struct json request);

struct role_play {
	enum solve_role role;
	int64_t round; /* 0; one more with every validation that did not pass */
	struct json request;
	const struct sim_plan *plan; /* the problem's directives */
	struct scene *scene; /* of the problem's words */
};

/* Appends the reply. */
void role_reply(const struct role_play *p, struct buf *out);

#endif
