#include "cli/completion.h"

#include <string.h>

static const char head[] =
    "# zsh completion for agent-batch, made by: agent-batch help --completions zsh\n"
    "\n"
    "_agent-batch_dir() {\n"
    "\tREPLY=${(Q)opt_args[--dir]:-${AGENT_BATCHES_DIR:-$HOME/agent-batches}}\n"
    "\tREPLY=${REPLY/#\\~\\//$HOME/}\n"
    "}\n"
    "\n"
    "_agent-batch_batches() {\n"
    "\tlocal REPLY\n"
    "\tlocal -a batches\n"
    "\t_agent-batch_dir\n"
    "\tbatches=($REPLY/batch-*(/N:t))\n"
    "\t_alternative 'batches:batch:compadd -a batches' 'directories:batch directory:_files -/'\n"
    "}\n"
    "\n"
    "_agent-batch_ids() {\n"
    "\tlocal REPLY batch=latest word\n"
    "\tlocal -a ids\n"
    "\tfor word in $words[2,-2]; do\n"
    "\t\t[[ $word == (batch-*|*/*) ]] && batch=$word\n"
    "\tdone\n"
    "\t_agent-batch_dir\n"
    "\t[[ $batch == */* ]] || batch=$REPLY/$batch\n"
    "\tids=(${(f)\"$(sed -n 's/^ *{\"id\":\"\\([^\"\\\\]*\\)\".*/\\1/p' $batch/manifest.json "
    "2>/dev/null)\"})\n"
    "\tcompadd -a ids\n"
    "}\n"
    "\n"
    "_agent-batch_profiles() {\n"
    "\tlocal -a profiles\n"
    "\tprofiles=(${XDG_CONFIG_HOME:-$HOME/.config}/agent-batch/profiles/*.json(N:t:r)\n"
    "\t\t${commands[agent-batch]:h}/../share/agent-batch/profiles/*.json(N:t:r))\n"
    "\tcompadd -a profiles\n"
    "}\n"
    "\n"
    "_agent-batch_id_or_batch() {\n"
    "\t_alternative 'ids:id:_agent-batch_ids' 'batches:batch:_agent-batch_batches'\n"
    "}\n"
    "\n";

static const char tail[] =
    "_agent-batch() {\n"
    "\tlocal curcontext=$curcontext state state_descr line\n"
    "\ttypeset -A opt_args\n"
    "\tif [[ $service != agent-batch ]]; then\n"
    "\t\t_agent-batch_command $service\n"
    "\t\treturn\n"
    "\tfi\n"
    "\t_arguments -C '(- *)--version[print the version]' '1:command:_agent-batch_commands' "
    "'*:: :->rest'\n"
    "\t[[ $state == rest ]] && _agent-batch_command $words[1]\n"
    "}\n"
    "\n"
    "_agent-batch \"$@\"\n";

/* Inside single quotes, in [] and before a colon. */
static void add_escaped(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\'') {
			buf_str(out, "'\\''");
			continue;
		}
		if (strchr("[]:\\", *s))
			buf_ch(out, '\\');
		buf_ch(out, *s);
	}
}

static void add_value(const struct option_def *d, struct buf *out)
{
	struct buf words = BUF_INIT;
	enum completion_value kind = completion_value_of(d, &words);

	buf_ch(out, ':');
	add_escaped(out, strchr(d->arg, '|') ? d->name : d->arg);
	buf_ch(out, ':');
	switch (kind) {
	case VALUE_OPEN:
		break;
	case VALUE_WORD:
		buf_fmt(out, "(%s)", words.data);
		break;
	case VALUE_LIST:
		buf_fmt(out, "_sequence compadd - %s", words.data);
		break;
	case VALUE_DIR:
		buf_str(out, "_files -/");
		break;
	case VALUE_FILE:
		buf_str(out, "_files");
		break;
	case VALUE_PROFILE:
		buf_str(out, "_agent-batch_profiles");
		break;
	}
	buf_release(&words);
}

/* Each one adds to those before it. */
static bool may_come_again(const struct option_def *d)
{
	return d->kind == KIND_BRANCH || d->kind == KIND_LIST || d->kind == KIND_CLASSES;
}

static void add_option(const struct option_def *d, struct buf *out)
{
	buf_str(out, " \\\n\t\t\t");
	if (d->letter)
		buf_fmt(out, "'(-%c --%s)'{-%c%s,--%s%s}'[", d->letter, d->name, d->letter,
		    d->arg ? "+" : "", d->name, d->arg ? "=" : "");
	else
		buf_fmt(out, "'%s--%s%s[", may_come_again(d) ? "*" : "", d->name,
		    d->arg ? "=" : "");
	add_escaped(out, d->help);
	buf_ch(out, ']');
	if (d->arg)
		add_value(d, out);
	buf_ch(out, '\'');
}

static void add_words(const struct command *c, struct buf *out)
{
	struct buf verbs = BUF_INIT;

	switch (completion_words_of(c)) {
	case WORDS_NONE:
		break;
	case WORDS_CSV:
		buf_str(out, " \\\n\t\t\t'1:tasks file:_files -g \"*.csv\"'");
		break;
	case WORDS_CSV_BATCH:
		buf_str(out,
		    " \\\n\t\t\t'1:tasks file or batch:{ _files -g \"*.csv\"; "
		    "_agent-batch_batches }'");
		break;
	case WORDS_FILE:
		buf_str(out, " \\\n\t\t\t'1:file:_files'");
		break;
	case WORDS_BATCH:
		buf_str(out, " \\\n\t\t\t'1:batch:_agent-batch_batches'");
		break;
	case WORDS_BATCH_ID:
		buf_str(out,
		    " \\\n\t\t\t'1:id or batch:_agent-batch_id_or_batch'"
		    " \\\n\t\t\t'2:id:_agent-batch_ids'");
		break;
	case WORDS_BATCH_VERB:
		completion_verbs(&verbs);
		buf_fmt(out,
		    " \\\n\t\t\t'1:verb or batch:{ compadd %s; _agent-batch_batches }'"
		    " \\\n\t\t\t'*:verb or id:{ compadd %s open; _agent-batch_ids }'",
		    verbs.data, verbs.data);
		break;
	case WORDS_COMMAND:
		buf_str(out, " \\\n\t\t\t'1:command:_agent-batch_commands'");
		break;
	case WORDS_PROFILE:
		buf_str(out, " \\\n\t\t\t'*:profile:_agent-batch_profiles'");
		break;
	case WORDS_AGENT:
		buf_str(out, " \\\n\t\t\t'1:agent:_agent-batch_profiles' '2:task:'");
		break;
	}
	buf_release(&verbs);
}

static void add_command(const struct command *c, struct buf *out)
{
	size_t nr, i;
	const struct option_def *d = option_table(&nr);

	buf_fmt(out, "\t%s)\n\t\t_arguments -s", c->name);
	for (i = 0; i < nr; i++)
		if (completion_shows(&d[i], c))
			add_option(&d[i], out);
	add_words(c, out);
	buf_str(out, "\n\t\t;;\n");
}

void completion_zsh(struct buf *out)
{
	size_t nr, nr_names, i;
	const struct call_name *names = call_name_table(&nr_names);
	const struct command *c = command_table(&nr);

	buf_str(out, "#compdef agent-batch");
	for (i = 0; i < nr_names; i++)
		buf_fmt(out, " %s=%s", names[i].name, names[i].command);
	buf_ch(out, '\n');
	buf_str(out, head);
	buf_str(out, "_agent-batch_commands() {\n\tlocal -a commands=(\n");
	for (i = 0; i < nr; i++) {
		if (c[i].is_hidden)
			continue;
		buf_fmt(out, "\t\t'%s:", c[i].name);
		add_escaped(out, c[i].summary);
		buf_str(out, "'\n");
	}
	buf_str(out, "\t)\n\t_describe command commands\n}\n\n");
	buf_str(out, "_agent-batch_command() {\n\tcase $1 in\n");
	for (i = 0; i < nr; i++)
		if (!c[i].is_hidden)
			add_command(&c[i], out);
	buf_str(out, "\tesac\n}\n\n");
	buf_str(out, tail);
}
