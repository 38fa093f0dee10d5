/* collect: brings together what the agents of a run have made. */
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"
#include "formats/extract.h"
#include "formats/extract_names.h"
#include "formats/results_csv.h"
#include "formats/task_paths.h"
#include "view/summary.h"

#include <stdlib.h>
#include <unistd.h>

#define TOLD_MAX 20

struct collection {
	const struct run_reader *run;
	struct merged_row *rows;
	uint32_t nr;
	char **extracted; /* one a row, owned; NULL: nothing was copied */
	struct extract_names names;
	int fd; /* extracted/ */
	bool may_be_outside;
	uint32_t nr_asked, nr_copied, nr_failed, nr_told;
};

static void tell(struct collection *c, const struct merged_row *row, const char *why)
{
	if (c->nr_told++ < TOLD_MAX)
		note("'%s' has no copy: %s", row->task->id, why);
}

/* A row that is not through has no file yet, or half of one. */
static bool is_through(const struct merged_row *row)
{
	return status_is_final(row->agent->status) && row->attempt;
}

static const char *output_file_of(const struct merged_row *row)
{
	return task_get(&row->from->tasks, row->agent->task, COL_OUTPUT_FILE);
}

static void copy_one(struct collection *c, uint32_t i, const char *dir, const char *name)
{
	const struct merged_row *row = &c->rows[i];
	bool has_completed = row->agent->status == AGENT_COMPLETED;
	const struct extract_file f = {
	    .dir = dir,
	    .output_file = output_file_of(row),
	    .name = name,
	    .since_t = has_completed ? NUM_NONE : c->run->batches[0]->state.started_t,
	    .may_be_outside = c->may_be_outside,
	};
	struct err err = ERR_INIT;

	switch (extract_copy(c->fd, &f, &err)) {
	case EXTRACT_COPIED:
		c->extracted[i] = xasprintf("%s/%s", EXTRACTED_NAME, name);
		c->nr_copied++;
		break;
	case EXTRACT_MISSING:
		if (has_completed)
			tell(c, row, "its output file is not there any more");
		break;
	case EXTRACT_FAILED:
		c->nr_failed++;
		tell(c, row, err.msg);
		break;
	case EXTRACT_REFUSED:
		tell(c, row, err.msg);
		break;
	}
}

/* Every row claims its name, so that names do not depend on who is through. */
static void take_row(struct collection *c, uint32_t i)
{
	const struct merged_row *row = &c->rows[i];
	const struct batch_reader *from = row->from;
	const char *file = output_file_of(row), *name;
	struct buf path = BUF_INIT;
	char *dir;

	if (!*file)
		return;
	c->nr_asked++;
	dir = task_directory(&from->manifest.options, &from->tasks, row->agent->task);
	(void)extract_name(&path, dir, file);
	if (path.len == 0) {
		tell(c, row, "its output_file names a directory");
	} else {
		name = extract_names_claim(&c->names, path.data, row->task->id);
		if (is_through(row))
			copy_one(c, i, dir, name);
	}
	buf_release(&path);
	free(dir);
}

static void copy_all(struct collection *c)
{
	uint32_t i;

	for (i = 0; i < c->nr; i++)
		take_row(c, i);
	if (c->nr_told > TOLD_MAX)
		note("and %u more", c->nr_told - TOLD_MAX);
}

static void say(const struct collection *c)
{
	const struct batch_dir *dir = &c->run->batches[0]->dir;
	uint32_t nr_completed = 0, nr_open = 0, i;

	for (i = 0; i < c->nr; i++) {
		nr_completed += c->rows[i].agent->status == AGENT_COMPLETED;
		nr_open += !status_is_final(c->rows[i].agent->status);
	}
	print_fmt("%s/%s: %u of %u output file%s\n", dir->path, EXTRACTED_NAME, c->nr_copied,
	    c->nr_asked, plural(c->nr_asked));
	print_fmt("%s/%s: %u of %u row%s completed\n", dir->path, RESULTS_CSV_NAME, nr_completed,
	    c->nr, plural(c->nr));
	if (nr_open > 0)
		note("%u row%s not through yet: collect again when the run has ended", nr_open,
		    nr_open == 1 ? " is" : "s are");
}

static int collect(struct collection *c)
{
	const struct batch_reader *original = c->run->batches[0];
	struct err err = ERR_INIT;

	if (batch_reader_check_writable(original, &err) < 0)
		return fail(EXIT_SOME_FAILED, "%s", err.msg);
	c->fd = extract_open(original->dir.fd, &err);
	if (c->fd < 0)
		return fail(EXIT_INTERNAL, "'%s': %s", original->dir.path, err.msg);
	copy_all(c);
	if (results_csv_write(c->run, c->rows, c->nr, (const char *const *)c->extracted, &err) < 0)
		return fail(EXIT_INTERNAL, "'%s': %s", original->dir.path, err.msg);
	say(c);
	return c->nr_failed ? EXIT_INTERNAL : print_status();
}

int cmd_collect(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	struct collection c = {.run = &run, .fd = -1, .may_be_outside = args->front.outside};
	uint32_t i;
	int rc = target_open_only(args, &run, &chosen);

	if (rc != 0)
		return rc;
	c.rows = run_merge(&run, &c.nr);
	c.extracted = xcalloc(c.nr + 1, sizeof(*c.extracted));
	extract_names_init(&c.names);
	rc = collect(&c);
	for (i = 0; i < c.nr; i++)
		free(c.extracted[i]);
	free(c.extracted);
	extract_names_release(&c.names);
	free(c.rows);
	if (c.fd >= 0)
		close(c.fd);
	run_reader_close(&run);
	return rc;
}
