/* Memory that is there, or the end of the process.
 *
 * Out of memory is not a fault any caller could mend: die() runs the hook that the screen may
 * have set (to give the terminal back), says why on stderr, and aborts the process. */
#ifndef AB_BASE_XALLOC_H
#define AB_BASE_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t n);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
/* A malloc'ed formatted string. */
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Called once by die() before it writes; NULL unsets it. */
void die_set_hook(void (*hook)(void));
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A mistake of ours, not of the user's or the system's. */
#define BUG(...) die("bug: " __VA_ARGS__)

/* Makes room for one more element: `v` is a pointer, `nr` how many are used, `cap` how many fit. */
#define VEC_GROW(v, nr, cap) \
	do { \
		if ((nr) >= (cap)) { \
			(cap) = (cap) ? (cap) + (cap) / 2 + 1 : 8; \
			(v) = xrealloc((v), (size_t)(cap) * sizeof(*(v))); \
		} \
	} while (0)

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
