/* Which word was meant by one that is none: the nearest of those there are, by the fewest letters that
 * are wrong, missing, too many or changed places (Damerau's distance, as optimal string alignment). */
#ifndef AB_CLI_NEAR_H
#define AB_CLI_NEAR_H

#include <stddef.h>

struct near {
	const char *word; /* that was given; `len` bytes */
	size_t len;
	const char *best; /* of those looked at; borrowed; NULL: none is near */
	size_t distance; /* of the best */
};

/* Looks at one of those there are; of two equally near the first stays. */
void near_look(struct near *n, const char *candidate);
/* " (did you mean 'BEFOREbest'?)", or nothing. */
#define NEAR_SIZE 80
const char *near_text(const struct near *n, const char *before, char text[NEAR_SIZE]);

#endif
