/* Options as the JSON object of manifest.json and of the first `batch` event. */
#ifndef AB_FORMATS_OPTIONS_JSON_H
#define AB_FORMATS_OPTIONS_JSON_H

#include "base/err.h"
#include "formats/jsonw.h"
#include "model/options.h"

void options_format(const struct options *o, struct jsonw *w);
/* Into an initialised one: a field that is missing or of the wrong type keeps its value. */
int options_parse(const char *json, struct options *o, struct err *err);

#endif
