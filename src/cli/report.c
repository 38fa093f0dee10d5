/* report: what became of a run. */
#include "base/clock.h"
#include "cli/command.h"
#include "cli/paint.h"
#include "cli/print.h"
#include "cli/target.h"
#include "view/print/report.h"

int cmd_report(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	struct buf out = BUF_INIT;
	int rc;

	if (args->front.json && args->front.markdown)
		return fail(EXIT_USAGE, "report: --json or --markdown, not both");
	rc = target_open_only(args, &run, &chosen);
	if (rc != 0)
		return rc;
	if (args->front.json)
		report_json(&run, clock_now(), &out);
	else if (args->front.markdown)
		report_markdown(&run, clock_now(), &out);
	else
		report_text(&run, clock_now(), paint_has_color(args->front.color), &out);
	print_buf(&out);
	buf_release(&out);
	run_reader_close(&run);
	return print_status();
}
