/* check: what launch would say of a tasks file, and nothing more. */
#include "cli/command.h"
#include "cli/input.h"
#include "cli/print.h"
#include "exec/health.h"

int cmd_check(struct cli_args *args)
{
	struct err err = ERR_INIT;
	struct input in;
	int rc = input_read(&in, args);

	if (rc == 0 && health_takes_batches(args->options.dir, &err) < 0)
		rc = fail(EXIT_INTERNAL, "%s", err.msg);
	if (rc == 0) {
		print_fmt("%u task%s ok\n", in.tasks.nr, in.tasks.nr == 1 ? "" : "s");
		rc = print_status();
	}
	input_release(&in);
	return rc;
}
