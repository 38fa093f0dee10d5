/* results.csv: a row for each row of the run, in the original order: the CSV's columns, then what
 * became of it. RFC 4180, with CRLF; written row by row and put in place at once.
 *
 * A cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line end)
 * gets a ' in front. */
#ifndef AB_FORMATS_RESULTS_CSV_H
#define AB_FORMATS_RESULTS_CSV_H

#include "base/err.h"
#include "formats/run_reader.h"

#define RESULTS_CSV_NAME "results.csv"

/* `rows`: of run_merge. `extracted`: for each the path of its output file's copy below the batch
 * directory, or NULL. */
int results_csv_write(const struct run_reader *run, const struct merged_row *rows, uint32_t nr,
    const char *const *extracted, struct err *err);

#endif
