/* The tasks that `launch` and `check` are given, read and judged: everything that can be refused is
 * refused here, before a directory is made. */
#ifndef AB_CLI_INPUT_H
#define AB_CLI_INPUT_H

#include "cli/options.h"
#include "formats/manifest.h"
#include "formats/run_reader.h"
#include "formats/tasks_json.h"
#include "model/graph.h"
#include "model/task.h"

#include <stdbool.h>

struct input {
	char *path; /* as it was opened: the word, or its place in the batches directory */
	struct buf csv; /* byte for byte; of JSON, what is made of it */
	struct tasks_json json; /* where its cells come from */
	struct tasks tasks;
	struct graph graph;
	bool is_to_look;
	bool is_made; /* the CSV is no file of the user's */
	unsigned nr_faults;
	unsigned nr_warnings;
	/* A retry CSV by its name: the lineage it restores. */
	bool has_retry;
	struct retry_metadata retry;
	size_t parent_children; /* how many its parent had when it was read */
	struct run_reader run; /* open when has_retry */
	struct map met; /* ids that some batch of the run has completed; keys live in `run` */
};

/* Reads args->words[0] and completes args->options (dir, cwd, source_csv; of a retry CSV also its
 * parent's agent where none is given). 0, or an exit status after a line on stderr; input_release
 * all the same. */
int input_read(struct input *in, struct cli_args *args);
/* The same for who only looks: no agent needs to be named, and directories and programs need not be
 * there. */
int input_read_to_look(struct input *in, struct cli_args *args);
/* The same of a CSV's text in memory, which is taken over; `name` is what messages call it. */
int input_read_text(struct input *in, struct cli_args *args, const char *name, struct buf *csv);
void input_release(struct input *in);
/* The batches directory, the working directory and what messages call the tasks, in the options. 0,
 * or an exit status after a line on stderr. */
int complete_options(struct options *o, const char *word);

/* With --exclusive-dir: "30 rows in 2 directories: at most 2 agents at the same time". */
void shared_dirs_text(const struct options *o, const struct tasks *ts, struct buf *out);
/* "at most 45 attempts a row: 5 x (1 + 8); ..." for these options and that many cycles behind. */
void worst_case_text(const struct options *o, int cycles_behind, struct buf *out);

/* "accounts: claude/work, claude/home", where there are several to choose from. */
void accounts_text(const struct options *o, struct buf *out);

#endif
