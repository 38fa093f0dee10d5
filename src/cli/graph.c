/* graph: which rows wait for which, of a tasks file or of a batch. */
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/print.h"
#include "cli/target.h"
#include "view/print/graph_text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int print_graph(const struct cli_args *args, const struct graph_view *v)
{
	struct buf out = BUF_INIT;

	if (args->front.dot)
		graph_dot(v, &out);
	else if (args->front.mermaid)
		graph_mermaid(v, &out);
	else
		graph_text(v, &out);
	print_buf(&out);
	buf_release(&out);
	return print_status();
}

/* Anything that can be read as a file is one: `-`, a CSV, a pipe. */
static bool is_tasks_file(const char *word)
{
	struct stat st;

	if (strcmp(word, "-") == 0)
		return true;
	return stat(word, &st) == 0 ? !S_ISDIR(st.st_mode) : !is_batch_arg(word);
}

static int graph_of_file(struct cli_args *args)
{
	struct input in;
	int rc = input_read_to_look(&in, args);

	if (rc == 0)
		rc =
		    print_graph(args, &(struct graph_view){.tasks = &in.tasks, .graph = &in.graph});
	input_release(&in);
	return rc;
}

/* How each row of the batch stands in the whole run. */
static enum agent_status *statuses(const struct run_reader *run, const struct batch_reader *r)
{
	enum agent_status *status = xcalloc(r->state.nr_agents + 1, sizeof(*status));
	uint32_t nr, i, at;
	struct merged_row *rows = run_merge(run, &nr);

	for (i = 0; i < nr; i++) {
		at = batch_find(&r->state, rows[i].task->id);
		if (at != AGENT_NONE)
			status[at] = rows[i].agent->status;
	}
	free(rows);
	return status;
}

static int graph_of_batch(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	enum agent_status *status;
	int rc = target_open_only(args, &run, &chosen);

	if (rc != 0)
		return rc;
	if (args->nr_words == 0)
		chosen = run.batches[0];
	status = statuses(&run, chosen);
	rc = print_graph(args,
	    &(struct graph_view){
		.tasks = &chosen->tasks, .graph = &chosen->graph, .status = status});
	free(status);
	run_reader_close(&run);
	return rc;
}

int cmd_graph(struct cli_args *args)
{
	if (args->front.dot && args->front.mermaid)
		return fail(EXIT_USAGE, "--dot or --mermaid, not both");
	if (args->nr_words == 1 && is_tasks_file(args->words[0]))
		return graph_of_file(args);
	return graph_of_batch(args);
}
