/* One complete message about what went wrong, for the caller to show or to add to.
 *
 * Functions that can fail take a struct err as last parameter and return -1 (or NULL) after
 * setting it. A message says the fault first, its subject quoted, the cause last, in lower case,
 * without a full stop: cannot open 'batch-x/manifest.json': permission denied.
 * A NULL err is allowed everywhere: the message is dropped. */
#ifndef AB_BASE_ERR_H
#define AB_BASE_ERR_H

struct err {
	char msg[1024];
};

#define ERR_INIT \
	{ \
		{ \
			0 \
		} \
	}

/* Replaces the message. Always returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* As err_set, with ": " and the text of the system error `errnum` behind it. errno is left as it was. */
int err_sys(struct err *err, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts text in front of the message that is there. Always returns -1. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
