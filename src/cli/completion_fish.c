#include "cli/completion.h"

static const char head[] =
    "# fish completion for agent-batch, made by: agent-batch help --completions fish\n"
    "\n"
    "function __agent_batch_dir\n"
    "\tset -l words (commandline -opc)\n"
    "\tset -l at (contains -i -- --dir $words)\n"
    "\tand set -q words[(math $at + 1)]\n"
    "\tand echo $words[(math $at + 1)]\n"
    "\tand return\n"
    "\tset -q AGENT_BATCHES_DIR\n"
    "\tand echo $AGENT_BATCHES_DIR\n"
    "\tor echo $HOME/agent-batches\n"
    "end\n"
    "\n"
    "function __agent_batch_batches\n"
    "\tfor d in (__agent_batch_dir)/batch-*/\n"
    "\t\tbasename $d\n"
    "\tend\n"
    "end\n"
    "\n"
    "function __agent_batch_ids\n"
    "\tset -l batch (__agent_batch_dir)/latest\n"
    "\tfor word in (commandline -opc)[2..-1]\n"
    "\t\tstring match -q 'batch-*' -- $word\n"
    "\t\tand set batch (__agent_batch_dir)/$word\n"
    "\t\tstring match -q '*/*' -- $word\n"
    "\t\tand set batch $word\n"
    "\tend\n"
    "\tstring match -rg '^ *\\{\"id\":\"([^\"\\\\\\\\]*)\"' <$batch/manifest.json 2>/dev/null\n"
    "end\n"
    "\n"
    "function __agent_batch_profiles\n"
    "\tset -l config $HOME/.config\n"
    "\tset -q XDG_CONFIG_HOME\n"
    "\tand set config $XDG_CONFIG_HOME\n"
    "\tset -l share (dirname (command -s agent-batch))/../share\n"
    "\tfor f in $config/agent-batch/profiles/*.json $share/agent-batch/profiles/*.json\n"
    "\t\tbasename $f .json\n"
    "\tend\n"
    "end\n"
    "\n"
    "complete -c agent-batch -f\n"
    "complete -c agent-batch -n __fish_use_subcommand -l version -d 'print the version'\n";

/* In single quotes fish knows \' and \\ alone. */
static void add_quoted(struct buf *out, const char *s)
{
	buf_ch(out, '\'');
	for (; *s; s++) {
		if (*s == '\'' || *s == '\\')
			buf_ch(out, '\\');
		buf_ch(out, *s);
	}
	buf_ch(out, '\'');
}

static void begin(const struct command *c, struct buf *out)
{
	buf_fmt(out, "complete -c agent-batch -n '__fish_seen_subcommand_from %s'", c->name);
}

static void add_value(const struct option_def *d, struct buf *out)
{
	struct buf words = BUF_INIT;

	switch (completion_value_of(d, &words)) {
	case VALUE_OPEN:
		buf_str(out, " -x");
		break;
	case VALUE_WORD:
		buf_fmt(out, " -x -a '%s'", words.data);
		break;
	case VALUE_LIST:
		buf_fmt(out, " -x -a '(__fish_append , %s)'", words.data);
		break;
	case VALUE_DIR:
		buf_str(out, " -x -a '(__fish_complete_directories)'");
		break;
	case VALUE_FILE:
		buf_str(out, " -r -F");
		break;
	case VALUE_PROFILE:
		buf_str(out, " -x -a '(__agent_batch_profiles)'");
		break;
	}
	buf_release(&words);
}

static void add_option(const struct command *c, const struct option_def *d, struct buf *out)
{
	begin(c, out);
	buf_fmt(out, " -l %s", d->name);
	if (d->letter)
		buf_fmt(out, " -s %c", d->letter);
	if (d->arg)
		add_value(d, out);
	buf_str(out, " -d ");
	add_quoted(out, d->help);
	buf_ch(out, '\n');
}

static void add_words(const struct command *c, struct buf *out)
{
	static const char *const words[] = {
	    [WORDS_NONE] = NULL,
	    [WORDS_CSV] = "(__fish_complete_suffix .csv)",
	    [WORDS_CSV_BATCH] = "(__fish_complete_suffix .csv; __agent_batch_batches)",
	    [WORDS_FILE] = "(__fish_complete_path)",
	    [WORDS_BATCH] = "(__agent_batch_batches)",
	    [WORDS_BATCH_ID] = "(__agent_batch_batches; __agent_batch_ids)",
	    [WORDS_BATCH_VERB] = "(__agent_batch_batches; __agent_batch_ids)",
	    [WORDS_COMMAND] = "$__agent_batch_commands",
	    [WORDS_PROFILE] = "(__agent_batch_profiles)",
	    [WORDS_AGENT] = "(__agent_batch_profiles)",
	};
	struct buf verbs = BUF_INIT;
	enum completion_words w = completion_words_of(c);

	if (w == WORDS_BATCH_VERB) {
		completion_verbs(&verbs);
		begin(c, out);
		buf_fmt(out, " -a '%s open'\n", verbs.data);
	}
	if (w != WORDS_NONE) {
		begin(c, out);
		buf_fmt(out, " -a '%s'\n", words[w]);
	}
	buf_release(&verbs);
}

void completion_fish(struct buf *out)
{
	size_t nr_commands, nr_names, nr, i, k;
	const struct command *c = command_table(&nr_commands);
	const struct call_name *names = call_name_table(&nr_names);
	const struct option_def *d = option_table(&nr);

	buf_str(out, head);
	buf_str(out, "set -g __agent_batch_commands");
	for (i = 0; i < nr_commands; i++)
		if (!c[i].is_hidden)
			buf_fmt(out, " %s", c[i].name);
	buf_ch(out, '\n');
	for (i = 0; i < nr_commands; i++) {
		if (c[i].is_hidden)
			continue;
		buf_fmt(out, "\ncomplete -c agent-batch -n __fish_use_subcommand -a %s -d ",
		    c[i].name);
		add_quoted(out, c[i].summary);
		buf_ch(out, '\n');
		for (k = 0; k < nr; k++)
			if (completion_shows(&d[k], &c[i]))
				add_option(&c[i], &d[k], out);
		add_words(&c[i], out);
	}
	buf_ch(out, '\n');
	for (i = 0; i < nr_names; i++)
		buf_fmt(out, "complete -c %s -w 'agent-batch %s'\n", names[i].name,
		    names[i].command);
}
