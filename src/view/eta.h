/* When a batch may be over. From the durations of the attempts that completed, by profile, the
 * share that failed, the jobs and the gates: a middle and a range, never a promise. */
#ifndef AB_VIEW_ETA_H
#define AB_VIEW_ETA_H

#include "view/model.h"

/* Not known until five attempts have ended, nor when nothing is left. */
void view_eta_compute(const struct view_model *m, struct view_eta *eta);

#endif
