#include "exec/account_env.h"
#include "base/xalloc.h"

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

static char home[] = "/tmp/account-env-XXXXXX";

static void write_file(const char *name, const char *text, size_t len, mode_t mode)
{
	char *path = xasprintf("%s/%s", home, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

static struct config_account account_of(const char *name, enum assign_from from, const char *text)
{
	return (struct config_account){
	    .profile = "claude", .name = name, .v = {{"KEY", from, text}}, .nr = 1};
}

static void check_value(enum assign_from from, const char *text, const char *value)
{
	const struct config_account a = account_of("claude/a", from, text);
	struct account_env env = {.account = NULL};
	struct err err = ERR_INIT;

	assert_int_equal(account_env_read(&env, &a, &err), 0);
	assert_string_equal(env.values[0], value);
	account_env_release(&env);
}

static void check_refused(enum assign_from from, const char *text, const char *message)
{
	const struct config_account a = account_of("claude/a", from, text);
	struct account_env env = {.account = NULL};
	struct err err = ERR_INIT;

	assert_int_equal(account_env_read(&env, &a, &err), -1);
	assert_string_equal(err.msg, message);
	assert_null(env.values[0]);
}

static void values_are_taken(void **state)
{
	char *under_home = xasprintf("%s/x", home);

	(void)state;
	setenv("A_KEY", "key", 1);
	check_value(ASSIGN_FROM_VARIABLE, "A_KEY", "key");
	check_value(ASSIGN_VALUE, "~/x", under_home);
	check_value(ASSIGN_VALUE, "~", home);
	check_value(ASSIGN_VALUE, "~other/x", "~other/x");
	check_value(ASSIGN_VALUE, "", "");
	write_file("plain", "key", 3, 0600);
	check_value(ASSIGN_FROM_FILE, "~/plain", "key");
	write_file("line", "key\n", 4, 0600);
	check_value(ASSIGN_FROM_FILE, "~/line", "key");
	write_file("dos", "key\r\n", 5, 0600);
	check_value(ASSIGN_FROM_FILE, "~/dos", "key");
	write_file("lines", "a\nb\n\n", 5, 0600);
	check_value(ASSIGN_FROM_FILE, "~/lines", "a\nb\n");
	free(under_home);
}

static void what_cannot_be_had_is_told(void **state)
{
	char *dir = xasprintf("%s/directory", home);
	char *big = xcalloc(1, 70000);

	(void)state;
	unsetenv("A_KEY");
	check_refused(ASSIGN_FROM_VARIABLE, "A_KEY",
	    "account claude/a: KEY is taken from the variable A_KEY, which is not set");
	setenv("A_KEY", "", 1);
	check_refused(ASSIGN_FROM_VARIABLE, "A_KEY",
	    "account claude/a: KEY is taken from the variable A_KEY, which is empty");
	check_refused(ASSIGN_FROM_FILE, "~/nowhere",
	    "account claude/a: KEY is taken from the file '~/nowhere', which cannot be read: No "
	    "such "
	    "file or directory");
	write_file("empty", "\n", 1, 0600);
	check_refused(ASSIGN_FROM_FILE, "~/empty",
	    "account claude/a: KEY is taken from the file '~/empty', which is empty");
	write_file("nul", "a\0b", 3, 0600);
	check_refused(ASSIGN_FROM_FILE, "~/nul",
	    "account claude/a: KEY is taken from the file '~/nul', which holds a NUL byte");
	assert_int_equal(mkdir(dir, 0700), 0);
	check_refused(ASSIGN_FROM_FILE, "~/directory",
	    "account claude/a: KEY is taken from the file '~/directory', which cannot be read: it "
	    "is "
	    "no regular file");
	memset(big, 'x', 70000);
	write_file("big", big, 70000, 0600);
	{
		const struct config_account a = account_of("claude/a", ASSIGN_FROM_FILE, "~/big");
		struct account_env env = {.account = NULL};
		struct err err = ERR_INIT;

		assert_int_equal(account_env_read(&env, &a, &err), -1);
		assert_null(strstr(err.msg, "xx"));
	}
	free(big);
	free(dir);
}

static void files_that_others_can_read(void **state)
{
	const struct config_account a = account_of("claude/a", ASSIGN_FROM_FILE, "~/shown");
	struct buf out = BUF_INIT;

	(void)state;
	write_file("shown", "k", 1, 0600);
	account_env_warn(&a, &out);
	assert_int_equal(out.len, 0);
	write_file("shown", "k", 1, 0640);
	account_env_warn(&a, &out);
	assert_non_null(strstr(out.data, "others can read '~/shown'"));
	buf_release(&out);
}

/* An agent sees no other account's variables, nor where keys come from; those of other profiles are
 * none of its business. */
static void other_keys_are_hidden(void **state)
{
	struct config_account accounts[] = {
	    {.profile = "claude",
		.name = "claude/work",
		.v = {{"KEY", ASSIGN_FROM_VARIABLE, "WORK_KEY"}},
		.nr = 1},
	    {.profile = "claude",
		.name = "claude/home",
		.v = {{"DIR", ASSIGN_VALUE, "~"}},
		.nr = 1},
	    {.profile = "codex",
		.name = "codex/ci",
		.v = {{"OPENAI", ASSIGN_FROM_VARIABLE, "CI_KEY"}},
		.nr = 1},
	};
	const struct config_json c = {.accounts = accounts, .nr_accounts = 3};
	static const char *const before[] = {"KEY=1", "KEYS=2", "WORK_KEY=3", "PATH=/bin", "DIR=4",
	    "OPENAI=5", "CI_KEY=6", "WORK=7"};
	static const char *const after[] = {
	    "KEYS=2", "PATH=/bin", "OPENAI=5", "CI_KEY=6", "WORK=7"};
	char *env[ARRAY_LEN(before)];
	size_t i, nr;

	(void)state;
	for (i = 0; i < ARRAY_LEN(before); i++)
		env[i] = xstrdup(before[i]);
	nr = account_env_hide(&c, "claude", env, ARRAY_LEN(before));
	assert_int_equal(nr, ARRAY_LEN(after));
	for (i = 0; i < nr; i++) {
		assert_string_equal(env[i], after[i]);
		free(env[i]);
	}
}

static int make_home(void **state)
{
	(void)state;
	if (!mkdtemp(home))
		return -1;
	return setenv("HOME", home, 1);
}

static int remove_home(void **state)
{
	static const char *const names[] = {
	    "plain", "line", "dos", "lines", "empty", "nul", "big", "shown", "directory"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		char *path = xasprintf("%s/%s", home, names[i]);

		if (unlink(path) < 0)
			(void)rmdir(path);
		free(path);
	}
	return rmdir(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_are_taken),
	    cmocka_unit_test(what_cannot_be_had_is_told),
	    cmocka_unit_test(files_that_others_can_read),
	    cmocka_unit_test(other_keys_are_hidden),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
