#include "cli/paint.h"
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool paint_has_color(int mode)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (mode != COLOR_AUTO)
		return mode == COLOR_ALWAYS;
	if (no_color && *no_color)
		return false;
	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

static int from_env(const char *name)
{
	const char *s = getenv(name);
	long v = s ? strtol(s, NULL, 10) : 0;

	return v > 0 && v < 100000 ? (int)v : 0;
}

void paint_size(int *columns, int *rows)
{
	struct winsize ws = {0};

	*columns = from_env("COLUMNS");
	*rows = from_env("LINES");
	if ((*columns == 0 || *rows == 0) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0) {
		*columns = *columns ? *columns : ws.ws_col;
		*rows = *rows ? *rows : ws.ws_row;
	}
	*columns = *columns ? *columns : 80;
	*rows = *rows ? *rows : 24;
}

bool paint_is_accessible(void)
{
	const char *accessible = getenv("ACCESSIBLE");

	return accessible && *accessible && isatty(STDOUT_FILENO);
}

const char *paint_why_no_screen(void)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return "this is no terminal";
	if (paint_is_accessible())
		return "ACCESSIBLE is set";
	if (!term || !*term)
		return "TERM is not set";
	if (strcmp(term, "dumb") == 0)
		return "TERM is dumb";
	return NULL;
}
