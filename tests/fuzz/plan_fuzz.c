/* Any bytes as a planner's reply; the first one chooses whether it adds to a plan. What must hold: a
 * refusal is one line, and its place lies in the reply; what is accepted is a tasks CSV of these rows,
 * new where they must be, and can be told to the next role. */
#include "base/utf8.h"
#include "base/xalloc.h"
#include "formats/jsonr.h"
#include "formats/plan.h"
#include "formats/role_request.h"
#include "formats/tasks_csv.h"
#include "fuzz/check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct plan_known known[] = {{"1", true}, {"a", true}, {"b", false}};

static bool has_word(const char *s, const char *word)
{
	const char *w;
	size_t n;

	while ((w = task_next_word(&s, &n)))
		if (n == strlen(word) && memcmp(w, word, n) == 0)
			return true;
	return false;
}

static void check_message(const char *text, size_t len, const char *message)
{
	unsigned line = 0, nr_lines = 1;
	size_t i;

	CHECK(message[0] && !strchr(message, '\n'));
	for (i = 0; i < len; i++)
		nr_lines += text[i] == '\n';
	if (sscanf(message, "reply:%u:", &line) == 1)
		CHECK(line >= 1 && line <= nr_lines);
	else
		CHECK(strncmp(message, "no plan in the reply: ", 22) == 0 ||
		    strncmp(message, "the reply is empty: ", 20) == 0);
}

static void check_extension(const struct plan *p)
{
	size_t i;
	uint32_t k;

	for (i = 0; i < ARRAY_LEN(known); i++)
		CHECK(tasks_find(&p->tasks, known[i].id) == MAP_NONE);
	for (k = 0; k < p->tasks.nr; k++)
		CHECK(!has_word(task_get(&p->tasks, &p->tasks.v[k], COL_DEPENDS_ON), "b"));
}

static bool is_known(void *ctx, const char *id)
{
	(void)ctx;
	return strcmp(id, "1") == 0 || strcmp(id, "a") == 0;
}

static void check_csv(const struct plan *p, bool is_extension)
{
	const struct graph_met met = {is_known, NULL};
	const struct tasks_read_opts opts = {.file = "csv", .met = is_extension ? &met : NULL};
	struct tasks ts;
	uint32_t i;

	CHECK(tasks_read_text(&ts, NULL, p->csv.data, p->csv.len, &opts, NULL) == 0);
	CHECK(ts.nr == p->tasks.nr && ts.nr > 0);
	for (i = 0; i < ts.nr; i++)
		CHECK(strcmp(ts.v[i].id, p->tasks.v[i].id) == 0);
	tasks_release(&ts);
}

static void check_request(const struct plan *p)
{
	struct role_row *rows = xcalloc(p->tasks.nr, sizeof(*rows));
	struct role_request r = {.role = SOLVE_PLANNER, .plan = rows, .nr_plan = p->tasks.nr};
	struct buf out = BUF_INIT;
	uint32_t i;

	for (i = 0; i < p->tasks.nr; i++)
		rows[i] = (struct role_row){&p->tasks, &p->tasks.v[i]};
	role_request_write(&out, &r);
	CHECK(jsonr_is_value(out.data, out.len) && utf8_is_valid(out.data, out.len));
	buf_release(&out);
	free(rows);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	bool is_extension = len > 0 && data[0] == '+';
	const struct plan_opts opts = {
	    .known = known, .nr_known = is_extension ? ARRAY_LEN(known) : 0};
	char *text = xmalloc(len ? len : 1); /* exactly as long: reading behind it is seen */
	size_t from = len > 0;
	struct err err = ERR_INIT;
	struct plan p;

	memcpy(text, data, len);
	if (plan_read(&p, text + from, len - from, &opts, &err) < 0) {
		check_message(text, len, err.msg);
	} else {
		check_csv(&p, is_extension);
		check_request(&p);
		if (is_extension)
			check_extension(&p);
	}
	plan_release(&p);
	free(text);
	return 0;
}
