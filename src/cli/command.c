#include "cli/command.h"
#include "base/xalloc.h"

#include <string.h>

static const char exit_codes[] =
    "exit: 0 all completed; 1 some failed when the retries were spent; 2 wrong usage or input,\n"
    "nothing was started; 3 stopped; 4 another conductor holds it; 5 internal or I/O error;\n"
    "6 left while it still runs; 7 interrupted: nobody conducts it\n";

static const struct command table[] = {
    {.id = CMD_LAUNCH,
	.name = "launch",
	.args = "TASKS.csv [OPTION...]",
	.summary = "run a batch: one agent per row (- reads stdin)",
	.about = exit_codes},
    {.id = CMD_MONITOR,
	.name = "monitor",
	.args = "[BATCH] [--print VIEW [ID]]",
	.summary = "the screen, on a run that runs or has ended"},
    {.id = CMD_MONITOR_BG,
	.name = "monitor-bg",
	.args = "[BATCH]",
	.summary = "watch without a screen into monitor.log; --notify tells the end",
	.about = exit_codes},
    {.id = CMD_STATUS,
	.name = "status",
	.args = "[BATCH]",
	.summary = "one screen of text, for watch -n 5; or JSON"},
    {.id = CMD_LIST, .name = "list", .args = "", .summary = "batches and runs, newest first"},
    {.id = CMD_WAIT,
	.name = "wait",
	.args = "[BATCH]",
	.summary = "wait until the whole run has ended; exits as launch does",
	.about = exit_codes},
    {.id = CMD_RETRY,
	.name = "retry",
	.args = "[BATCH] [--launch [OPTION...]]",
	.summary = "write a CSV of what failed and no child has healed; --launch runs it",
	.about = exit_codes},
    {.id = CMD_RESUME,
	.name = "resume",
	.args = "[BATCH]",
	.summary = "carry on a run whose conductor died or was stopped, and follow it",
	.about = exit_codes},
    {.id = CMD_CTL,
	.name = "ctl",
	.args = "[BATCH] VERB",
	.summary = "steer a run",
	.about = "verbs: pause, resume, jobs N, cancel [ID...], retry ID..., skip-wait [ID...],\n"
		 "gate, gate open NAME, stop (starts nothing more; what runs may end)\n"
		 "exit: 0 done, 1 refused or nobody conducts it, 2 wrong usage\n"},
    {.id = CMD_LINEAGE,
	.name = "lineage",
	.args = "[BATCH]",
	.summary = "the tree of cycles, and what each healed"},
    {.id = CMD_LOGS,
	.name = "logs",
	.args = "[BATCH] ID",
	.summary = "an agent's log: made harmless on a terminal, byte for byte otherwise"},
    {.id = CMD_REPORT, .name = "report", .args = "[BATCH]", .summary = "what became of a run"},
    {.id = CMD_COLLECT,
	.name = "collect",
	.args = "[BATCH]",
	.summary = "bring the agents' output files and a results.csv together"},
    {.id = CMD_CHECK,
	.name = "check",
	.args = "TASKS.csv [OPTION...]",
	.summary = "read everything, launch nothing; takes launch's options",
	.about = "exit: 0 launch would take it; 2 it would not, and why is on stderr\n"},
    {.id = CMD_CLASSIFY,
	.name = "classify",
	.args = "[FILE]",
	.summary = "what the retry policy makes of an agent's output (stdin without FILE): JSON"},
    {.id = CMD_PROFILES,
	.name = "profiles",
	.args = "[NAME...]",
	.summary = "the agents there are, whether they are installed, and what one of them runs",
	.about = "exit: 0 done; 2 a profile is wrong, or there is none of that name\n"},
    {.id = CMD_GRAPH,
	.name = "graph",
	.args = "[TASKS.csv | BATCH]",
	.summary = "which rows wait for which, as text, DOT or Mermaid"},
    {.id = CMD_SCORE,
	.name = "score",
	.args = "[BATCH]",
	.summary = "the answers of a run against the expected ones, by level"},
    {.id = CMD_DEMO,
	.name = "demo",
	.args = "",
	.summary = "a batch of simulated agents that shows all of it; no key needed",
	.about = "exit: 0 when it went as scripted, else 1\n"},
    {.id = CMD_DOCTOR,
	.name = "doctor",
	.args = "[BATCH]",
	.summary = "what on this machine, or in a run, would hurt",
	.about = "exit: 0 nothing stops a batch, 1 something does\n"},
    {.id = CMD_SOLVE,
	.name = "solve",
	.args = "PROBLEM [OPTION...]",
	.summary =
	    "plan a problem, run the plan, judge the answer, until it is good (- reads stdin)",
	.about = exit_codes},
    {.id = CMD_SUMMON,
	.name = "summon_agent",
	.args = "AGENT TASK",
	.summary = "one agent in the foreground, with a batch's retries (TASK - reads stdin)",
	.about = exit_codes},
    {.id = CMD_HELP,
	.name = "help",
	.args = "[COMMAND]",
	.summary = "this list, or a command's options"},
    {.id = CMD_CONDUCT,
	.name = "conduct",
	.args = "DIR",
	.summary = "the conductor's own process; launch and resume start it",
	.is_hidden = true},
};

static const struct call_name call_names[] = {
    {"agent-batch-launch-v3", "launch"},
    {"agent-batch-launch-v2", "launch"},
    {"agent-batch-launch", "launch"},
    {"agent-batch-status", "status"},
    {"agent-batch-retry", "retry"},
    {"agent-batch-monitor", "monitor"},
    {"agent-batch-monitor-bg", "monitor-bg"},
    {"agent-batch-wait", "wait"},
    {"agent-batch-collect", "collect"},
    {"summon_agent", "summon_agent"},
};

const struct call_name *call_name_table(size_t *nr)
{
	*nr = ARRAY_LEN(call_names);
	return call_names;
}

const struct command *command_table(size_t *nr)
{
	*nr = ARRAY_LEN(table);
	return table;
}

const struct command *command_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(table); i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}
