/* What somebody has looked at and found: a list of short texts, the bad ones with what to do. */
#ifndef AB_BASE_FINDINGS_H
#define AB_BASE_FINDINGS_H

#include <stddef.h>

enum finding_level {
	FINDING_OK,
	FINDING_NOTE, /* worth knowing */
	FINDING_WARN, /* may hurt a batch */
	FINDING_BAD, /* stops or spoils one */
	FINDING__COUNT
};
const char *finding_level_name(enum finding_level l); /* "ok", "note", "warning", "bad" */

struct finding {
	enum finding_level level;
	const char *about; /* one word: static */
	char *text; /* owned; as hostile as what it quotes */
	char *advice; /* owned; NULL where nothing is to be done */
};

struct findings {
	struct finding *v;
	size_t nr, cap;
};

void findings_release(struct findings *f);
/* `advice` may be NULL; the text is as printf. */
void findings_add(struct findings *f, enum finding_level level, const char *about,
    const char *advice, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The worst of them. */
enum finding_level findings_worst(const struct findings *f);

#endif
