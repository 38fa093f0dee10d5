#include "exec/program.h"
#include "temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A directory with a program, another one below it, and what cannot be run. */
static void put_programs(struct temp_dir *d)
{
	assert_int_equal(temp_dir_make(d), 0);
	assert_int_equal(mkdirat(d->fd, "bin", 0700), 0);
	temp_dir_put_str(d, "here", "#!/bin/sh\n");
	temp_dir_put_str(d, "bin/below", "#!/bin/sh\n");
	temp_dir_put_str(d, "bin/text", "no program\n");
	assert_int_equal(fchmodat(d->fd, "here", 0700, 0), 0);
	assert_int_equal(fchmodat(d->fd, "bin/below", 0700, 0), 0);
}

static void assert_found(const struct temp_dir *d, const char *path, const char *program,
    const char *want)
{
	struct err err = ERR_INIT;
	char *found, *full = NULL;

	assert_int_equal(path ? setenv("PATH", path, 1) : unsetenv("PATH"), 0);
	found = program_find(program, d->path, &err);
	if (want)
		assert_true(asprintf(&full, "%s%s%s", *want == '/' ? "" : d->path,
				*want == '/' ? "" : "/", want) > 0);
	if (!found != !full || (full && strcmp(found, full) != 0))
		fail_msg("PATH '%s': %s is found as '%s', not '%s' (%s)", path ? path : "unset",
		    program, found ? found : "-", full ? full : "-", err.msg);
	assert_true(found || strstr(err.msg, program));
	free(found);
	free(full);
}

static void programs_are_found_as_agents_are(void **state)
{
	struct temp_dir d;
	char *was = strdup(getenv("PATH"));

	(void)state;
	put_programs(&d);
	assert_found(&d, "/bin:/usr/bin", "sh", "/bin/sh");
	assert_found(&d, "/bin", "here", NULL);
	/* Relative and empty elements are of the directory where it is started. */
	assert_found(&d, "/bin:bin", "below", "bin/below");
	assert_found(&d, "/bin:", "here", "here");
	assert_found(&d, ":/bin", "here", "here");
	assert_found(&d, "", "here", "here");
	assert_found(&d, "/bin::bin", "below", "bin/below");
	assert_found(&d, "bin", "text", NULL);
	assert_found(&d, ".", "bin", NULL); /* a directory */
	assert_found(&d, NULL, "here", NULL);
	/* With a slash the PATH says nothing. */
	assert_found(&d, "/bin", "./here", "./here");
	assert_found(&d, "/bin", "bin/below", "bin/below");
	assert_found(&d, "/bin", "/bin/sh", "/bin/sh");
	assert_found(&d, "bin", "bin/text", NULL);
	assert_int_equal(setenv("PATH", was, 1), 0);
	free(was);
	temp_dir_remove(&d);
}

/* Where nobody has set a PATH, programs are looked for in the usual places. */
static void without_a_path_there_is_one(void **state)
{
	char *was = strdup(getenv("PATH")), *found;

	(void)state;
	assert_int_equal(unsetenv("PATH"), 0);
	found = program_find("sh", "/", NULL);
	assert_non_null(found);
	free(found);
	assert_int_equal(setenv("PATH", was, 1), 0);
	free(was);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(programs_are_found_as_agents_are),
	    cmocka_unit_test(without_a_path_there_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
