/* How a run with roles stands, in words: what header, status, lineage, summary and report have in
 * common. */
#ifndef AB_VIEW_SOLVE_WORDS_H
#define AB_VIEW_SOLVE_WORDS_H

#include "base/buf.h"
#include "formats/run_reader.h"

struct view_model;

/* NULL: a run without roles, or none that has told of them. */
const struct solve *view_solve(const struct run_reader *run);
/* "plan", "execute", "synthesize", "validate", "done". */
const char *solve_phase_word(enum solve_phase p);
/* "round 1/2", of the rounds that a validation may ask for. */
void solve_add_round(const struct run_reader *run, int64_t round, struct buf *out);
/* "complete, good"; "not complete, poor, 2 missing: the year of the census". One clean line. */
void solve_add_verdict(const struct solve_verdict *v, struct buf *out);
bool solve_verdict_passed(const struct solve_verdict *v);
/* Why a run has stopped that can be resumed: of its roles or of its last batch. */
const char *solve_stop_why(const struct run_reader *run);
/* What is executed: "the plan, 4 rows", "retry of 2 rows", "extension of 1 row". */
void solve_add_execution(const struct run_reader *run, struct buf *out);
/* Why the shown batch has no rows: "planning: the planner has run 0:12". False: it has some. */
bool solve_add_no_rows(const struct view_model *m, struct buf *out);
/* The verdicts that were given when this batch was the last of the run: [*from, *to). */
void solve_verdicts_of(const struct run_reader *run, const struct batch_reader *r, size_t *from,
    size_t *to);

#endif
