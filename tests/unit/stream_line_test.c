/* What a line of an agent's JSON stream says, by shapes that the programs print. */
#include "formats/stream_line.h"
#include "base/file.h"
#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cJSON.h>
#include <cmocka.h>

#define CORPUS "../shared/corpus"

static const struct {
	const char *line, *text; /* NULL: as it is */
	enum stream_kind kind;
} table[] = {
    /* claude, qwen, amp, cursor */
    {"{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"s1\",\"model\":\"large-4\","
     "\"cwd\":\"/srv/port\",\"tools\":[\"Bash\"],\"uuid\":\"u\"}",
	"system init: model=large-4 cwd=/srv/port", STREAM_EVENT},
    {"{\"type\":\"assistant\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":"
     "\"assistant\","
     "\"content\":[{\"type\":\"text\",\"text\":\"Reading.\"},{\"type\":\"tool_use\",\"id\":\"t\","
     "\"name\":\"Bash\",\"input\":{\"command\":\"make check\",\"description\":\"tests\"}}]}}",
	"assistant: Reading.\ntool: Bash  make check", STREAM_SAID},
    {"{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\","
     "\"signature\":\"x\"}]}}",
	"thinking: hm", STREAM_THOUGHT},
    {"{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"t\","
     "\"type\":\"tool_result\",\"content\":\"parser ok\",\"is_error\":false}]}}",
	"  parser ok", STREAM_OUTPUT},
    {"{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
     "\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}]}}",
	"  a\n  b", STREAM_OUTPUT},
    {"{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"go on\"}}", "user: go on",
	STREAM_USER},
    {"{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}}",
	"user: [image]", STREAM_USER},
    {"{\"type\":\"stream_event\",\"event\":{\"type\":\"content_block_delta\",\"delta\":"
     "{\"type\":\"text_delta\",\"text\":\"Hel\"}}}",
	"assistant: Hel", STREAM_SAID},
    {"{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"num_turns\":3,"
     "\"result\":\"All done.\",\"total_cost_usd\":0.1}",
	"result: All done.", STREAM_RESULT},
    {"{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,"
     "\"result\":\"API Error: 429\"}",
	"error: API Error: 429", STREAM_ERROR},
    {"{\"type\":\"result\",\"subtype\":\"error_max_turns\",\"is_error\":true,"
     "\"errors\":[\"Reached maximum number of turns (1)\"]}",
	"error: Reached maximum number of turns (1)", STREAM_ERROR},
    {"{\"type\":\"result\",\"subtype\":\"error_during_execution\",\"num_turns\":2}",
	"error: error_during_execution", STREAM_ERROR},
    {"{\"type\":\"system\",\"subtype\":\"api_retry\",\"attempt\":2,\"error\":\"rate_limit\"}",
	"system api_retry: attempt=2 error=rate_limit", STREAM_EVENT},
    {"[{\"type\":\"system\"},{\"type\":\"result\",\"result\":\"Paris.\"}]", "result: Paris.",
	STREAM_RESULT},
    /* codex exec --json */
    {"{\"type\":\"thread.started\",\"thread_id\":\"t\"}", "thread.started", STREAM_EVENT},
    {"{\"type\":\"item.completed\",\"item\":{\"id\":\"i\",\"type\":\"agent_message\","
     "\"text\":\"Yes.\"}}",
	"assistant: Yes.", STREAM_SAID},
    {"{\"type\":\"item.completed\",\"item\":{\"type\":\"reasoning\",\"text\":\"**Look**\"}}",
	"thinking: **Look**", STREAM_THOUGHT},
    {"{\"type\":\"item.started\",\"item\":{\"type\":\"command_execution\",\"command\":\"cargo "
     "test\","
     "\"aggregated_output\":\"\",\"status\":\"in_progress\"}}",
	"tool: shell  cargo test", STREAM_TOOL},
    {"{\"type\":\"item.completed\",\"item\":{\"type\":\"command_execution\","
     "\"command\":\"cargo test\",\"aggregated_output\":\"ok\\nok\",\"exit_code\":0}}",
	"  ok\n  ok", STREAM_OUTPUT},
    {"{\"type\":\"item.completed\",\"item\":{\"type\":\"command_execution\",\"command\":\"false\","
     "\"aggregated_output\":\"\",\"exit_code\":1}}",
	"  exit 1", STREAM_OUTPUT},
    {"{\"type\":\"item.completed\",\"item\":{\"type\":\"file_change\",\"changes\":"
     "[{\"path\":\"a.c\",\"kind\":\"add\"},{\"path\":\"b.c\",\"kind\":\"update\"}]}}",
	"tool: add  a.c\ntool: update  b.c", STREAM_TOOL},
    {"{\"type\":\"item.started\",\"item\":{\"type\":\"mcp_tool_call\",\"server\":\"docs\","
     "\"tool\":\"look_up\",\"arguments\":{\"query\":\"pread\"}}}",
	"tool: look_up  pread", STREAM_TOOL},
    {"{\"type\":\"item.completed\",\"item\":{\"type\":\"web_search\",\"query\":\"pread\"}}",
	"tool: web_search  pread", STREAM_TOOL},
    {"{\"type\":\"item.completed\",\"item\":{\"type\":\"error\",\"message\":\"no metadata\"}}",
	"error: no metadata", STREAM_ERROR},
    {"{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":12,\"output_tokens\":3}}",
	"turn.completed: input_tokens=12 output_tokens=3", STREAM_EVENT},
    {"{\"type\":\"turn.failed\",\"error\":{\"message\":\"Quota exceeded.\"}}",
	"error: Quota exceeded.", STREAM_ERROR},
    {"{\"id\":\"0\",\"msg\":{\"type\":\"agent_message\",\"message\":\"Hi.\"}}", "assistant: Hi.",
	STREAM_SAID},
    /* gemini -o stream-json */
    {"{\"type\":\"init\",\"timestamp\":\"2026\",\"session_id\":\"s\",\"model\":\"auto\"}",
	"init: model=auto", STREAM_EVENT},
    {"{\"type\":\"message\",\"timestamp\":\"2026\",\"role\":\"assistant\",\"content\":\"Plan:\","
     "\"delta\":true}",
	"assistant: Plan:", STREAM_SAID},
    {"{\"type\":\"tool_use\",\"tool_name\":\"read_file\",\"tool_id\":\"1\","
     "\"parameters\":{\"path\":\"src/a.c\"}}",
	"tool: read_file  src/a.c", STREAM_TOOL},
    {"{\"type\":\"tool_result\",\"tool_id\":\"1\",\"status\":\"success\",\"output\":\"12 lines\"}",
	"  12 lines", STREAM_OUTPUT},
    {"{\"type\":\"tool_result\",\"tool_id\":\"1\",\"status\":\"error\",\"error\":"
     "{\"type\":\"NOT_FOUND\",\"message\":\"no such file\"}}",
	"error: no such file", STREAM_ERROR},
    {"{\"type\":\"result\",\"status\":\"success\",\"stats\":{\"total_tokens\":9,\"models\":{}}}",
	"result: status=success total_tokens=9", STREAM_EVENT},
    {"{\"type\":\"result\",\"status\":\"error\",\"error\":{\"type\":\"E\",\"message\":\"full\"}}",
	"error: full", STREAM_ERROR},
    /* opencode run --format json */
    {"{\"type\":\"text\",\"sessionID\":\"s\",\"part\":{\"type\":\"text\",\"text\":\"Done.\"}}",
	"assistant: Done.", STREAM_SAID},
    {"{\"type\":\"tool_use\",\"part\":{\"type\":\"tool\",\"tool\":\"bash\",\"state\":"
     "{\"status\":\"completed\",\"input\":{\"command\":\"ls\"},\"output\":\"a\\n\"}}}",
	"tool: bash  ls\n  a\n  ", STREAM_TOOL},
    {"{\"type\":\"step_finish\",\"part\":{\"reason\":\"stop\",\"cost\":0.5,\"tokens\":{\"input\":1}"
     "}}",
	"step_finish: reason=stop cost=0.5 input=1", STREAM_EVENT},
    {"{\"type\":\"error\",\"error\":{\"name\":\"APIError\",\"data\":{\"message\":\"429\"}}}",
	"error: 429", STREAM_ERROR},
    /* goose, pi, grok */
    {"{\"type\":\"message\",\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":"
     "\"toolRequest\",\"toolCall\":{\"value\":{\"name\":\"shell\",\"arguments\":"
     "{\"command\":\"ls\"}}}}]}}",
	"tool: shell  ls", STREAM_TOOL},
    {"{\"type\":\"message_end\",\"message\":{\"role\":\"assistant\",\"content\":[],"
     "\"errorMessage\":\"429 slow\"}}",
	"error: 429 slow", STREAM_ERROR},
    {"{\"role\":\"tool\",\"content\":\"no output\"}", "  no output", STREAM_OUTPUT},
    {"{\"role\":\"assistant\",\"content\":\"Tools.\",\"tool_calls\":[{\"function\":"
     "{\"name\":\"bash\",\"arguments\":\"ls\"}}]}",
	"assistant: Tools.\ntool: bash  ls", STREAM_SAID},
    {"{\"error\":{\"code\":429,\"message\":\"quota\"}}", "error: quota", STREAM_ERROR},
    {"{\"type\":\"tool_use\",\"name\":\"x\",\"input\":{}}", "tool_use: name=x", STREAM_EVENT},
    /* a word list as a command, blanks around, escapes */
    {"{\"type\":\"item.started\",\"item\":{\"command\":[\"bash\",\"-lc\",\"ls\"]}} \r",
	"tool: shell  bash -lc ls", STREAM_TOOL},
    {"{\"type\":\"text\",\"text\":\"\\u001b]52;c;eA==\\u0007\\u00e9\\ud83d\\ude00\"}",
	"assistant: \033]52;c;eA==\a\xC3\xA9\xF0\x9F\x98\x80", STREAM_SAID},
    {"{\"type\":\"custom\",\"text\":\"of its own\"}", "custom: of its own", STREAM_EVENT},
    /* nothing that could be told better than it stands there */
    {"", NULL, STREAM_OTHER},
    {"plain text", NULL, STREAM_OTHER},
    {"[INFO] {\"type\":\"text\"}", NULL, STREAM_OTHER},
    {"{\"type\":\"text\",\"text\":\"half", NULL, STREAM_OTHER},
    {"{\"type\":\"text\",\"text\":\"x\"} and more", NULL, STREAM_OTHER},
    {"{\"name\":\"package\",\"version\":3}", NULL, STREAM_OTHER},
    {"{\"type\":\"deep\",\"data\":{\"inner\":{\"text\":\"x\"}}}", NULL, STREAM_OTHER},
    {"{}", NULL, STREAM_OTHER},
    {"[]", NULL, STREAM_OTHER},
    {"{\"type\":null,\"message\":7,\"item\":[],\"part\":\"x\"}", NULL, STREAM_OTHER},
};

static void lines_of_every_format(void **state)
{
	struct buf b = BUF_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++) {
		enum stream_kind kind =
		    stream_line_read(table[i].line, strlen(table[i].line), false, &b);

		if (kind != table[i].kind || strcmp(b.data, table[i].text ? table[i].text : ""))
			fail_msg("%s\ngave %d '%s'", table[i].line, kind, b.data);
		buf_reset(&b);
	}
	buf_release(&b);
}

/* However a line is cut, what is said of it is a beginning of what the whole one says, or more of
 * the same; and nothing is read behind the bytes that are there. */
static void a_line_may_be_cut_anywhere(void **state)
{
	struct buf b = BUF_INIT;
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++)
		for (n = 0; n < strlen(table[i].line); n++) {
			char *exact = xmalloc(n ? n : 1);

			memcpy(exact, table[i].line, n);
			(void)stream_line_read(exact, n, true, &b);
			(void)stream_line_read(exact, n, false, &b);
			free(exact);
			buf_reset(&b);
		}
	buf_str(&b, "{\"type\":\"text\",\"text\":\"as far as i");
	n = b.len;
	assert_int_equal(stream_line_read(b.data, n, true, &b), STREAM_SAID);
	assert_string_equal(b.data + n, "assistant: as far as i");
	buf_release(&b);
}

static void hostile_lines_cost_no_more_than_their_length(void **state)
{
	static const char *const openers[] = {"[", "{\"a\":", "{\"message\":", "{\"msg\":",
	    "{\"type\":\"result\",\"error\":", "[{\"type\":", "{\"content\":["};
	enum { LEVELS = 100000 };
	struct buf in = BUF_INIT, out = BUF_INIT;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(openers); i++) {
		buf_reset(&in);
		for (k = 0; k < LEVELS; k++)
			buf_str(&in, openers[i]);
		(void)stream_line_read(in.data, in.len, false, &out);
		(void)stream_line_read(in.data, in.len, true, &out);
	}
	assert_true(out.len < 200);
	buf_reset(&out);
	buf_reset(&in);
	buf_str(&in, "{\"type\":\"cost\",\"usd\":");
	for (k = 0; k < LEVELS; k++)
		buf_ch(&in, '9');
	buf_str(&in, "e999999999}");
	assert_int_equal(stream_line_read(in.data, in.len, false, &out), STREAM_EVENT);
	assert_true(out.len < 200);
	buf_reset(&in);
	buf_reset(&out);
	buf_str(&in, "{\"type\":\"assistant\",\"message\":{\"content\":[");
	for (k = 0; k < LEVELS; k++)
		buf_str(&in, "{\"type\":\"x\"},");
	(void)stream_line_read(in.data, in.len, true, &out);
	assert_true(out.len < 2 * in.len);
	buf_release(&in);
	buf_release(&out);
}

/* ---- lines that real programs printed ----------------------------------- */

struct tally {
	unsigned nr, told, errors;
};

static void take_sample(struct tally *t, const char *text)
{
	struct buf b = BUF_INIT;

	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n > 1 && text[0] == '{' && text[n - 1] == '}') {
			enum stream_kind kind = stream_line_read(text, n, false, &b);

			t->nr++;
			t->told += kind != STREAM_OTHER;
			t->errors += kind == STREAM_ERROR;
			assert_int_equal(kind == STREAM_OTHER, b.len == 0);
		}
		buf_reset(&b);
		text += n + (text[n] == '\n');
	}
	buf_release(&b);
}

static bool take_file(struct tally *t, const char *name, const char *key)
{
	FILE *f = fopen(name, "r");
	char *line = NULL;
	size_t cap = 0;

	if (!f)
		return false;
	while (getline(&line, &cap, f) > 0) {
		cJSON *row = cJSON_Parse(line);
		const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(row, key));

		if (text)
			take_sample(t, text);
		cJSON_Delete(row);
	}
	free(line);
	fclose(f);
	return true;
}

static void lines_of_real_programs_are_told(void **state)
{
	struct tally t = {0};

	(void)state;
	if (!take_file(&t, CORPUS "/usage-formats.jsonl", "sample") ||
	    !take_file(&t, CORPUS "/captured-outcomes.jsonl", "tail")) {
		print_message("no " CORPUS " here: skipped\n");
		skip();
	}
	print_message("%u lines, %u told, %u of them errors\n", t.nr, t.told, t.errors);
	assert_true(t.nr > 80);
	/* The others repeat a whole conversation ("agent_end"). */
	assert_true(t.told * 100 >= t.nr * 90);
	assert_true(t.errors > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_of_every_format),
	    cmocka_unit_test(a_line_may_be_cut_anywhere),
	    cmocka_unit_test(hostile_lines_cost_no_more_than_their_length),
	    cmocka_unit_test(lines_of_real_programs_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
