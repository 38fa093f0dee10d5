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

/* Names that lists and events can carry, and are found again; assignments that can be made. */
static void check_account(const struct config_json *c, const struct config_account *a)
{
	size_t i;

	CHECK(a->profile && a->name && config_account_find(c, a->name) == a);
	CHECK(strncmp(a->name, a->profile, strlen(a->profile)) == 0);
	CHECK(a->name[strlen(a->profile)] == '/' && !strpbrk(a->name, " ,;\t\r\n\"\\"));
	CHECK(a->nr <= CONFIG_ASSIGNS);
	for (i = 0; i < a->nr; i++) {
		CHECK(a->v[i].name && a->v[i].name[0] && !strchr(a->v[i].name, '='));
		CHECK(a->v[i].text && (a->v[i].from == ASSIGN_VALUE || a->v[i].text[0]));
	}
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
	for (i = 0; rc == 0 && i < c.nr_accounts; i++)
		check_account(&c, &c.accounts[i]);
	config_json_release(&c);
	return 0;
}
