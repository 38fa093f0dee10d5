/* Frames that are kept beside the tests; GENERATE=1 writes them. */
#ifndef AB_TESTS_GOLDEN_H
#define AB_TESTS_GOLDEN_H

#include "run_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static inline void check_golden(const char *name, const struct buf *got)
{
	char path[192];
	struct buf want = BUF_INIT;
	int fd;

	snprintf(path, sizeof(path), "tests/tui/golden/%s.txt", name);
	if (getenv("GENERATE")) {
		assert_int_equal(fix_put(AT_FDCWD, path, got->data, got->len), 0);
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail_msg("%s is missing; run with GENERATE=1", path);
	assert_int_equal(file_read_fd(fd, 1 << 20, &want, NULL), 0);
	close(fd);
	if (want.len != got->len || memcmp(want.data, got->data, got->len) != 0) {
		print_message("%s differs; got:\n%s", path, got->data);
		fail();
	}
	buf_release(&want);
}

#endif
