/* The shared patterns as a JSON file: rows of regular expressions by table, named parts that they
 * are made of, and the shapes of told times. An unknown field is an error. The fields are told in
 * man/agent-batch-profile.5.
 *
 *   patterns_parse, pattern_set_inherit where the set has_base, patterns_settle, then to be compiled */
#ifndef AB_FORMATS_PATTERNS_JSON_H
#define AB_FORMATS_PATTERNS_JSON_H

#include "base/err.h"
#include "model/pattern_set.h"

/* What "base" may hold, and the name of the file of both: patterns/base.json. */
#define PATTERNS_BASE "base"

/* Parses `json` (n bytes) into `set`, which the caller releases after success. err names the value
 * that is wrong by its path ("errors[3].class"), or line and column of what is no JSON; set is empty
 * then. set->file is left NULL. */
int patterns_parse(const char *json, size_t n, struct pattern_set *set, struct err *err);

/* Puts the parts into all expressions, and sees that nothing is missing that judging needs. To be
 * called once. The set is left to the caller also when it fails. */
int patterns_settle(struct pattern_set *set, struct err *err);

/* 'FILE': "errors[3].regex": in front of the message. */
int patterns_refuse_row(const struct pattern_set *set, enum pattern_table table, size_t i,
    struct err *err);

#endif
