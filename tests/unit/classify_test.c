#include "policy/classify.h"
#include "base/buf.h"
#include "exec/shared_patterns.h"
#include "fuzz/classify_fuzz.c"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct pattern_base *base;
static struct classifier *shared;

static int setup(void **state)
{
	(void)state;
	base = shared_patterns_load(NULL);
	shared = base ? classifier_new(NULL, base, NULL) : NULL;
	return shared ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	classifier_free(shared);
	pattern_base_free(base);
	return 0;
}

static struct verdict judge(struct ev_exit exit, const char *tail, const char *task)
{
	struct ended e = {
	    .exit = exit, .tail = tail, .tail_len = tail ? strlen(tail) : 0, .task = task};
	struct verdict v;

	classify(shared, &e, &v);
	return v;
}

static struct verdict judge_code(int code, const char *tail)
{
	return judge((struct ev_exit){.how = EXIT_CODE, .value = code}, tail, NULL);
}

/* An ended process and what it is called. */
struct row {
	int code;
	enum attempt_class class;
	const char *tail;
};

static void check_rows(const struct row *rows, size_t nr)
{
	unsigned wrong = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		struct verdict v = judge_code(rows[i].code, rows[i].tail);

		if (v.class == rows[i].class)
			continue;
		wrong++;
		print_error("got %s, want %s (exit %d): %.300s\n  evidence: %s\n",
		    class_name(v.class), class_name(rows[i].class), rows[i].code, rows[i].tail,
		    v.evidence);
	}
	assert_int_equal(wrong, 0);
}

/* ---- what the system and we ourselves did ------------------------------- */

static void our_own_term_is_never_success_nor_anything_else(void **state)
{
	const struct {
		enum kill_why why;
		enum attempt_class class;
	} table[] = {
	    {KILL_CANCEL, CLASS_CANCELLED},
	    {KILL_TIMEOUT, CLASS_TIMEOUT},
	    {KILL_STALL, CLASS_TIMEOUT},
	    {KILL_HALT, CLASS_CANCELLED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++) {
		struct ev_exit exit = {.how = EXIT_CODE, .value = 0, .killed = table[i].why};
		struct verdict v = judge(exit, "All done.\n", NULL);

		assert_int_equal(v.class, table[i].class);
		assert_true(v.message[0]);
		exit =
		    (struct ev_exit){.how = EXIT_SIGNAL, .value = SIGKILL, .killed = table[i].why};
		assert_int_equal(judge(exit, "", NULL).class, table[i].class);
	}
}

/* As of status 124: who waited for a limit of its own accord when its time ran out ran into that. */
static void out_of_time_in_a_limit_is_that_limit(void **state)
{
	static const struct row rows[] = {
	    {0, CLASS_RATE_LIMIT, "API Error: 529 Overloaded\n"},
	    {0, CLASS_RATE_LIMIT,
		"working\nAttempt 4 failed with status 429. Retrying with backoff... ApiError\n"},
	    {0, CLASS_RATE_LIMIT,
		"{\"type\":\"system\",\"subtype\":\"init\"}\n"
		"{\"type\":\"system\",\"subtype\":\"api_retry\",\"error_status\":429,"
		"\"error\":\"rate_limit\"}\n"},
	    {0, CLASS_TRANSIENT,
		"{\"type\":\"turn.started\"}\n{\"type\":\"error\",\"message\":\"Reconnecting... "
		"3/5\"}\n"},
	    /* It was at work again, or it was something else. */
	    {0, CLASS_TIMEOUT, "API Error: 529 Overloaded\nRunning the tests.\n"},
	    {0, CLASS_TIMEOUT,
		"{\"type\":\"system\",\"subtype\":\"api_retry\",\"error_status\":429,"
		"\"error\":\"rate_limit\"}\n"
		"{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":"
		"\"On it.\"}]}}\n"},
	    {0, CLASS_TIMEOUT, "Error: invalid api key\n"},
	    {0, CLASS_TIMEOUT,
		"{\"type\":\"result\",\"is_error\":false,\"result\":\"All done.\"}\n"},
	    {0, CLASS_TIMEOUT, "I have now documented the 429 handling.\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		struct ev_exit exit = {
		    .how = EXIT_SIGNAL, .value = SIGTERM, .killed = KILL_TIMEOUT};
		struct verdict v = judge(exit, rows[i].tail, NULL);

		if (v.class != rows[i].class)
			fail_msg("%s: %s", class_name(v.class), rows[i].tail);
		assert_non_null(strstr(v.message, "stopped at its time limit"));
		exit.killed = KILL_CANCEL;
		assert_int_equal(judge(exit, rows[i].tail, NULL).class, CLASS_CANCELLED);
	}
}

static void a_start_that_failed_is_config_with_the_systems_words(void **state)
{
	struct ev_exit exit = {
	    .how = EXIT_FAILED, .value = 2, .message = "cannot execute 'nope': No such file"};
	struct verdict v = judge(exit, "", NULL);

	(void)state;
	assert_int_equal(v.class, CLASS_CONFIG);
	assert_string_equal(v.message, "cannot execute 'nope': No such file");
	exit.message = NULL;
	assert_string_equal(judge(exit, "", NULL).message, "No such file or directory");
}

static void a_signal_is_a_crash_whatever_was_printed(void **state)
{
	struct ev_exit exit = {.how = EXIT_SIGNAL, .value = SIGSEGV};
	struct verdict v = judge(exit, "working\nAPI Error: 529 Overloaded\n\n", NULL);

	(void)state;
	assert_int_equal(v.class, CLASS_CRASH);
	assert_non_null(strstr(v.message, "signal 11"));
	assert_string_equal(v.evidence, "API Error: 529 Overloaded");
}

static void an_attempt_that_never_ran_has_no_class(void **state)
{
	(void)state;
	assert_int_equal(judge((struct ev_exit){.how = EXIT_VOID}, "Error: 429\n", NULL).class,
	    CLASS_NONE);
}

static void without_an_exit_record_only_a_final_event_answers(void **state)
{
	static const struct {
		const char *tail;
		enum attempt_class class;
	} table[] = {
	    {"", CLASS_LOST},
	    {"All done.\n", CLASS_LOST},
	    {"API Error: 529 Overloaded\n", CLASS_LOST},
	    {"{\"type\":\"turn.started\"}\n", CLASS_LOST},
	    {"{\"type\":\"error\",\"message\":\"429 Too Many Requests\"}\n", CLASS_LOST},
	    {"{\"type\":\"turn.completed\",\"usage\":{\"output_tokens\":7}}\n", CLASS_SUCCESS},
	    {"{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"ok\"}\n",
		CLASS_SUCCESS},
	    {"{\"type\":\"result\",\"is_error\":true,\"result\":\"API Error: 529 Overloaded\"}\n",
		CLASS_RATE_LIMIT},
	    {"{\"type\":\"turn.failed\",\"error\":{\"message\":\"Connection failed: "
	     "ETIMEDOUT\"}}\n",
		CLASS_TRANSIENT},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++) {
		struct verdict v =
		    judge((struct ev_exit){.how = EXIT_UNKNOWN}, table[i].tail, NULL);

		assert_int_equal(v.class, table[i].class);
	}
}

static void statuses_speak_where_the_output_does_not(void **state)
{
	static const struct row rows[] = {
	    {0, CLASS_SUCCESS, ""},
	    {0, CLASS_SUCCESS, "Done.\n"},
	    {1, CLASS_TASK_ERROR, ""},
	    {1, CLASS_TASK_ERROR, "I could not do it.\n"},
	    {2, CLASS_TASK_ERROR, "make: *** [all] Error 2\n"},
	    {41, CLASS_TASK_ERROR, ""}, /* one program's meaning stands in its profile */
	    {53, CLASS_TASK_ERROR, ""},
	    {124, CLASS_TIMEOUT, "still thinking\n"},
	    {126, CLASS_CONFIG, ""},
	    {127, CLASS_CONFIG, ""},
	    {134, CLASS_CRASH, ""},
	    {137, CLASS_CRASH, ""},
	    {139, CLASS_CRASH, ""},
	    {143, CLASS_CRASH, ""},
	    {255, CLASS_TASK_ERROR, ""},
	};

	(void)state;
	check_rows(rows, N(rows));
}

static void a_profile_names_further_codes_of_success(void **state)
{
	int codes[] = {3};
	struct profile_pattern patterns[] = {
	    {CLASS_BUDGET, (char *)"^my wallet is empty$"}, {CLASS_CRASH, (char *)"(?i)kaboom"}};
	struct profile p = {
	    .success_codes = codes, .nr_success_codes = 1, .patterns = patterns, .nr_patterns = 2};
	struct classifier *c = classifier_new(&p, base, NULL);
	const struct row rows[] = {
	    {3, CLASS_SUCCESS, "fine\n"},
	    {4, CLASS_TASK_ERROR, "fine\n"},
	    {1, CLASS_BUDGET, "x\nmy wallet is empty\n"},
	    {0, CLASS_BUDGET, "my wallet is empty\n"},
	    {1, CLASS_TASK_ERROR, "My Wallet is empty\n"},
	    {1, CLASS_CRASH, "KaBoom!\n"},
	    {1, CLASS_RATE_LIMIT, "API Error: 529 Overloaded\n"},
	};
	size_t i;

	(void)state;
	assert_non_null(c);
	for (i = 0; i < N(rows); i++) {
		struct ended e = {.exit = {.how = EXIT_CODE, .value = rows[i].code},
		    .tail = rows[i].tail,
		    .tail_len = strlen(rows[i].tail)};
		struct verdict v;

		classify(c, &e, &v);
		assert_int_equal(v.class, rows[i].class);
	}
	classifier_free(c);
}

static void a_profile_says_which_event_is_an_error(void **state)
{
#define OOPS(words) "{\"type\":\"oops\",\"e\":{\"why\":" words "}}\n"
#define BYE "{\"type\":\"bye\",\"said\":\"HTTP 503 Service Unavailable\"}\n"
	struct profile_exit codes[] = {{75, CLASS_RATE_LIMIT}};
	struct profile_pattern patterns[] = {{CLASS_BUDGET, (char *)"^my wallet is empty$"}};
	struct profile p = {.error = {(char *)"oops", (char *)"e.why"},
	    .answer = {.way = ANSWER_EVENT, .type = (char *)"bye", .field = (char *)"said"},
	    .exit_codes = codes,
	    .nr_exit_codes = 1,
	    .patterns = patterns,
	    .nr_patterns = 1};
	struct classifier *c = classifier_new(&p, base, NULL);
	const struct row rows[] = {
	    {1, CLASS_BUDGET, OOPS("\"my wallet is empty\"")},
	    {75, CLASS_TRANSIENT, OOPS("\"HTTP 503 Service Unavailable\"")},
	    {0, CLASS_TRANSIENT, OOPS("\"HTTP 503 Service Unavailable\"")},
	    {75, CLASS_RATE_LIMIT, OOPS("\"come back\"")},
	    {1, CLASS_TASK_ERROR, OOPS("\"come back\"")},
	    /* No words are no error, and the answer's event takes one back. */
	    {0, CLASS_SUCCESS, OOPS("null") OOPS("\"\"") "{\"type\":\"oops\"}\n"},
	    {0, CLASS_SUCCESS, OOPS("\"HTTP 503 Service Unavailable\"") BYE},
	    {0, CLASS_TRANSIENT, BYE OOPS("\"HTTP 503 Service Unavailable\"")},
	    /* Events of a known kind mean what they mean. */
	    {1, CLASS_AUTH, "{\"type\":\"error\",\"message\":\"401 Unauthorized\"}\n"},
	};
	size_t i;

	(void)state;
	assert_non_null(c);
	for (i = 0; i < N(rows); i++) {
		struct ended e = {.exit = {.how = EXIT_CODE, .value = rows[i].code},
		    .tail = rows[i].tail,
		    .tail_len = strlen(rows[i].tail)};
		struct verdict v;

		classify(c, &e, &v);
		if (v.class != rows[i].class)
			print_error("row %zu: %s\n", i, class_name(v.class));
		assert_int_equal(v.class, rows[i].class);
	}
	classifier_free(c);
}

static void a_pattern_that_does_not_compile_is_told(void **state)
{
	struct profile_pattern bad = {CLASS_AUTH, (char *)"oops(("};
	struct profile p = {.patterns = &bad, .nr_patterns = 1};
	struct err err = ERR_INIT;

	(void)state;
	assert_null(classifier_new(&p, base, &err));
	assert_non_null(strstr(err.msg, "oops(("));
}

/* ---- machine events ----------------------------------------------------- */

static void the_last_event_of_a_stream_decides(void **state)
{
	static const struct row rows[] = {
	    /* claude, qwen, amp, cursor */
	    {1, CLASS_RATE_LIMIT,
		"{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,\"result\":\"API "
		"Error: "
		"Request rejected (429)\",\"api_error_status\":429}\n"},
	    {1, CLASS_AUTH,
		"{\"type\":\"result\",\"is_error\":true,\"result\":\"Please run /login · API "
		"Error: "
		"403 {\\\"error\\\":{\\\"type\\\":\\\"forbidden\\\"}}\"}\n"},
	    {1, CLASS_TRANSIENT,
		"{\"type\":\"result\",\"is_error\":true,\"result\":\"API Error: 502 "
		"<html>Bad gateway</html>\",\"api_error_status\":502}\n"},
	    {1, CLASS_MAX_TURNS,
		"{\"type\":\"result\",\"subtype\":\"error_max_budget_usd\",\"is_error\":true}\n"},
	    {1, CLASS_TASK_ERROR,
		"{\"type\":\"result\",\"subtype\":\"error_during_execution\",\"is_error\":true,"
		"\"errors\":[\"the tests of the rate limiter fail\"]}\n{\"note\":1}\n"},
	    {0, CLASS_TASK_ERROR, "{\"type\":\"result\",\"is_error\":false,\"result\":\"\"}\n"},
	    {0, CLASS_SUCCESS,
		"{\"type\":\"result\",\"is_error\":false,\"result\":\"\","
		"\"structured_output\":{\"n\":4}}\n"},
	    {0, CLASS_AUTH,
		"[{\"type\":\"system\"},{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":"
		"false,\"result\":\"[API Error: 401 Incorrect API key provided: sk-x.]\"}]\n"},
	    {0, CLASS_SUCCESS,
		"{\"type\":\"result\",\"is_error\":false,\"result\":\"API errors such as 401 or "
		"429 "
		"are shown now.\"}\n"},
	    {1, CLASS_BUDGET,
		"{\"type\":\"assistant\",\"error\":\"billing_error\",\"message\":{\"content\":"
		"[{\"type\":\"text\",\"text\":\"No funds\"}]}}\n"},
	    {1, CLASS_REFUSAL,
		"{\"type\":\"result\",\"is_error\":true,\"stop_reason\":\"refusal\",\"result\":"
		"\"API "
		"Error: Claude Code is unable to respond to this request, which appears to violate "
		"our "
		"Usage Policy\"}\n"},
	    /* codex */
	    {1, CLASS_CONTEXT_OVERFLOW,
		"{\"type\":\"error\",\"message\":\"x\"}\n{\"type\":\"turn.failed\",\"error\":{"
		"\"message\":\"Your input exceeds the context window of this model.\"}}\n"},
	    {1, CLASS_TASK_ERROR,
		"{\"type\":\"turn.failed\",\"error\":{\"message\":\"sandbox helper exited\"}}\n"},
	    {0, CLASS_SUCCESS,
		"{\"type\":\"error\",\"message\":\"429 Too Many "
		"Requests\"}\n{\"type\":\"item.completed\","
		"\"item\":{\"type\":\"agent_message\",\"text\":\"done\"}}\n{\"type\":\"turn."
		"completed\","
		"\"usage\":{\"output_tokens\":3}}\n"},
	    {0, CLASS_TASK_ERROR,
		"{\"type\":\"turn.completed\",\"usage\":{\"input_tokens\":9,\"output_tokens\":0}}"
		"\n"},
	    {124, CLASS_TRANSIENT,
		"{\"type\":\"turn.started\"}\n{\"type\":\"error\",\"message\":\"Reconnecting... "
		"3/5\"}\n"},
	    /* gemini */
	    {1, CLASS_TRANSIENT,
		"{\"type\":\"result\",\"status\":\"error\",\"error\":{\"type\":\"Error\","
		"\"message\":"
		"\"[API Error: Internal error encountered. (Status: INTERNAL)]\"}}\n"},
	    {173, CLASS_RATE_LIMIT,
		"{\n  \"session_id\": \"s\",\n  \"error\": {\n    \"type\": \"Error\",\n    "
		"\"message\": "
		"\"No capacity available for model x on the server\",\n    \"code\": 429\n  "
		"}\n}\n"},
	    {0, CLASS_SUCCESS,
		"{\n  \"session_id\": \"s\",\n  \"response\": \"429 is handled\",\n  \"stats\": "
		"{}\n}\n"},
	    {0, CLASS_REFUSAL,
		"{\"type\":\"error\",\"severity\":\"error\",\"message\":\"The model response was "
		"blocked due to safety settings.\"}\n{\"type\":\"result\",\"status\":\"error\","
		"\"stats\":{\"tool_calls\":0}}\n"},
	    /* opencode, kilo */
	    {0, CLASS_TASK_ERROR,
		"{\"type\":\"step_start\"}\n! permission requested: external_directory (/x/*); "
		"auto-rejecting\n{\"type\":\"tool_use\",\"part\":{\"state\":{\"status\":\"error\","
		"\"error\":\"The user rejected "
		"permission\"}}}\n{\"type\":\"step_finish\",\"part\":{"
		"\"reason\":\"tool-calls\"}}\n"},
	    {0, CLASS_SUCCESS,
		"{\"type\":\"tool_use\",\"part\":{\"state\":{\"error\":\"no such file\"}}}\n"
		"{\"type\":\"step_finish\",\"part\":{\"reason\":\"tool-calls\"}}\n"
		"{\"type\":\"step_start\"}\n{\"type\":\"text\"}\n"
		"{\"type\":\"step_finish\",\"part\":{\"reason\":\"stop\"}}\n"},
	    {1, CLASS_AUTH,
		"{\"type\":\"error\",\"error\":{\"name\":\"ProviderAuthError\",\"data\":{"
		"\"providerID\":"
		"\"x\",\"message\":\"API key is missing\"}}}\n"},
	    {1, CLASS_TRANSIENT,
		"{\"type\":\"error\",\"error\":{\"name\":\"APIError\",\"data\":{\"message\":"
		"\"Gateway "
		"said no\",\"statusCode\":504,\"responseHeaders\":{\"anthropic-ratelimit-requests-"
		"limit\":\"50\"}}}}\n"},
	    {0, CLASS_SUCCESS,
		"{\"type\":\"error\",\"error\":{\"data\":{\"message\":\"Overloaded\"}}}\n{\"type\":"
		"\"step_start\"}\n{\"type\":\"step_finish\",\"part\":{\"reason\":\"stop\"}}\n"},
	    /* goose, grok, pi, copilot */
	    {0, CLASS_TRANSIENT,
		"{\"type\":\"message\",\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":"
		"\"text\",\"text\":\"Ran into this error: Server error: Server error (503): "
		"down.\"}]}}\n"
		"{\"type\":\"complete\",\"total_tokens\":null}\n"},
	    {0, CLASS_CONTEXT_OVERFLOW,
		"{\"role\":\"user\",\"content\":\"hi\"}\n{\"role\":\"assistant\",\"content\":"
		"\"Sorry, I "
		"encountered an error: Grok API error: 400 This model's maximum prompt length is "
		"10\"}\n"},
	    {0, CLASS_SUCCESS,
		"{\"role\":\"user\",\"content\":\"Error: "
		"429\"}\n{\"role\":\"assistant\",\"content\":"
		"\"The error is fixed.\"}\n"},
	    {0, CLASS_AUTH,
		"{\"type\":\"turn_end\",\"message\":{\"role\":\"assistant\",\"content\":[],"
		"\"stopReason\":"
		"\"error\",\"errorMessage\":\"401 invalid x-api-key\"}}\n"},
	    {0, CLASS_SUCCESS,
		"{\"type\":\"turn_end\",\"message\":{\"role\":\"assistant\",\"stopReason\":"
		"\"error\","
		"\"errorMessage\":\"529 Overloaded\"}}\n{\"type\":\"auto_retry_start\"}\n{\"type\":"
		"\"turn_end\",\"message\":{\"role\":\"assistant\",\"stopReason\":\"stop\","
		"\"content\":"
		"[{\"type\":\"text\",\"text\":\"ok\"}]}}\n"},
	    {1, CLASS_RATE_LIMIT,
		"{\"type\":\"session.error\",\"data\":{\"errorType\":\"rate_limit\",\"message\":"
		"\"Sorry, "
		"you have been rate limited.\"}}\n{\"type\":\"result\",\"exitCode\":1}\n"},
	    {0, CLASS_SUCCESS, "{\"type\":\"result\",\"sessionId\":\"s\",\"exitCode\":0}\n"},
	};

	(void)state;
	check_rows(rows, N(rows));
}

static void a_stream_that_said_done_does_not_hide_a_failure_behind_it(void **state)
{
	static const struct row rows[] = {
	    {1, CLASS_CONFIG,
		"{\"type\":\"turn.completed\",\"usage\":{\"output_tokens\":3}}\nError: unknown "
		"option "
		"'--x'\n"},
	    {1, CLASS_TASK_ERROR,
		"API Error: 529 "
		"Overloaded\n{\"type\":\"result\",\"is_error\":false,\"result\":\"ok\"}\n"},
	};

	(void)state;
	check_rows(rows, N(rows));
}

/* ---- error lines -------------------------------------------------------- */

static void error_lines_near_the_end_tell_the_class(void **state)
{
	static const struct row rows[] = {
	    {1, CLASS_RATE_LIMIT,
		"Working on it.\nAPI Error: 429 {\"type\":\"error\",\"error\":"
		"{\"type\":\"rate_limit_error\",\"message\":\"slow\"}}\n"},
	    {1, CLASS_RATE_LIMIT, "Error: 529 Overloaded\n"},
	    {1, CLASS_RATE_LIMIT, "\033[31mError:\033[0m Too many requests, retry shortly\n"},
	    {1, CLASS_RATE_LIMIT, "openai.RateLimitError: Error code: 429 - {'error': {}}\n"},
	    {1, CLASS_TRANSIENT, "API Error: 503 upstream connect error\n"},
	    {1, CLASS_TRANSIENT, "API Error (Request timed out.)\n"},
	    {1, CLASS_TRANSIENT, "Error: read ECONNRESET\n    at TLSWrap.onStreamRead\n"},
	    {1, CLASS_TRANSIENT,
		"TypeError: terminated\n  [cause]: SocketError: other side closed\n"},
	    {1, CLASS_TRANSIENT, "Error: connect ETIMEDOUT 10.0.0.1:443\n"},
	    {1, CLASS_TRANSIENT, "ERROR: stream disconnected before completion: stream closed\n"},
	    {1, CLASS_AUTH, "Error: OPENAI_API_KEY is not set\n"},
	    {1, CLASS_AUTH, "Invalid API key · Please run /login\n"},
	    {1, CLASS_AUTH, "OAuth token has expired. Please obtain a new token\n"},
	    {1, CLASS_AUTH,
		"Error: 403 {\"error\":{\"code\":403,\"status\":\"PERMISSION_DENIED\"}}\n"},
	    {1, CLASS_BUDGET,
		"Error: 402 This request requires more credits, or fewer max_tokens.\n"},
	    {1, CLASS_BUDGET,
		"ERROR: You exceeded your current quota, please check your plan and "
		"billing details.\n"},
	    {1, CLASS_BUDGET, "API Error: 400 Your credit balance is too low to access the API\n"},
	    {1, CLASS_USAGE_LIMIT, "5-hour limit reached ∙ resets 3am\n"},
	    {1, CLASS_USAGE_LIMIT, "You’ve reached your weekly limit · resets Mon 9am (UTC)\n"},
	    {1, CLASS_USAGE_LIMIT, "Error: Rate limit reached. Please try again in 42 minutes.\n"},
	    {1, CLASS_CONTEXT_OVERFLOW,
		"Error: 400 prompt is too long: 210000 tokens > 200000 maximum\n"},
	    {1, CLASS_CONTEXT_OVERFLOW, "Error: maximum context length exceeded\n"},
	    {1, CLASS_CONTEXT_OVERFLOW,
		"API Error: 413 {\"error\":{\"type\":\"request_too_large\"}}\n"},
	    {1, CLASS_CONTEXT_OVERFLOW,
		"input length and `max_tokens` exceed context limit: 1 + 2 > 2\n"
		"API Error: input length and `max_tokens` exceed context limit\n"},
	    {1, CLASS_MAX_TURNS, "Error: Reached max turns (12)\n"},
	    {1, CLASS_REFUSAL, "API Error: Output blocked by content filtering policy\n"},
	    {1, CLASS_REFUSAL,
		"Error: Your request was flagged as potentially violating our usage "
		"policy.\n"},
	    {1, CLASS_CONFIG, "error: unknown option '--modle'\n"},
	    {1, CLASS_CONFIG, "Error: Model \"gpt-99\" does not exist\n"},
	    {1, CLASS_CONFIG, "Error: No conversation found with session ID: 12\n"},
	    {1, CLASS_CONFIG, "Error: spawn claude ENOENT\n"},
	    {127, CLASS_CONFIG, "bash: line 1: codex: command not found\n"},
	    {1, CLASS_CONFIG,
		"Error: request failed: unable to get local issuer certificate\n"
		"Error: self-signed certificate in certificate chain\n"},
	    {101, CLASS_CRASH,
		"thread 'main' panicked at src/main.rs:10:5:\nindex out of bounds\n"},
	    {2, CLASS_CRASH,
		"panic: runtime error: invalid memory address\n\ngoroutine 1 [running]:\n"},
	    {134, CLASS_CRASH, "FATAL ERROR: Reached heap limit Allocation failed\n"},
	    /* programs that say 0 all the same */
	    {0, CLASS_RATE_LIMIT,
		"litellm.RateLimitError: OpenAIException - slow down\nThe API "
		"provider has rate limited you. Try again later.\n"},
	    {0, CLASS_TRANSIENT, "litellm.APIConnectionError: Connection reset\n"},
	    {0, CLASS_AUTH, "\033[31mAuthentication failed. Your API key may be invalid.\033[0m\n"},
	    {0, CLASS_REFUSAL, "[ERROR] The model response was blocked due to safety settings.\n"},
	    {0, CLASS_BUDGET,
		"Ran into this error: Request failed: Payment required (402): no credits\n"
		"\nPlease retry if you think this is a transient or recoverable error.\n"},
	    {124, CLASS_RATE_LIMIT,
		"[qwen-code] Waiting for API capacity... attempt 2, retry in 20s\n"},
	};

	(void)state;
	check_rows(rows, N(rows));
}

static void sentences_of_many_programs_are_known(void **state)
{
	static const struct row rows[] = {
	    {1, CLASS_CONFIG,
		"There's an issue with the selected model (opus-99). It may not exist or you "
		"may not have access to it. Run --model to pick a different model.\n"},
	    {1, CLASS_AUTH, "OAuth token revoked · Please run /login\n"},
	    {1, CLASS_AUTH,
		"Your account does not have access to Claude Code. Please run /login.\n"},
	    {1, CLASS_AUTH, "API Error: 403 This organization has been disabled.\n"},
	    {1, CLASS_AUTH, "To use Codex with your ChatGPT plan, upgrade to Plus.\n"},
	    {1, CLASS_AUTH, "Failed to login. Message: This account requires a cloud project\n"},
	    {1, CLASS_AUTH, "ConnectError: [unauthenticated] Not logged in\n"},
	    {1, CLASS_AUTH, "litellm.PermissionDeniedError: you may not use this\n"},
	    {1, CLASS_AUTH, "Error: No authentication information found.\n"},
	    {1, CLASS_AUTH, "Error: Access denied by policy settings (Request ID: 1)\n"},
	    {1, CLASS_AUTH, "No auth type is selected. Please configure an auth type.\n"},
	    {1, CLASS_AUTH, "Missing these environment variables: OPENAI_API_KEY\n"},
	    {1, CLASS_AUTH,
		"No API key found for anthropic.\n\nSet an API key environment variable.\n"},
	    {1, CLASS_TRANSIENT, "Connection refused (ECONNREFUSED)\n"},
	    {1, CLASS_TRANSIENT, "Can't resolve api.anthropic.com (ENOTFOUND)\n"},
	    {1, CLASS_TRANSIENT, "The connection was reset by the proxy (ECONNRESET)\n"},
	    {0, CLASS_TRANSIENT,
		"litellm.Timeout: APITimeoutError - took too long\nThe API provider timed "
		"out without returning a response. They may be down or overloaded.\n"},
	    {0, CLASS_TRANSIENT, "litellm.APIConnectionError: OpenAIException - \n"},
	    {1, CLASS_TRANSIENT, "ConnectError: [unavailable] HTTP 503\n"},
	    {1, CLASS_TRANSIENT, "ConnectError: [internal] protocol error\n"},
	    {1, CLASS_TRANSIENT, "[API Error: Model stream ended without a finish reason.]\n"},
	    {1, CLASS_TRANSIENT, "[API Error: got status: INTERNAL. {\"error\":{\"code\":500}}]\n"},
	    {1, CLASS_TRANSIENT, "ERROR: unexpected status 502 Bad Gateway: oops\n"},
	    {1, CLASS_TRANSIENT, "API Error: 504 Gateway Timeout\n"},
	    {1, CLASS_TRANSIENT, "API Error: 520 <html>cloudflare</html>\n"},
	    {1, CLASS_RATE_LIMIT, "ConnectError: [resource_exhausted] Error\n"},
	    {1, CLASS_RATE_LIMIT, "Error: Too Many Requests\n"},
	    {1, CLASS_RATE_LIMIT, "Error: Provider is at capacity, please retry\n"},
	    {1, CLASS_RATE_LIMIT,
		"ERROR: exceeded retry limit, last status: 429 Too Many Requests\n"},
	    {1, CLASS_RATE_LIMIT,
		"ERROR: exceeded retry limit, last status: 529 <unknown status code>\n"},
	    {1, CLASS_TRANSIENT,
		"ERROR: exceeded retry limit, last status: 503 Service Unavailable\n"},
	    {1, CLASS_USAGE_LIMIT,
		"API Error: 400 You have reached your specified API usage limits. You "
		"will regain access on 2027-01-01 at 00:00 UTC.\n"},
	    {1, CLASS_USAGE_LIMIT, "You've hit your org's monthly usage limit\n"},
	    {1, CLASS_USAGE_LIMIT, "You're out of extra usage · resets 3pm (UTC)\n"},
	    {1, CLASS_USAGE_LIMIT, "Error: FreeUsageLimitError\n"},
	    {1, CLASS_USAGE_LIMIT,
		"✗ Sorry, you've exceeded your weekly rate limit. Please try again in 3 "
		"days.\n"},
	    {1, CLASS_USAGE_LIMIT,
		"Error: You've exhausted your premium model quota. Please enable "
		"additional paid premium requests or wait for your allowance to renew.\n"},
	    {0, CLASS_BUDGET, "Ran into this error: Credits exhausted: Insufficient credits.\n"},
	    {1, CLASS_BUDGET, "API Error: Extra usage is required for 1M context\n"},
	    {0, CLASS_BUDGET, "litellm.BudgetExceededError: current cost 5, max 4\n"},
	    {1, CLASS_BUDGET,
		"Error: 402 {\"error\":{\"message\":\"Insufficient credit balance\"}}\n"},
	    {1, CLASS_CONTEXT_OVERFLOW, "Error during compaction: Conversation too long.\n"},
	    {0, CLASS_CONTEXT_OVERFLOW, "Ran into this error: Context length exceeded: 9 > 8\n"},
	    {0, CLASS_CONTEXT_OVERFLOW,
		"litellm.ContextWindowExceededError: litellm.BadRequestError: no\n"},
	    {1, CLASS_CONTEXT_OVERFLOW,
		"[API Error: 400 Range of input length should be [1, 129024]]\n"},
	    {1, CLASS_CONTEXT_OVERFLOW,
		"Invalid request: Your request exceeded model token limit: 262144\n"},
	    {1, CLASS_MAX_TURNS, "Max number of steps reached: 100\n"},
	    {0, CLASS_MAX_TURNS, "Maximum tool rounds reached.\n"},
	    {1, CLASS_REFUSAL, "[ERROR] Response stopped due to safety reasons.\n"},
	    {1, CLASS_REFUSAL,
		"ERROR: Invalid prompt: your prompt was flagged as potentially violating our "
		"usage policy.\n"},
	    {1, CLASS_REFUSAL, "[API Error: 400 data_inspection_failed]\n"},
	    {2, CLASS_CONFIG,
		"error: a value is required for '--model <MODEL>' but none was supplied\n"},
	    {2, CLASS_CONFIG,
		"error: the following required arguments were not provided:\n  <PROMPT>\n"},
	    {2, CLASS_CONFIG, "error: the argument '--json' cannot be used with '--plain'\n"},
	    {2, CLASS_CONFIG, "Error: No such option: --x\n"},
	    {9, CLASS_CONFIG, "node: bad option: --x\n"},
	    {1, CLASS_CONFIG, "Error: Session not found\n"},
	    {1, CLASS_CONFIG, "ProviderModelNotFoundError: ProviderModelNotFoundError\n"},
	    {1, CLASS_CONFIG, "CAPIError: 400 The requested model is not supported\n"},
	    {0, CLASS_CONFIG,
		"litellm.BadRequestError: LLM Provider NOT provided. Pass in the provider\n"},
	    {0, CLASS_CONFIG, "litellm.NotFoundError: AnthropicException - model: nope\n"},
	    {1, CLASS_CONFIG, "Error: No provider configured. Run 'goose configure' first.\n"},
	    {1, CLASS_CONFIG, "⚠ Workspace Trust Required\n"},
	    {1, CLASS_CONFIG,
		"Error: Cannot find module '/opt/x/cli.js'\n    at Module._resolve\n"},
	    {1, CLASS_CONFIG, "/usr/bin/env: ‘node’: No such file or directory\n"},
	    {1, CLASS_CONFIG, "ERROR: unexpected status 404 Not Found: no route\n"},
	    {1, CLASS_CONFIG, "Error loading config.toml: invalid type: string\n"},
	    {134, CLASS_CRASH, "terminate called after throwing an instance of 'std::bad_alloc'\n"},
	    {1, CLASS_CRASH, "RangeError: Maximum call stack size exceeded\n    at f (x.js:1:1)\n"},
	    {1, CLASS_CRASH, "MemoryError\n"},
	    {1, CLASS_CRASH, "Fatal Python error: Segmentation fault\n"},
	    {1, CLASS_TASK_ERROR, "Error: Unexpected error, check log file for more details\n"},
	    {1, CLASS_TASK_ERROR, "Execution error\n"},
	    {1, CLASS_TASK_ERROR, "AssertionError: expected 429 to equal 200\n"},
	    {1, CLASS_TASK_ERROR, "Error: expected status 200 but got nothing\n"},
	    {1, CLASS_TASK_ERROR, "npm ERR! code ELIFECYCLE\n"},
	    {1, CLASS_TASK_ERROR, "fatal: not a git repository\n"},
	    {1, CLASS_TASK_ERROR, "Error: ENOENT: no such file or directory, open 'api_key.txt'\n"},
	    {1, CLASS_TASK_ERROR, "[ERROR] write failed: ENOSPC: no space left on device\n"},
	    {1, CLASS_CONFIG, "Error: EACCES: permission denied, mkdir '/root/.agent'\n"},
	    {1, CLASS_CONFIG, "PermissionError: [Errno 13] Permission denied: '/root/.agent'\n"},
	    {1, CLASS_CONFIG, "permission denied: /etc/shadow\n"},
	    {1, CLASS_AUTH, "Error: permission denied for model large\n"},
	    /* one line, and nothing else */
	    {1, CLASS_RATE_LIMIT, "upstream said too many requests: 429 Too Many Requests\n"},
	    {1, CLASS_AUTH, "Your token was not accepted: 401 Unauthorized\n"},
	    {1, CLASS_TASK_ERROR, "I gave up on the rate limit.\n"},
	    {1, CLASS_TASK_ERROR, "2 tests of the auth token handler fail\n"},
	};

	(void)state;
	check_rows(rows, N(rows));
}

static void words_that_are_no_error_never_count(void **state)
{
	static const struct row rows[] = {
	    {0, CLASS_SUCCESS, "Added a test for `Error: 429 Too Many Requests`.\n"},
	    {0, CLASS_SUCCESS,
		"Error: 529 Overloaded was in the log; the retry is fixed now.\nAll good.\n"},
	    {0, CLASS_SUCCESS, "ERROR: Reconnecting... 1/5\ncodex\nhello\ntokens used\n1,234\n"},
	    {0, CLASS_SUCCESS,
		"Attempt 1 failed with status 429. Retrying with backoff...\nDone.\n"},
	    {0, CLASS_SUCCESS,
		"test_auth.c: 401 Unauthorized is mapped to auth .... ok\n12 passed\n"},
	    {0, CLASS_SUCCESS,
		"{\"error\": \"rate limited\"}\nThat is what the mock answers; fixed.\n"},
	    {0, CLASS_SUCCESS, "> [!NOTE]\n> usage limit reached is now shown in red\n"},
	    {0, CLASS_SUCCESS, "[ERROR] Error executing tool read_file: no such file\n"},
	    {0, CLASS_SUCCESS, "429\n"},
	    {0, CLASS_SUCCESS, "Network error: the client now shows \"Could not connect\".\n"},
	    {0, CLASS_SUCCESS, "Rate limit exceeded: the footer says so in red now.\n"},
	    {1, CLASS_TASK_ERROR, "Error: 3 tests failed: auth token missing, 401 Unauthorized\n"},
	    {1, CLASS_TASK_ERROR, "error: expected status 429 to equal 200\n"},
	    {1, CLASS_TASK_ERROR,
		"fatal: Authentication failed for 'https://git.example/x.git/'\n"},
	    {0, CLASS_SUCCESS, "The build took 503 s; 500 tests passed.\n"},
	    {1, CLASS_TASK_ERROR, "The 429 path works now.\nmake: *** [check] Error 1\n"},
	    {1, CLASS_TASK_ERROR, "I fixed the rate limit handling but two tests still fail.\n"},
	    {1, CLASS_TASK_ERROR,
		"FAIL: handles usage limit reached (12 ms)\n1 failed, 8 passed\n"},
	    {1, CLASS_TASK_ERROR,
		"codex\nI looked at ERROR: 429 in the log.\nThe network error stays.\n"},
	    {1, CLASS_TASK_ERROR,
		"[ERROR] Error executing tool run: 529 bytes, overloaded operator\n"},
	};

	(void)state;
	check_rows(rows, N(rows));
}

static void an_old_error_far_above_the_end_is_history(void **state)
{
	struct buf tail = BUF_INIT;
	int i;

	(void)state;
	buf_str(&tail, "API Error: 529 Overloaded\n");
	for (i = 0; i < 40; i++)
		buf_fmt(&tail, "editing file %d of the parser\n", i);
	assert_int_equal(judge_code(1, tail.data).class, CLASS_TASK_ERROR);
	buf_str(&tail, "API Error: 401 Invalid authentication credentials\n");
	assert_int_equal(judge_code(1, tail.data).class, CLASS_AUTH);
	buf_release(&tail);
}

static void the_echo_of_the_task_never_counts(void **state)
{
	static const char task[] =
	    "Make the client say\nError: 429 Too Many Requests\nwhen the quota is spent.";
	struct ev_exit one = {.how = EXIT_CODE, .value = 1};
	static const char tail[] =
	    "user\nMake the client say\nError: 429 Too Many Requests\nwhen the "
	    "quota is spent.\n";

	(void)state;
	assert_int_equal(judge(one, tail, task).class, CLASS_TASK_ERROR);
	assert_int_equal(judge(one, tail, NULL).class, CLASS_RATE_LIMIT);
	assert_int_equal(judge(one, "Error: 429 Too Many Requests\nError: 401 Unauthorized\n", task)
			     .class,
	    CLASS_AUTH);
}

/* The same failure twice: the second attempt was told of the first one's. */
static void what_a_retry_was_told_counts_only_as_a_whole_line(void **state)
{
	static const char told[] = "The last attempt at this task did not succeed: rate_limit\n"
				   "Message: 429 Too Many Requests\n"
				   "Evidence: Error: 429 Too Many Requests\n";
	static const struct {
		const char *tail;
		enum attempt_class class;
	} table[] = {
	    {"Error: 429 Too Many Requests\n", CLASS_RATE_LIMIT},
	    {"Evidence: Error: 429 Too Many Requests\n", CLASS_TASK_ERROR},
	    {"> Evidence: Error: 429 Too Many Requests]\n", CLASS_TASK_ERROR},
	    {"Evidence: Error: 429 Too Many\n", CLASS_TASK_ERROR},
	    {"Evidence: Error: 429 Too Many Requests\nError: 429 Too Many Requests\n",
		CLASS_RATE_LIMIT},
	};
	struct verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++) {
		const struct ended e = {
		    .exit = {.how = EXIT_CODE, .value = 1},
		    .tail = table[i].tail,
		    .tail_len = strlen(table[i].tail),
		    .task = "do it",
		    .feedback = told,
		};

		classify(shared, &e, &v);
		assert_int_equal(v.class, table[i].class);
	}
}

static void control_sequences_and_carriage_returns_do_not_hide_an_error(void **state)
{
	(void)state;
	assert_int_equal(judge_code(1, "thinking...\rthinking....\rAPI Error: 529 Overloaded")
			     .class,
	    CLASS_RATE_LIMIT);
	assert_int_equal(judge_code(1,
			     "\033]0;title\a\033[2K\033[1m\033[91mAPI Error:\033[0m 401 no\n")
			     .class,
	    CLASS_AUTH);
}

/* ---- told waits --------------------------------------------------------- */

static void told_waits_are_read_in_every_shape(void **state)
{
	static const struct {
		const char *tail;
		enum attempt_class class;
		int64_t wait_ms;
	} table[] = {
	    {"Error: 429 Too Many Requests\nRetry-After: 30\n", CLASS_RATE_LIMIT, 30000},
	    {"Error: rate limited, retry after 30 seconds\n", CLASS_RATE_LIMIT, 30000},
	    {"Error: 429 rate limit: try again in 1m30s\n", CLASS_RATE_LIMIT, 90000},
	    {"Error: rate limit. Please retry in 41.5s.\n", CLASS_RATE_LIMIT, 41500},
	    {"Error: 429 {\"retryDelay\": \"7s\"}\n", CLASS_RATE_LIMIT, 7000},
	    {"Error: 429 {\"retry_after_ms\":1500}\n", CLASS_RATE_LIMIT, 1500},
	    {"Error: rate limit, wait 2 minutes\n", CLASS_RATE_LIMIT, 120000},
	    {"Error: rate limit, try again in 300 seconds\n", CLASS_RATE_LIMIT, 300000},
	    {"Error: rate limit, try again in 301 seconds\n", CLASS_USAGE_LIMIT, 301000},
	    {"Error: rate limit, try again in 2 hours and 5 minutes\n", CLASS_USAGE_LIMIT, 7500000},
	    {"Error: 503 service unavailable\nretry-after: 12\n", CLASS_TRANSIENT, 12000},
	    {"Error: rate limit exceeded\n", CLASS_RATE_LIMIT, NUM_NONE},
	    {"Error: rate limit after 5 tries in 30 files\n", CLASS_RATE_LIMIT, NUM_NONE},
	    {"Error: rate limit, retry after 0 seconds\n", CLASS_RATE_LIMIT, NUM_NONE},
	    {"Error: rate limit, retry in 99999999999 days\n", CLASS_RATE_LIMIT, NUM_NONE},
	    {"Error: 401 unauthorized, retry after 30 seconds\n", CLASS_AUTH, NUM_NONE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++) {
		struct verdict v = judge_code(1, table[i].tail);

		if (v.class != table[i].class || v.retry_after_ms != table[i].wait_ms)
			fail_msg("%s: got %s, %lld ms", table[i].tail, class_name(v.class),
			    (long long)v.retry_after_ms);
	}
}

static void told_resets_are_left_as_text_or_read_as_epochs(void **state)
{
	static const struct {
		const char *tail, *text;
		int64_t at_t;
	} table[] = {
	    {"Claude AI usage limit reached|1750000000\n", "", INT64_C(1750000000000)},
	    {"You've hit your session limit · resets 4:30am (Europe/Paris)\n",
		"4:30am (Europe/Paris)", NUM_NONE},
	    {"ERROR: You've hit your usage limit. Try again at Mar 3rd, 2027 1:05 PM.\n",
		"Mar 3rd, 2027 1:05 PM", NUM_NONE},
	    {"You've hit your weekly limit · resets Tue 6pm\n", "Tue 6pm", NUM_NONE},
	    {"Error: usage limit reached, resets at 2027-01-02 03:04 UTC\n", "2027-01-02 03:04 UTC",
		NUM_NONE},
	    {"{\"type\":\"rate_limit_event\",\"rate_limit_info\":{\"status\":\"rejected\","
	     "\"resetsAt\":"
	     "1800000000}}\n{\"type\":\"result\",\"is_error\":true,\"result\":\"usage limit\"}\n",
		"", INT64_C(1800000000000)},
	    {"You've reached your usage limit.\n", "", NUM_NONE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N(table); i++) {
		struct verdict v = judge_code(1, table[i].tail);

		assert_int_equal(v.class, CLASS_USAGE_LIMIT);
		assert_string_equal(v.reset_text, table[i].text);
		assert_int_equal(v.reset_at_t, table[i].at_t);
	}
}

static void a_short_wait_under_a_daily_quota_is_not_believed(void **state)
{
	struct verdict v = judge_code(1,
	    "[API Error: You have exhausted your daily quota on this "
	    "model.]\nPlease retry in 41s.\n");

	(void)state;
	assert_int_equal(v.class, CLASS_USAGE_LIMIT);
	assert_int_equal(v.retry_after_ms, NUM_NONE);
}

/* ---- words for people --------------------------------------------------- */

static void message_and_evidence_are_one_clean_line(void **state)
{
	struct verdict v =
	    judge_code(1, "x\n\033[31m  Error:\tAPI Error: 529\001  Overloaded \xff\n\n");

	(void)state;
	assert_string_equal(v.message, "529 Overloaded");
	assert_string_equal(v.evidence, "Error: API Error: 529 Overloaded");
}

/* No rule knows it, but whoever reads the report wants to know what was said last. */
static void an_unknown_failure_is_told_by_its_last_words(void **state)
{
	struct verdict v = judge_code(2, "working\nls: cannot access '/no': No such file\n\n");

	(void)state;
	assert_int_equal(v.class, CLASS_TASK_ERROR);
	assert_string_equal(v.message, "exit status 2: ls: cannot access '/no': No such file");
	assert_string_equal(v.evidence, "ls: cannot access '/no': No such file");
	v = judge_code(2, " \n");
	assert_string_equal(v.message, "exit status 2");
	assert_string_equal(v.evidence, "");
}

static void long_words_are_cut_at_a_whole_character(void **state)
{
	struct buf tail = BUF_INIT;
	struct verdict v;
	int i;

	(void)state;
	buf_str(&tail, "Error: rate limit ");
	for (i = 0; i < 400; i++)
		buf_str(&tail, "ü€");
	v = judge_code(1, tail.data);
	assert_int_equal(v.class, CLASS_RATE_LIMIT);
	assert_in_range(strlen(v.evidence), 505, 511);
	assert_true(v.evidence[strlen(v.evidence) - 1] == '\xbc' ||
	    v.evidence[strlen(v.evidence) - 1] == '\xac');
	buf_release(&tail);
}

/* ---- hostile input ------------------------------------------------------ */

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void repeat(struct buf *b, const char *s)
{
	while (b->len + strlen(s) < CLASSIFY_TAIL_BYTES)
		buf_str(b, s);
}

/* Each shape makes some loop or pattern work as hard as it can. The bound is far above what it
 * takes (some 10 ms) and far below what a quadratic walk would take. */
/* A profile's regex may be anything that compiles. */
static void a_pattern_that_explodes_is_given_up(void **state)
{
	static struct profile_pattern patterns[] = {
	    {CLASS_BUDGET, (char *)"^(a+)+$"},
	    {CLASS_BUDGET, (char *)"(x+x+)+y"},
	    {CLASS_AUTH, (char *)"^badge expired$"},
	};
	struct profile p = {.patterns = patterns, .nr_patterns = N(patterns)};
	struct classifier *c = classifier_new(&p, base, NULL);
	struct ended e = {.exit = {.how = EXIT_CODE, .value = 1}};
	struct buf text = BUF_INIT;
	struct verdict v;
	int i;

	(void)state;
	assert_non_null(c);
	for (i = 0; i < 60000; i++)
		buf_ch(&text,
		    i % 300 == 299       ? '\n'
			: i % 300 == 298 ? '!'
			: i % 600 < 300  ? 'a'
					 : 'x');
	buf_str(&text, "badge expired\n");
	e.tail = text.data;
	e.tail_len = text.len;
	classify(c, &e, &v);
	assert_int_equal(v.class, CLASS_AUTH);
	buf_cut(&text, text.len - strlen("badge expired\n"));
	e.tail_len = text.len;
	classify(c, &e, &v);
	assert_int_equal(v.class, CLASS_TASK_ERROR);
	buf_release(&text);
	classifier_free(c);
}

static void hostile_output_is_judged_in_bounded_time(void **state)
{
	static const char *const shapes[] = {"[", "{\"a\":", "{\n\"", "{\"a\":[\n", "\"", "\\",
	    "\033[", "\033]", "\n", "Error: ", "Error: \n", "a", "error error: ", "429 ",
	    "\xe2\x80", "\r", "Error: rate limit try again in 1m", "  code: 429,\n",
	    "{\"type\":\"error\"}\n",
	    "{\"type\":\"result\",\"is_error\":true,\"errors\":[\"x\"]}\n", "model model model ",
	    "reset reset at 1 ", "\"error\":{", "Error: quota limit per day model token\n",
	    "{\"a\":\"b\"},", "[{},", "1 hour ", "litellm.A.B.C.", "A_A_A_", " at at at\n"};
	size_t i;

	(void)state;
	for (i = 0; i < N(shapes); i++) {
		struct buf tail = BUF_INIT;
		double began = seconds();

		repeat(&tail, shapes[i]);
		judge_code(1, tail.data);
		judge_code(0, tail.data);
		judge_code(124, tail.data);
		if (getenv("CLASSIFY_VERBOSE"))
			print_message("%4.1f ms '%s'\n", (seconds() - began) * 1000, shapes[i]);
		if (seconds() - began > 2)
			fail_msg("'%s' took %.1f s", shapes[i], seconds() - began);
		buf_release(&tail);
	}
}

static void any_bytes_in_any_cut_are_survived(void **state)
{
	static const char *const seeds[] = {
	    "{\"type\":\"result\",\"is_error\":true,\"result\":\"529 \\ud83d\\ude00\"}\n",
	    "\033[31mError: \033]0;x\a rate limit, try again in 5 days\n  code: 429\n}\n",
	    "[{\"type\":\"turn.failed\",\"error\":{\"message\":\"x\",\"details\":[1,2]}}]\n",
	};
	unsigned r = 12345;
	size_t i, k, round;

	(void)state;
	for (i = 0; i < N(seeds); i++) {
		for (round = 0; round < 600; round++) {
			size_t len = strlen(seeds[i]), from = round % len;
			uint8_t *copy = malloc(len - from + 1);

			/* Exactly as large as said: a sanitizer sees a read beyond it. */
			copy[0] = (uint8_t)(round / 7);
			memcpy(copy + 1, seeds[i] + from, len - from);
			for (k = 0; k < round % 7; k++) {
				r = r * 1103515245 + 12345;
				copy[1 + (r >> 8) % (len - from)] = (uint8_t)(r >> 20);
			}
			LLVMFuzzerTestOneInput(copy, len - from + 1);
			free(copy);
		}
	}
}

static void only_the_last_bytes_of_a_long_output_are_judged(void **state)
{
	struct buf tail = BUF_INIT;

	(void)state;
	buf_str(&tail, "{\"type\":\"result\",\"is_error\":true,\"result\":\"API Error: 401\"}\n");
	while (tail.len < CLASSIFY_TAIL_BYTES + 200)
		buf_str(&tail, "\n");
	assert_int_equal(judge_code(1, tail.data).class, CLASS_TASK_ERROR);
	buf_str(&tail, "API Error: 401 no\n");
	assert_int_equal(judge_code(1, tail.data).class, CLASS_AUTH);
	buf_release(&tail);
}

static void a_line_that_the_cut_goes_through_says_nothing(void **state)
{
	struct buf tail = BUF_INIT;

	(void)state;
	buf_str(&tail, "{\"type\":\"text\",\"text\":\"");
	while (tail.len < 2 * CLASSIFY_TAIL_BYTES)
		buf_str(&tail, "Error: 429 ");
	buf_str(&tail, "\"}\nmake: *** [all] Error 2\n");
	/* Wherever in the words the cut is. */
	while (tail.data[tail.len - CLASSIFY_TAIL_BYTES] != 'E')
		buf_str(&tail, "\n");
	assert_int_equal(judge_code(1, tail.data).class, CLASS_TASK_ERROR);
	buf_release(&tail);
}

static void an_error_body_is_shown_by_its_sentence(void **state)
{
	static const struct {
		const char *output, *message;
	} said[] = {
	    {"Error: {\"error\":{\"code\":400,\"message\":\"API key not\\nvalid.\"}}\n",
		"API key not valid."},
	    {"[API Error: {\"error\":{\"code\":400,\"message\":\"API key not valid.\"}}]\n",
		"API key not valid."},
	    {"[API Error: models/x is not found for API version v1.]\n",
		"models/x is not found for API version v1."},
	    {"[API Error: model not found: a[1]]\n", "model not found: a[1]]"},
	    {"Error: {\"error\":\"invalid api key\"}\n", "{\"error\":\"invalid api key\"}"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		assert_string_equal(judge_code(1, said[i].output).message, said[i].message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(our_own_term_is_never_success_nor_anything_else),
	    cmocka_unit_test(out_of_time_in_a_limit_is_that_limit),
	    cmocka_unit_test(a_start_that_failed_is_config_with_the_systems_words),
	    cmocka_unit_test(a_signal_is_a_crash_whatever_was_printed),
	    cmocka_unit_test(an_attempt_that_never_ran_has_no_class),
	    cmocka_unit_test(without_an_exit_record_only_a_final_event_answers),
	    cmocka_unit_test(statuses_speak_where_the_output_does_not),
	    cmocka_unit_test(a_profile_names_further_codes_of_success),
	    cmocka_unit_test(a_profile_says_which_event_is_an_error),
	    cmocka_unit_test(a_pattern_that_does_not_compile_is_told),
	    cmocka_unit_test(the_last_event_of_a_stream_decides),
	    cmocka_unit_test(a_stream_that_said_done_does_not_hide_a_failure_behind_it),
	    cmocka_unit_test(error_lines_near_the_end_tell_the_class),
	    cmocka_unit_test(sentences_of_many_programs_are_known),
	    cmocka_unit_test(words_that_are_no_error_never_count),
	    cmocka_unit_test(an_old_error_far_above_the_end_is_history),
	    cmocka_unit_test(the_echo_of_the_task_never_counts),
	    cmocka_unit_test(what_a_retry_was_told_counts_only_as_a_whole_line),
	    cmocka_unit_test(control_sequences_and_carriage_returns_do_not_hide_an_error),
	    cmocka_unit_test(told_waits_are_read_in_every_shape),
	    cmocka_unit_test(told_resets_are_left_as_text_or_read_as_epochs),
	    cmocka_unit_test(a_short_wait_under_a_daily_quota_is_not_believed),
	    cmocka_unit_test(message_and_evidence_are_one_clean_line),
	    cmocka_unit_test(an_error_body_is_shown_by_its_sentence),
	    cmocka_unit_test(an_unknown_failure_is_told_by_its_last_words),
	    cmocka_unit_test(long_words_are_cut_at_a_whole_character),
	    cmocka_unit_test(a_pattern_that_explodes_is_given_up),
	    cmocka_unit_test(hostile_output_is_judged_in_bounded_time),
	    cmocka_unit_test(any_bytes_in_any_cut_are_survived),
	    cmocka_unit_test(only_the_last_bytes_of_a_long_output_are_judged),
	    cmocka_unit_test(a_line_that_the_cut_goes_through_says_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
