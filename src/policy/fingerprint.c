#include "policy/fingerprint.h"
#include "policy/fold.h"

bool fingerprint_of(const struct agent *a, struct buf *out)
{
	const struct attempt *last = agent_last_attempt(a);

	if (a->status != AGENT_FAILED || !last || !last->has_verdict)
		return false;
	buf_str(out, class_name(last->class));
	buf_ch(out, ' ');
	fold_text(last->message ? last->message : "", out);
	return true;
}
