/* Fuzz entry for lines of agents' JSON streams (make fuzz): whatever they are, nothing is read
 * behind them, and what is told is not longer than they are but for labels. */
#include "base/buf.h"
#include "check.h"
#include "formats/stream_line.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = n ? (const char *)data : "";
	struct buf whole = BUF_INIT, part = BUF_INIT;
	enum stream_kind kind = stream_line_read(p, n, false, &whole);

	CHECK((kind == STREAM_OTHER) == (whole.len == 0));
	CHECK(whole.len <= 8 * n + 64);
	kind = stream_line_read(p, n / 2, true, &part);
	CHECK((kind == STREAM_OTHER) == (part.len == 0));
	CHECK(part.len <= 8 * n + 64);
	buf_release(&whole);
	buf_release(&part);
	return 0;
}
