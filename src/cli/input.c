#include "cli/input.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "cli/branch.h"
#include "cli/config.h"
#include "cli/pool.h"
#include "cli/print.h"
#include "cli/roles.h"
#include "engine/command.h"
#include "engine/crowd.h"
#include "engine/ignored.h"
#include "engine/launch.h"
#include "exec/profiles.h"
#include "exec/shared_patterns.h"
#include "formats/options_json.h"
#include "formats/tasks_csv.h"
#include "formats/workdirs.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CSV_BYTES_MAX ((size_t)1 << 32)

/* ---- the file ----------------------------------------------------------- */

static bool is_missing(const char *path)
{
	return access(path, F_OK) < 0 && errno == ENOENT;
}

/* A bare retry CSV's name is looked up in the batches directory too. */
static char *find_file(const char *word, const char *batches_dir)
{
	enum retry_csv_kind kind;
	char parent[NAME_SIZE];

	if (strcmp(word, "-") == 0 || strchr(word, '/') || !is_missing(word) ||
	    !name_parse_retry_csv(word, &kind, parent))
		return xstrdup(word);
	return xasprintf("%s/%s", batches_dir, word);
}

static int read_csv(struct input *in)
{
	struct stat st;
	struct err err = ERR_INIT;
	int fd = STDIN_FILENO, rc = 0;

	if (strcmp(in->path, "-") != 0)
		fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail(EXIT_USAGE, "cannot open tasks file '%s': %s", in->path,
		    strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		rc = fail(EXIT_USAGE, "tasks file '%s' is a directory: name a CSV", in->path);
	else if (file_read_fd(fd, CSV_BYTES_MAX, &in->csv, &err) < 0)
		rc = fail(EXIT_USAGE, "cannot read tasks file '%s': %s", in->path, err.msg);
	if (fd != STDIN_FILENO)
		close(fd);
	return rc;
}

/* Puts the CSV that it comes to in the place of JSON. */
static int convert_json(struct input *in, const struct cli_args *args)
{
	char *dir = xstrdup(in->path), *full = NULL;
	struct tasks_json_opts opts = {.file = in->path, .map = args->front.map};
	struct err err = ERR_INIT;
	int rc = 0;

	if (!tasks_are_json(in->path, in->csv.data, in->csv.len)) {
		free(dir);
		return args->front.map ? fail(EXIT_USAGE, "option '--map' is for JSON tasks") : 0;
	}
	full =
	    strcmp(in->path, "-") == 0 ? xstrdup(args->options.cwd) : realpath(dirname(dir), NULL);
	opts.dir = full ? full : ".";
	rc = tasks_json_read(&in->json, in->csv.data, in->csv.len, &opts, &err);
	if (rc < 0)
		rc = (rc == -2 ? fail : fail_at)(EXIT_USAGE, "%s", err.msg);
	buf_release(&in->csv);
	in->csv = in->json.csv;
	buf_init(&in->json.csv);
	free(full);
	free(dir);
	return rc;
}

/* ---- lineage ------------------------------------------------------------ */

static struct batch_reader *find_batch(const struct run_reader *run, const char *name)
{
	size_t i;

	for (i = 0; i < run->nr; i++)
		if (strcmp(run->batches[i]->dir.name, name) == 0)
			return run->batches[i];
	return NULL;
}

/* The batch that a retry CSV came from: beside the CSV, else in the batches directory. NULL: it is
 * not there (any more). */
static char *find_parent(const struct input *in, const char *batches_dir, const char *parent)
{
	char *copy = xstrdup(in->path);
	char *path = xasprintf("%s/%s", dirname(copy), parent);

	free(copy);
	if (is_missing(path)) {
		free(path);
		path = xasprintf("%s/%s", batches_dir, parent);
	}
	if (!is_missing(path))
		return path;
	free(path);
	return NULL;
}

static void note_met(struct input *in)
{
	uint32_t nr, i;
	struct merged_row *rows = run_merge(&in->run, &nr);

	for (i = 0; i < nr; i++)
		if (rows[i].agent->status == AGENT_COMPLETED)
			map_put(&in->met, rows[i].task->id, 1);
	free(rows);
}

/* The parent's place and way of running go for its rows too, but for what was given anew. */
static void inherit(struct cli_args *args, const struct batch_reader *parent)
{
	struct options *o = &args->options, from;

	options_copy(&from, &parent->manifest.options);
	options_unbranch(&from);
	if (from.cwd) {
		free(o->cwd);
		o->cwd = xstrdup(from.cwd);
	}
	free(o->dir);
	o->dir = xstrdup(parent->dir.parent_path);
	if (!cli_given(args, "agent") && !cli_given(args, "agent-command")) {
		free(o->agent);
		free(o->agent_command);
		o->agent = from.agent ? xstrdup(from.agent) : NULL;
		o->agent_command = from.agent_command ? xstrdup(from.agent_command) : NULL;
	}
	options_release(&from);
}

static void describe_retry(struct input *in, const struct options *o,
    const struct batch_reader *parent)
{
	struct retry_metadata *m = &in->retry;

	*m = (struct retry_metadata){
	    .is_retry = true,
	    .kind = BATCH_RETRY,
	    .retry_count = parent->manifest.retry.retry_count + 1,
	    .auto_retry_enabled = o->auto_retry,
	    .max_retries = o->max_retries,
	};
	in->parent_children = parent->manifest.retry.nr_next;
	snprintf(m->original_batch, NAME_SIZE, "%s", in->run.batches[0]->dir.name);
	snprintf(m->parent_batch, NAME_SIZE, "%s", parent->dir.name);
}

static int restore_lineage(struct input *in, struct cli_args *args)
{
	enum retry_csv_kind kind;
	char parent_name[NAME_SIZE];
	struct batch_reader *parent;
	struct err err = ERR_INIT;
	char *path;
	int rc;

	if (!name_parse_retry_csv(in->path, &kind, parent_name))
		return 0;
	path = find_parent(in, args->options.dir, parent_name);
	if (!path) {
		note("'%s' names the batch %s, which is not in '%s': launched without its lineage",
		    in->path, parent_name, args->options.dir);
		return 0;
	}
	rc = run_reader_open(&in->run, path, &err);
	free(path);
	if (rc < 0)
		return fail(EXIT_USAGE, "cannot restore the lineage of '%s': %s", in->path,
		    err.msg);
	in->has_retry = true;
	parent = find_batch(&in->run, parent_name);
	if (!parent)
		return fail(EXIT_USAGE,
		    "cannot restore the lineage of '%s': its run has no batch %s", in->path,
		    parent_name);
	inherit(args, parent);
	describe_retry(in, &args->options, parent);
	note_met(in);
	return 0;
}

/* ---- judging ------------------------------------------------------------ */

static bool has_profile(void *ctx, const char *name)
{
	(void)ctx;
	return profile_exists(name);
}

static bool is_met(void *ctx, const char *id)
{
	return map_get(ctx, id) != MAP_NONE;
}

static void warn(void *ctx, const char *text)
{
	struct input *in = ctx;

	in->nr_warnings++;
	note_warning(NULL, text);
}

/* All of them are told: who has mended one should not have to come back for the next. */
static void tell_fault(void *ctx, const char *text)
{
	struct input *in = ctx;

	in->nr_faults++;
	(void)(in->is_made ? fail : fail_at)(EXIT_USAGE, "%s", text);
}

/* The profile that every row runs, or NULL. */
static const char *common_agent(const struct input *in, const struct options *o)
{
	const char *common = NULL;
	uint32_t i;

	for (i = 0; i < in->tasks.nr; i++) {
		const char *agent = task_get(&in->tasks, &in->tasks.v[i], COL_AGENT);

		if (!*agent)
			agent = o->agent;
		if (!agent || (common && strcmp(common, agent) != 0))
			return NULL;
		common = agent;
	}
	return common;
}

/* Without them every failure would be misjudged. */
static int check_patterns(struct err *err)
{
	struct pattern_base *patterns = shared_patterns_load(err);

	pattern_base_free(patterns);
	return patterns ? 0 : -1;
}

static int refuse_command(const struct input *in, const struct tasks_read_opts *opts,
    const struct command_fault *fault, const struct err *err)
{
	struct buf place = BUF_INIT;
	int rc;

	if (fault->row == UINT32_MAX)
		return fail(EXIT_USAGE, "%s", err->msg);
	tasks_place(&place, in->csv.data, in->csv.len, opts, fault->row, fault->column);
	rc = (in->is_made ? fail : fail_at)(EXIT_USAGE, "%s%s", place.data, err->msg);
	buf_release(&place);
	return rc;
}

/* Those that the rows may run on, by --accounts and config.json. */
static int find_accounts(struct input *in, struct cli_args *args)
{
	const struct pool_of of = {config_of(args), &in->tasks, warn, in};
	struct err err = ERR_INIT;

	if (pool_settle(&args->options, &of, &err) < 0 || pool_check(&args->options, &of, &err) < 0)
		return fail(EXIT_USAGE, "%s", err.msg);
	return 0;
}

static int parse(struct input *in, struct cli_args *args)
{
	const struct options *o = &args->options;
	const char *agent;
	struct graph_met met = {.is_met = is_met, .ctx = &in->met};
	struct branch_check branches;
	struct tasks_read_opts opts = {
	    .file = in->path,
	    .has_no_places = in->is_made,
	    .cwd = in->is_to_look ? NULL : o->cwd,
	    .has_profile = in->is_to_look ? NULL : has_profile,
	    .dirs_are_exclusive = o->exclusive_dir,
	    .met = in->has_retry ? &met : NULL,
	    .origins = in->json.origins,
	    .nr_origins = in->json.nr,
	    .warn = warn,
	    .warn_ctx = in,
	    .fault = tell_fault,
	    .fault_ctx = in,
	};
	struct command_fault fault;
	struct err err = ERR_INIT;
	int rc = tasks_read_text(&in->tasks, &in->graph, in->csv.data, in->csv.len, &opts, &err);

	if (rc < 0 && in->nr_faults > 1)
		note("%u%s faults in '%s'", in->nr_faults,
		    in->nr_faults == TASKS_MAX_FAULTS ? " and perhaps more" : "", in->path);
	if (rc < 0)
		return EXIT_USAGE;
	agent = args->config ? common_agent(in, o) : NULL;
	if (agent)
		config_apply(args->config, args, agent);
	if (in->is_to_look)
		return 0;
	if (command_check(o, &in->tasks, &met, in->path, &fault, &err) < 0)
		return refuse_command(in, &opts, &fault, &err);
	if (check_patterns(&err) < 0)
		return fail(EXIT_USAGE, "%s", err.msg);
	if (in->has_retry && options_is_solve(o))
		return fail(EXIT_USAGE, "roles are for a whole run: '%s' goes on with one",
		    in->path);
	ignored_columns(o, &in->tasks, warn, in);
	crowd_look(o, &in->tasks, &in->graph, warn, in);
	branches = (struct branch_check){.options = &args->options,
	    .config = config_of(args),
	    .tasks = &in->tasks,
	    .met = &met,
	    .file = in->path,
	    .warn = warn,
	    .ctx = in};
	if (branches_check(&branches, &err) < 0)
		return refuse_command(in, &opts, &branches.fault, &err);
	return find_accounts(in, args);
}

int complete_options(struct options *o, const char *word)
{
	char *dir = batches_dir_path(o->dir);
	char *cwd = getcwd(NULL, 0);

	if (!cwd) {
		free(dir);
		return fail(EXIT_USAGE, "the working directory is gone: %s", strerror(errno));
	}
	free(o->dir);
	free(o->cwd);
	free(o->source_csv);
	o->dir = dir;
	o->cwd = cwd;
	o->source_csv = xstrdup(word);
	return 0;
}

static int read_judged(struct input *in, struct cli_args *args)
{
	int rc;

	tasks_init(&in->tasks);
	if (args->nr_words == 0)
		return fail(EXIT_USAGE, "which tasks? name a CSV, or - for stdin");
	if (args->nr_words > 1)
		return fail(EXIT_USAGE, "one tasks file at a time, not also '%s'", args->words[1]);
	rc = complete_options(&args->options, args->words[0]);
	if (rc == 0)
		rc = roles_of_launch(args);
	if (rc == 0) {
		in->path = find_file(args->words[0], args->options.dir);
		rc = read_csv(in);
	}
	if (rc == 0)
		rc = convert_json(in, args);
	if (rc == 0)
		rc = restore_lineage(in, args);
	if (rc == 0)
		rc = parse(in, args);
	return rc;
}

int input_read(struct input *in, struct cli_args *args)
{
	*in = (struct input){.csv = BUF_INIT, .met = MAP_INIT, .json = {.csv = BUF_INIT}};
	return read_judged(in, args);
}

int input_read_to_look(struct input *in, struct cli_args *args)
{
	*in = (struct input){
	    .csv = BUF_INIT, .met = MAP_INIT, .json = {.csv = BUF_INIT}, .is_to_look = true};
	/* Commands that find batches keep it elsewhere. */
	if (!args->options.dir && args->front.dir)
		args->options.dir = xstrdup(args->front.dir);
	return read_judged(in, args);
}

int input_read_text(struct input *in, struct cli_args *args, const char *name, struct buf *csv)
{
	int rc;

	*in = (struct input){.csv = *csv, .met = MAP_INIT, .path = xstrdup(name), .is_made = true};
	buf_init(csv);
	tasks_init(&in->tasks);
	rc = complete_options(&args->options, name);
	return rc == 0 ? parse(in, args) : rc;
}

void input_release(struct input *in)
{
	tasks_release(&in->tasks);
	graph_release(&in->graph);
	map_release(&in->met);
	buf_release(&in->csv);
	tasks_json_release(&in->json);
	free(in->path);
	if (in->has_retry)
		run_reader_close(&in->run);
}

/* ---- what may come ------------------------------------------------------ */

void shared_dirs_text(const struct options *o, const struct tasks *ts, struct buf *out)
{
	uint32_t *of, i, nr = 0;

	if (!o->exclusive_dir)
		return;
	of = workdirs_number(o, ts);
	for (i = 0; i < ts->nr; i++)
		if (of[i] >= nr)
			nr = of[i] + 1;
	free(of);
	buf_fmt(out, "%u row%s in %u director%s: at most %u agent%s at the same time\n", ts->nr,
	    ts->nr == 1 ? "" : "s", nr, nr == 1 ? "y" : "ies", nr, nr == 1 ? "" : "s");
}

void accounts_text(const struct options *o, struct buf *out)
{
	const char *words = options_accounts(o), *word, *lead = "accounts: ";
	size_t len;

	for (; words && (word = task_next_word(&words, &len)); lead = ", ")
		buf_fmt(out, "%s%.*s", lead, (int)len, word);
	if (out->len)
		buf_ch(out, '\n');
}

void worst_case_text(const struct options *o, int cycles_behind, struct buf *out)
{
	int cycles = o->max_retries - cycles_behind;

	if (options_is_solve(o)) {
		cycles = o->auto_retry ? o->max_retries : 0;
		buf_fmt(out,
		    "at most %lld attempts a row: %d x (1 + %d + %d), by retry cycles and by "
		    "validation\n",
		    (long long)o->attempts * (1 + cycles + o->max_validation_retries), o->attempts,
		    cycles, o->max_validation_retries);
		return;
	}

	if (!o->auto_retry || cycles <= 0) {
		buf_fmt(out, "at most %d attempt%s a row: %s\n", o->attempts,
		    o->attempts == 1 ? "" : "s",
		    o->auto_retry ? "the retry cycles are spent"
				  : "without --auto-retry there are no retry cycles");
		return;
	}
	if (o->nr_branches > 0) {
		long long forked = branches_attempts(o);

		buf_fmt(out,
		    "at most %lld attempts a row: %d, and in each of %d cycles %lld in %u "
		    "branches\n",
		    o->attempts + cycles * forked, o->attempts, cycles, forked, o->nr_branches);
		return;
	}
	buf_fmt(out,
	    "at most %lld attempts a row: %d x (1 + %d); the seed's %lld counts the retry cycles "
	    "only\n",
	    (long long)o->attempts * (1 + cycles), o->attempts, cycles,
	    (long long)o->attempts * cycles);
}
