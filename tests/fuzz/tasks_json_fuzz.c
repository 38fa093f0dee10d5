/* Any bytes as JSON tasks. What must hold: a refusal has a place inside the file; what is accepted
 * is a CSV, whose cells have their origins in order. */
#include "formats/tasks_json.h"
#include "base/xalloc.h"
#include "fuzz/check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_message(const char *text, size_t len, const char *message)
{
	unsigned line = 0, nr_lines = 1;
	size_t column = 0, i;

	for (i = 0; i < len; i++)
		nr_lines += text[i] == '\n';
	CHECK(sscanf(message, "fuzz.json:%u:%zu: ", &line, &column) == 2);
	CHECK(line >= 1 && line <= nr_lines);
	CHECK(column >= 1 && column <= len + 1);
	CHECK(!strchr(message, '\n'));
}

static void check_csv(const struct tasks_json *t, const char *text, size_t len)
{
	const struct tasks_read_opts opts = {
	    .file = "fuzz.json", .origins = t->origins, .nr_origins = t->nr};
	struct err err = ERR_INIT;
	struct tasks ts;
	size_t i;

	CHECK(t->nr > 0 && t->csv.len > 0);
	for (i = 0; i < t->nr; i++) {
		CHECK(t->origins[i].at < t->csv.len && t->csv.data[t->origins[i].at] == '"');
		CHECK(i == 0 || t->origins[i].at > t->origins[i - 1].at);
	}
	if (tasks_read_text(&ts, NULL, t->csv.data, t->csv.len, &opts, &err) < 0)
		check_message(text, len, err.msg);
	tasks_release(&ts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct tasks_json_opts opts = {.file = "fuzz.json", .dir = "/d"};
	char *text = xmalloc(len ? len : 1); /* exactly as long: reading behind it is seen */
	struct err err = ERR_INIT;
	struct tasks_json t;

	memcpy(text, data, len);
	if (tasks_json_read(&t, text, len, &opts, &err) == 0)
		check_csv(&t, text, len);
	else
		check_message(text, len, err.msg);
	tasks_json_release(&t);
	free(text);
	return 0;
}
