#include "view/text/fold.h"
#include "policy/fold.h"
#include "view/text/sanitize.h"

#include <string.h>

void fold_message(const char *message, struct buf *out)
{
	struct buf clean = BUF_INIT;

	if (message)
		sanitize_line_mem(&clean, message, strnlen(message, FOLD_MAX));
	if (clean.len)
		fold_text(clean.data, out);
	buf_release(&clean);
}
