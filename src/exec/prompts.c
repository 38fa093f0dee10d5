#include "exec/prompts.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "exec/share.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUEST "{request}"
#define PROMPT_MAX ((size_t)1 << 20)

/* The user's, or where there is none the one that came along: that one's path even if it is missing, for
 * the message. malloc'ed. */
static char *find_file(enum solve_role role)
{
	char *name = xasprintf("prompts/%s.md", solve_role_name(role));
	char *path = NULL;
	int place;

	for (place = 0; place < SHARE__COUNT; place++) {
		free(path);
		path = share_path((enum share_place)place, name);
		if (path && access(path, F_OK) == 0)
			break;
	}
	free(name);
	return path;
}

int prompt_load(enum solve_role role, struct buf *text, struct err *err)
{
	char *path = find_file(role);
	size_t from = text->len;
	int rc = file_read(AT_FDCWD, path, PROMPT_MAX, text, err);

	if (rc < 0)
		err_prefix(err, "no prompt for the %s: ", solve_role_name(role));
	else if (!strstr(text->data + from, REQUEST))
		rc = err_set(err, "prompt '%s': write " REQUEST " where the request is to stand",
		    path);
	free(path);
	return rc;
}

void prompt_fill(struct buf *out, const char *text, const char *request, const char *feedback)
{
	const char *at;

	while ((at = strstr(text, REQUEST))) {
		buf_add(out, text, (size_t)(at - text));
		buf_str(out, request);
		text = at + strlen(REQUEST);
	}
	buf_str(out, text);
	if (feedback)
		buf_fmt(out,
		    "\nYour last answer could not be used: %s\n"
		    "Answer again, in the form that is asked for above.\n",
		    feedback);
}
