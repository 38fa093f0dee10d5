#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Through a copy: the arguments may well be the message that is there. */
static __attribute__((format(printf, 2, 0))) void format(struct err *err, const char *fmt,
    va_list ap)
{
	char text[sizeof(err->msg)];

	vsnprintf(text, sizeof(text), fmt, ap);
	memcpy(err->msg, text, strlen(text) + 1);
}

static void add(struct err *err, const char *s)
{
	size_t n = strlen(err->msg);

	snprintf(err->msg + n, sizeof(err->msg) - n, "%s", s);
}

int err_set(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	format(err, fmt, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *err, int errnum, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	format(err, fmt, ap);
	va_end(ap);
	add(err, ": ");
	add(err, strerror(errnum));
	errno = saved;
	return -1;
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	va_list ap;

	if (!err)
		return -1;
	memcpy(old, err->msg, sizeof(old));
	va_start(ap, fmt);
	format(err, fmt, ap);
	va_end(ap);
	add(err, old);
	return -1;
}
