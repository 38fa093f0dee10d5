#include "cli/completion.h"
#include "base/xalloc.h"
#include "formats/ctl.h"
#include "model/class.h"
#include "policy/class_rules.h"

#include <string.h>

static void add_word(struct buf *out, const char *word)
{
	if (!*word)
		return;
	if (out->len > 0)
		buf_ch(out, ' ');
	buf_str(out, word);
}

/* Told by the usage line, so that it is said once. */
enum completion_words completion_words_of(const struct command *c)
{
	static const struct {
		const char *args;
		enum completion_words words;
	} known[] = {
	    {"TASKS.csv", WORDS_CSV},
	    {"[TASKS.csv | BATCH]", WORDS_CSV_BATCH},
	    {"[BATCH] VERB", WORDS_BATCH_VERB},
	    {"[BATCH] ID", WORDS_BATCH_ID},
	    {"[BATCH]", WORDS_BATCH},
	    {"[FILE]", WORDS_FILE},
	    {"[COMMAND]", WORDS_COMMAND},
	    {"[NAME...]", WORDS_PROFILE},
	    {"AGENT TASK", WORDS_AGENT},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++)
		if (strncmp(c->args, known[i].args, strlen(known[i].args)) == 0)
			return known[i].words;
	return WORDS_NONE;
}

/* Those that change something when they are named. */
static void add_classes(struct buf *out)
{
	int i;

	for (i = CLASS_NONE + 1; i < CLASS__COUNT; i++) {
		const struct class_rule *r = class_rule((enum attempt_class)i);

		if (r->can_retry_on && !r->next_cycle)
			add_word(out, class_name((enum attempt_class)i));
	}
}

static void add_statuses(struct buf *out)
{
	int i;

	for (i = 0; i < AGENT__COUNT; i++)
		add_word(out, status_name((enum agent_status)i));
	for (i = PHASE_NONE + 1; i < PHASE__COUNT; i++)
		add_word(out, phase_name((enum agent_phase)i));
}

static void add_alternatives(struct buf *out, const char *arg)
{
	size_t from = out->len;

	buf_str(out, arg);
	for (; from < out->len; from++)
		if (out->data[from] == '|')
			out->data[from] = ' ';
}

enum completion_value completion_value_of(const struct option_def *d, struct buf *words)
{
	if (d->kind == KIND_CLASSES) {
		add_classes(words);
		return VALUE_LIST;
	}
	if (strcmp(d->arg, "STATUS") == 0) {
		add_statuses(words);
		return VALUE_WORD;
	}
	if (strchr(d->arg, '|')) {
		add_alternatives(words, d->arg);
		return VALUE_WORD;
	}
	if (strcmp(d->arg, "DIR") == 0 || strcmp(d->arg, "PATH") == 0)
		return VALUE_DIR;
	if (strcmp(d->arg, "FILE") == 0)
		return VALUE_FILE;
	return strcmp(d->arg, "PROFILE") == 0 ? VALUE_PROFILE : VALUE_OPEN;
}

bool completion_shows(const struct option_def *d, const struct command *c)
{
	return d->help && !c->is_hidden && option_is_of(d, c->id);
}

void completion_verbs(struct buf *out)
{
	int v;

	for (v = 0; v < CTL__COUNT; v++)
		if (!strchr(ctl_verb_name((enum ctl_verb)v), ' '))
			add_word(out, ctl_verb_name((enum ctl_verb)v));
}

int completion_script(const char *shell, struct buf *out, struct err *err)
{
	static const struct {
		const char *shell;
		void (*write)(struct buf *out);
	} writers[] = {
	    {"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(writers); i++) {
		if (strcmp(writers[i].shell, shell) == 0) {
			writers[i].write(out);
			return 0;
		}
	}
	return err_set(err, "no completions for '%s': bash, zsh or fish", shell);
}
