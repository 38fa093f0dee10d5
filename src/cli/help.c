#include "cli/help.h"
#include "view/text/sanitize.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS 96
#define HELP_AT 30 /* column where an option's text begins */

void help_overview(struct buf *out)
{
	size_t nr, i;
	const struct command *c = command_table(&nr);

	buf_str(out,
	    "usage: agent-batch COMMAND [ARG...]\n"
	    "\n"
	    "Runs one AI agent per row of a CSV, retries each with backoff, and launches again "
	    "what\n"
	    "failed, cycle after cycle, until all is done or the retries are spent.\n"
	    "\n");
	for (i = 0; i < nr; i++)
		if (!c[i].is_hidden)
			buf_fmt(out, "  %-12s %s\n", c[i].name, c[i].summary);
	buf_str(out,
	    "\n"
	    "A BATCH is a directory, a batch's name, or left out: the newest run.\n"
	    "agent-batch help COMMAND tells a command's options; agent-batch --version the "
	    "version.\n"
	    "First steps: agent-batch demo, then agent-batch launch TASKS.csv --auto-retry.\n");
}

/* `text` in lines that end before COLUMNS, all but the first indented to HELP_AT. */
static void add_wrapped(struct buf *out, const char *text)
{
	size_t room = COLUMNS - HELP_AT;

	while (strlen(text) > room) {
		size_t n = room;

		while (n > 0 && text[n] != ' ')
			n--;
		if (n == 0)
			n = room;
		buf_add(out, text, n);
		buf_fmt(out, "\n%*s", HELP_AT, "");
		text += n;
		text += *text == ' ';
	}
	buf_str(out, text);
	buf_ch(out, '\n');
}

/* "; 4 by config.json:3" */
static void add_configured(struct buf *text, const struct option_def *d,
    const struct config *config)
{
	size_t i;

	for (i = 0; config_takes(d) && i < config->json.nr; i++) {
		const struct config_entry *e = &config->json.v[i];

		if (strcmp(e->name, d->name) != 0)
			continue;
		buf_str(text, "; in force: ");
		sanitize_line(text, e->value);
		if (e->profile) {
			buf_str(text, " for ");
			sanitize_line(text, e->profile);
		}
		buf_fmt(text, " (config.json:%u)", e->line);
	}
}

static void add_option(struct buf *out, const struct option_def *d, const struct config *config)
{
	struct buf text = BUF_INIT;
	size_t from = out->len;

	if (d->letter)
		buf_fmt(out, "  -%c, --%s", d->letter, d->name);
	else
		buf_fmt(out, "      --%s", d->name);
	if (d->arg)
		buf_fmt(out, " %s", d->arg);
	if (out->len - from + 2 > HELP_AT)
		buf_fmt(out, "\n%*s", HELP_AT, "");
	else
		buf_fmt(out, "%*s", (int)(HELP_AT - (out->len - from)), "");
	buf_str(&text, d->help);
	add_configured(&text, d, config);
	add_wrapped(out, text.data);
	buf_release(&text);
}

static void add_config_path(struct buf *out, const struct config *config)
{
	if (!config->path)
		return;
	buf_str(out,
	    config->is_there ? "\ndefaults from "
			     : "\ndefaults as built in; agent-batch-config(5) tells of ");
	sanitize_line(out, config->path);
	buf_ch(out, '\n');
}

void help_command(const struct command *c, const struct config *config, struct buf *out)
{
	size_t nr, i;
	const struct option_def *d = option_table(&nr);

	buf_fmt(out, "usage: agent-batch %s%s%s\n\n%s\n\n", c->name, *c->args ? " " : "", c->args,
	    c->summary);
	for (i = 0; i < nr; i++)
		if (option_is_of(&d[i], c->id) && d[i].help)
			add_option(out, &d[i], config);
	if (config_launches(c->id))
		add_config_path(out, config);
	if (c->about)
		buf_fmt(out, "\n%s", c->about);
}
