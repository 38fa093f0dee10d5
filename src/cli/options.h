/* What may be typed: every option of every command in one table, which parsing, --help, the
 * completions and the manual's test share. */
#ifndef AB_CLI_OPTIONS_H
#define AB_CLI_OPTIONS_H

#include "base/buf.h"
#include "base/err.h"
#include "formats/jsonw.h"
#include "model/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;
struct config_entry;

enum command_id {
	CMD_LAUNCH,
	CMD_MONITOR,
	CMD_MONITOR_BG,
	CMD_STATUS,
	CMD_LIST,
	CMD_WAIT,
	CMD_RETRY,
	CMD_RESUME,
	CMD_CTL,
	CMD_LINEAGE,
	CMD_LOGS,
	CMD_REPORT,
	CMD_COLLECT,
	CMD_CHECK,
	CMD_CLASSIFY,
	CMD_PROFILES,
	CMD_GRAPH,
	CMD_SCORE,
	CMD_DEMO,
	CMD_DOCTOR,
	CMD_SUMMON,
	CMD_SOLVE,
	CMD_CONDUCT,
	CMD_HELP,
	CMD_BRANCH, /* no command: the flags of one --branch */
	CMD__COUNT
};

enum output_mode { OUTPUT_TEXT, OUTPUT_JSONL };
enum notify_mode { NOTIFY_OFF, NOTIFY_OSC9, NOTIFY_OSC777 };
enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* What concerns the command itself and nobody who conducts. */
struct front_options {
	bool help;
	bool no_tui, monitor, detach, dry_run;
	bool ascii, plain;
	bool json, markdown, all, running, follow, launch, names, outside, dot, mermaid, answer,
	    check, solve;
	int output; /* enum output_mode */
	int color; /* enum color_mode */
	int notify_term; /* enum notify_mode */
	double watch_s; /* 0: once */
	int64_t at_s, now_s; /* Unix seconds, NUM_NONE: the clock's */
	int exit; /* the exit code to judge by */
	int ready_fd, lock_fd, run_lock_fd; /* conduct: descriptors it is handed, -1 */
	char *dir; /* the batches directory, as given */
	char *agent; /* classify: the profile */
	int max_turns; /* summon_agent; 0: not given */
	char *model, *context; /* likewise */
	char *notify; /* monitor-bg: a command */
	char *if_status, *print, *size, *overrides; /* NULL: not given */
	char *map; /* of JSON tasks: which key is which column */
	char *completions; /* help: of which shell */
};

/* How the text behind an option is read. */
enum option_kind {
	KIND_FLAG,
	KIND_INT, /* `min` to INT_MAX */
	KIND_PERCENT,
	KIND_SECONDS, /* decimals, with s, m, h or d behind */
	KIND_EPOCH,
	KIND_MONEY, /* dollars */
	KIND_SIZE, /* bytes; k, M, G, T */
	KIND_AMOUNT, /* a number of things; k, M, G */
	KIND_HALT, /* policy/halt.h; kept as it was given */
	KIND_TEXT,
	KIND_LADDER,
	KIND_CLASSES,
	KIND_CHOICE, /* one of the words of `arg`, by its number: an enum */
	KIND_EITHER, /* of two words: whether it is the second one */
	KIND_EXECUTOR,
	KIND_BRANCH, /* adds to the branches of the options that are its home */
	KIND_LIST, /* each one is added */
	KIND_LATER /* belongs to a later version: refused by name */
};

enum option_home { HOME_OPTIONS, HOME_FRONT, HOME_NONE };

struct option_def {
	const char *name; /* long, without dashes */
	char letter; /* short, or 0 */
	const char *arg; /* name of its argument in the help, NULL: takes none */
	enum option_kind kind;
	enum option_home home;
	size_t offset; /* of the field in struct options or struct front_options */
	int min; /* KIND_INT */
	uint32_t commands; /* bit (1 << command_id) of those that take it */
	const char *help; /* NULL: not shown (hidden, or of a later version) */
};

/* The table; ends at *nr. */
const struct option_def *option_table(size_t *nr);
bool option_is_of(const struct option_def *d, enum command_id command);

/* What one command line said. Words and values point into argv. */
struct cli_args {
	enum command_id command;
	struct options options;
	struct front_options front;
	const char **words; /* what is no option, in order */
	size_t nr_words, cap_words;
	struct given {
		const struct option_def *def;
		const char *value; /* NULL for a flag */
	} * given;
	size_t nr_given, cap_given;
	/* What the user's config.json says, in the order in which it was set: of two on one option the
	 * later one counts. */
	struct configured {
		const struct option_def *def;
		const struct config_entry *entry; /* lives in the config */
	} * configured;
	size_t nr_configured, cap_configured;
	const struct config *config; /* borrowed, or NULL */
};

/* The option of that name that the command takes, or NULL. */
const struct option_def *option_find(enum command_id command, const char *name);

/* Reads argv[0..argc) (without the command's name): options anywhere, `--`, `--name=value`, `-j4`.
 * -1: err says which option is wrong and why; cli_args_release all the same. */
int cli_args_parse(struct cli_args *a, enum command_id command, int argc, char **argv,
    struct err *err);
void cli_args_release(struct cli_args *a);
/* Puts one word in place of those that were given; borrowed. */
void cli_args_set_word(struct cli_args *a, const char *word);
/* Sets an option that was not given to what config.json says; "true" and "false" for a flag. -1: it
 * does not take that. */
int cli_args_configure(struct cli_args *a, const struct option_def *d, const char *value,
    const struct config_entry *entry, struct err *err);
/* Whether the option was on the command line. */
bool cli_given(const struct cli_args *a, const char *name);
/* Adds the options object's keys (formats/options_json.h) of what was given for a run; --dir only
 * says where runs are. */
void cli_given_keys(const struct cli_args *a, struct text_list *keys);
/* Sets what was given on the command line in `o`, over what stands there. */
void cli_args_overlay(const struct cli_args *a, struct options *o);

#endif
