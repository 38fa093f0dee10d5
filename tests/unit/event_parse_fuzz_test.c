/* Drives the fuzz entry without a fuzzer: fixed seeds, fixed mutations. FUZZ_ROUNDS: more of them. */
#include "../fuzz/event_parse_fuzz.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const seeds[] = {
    "{\"t\":1795262400.123,\"m\":5000,\"ev\":\"batch\",\"version\":\"3.0.0\",\"boot\":\"b-1\","
    "\"host\":\"h\","
    "\"pid\":42,\"cycle\":2,\"original\":\"o\",\"parent\":\"p\",\"resumed\":true,\"not_before\":"
    "1795262460,"
    "\"jobs\":8,\"options\":{\"jobs\":8,\"backoff\":{\"initial\":5},\"retry_on\":[\"auth\"]}}",
    "{\"t\":1795262400.5,\"m\":1,\"ev\":\"start\",\"id\":\"17\",\"n\":3,\"boot\":\"b\",\"account\":"
    "\"claude\","
    "\"log_from\":900,\"session\":\"s\"}",
    "{\"t\":1,\"m\":1,\"ev\":\"exit\",\"id\":\"17\",\"n\":1,\"signal\":9,\"killed\":\"timeout\","
    "\"log_to\":10,"
    "\"rss_kb\":20,\"cpu_ms\":30}",
    "{\"t\":1,\"m\":1,\"ev\":\"exit\",\"id\":\"17\",\"n\":1,\"failed\":2,\"message\":\"no such "
    "file\"}",
    "{\"t\":1,\"m\":1,\"ev\":\"exit\",\"id\":\"17\",\"n\":1,\"void\":true}",
    "{\"t\":1,\"m\":1,\"ev\":\"verdict\",\"id\":\"17\",\"n\":1,\"class\":\"rate_limit\","
    "\"charged\":true,"
    "\"message\":\"\\u00e9\\ud83d\\ude00 \\\"x\\\"\",\"evidence\":\"a\\tb\",\"retry_after\":1.5,"
    "\"reset_at\":1795262460.001,\"cost_usd\":1e-3,\"tokens_in\":1200,\"tokens_out\":7,\"turns\":"
    "2}",
    "{\"t\":1,\"m\":1,\"ev\":\"wait\",\"id\":\"17\",\"n\":1,\"until\":12.5,\"why\":\"told\","
    "\"wall\":true,"
    "\"parked\":true}",
    "{\"t\":1,\"m\":1,\"ev\":\"status\",\"id\":\"17\",\"status\":\"in_progress\",\"phase\":"
    "\"validating\"}",
    "{\"t\":1,\"m\":1,\"ev\":\"gate\",\"account\":\"a\",\"state\":\"narrowed\",\"until\":60,"
    "\"width\":3,"
    "\"pace\":0.25,\"why\":\"x\"}",
    "{\"t\":1,\"m\":1,\"ev\":\"verb\",\"verb\":\"cancel\",\"ids\":[\"17\",\"18\"],\"n\":4,\"by\":"
    "\"o\"}",
    "{\"t\":1,\"m\":1,\"ev\":\"cycle\",\"child\":\"c\",\"csv\":\"x.csv\",\"rows\":4,\"until\":60}",
    "{\"t\":1,\"m\":1,\"ev\":\"end\",\"state\":\"stopped\",\"counts\":{\"pending\":1,\"failed\":2},"
    "\"exit\":3}",
    "{ \"t\" : 1e0 , \"ev\":\"new\", \"x\":[null,{\"y\":[[],{}]},-0.5E+2,false] }",
};

#define LINE_SIZE 2048

struct fuzz {
	uint32_t seed;
	char line[LINE_SIZE];
	size_t n;
};

static uint32_t below(struct fuzz *f, size_t n)
{
	f->seed ^= f->seed << 13;
	f->seed ^= f->seed >> 17;
	f->seed ^= f->seed << 5;
	return n ? f->seed % (uint32_t)n : 0;
}

static void insert(struct fuzz *f, size_t at, const char *p, size_t n)
{
	if (f->n + n > LINE_SIZE)
		return;
	memmove(f->line + at + n, f->line + at, f->n - at);
	memcpy(f->line + at, p, n);
	f->n += n;
}

static void cut(struct fuzz *f, size_t at, size_t n)
{
	if (n > f->n - at)
		n = f->n - at;
	memmove(f->line + at, f->line + at + n, f->n - at - n);
	f->n -= n;
}

/* Words that matter to the grammar, or to what is done with the values. */
static const char *const words[] = {"\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "-",
    "1e999", "9223372036854775808", "4294967297", "0.1234567890123456789", "\\u0000", "\\ud800",
    "\xff", "\xc3\xa9", "\n", "\t", "\"t\":", "\"n\":-1,", "\"id\":\"17\",", "[[[[[[[[[[[[[[[[[[[[",
    "\"ev\":\"end\",", "\"code\":0,", "e", "."};

static void mutate(struct fuzz *f)
{
	size_t at = below(f, f->n + 1);
	const char *word = words[below(f, sizeof(words) / sizeof(words[0]))];
	const char *other = seeds[below(f, sizeof(seeds) / sizeof(seeds[0]))];
	size_t from = below(f, strlen(other));
	char c;

	switch (below(f, 6)) {
	case 0:
		c = (char)below(f, 256);
		insert(f, at, &c, 1);
		break;
	case 1:
		if (at < f->n)
			f->line[at] = (char)below(f, 256);
		break;
	case 2:
		insert(f, at, word, strlen(word));
		break;
	case 3:
		cut(f, at, 1 + below(f, 8));
		break;
	case 4:
		insert(f, at, other + from, below(f, strlen(other) - from));
		break;
	default:
		f->n = below(f, 20) ? f->n : at;
		break;
	}
}

static void seeds_are_events(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		struct arena arena = ARENA_INIT;
		struct event ev;

		assert_int_equal(event_parse(seeds[i], strlen(seeds[i]), &ev, &arena, NULL), 0);
		arena_release(&arena);
		LLVMFuzzerTestOneInput((const uint8_t *)seeds[i], strlen(seeds[i]));
	}
}

static void mutations(void **state)
{
	const char *rounds = getenv("FUZZ_ROUNDS");
	long nr = rounds ? atol(rounds) : 40000, i;
	struct fuzz f = {.seed = 20261121};

	(void)state;
	for (i = 0; i < nr; i++) {
		const char *seed = seeds[below(&f, sizeof(seeds) / sizeof(seeds[0]))];
		uint32_t k;

		f.n = strlen(seed);
		memcpy(f.line, seed, f.n);
		for (k = below(&f, 5); k-- > 0;)
			mutate(&f);
		LLVMFuzzerTestOneInput((const uint8_t *)f.line, f.n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(seeds_are_events),
	    cmocka_unit_test(mutations),
	};

	return cmocka_run_group_tests_name("event_parse_fuzz", tests, NULL, NULL);
}
