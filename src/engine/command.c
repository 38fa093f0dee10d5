#include "engine/command_parts.h"
#include "base/file.h"
#include "base/map.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "engine/feedback.h"
#include "engine/fill.h"
#include "engine/no_agent.h"
#include "engine/kept.h"
#include "exec/profiles.h"
#include "exec/template.h"
#include "formats/record.h"
#include "formats/tasks_csv.h"
#include "policy/feedback.h"
#include "policy/validation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- profiles of the rows ------------------------------------------------------ */

static void use_words(struct entry *e, const struct command_maker *m)
{
	bool unattended = m->opts.options->unattended;

	if (m->command) {
		words_of_list(&e->words, m->command, m->nr_command);
	} else {
		words_of_profile(&e->words, &e->profile, unattended, false);
		words_of_profile(&e->resume_words, &e->profile, unattended, true);
	}
	e->has_task_word = words_use(&e->words, "task") || words_use(&e->words, "task_file");
}

static int load_entry(struct command_maker *m, const char *name, uint32_t *index, struct err *err)
{
	struct entry e = {.has_task_word = false};

	if (!*name && !m->command)
		return no_agent_refuse("launch", m->opts.file ? m->opts.file : "TASKS.csv", err);
	if (*name && profile_load(name, &e.profile, err) != 0)
		return -1;
	use_words(&e, m);
	VEC_GROW(m->entries, m->nr_entries, m->cap_entries);
	m->entries[m->nr_entries] = e;
	*index = (uint32_t)m->nr_entries++;
	return 0;
}

static const char *row_agent(const struct command_maker *m, uint32_t row)
{
	const char *name = task_get(m->opts.tasks, &m->opts.tasks->v[row], COL_AGENT);

	if (*name)
		return name;
	return m->opts.options->agent ? m->opts.options->agent : "";
}

static int load_entries(struct command_maker *m, struct err *err)
{
	uint32_t row;

	m->entry_of_row = xcalloc(m->opts.tasks->nr, sizeof(*m->entry_of_row));
	for (row = 0; row < m->opts.tasks->nr; row++) {
		const char *name = row_agent(m, row);
		uint32_t i = map_get(&m->by_name, name);

		if (i == MAP_NONE) {
			if (load_entry(m, name, &i, err) < 0)
				return -1;
			map_put(&m->by_name, name, i);
		}
		m->entry_of_row[row] = i;
	}
	return 0;
}

struct command_maker *command_maker_new(const struct command_maker_opts *opts, struct err *err)
{
	struct command_maker *m = xcalloc(1, sizeof(*m));
	const char *command = opts->options->agent_command;

	m->opts = *opts;
	map_init(&m->by_name);
	if (command && shell_split(command, &m->command, &m->nr_command, err) < 0) {
		err_prefix(err, "--agent-command: ");
		goto fail;
	}
	if (command && m->nr_command == 0) {
		err_set(err, "--agent-command: it is empty");
		goto fail;
	}
	if (load_entries(m, err) < 0)
		goto fail;
	return m;
fail:
	command_maker_free(m);
	return NULL;
}

static void entry_release(struct entry *e)
{
	free(e->words.v);
	free(e->resume_words.v);
	profile_release(&e->profile);
}

void command_maker_free(struct command_maker *m)
{
	size_t i;

	if (!m)
		return;
	for (i = 0; i < m->nr_entries; i++)
		entry_release(&m->entries[i]);
	words_free(m->command, m->nr_command);
	map_release(&m->by_name);
	free(m->entries);
	free(m->entry_of_row);
	free(m);
}

const struct profile *command_profile(struct command_maker *m, uint32_t row)
{
	const struct entry *e = &m->entries[m->entry_of_row[row]];

	return e->profile.name ? &e->profile : NULL;
}

bool command_can_resume(const struct command_maker *m, uint32_t row)
{
	/* A command of the user's own is not the profile's program. */
	return !m->command && m->entries[m->entry_of_row[row]].profile.resume.nr > 0;
}

static bool is_shell(const char *program)
{
	static const char *const shells[] = {"sh", "ash", "bash", "dash", "ksh", "zsh"};
	const char *slash = strrchr(program, '/');
	const char *name = slash ? slash + 1 : program;
	size_t i;

	for (i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (strcmp(name, shells[i]) == 0)
			return true;
	return false;
}

bool command_runs_task(const struct command_maker *m, uint32_t row)
{
	const struct profile_words *w = &m->entries[m->entry_of_row[row]].words;

	/* -c, or others with it, as -ec. */
	return w->nr >= 3 && is_shell(w->v[0].text) && w->v[1].text[0] == '-' &&
	    strchr(w->v[1].text, 'c') && strcmp(w->v[2].text, "{task}") == 0;
}

void command_limits(struct command_maker *m, uint32_t row, int64_t *timeout_ms, int64_t *stall_ms)
{
	const struct options *o = m->opts.options;
	const struct task *t = &m->opts.tasks->v[row];
	/* A command of the user's own is not the profile's program: no default bounds. */
	const struct profile *p = m->command ? NULL : command_profile(m, row);
	double timeout = o->timeout_s, stall = o->stall_s;

	if (timeout == TIME_BY_PROFILE)
		timeout = p ? p->timeout_s : 0;
	if (stall == TIME_BY_PROFILE)
		stall = p ? p->stall_s : 0;
	/* What waits by itself without a word is not stuck before it has waited. */
	if (p && stall > 0 && stall < p->silent_wait_s)
		stall = p->silent_wait_s;
	if (*task_get(m->opts.tasks, t, COL_TIMEOUT))
		timeout = task_timeout_s(m->opts.tasks, t);
	*timeout_ms = (int64_t)(timeout * 1000);
	*stall_ms = (int64_t)(stall * 1000);
}

/* ---- filling -------------------------------------------------------------------- */

void command_start_filling(struct filling *f, const struct command_maker *m, uint32_t row,
    uint32_t n, const char *session)
{
	filling_init(f,
	    &(struct filling_opts){
		.options = m->opts.options,
		.tasks = m->opts.tasks,
		.dir = m->opts.dir,
		.met = m->opts.met,
		.row = row,
		.n = n,
		.session = session,
	    });
}

int command_fill_validation(struct filling *f, struct argv *out, struct err *err)
{
	const char *text = validation_of(f->options, f->tasks, f->task).arg;
	struct profile_words list;
	char **words;
	size_t nr;
	int rc;

	if (shell_split(text, &words, &nr, err) < 0)
		return err_prefix(err, "validate: ");
	words_of_list(&list, words, nr);
	rc = fill_words(f, &list, out, err);
	free(list.v);
	words_free(words, nr);
	return rc < 0 ? err_prefix(err, "validate: ") : 0;
}

/* ---- the environment --------------------------------------------------------------- */

static void env_add(struct argv *env, const char *name, const char *value)
{
	argv_add(env, xasprintf("%s=%s", name, value));
}

static void env_add_number(struct argv *env, const char *name, int64_t value)
{
	argv_add(env, xasprintf("%s=%lld", name, (long long)value));
}

/* A profile's variables over those that are there. One whose placeholders come to nothing leaves
 * what is there. */
static int env_add_vars(struct argv *env, const struct profile_vars *vars, struct filling *f,
    struct err *err)
{
	size_t i;

	for (i = 0; i < vars->nr; i++) {
		const struct profile_var *var = &vars->v[i];
		char *value = NULL;

		f->found_nothing = false;
		if (var->value && !(value = fill_word(f, var->value, err)))
			return err_prefix(err, "env %s: ", var->name);
		if (!f->found_nothing)
			env_set(env, var->name, value);
		free(value);
	}
	return 0;
}

int command_env_profile(struct argv *env, const struct command_maker *m, const struct entry *e,
    struct filling *f, struct err *err)
{
	if (env_add_vars(env, &e->profile.env, f, err) < 0)
		return -1;
	if (!m->opts.options->unattended)
		return 0;
	return env_add_vars(env, &e->profile.unattended_env, f, err);
}

static void env_start(struct argv *env)
{
	char **e;

	for (e = environ; *e; e++)
		if (strncmp(*e, "AGENT_BATCH_", 12) != 0)
			argv_add(env, xstrdup(*e));
}

static void env_finish(struct argv *env, const struct command_maker *m, const struct filling *f,
    struct attempt_ref ref)
{
	const struct command_maker_opts *o = &m->opts;
	char *output = task_output_path(o->options, o->tasks, f->task);
	char *parents = kept_parents_path(o->dir, o->tasks, f->task);
	char *feedback = f->feedback ? feedback_path(o->dir, f->task->id, ref.n) : NULL;
	uint32_t executions = o->executions ? o->executions(o->ctx, ref.agent) : 1;

	env_add(env, "AGENT_BATCH_DIR", o->original_path ? o->original_path : o->dir->path);
	if (o->options->role) {
		env_add(env, ROLE_ENV, o->options->role);
		env_add_number(env, ROLE_ROUND_ENV, o->cycle);
	}
	env_add(env, "AGENT_BATCH_ID", f->task->id);
	env_add_number(env, "AGENT_BATCH_ATTEMPT", ref.n);
	env_add_number(env, "AGENT_BATCH_RUN_ATTEMPT", executions);
	env_add_number(env, "AGENT_BATCH_CYCLE", o->cycle);
	env_add(env, "AGENT_BATCH_BRANCH", o->branch ? o->branch : "");
	env_add(env, "AGENT_BATCH_TASK_FILE", f->task_file);
	env_add(env, "AGENT_BATCH_FEEDBACK_FILE", feedback ? feedback : "");
	env_add(env, "AGENT_BATCH_OUTPUT_FILE", output ? output : "");
	env_add(env, "AGENT_BATCH_PARENT_RESULTS", parents ? parents : "");
	env_add(env, TAGS_ENV, task_get(o->tasks, f->task, COL_TAGS));
	argv_add(env, NULL);
	free(output);
	free(parents);
	free(feedback);
}

static char **copy_keep(const struct profile *p)
{
	struct argv keep = {NULL, 0, 0};
	size_t i;

	if (p->nr_keep == 0)
		return NULL;
	for (i = 0; i < p->nr_keep; i++)
		argv_add(&keep, xstrdup(p->keep[i]));
	argv_add(&keep, NULL);
	return keep.v;
}

static void take_account(const struct command_maker *m, struct attempt_ref ref, bool is_begun,
    struct argv *env)
{
	if (m->opts.account)
		m->opts.account(m->opts.ctx, ref.agent, ref.n, is_begun, env);
}

/* The agent's own words and variables. */
static int make_agent(struct command_maker *m, struct attempt_ref ref, struct filling *f,
    struct argv *argv, struct argv *env, struct err *err)
{
	const struct entry *e = &m->entries[m->entry_of_row[ref.agent]];

	take_account(m, ref, false, env);
	/* A command of the user's own is not the profile's program. */
	if (!m->command && command_env_profile(env, m, e, f, err) < 0)
		return -1;
	take_account(m, ref, true, env);
	return fill_words(f, f->session && !m->command ? &e->resume_words : &e->words, argv, err);
}

static const char *session_of(const struct command_maker *m, uint32_t row, struct attempt_ref ref)
{
	const struct entry *e = &m->entries[m->entry_of_row[row]];

	if (!m->opts.session || m->command || !e->profile.resume.nr || ref.kind != RECORD_AGENT)
		return NULL;
	return m->opts.session(m->opts.ctx, row, ref.n);
}

/* The words of a longer prompt than an argument may have go without it. */
static void take_feedback(const struct command_maker *m, uint32_t row, uint32_t n,
    struct filling *f)
{
	const char *text = m->opts.feedback ? m->opts.feedback(m->opts.ctx, row, n) : NULL;
	struct buf prompt = BUF_INIT;

	if (!text)
		return;
	f->feedback = xstrdup(text);
	if (!m->opts.options->feedback)
		return;
	buf_str(&prompt, f->task_text ? f->task_text : task_get(f->tasks, f->task, COL_TASK));
	feedback_append(&prompt, text);
	if (prompt.len <= ARG_MAX_BYTES) {
		free(f->task_text);
		f->task_text = buf_detach(&prompt);
	}
	buf_release(&prompt);
}

int command_make(struct command_maker *m, uint32_t row, struct attempt_ref ref, struct command *out,
    struct err *err)
{
	const struct entry *e = &m->entries[m->entry_of_row[row]];
	struct argv argv = {NULL, 0, 0}, env = {NULL, 0, 0};
	struct filling f;
	int rc;

	memset(out, 0, sizeof(*out));
	command_start_filling(&f, m, row, ref.n, session_of(m, row, ref));
	if (ref.kind == RECORD_AGENT)
		take_feedback(m, row, ref.n, &f);
	env_start(&env);
	if (ref.kind == RECORD_VALIDATE)
		rc = command_fill_validation(&f, &argv, err);
	else
		rc = make_agent(m, ref, &f, &argv, &env, err);
	if (rc == 0)
		rc = command_check_lengths(&argv, err);
	else
		argv_add(&argv, NULL);
	env_finish(&env, m, &f, ref);
	out->argv = argv.v;
	out->env = env.v;
	out->cwd = task_directory(m->opts.options, m->opts.tasks, f.task);
	out->task_on_stdin = ref.kind == RECORD_AGENT &&
	    (m->command ? !e->has_task_word : e->profile.task_on_stdin || !e->has_task_word);
	out->is_reply = ref.kind == RECORD_AGENT && m->opts.options->role && m->command;
	out->keep_leftovers = m->opts.options->keep_leftovers;
	out->keep = copy_keep(&e->profile);
	filling_release(&f);
	if (rc < 0)
		command_release(out);
	return rc;
}

char *command_fill(struct command_maker *m, uint32_t row, uint32_t n, const char *text,
    struct err *err)
{
	struct filling f;
	char *filled;

	command_start_filling(&f, m, row, n, NULL);
	filled = fill_word(&f, text, err);
	filling_release(&f);
	return filled;
}
