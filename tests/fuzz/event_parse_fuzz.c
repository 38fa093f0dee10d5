/* Fuzz entry for lines of the journal.
 *
 *   clang -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Isrc -I/usr/include/cjson \
 *     -o event_parse_fuzz tests/fuzz/event_parse_fuzz.c src/base/[a-z]*.c src/model/[a-z]*.c \
 *     src/formats/event_json.c src/formats/jsonr.c src/formats/jsonw.c -lcjson
 *
 * or, without libFuzzer, the mutations of tests/unit/event_parse_fuzz_test.c. Whatever the bytes:
 * no crash; what is taken is JSON to another parser too; what is written from it reads back to the
 * same line; and the fold bears it. */
#include "formats/event_json.h"
#include "model/batch.h"

#include <cJSON.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define MUST(x) \
	do { \
		if (!(x)) \
			abort(); \
	} while (0)

/* cJSON knows no lone surrogates, and no numbers of more than 63 characters. */
static int is_beyond_cjson(const char *s, size_t n)
{
	size_t i, digits = 0;

	for (i = 0; i < n; i++) {
		if (i + 2 < n && s[i] == '\\' && s[i + 1] == 'u' && tolower(s[i + 2]) == 'd')
			return 1;
		digits = isdigit((unsigned char)s[i]) || strchr("+-.eE", s[i]) ? digits + 1 : 0;
		if (digits > 60)
			return 1;
	}
	return 0;
}

static void check_other_parser(const char *s, size_t n)
{
	cJSON *j;

	if (is_beyond_cjson(s, n))
		return;
	j = cJSON_ParseWithLength(s, n);
	MUST(cJSON_IsObject(j));
	cJSON_Delete(j);
}

/* Written and read again, an event is the same line. */
static void check_stable(const struct event *ev, struct arena *arena)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct event back;

	event_format(ev, &once);
	MUST(memchr(once.data, '\n', once.len) == once.data + once.len - 1);
	MUST(event_parse(once.data, once.len, &back, arena, NULL) == 0);
	MUST(back.type == ev->type);
	event_format(&back, &twice);
	MUST(strcmp(once.data, twice.data) == 0);
	buf_release(&once);
	buf_release(&twice);
}

static void check_fold(const struct event *ev)
{
	struct task task = {.id = "17"};
	struct tasks ts;
	struct batch b;

	tasks_init(&ts);
	ts.v = calloc(1, sizeof(task));
	MUST(ts.v);
	ts.v[0] = task;
	ts.nr = ts.cap = 1;
	map_put(&ts.by_id, "17", 0);
	batch_init(&b, &ts, NULL, "sim", 1);
	batch_apply(&b, ev);
	batch_apply(&b, ev);
	MUST(b.counts[b.agents[0].status] == 1);
	batch_release(&b);
	tasks_release(&ts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena arena = ARENA_INIT;
	/* Of exactly that size, so that a sanitizer sees a read behind it. */
	char *line = calloc(1, n ? n : 1);
	struct event ev;

	MUST(line);
	if (n)
		memcpy(line, data, n);
	if (event_parse(line, n, &ev, &arena, NULL) == 0) {
		check_other_parser(line, n);
		if (ev.type != EV_UNKNOWN)
			check_stable(&ev, &arena);
		check_fold(&ev);
	}
	arena_release(&arena);
	free(line);
	return 0;
}
