#include "base/xalloc.h"
#include "exec/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void words_split_as_a_shell_splits_them(void **state)
{
	static const struct {
		const char *line;
		const char *words[6];
	} table[] = {
	    {"", {NULL}},
	    {" \t\n ", {NULL}},
	    {"a b", {"a", "b"}},
	    {"  a\t\nb  ", {"a", "b"}},
	    {"'a b' c", {"a b", "c"}},
	    {"\"a b\" c", {"a b", "c"}},
	    {"a'b'\"c\"d", {"abcd"}},
	    {"'' \"\" x", {"", "", "x"}},
	    {"a\\ b", {"a b"}},
	    {"\\'", {"'"}},
	    {"'a\\'", {"a\\"}}, /* nothing is special between single quotes */
	    {"'\"' \"'\"", {"\"", "'"}},
	    {"\"\\\"\\\\\\$\\`\"", {"\"\\$`"}},
	    {"\"\\a\\n\"", {"\\a\\n"}}, /* other backslashes stay */
	    {"a\\\nb \\\n c", {"ab", "c"}}, /* a line goes on */
	    {"\"a\\\nb\"", {"ab"}},
	    {"\\\n", {NULL}},
	    {"end\\", {"end\\"}},
	    {"$HOME `id` $(id) * ~ a;b|c&d >e", {"$HOME", "`id`", "$(id)", "*", "~", "a;b|c&d"}},
	    {"a # b", {"a", "#", "b"}},
	    {"\xc3\xa4 \xff", {"\xc3\xa4", "\xff"}},
	    {"'line\nline'", {"line\nline"}},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct err err = ERR_INIT;
		char **words;
		size_t nr;

		assert_int_equal(shell_split(table[i].line, &words, &nr, &err), 0);
		for (k = 0; k < nr && k < ARRAY_LEN(table[i].words); k++)
			assert_string_equal(words[k], table[i].words[k]);
		assert_true(nr == ARRAY_LEN(table[i].words) + 1 || !table[i].words[nr]);
		assert_null(words[nr]);
		words_free(words, nr);
	}
}

static void an_unclosed_quote_is_named(void **state)
{
	static const struct {
		const char *line, *message;
	} table[] = {
	    {"a 'b c", "unclosed quote: 'b c"},
	    {"\"", "unclosed quote: \""},
	    {"ok 'ok' x\"y\\\"", "unclosed quote: \"y\\\""},
	    {"\"a\\", "unclosed quote: \"a\\"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct err err = ERR_INIT;
		char **words;
		size_t nr;

		assert_int_equal(shell_split(table[i].line, &words, &nr, &err), -1);
		assert_string_equal(err.msg, table[i].message);
	}
}

static const char *look_up(void *ctx, const char *name)
{
	static const char *const values[][2] = {
	    {"task", "$(rm -rf /) {id} {{x}} %s"}, {"id", "7"}, {"empty", ""}, {"a b", "blank"}};
	size_t i;

	(*(int *)ctx)++;
	for (i = 0; i < ARRAY_LEN(values); i++)
		if (strcmp(values[i][0], name) == 0)
			return values[i][1];
	return NULL;
}

static void placeholders_are_filled_once(void **state)
{
	static const struct {
		const char *word, *filled;
		int lookups;
	} table[] = {
	    {"", "", 0},
	    {"plain", "plain", 0},
	    {"{id}", "7", 1},
	    {"a{id}b{id}c", "a7b7c", 2},
	    {"{task}", "$(rm -rf /) {id} {{x}} %s", 1}, /* what came in is not looked at again */
	    {"{empty}", "", 1},
	    {"{a b}", "blank", 1},
	    {"{{id}}", "{id}", 0},
	    {"{{{id}}}", "{7}", 1},
	    {"{{{{", "{{", 0},
	    {"}}}}", "}}", 0},
	    {"a}b", "a}b", 0},
	    {"}", "}", 0},
	    {"{id}}", "7}", 1},
	    {"{{\"a\": {id}}}", "{\"a\": 7}", 1},
	    {"%s{id}%n", "%s7%n", 1},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct err err = ERR_INIT;
		int lookups = 0;
		char *filled = template_fill(table[i].word, look_up, &lookups, &err);

		assert_non_null(filled);
		assert_string_equal(filled, table[i].filled);
		assert_int_equal(lookups, table[i].lookups);
		free(filled);
	}
}

static void a_wrong_placeholder_is_named(void **state)
{
	static const struct {
		const char *word, *message;
	} table[] = {
	    {"{nobody}", "unknown placeholder '{nobody}': a literal brace is written '{{' or '}}'"},
	    {"{id}{}", "unknown placeholder '{}': a literal brace is written '{{' or '}}'"},
	    {"x{id", "unclosed '{' in 'x{id': a literal brace is written '{{'"},
	    {"{", "unclosed '{' in '{': a literal brace is written '{{'"},
	    {"{{{", "unclosed '{' in '{{{': a literal brace is written '{{'"},
	    {"{id{id}", "unclosed '{' in '{id{id}': a literal brace is written '{{'"},
	    {"{ID}", "unknown placeholder '{ID}': a literal brace is written '{{' or '}}'"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		struct err err = ERR_INIT;
		int lookups = 0;

		assert_null(template_fill(table[i].word, look_up, &lookups, &err));
		assert_string_equal(err.msg, table[i].message);
	}
}

static void use_is_seen_where_it_would_be_filled(void **state)
{
	static const struct {
		const char *word;
		bool uses_task;
	} table[] = {
	    {"{task}", true},
	    {"x{task}y", true},
	    {"{id}{task}", true},
	    {"{{task}}", false},
	    {"{{{task}", true},
	    {"{task_file}", false},
	    {"{tas}", false},
	    {"task", false},
	    {"{task", false},
	    {"", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		char *words[] = {(char *)"sh", (char *)table[i].word};

		assert_int_equal(template_uses(words, 2, "task"), table[i].uses_task);
		assert_false(template_uses(words, 1, "task"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(words_split_as_a_shell_splits_them),
	    cmocka_unit_test(an_unclosed_quote_is_named),
	    cmocka_unit_test(placeholders_are_filled_once),
	    cmocka_unit_test(a_wrong_placeholder_is_named),
	    cmocka_unit_test(use_is_seen_where_it_would_be_filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
