#include "cli/target.h"
#include "cli/print.h"
#include "engine/launch.h"

#include <stdlib.h>
#include <string.h>

struct batch_reader *run_reader_named(const struct run_reader *run, const char *name)
{
	size_t i;

	for (i = 0; i < run->nr; i++)
		if (strcmp(run->batches[i]->dir.name, name) == 0)
			return run->batches[i];
	return run_reader_last(run);
}

/* Where 1 speaks of a run's end, a batch that is not there is wrong input. */
static int not_found(const struct cli_args *args)
{
	bool tells_the_end = args->command == CMD_WAIT || args->command == CMD_RESUME ||
	    (args->command == CMD_RETRY && args->front.launch);

	return tells_the_end ? EXIT_USAGE : EXIT_SOME_FAILED;
}

int target_find(const struct cli_args *args, const char *arg, struct batch_dir *dir)
{
	char *batches = batches_dir_path(args->front.dir);
	struct err err = ERR_INIT;
	int rc = batch_dir_find(dir, batches, arg, &err);

	free(batches);
	if (rc == 0)
		return 0;
	return fail(rc > 0 ? not_found(args) : EXIT_INTERNAL, "%s", err.msg);
}

int target_open(const struct cli_args *args, const char *arg, struct run_reader *run,
    struct batch_reader **chosen)
{
	struct batch_dir dir;
	struct err err = ERR_INIT;
	int rc = target_find(args, arg, &dir);

	if (rc != 0)
		return rc;
	rc = run_reader_open(run, dir.path, &err);
	if (rc == 0)
		*chosen = arg ? run_reader_named(run, dir.name) : run_reader_last(run);
	batch_dir_close(&dir);
	return rc == 0 ? 0 : fail(EXIT_INTERNAL, "%s", err.msg);
}

int target_open_only(const struct cli_args *args, struct run_reader *run,
    struct batch_reader **chosen)
{
	if (args->nr_words > 1)
		return fail(EXIT_USAGE, "one BATCH at most, not also '%s'", args->words[1]);
	return target_open(args, args->nr_words ? args->words[0] : NULL, run, chosen);
}
