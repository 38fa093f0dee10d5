#include "view/text/fold.h"
#include "base/xalloc.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void messages_of_one_kind_fold_alike(void **state)
{
	static const struct {
		const char *message, *folded;
	} rows[] = {
	    {"429 Too Many Requests", "<n> Too Many Requests"},
	    {"retry after 3.5 seconds.", "retry after <n> seconds."},
	    {"no such file '/tmp/a b'", "no such file <id>"},
	    {"cannot open /var/x/17.log: gone", "cannot open <path>: gone"},
	    {"see https://a.b/c?d=1", "see <path>?d=<n>"},
	    {"request req_011CSHoEe failed", "request <id> failed"},
	    {"commit 3f2a9c1 at 10:32:07, 2026-11-22", "commit <id> at <n>, <n>"},
	    {"at 2026-11-22T10:32:07.123Z", "at <id>"},
	    {"tree deadbeef, word efface", "tree <id>, word efface"},
	    {"at 0x7ffe and 0xF", "at <id> and <id>"},
	    {"can't do, won't do", "can't do, won't do"},
	    {"model \"opus\" is overloaded", "model <id> is overloaded"},
	    {"unclosed 'quote", "unclosed 'quote"},
	    {"and/or", "<path>"},
	    {"esc\033]0;x\007aped", "escaped"},
	    {"killed after 900 s (TERM, 10 s, KILL)", "killed after <n> s (TERM, <n> s, KILL)"},
	    /* A unit stays whatever the length of its number, else 30s and 900s were two kinds. */
	    {"waited 30s, then 900s", "waited <n>s, then <n>s"},
	    {"after 1h30m and 250ms", "after <n>h<n>m and <n>ms"},
	    {"1,234,567 of 12,5 tokens", "<n> of <n> tokens"},
	    {"exit -5 or -500", "exit -<n> or -<n>"},
	    {"two\nlines\tof it", "two lines of it"},
	    {"5", "<n>"},
	    {"- ... :", "- ... :"},
	    /* Names in JSON tell what kind it is; the rest of it does not. */
	    {"429 {\"type\":\"rate_limit_error\",\"message\":\"Number of request tokens\"}",
		"<n> {\"type\":\"rate_limit_error\",\"message\":<id>}"},
	    {"{\"code\": 42, \"id\": \"req_01\", \"s\": \"a\\\"b\"}",
		"{\"code\": <n>, \"id\": <id>, \"s\": <id>}"},
	    {"\xc3\xa9t\xc3\xa9 17", "\xc3\xa9t\xc3\xa9 <n>"},
	    {"", ""},
	    {NULL, ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT;

		fold_message(rows[i].message, &out);
		assert_string_equal(out.len ? out.data : "", rows[i].folded);
		buf_release(&out);
	}
}

static void what_is_very_long_is_cut(void **state)
{
	char *p = xmalloc(1 << 20);
	struct buf out = BUF_INIT;

	(void)state;
	memset(p, 'z', (1 << 20) - 1);
	p[(1 << 20) - 1] = '\0';
	memcpy(p, "is ", 3);
	fold_message(p, &out);
	assert_int_equal(out.len, FOLD_MAX);
	buf_release(&out);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_of_one_kind_fold_alike),
	    cmocka_unit_test(what_is_very_long_is_cut),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
