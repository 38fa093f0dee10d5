/* conduct: the conductor's own process. */
#include "cli/command.h"
#include "cli/print.h"

int cmd_conduct(struct cli_args *args)
{
	const struct front_options *f = &args->front;

	if (args->nr_words != 1)
		return fail(EXIT_USAGE, "conduct: wants a batch directory");
	return engine_conduct(&(struct conduct_opts){
	    .dir = args->words[0],
	    .overrides = f->overrides,
	    .ready_fd = f->ready_fd,
	    .lock_fd = f->lock_fd,
	    .run_lock_fd = f->run_lock_fd,
	});
}
