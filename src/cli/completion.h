/* Shell completions, made from the tables of commands and options: what
 * `agent-batch help --completions SHELL` prints and share/completions keeps. */
#ifndef AB_CLI_COMPLETION_H
#define AB_CLI_COMPLETION_H

#include "base/buf.h"
#include "base/err.h"
#include "cli/command.h"

#include <stdbool.h>

/* The script for "bash", "zsh" or "fish". -1: no such shell. */
int completion_script(const char *shell, struct buf *out, struct err *err);

/* ---- for the writers of scripts ------------------------------------------- */

/* What may stand where no option does. */
enum completion_words {
	WORDS_NONE,
	WORDS_CSV,
	WORDS_CSV_BATCH,
	WORDS_FILE,
	WORDS_BATCH,
	WORDS_BATCH_ID,
	WORDS_BATCH_VERB,
	WORDS_COMMAND,
	WORDS_PROFILE,
	WORDS_AGENT /* one profile, and then words of the user's own */
};
enum completion_words completion_words_of(const struct command *c);

/* What may stand behind an option. */
enum completion_value {
	VALUE_OPEN, /* anything: nothing is offered */
	VALUE_WORD, /* one of the words */
	VALUE_LIST, /* words with commas between */
	VALUE_DIR,
	VALUE_FILE,
	VALUE_PROFILE
};
/* Adds the words, separated by spaces, for VALUE_WORD and VALUE_LIST. */
enum completion_value completion_value_of(const struct option_def *d, struct buf *words);

/* Whether people are shown the option with this command. */
bool completion_shows(const struct option_def *d, const struct command *c);
/* The verbs of ctl, separated by spaces; "gate open" is gate, then open. */
void completion_verbs(struct buf *out);

void completion_bash(struct buf *out);
void completion_zsh(struct buf *out);
void completion_fish(struct buf *out);

#endif
