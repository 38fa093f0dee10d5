#include "exec/sim/endings.h"
#include "formats/jsonw.h"

#define USAGE_RESET_S 3600 /* when the plan does not say */

/* ---- the error's words -------------------------------------------------- */

static void rate_limit(const struct ending *e, struct buf *out)
{
	double wait = e->plan->retry_after_s;

	if (e->is_other_vendor) {
		buf_str(out,
		    "Error: 429 Rate limit reached for sim-large on tokens per min (TPM): "
		    "Limit 30000, Used 29120, Requested 2210.");
		if (wait >= 0)
			buf_fmt(out, " Please try again in %gs.", wait);
		return;
	}
	buf_str(out,
	    "API Error: 429 {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\","
	    "\"message\":\"This request would exceed your account's rate limit. Please try "
	    "again later.\"}}");
	if (wait >= 0)
		buf_fmt(out, " retry-after: %g", wait);
}

static void usage_limit(const struct ending *e, struct buf *out)
{
	double wait = e->plan->retry_after_s >= 0 ? e->plan->retry_after_s : USAGE_RESET_S;

	/* Whole seconds, never before the window opens. */
	buf_fmt(out, "Claude AI usage limit reached|%lld",
	    (long long)((e->now_t + (int64_t)(wait * 1000) + 999) / 1000));
}

static const char *fixed_words(const struct ending *e)
{
	bool other = e->is_other_vendor;

	switch (e->outcome) {
	case SIM_529:
		return other
		    ? "API Error: Repeated 529 Overloaded errors. The service is at capacity."
		    : "API Error: 529 {\"type\":\"error\",\"error\":{\"type\":"
		      "\"overloaded_error\",\"message\":\"Overloaded\"}}";
	case SIM_500:
		return other
		    ? "Error: 500 The server had an error while processing your request."
		    : "API Error: 500 {\"type\":\"error\",\"error\":{\"type\":\"api_error\","
		      "\"message\":\"Internal server error\"}}";
	case SIM_503:
		return other ? "Error: 503 Service Unavailable"
			     : "[API Error: The service is currently unavailable. (Status: "
			       "UNAVAILABLE)]";
	case SIM_NETWORK:
		return other ? "Error: getaddrinfo EAI_AGAIN api.sim.example"
			     : "API Error: Connection error: read ECONNRESET";
	case SIM_AUTH:
		return other ? "Error: 401 Incorrect API key provided: sk-sim-***."
			     : "Failed to authenticate. API Error: 401 Invalid authentication "
			       "credentials";
	case SIM_BUDGET:
		return other ? "Error: You exceeded your current quota, please check your plan and "
			       "billing details."
			     : "API Error: 400 Your credit balance is too low to access the API.";
	case SIM_REFUSAL:
		return other ? "Error: Your request was flagged as potentially violating our usage "
			       "policy."
			     : "API Error: Output blocked by content filtering policy";
	case SIM_OVERFLOW:
		return other
		    ? "Error: This model's maximum context length is 128000 tokens. However, "
		      "your messages resulted in 140221 tokens."
		    : "API Error: 400 prompt is too long: 213462 tokens > 200000 maximum";
	case SIM_CONFIG:
		return "Error: The model `sim-none` does not exist or you do not have access to "
		       "it.";
	case SIM_MAX_TURNS:
		return "Error: Reached max turns (8)";
	case SIM_FAIL:
		return other ? "make: *** [Makefile:31: check] Error 1"
			     : "2 tests still fail; I could not find out why.";
	case SIM_OK:
	case SIM_NO_OUTPUT:
	case SIM_GARBLED:
	case SIM_429:
	case SIM_USAGE:
	case SIM_CRASH:
	case SIM_HANG:
	case SIM__COUNT:
		return "";
	}
	return "";
}

void ending_error(const struct ending *e, struct buf *out)
{
	if (e->outcome == SIM_429)
		rate_limit(e, out);
	else if (e->outcome == SIM_USAGE)
		usage_limit(e, out);
	else
		buf_str(out, fixed_words(e));
}

/* ---- the result --------------------------------------------------------- */

static bool is_success(enum sim_outcome outcome)
{
	return outcome == SIM_OK || outcome == SIM_NO_OUTPUT || outcome == SIM_GARBLED;
}

/* Who is turned away at the door has done nothing that costs. */
static bool has_worked(enum sim_outcome outcome)
{
	return is_success(outcome) || outcome == SIM_FAIL || outcome == SIM_MAX_TURNS;
}

static const char *subtype(enum sim_outcome outcome)
{
	if (outcome == SIM_MAX_TURNS)
		return "error_max_turns";
	return outcome == SIM_FAIL ? "error_during_execution" : "success";
}

static void add_words(const struct ending *e, struct jsonw *w)
{
	struct buf words = BUF_INIT;

	if (e->outcome == SIM_OK || e->outcome == SIM_GARBLED) {
		jsonw_kstr(w, "result", e->answer);
	} else if (e->outcome != SIM_NO_OUTPUT) {
		ending_error(e, &words);
		jsonw_kstr(w, "result", words.data);
	}
	buf_release(&words);
}

void ending_result(const struct ending *e, struct buf *out)
{
	int64_t tokens = has_worked(e->outcome) ? e->tokens : 0;
	struct jsonw w;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_kstr(&w, "type", "result");
	jsonw_kstr(&w, "subtype", subtype(e->outcome));
	jsonw_kbool(&w, "is_error", !is_success(e->outcome));
	jsonw_kint(&w, "duration_ms", e->duration_ms);
	jsonw_kint(&w, "num_turns", e->turns);
	add_words(e, &w);
	jsonw_kstr(&w, "session_id", e->session);
	jsonw_knum(&w, "total_cost_usd", has_worked(e->outcome) ? e->cost_usd : 0);
	jsonw_key(&w, "usage");
	jsonw_object(&w);
	jsonw_kint(&w, "input_tokens", tokens - tokens / 5);
	jsonw_kint(&w, "output_tokens", tokens / 5);
	jsonw_end(&w, '}');
	jsonw_end(&w, '}');
}

int ending_code(enum sim_outcome outcome)
{
	return is_success(outcome) ? 0 : 1;
}
