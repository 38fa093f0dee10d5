#include "cli/print.h"
#include "base/file.h"
#include "engine/launch.h"
#include "view/text/sanitize.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* errno of the first write to stdout that failed. Output is one stream for the whole process. */
static int broken_errno;

#define PROGRAM "agent-batch: "

int print_mem(const void *p, size_t n)
{
	if (broken_errno)
		return -1;
	if (write_all(STDOUT_FILENO, p, n) == 0)
		return 0;
	broken_errno = errno;
	return -1;
}

int print_buf(const struct buf *b)
{
	return print_mem(b->data, b->len);
}

int print_fmt(const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	rc = print_buf(&text);
	buf_release(&text);
	return rc;
}

bool print_is_broken(void)
{
	return broken_errno != 0;
}

int print_status(void)
{
	if (broken_errno == 0 || broken_errno == EPIPE)
		return 0;
	return fail(EXIT_INTERNAL, "cannot write to stdout: %s", strerror(broken_errno));
}

int print_status_or(int code)
{
	int status = print_status();

	return code == 0 ? status : code;
}

/* One write, so that lines of several processes do not mix. */
static void say(const char *who, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
static void say(const char *who, const char *fmt, va_list ap)
{
	struct buf line = BUF_INIT, text = BUF_INIT;

	buf_vfmt(&text, fmt, ap);
	buf_str(&line, who);
	sanitize_line(&line, text.data);
	buf_ch(&line, '\n');
	(void)write_all(STDERR_FILENO, line.data, line.len); /* there is nobody left to tell */
	buf_release(&text);
	buf_release(&line);
}

int fail(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(PROGRAM, fmt, ap);
	va_end(ap);
	return code;
}

int fail_at(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("", fmt, ap);
	va_end(ap);
	return code;
}

void note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(PROGRAM, fmt, ap);
	va_end(ap);
}

void note_warning(void *unused, const char *text)
{
	(void)unused;
	note("warning: %s", text);
}
