#include "model/role.h"

#include <string.h>

static const char *const role_names[ROLE__COUNT] = {
    [ROLE_PLANNER] = "planner",
    [ROLE_SYNTHESIZER] = "synthesizer",
    [ROLE_VALIDATOR] = "validator",
};

static const char *const quality_names[QUALITY__COUNT] = {
    [QUALITY_NONE] = "",
    [QUALITY_POOR] = "poor",
    [QUALITY_FAIR] = "fair",
    [QUALITY_GOOD] = "good",
};

const char *role_name(enum role r)
{
	return role_names[r];
}

int role_from_name(const char *name)
{
	int r;

	for (r = 0; r < ROLE__COUNT; r++)
		if (strcmp(role_names[r], name) == 0)
			return r;
	return -1;
}

const char *data_quality_name(enum data_quality q)
{
	return quality_names[q];
}

int data_quality_from_name(const char *name)
{
	int q;

	for (q = QUALITY_NONE + 1; q < QUALITY__COUNT; q++)
		if (strcmp(quality_names[q], name) == 0)
			return q;
	return -1;
}

bool data_quality_passes(bool is_complete, enum data_quality q)
{
	return is_complete && q >= QUALITY_FAIR;
}
