/* What is wrong with commands, found before anything is made. */
#include "base/xalloc.h"
#include "engine/command_parts.h"
#include "exec/program.h"
#include "exec/template.h"
#include "formats/options_json.h"
#include "formats/tasks_csv.h"
#include "policy/validation.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- programs ------------------------------------------------------------------ */

/* Whether the program is one that differs by row: that is found out when it is started. */
static bool differs_by_row(const struct tasks *ts, const char *word)
{
	if (strchr(word, '{') && strncmp(word, "{libexec}/", 10) != 0)
		return true;
	/* Relative to the row's directory. */
	return word[0] != '/' && strchr(word, '/') && ts->known[COL_CONTEXT_PATH] >= 0;
}

/* Whether the program that a command's first word names can be run. */
static int check_program(const char *word, struct filling *f, struct err *err)
{
	char *program, *path;

	if (differs_by_row(f->tasks, word))
		return 0;
	program = fill_word(f, word, err);
	if (!program)
		return -1;
	path = program_find(program, task_base_dir(f->options), err);
	free(program);
	free(path);
	return path ? 0 : -1;
}

static int check_template(const struct command_maker *m, const struct entry *e, struct filling *f,
    struct err *err)
{
	struct argv argv = {NULL, 0, 0}, env = {NULL, 0, 0};
	int rc = check_program(e->words.v[0].text, f, err);

	if (rc < 0 && e->profile.name)
		err_prefix(err, "profile %s: ", e->profile.name);
	if (rc == 0)
		rc = fill_words(f, &e->words, &argv, err);
	if (rc == 0 && !m->command)
		rc = fill_words(f, &e->resume_words, &argv, err);
	if (rc == 0 && !m->command)
		rc = command_env_profile(&env, m, e, f, err);
	if (rc < 0 && m->command)
		err_prefix(err, "--agent-command: ");
	words_free(argv.v, argv.nr);
	words_free(env.v, env.nr);
	return rc;
}

/* ---- lengths ------------------------------------------------------------------- */

int command_check_lengths(const struct argv *argv, struct err *err)
{
	size_t i;

	for (i = 0; argv->v[i]; i++)
		if (strlen(argv->v[i]) > ARG_MAX_BYTES)
			return err_set(err,
			    "a word of the command has %zu bytes with all that stands in it, and "
			    "one argument holds at most %d: use {task_file}, and for results the "
			    "files in $AGENT_BATCH_PARENT_RESULTS",
			    strlen(argv->v[i]), ARG_MAX_BYTES);
	return 0;
}

/* The row's longest cell: what makes a word too long. */
static int longest_cell(const struct tasks *ts, const struct task *t, size_t *len)
{
	int longest = 0;
	uint32_t i;

	for (*len = 0, i = 0; i < ts->nr_columns; i++) {
		size_t bytes = strlen(t->cells[i]);

		if (bytes > *len) {
			*len = bytes;
			longest = (int)i;
		}
	}
	return longest;
}

/* A word's placeholders, each with as much as a row's longest cell, and paths made whole. */
static size_t value_at_most(const struct command_maker *m, const struct task *t, size_t cell_bytes)
{
	const char *s = task_get(m->opts.tasks, t, COL_CONTEXT_PATH);
	size_t base = strlen(task_base_dir(m->opts.options)) + 2, bytes = cell_bytes + base;

	while ((s = strchr(s, ';'))) {
		bytes += base;
		s++;
	}
	return bytes > 2 * PATH_MAX ? bytes : 2 * PATH_MAX;
}

/* Whether all words of the row's command are short, which is quickly told: to fill those of a
 * million rows takes seconds. */
static bool is_short(const struct command_maker *m, const struct entry *e, const struct task *t,
    size_t cell_bytes)
{
	size_t most = value_at_most(m, t, cell_bytes), bytes = 0, i;
	const char *s;

	for (i = 0; i < e->words.nr; i++)
		for (s = e->words.v[i].text; *s; s++)
			bytes += *s == '{' ? most : 1;
	return bytes <= ARG_MAX_BYTES && !m->opts.options->task_template;
}

static int words_fault(const struct tasks *ts, int column, size_t cell_bytes, struct err *err)
{
	if (column == ts->known[COL_TASK])
		return err_set(err,
		    "task of %zu bytes: one argument holds at most %d, with all that stands beside "
		    "it; use {task_file} or the task on stdin",
		    cell_bytes, ARG_MAX_BYTES);
	return err_set(err,
	    "'%s' of %zu bytes: one argument holds at most %d, with all that stands beside it; "
	    "shorten it, or leave its placeholder out of the command",
	    ts->columns[column], cell_bytes, ARG_MAX_BYTES);
}

static size_t words_bytes(char *const *words, size_t nr)
{
	size_t bytes = 0, i;

	for (i = 0; i < nr; i++)
		if (words[i])
			bytes += strlen(words[i]) + 1 + sizeof(words[i]);
	return bytes;
}

static size_t environ_bytes(void)
{
	size_t nr = 0;

	while (environ[nr])
		nr++;
	return words_bytes(environ, nr);
}

/* Each word, and all of them beside the environment. */
static int check_words(const struct argv *argv, const struct tasks *ts, int column,
    size_t cell_bytes, struct err *err)
{
	long most = sysconf(_SC_ARG_MAX);
	size_t bytes = words_bytes(argv->v, argv->nr) + environ_bytes();

	if (command_check_lengths(argv, NULL) < 0)
		return words_fault(ts, column, cell_bytes, err);
	if (most > 0 && bytes > (size_t)most)
		return err_set(err,
		    "a command of %zu bytes with its environment, and this system takes at most "
		    "%ld: use {task_file} or the task on stdin, and fewer placeholders",
		    bytes, most);
	return 0;
}

static int check_tags(const struct tasks *ts, const struct task *t, struct err *err)
{
	size_t bytes = strlen(task_get(ts, t, COL_TAGS));
	const size_t most = ARG_MAX_BYTES - (sizeof(TAGS_ENV "=") - 1);

	if (bytes <= most)
		return 0;
	return err_set(err,
	    "tags of %zu bytes: " TAGS_ENV " in an agent's environment holds at most %zu; use "
	    "fewer or shorter ones",
	    bytes, most);
}

static int check_lengths(const struct command_maker *m, uint32_t row, struct command_fault *fault,
    struct err *err)
{
	const struct entry *e = &m->entries[m->entry_of_row[row]];
	const struct tasks *ts = m->opts.tasks;
	struct argv argv = {NULL, 0, 0};
	struct filling f;
	size_t bytes;
	int longest = longest_cell(ts, &ts->v[row], &bytes), rc;

	fault->column = ts->known[COL_TAGS];
	if (check_tags(ts, &ts->v[row], err) < 0)
		return -1;
	fault->column = longest;
	if (is_short(m, e, &ts->v[row], bytes))
		return 0;
	command_start_filling(&f, m, row, 1, NULL);
	rc = fill_words(&f, &e->words, &argv, err);
	if (rc == 0)
		rc = check_words(&argv, ts, longest, bytes, err);
	words_free(argv.v, argv.nr);
	filling_release(&f);
	return rc;
}

/* ---- validation ---------------------------------------------------------------- */

/* --validate is no row's own: its program must be there. */
static int check_validate_option(const struct command_maker *m, struct err *err)
{
	const char *text = m->opts.options->validate;
	struct filling f;
	char **words;
	size_t nr;
	int rc = 0;

	if (!text || validation_read(text).kind != VALIDATE_COMMAND)
		return 0;
	if (shell_split(text, &words, &nr, err) < 0)
		return err_prefix(err, "--validate: ");
	command_start_filling(&f, m, 0, 1, NULL);
	if (nr > 0)
		rc = check_program(words[0], &f, err);
	filling_release(&f);
	words_free(words, nr);
	return rc < 0 ? err_prefix(err, "--validate: ") : 0;
}

static int check_command(struct filling *f, struct err *err)
{
	struct argv argv = {NULL, 0, 0};
	int rc = command_fill_validation(f, &argv, err);

	if (rc == 0 && !argv.v[0])
		rc = err_set(err, "validate: the command is empty");
	if (rc == 0 && command_check_lengths(&argv, err) < 0)
		rc = err_prefix(err, "validate: ");
	words_free(argv.v, argv.nr);
	return rc;
}

static int check_validation(const struct validation *v, struct filling *f, struct err *err)
{
	char *path = NULL;
	int rc;

	if (v->kind == VALIDATE_COMMAND)
		return check_command(f, err);
	rc = validation_check(v, err);
	if (rc == 0 && validation_has_path(v->kind)) {
		path = fill_word(f, v->arg, err);
		rc = path ? 0 : -1;
	}
	free(path);
	return rc < 0 ? err_prefix(err, "validate: ") : 0;
}

/* ---- rows ---------------------------------------------------------------------- */

static int check_row(struct command_maker *m, uint32_t row, bool *seen, struct command_fault *fault,
    struct err *err)
{
	const struct tasks *ts = m->opts.tasks;
	const struct entry *e = &m->entries[m->entry_of_row[row]];
	const struct validation v = validation_of(m->opts.options, ts, &ts->v[row]);
	bool is_new = !seen[m->entry_of_row[row]];
	struct filling f;
	int rc = 0;

	if (is_new || v.kind != VALIDATE_NOTHING)
		command_start_filling(&f, m, row, 1, NULL);
	*fault = (struct command_fault){.row = UINT32_MAX};
	if (is_new)
		rc = check_template(m, e, &f, err);
	seen[m->entry_of_row[row]] = true;
	fault->row = rc == 0 ? row : UINT32_MAX;
	if (rc == 0)
		rc = check_lengths(m, row, fault, err);
	if (rc == 0 && v.kind != VALIDATE_NOTHING) {
		fault->column = ts->known[COL_VALIDATE];
		rc = check_validation(&v, &f, err);
	}
	if (is_new || v.kind != VALIDATE_NOTHING)
		filling_release(&f);
	return rc;
}

int command_check(const struct options *o, const struct tasks *ts, const struct graph_met *met,
    const char *file, struct command_fault *fault, struct err *err)
{
	struct command_maker_opts opts = {.options = o, .tasks = ts, .met = met, .file = file};
	struct command_maker *m = command_maker_new(&opts, err);
	bool *seen;
	uint32_t row;
	int rc;

	*fault = (struct command_fault){.row = UINT32_MAX};
	if (!m)
		return -1;
	seen = xcalloc(m->nr_entries, sizeof(*seen));
	rc = options_check_length(o, err);
	if (rc == 0)
		rc = check_validate_option(m, err);
	for (row = 0; rc == 0 && row < ts->nr; row++)
		rc = check_row(m, row, seen, fault, err);
	free(seen);
	command_maker_free(m);
	return rc;
}
