#include "policy/validation.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct validation of_cell(const char *cell, const char *option)
{
	static const char *cells[1];
	static struct task t = {.cells = cells};
	struct tasks ts;
	struct options o;
	struct validation v;

	tasks_init(&ts);
	ts.known[COL_VALIDATE] = 0;
	cells[0] = cell;
	options_init(&o);
	o.validate = option ? xstrdup(option) : NULL;
	v = validation_of(&o, &ts, &t);
	/* A text of the option's own goes with it. */
	v.arg = option && !*cell ? option + strlen(option) - strlen(v.arg) : v.arg;
	options_release(&o);
	return v;
}

static void a_cell_is_a_check_or_a_command(void **state)
{
	static const struct {
		const char *cell, *option;
		enum validation_kind kind;
		const char *arg;
	} cases[] = {
	    {"", NULL, VALIDATE_NOTHING, ""},
	    {"test -e x", NULL, VALIDATE_COMMAND, "test -e x"},
	    {"file:a b.txt", NULL, VALIDATE_FILE, "a b.txt"},
	    {"nonempty:x", NULL, VALIDATE_NONEMPTY, "x"},
	    {"json:x", NULL, VALIDATE_JSON, "x"},
	    {"regex:^a:b$", NULL, VALIDATE_REGEX, "^a:b$"},
	    {"equals:", NULL, VALIDATE_EQUALS, ""},
	    {"File:x", NULL, VALIDATE_COMMAND, "File:x"},
	    {"file", NULL, VALIDATE_COMMAND, "file"},
	    {"", "nonempty:y", VALIDATE_NONEMPTY, "y"},
	    {"", "make check", VALIDATE_COMMAND, "make check"},
	    {"json:x", "make check", VALIDATE_JSON, "x"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct validation v = of_cell(cases[i].cell, cases[i].option);

		assert_int_equal(v.kind, cases[i].kind);
		assert_string_equal(v.arg, cases[i].arg);
	}
}

static void what_cannot_be_is_refused(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(validation_check(&(struct validation){VALIDATE_REGEX, "^\\d{4}$"}, &err),
	    0);
	assert_int_equal(validation_check(&(struct validation){VALIDATE_REGEX, "("}, &err), -1);
	assert_non_null(strstr(err.msg, "cannot compile 'regex:('"));
	assert_int_equal(validation_check(&(struct validation){VALIDATE_FILE, ""}, &err), -1);
	assert_int_equal(validation_check(&(struct validation){VALIDATE_COMMAND, "x"}, &err), 0);
}

static void a_regex_finds_a_place_or_gives_up(void **state)
{
	char *as = xmalloc(20001);

	(void)state;
	memset(as, 'a', 20000);
	as[20000] = '\0';
	assert_int_equal(validation_matches("b$", "a\nb", 3), 1);
	assert_int_equal(validation_matches("^b", "a\nb", 3), 0);
	assert_int_equal(validation_matches("^.\xc3\xa9$", "\xc3\x84\xc3\xa9", 4), 1);
	assert_int_equal(validation_matches("b", "\xff b", 3), 1);
	assert_int_equal(validation_matches("(a+)+[bc]", as, 20000), -1);
	free(as);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_cell_is_a_check_or_a_command),
	    cmocka_unit_test(what_cannot_be_is_refused),
	    cmocka_unit_test(a_regex_finds_a_place_or_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
