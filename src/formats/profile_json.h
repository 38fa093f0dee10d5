/* Profiles as JSON files: how an agent program is called and read. All but `command` is optional;
 * an unknown field is an error, so that a slip of the pen is not a default. The fields are told in
 * man/agent-batch-profile.5. */
#ifndef AB_FORMATS_PROFILE_JSON_H
#define AB_FORMATS_PROFILE_JSON_H

#include "base/err.h"
#include "model/profile.h"

/* Parses `json` (n bytes) into `p`, which the caller releases after success. err names the field
 * that is wrong by its path ("patterns[2].class"), or line and column of what is no JSON; p is empty
 * then. p->path is left NULL, and p->name where the file has none. */
int profile_parse(const char *json, size_t n, struct profile *p, struct err *err);

/* Whether all of it agrees, with what came from its base: the command, how the task gets there,
 * what resuming needs. To be called once after profile_parse (and profile_inherit). p is left to
 * the caller also when it does not. */
int profile_settle(struct profile *p, struct err *err);

#endif
