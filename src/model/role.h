/* The roles of a run that plans, judges and answers by agents, and the words they speak in. */
#ifndef AB_MODEL_ROLE_H
#define AB_MODEL_ROLE_H

#include <stdbool.h>

enum role { ROLE_PLANNER, ROLE_SYNTHESIZER, ROLE_VALIDATOR, ROLE__COUNT };
/* "planner", "synthesizer", "validator": names of flags, prompts, directories, and the value of
 * AGENT_BATCH_ROLE. */
const char *role_name(enum role r);
/* -1: none is called so. */
int role_from_name(const char *name);

/* What a role's process finds in its environment, beside what every agent does. */
#define ROLE_ENV "AGENT_BATCH_ROLE"
#define ROLE_ROUND_ENV "AGENT_BATCH_ROUND" /* 0; +1 with every validation that did not pass */

/* How good the validator thinks the results are. */
enum data_quality { QUALITY_NONE, QUALITY_POOR, QUALITY_FAIR, QUALITY_GOOD, QUALITY__COUNT };
const char *data_quality_name(enum data_quality q); /* QUALITY_NONE: "" */
/* -1: none is called so. */
int data_quality_from_name(const char *name);

/* A validation has passed when all is there, and good or fair. */
bool data_quality_passes(bool is_complete, enum data_quality q);

#endif
