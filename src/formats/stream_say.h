/* What formats/stream_line.h is made of: things that are said, one a line, each with its label.
 *
 * Where a value is asked for that is missing, nothing is said. */
#ifndef AB_FORMATS_STREAM_SAY_H
#define AB_FORMATS_STREAM_SAY_H

#include "base/json_scan.h"
#include "formats/stream_line.h"

/* What is told of an event without a text, at most: bytes of one fact. */
#define STREAM_FACT_MAX 80

struct stream_text {
	struct buf *out; /* borrowed */
	size_t from; /* where the text of this line begins */
	enum stream_kind kind; /* of the first thing said */
};

/* Whether a value is there and not null; a string that is not empty; a string with `part` in it. */
bool stream_has(struct json v);
bool stream_has_text(struct json v);
bool stream_word_has(struct json word, const char *part);
/* By a role or a type; STREAM_EVENT for one that is not known. */
enum stream_kind stream_kind_of(struct json word);

/* Begins the next thing that is said; for a label of its own. */
void stream_begin(struct stream_text *t, enum stream_kind kind, const char *label);
/* Appends a value's text: at most `max` bytes of it. */
void stream_add(struct buf *out, struct json v, size_t max);
/* A string; false: it is none, or empty. */
bool stream_say(struct stream_text *t, enum stream_kind kind, struct json text);
/* A call: its name, and what of its input tells most. */
void stream_say_tool(struct stream_text *t, struct json name, struct json input);
void stream_say_tool_named(struct stream_text *t, const char *name, struct json input);
/* What a call gave: a string, or an array of texts. */
void stream_say_output(struct stream_text *t, struct json v);
/* A string, or an array of blocks: texts, thoughts, calls, outputs. */
void stream_say_content(struct stream_text *t, enum stream_kind kind, struct json content);
/* A string, or an object with the message somewhere in it. False: it has none. */
bool stream_say_error(struct stream_text *t, struct json error);

#endif
