/* Three functions with what the tables know, and one that does not depend on them. It needs no
 * bash-completion and runs with bash 3.2. */
#include "cli/completion.h"

static const char head[] =
    "# bash completion for agent-batch, made by: agent-batch help --completions bash\n"
    "\n";

static const char body[] =
    "# What stands behind an option in the line so far.\n"
    "_agent_batch_given() {\n"
    "\tlocal i\n"
    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
    "\t\tif [[ ${COMP_WORDS[i]} == \"$1\" ]]; then\n"
    "\t\t\t[[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))\n"
    "\t\t\tprintf '%s' \"${COMP_WORDS[i + 1]}\"\n"
    "\t\t\treturn\n"
    "\t\tfi\n"
    "\tdone\n"
    "}\n"
    "\n"
    "_agent_batch_dir() {\n"
    "\tlocal dir\n"
    "\tdir=$(_agent_batch_given --dir)\n"
    "\tdir=${dir:-${AGENT_BATCHES_DIR:-$HOME/agent-batches}}\n"
    "\tprintf '%s' \"${dir/#\\~\\//$HOME/}\"\n"
    "}\n"
    "\n"
    "_agent_batch_batches() {\n"
    "\tlocal d\n"
    "\tfor d in \"$(_agent_batch_dir)\"/batch-*/; do\n"
    "\t\td=${d%/}\n"
    "\t\t[[ -d $d ]] && printf '%s\\n' \"${d##*/}\"\n"
    "\tdone\n"
    "}\n"
    "\n"
    "# Ids of a batch, or of the newest one.\n"
    "_agent_batch_ids() {\n"
    "\tlocal batch=${1:-latest}\n"
    "\t[[ $batch == */* ]] || batch=$(_agent_batch_dir)/$batch\n"
    "\tsed -n 's/^ *{\"id\":\"\\([^\"\\\\]*\\)\".*/\\1/p' \"$batch/manifest.json\" 2>/dev/null\n"
    "}\n"
    "\n"
    "_agent_batch_profiles() {\n"
    "\tlocal program f\n"
    "\tprogram=$(command -v agent-batch) || program=/usr/local/bin/agent-batch\n"
    "\tfor f in \"${XDG_CONFIG_HOME:-$HOME/.config}\"/agent-batch/profiles/*.json \\\n"
    "\t\t\"${program%/*}\"/../share/agent-batch/profiles/*.json; do\n"
    "\t\t[[ -e $f ]] && basename \"$f\" .json\n"
    "\tdone\n"
    "}\n"
    "\n"
    "# Offers those of the words that begin with what is typed. Names of batches and ids are data: "
    "compgen -W\n"
    "# would expand them, and the shell what is put on its line, so they are quoted.\n"
    "_agent_batch_offer() { # WORDS [PREFIX]\n"
    "\tlocal word\n"
    "\twhile IFS= read -r word; do\n"
    "\t\t[[ -n $word && $word == \"$_agent_batch_cur\"* ]] || continue\n"
    "\t\tprintf -v word %q \"$word\"\n"
    "\t\tCOMPREPLY+=(\"${2-}$word\")\n"
    "\tdone <<<\"${1// /$'\\n'}\"\n"
    "}\n"
    "\n"
    "_agent_batch_files() { # ACTION...: as compgen takes them\n"
    "\tlocal line\n"
    "\tcompopt -o filenames 2>/dev/null\n"
    "\twhile IFS= read -r line; do\n"
    "\t\tCOMPREPLY+=(\"$line\")\n"
    "\tdone < <(compgen \"$@\" -- \"$_agent_batch_cur\")\n"
    "}\n"
    "\n"
    "_agent_batch_words() { # COMMAND: the words behind it that are no options\n"
    "\tlocal i last=\n"
    "\tfor ((i = $2; i < COMP_CWORD; i++)); do\n"
    "\t\tcase ${COMP_WORDS[i]} in\n"
    "\t\t-*) last=${COMP_WORDS[i]} ;;\n"
    "\t\t=) ;;\n"
    "\t\t*)\n"
    "\t\t\tif [[ -z $last || -z $(_agent_batch_value \"$1\" \"$last\") ]]; then\n"
    "\t\t\t\tprintf '%s\\n' \"${COMP_WORDS[i]}\"\n"
    "\t\t\tfi\n"
    "\t\t\tlast=\n"
    "\t\t\t;;\n"
    "\t\tesac\n"
    "\tdone\n"
    "}\n"
    "\n"
    "_agent_batch_behind() { # OPTION's kind and words: what may be its value\n"
    "\tlocal kind=${1%% *} words= before=\n"
    "\t[[ $1 == *' '* ]] && words=${1#* }\n"
    "\tcase $kind in\n"
    "\tword) _agent_batch_offer \"$words\" ;;\n"
    "\tlist)\n"
    "\t\tif [[ $_agent_batch_cur == *,* ]]; then\n"
    "\t\t\tbefore=${_agent_batch_cur%,*},\n"
    "\t\t\t_agent_batch_cur=${_agent_batch_cur##*,}\n"
    "\t\tfi\n"
    "\t\t_agent_batch_offer \"$words\" \"$before\"\n"
    "\t\t;;\n"
    "\tdir) _agent_batch_files -d ;;\n"
    "\tfile) _agent_batch_files -f ;;\n"
    "\tprofile) _agent_batch_offer \"$(_agent_batch_profiles)\" ;;\n"
    "\tesac\n"
    "}\n"
    "\n"
    "_agent_batch_batch() {\n"
    "\t_agent_batch_offer \"$(_agent_batch_batches)\"\n"
    "\t[[ $_agent_batch_cur == */* ]] && _agent_batch_files -d\n"
    "}\n"
    "\n"
    "_agent_batch_argument() { # COMMAND WORD...: the words before it\n"
    "\tlocal command=$1 batch=\n"
    "\tshift\n"
    "\tcase $1 in batch-* | */*) batch=$1 ;; esac\n"
    "\tcase $(_agent_batch_takes \"$command\") in\n"
    "\tcsv) [[ $# = 0 ]] && _agent_batch_files -f -X '!*.csv' && _agent_batch_files -d ;;\n"
    "\tcsvbatch)\n"
    "\t\t[[ $# = 0 ]] || return\n"
    "\t\t_agent_batch_files -f -X '!*.csv' && _agent_batch_files -d\n"
    "\t\t_agent_batch_offer \"$(_agent_batch_batches)\"\n"
    "\t\t;;\n"
    "\tfile) [[ $# = 0 ]] && _agent_batch_files -f ;;\n"
    "\tcommand) [[ $# = 0 ]] && _agent_batch_offer \"$_agent_batch_commands\" ;;\n"
    "\tprofile) _agent_batch_offer \"$(_agent_batch_profiles)\" ;;\n"
    "\tagent) [[ $# = 0 ]] && _agent_batch_offer \"$(_agent_batch_profiles)\" ;;\n"
    "\tbatch) [[ $# = 0 ]] && _agent_batch_batch ;;\n"
    "\tid)\n"
    "\t\t[[ $# = 0 ]] && _agent_batch_batch\n"
    "\t\t[[ $# = 0 || ($# = 1 && -n $batch) ]] && _agent_batch_offer \"$(_agent_batch_ids "
    "\"$batch\")\"\n"
    "\t\t;;\n"
    "\tverb)\n"
    "\t\t[[ $# = 0 ]] && _agent_batch_batch\n"
    "\t\t[[ -n $batch ]] && shift\n"
    "\t\tcase $#$1 in\n"
    "\t\t0) _agent_batch_offer \"$_agent_batch_verbs\" ;;\n"
    "\t\t1gate) _agent_batch_offer open ;;\n"
    "\t\t*cancel | *retry | *skip-wait) _agent_batch_offer \"$(_agent_batch_ids \"$batch\")\" ;;\n"
    "\t\tesac\n"
    "\t\t;;\n"
    "\tesac\n"
    "}\n"
    "\n"
    "_agent_batch() {\n"
    "\tlocal name=${COMP_WORDS[0]##*/} at=1 command option kind line IFS=$' \\t\\n'\n"
    "\tlocal -a before=()\n"
    "\t_agent_batch_cur=${COMP_WORDS[COMP_CWORD]}\n"
    "\toption=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "\tCOMPREPLY=()\n"
    "\tcase $name in\n"
    "\tagent-batch-launch*) command=launch ;;\n"
    "\tagent-batch-*) command=${name#agent-batch-} ;;\n"
    "\tsummon_agent) command=$name ;;\n"
    "\t*)\n"
    "\t\tif [[ $COMP_CWORD = 1 ]]; then\n"
    "\t\t\t_agent_batch_offer \"$_agent_batch_commands --help --version\"\n"
    "\t\t\treturn\n"
    "\t\tfi\n"
    "\t\tcommand=${COMP_WORDS[1]} at=2\n"
    "\t\t;;\n"
    "\tesac\n"
    "\t# --name=value comes as three words.\n"
    "\tif [[ $_agent_batch_cur == = ]]; then\n"
    "\t\t_agent_batch_cur=\n"
    "\telif [[ $option == = ]]; then\n"
    "\t\toption=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "\tfi\n"
    "\tkind=$(_agent_batch_value \"$command\" \"$option\")\n"
    "\tif [[ -n $kind ]]; then\n"
    "\t\t_agent_batch_behind \"$kind\"\n"
    "\telif [[ $_agent_batch_cur == -* ]]; then\n"
    "\t\t_agent_batch_offer \"$(_agent_batch_options \"$command\")\"\n"
    "\telse\n"
    "\t\twhile IFS= read -r line; do\n"
    "\t\t\tbefore+=(\"$line\")\n"
    "\t\tdone < <(_agent_batch_words \"$command\" \"$at\")\n"
    "\t\t_agent_batch_argument \"$command\" \"${before[@]}\"\n"
    "\tfi\n"
    "}\n";

static void add_names(struct buf *out)
{
	size_t nr, i;
	const struct call_name *n = call_name_table(&nr);

	buf_str(out, "\ncomplete -F _agent_batch agent-batch");
	for (i = 0; i < nr; i++)
		buf_fmt(out, " %s", n[i].name);
	buf_ch(out, '\n');
}

static void add_commands(struct buf *out)
{
	size_t nr, i;
	const struct command *c = command_table(&nr);
	struct buf verbs = BUF_INIT;

	completion_verbs(&verbs);
	buf_str(out, "_agent_batch_commands='");
	for (i = 0; i < nr; i++)
		if (!c[i].is_hidden)
			buf_fmt(out, "%s%s", i ? " " : "", c[i].name);
	buf_fmt(out, "'\n_agent_batch_verbs='%s'\n\n", verbs.data);
	buf_release(&verbs);
}

static void add_options_of(const struct command *c, struct buf *out)
{
	size_t nr, i;
	const struct option_def *d = option_table(&nr);

	buf_fmt(out, "\t%s) echo '", c->name);
	for (i = 0; i < nr; i++) {
		if (!completion_shows(&d[i], c))
			continue;
		buf_fmt(out, "--%s ", d[i].name);
		if (d[i].letter)
			buf_fmt(out, "-%c ", d[i].letter);
	}
	buf_cut(out, out->len - 1); /* every command has --help */
	buf_str(out, "' ;;\n");
}

static void add_value(const struct command *c, const struct option_def *d, struct buf *out)
{
	static const char *const kinds[] = {
	    [VALUE_OPEN] = "open",
	    [VALUE_WORD] = "word ",
	    [VALUE_LIST] = "list ",
	    [VALUE_DIR] = "dir",
	    [VALUE_FILE] = "file",
	    [VALUE_PROFILE] = "profile",
	};
	struct buf words = BUF_INIT;
	enum completion_value kind = completion_value_of(d, &words);

	buf_fmt(out, "\t%s:--%s", c->name, d->name);
	if (d->letter)
		buf_fmt(out, " | %s:-%c", c->name, d->letter);
	buf_fmt(out, ") echo '%s%s' ;;\n", kinds[kind], words.data);
	buf_release(&words);
}

static void add_values(struct buf *out)
{
	size_t nr_commands, nr, i, k;
	const struct command *c = command_table(&nr_commands);
	const struct option_def *d = option_table(&nr);

	buf_str(out,
	    "# COMMAND OPTION: what its value may be, or nothing where it takes none.\n"
	    "_agent_batch_value() {\n"
	    "\tcase $1:$2 in\n");
	for (i = 0; i < nr_commands; i++)
		for (k = 0; k < nr; k++)
			if (completion_shows(&d[k], &c[i]) && d[k].arg)
				add_value(&c[i], &d[k], out);
	buf_str(out, "\tesac\n}\n\n");
}

static void add_takes(struct buf *out)
{
	static const char *const words[] = {
	    [WORDS_NONE] = "",
	    [WORDS_CSV] = "csv",
	    [WORDS_CSV_BATCH] = "csvbatch",
	    [WORDS_FILE] = "file",
	    [WORDS_BATCH] = "batch",
	    [WORDS_BATCH_ID] = "id",
	    [WORDS_BATCH_VERB] = "verb",
	    [WORDS_COMMAND] = "command",
	    [WORDS_PROFILE] = "profile",
	    [WORDS_AGENT] = "agent",
	};
	size_t nr, i;
	const struct command *c = command_table(&nr);

	buf_str(out,
	    "# What a command takes beside options.\n"
	    "_agent_batch_takes() {\n"
	    "\tcase $1 in\n");
	for (i = 0; i < nr; i++)
		if (!c[i].is_hidden && completion_words_of(&c[i]) != WORDS_NONE)
			buf_fmt(out, "\t%s) echo %s ;;\n", c[i].name,
			    words[completion_words_of(&c[i])]);
	buf_str(out, "\tesac\n}\n\n");
}

void completion_bash(struct buf *out)
{
	size_t nr, i;
	const struct command *c = command_table(&nr);

	buf_str(out, head);
	add_commands(out);
	buf_str(out, "_agent_batch_options() {\n\tcase $1 in\n");
	for (i = 0; i < nr; i++)
		if (!c[i].is_hidden)
			add_options_of(&c[i], out);
	buf_str(out, "\tesac\n}\n\n");
	add_values(out);
	add_takes(out);
	buf_str(out, body);
	add_names(out);
}
