#include "formats/event_json.h"
#include "formats/jsonr.h"
#include "formats/jsonw.h"
#include "model/task.h"

#include <limits.h>
#include <string.h>

/* ---- writing ------------------------------------------------------------ */

static void put_str(struct jsonw *w, const char *key, const char *s)
{
	if (s)
		jsonw_kstr(w, key, s);
}

/* For words of a closed set, whose "none" is the empty name. */
static void put_name(struct jsonw *w, const char *key, const char *name)
{
	if (*name)
		jsonw_kstr(w, key, name);
}

static void put_flag(struct jsonw *w, const char *key, bool v)
{
	if (v)
		jsonw_kbool(w, key, true);
}

/* An event is one line whatever its options look like: in JSON a raw newline is only a blank. */
static void put_object_text(struct jsonw *w, const char *key, const char *json)
{
	size_t at;

	if (!json)
		return;
	jsonw_key(w, key);
	at = w->out->len;
	jsonw_raw(w, json);
	for (; at < w->out->len; at++)
		if (w->out->data[at] == '\n' || w->out->data[at] == '\r')
			w->out->data[at] = ' ';
}

static void put_batch(struct jsonw *w, const struct ev_batch *e)
{
	put_str(w, "version", e->version);
	put_str(w, "boot", e->boot);
	put_str(w, "host", e->host);
	jsonw_kint_if_told(w, "pid", e->pid);
	jsonw_kint(w, "cycle", e->cycle);
	put_name(w, "kind", batch_kind_name(e->kind));
	put_str(w, "original", e->original);
	put_str(w, "parent", e->parent);
	put_str(w, "branch", e->branch);
	put_flag(w, "resumed", e->resumed);
	jsonw_kms_if_told(w, "not_before", e->not_before_t);
	jsonw_kint_if_told(w, "jobs", e->jobs);
	if (e->accounts)
		jsonw_kwords(w, "accounts", e->accounts);
	if (e->spent_usd > 0)
		jsonw_kusd(w, "spent_usd", e->spent_usd);
	if (e->spent_tokens > 0)
		jsonw_kint(w, "spent_tokens", e->spent_tokens);
	put_object_text(w, "options", e->options_json);
}

static void put_start(struct jsonw *w, const struct ev_start *e)
{
	put_str(w, "boot", e->boot);
	put_str(w, "account", e->account);
	jsonw_kint_if_told(w, "log_from", e->log_from);
	put_str(w, "session", e->session);
}

static void put_exit(struct jsonw *w, const struct ev_exit *e)
{
	switch (e->how) {
	case EXIT_CODE:
		jsonw_kint(w, "code", e->value);
		break;
	case EXIT_SIGNAL:
		jsonw_kint(w, "signal", e->value);
		break;
	case EXIT_FAILED:
		jsonw_kint(w, "failed", e->value);
		break;
	case EXIT_VOID:
		jsonw_kbool(w, "void", true);
		break;
	case EXIT_UNKNOWN:
		jsonw_kbool(w, "unknown", true);
		break;
	}
	put_name(w, "killed", kill_why_name(e->killed));
	put_str(w, "message", e->message);
	jsonw_kint_if_told(w, "log_to", e->log_to);
	jsonw_kint_if_told(w, "rss_kb", e->rss_kb);
	jsonw_kint_if_told(w, "cpu_ms", e->cpu_ms);
}

static void put_verdict(struct jsonw *w, const struct ev_verdict *e)
{
	put_name(w, "class", class_name(e->class));
	jsonw_kbool(w, "charged", e->charged);
	put_str(w, "message", e->message);
	put_str(w, "evidence", e->evidence);
	jsonw_kms_if_told(w, "retry_after", e->retry_after_ms);
	jsonw_kms_if_told(w, "reset_at", e->reset_at_t);
	if (e->cost_usd >= 0)
		jsonw_knum(w, "cost_usd", e->cost_usd);
	jsonw_kint_if_told(w, "tokens_in", e->tokens_in);
	jsonw_kint_if_told(w, "tokens_out", e->tokens_out);
	jsonw_kint_if_told(w, "tokens_total", e->tokens_total);
	jsonw_kint_if_told(w, "turns", e->turns);
	put_str(w, "session", e->session);
	put_str(w, "answer", e->answer);
}

static void put_wait(struct jsonw *w, const struct ev_wait *e)
{
	jsonw_kms_if_told(w, "until", e->until_t);
	put_name(w, "why", wait_why_name(e->why));
	put_flag(w, "wall", e->is_wall);
	put_flag(w, "parked", e->is_parked);
	put_str(w, "account", e->account);
}

static void put_gate(struct jsonw *w, const struct ev_gate *e)
{
	put_str(w, "account", e->account);
	jsonw_kstr(w, "state", gate_state_name(e->state));
	jsonw_kms_if_told(w, "until", e->until_t);
	jsonw_kint_if_told(w, "width", e->width);
	jsonw_kms_if_told(w, "pace", e->pace_ms);
	jsonw_kint_if_told(w, "burst", e->burst);
	jsonw_kms_if_told(w, "lasted", e->lasted_ms);
	jsonw_kint_if_told(w, "seen", e->nr_lasted);
	put_str(w, "why", e->why);
}

static void put_verb(struct jsonw *w, const struct ev_verb *e)
{
	put_str(w, "verb", e->verb);
	if (e->ids && *e->ids)
		jsonw_kwords(w, "ids", e->ids);
	jsonw_kint_if_told(w, "n", e->n);
	put_str(w, "by", e->by);
	put_str(w, "result", e->result);
}

static void put_cycle(struct jsonw *w, const struct ev_cycle *e)
{
	put_str(w, "child", e->child);
	put_str(w, "csv", e->csv);
	put_str(w, "branch", e->branch);
	jsonw_kint(w, "rows", e->rows);
	jsonw_kms_if_told(w, "until", e->until_t);
	put_name(w, "kind", batch_kind_name(e->is_extension ? BATCH_EXTENSION : BATCH_ORIGINAL));
}

static void put_solve(struct jsonw *w, const struct ev_solve *e)
{
	jsonw_kstr(w, "phase", solve_phase_name(e->phase));
	jsonw_kint(w, "round", e->round);
	put_str(w, "role", e->role);
	put_flag(w, "unread", e->is_unread);
	put_str(w, "child", e->child);
	put_name(w, "kind", batch_kind_name(e->kind));
	put_str(w, "csv", e->csv);
	jsonw_kint_if_told(w, "rows", e->rows);
	jsonw_kms_if_told(w, "until", e->until_t);
	if (e->has_verdict)
		jsonw_kbool(w, "is_complete", e->is_complete);
	put_name(w, "data_quality", solve_quality_name(e->quality));
	jsonw_kint_if_told(w, "missing", e->nr_missing);
	put_str(w, "why", e->why);
	jsonw_kint_if_told(w, "exit", e->exit_code);
}

static void put_end(struct jsonw *w, const struct ev_end *e)
{
	int s;

	put_name(w, "state", end_state_name(e->state));
	jsonw_key(w, "counts");
	jsonw_object(w);
	for (s = 0; s < AGENT__COUNT; s++)
		jsonw_kint(w, status_name((enum agent_status)s), e->counts[s]);
	jsonw_end(w, '}');
	jsonw_kint(w, "exit", e->exit_code);
	put_str(w, "why", e->why);
}

static void put_status(struct jsonw *w, const struct ev_status *e)
{
	jsonw_kstr(w, "status", status_name(e->status));
	put_name(w, "phase", phase_name(e->phase));
	put_flag(w, "set_aside", e->is_set_aside);
	put_str(w, "branch", e->branch);
	put_str(w, "why", e->why);
}

static void put_body(struct jsonw *w, const struct event *ev)
{
	switch (ev->type) {
	case EV_BATCH:
		put_batch(w, &ev->batch);
		break;
	case EV_START:
		put_start(w, &ev->start);
		break;
	case EV_EXIT:
		put_exit(w, &ev->exit);
		break;
	case EV_VERDICT:
		put_verdict(w, &ev->verdict);
		break;
	case EV_WAIT:
		put_wait(w, &ev->wait);
		break;
	case EV_STATUS:
		put_status(w, &ev->status);
		break;
	case EV_GATE:
		put_gate(w, &ev->gate);
		break;
	case EV_VERB:
		put_verb(w, &ev->verb);
		break;
	case EV_CYCLE:
		put_cycle(w, &ev->cycle);
		break;
	case EV_SOLVE:
		put_solve(w, &ev->solve);
		break;
	case EV_END:
		put_end(w, &ev->end);
		break;
	case EV_UNKNOWN:
	case EV__COUNT:
		break;
	}
}

void event_format(const struct event *ev, struct buf *out)
{
	struct jsonw w;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_kms(&w, "t", ev->t);
	jsonw_kint(&w, "m", ev->m);
	jsonw_kstr(&w, "ev", event_type_name(ev->type));
	put_str(&w, "id", ev->id);
	/* A verb has an `n` of its own (jobs N), and no attempt. */
	if (ev->type != EV_VERB)
		jsonw_kint_if_told(&w, "n", ev->n);
	put_body(&w, ev);
	jsonw_end(&w, '}');
	buf_ch(out, '\n');
}

/* ---- reading ------------------------------------------------------------ */

/* Without a name that is known and fits, the event says nothing that could be folded: it counts
 * as a newer version's. */
static int name_or_unknown(struct event *ev, int value)
{
	if (value >= 0)
		return value;
	ev->type = EV_UNKNOWN;
	return 0;
}

static int at_least_0(int value)
{
	return value < 0 ? 0 : value;
}

static int64_t or_0(int64_t v)
{
	return v == NUM_NONE ? 0 : v;
}

static void get_batch(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	ev->batch = (struct ev_batch){
	    .version = jsonr_str(r, "version", arena),
	    .boot = jsonr_str(r, "boot", arena),
	    .host = jsonr_str(r, "host", arena),
	    .original = jsonr_str(r, "original", arena),
	    .parent = jsonr_str(r, "parent", arena),
	    .branch = jsonr_str(r, "branch", arena),
	    .options_json = jsonr_object_text(r, "options", arena),
	    .pid = jsonr_int(r, "pid"),
	    .cycle = or_0(jsonr_int(r, "cycle")),
	    .kind = batch_kind_from_name(jsonr_str(r, "kind", arena)),
	    .not_before_t = jsonr_ms(r, "not_before"),
	    .jobs = jsonr_int(r, "jobs"),
	    .accounts = jsonr_words(r, "accounts", arena),
	    .spent_usd = jsonr_num(r, "spent_usd", -1),
	    .spent_tokens = jsonr_int(r, "spent_tokens"),
	    .resumed = jsonr_is_true(r, "resumed"),
	};
}

static void get_start(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	ev->start = (struct ev_start){
	    .boot = jsonr_str(r, "boot", arena),
	    .account = jsonr_str(r, "account", arena),
	    .session = jsonr_str(r, "session", arena),
	    .log_from = jsonr_int(r, "log_from"),
	};
}

/* No invented codes: what does not say how it ended is unknown. */
static void get_how(struct ev_exit *e, const struct jsonr *r)
{
	static const struct {
		const char *key;
		enum exit_how how;
	} ways[] = {{"code", EXIT_CODE}, {"signal", EXIT_SIGNAL}, {"failed", EXIT_FAILED}};
	size_t i;

	e->how = jsonr_is_true(r, "void") ? EXIT_VOID : EXIT_UNKNOWN;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int64_t v = jsonr_int(r, ways[i].key);

		if (v < INT_MIN || v > INT_MAX)
			continue;
		e->how = ways[i].how;
		e->value = (int)v;
		return;
	}
}

static void get_exit(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	const char *killed = jsonr_str(r, "killed", arena);

	get_how(&ev->exit, r);
	ev->exit.killed =
	    killed ? (enum kill_why)at_least_0(kill_why_from_name(killed)) : KILL_NONE;
	ev->exit.message = jsonr_str(r, "message", arena);
	ev->exit.log_to = jsonr_int(r, "log_to");
	ev->exit.rss_kb = jsonr_int(r, "rss_kb");
	ev->exit.cpu_ms = jsonr_int(r, "cpu_ms");
}

static void get_verdict(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	ev->verdict = (struct ev_verdict){
	    .class = (enum attempt_class)at_least_0(class_from_name(jsonr_str(r, "class", arena))),
	    .charged = jsonr_is_true(r, "charged"),
	    .message = jsonr_str(r, "message", arena),
	    .evidence = jsonr_str(r, "evidence", arena),
	    .session = jsonr_str(r, "session", arena),
	    .answer = jsonr_str(r, "answer", arena),
	    .retry_after_ms = jsonr_ms(r, "retry_after"),
	    .reset_at_t = jsonr_ms(r, "reset_at"),
	    .cost_usd = jsonr_num(r, "cost_usd", -1),
	    .tokens_in = jsonr_int(r, "tokens_in"),
	    .tokens_out = jsonr_int(r, "tokens_out"),
	    .tokens_total = jsonr_int(r, "tokens_total"),
	    .turns = jsonr_int(r, "turns"),
	};
}

static void get_wait(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	ev->wait.until_t = jsonr_ms(r, "until");
	if (ev->wait.until_t == NUM_NONE)
		ev->wait.until_t = ev->t;
	ev->wait.why = (enum wait_why)at_least_0(wait_why_from_name(jsonr_str(r, "why", arena)));
	ev->wait.is_wall = jsonr_is_true(r, "wall");
	ev->wait.is_parked = jsonr_is_true(r, "parked");
	ev->wait.account = jsonr_str(r, "account", arena);
}

static void get_status(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	int status = status_from_name(jsonr_str(r, "status", arena));

	ev->status.status = (enum agent_status)name_or_unknown(ev, status);
	ev->status.phase =
	    (enum agent_phase)at_least_0(phase_from_name(jsonr_str(r, "phase", arena)));
	ev->status.is_set_aside = jsonr_is_true(r, "set_aside");
	ev->status.branch = jsonr_str(r, "branch", arena);
	ev->status.why = jsonr_str(r, "why", arena);
}

static void get_gate(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	int state = gate_state_from_name(jsonr_str(r, "state", arena));

	ev->gate = (struct ev_gate){
	    .account = jsonr_str(r, "account", arena),
	    .state = (enum gate_state)name_or_unknown(ev, state),
	    .until_t = jsonr_ms(r, "until"),
	    .width = jsonr_int(r, "width"),
	    .pace_ms = jsonr_ms(r, "pace"),
	    .burst = jsonr_int(r, "burst"),
	    .lasted_ms = jsonr_ms(r, "lasted"),
	    .nr_lasted = jsonr_int(r, "seen"),
	    .why = jsonr_str(r, "why", arena),
	};
}

static void get_verb(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	ev->verb = (struct ev_verb){
	    .verb = jsonr_str(r, "verb", arena),
	    .by = jsonr_str(r, "by", arena),
	    .result = jsonr_str(r, "result", arena),
	    .ids = jsonr_words(r, "ids", arena),
	    .n = jsonr_int(r, "n"),
	};
	ev->n = NUM_NONE;
}

static void get_cycle(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	ev->cycle = (struct ev_cycle){
	    .child = jsonr_str(r, "child", arena),
	    .csv = jsonr_str(r, "csv", arena),
	    .branch = jsonr_str(r, "branch", arena),
	    .rows = or_0(jsonr_int(r, "rows")),
	    .until_t = jsonr_ms(r, "until"),
	    .is_extension = batch_kind_from_name(jsonr_str(r, "kind", arena)) == BATCH_EXTENSION,
	};
}

static void get_solve(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	int phase = solve_phase_from_name(jsonr_str(r, "phase", arena));

	ev->solve = (struct ev_solve){
	    .phase = (enum solve_phase)name_or_unknown(ev, phase),
	    .round = or_0(jsonr_int(r, "round")),
	    .role = jsonr_str(r, "role", arena),
	    .is_unread = jsonr_is_true(r, "unread"),
	    .child = jsonr_str(r, "child", arena),
	    .csv = jsonr_str(r, "csv", arena),
	    .kind = batch_kind_from_name(jsonr_str(r, "kind", arena)),
	    .rows = jsonr_int(r, "rows"),
	    .until_t = jsonr_ms(r, "until"),
	    .has_verdict = jsonr_has(r, "is_complete"),
	    .is_complete = jsonr_is_true(r, "is_complete"),
	    .quality = (enum solve_quality)at_least_0(solve_quality_from_name(jsonr_str(r,
		"data_quality", arena))),
	    .nr_missing = jsonr_int(r, "missing"),
	    .why = jsonr_str(r, "why", arena),
	    .exit_code = jsonr_int(r, "exit"),
	};
}

static void get_end(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	const char *text = jsonr_object_text(r, "counts", arena);
	int state = end_state_from_name(jsonr_str(r, "state", arena));
	struct jsonr counts;
	int s;

	ev->end.state = (enum end_state)name_or_unknown(ev, state);
	ev->end.why = jsonr_str(r, "why", arena);
	ev->end.exit_code = or_0(jsonr_int(r, "exit"));
	if (!text || !jsonr_object(&counts, text, strlen(text)))
		return;
	for (s = 0; s < AGENT__COUNT; s++)
		ev->end.counts[s] = or_0(jsonr_int(&counts, status_name((enum agent_status)s)));
}

static void get_body(struct event *ev, const struct jsonr *r, struct arena *arena)
{
	switch (ev->type) {
	case EV_BATCH:
		get_batch(ev, r, arena);
		break;
	case EV_START:
		get_start(ev, r, arena);
		break;
	case EV_EXIT:
		get_exit(ev, r, arena);
		break;
	case EV_VERDICT:
		get_verdict(ev, r, arena);
		break;
	case EV_WAIT:
		get_wait(ev, r, arena);
		break;
	case EV_STATUS:
		get_status(ev, r, arena);
		break;
	case EV_GATE:
		get_gate(ev, r, arena);
		break;
	case EV_VERB:
		get_verb(ev, r, arena);
		break;
	case EV_CYCLE:
		get_cycle(ev, r, arena);
		break;
	case EV_SOLVE:
		get_solve(ev, r, arena);
		break;
	case EV_END:
		get_end(ev, r, arena);
		break;
	case EV_UNKNOWN:
	case EV__COUNT:
		break;
	}
}

int event_parse(const char *line, size_t n, struct event *ev, struct arena *arena, struct err *err)
{
	struct jsonr r;
	const char *type;
	int64_t t;

	if (!jsonr_object(&r, line, n))
		return err_set(err, "not a JSON object");
	type = jsonr_str(&r, "ev", arena);
	t = jsonr_ms(&r, "t");
	if (!type || t == NUM_NONE)
		return err_set(err, "an event without ev or t");
	event_init(ev, event_type_from_name(type));
	ev->t = t;
	ev->m = or_0(jsonr_int(&r, "m"));
	ev->id = jsonr_str(&r, "id", arena);
	ev->n = jsonr_int(&r, "n");
	/* The fold keeps 32 bits of it: another number must not become this one. */
	if (ev->n < 0 || ev->n > UINT32_MAX)
		ev->n = NUM_NONE;
	get_body(ev, &r, arena);
	return 0;
}
