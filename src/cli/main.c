/* agent-batch: one binary, a command word or a name it was called by, one file a command. */
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/config.h"
#include "cli/help.h"
#include "cli/near.h"
#include "cli/print.h"
#include "base/xalloc.h"

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Our own name means none of them. */
static const char *command_of_call_name(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	const char *name = slash ? slash + 1 : argv0;
	size_t nr, i;
	const struct call_name *known = call_name_table(&nr);

	for (i = 0; i < nr; i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].command;
	return NULL;
}

static int print_help_of(const struct command *c)
{
	struct buf text = BUF_INIT;
	struct config config;
	struct err err = ERR_INIT;

	if (config_load(&config, &err) < 0)
		note("%s", err.msg); /* all the more reason to tell what options there are */
	if (c)
		help_command(c, &config, &text);
	else
		help_overview(&text);
	print_buf(&text);
	config_release(&config);
	buf_release(&text);
	return print_status();
}

static int print_names(void)
{
	size_t nr, i;
	const struct command *c = command_table(&nr);

	for (i = 0; i < nr; i++)
		if (!c[i].is_hidden)
			print_fmt("%s\n", c[i].name);
	return print_status();
}

static int print_completions(const char *shell)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	int rc = completion_script(shell, &text, &err);

	if (rc == 0)
		print_buf(&text);
	buf_release(&text);
	return rc == 0 ? print_status() : fail(EXIT_USAGE, "help: %s", err.msg);
}

static int no_command(const char *name)
{
	size_t nr, i;
	const struct command *c = command_table(&nr);
	struct near near = {.word = name, .len = strlen(name)};
	char meant[NEAR_SIZE];

	for (i = 0; i < nr; i++)
		if (!c[i].is_hidden)
			near_look(&near, c[i].name);
	return fail(EXIT_USAGE, "there is no command '%s'%s; agent-batch help lists them", name,
	    near_text(&near, "", meant));
}

static int cmd_help(struct cli_args *args)
{
	const struct command *c;

	if (args->front.names)
		return print_names();
	if (args->front.completions)
		return print_completions(args->front.completions);
	if (args->nr_words == 0)
		return print_help_of(NULL);
	c = command_find(args->words[0]);
	if (c)
		return print_help_of(c);
	return no_command(args->words[0]);
}

static int (*const run[CMD__COUNT])(struct cli_args *args) = {
    [CMD_LAUNCH] = cmd_launch,
    [CMD_MONITOR] = cmd_monitor,
    [CMD_MONITOR_BG] = cmd_monitor_bg,
    [CMD_STATUS] = cmd_status,
    [CMD_LIST] = cmd_list,
    [CMD_WAIT] = cmd_wait,
    [CMD_RETRY] = cmd_retry,
    [CMD_RESUME] = cmd_resume,
    [CMD_CTL] = cmd_ctl,
    [CMD_LINEAGE] = cmd_lineage,
    [CMD_LOGS] = cmd_logs,
    [CMD_REPORT] = cmd_report,
    [CMD_COLLECT] = cmd_collect,
    [CMD_CHECK] = cmd_check,
    [CMD_CLASSIFY] = cmd_classify,
    [CMD_PROFILES] = cmd_profiles,
    [CMD_GRAPH] = cmd_graph,
    [CMD_SCORE] = cmd_score,
    [CMD_DEMO] = cmd_demo,
    [CMD_DOCTOR] = cmd_doctor,
    [CMD_SUMMON] = cmd_summon,
    [CMD_SOLVE] = cmd_solve,
    [CMD_CONDUCT] = cmd_conduct,
    [CMD_HELP] = cmd_help,
};

/* What starts agents starts none by half of a file. Other commands tell what is wrong with it, and do
 * their work. The conductor's options were settled when it was launched. */
static int configure(struct config *config, struct cli_args *args)
{
	struct err err = ERR_INIT;

	if (args->command == CMD_CONDUCT)
		return 0;
	if (config_load(config, &err) == 0) {
		config_apply(config, args, NULL);
		args->config = config;
		return 0;
	}
	if (config_launches(args->command))
		return fail(EXIT_USAGE, "%s", err.msg);
	note("%s", err.msg);
	return 0;
}

static int run_configured(const struct command *c, struct cli_args *args)
{
	struct config config = {.json = {.arena = ARENA_INIT}};
	int rc = configure(&config, args);

	if (rc == 0)
		rc = run[c->id](args);
	config_release(&config);
	return rc;
}

static int run_command(const char *name, int argc, char **argv)
{
	const struct command *c = command_find(name);
	struct cli_args args;
	struct err err = ERR_INIT;
	int rc;

	if (!c)
		return no_command(name);
	if (cli_args_parse(&args, c->id, argc, argv, &err) < 0)
		rc = fail(EXIT_USAGE, "%s: %s; agent-batch help %s", c->name, err.msg, c->name);
	else if (args.front.help)
		rc = print_help_of(c);
	else
		rc = run_configured(c, &args);
	cli_args_release(&args);
	return rc;
}

/* The word before the command's own: only what stands alone. */
static int run_without_command(int argc, char **argv)
{
	if (argc < 2) {
		struct buf text = BUF_INIT;

		help_overview(&text);
		print_buf(&text);
		buf_release(&text);
		return fail(EXIT_USAGE, "no command given");
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		print_fmt("agent-batch %s\n", AB_VERSION);
		return print_status();
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_help_of(NULL);
	if (argv[1][0] == '-')
		return fail(EXIT_USAGE, "unknown option '%s' before a command", argv[1]);
	return run_command(argv[1], argc - 2, argv + 2);
}

/* A caller may have closed them: the files that we open must not come to stand in their places, where
 * our own messages would be written into them. */
static void keep_places_of_std_fds(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(EXIT_INTERNAL);
}

/* Numbers in files and options have a point, and letters their ASCII case, whatever the locale: in a
 * Turkish one the small letter of I is another, and "TRY AGAIN IN 5 MINUTES" told nothing. What is left
 * of LC_CTYPE is whether the terminal takes UTF-8. */
static void settle_locale(void)
{
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C");
	else
		(void)setlocale(LC_CTYPE, "C.UTF-8"); /* not there: it stays as it is */
}

int main(int argc, char **argv)
{
	const char *command = argc > 0 ? command_of_call_name(argv[0]) : NULL;

	keep_places_of_std_fds();
	settle_locale();
	signal(SIGPIPE, SIG_IGN); /* a reader that leaves ends the output, not the batch */
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit (ulimit -f) is a disk that says no */
	if (!command)
		return run_without_command(argc, argv);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return run_without_command(argc, argv);
	return run_command(command, argc - 1, argv + 1);
}
