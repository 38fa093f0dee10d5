/* Hostile output to the classifier. The first byte chooses how the process ended.
 *
 *   clang -fsanitize=fuzzer,address,undefined -Isrc -I. tests/fuzz/classify_fuzz.c LIB -lpcre2-8
 * It finds the shared patterns beside itself, in ../share. */
#include "exec/shared_patterns.h"
#include "policy/classify.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(const char *s, size_t cap)
{
	if (!memchr(s, '\0', cap) || strchr(s, '\n') || strchr(s, '\033'))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ev_exit exits[] = {
	    {.how = EXIT_CODE, .value = 0},
	    {.how = EXIT_CODE, .value = 1},
	    {.how = EXIT_CODE, .value = 124},
	    {.how = EXIT_SIGNAL, .value = 9},
	    {.how = EXIT_UNKNOWN},
	};
	static struct profile profile = {.error = {(char *)"error", (char *)"error.data.message"},
	    .answer = {.way = ANSWER_EVENT, .type = (char *)"text", .field = (char *)"part.text"}};
	static struct pattern_base *base;
	static struct classifier *of[2]; /* without a profile, with one that names events */
	struct classifier *c;
	struct ended e = {.task = "Fix Error: 429 Too Many Requests"};
	struct verdict v;

	if (!base) {
		base = shared_patterns_load(NULL);
		of[0] = classifier_new(NULL, base, NULL);
		of[1] = classifier_new(&profile, base, NULL);
	}
	if (size == 0)
		return 0;
	c = of[data[0] / 5 % 2];
	if (!c)
		return 0;
	e.exit = exits[data[0] % (sizeof(exits) / sizeof(exits[0]))];
	e.tail = (const char *)data + 1;
	e.tail_len = size - 1;
	classify(c, &e, &v);
	if (v.class == CLASS_NONE || v.class >= CLASS__COUNT)
		abort();
	check_words(v.message, sizeof(v.message));
	check_words(v.evidence, sizeof(v.evidence));
	check_words(v.reset_text, sizeof(v.reset_text));
	return 0;
}
