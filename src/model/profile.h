/* How an agent program is called and read. Made by formats/profile_json.h from a JSON file;
 * found by exec/profiles.h. Strings are owned by the profile. */
#ifndef AB_MODEL_PROFILE_H
#define AB_MODEL_PROFILE_H

#include "model/class.h"

#include <stdbool.h>
#include <stddef.h>

/* A word of a command, a template with placeholders. Words of one group (not 0) stand or fall
 * together: all are left out when a placeholder in one of them comes to nothing, and they come once
 * for each path where {context} is among them. */
struct profile_word {
	char *text;
	unsigned group;
};

struct profile_words {
	struct profile_word *v;
	size_t nr, cap;
};

/* Words that say where others go; without them those others go behind the command. */
#define WORD_PERMISSIONS "{permissions}"
#define WORD_RESUME "{resume}"

/* A variable of the environment. NULL: it is taken out. A template that comes to nothing changes
 * nothing. */
struct profile_var {
	char *name, *value;
};

struct profile_vars {
	struct profile_var *v;
	size_t nr, cap;
};

/* A line of output that tells a class. */
struct profile_pattern {
	enum attempt_class class;
	char *regex; /* PCRE2, matched against single lines, caseless when it begins with (?i) */
};

/* What an exit code means where the output says nothing. */
struct profile_exit {
	int code;
	enum attempt_class class;
};

/* USD a million tokens, of models whose name begins so (NULL: of every model). */
struct profile_price {
	char *model;
	double in_usd, out_usd;
};

enum task_way { TASK_BY_COMMAND, TASK_BY_ARGUMENT, TASK_BY_FILE, TASK_BY_STDIN };

enum answer_way {
	ANSWER_EVENTS, /* the events of its own JSON stream, where they are known ones */
	ANSWER_EVENT, /* the last JSON line of one type, a field of it */
	ANSWER_TEXT, /* what it printed, less what is not of it */
	ANSWER_FILE, /* what it wrote to {answer_file}, else its events */
	ANSWER_NONE
};

/* An event of the program's own stream, and the field of it that says what is looked for. */
struct profile_event {
	char *type, *field; /* both, or NULL: there is none */
};

/* Where the final answer is. */
struct profile_answer {
	enum answer_way way;
	char *type, *field; /* ANSWER_EVENT */
	/* ANSWER_TEXT, regexes of lines or NULL: it begins behind the last that matches `after`, ends
	 * before the first that matches `until` then, and the lines that match `skip` are not of it. */
	char *after, *until, *skip;
};

/* Bits of profile.given: what the file itself says, so that the rest comes from its base. */
enum profile_field {
	PROFILE_COMMAND,
	PROFILE_EDITS,
	PROFILE_UNATTENDED,
	PROFILE_RESUME,
	PROFILE_ENV,
	PROFILE_UNATTENDED_ENV,
	PROFILE_TASK,
	PROFILE_ANSWER,
	PROFILE_ERROR,
	PROFILE_SESSION,
	PROFILE_USAGE,
	PROFILE_TIMEOUT,
	PROFILE_STALL,
	PROFILE_SILENT_WAIT,
	PROFILE_SUCCESS_CODES,
	PROFILE_EXIT_CODES,
	PROFILE_KEEP,
	PROFILE_PATTERNS,
	PROFILE_PRICE,
	PROFILE_DESCRIPTION,
	PROFILE_BASE,
	PROFILE_NAME,
	PROFILE__COUNT
};

struct profile {
	unsigned given; /* 1u << enum profile_field */
	char *name;
	char *path; /* the file it was read from; NULL for a command given by --agent-command */
	char *description; /* one line for people, or NULL */
	char *base; /* the profile it takes over what it does not say itself; or NULL */
	struct profile_words command; /* the first word may be "{libexec}/NAME" */
	/* Added where {permissions} stands: without --unattended, and with it. */
	struct profile_words edits, unattended;
	bool edits_nothing; /* "edits": false; only with --unattended, where that adds words */
	struct profile_words resume; /* added where {resume} stands to go on with {session} */
	struct profile_vars env,
	    unattended_env; /* the latter with --unattended, after the former */
	enum task_way task_way; /* as the file says it */
	bool task_on_stdin; /* else /dev/null, and the task comes by {task} or {task_file} */
	struct profile_answer answer;
	struct profile_event error; /* what it says when it fails */
	struct profile_event session; /* where its session is named */
	bool usage_is_sum; /* what it used is told in steps: all of its output must be read */
	bool
	    usage_is_session; /* it is told of the whole session, that of attempts before with it */
	double timeout_s; /* 0: none */
	double stall_s; /* 0: none */
	double silent_wait_s; /* it may wait this long by itself without a word; 0: it does not */
	int *success_codes; /* exit codes that count as success beside 0 */
	size_t nr_success_codes;
	struct profile_exit *exit_codes;
	size_t nr_exit_codes;
	char **keep; /* names of leftover processes that are left alone */
	size_t nr_keep;
	struct profile_pattern *patterns;
	size_t nr_patterns;
	struct profile_price *prices; /* the first whose model fits counts */
	size_t nr_prices;
};

void profile_release(struct profile *p);

/* Takes over from `base` what p's file does not say, and base's patterns behind its own. `base` is
 * empty then. */
void profile_inherit(struct profile *p, struct profile *base);

/* sim and shell: no agents, and no service of their own stands behind them. */
bool profile_is_own(const char *name);

/* Whether a word is in them, as it stands. */
bool profile_words_have(const struct profile_words *words, const char *text);

#endif
