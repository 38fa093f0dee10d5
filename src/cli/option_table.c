/* Every option there is. What a help text does not show is either ours alone (conduct's) or of a
 * later version: that is refused by its name, never passed over. */
#include "cli/options.h"
#include "base/xalloc.h"

#define ON(cmd) (1u << (cmd))
#define ALL_COMMANDS ((ON(CMD__COUNT) - 1) & ~BRANCH)
/* What the branches of a cycle may have for themselves. */
#define BRANCH ON(CMD_BRANCH)
/* Launch's own flags; check reads them too, retry lays them over the parent's, solve launches. */
#define LAUNCH (ON(CMD_LAUNCH) | ON(CMD_CHECK) | ON(CMD_RETRY) | ON(CMD_SOLVE))
#define ROLES (ON(CMD_LAUNCH) | ON(CMD_CHECK) | ON(CMD_SOLVE))
/* Those of one agent's tries. */
#define TRIES (LAUNCH | ON(CMD_SUMMON))
#define FOLLOWS (ON(CMD_LAUNCH) | ON(CMD_SOLVE) | ON(CMD_RESUME) | ON(CMD_RETRY) | ON(CMD_DEMO))
#define SCREENS (FOLLOWS | ON(CMD_MONITOR))
#define PAINTS \
	(SCREENS | ON(CMD_STATUS) | ON(CMD_LIST) | ON(CMD_LINEAGE) | ON(CMD_REPORT) | \
	    ON(CMD_DOCTOR))
#define FINDS_BATCH \
	(ON(CMD_MONITOR) | ON(CMD_MONITOR_BG) | ON(CMD_STATUS) | ON(CMD_LIST) | ON(CMD_WAIT) | \
	    ON(CMD_RESUME) | ON(CMD_CTL) | ON(CMD_LINEAGE) | ON(CMD_LOGS) | ON(CMD_REPORT) | \
	    ON(CMD_COLLECT) | ON(CMD_RETRY) | ON(CMD_DEMO) | ON(CMD_DOCTOR) | ON(CMD_GRAPH) | \
	    ON(CMD_SCORE))

#define OPT(field) HOME_OPTIONS, offsetof(struct options, field)
#define FRONT(field) HOME_FRONT, offsetof(struct front_options, field)

static const struct option_def table[] = {
    {"auto-retry", 0, NULL, KIND_FLAG, OPT(auto_retry), 0, LAUNCH,
	"when the batch has ended, launch what failed again, until all is done or retries are "
	"spent"},
    {"max-retries", 0, "N", KIND_INT, OPT(max_retries), 0, LAUNCH | ON(CMD_RESUME),
	"retry cycles at most, with --auto-retry (5)"},
    {"jobs", 'j', "N", KIND_INT, OPT(jobs), 0, LAUNCH | ON(CMD_RESUME),
	"agents at the same time (8; 0: all at once)"},
    {"agent", 0, "PROFILE", KIND_TEXT, OPT(agent), 0, LAUNCH | BRANCH,
	"profile of rows that name no agent"},
    {"agent", 0, "PROFILE", KIND_TEXT, FRONT(agent), 0, ON(CMD_CLASSIFY),
	"judge by this profile's patterns too; an unknown one has none"},
    {"agent-command", 0, "'PROG ARG {task} ...'", KIND_TEXT, OPT(agent_command), 0, LAUNCH | BRANCH,
	"the command of every row; the task on stdin where neither {task} nor {task_file} is used"},
    {"accounts", 0, "NAME,...", KIND_TEXT, OPT(accounts), 0, TRIES | BRANCH | ON(CMD_RESUME),
	"the accounts of config.json that rows run on, in this order; none: as the environment is "
	"(all that are declared)"},
    {"map", 0, "COLUMN=KEY,...", KIND_TEXT, FRONT(map), 0,
	ON(CMD_LAUNCH) | ON(CMD_CHECK) | ON(CMD_GRAPH),
	"which keys of JSON tasks are which columns; attachments=KEY names files beside it"},
    {"validate", 0, "CMD", KIND_TEXT, OPT(validate), 0, LAUNCH | BRANCH,
	"must agree before an agent counts as completed, of rows whose column validate is empty"},
    {"planner", 0, "PROFILE", KIND_TEXT, OPT(role_profile[SOLVE_PLANNER]), 0, ROLES,
	"who makes the subtasks, and more of them for what is missing (--agent)"},
    {"planner-command", 0, "CMD", KIND_TEXT, OPT(role_command[SOLVE_PLANNER]), 0, ROLES,
	"the same by a command: JSON on its stdin, the reply on its stdout"},
    {"synthesizer", 0, "PROFILE", KIND_TEXT, OPT(role_profile[SOLVE_SYNTHESIZER]), 0, ROLES,
	"who makes one answer of the results (--agent)"},
    {"synthesizer-command", 0, "CMD", KIND_TEXT, OPT(role_command[SOLVE_SYNTHESIZER]), 0, ROLES,
	"the same by a command"},
    {"validator", 0, "PROFILE", KIND_TEXT, OPT(role_profile[SOLVE_VALIDATOR]), 0, ROLES,
	"who says whether the results are complete and good enough (--agent)"},
    {"validator-command", 0, "CMD", KIND_TEXT, OPT(role_command[SOLVE_VALIDATOR]), 0, ROLES,
	"the same by a command"},
    {"max-validation-retries", 0, "N", KIND_INT, OPT(max_validation_retries), 0,
	ROLES | ON(CMD_RESUME),
	"while the validator says no, run what failed or is missing at most so often (2)"},
    {"attach", 0, "FILE", KIND_LIST, OPT(attachments), 0, ON(CMD_SOLVE),
	"a file that belongs to the problem; may be given several times"},
    {"attempts", 0, "N", KIND_INT, OPT(attempts), 1, TRIES | BRANCH,
	"attempts at most per agent and batch (5)"},
    {"backoff", 0, "INITIAL:FACTOR:CAP", KIND_LADDER, OPT(backoff), 0, TRIES | BRANCH,
	"seconds between attempts where the service names none (5:3:300)"},
    {"jitter", 0, "PCT", KIND_PERCENT, OPT(jitter_pct), 0, TRIES | BRANCH,
	"lengthen waits by up to this much, so that agents do not come back together (0)"},
    {"timeout", 0, "SECS", KIND_SECONDS, OPT(timeout_s), 0, TRIES | BRANCH,
	"end an attempt after this long (by profile; 0: never)"},
    {"stall", 0, "SECS", KIND_SECONDS, OPT(stall_s), 0, TRIES | BRANCH,
	"end an attempt after this long without output (by profile; 0: never)"},
    {"grace", 0, "SECS", KIND_SECONDS, OPT(grace_s), 0, TRIES, "between TERM and KILL (10)"},
    {"max-wait", 0, "SECS", KIND_SECONDS, OPT(max_wait_s), 0, TRIES | BRANCH | ON(CMD_RESUME),
	"wait for usage windows at most this long per row (24h)"},
    {"retry-on", 0, "CLASS,...", KIND_CLASSES, OPT(retry_on), 0, LAUNCH,
	"take these into the next cycle too: auth, budget, config, refusal, context_overflow"},
    {"halt", 0, "RULE", KIND_HALT, OPT(halt), 0, LAUNCH | ON(CMD_RESUME),
	"stop the batch by how its agents end, as GNU parallel does: soon,fail=10%, now,fail=1 "
	"(never)"},
    {"budget", 0, "USD", KIND_MONEY, OPT(budget_usd), 0, TRIES | ON(CMD_RESUME),
	"start nothing more once the run has cost this much (0: no bound)"},
    {"budget-tokens", 0, "N", KIND_AMOUNT, OPT(budget_tokens), 0, TRIES | ON(CMD_RESUME),
	"start nothing more once the run has used this many tokens (0: no bound)"},
    {"budget-hard", 0, NULL, KIND_FLAG, OPT(budget_hard), 0, TRIES | ON(CMD_RESUME),
	"end what runs when a budget is spent"},
    {"feedback", 0, NULL, KIND_FLAG, OPT(feedback), 0, LAUNCH | BRANCH,
	"end the prompt of a retry with why the last attempt failed"},
    {"fresh-session", 0, NULL, KIND_FLAG, OPT(fresh_session), 0, LAUNCH | BRANCH,
	"let retries start over where they could go on with the agent's own session"},
    {"min-free-mem", 0, "SIZE", KIND_SIZE, OPT(min_free_mem), 0, LAUNCH | ON(CMD_RESUME),
	"start nothing beside what runs while less memory than this is free (0: no bound)"},
    {"give-up-after", 0, "K", KIND_INT, OPT(give_up_after), 0, LAUNCH | ON(CMD_RESUME),
	"set rows aside that failed by the same class and message in K cycles (0: never)"},
    {"branch", 0, "'NAME: FLAGS'", KIND_BRANCH, HOME_OPTIONS, 0, 0, LAUNCH & ~ON(CMD_SOLVE),
	"fork each retry cycle into branches, one for each --branch, with flags of its own; the "
	"first "
	"to complete a row has it"},
    {"model", 0, "MODEL", KIND_TEXT, OPT(model), 0, BRANCH, NULL},
    {"context-path", 0, "DIR", KIND_TEXT, OPT(context_path), 0, BRANCH, NULL},
    {"task-template", 0, "TEXT", KIND_TEXT, OPT(task_template), 0, BRANCH, NULL},
    {"leftovers", 0, "kill|keep", KIND_EITHER, OPT(keep_leftovers), 0, TRIES,
	"what becomes of processes that an agent leaves behind (kill)"},
    {"exclusive-dir", 0, NULL, KIND_FLAG, OPT(exclusive_dir), 0, LAUNCH,
	"one agent at a time in a directory: rows that share one take turns"},
    {"unattended", 0, NULL, KIND_FLAG, OPT(unattended), 0, TRIES | BRANCH,
	"let agents act without asking: the profile's flags that bypass permissions"},
    {"dir", 0, "DIR", KIND_TEXT, OPT(dir), 0,
	ON(CMD_LAUNCH) | ON(CMD_CHECK) | ON(CMD_SUMMON) | ON(CMD_SOLVE),
	"the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)"},
    {"dir", 0, "DIR", KIND_TEXT, FRONT(dir), 0, FINDS_BATCH,
	"the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)"},
    {"max-turns", 't', "N", KIND_INT, FRONT(max_turns), 1, ON(CMD_SUMMON),
	"turns it may take, where its profile can say so"},
    {"context", 'c', "PATH", KIND_TEXT, FRONT(context), 0, ON(CMD_SUMMON),
	"its working directory; others behind it, with ; between, are its further context (.)"},
    {"model", 'm', "MODEL", KIND_TEXT, FRONT(model), 0, ON(CMD_SUMMON), "the model it uses"},
    {"solve", 0, NULL, KIND_FLAG, FRONT(solve), 0, ON(CMD_DEMO),
	"a problem that is planned, worked on, answered and judged"},
    {"answer", 0, NULL, KIND_FLAG, FRONT(answer), 0, ON(CMD_SUMMON), "print only its final answer"},
    {"launch", 0, NULL, KIND_FLAG, FRONT(launch), 0, ON(CMD_RETRY),
	"run it, with the batch's own options and what is given here"},
    {"dry-run", 0, NULL, KIND_FLAG, FRONT(dry_run), 0, ON(CMD_LAUNCH) | ON(CMD_SOLVE),
	"print what would start; start nothing"},
    {"detach", 0, NULL, KIND_FLAG, FRONT(detach), 0,
	ON(CMD_LAUNCH) | ON(CMD_SOLVE) | ON(CMD_RESUME) | ON(CMD_RETRY),
	"return once the batch runs; print its directory"},
    {"detach", 0, NULL, KIND_FLAG, FRONT(detach), 0, ON(CMD_MONITOR_BG),
	"go into the background, as it does by itself on a terminal"},
    {"notify", 0, "CMD", KIND_TEXT, FRONT(notify), 0, ON(CMD_MONITOR_BG),
	"run this at the end: the summary in its environment, the report as JSON on its stdin"},
    {"no-tui", 0, NULL, KIND_FLAG, FRONT(no_tui), 0, SCREENS,
	"lines of text in place of the screen"},
    {"monitor", 0, NULL, KIND_FLAG, FRONT(monitor), 0, ON(CMD_LAUNCH) | ON(CMD_SOLVE),
	"the screen, whatever else says no to it"},
    {"output", 0, "text|jsonl", KIND_CHOICE, FRONT(output), 0, FOLLOWS,
	"without a screen: text, or the journal's own lines"},
    {"json", 0, NULL, KIND_FLAG, FRONT(json), 0,
	ON(CMD_STATUS) | ON(CMD_LIST) | ON(CMD_REPORT) | ON(CMD_PROFILES) | ON(CMD_DOCTOR) |
	    ON(CMD_SCORE),
	"print JSON"},
    {"check", 0, NULL, KIND_FLAG, FRONT(check), 0, ON(CMD_PROFILES),
	"read them all, or those named; tell what is wrong and where"},
    {"markdown", 0, NULL, KIND_FLAG, FRONT(markdown), 0, ON(CMD_REPORT), "print Markdown"},
    {"dot", 0, NULL, KIND_FLAG, FRONT(dot), 0, ON(CMD_GRAPH), "print DOT, for Graphviz"},
    {"mermaid", 0, NULL, KIND_FLAG, FRONT(mermaid), 0, ON(CMD_GRAPH), "print a Mermaid flowchart"},
    {"outside", 0, NULL, KIND_FLAG, FRONT(outside), 0, ON(CMD_COLLECT),
	"take output files outside of the agent's directory, and by symlinks, too"},
    {"all", 0, NULL, KIND_FLAG, FRONT(all), 0, ON(CMD_STATUS),
	"every agent, on as many lines as it takes"},
    {"watch", 0, "SECS", KIND_SECONDS, FRONT(watch_s), 0, ON(CMD_STATUS),
	"print it again this often, until the run has ended"},
    {"running", 0, NULL, KIND_FLAG, FRONT(running), 0, ON(CMD_LIST), "only runs that run now"},
    {"follow", 'f', NULL, KIND_FLAG, FRONT(follow), 0, ON(CMD_LOGS), "go on as the log grows"},
    {"if-status", 0, "STATUS", KIND_TEXT, FRONT(if_status), 0, ON(CMD_CTL),
	"refuse when an agent has another status by now"},
    {"print", 0, "overview|grid|log|lineage|timeline|failures|details|help", KIND_TEXT,
	FRONT(print), 0, ON(CMD_MONITOR),
	"draw one frame as text; an ID behind the BATCH selects its agent"},
    {"size", 0, "COLSxROWS", KIND_TEXT, FRONT(size), 0, ON(CMD_MONITOR),
	"the size of that frame (80x24)"},
    {"at", 0, "EPOCH", KIND_EPOCH, FRONT(at_s), 0, ON(CMD_MONITOR),
	"the time that frame takes for now"},
    {"exit", 0, "N", KIND_INT, FRONT(exit), 0, ON(CMD_CLASSIFY), "the exit status to judge by (1)"},
    {"now", 0, "EPOCH", KIND_EPOCH, FRONT(now_s), 0, ON(CMD_CLASSIFY),
	"the time that resets are reckoned from"},
    {"ascii", 0, NULL, KIND_FLAG, FRONT(ascii), 0, SCREENS, "no glyphs beyond ASCII"},
    {"color", 0, "auto|always|never", KIND_CHOICE, FRONT(color), 0, PAINTS,
	"colours (auto: on a terminal, unless NO_COLOR is set)"},
    {"plain", 0, NULL, KIND_FLAG, FRONT(plain), 0, SCREENS, "milestones as plain lines"},
    {"notify-term", 0, "off|osc9|osc777", KIND_CHOICE, FRONT(notify_term), 0, SCREENS,
	"let the terminal tell of the end, and of what needs you (off)"},
    {"executor", 0, "local|slurm", KIND_EXECUTOR, HOME_NONE, 0, 0, LAUNCH, NULL},
    {"help", 'h', NULL, KIND_FLAG, FRONT(help), 0, ALL_COMMANDS, "this text"},

    {"ready-fd", 0, "FD", KIND_INT, FRONT(ready_fd), 0, ON(CMD_CONDUCT), NULL},
    {"lock-fd", 0, "FD", KIND_INT, FRONT(lock_fd), 0, ON(CMD_CONDUCT), NULL},
    {"run-lock-fd", 0, "FD", KIND_INT, FRONT(run_lock_fd), 0, ON(CMD_CONDUCT), NULL},
    {"overrides", 0, "JSON", KIND_TEXT, FRONT(overrides), 0, ON(CMD_CONDUCT), NULL},
    {"names", 0, NULL, KIND_FLAG, FRONT(names), 0, ON(CMD_HELP), NULL},
    {"completions", 0, "bash|zsh|fish", KIND_TEXT, FRONT(completions), 0, ON(CMD_HELP), NULL},

    {"html", 0, NULL, KIND_LATER, HOME_NONE, 0, 0, ON(CMD_REPORT), NULL},
};

const struct option_def *option_table(size_t *nr)
{
	*nr = ARRAY_LEN(table);
	return table;
}

bool option_is_of(const struct option_def *d, enum command_id command)
{
	return (d->commands & ON(command)) != 0;
}
