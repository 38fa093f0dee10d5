#include "base/findings.h"
#include "base/buf.h"
#include "base/xalloc.h"

#include <stdarg.h>
#include <stdlib.h>

static const char *const names[FINDING__COUNT] = {
    [FINDING_OK] = "ok",
    [FINDING_NOTE] = "note",
    [FINDING_WARN] = "warning",
    [FINDING_BAD] = "bad",
};

const char *finding_level_name(enum finding_level l)
{
	return names[l];
}

void findings_release(struct findings *f)
{
	size_t i;

	for (i = 0; i < f->nr; i++) {
		free(f->v[i].text);
		free(f->v[i].advice);
	}
	free(f->v);
	*f = (struct findings){0};
}

void findings_add(struct findings *f, enum finding_level level, const char *about,
    const char *advice, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	VEC_GROW(f->v, f->nr, f->cap);
	f->v[f->nr++] = (struct finding){
	    .level = level,
	    .about = about,
	    .text = buf_detach(&text),
	    .advice = advice ? xstrdup(advice) : NULL,
	};
}

enum finding_level findings_worst(const struct findings *f)
{
	enum finding_level worst = FINDING_OK;
	size_t i;

	for (i = 0; i < f->nr; i++)
		if (f->v[i].level > worst)
			worst = f->v[i].level;
	return worst;
}
