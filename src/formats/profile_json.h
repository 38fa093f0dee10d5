/* Profiles as JSON files; the fields are described in agent-batch-profile(5). */
#ifndef AB_FORMATS_PROFILE_JSON_H
#define AB_FORMATS_PROFILE_JSON_H

#include "base/err.h"
#include "model/profile.h"

/* Parses `json` (n bytes) into `p`. err names the field that is wrong. */
int profile_parse(const char *json, size_t n, struct profile *p, struct err *err);

#endif
