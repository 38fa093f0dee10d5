/* The commands, and what they have in common. */
#ifndef AB_CLI_COMMAND_H
#define AB_CLI_COMMAND_H

#include "cli/options.h"
#include "engine/launch.h"

struct command {
	enum command_id id;
	const char *name;
	const char *args; /* of the usage line */
	const char *summary; /* one line */
	const char *about; /* behind the options in its help, or NULL */
	bool is_hidden;
};

/* A name of its own that a command is called by too: the seeds', installed as links. */
struct call_name {
	const char *name, *command;
};
const struct call_name *call_name_table(size_t *nr);

/* The table; NULL for an unknown name. */
const struct command *command_table(size_t *nr);
const struct command *command_find(const char *name);

/* One file each; all return an exit status. */
int cmd_launch(struct cli_args *args);
int cmd_monitor(struct cli_args *args);
int cmd_monitor_bg(struct cli_args *args);
int cmd_status(struct cli_args *args);
int cmd_list(struct cli_args *args);
int cmd_wait(struct cli_args *args);
int cmd_retry(struct cli_args *args);
int cmd_resume(struct cli_args *args);
int cmd_ctl(struct cli_args *args);
int cmd_lineage(struct cli_args *args);
int cmd_logs(struct cli_args *args);
int cmd_report(struct cli_args *args);
int cmd_collect(struct cli_args *args);
int cmd_check(struct cli_args *args);
int cmd_score(struct cli_args *args);
int cmd_graph(struct cli_args *args);
int cmd_classify(struct cli_args *args);
int cmd_profiles(struct cli_args *args);
int cmd_demo(struct cli_args *args);
int cmd_doctor(struct cli_args *args);
int cmd_summon(struct cli_args *args);
int cmd_solve(struct cli_args *args);
int cmd_conduct(struct cli_args *args);

#endif
