#include "exec/profiles.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[64];

static void write_profile(const char *name, const char *json)
{
	char *path = xasprintf("%s/agent-batch/profiles/%s", root, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0 && write_all(fd, json, strlen(json)) == 0);
	close(fd);
	free(path);
}

static int set_up(void **state)
{
	char *dir;

	(void)state;
	snprintf(root, sizeof(root), "/tmp/agent-batch-test.XXXXXX");
	assert_non_null(mkdtemp(root));
	setenv("XDG_CONFIG_HOME", root, 1);
	dir = xasprintf("%s/agent-batch/profiles", root);
	assert_int_equal(dir_make_path(dir, NULL), 0);
	free(dir);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void shell_and_sim_come_with_the_program(void **state)
{
	struct err err = ERR_INIT;
	struct profile p;

	(void)state;
	assert_int_equal(profile_load("shell", &p, &err), 0);
	assert_string_equal(p.name, "shell");
	assert_int_equal(p.command.nr, 3);
	assert_string_equal(p.command.v[0].text, "sh");
	assert_string_equal(p.command.v[1].text, "-c");
	assert_string_equal(p.command.v[2].text, "{task}");
	assert_false(p.task_on_stdin);
	assert_float_equal(p.timeout_s + p.stall_s, 0, 0);
	assert_non_null(strstr(p.path, "/share/agent-batch/profiles/shell.json"));
	profile_release(&p);

	assert_int_equal(profile_load("sim", &p, &err), 0);
	assert_string_equal(p.command.v[0].text, "{libexec}/agent-batch-sim");
	assert_float_equal(p.timeout_s + p.stall_s, 0, 0);
	profile_release(&p);
}

static void every_profile_that_comes_along_is_right(void **state)
{
	struct err err = ERR_INIT;
	struct profile p;
	char **names;
	size_t nr, i;

	(void)state;
	assert_int_equal(profile_list(&names, &nr, &err), 0);
	assert_true(nr >= 2);
	for (i = 0; i < nr; i++) {
		if (profile_load(names[i], &p, &err) != 0)
			fail_msg("%s", err.msg);
		profile_release(&p);
		free(names[i]);
	}
	free(names);
}

static void the_users_own_goes_first(void **state)
{
	struct err err = ERR_INIT;
	struct profile p;
	char **names;
	size_t nr, i, shells = 0;

	(void)state;
	write_profile("shell.json", "{\"command\": [\"my-shell\"]}");
	write_profile("mine.json", "{\"command\": [\"mine\"]}");
	write_profile("README", "no profile");
	assert_int_equal(profile_load("shell", &p, &err), 0);
	assert_string_equal(p.command.v[0].text, "my-shell");
	assert_string_equal(p.name, "shell"); /* by its file */
	assert_ptr_equal(strstr(p.path, root), p.path);
	profile_release(&p);
	assert_true(profile_exists("mine"));
	assert_int_equal(profile_list(&names, &nr, &err), 0);
	for (i = 0; i < nr; i++) {
		shells += strcmp(names[i], "shell") == 0;
		assert_string_not_equal(names[i], "README");
		if (i)
			assert_true(strcmp(names[i - 1], names[i]) < 0);
	}
	assert_int_equal(shells, 1);
	for (i = 0; i < nr; i++)
		free(names[i]);
	free(names);
}

static void an_unknown_one_lists_those_there_are(void **state)
{
	struct err err = ERR_INIT;
	struct profile p;

	(void)state;
	assert_false(profile_exists("nobody"));
	assert_int_equal(profile_load("nobody", &p, &err), 1);
	assert_ptr_equal(strstr(err.msg, "unknown profile 'nobody': there are "), err.msg);
	assert_non_null(strstr(err.msg, "shell, sim"));
}

static void a_name_is_never_a_path(void **state)
{
	static const char *const names[] = {
	    "../profiles/shell", "/etc/passwd", "..", "", ".", "a/b", "shell\n"};
	struct err err = ERR_INIT;
	struct profile p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		assert_false(profile_exists(names[i]));
		assert_int_equal(profile_load(names[i], &p, &err), 1);
	}
}

static void a_wrong_one_is_told_with_its_file(void **state)
{
	struct err err = ERR_INIT;
	struct profile p;

	(void)state;
	write_profile("broken.json", "{\"command\": [\"x\"], \"timeot\": 1}");
	assert_int_equal(profile_load("broken", &p, &err), -1);
	assert_non_null(strstr(err.msg, root));
	assert_non_null(strstr(err.msg, "broken.json': unknown field \"timeot\""));
	write_profile("alias.json", "{\"name\": \"other\", \"command\": [\"x\"]}");
	assert_int_equal(profile_load("alias", &p, &err), -1);
	assert_non_null(strstr(err.msg, "\"name\" is 'other', but the file is called 'alias'"));
}

static void a_broken_pattern_is_refused_when_it_is_loaded(void **state)
{
	struct err err = ERR_INIT;
	struct profile p;

	(void)state;
	write_profile("bad.json",
	    "{\"command\": [\"x\"], \"patterns\": [{\"class\": \"auth\", \"regex\": \"a(\"}]}");
	assert_int_equal(profile_load("bad", &p, &err), -1);
	assert_non_null(strstr(err.msg, "bad.json': \"patterns[0].regex\": cannot compile"));
	write_profile("bad.json", "{\"command\": [\"x\"], \"answer\": {\"until\": \"[\"}}");
	assert_int_equal(profile_load("bad", &p, &err), -1);
	assert_non_null(strstr(err.msg, "\"answer.until\": cannot compile"));
}

static void a_profile_builds_on_another(void **state)
{
	struct err err = ERR_INIT;
	struct profile p;

	(void)state;
	/* On ours of the same name: what one adds a pattern to. */
	write_profile("shell.json",
	    "{\"base\": \"shell\","
	    " \"patterns\": [{\"class\": \"budget\", \"regex\": \"broke\"}]}");
	assert_int_equal(profile_load("shell", &p, &err), 0);
	assert_string_equal(p.command.v[0].text, "sh");
	assert_false(p.task_on_stdin);
	assert_int_equal(p.patterns[0].class, CLASS_BUDGET);
	assert_ptr_equal(strstr(p.path, root), p.path);
	profile_release(&p);
	/* On the user's own, which builds on ours. */
	write_profile("mine.json", "{\"base\": \"shell\", \"stall\": 7}");
	assert_int_equal(profile_load("mine", &p, &err), 0);
	assert_string_equal(p.name, "mine");
	assert_int_equal(p.nr_patterns, 1);
	assert_float_equal(p.stall_s, 7, 0);
	profile_release(&p);
	write_profile("mine.json", "{\"base\": \"nobody\"}");
	assert_int_equal(profile_load("mine", &p, &err), -1);
	assert_non_null(strstr(err.msg, "mine.json': \"base\": there is no profile 'nobody'"));
	write_profile("mine.json", "{\"base\": \"mine\"}");
	assert_int_equal(profile_load("mine", &p, &err), -1);
	assert_non_null(strstr(err.msg, "there is no profile 'mine' of ours"));
	write_profile("a.json", "{\"base\": \"b\"}");
	write_profile("b.json", "{\"base\": \"a\"}");
	assert_int_equal(profile_load("a", &p, &err), -1);
	assert_non_null(strstr(err.msg, "leads round in a circle"));
}

static void no_config_directory_is_no_error(void **state)
{
	struct err err = ERR_INIT;
	char **names;
	size_t nr, i;

	(void)state;
	setenv("XDG_CONFIG_HOME", "/no/such/place", 1);
	assert_int_equal(profile_list(&names, &nr, &err), 0);
	assert_true(profile_exists("shell"));
	setenv("XDG_CONFIG_HOME", "relative", 1); /* to be ignored */
	assert_true(profile_exists("shell"));
	setenv("XDG_CONFIG_HOME", root, 1);
	for (i = 0; i < nr; i++)
		free(names[i]);
	free(names);
}

static void the_helper_programs_are_beside_us(void **state)
{
	char *shim = xasprintf("%s/agent-batch-shim", libexec_dir());

	(void)state;
	assert_int_equal(access(shim, X_OK), 0);
	free(shim);
}

int main(void)
{
#define WITH_DIR(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    WITH_DIR(shell_and_sim_come_with_the_program),
	    WITH_DIR(every_profile_that_comes_along_is_right),
	    WITH_DIR(the_users_own_goes_first),
	    WITH_DIR(an_unknown_one_lists_those_there_are),
	    WITH_DIR(a_name_is_never_a_path),
	    WITH_DIR(a_wrong_one_is_told_with_its_file),
	    WITH_DIR(a_broken_pattern_is_refused_when_it_is_loaded),
	    WITH_DIR(a_profile_builds_on_another),
	    WITH_DIR(no_config_directory_is_no_error),
	    WITH_DIR(the_helper_programs_are_beside_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
