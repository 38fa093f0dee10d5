/* Keys that a log has wherever it is shown. Part of ui/control_log.c. */
#ifndef AB_UI_CONTROL_LOG_H
#define AB_UI_CONTROL_LOG_H

#include "ui/view_keys.h"

/* As view_keys has them. */
void log_step(struct viewer *v, int64_t rows);
int log_rows(const struct viewer *v);
bool log_obey(struct control *c, enum intent intent);

#endif
