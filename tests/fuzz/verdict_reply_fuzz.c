/* Any bytes as a validator's reply: refused in one line, or a verdict that is whole. */
#include "base/xalloc.h"
#include "formats/role_reply.h"
#include "fuzz/check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_strings(const char *const *v, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		CHECK(v[i][strspn(v[i], " \t\r\n")]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = xmalloc(len ? len : 1); /* exactly as long: reading behind it is seen */
	struct err err = ERR_INIT;
	struct verdict_reply v;

	memcpy(text, data, len);
	if (verdict_reply_read(&v, text, len, &err) < 0) {
		CHECK(err.msg[0] && !strchr(err.msg, '\n'));
	} else {
		CHECK(v.quality > QUALITY_NONE && v.quality < QUALITY__COUNT);
		check_strings(v.missing, v.nr_missing);
		check_strings(v.warnings, v.nr_warnings);
	}
	verdict_reply_release(&v);
	free(text);
	return 0;
}
