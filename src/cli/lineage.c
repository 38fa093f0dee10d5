/* lineage: the tree of cycles. */
#include "base/clock.h"
#include "cli/command.h"
#include "cli/paint.h"
#include "cli/print.h"
#include "cli/target.h"
#include "view/print/lineage_text.h"

int cmd_lineage(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	struct buf out = BUF_INIT;
	int rc = target_open_only(args, &run, &chosen);

	if (rc != 0)
		return rc;
	lineage_text(&run, clock_now(), paint_has_color(args->front.color), &out);
	print_buf(&out);
	buf_release(&out);
	run_reader_close(&run);
	return print_status();
}
