/* Events as lines of events.jsonl: the one place that knows how each is spelled. */
#ifndef AB_FORMATS_EVENT_JSON_H
#define AB_FORMATS_EVENT_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/event.h"

/* Appends one line with its newline. What is "not told" is left out. */
void event_format(const struct event *ev, struct buf *out);

/* Parses one line (no newline needed). Strings of `ev` live in `arena`. -1: not a JSON object, or
 * without ev and t; an unknown `ev` is EV_UNKNOWN and 0. Fields of the wrong type are not told. */
int event_parse(const char *line, size_t n, struct event *ev, struct arena *arena, struct err *err);

#endif
