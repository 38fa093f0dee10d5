#include "cli/near.h"

#include <stdio.h>
#include <string.h>

#define MAX_LEN 40 /* of our own words; a longer one is none of them */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t rows[3][MAX_LEN + 1], i, j;

	for (j = 0; j <= nb; j++)
		rows[0][j] = j;
	for (i = 1; i <= na; i++) {
		size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *second = rows[(i + 1) % 3];

		row[0] = i;
		for (j = 1; j <= nb; j++) {
			row[j] = least(above[j], row[j - 1]) + 1;
			row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], second[j - 2] + 1);
		}
	}
	return rows[na % 3][nb];
}

void near_look(struct near *n, const char *candidate)
{
	size_t len = strlen(candidate), d, most = n->len < 6 ? 1 : n->len / 3;

	if (n->len > MAX_LEN || len > MAX_LEN)
		return;
	d = distance(n->word, n->len, candidate, len);
	if (d > most || (n->best && d >= n->distance))
		return;
	n->best = candidate;
	n->distance = d;
}

const char *near_text(const struct near *n, const char *before, char text[NEAR_SIZE])
{
	text[0] = '\0';
	if (n->best)
		snprintf(text, NEAR_SIZE, " (did you mean '%s%s'?)", before, n->best);
	return text;
}
