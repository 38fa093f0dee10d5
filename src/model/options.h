/* What `launch` was told: kept in the manifest, in the first `batch` event, and handed from cycle
 * to cycle. Nothing of the screen is in here. */
#ifndef AB_MODEL_OPTIONS_H
#define AB_MODEL_OPTIONS_H

#include "model/class.h"
#include "model/solve.h"

#include <stdbool.h>
#include <stdint.h>

/* The wait before try k + 1 is initial * factor^(k - 1), at most cap. Seconds. */
struct ladder {
	double initial_s;
	double factor;
	double cap_s;
};

#define TIME_BY_PROFILE (-1.0)

/* Whoever reads options takes no more, whatever form they come in: 31 years, which fit everywhere in
 * milliseconds; and amounts up to which whole numbers are exact. */
#define OPTION_SECONDS_MAX 1e9
#define OPTION_AMOUNT_MAX 1e15

struct text_list {
	char **v; /* malloc'ed, each one too */
	size_t nr;
};
void text_list_add(struct text_list *l, const char *text);
void text_list_clear(struct text_list *l);
/* One of the siblings that --branch forks a cycle into. */
struct branch {
	char *name;
	char *flags; /* as they were given */
	char *set; /* what they set: an options object's text */
	bool
	    has_own_agent; /* it names an agent or a command: limits of other ones are not its own */
};

struct options {
	bool auto_retry;
	int max_retries;
	int jobs; /* 0: all at once */
	char *agent; /* profile of rows that name none, or NULL */
	char *agent_command; /* as given, or NULL */
	char *
	    accounts; /* the pools' accounts, "profile/name" with commas between; "none": rows run in
	                 * the environment as it is; NULL: there are none */
	int attempts; /* charged ones, per agent and batch */
	struct ladder backoff;
	double jitter_pct;
	double timeout_s; /* 0: none; TIME_BY_PROFILE */
	double stall_s; /* likewise */
	double grace_s;
	double max_wait_s; /* sum of uncharged waits of one row */
	uint32_t
	    retry_on; /* bit (1 << class): taken by the next cycle although the table says no */
	char *halt; /* a rule as policy/halt.h reads it, or NULL: never */
	int give_up_after; /* cycles that a row may fail in alike; 0: any number */
	double budget_usd, budget_tokens; /* over the whole run; 0: none */
	bool budget_hard; /* what runs when it is spent is ended */
	double min_free_mem; /* bytes that must be free for another start; 0: any */
	bool fresh_session; /* retries never go on with an agent's own session */
	bool feedback; /* the prompt of a retry ends with why the last attempt failed */
	bool keep_leftovers;
	bool exclusive_dir;
	bool unattended;
	char *dir; /* the batches directory, absolute */
	char *cwd; /* where launch was called, absolute */
	char *validate; /* of rows whose own column says nothing, or NULL */
	/* The roles of `solve`, by enum solve_role: a profile or a command, both NULL: none. */
	char *role_profile[SOLVE_ROLE__COUNT];
	char *role_command[SOLVE_ROLE__COUNT];
	int max_validation_retries; /* rounds after the first that a validation may ask for */
	char *problem; /* that solve was given, or NULL */
	struct text_list attachments; /* absolute paths */
	char *role; /* a batch that is a role's call: its name; else NULL */
	char *source_csv; /* as named by the user; "-" for stdin */
	struct branch *branches; /* that the next cycle is forked into */
	uint32_t nr_branches;
	/* Of a branch: what all its rows have in place of what they say. NULL, false: nothing. */
	bool agent_for_all; /* `agent` is such a one */
	char *model, *context_path;
	char *task_template; /* the prompt, with {task} for the row's */
	char *unbranched; /* what the branch's flags replaced: an options object's text, or NULL */
};

struct branch *options_add_branch(struct options *o);
void options_drop_branches(struct options *o);

/* The defaults of DESIGN.md; strings NULL. */
void options_init(struct options *o);
void options_release(struct options *o);
/* The account of rows that name no profile when --agent-command says what runs. */
#define COMMAND_ACCOUNT "command"
/* A run of its own: no roles, problem and attachments. */
void options_clear_roles(struct options *o);
bool options_has_role(const struct options *o, enum solve_role r);
/* Whether the batch is one of a run that goes through phases: it has roles, and is no call of one. */
bool options_is_solve(const struct options *o);
/* What rows that name no agent run: --agent, else COMMAND_ACCOUNT. */
const char *options_default_agent(const struct options *o);
/* The accounts that a batch of these options tells of; "" for none. NULL: it tells nothing. */
const char *options_accounts(const struct options *o);
#define NO_ACCOUNTS "none"
/* A deep copy into an uninitialised one. */
void options_copy(struct options *to, const struct options *from);

#endif
