/* The `batch` event: who comes to conduct which batch. */
#ifndef AB_ENGINE_ANNOUNCEMENT_H
#define AB_ENGINE_ANNOUNCEMENT_H

#include "base/buf.h"
#include "base/clock.h"
#include "formats/manifest.h"
#include "model/event.h"

struct announcement {
	struct event ev; /* texts are this struct's, or the manifest's and the options' */
	char boot[BOOT_ID_LEN + 1], host[256];
	struct buf options;
};

/* Fills in what this process, the manifest and the options say; what has happened to the batch before
 * (resumed, spent, ...) and its jobs are the caller's to add. The manifest and the options must outlive
 * it. */
void announcement_init(struct announcement *a, const struct manifest *m, const struct options *o);
void announcement_release(struct announcement *a);
/* In full, as a batch's first event has them. */
void announcement_add_options(struct announcement *a, const struct options *o);

#endif
