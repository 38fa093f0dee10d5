/* What `status --json` and `report --json` both tell of a run with roles. */
#ifndef AB_VIEW_SOLVE_JSON_H
#define AB_VIEW_SOLVE_JSON_H

#include "formats/jsonw.h"
#include "formats/run_reader.h"

/* Members of an object that is open: where the run stands. */
void solve_json_state(struct jsonw *w, const struct run_reader *run, const struct solve *s);
/* A member: what the validations said so far. */
void solve_json_verdicts(struct jsonw *w, const char *key, const struct solve *s);

#endif
