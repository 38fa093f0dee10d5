#include "base/path.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void paths_are_resolved_as_users_write_them(void **state)
{
	static const struct {
		const char *cwd, *path, *want;
	} t[] = {
	    {"/work", "a", "/work/a"},
	    {"/work", "a/../b", "/work/a/../b"},
	    {"/work", "/etc", "/etc"},
	    {"/work", "", "/work"},
	    {"/work", ".", "/work/."},
	    {"/", "a", "/a"},
	    {"/", "", "/"},
	    {"/work", "~", "/home/ann"},
	    {"/work", "~/x y", "/home/ann/x y"},
	    {"/work", "~bob", "/work/~bob"},
	    {"/work", "a~", "/work/a~"},
	    {"/work", "a/~", "/work/a/~"},
	};
	struct buf out = BUF_INIT;
	size_t i;

	(void)state;
	setenv("HOME", "/home/ann", 1);
	for (i = 0; i < ARRAY_LEN(t); i++) {
		path_resolve(&out, t[i].cwd, t[i].path, strlen(t[i].path));
		assert_string_equal(out.data, t[i].want);
	}
	/* Only `len` bytes are the path. */
	path_resolve(&out, "/work", "~/ab;c", 3);
	assert_string_equal(out.data, "/home/ann/a");
	path_resolve(&out, "/work", "~;x", 1);
	assert_string_equal(out.data, "/home/ann");
	buf_release(&out);
}

static void home_is_known_without_the_environment(void **state)
{
	(void)state;
	unsetenv("HOME");
	assert_int_equal(home_dir()[0], '/');
	setenv("HOME", "", 1);
	assert_int_equal(home_dir()[0], '/');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(paths_are_resolved_as_users_write_them),
	    cmocka_unit_test(home_is_known_without_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
