/* The sentences by which agent programs and the services behind them tell why they failed, as data:
 * rows of regular expressions. Made by formats/patterns_json.h from JSON files, found by
 * exec/shared_patterns.h, compiled by policy/patterns.h. */
#ifndef AB_MODEL_PATTERN_SET_H
#define AB_MODEL_PATTERN_SET_H

#include "model/class.h"

#include <stdbool.h>
#include <stddef.h>

/* Each table is searched in its order, and the first pattern that matches decides: a narrower
 * meaning stands before a wider one ("daily quota" before "quota"). */
enum pattern_table {
	TABLE_PROFILE, /* a profile's own: whole lines; not in a set */
	TABLE_ANNOUNCEMENT, /* what goes before a message: "API Error:", a time, an exception's name */
	TABLE_ERROR, /* anywhere in what was announced as an error */
	TABLE_SENTENCE, /* at the start of a line that stands for itself */
	TABLE_PROSE, /* marks of a report in words (CLASS_NONE) */
	TABLE_TRAILER, /* lines that follow an error and say nothing new (CLASS_NONE) */
	TABLE_NOTICE, /* the tool will try again by itself: no end (CLASS_NONE) */
	TABLE__COUNT
};

#define PATTERN_EXIT_0 1u /* believed although the program says that all went well */
#define PATTERN_WEAK 2u /* gives way to what another line of the same error says */

/* What an announcement is worth, the strongest last. */
enum prefix {
	PREFIX_NONE,
	PREFIX_STATUS, /* an HTTP status at the start of the line */
	PREFIX_EXCEPTION, /* a class name ending in Error or Exception */
	PREFIX_ERROR, /* "Error:", "[API Error:" ... */
	PREFIX_FATAL /* "Ran into this error:": the run has failed, whatever follows and the exit says */
};

/* Small shapes that words of time are read by: see policy/waits.h. */
enum shape {
	SHAPE_TOLD_WAIT,
	SHAPE_RETRYING,
	SHAPE_TOLD_FIELD,
	SHAPE_EPOCH,
	SHAPE_RESET,
	SHAPE__COUNT
};

struct pattern_row {
	enum attempt_class class; /* CLASS_NONE where the table has none */
	enum prefix prefix; /* of an announcement */
	unsigned flags; /* PATTERN_... */
	char *regex; /* PCRE2, caseless unless it says (?-i:); NULL: only a status */
	char *status; /* HTTP statuses that mean the same ("429|529"), or NULL */
	const char *file; /* for messages: where it stands; borrowed from the set */
	unsigned index; /* and which of its table's rows there it is */
};

struct pattern_rows {
	struct pattern_row *v;
	size_t nr, cap;
};

/* A piece that regexes are made of: {{name}} in one of them stands for it. */
struct pattern_part {
	char *name, *regex;
};

struct pattern_set {
	char *file; /* it was read from; NULL: none */
	char *base_file; /* that of the set it was put on top of, or NULL */
	bool has_base; /* it is to be put on top of the one that came with the program */
	struct pattern_rows tables[TABLE__COUNT];
	char *shapes[SHAPE__COUNT];
	struct pattern_part *parts;
	size_t nr_parts, cap_parts;
};

void pattern_set_release(struct pattern_set *set);

/* Puts `base` below: its rows behind the set's own, its parts and shapes where the set says none.
 * `base` is empty then. */
void pattern_set_inherit(struct pattern_set *set, struct pattern_set *base);

/* The part of that name (n bytes of it); NULL: there is none. */
const char *pattern_set_part(const struct pattern_set *set, const char *name, size_t n);

/* How files and messages name them: "errors", "times.reset". TABLE_PROFILE: "". */
const char *pattern_table_name(enum pattern_table table);
const char *shape_name(enum shape shape);

#endif
