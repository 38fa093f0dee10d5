/* Names of batches and retry CSVs, and what such a name says. */
#ifndef AB_FORMATS_NAMES_H
#define AB_FORMATS_NAMES_H

#include "base/clock.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_SIZE 128 /* with the NUL; enough for every name below */

/* batch-YYYYMMDD-HHMMSS[-2, -3, ...]: the first that is free in `dirfd`. Free is only what it was
 * when asked: make it exclusively, and ask again on EEXIST. */
void name_free_batch(int dirfd, int64_t wall_ms, char out[NAME_SIZE]);

enum retry_csv_kind { RETRY_CSV_AUTO, RETRY_CSV_HAND };

/* auto-retry-<parent stamp>-<now>.csv or retry-batch-<parent stamp>-<now>.csv, free in `dirfd`.
 * The parent's stamp keeps its own -2, -3, ... ending (a batch "batch-S-2" has the stamp "S-2"). */
void name_free_retry_csv(int dirfd, enum retry_csv_kind kind, const char *parent_batch,
    int64_t wall_ms, char out[NAME_SIZE]);

/* Whether `name` (a path: only its last element counts) is a retry CSV; then `parent` is the name
 * of the batch it came from. */
bool name_parse_retry_csv(const char *name, enum retry_csv_kind *kind, char parent[NAME_SIZE]);

bool name_is_batch(const char *name);

/* The end of the second that a batch's name tells, in Unix milliseconds by the zone of now; which of two
 * that have the same name, where an hour comes twice, and in which zone it was made, no name tells. */
int64_t name_moment(const char *batch);
/* By stamp, then by the -N ending as a number. Like strcmp. */
int name_compare(const char *a, const char *b);

#endif
