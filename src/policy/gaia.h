/* Whether an answer is the expected one, by the rules the GAIA benchmark scores by:
 *
 *   a number is expected    the answer is read as a number, '$', '%' and ',' dropped
 *   a list is expected      (it holds ',' or ';') as many parts, and each the same: numbers as
 *                           numbers, others with blanks dropped and letter case ignored
 *   anything else           blanks and ASCII punctuation dropped, letter case ignored
 *
 * Of an answer that says "FINAL ANSWER: ..." only what stands behind the last of these counts, as
 * the benchmark's prompt asks for it. */
#ifndef AB_POLICY_GAIA_H
#define AB_POLICY_GAIA_H

#include <stdbool.h>
#include <stddef.h>

bool gaia_equals(const char *answer, const char *expected);

/* What counts of an answer: behind its last "FINAL ANSWER:", without blanks at both ends; *len is
 * how much of it. */
const char *gaia_final(const char *answer, size_t *len);

#endif
