#include "exec/share.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <stdlib.h>

char *share_path(enum share_place place, const char *name)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (place == SHARE_OURS)
		return xasprintf("%s/../share/agent-batch/%s", exe_dir(), name);
	/* A relative path there is to be ignored: the XDG base directory rules. */
	if (config && config[0] == '/')
		return xasprintf("%s/agent-batch/%s", config, name);
	return home && home[0] ? xasprintf("%s/.config/agent-batch/%s", home, name) : NULL;
}
