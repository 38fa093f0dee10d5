/* Any bytes as config.json: refused with a place inside of the text, or entries that are whole. */
#include "formats/config_json.h"
#include "fuzz/check.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t nr_lines(const uint8_t *data, size_t size)
{
	uint32_t nr = 1;

	while (size-- > 0)
		nr += *data++ == '\n';
	return nr;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_json c;
	struct err err = ERR_INIT;
	uint32_t lines = nr_lines(data, size);
	int rc = config_json_parse(&c, (const char *)data, size, &err);
	unsigned line = 0;
	size_t column = 0, i;
	int n = 0;

	if (rc < 0) {
		CHECK(sscanf(err.msg, "%u:%zu: %n", &line, &column, &n) == 2);
		CHECK(n > 0 && err.msg[n] && line >= 1 && line <= lines && column >= 1);
	}
	for (i = 0; rc == 0 && i < c.nr; i++) {
		CHECK(c.v[i].name && c.v[i].value);
		CHECK(c.v[i].line >= 1 && c.v[i].line <= lines && c.v[i].column >= 1);
	}
	config_json_release(&c);
	return 0;
}
