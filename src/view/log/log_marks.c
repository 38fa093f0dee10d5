#include "view/log/log_marks.h"
#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

void log_marks_release(struct log_marks *m)
{
	free(m->v);
	*m = (struct log_marks){0};
}

void log_marks_clear(struct log_marks *m)
{
	m->nr = 0;
}

/* The first that is not before `at`. */
static size_t find(const struct log_marks *m, int64_t at)
{
	size_t lo = 0, hi = m->nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->v[mid] < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool log_marks_has(const struct log_marks *m, int64_t at)
{
	size_t i = find(m, at);

	return i < m->nr && m->v[i] == at;
}

bool log_marks_toggle(struct log_marks *m, int64_t at)
{
	size_t i = find(m, at);

	if (i < m->nr && m->v[i] == at) {
		memmove(m->v + i, m->v + i + 1, (m->nr - i - 1) * sizeof(*m->v));
		m->nr--;
		return false;
	}
	VEC_GROW(m->v, m->nr, m->cap);
	memmove(m->v + i + 1, m->v + i, (m->nr - i) * sizeof(*m->v));
	m->v[i] = at;
	m->nr++;
	return true;
}
