/* manifest.json: what was launched, for people and jq. Written at start and end and whenever a
 * child is made; state is in the events, rows in tasks.csv. */
#ifndef AB_FORMATS_MANIFEST_H
#define AB_FORMATS_MANIFEST_H

#include "base/err.h"
#include "formats/names.h"
#include "model/batch.h"
#include "model/branch.h"
#include "model/options.h"

#include <stdbool.h>
#include <stdint.h>

#define MANIFEST_NAME "manifest.json"

struct retry_metadata {
	bool is_retry;
	char original_batch[NAME_SIZE]; /* "": null, this is the original */
	char parent_batch[NAME_SIZE]; /* "": null */
	enum batch_kind kind;
	char branch[BRANCH_NAME_SIZE]; /* "": none */
	int retry_count;
	bool auto_retry_enabled;
	int max_retries;
	char (*next_batches)[NAME_SIZE]; /* malloc'ed */
	size_t nr_next;
};

struct manifest {
	char version[32];
	char batch[NAME_SIZE];
	int64_t created_t;
	char *source_csv;
	struct options options;
	struct retry_metadata retry;
};

void manifest_init(struct manifest *m);
void manifest_release(struct manifest *m);
/* Replaces the file, agents streamed with the status that `b` gives them. */
int manifest_write(int dirfd, const struct manifest *m, const struct batch *b, struct err *err);
/* Reads everything but the agents. 1: missing or unreadable (err says how). */
int manifest_read(int dirfd, struct manifest *m, struct err *err);
void manifest_add_next(struct manifest *m, const char *child);
/* Reads it, or rebuilds it from the folded batch (options and lineage stand in its first event):
 * a damaged file is kept beside it as manifest.json.damaged[-N]. `*was_rebuilt` tells. */
int manifest_read_or_rebuild(int dirfd, const char *name, struct manifest *m, const struct batch *b,
    bool *was_rebuilt, struct err *err);
/* The same without touching the directory, for readers. */
void manifest_from_batch(struct manifest *m, const char *name, const struct batch *b);
/* Whether a batch of that version was written by a newer program than this one: it is read as far
 * as it is understood, and never written to. */
bool manifest_is_newer(const char *version);

#endif
