#include "cli/dry_run.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "cli/config.h"
#include "cli/print.h"
#include "engine/command.h"
#include "engine/launch.h"
#include "view/text/sanitize.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word as a shell would have to be given it, so that a command line can be read and copied. */
static void add_word(struct buf *out, const char *word)
{
	struct buf clean = BUF_INIT;
	const char *s;
	bool is_plain;

	sanitize_line(&clean, word);
	is_plain = clean.len > 0;
	for (s = clean.data; *s; s++)
		is_plain = is_plain && (isalnum((unsigned char)*s) || strchr("-_./:=@%+,~", *s));
	if (is_plain) {
		buf_str(out, clean.data);
	} else {
		buf_ch(out, '\'');
		for (s = clean.data; *s; s++) {
			if (*s == '\'')
				buf_str(out, "'\\''");
			else
				buf_ch(out, *s);
		}
		buf_ch(out, '\'');
	}
	buf_release(&clean);
}

static void add_row(struct buf *out, const struct options *o, const struct input *in,
    const struct task *t, const struct command *c)
{
	const char *agent = task_get(&in->tasks, t, COL_AGENT);
	size_t i;

	sanitize_line(out, t->id);
	buf_ch(out, ' ');
	sanitize_line(out, *agent ? agent : options_default_agent(o));
	buf_str(out, " in ");
	add_word(out, c->cwd);
	buf_ch(out, ':');
	for (i = 0; c->argv[i]; i++) {
		buf_ch(out, ' ');
		add_word(out, c->argv[i]);
	}
	if (c->task_on_stdin)
		buf_str(out, " < task");
	buf_ch(out, '\n');
}

static int print_rows(struct command_maker *maker, const struct options *o, const struct input *in)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	uint32_t i;

	for (i = 0; i < in->tasks.nr && !print_is_broken(); i++) {
		struct command c;
		struct attempt_ref ref = {.agent = i, .n = 1, .kind = RECORD_AGENT};

		if (command_make(maker, i, ref, &c, &err) < 0) {
			buf_release(&out);
			return fail(EXIT_USAGE, "%s: %s", in->tasks.v[i].id, err.msg);
		}
		add_row(&out, o, in, &in->tasks.v[i], &c);
		command_release(&c);
		print_buf(&out);
		buf_reset(&out);
	}
	buf_release(&out);
	return print_status();
}

static bool is_superseded(const struct cli_args *args, size_t at)
{
	size_t i;

	for (i = at + 1; i < args->nr_configured; i++)
		if (args->configured[i].def == args->configured[at].def)
			return true;
	return false;
}

static void add_option(struct buf *out, const struct option_def *d, const char *value)
{
	buf_fmt(out, "  --%s", d->name);
	if (d->arg) {
		buf_ch(out, ' ');
		add_word(out, value);
	} else if (value && strcmp(value, "false") == 0) {
		buf_str(out, "=false");
	}
}

/* Options that are not as built in, each with whence it is. */
static void print_in_force(const struct cli_args *args)
{
	struct buf out = BUF_INIT;
	size_t i;

	for (i = 0; i < args->nr_given; i++) {
		if (args->given[i].def->home != HOME_OPTIONS)
			continue;
		add_option(&out, args->given[i].def, args->given[i].value);
		buf_str(&out, "  (given)\n");
	}
	for (i = 0; i < args->nr_configured; i++) {
		const struct configured *c = &args->configured[i];

		if (is_superseded(args, i))
			continue;
		add_option(&out, c->def, c->entry->value);
		buf_str(&out, "  (");
		sanitize_line(&out, args->config->path);
		buf_fmt(&out, ":%u)\n", c->entry->line);
	}
	print_fmt("in force%s\n", out.len ? ":" : ": everything as built in");
	print_buf(&out);
	buf_release(&out);
}

int dry_run(const struct cli_args *args, const struct input *in)
{
	const struct options *o = &args->options;
	char stamp[CLOCK_STAMP_LEN + 1];
	struct batch_dir dir = {.fd = -1, .parent_path = o->dir};
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct command_maker *maker;
	int rc;

	clock_stamp(clock_now().wall_ms, stamp);
	snprintf(dir.name, sizeof(dir.name), "batch-%s", stamp);
	dir.path = xasprintf("%s/%s", o->dir, dir.name);
	worst_case_text(o, in->has_retry ? in->retry.retry_count : 0, &text);
	shared_dirs_text(o, &in->tasks, &text);
	accounts_text(o, &text);
	print_buf(&text);
	buf_release(&text);
	print_in_force(args);
	print_fmt("%u row%s would start, ", in->tasks.nr, in->tasks.nr == 1 ? "" : "s");
	print_fmt(o->jobs > 0 ? "%d at a time:\n" : "all at once:\n", o->jobs);
	maker = command_maker_new(
	    &(struct command_maker_opts){
		.options = o,
		.tasks = &in->tasks,
		.dir = &dir,
		.cycle = in->has_retry ? in->retry.retry_count : 0,
	    },
	    &err);
	rc = maker ? print_rows(maker, o, in) : fail(EXIT_USAGE, "%s", err.msg);
	command_maker_free(maker);
	free(dir.path);
	return rc;
}
