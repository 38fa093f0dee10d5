/* Profiles as JSON files: how an agent program is called and read. All but `command` is optional;
 * an unknown field is an error, so that a slip of the pen is not a default.
 *
 *   {"name": "claude",                the file's name without ".json"
 *    "description": "...",            for people; not kept
 *    "command": ["claude", "-p"],     a word each, with placeholders (exec/template.h)
 *    "unattended": ["--yolo"],        added behind the command with --unattended
 *    "task": "stdin",                 how the task gets there: "argument" ({task} in the command),
 *                                     "file" ({task_file}) or "stdin"; by default what the command
 *                                     asks for, else stdin
 *    "timeout": "4h", "stall": 1800,  seconds, or a number with s, m, h or d; 0: none
 *    "success_codes": [3],            exit codes that are a success beside 0
 *    "keep": ["gradle"],              names of processes that may outlive the agent
 *    "patterns": [{"class": "rate_limit", "regex": "slow down"}]}
 *                                     lines of output that tell a class (PCRE2)
 */
#ifndef AB_FORMATS_PROFILE_JSON_H
#define AB_FORMATS_PROFILE_JSON_H

#include "base/err.h"
#include "model/profile.h"

/* Parses `json` (n bytes) into `p`, which the caller releases after success. err names the field
 * that is wrong; p is empty then. p->path is left NULL, and p->name where the file has none. */
int profile_parse(const char *json, size_t n, struct profile *p, struct err *err);

#endif
