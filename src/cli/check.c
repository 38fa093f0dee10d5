/* check: what launch would say of a tasks file, and nothing more. */
#include "cli/command.h"
#include "cli/input.h"
#include "cli/print.h"

int cmd_check(struct cli_args *args)
{
	struct input in;
	int rc = input_read(&in, args);

	if (rc == 0) {
		print_fmt("%u task%s ok\n", in.tasks.nr, in.tasks.nr == 1 ? "" : "s");
		rc = print_status();
	}
	input_release(&in);
	return rc;
}
