/* Keys in the views beside the overview. Part of ui/control.h. */
#ifndef AB_UI_CONTROL_VIEWS_H
#define AB_UI_CONTROL_VIEWS_H

#include "ui/control.h"

/* One step back inside a view, or out of it; false in views that have none of their own. */
bool control_view_back(struct viewer *v);
/* Whether the view has a meaning of its own for it, and did it. */
bool control_view_obey(struct viewer *v, enum intent intent);

#endif
