/* Which rows `retry` takes: those of a batch that no batch of the run has completed. */
#ifndef AB_CLI_LEFT_OVER_H
#define AB_CLI_LEFT_OVER_H

#include "formats/run_reader.h"

struct left_over {
	struct retry_row *rows; /* in the CSV's order; malloc'ed */
	uint32_t nr;
	uint32_t nr_cancelled; /* not taken: the operator's own doing */
	uint32_t nr_stranded; /* not taken: they depend on a row that is not taken */
};

/* Failed, skipped, lost and traceless rows, whatever their class. A row that depends on one that is
 * neither completed nor taken stays behind: its CSV could not be launched. */
void left_over_init(struct left_over *l, const struct run_reader *run,
    const struct batch_reader *from);
void left_over_release(struct left_over *l);

#endif
