/* score: the answers of a run against the expected ones. */
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"
#include "view/print/score.h"

int cmd_score(struct cli_args *args)
{
	struct run_reader run;
	struct batch_reader *chosen;
	struct buf out = BUF_INIT;
	struct score s;
	int rc = target_open_only(args, &run, &chosen);

	if (rc != 0)
		return rc;
	score_init(&s, &run);
	if (args->front.json)
		score_json(&s, run.batches[0]->dir.name, &out);
	else
		score_text(&s, &out);
	if (s.nr == 0)
		note("no row of this run has an expected answer in column 'expect'");
	print_buf(&out);
	buf_release(&out);
	score_release(&s);
	run_reader_close(&run);
	return print_status();
}
