#include "model/solve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const phase_names[SOLVE_PHASE__COUNT] = {
    [SOLVE_PLANNING] = "planning",
    [SOLVE_EXECUTING] = "executing",
    [SOLVE_SYNTHESIZING] = "synthesizing",
    [SOLVE_VALIDATING] = "validating",
    [SOLVE_DONE] = "done",
};

static const char *const role_names[SOLVE_ROLE__COUNT] = {
    [SOLVE_PLANNER] = "planner",
    [SOLVE_SYNTHESIZER] = "synthesizer",
    [SOLVE_VALIDATOR] = "validator",
};

static const char *const quality_names[QUALITY__COUNT] = {
    [QUALITY_NONE] = "",
    [QUALITY_GOOD] = "good",
    [QUALITY_FAIR] = "fair",
    [QUALITY_POOR] = "poor",
};

static const char *const kind_names[BATCH_KIND__COUNT] = {
    [BATCH_ORIGINAL] = "",
    [BATCH_RETRY] = "retry",
    [BATCH_EXTENSION] = "extension",
};

static int find(const char *const *names, int nr, const char *s)
{
	int i;

	for (i = 0; s && i < nr; i++)
		if (*names[i] && strcmp(names[i], s) == 0)
			return i;
	return -1;
}

const char *solve_phase_name(enum solve_phase p)
{
	return phase_names[p];
}

int solve_phase_from_name(const char *s)
{
	return find(phase_names, SOLVE_PHASE__COUNT, s);
}

const char *solve_role_name(enum solve_role r)
{
	return role_names[r];
}

int solve_role_from_name(const char *s)
{
	return find(role_names, SOLVE_ROLE__COUNT, s);
}

int solve_role_of_phase(enum solve_phase p)
{
	switch (p) {
	case SOLVE_PLANNING:
		return SOLVE_PLANNER;
	case SOLVE_SYNTHESIZING:
		return SOLVE_SYNTHESIZER;
	case SOLVE_VALIDATING:
		return SOLVE_VALIDATOR;
	case SOLVE_EXECUTING:
	case SOLVE_DONE:
	case SOLVE_PHASE__COUNT:
		break;
	}
	return -1;
}

const char *solve_quality_name(enum solve_quality q)
{
	return quality_names[q];
}

int solve_quality_from_name(const char *s)
{
	return find(quality_names, QUALITY__COUNT, s);
}

bool solve_has_passed(bool is_complete, enum solve_quality q)
{
	return is_complete && (q == QUALITY_GOOD || q == QUALITY_FAIR);
}

const char *batch_kind_name(enum batch_kind k)
{
	return kind_names[k];
}

enum batch_kind batch_kind_from_name(const char *s)
{
	int i = find(kind_names, BATCH_KIND__COUNT, s);

	return i < 0 ? BATCH_ORIGINAL : (enum batch_kind)i;
}

void solve_call_name(enum solve_role r, uint32_t k, char out[ROLE_CALL_SIZE])
{
	snprintf(out, ROLE_CALL_SIZE, ROLES_NAME "/%s-%u", role_names[r], k);
}

uint32_t solve_call_number(enum solve_role r, const char *call)
{
	char name[ROLE_CALL_SIZE];
	const char *digits = strrchr(call, '-');
	unsigned long k = digits ? strtoul(digits + 1, NULL, 10) : 0;

	if (k == 0 || k > UINT32_MAX)
		return 0;
	/* Only what reads back as itself: the name comes out of a file and becomes a path. */
	solve_call_name(r, (uint32_t)k, name);
	return strcmp(name, call) == 0 ? (uint32_t)k : 0;
}

const struct solve_verdict *solve_last_verdict(const struct solve *s)
{
	return s->nr_verdicts ? &s->verdicts[s->nr_verdicts - 1] : NULL;
}

const struct solve_verdict *solve_verdict_now(const struct solve *s)
{
	const struct solve_verdict *v = solve_last_verdict(s);

	return v && v->round == s->round && s->phase == SOLVE_VALIDATING ? v : NULL;
}
