/* Fuzz entry for the folding of messages (make fuzz). Whatever the bytes: the result is one line of
 * clean UTF-8 of bounded length, and numbers that differ make no difference. */
#include "base/utf8.h"
#include "check.h"
#include "view/text/fold.h"

#include <locale.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void fold(const char *before, const uint8_t *data, size_t n, struct buf *out)
{
	struct buf message = BUF_INIT;

	buf_str(&message, before);
	buf_add(&message, (const char *)data, n);
	fold_message(message.data, out);
	buf_release(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf one = BUF_INIT, other = BUF_INIT;
	size_t i;

	setlocale(LC_CTYPE, "C.UTF-8");
	/* Behind a quote or an opened object the number may be part of a string. */
	fold("17 ", data, n, &one);
	fold("42 ", data, n, &other);
	CHECK(one.len == other.len && (!one.len || memcmp(one.data, other.data, one.len) == 0));
	/* A digit may become <id>, which is the longest that one byte can make. */
	CHECK(one.len <= 4 * (FOLD_MAX + 3));
	CHECK(!one.len || utf8_is_valid(one.data, one.len));
	for (i = 0; i < one.len; i++)
		CHECK((unsigned char)one.data[i] >= 0x20 && one.data[i] != 0x7F);
	buf_release(&one);
	buf_release(&other);
	return 0;
}
