/* Questions go away when they are answered: nothing is sent before, and what is sent is what was
 * asked about. */
#include "ui/steer.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "ui/view_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPED_MAX 512

enum { KEY_ESC = 0x1B, KEY_DELETE = 0x7F, KEY_ERASE = 0x08, KEY_CLEAR = 0x15 };

/* ---- prompts ------------------------------------------------------------ */

void steer_close_prompt(struct control *c)
{
	c->prompt = PROMPT_NONE;
	buf_reset(&c->typed);
	buf_reset(&c->viewer->prompt);
	c->viewer->prompt_has_cursor = false;
	orders_release(&c->pending);
}

void steer_ask(struct control *c, enum control_prompt prompt, const char *question)
{
	buf_reset(&c->typed);
	c->prompt = prompt;
	c->viewer->prompt_has_cursor = prompt != PROMPT_SURE && prompt != PROMPT_STOP;
	buf_reset(&c->viewer->prompt);
	buf_str(&c->viewer->prompt, question);
}

static const char *question_of(enum control_prompt p)
{
	if (p == PROMPT_SEARCH || p == PROMPT_KEEP)
		return p == PROMPT_SEARCH ? "/" : "&";
	return p == PROMPT_STOP_ALL ? "cancel every agent that is not through? type yes: " : ":";
}

/* ---- verbs -------------------------------------------------------------- */

static void send(struct control *c, struct ctl_request q)
{
	c->ops.send(c->ops.ctx, &q);
}

void steer_send_pending(struct control *c)
{
	struct orders o = c->pending;
	size_t i;

	c->pending = (struct orders){0};
	for (i = 0; i < o.nr; i++)
		send(c, o.v[i].q);
	/* What they held has gone. */
	free(o.v);
}

void steer_pause(struct control *c, enum intent intent)
{
	const struct batch *b = &view_listener(&c->viewer->model)->state;

	(void)intent;
	send(c, order_request(b->is_paused || b->is_draining ? CTL_RESUME : CTL_PAUSE));
}

void steer_jobs(struct control *c, enum intent intent)
{
	int by = intent == INTENT_MORE_JOBS ? 1 : -1;
	int64_t jobs = c->viewer->model.shown->state.jobs;
	struct ctl_request q;

	if (view_listener(&c->viewer->model) != c->viewer->model.shown) {
		viewer_say(c->viewer, "a role is at work: job slots are for rows");
		return;
	}
	if (jobs == 0) {
		viewer_say(c->viewer, "there is no limit of jobs; :jobs N sets one");
		return;
	}
	if (jobs + by < 1) {
		viewer_say(c->viewer, "one job is the fewest; p pauses starting");
		return;
	}
	q = order_request(CTL_JOBS);
	q.n = jobs + by;
	send(c, q);
}

void steer_skip_waits(struct control *c)
{
	send(c, order_request(CTL_SKIP_WAIT));
}

void steer_stop(struct control *c, enum intent intent)
{
	const struct batch *b = &view_listener(&c->viewer->model)->state;
	char text[160];

	(void)intent;
	if (c->viewer->model.exit_code >= 0) {
		viewer_say(c->viewer, "nothing runs here: there is nothing to stop");
		return;
	}
	if (c->viewer->layout.cols < 80)
		snprintf(text, sizeof(text), "stop: d drain, c cancel, Esc"); /* 28 columns */
	else
		snprintf(text, sizeof(text),
		    "stop the batch: d drain (%u in work go on), c cancel all, Esc nothing",
		    batch_slots_used(b));
	steer_ask(c, PROMPT_STOP, text);
}

/* ---- the command line --------------------------------------------------- */

/* 17 is also 0017, where only one agent is called so. */
static uint32_t find_agent(const struct batch *b, const char *id)
{
	uint32_t found = batch_find(b, id), i;
	const char *digits = id + strspn(id, "0");

	if (found != AGENT_NONE || !*id || strspn(id, "0123456789") != strlen(id))
		return found;
	for (i = 0; i < b->nr_agents; i++) {
		const char *other = b->agents[i].task->id;

		if (strcmp(other + strspn(other, "0"), digits) != 0)
			continue;
		if (found != AGENT_NONE)
			return AGENT_NONE;
		found = i;
	}
	return found;
}

static void go_to(struct control *c, const char *id)
{
	struct viewer *v = c->viewer;
	uint32_t agent = find_agent(&v->model.shown->state, id);

	if (agent == AGENT_NONE) {
		viewer_say(v, "no agent %s in this batch", id);
		return;
	}
	if (v->model.places[agent] == AGENT_NONE)
		(void)viewer_show_all(v);
	viewer_select(v, agent);
}

static void run_words(struct control *c, char **words, size_t nr)
{
	struct ctl_request q;
	struct err err = ERR_INIT;

	if (nr == 1 && (strcmp(words[0], "q") == 0 || strcmp(words[0], "quit") == 0)) {
		c->ops.leave(c->ops.ctx);
	} else if (nr == 1 && batch_find(&c->viewer->model.shown->state, words[0]) != AGENT_NONE) {
		go_to(c, words[0]);
	} else if (nr == 1 && viewer_open_role(c->viewer, words[0])) {
		c->viewer->overlay = OVERLAY_NONE;
	} else if (nr == 1 && strspn(words[0], "0123456789") == strlen(words[0])) {
		go_to(c, words[0]);
	} else if (ctl_request_from_words(&q, words, nr, &err) < 0) {
		viewer_say(c->viewer, "%s", err.msg);
	} else {
		free(q.by);
		q.by = xstrdup("operator");
		send(c, q);
	}
}

static void run_command(struct control *c)
{
	char *line = xstrdup(c->typed.data), *words[64], *at = line;
	size_t nr = 0;

	while (*at && nr < ARRAY_LEN(words)) {
		at += strspn(at, " ");
		if (!*at)
			break;
		words[nr++] = at;
		at += strcspn(at, " ");
		if (*at)
			*at++ = '\0';
	}
	steer_close_prompt(c);
	if (nr)
		run_words(c, words, nr);
	free(line);
}

/* ---- answers ------------------------------------------------------------ */

static void type(struct control *c, int code)
{
	char bytes[4];

	if (code == KEY_CLEAR) {
		buf_reset(&c->typed);
	} else if (code == KEY_DELETE || code == KEY_ERASE || code == KEY_FN_BACKSPACE) {
		while (c->typed.len &&
		    ((unsigned char)c->typed.data[c->typed.len - 1] & 0xC0) == 0x80)
			buf_cut(&c->typed, c->typed.len - 1);
		if (c->typed.len)
			buf_cut(&c->typed, c->typed.len - 1);
	} else if (code >= 0x20 && code < KEY_FUNCTION && c->typed.len < TYPED_MAX) {
		buf_add(&c->typed, bytes, utf8_encode((uint32_t)code, bytes));
	}
	buf_reset(&c->viewer->prompt);
	buf_str(&c->viewer->prompt, question_of(c->prompt));
	buf_str(&c->viewer->prompt, c->typed.data);
}

static bool is_enter(int code)
{
	return code == '\r' || code == '\n' || code == KEY_FN_ENTER;
}

static void answer_sure(struct control *c, int code)
{
	if (code == 'y')
		steer_send_pending(c);
	else
		viewer_say(c->viewer, "nothing was done");
	steer_close_prompt(c);
}

static void answer_stop(struct control *c, int code)
{
	if (code == 'c') {
		steer_ask(c, PROMPT_STOP_ALL, question_of(PROMPT_STOP_ALL));
		return;
	}
	steer_close_prompt(c);
	if (code == 'd')
		send(c, order_request(CTL_STOP));
	else
		viewer_say(c->viewer, "nothing was stopped");
}

static void answer_stop_all(struct control *c, int code)
{
	bool is_yes;

	if (!is_enter(code)) {
		type(c, code);
		return;
	}
	is_yes = strcmp(c->typed.data, "yes") == 0;
	steer_close_prompt(c);
	if (is_yes)
		send(c, order_request(CTL_CANCEL));
	else
		viewer_say(c->viewer, "nothing was stopped");
}

/* As it is typed; Enter leaves it as it is, Esc ends it. */
static void answer_find(struct control *c, int code)
{
	const struct view_keys *k = view_keys_of(control_context(c->viewer));
	enum control_prompt which = c->prompt;

	if (is_enter(code)) {
		steer_close_prompt(c);
		return;
	}
	if (code == KEY_ESC)
		steer_close_prompt(c);
	else
		type(c, code);
	if (k->find)
		k->find(c->viewer, which, c->typed.data);
}

void steer_answer(struct control *c, int code)
{
	if (c->prompt == PROMPT_SEARCH || c->prompt == PROMPT_KEEP) {
		answer_find(c, code);
		return;
	}
	if (code == KEY_ESC) {
		steer_close_prompt(c);
		return;
	}
	switch (c->prompt) {
	case PROMPT_SURE:
		answer_sure(c, code);
		return;
	case PROMPT_STOP:
		answer_stop(c, code);
		return;
	case PROMPT_STOP_ALL:
		answer_stop_all(c, code);
		return;
	case PROMPT_COMMAND:
		if (is_enter(code))
			run_command(c);
		else
			type(c, code);
		return;
	case PROMPT_SEARCH:
	case PROMPT_KEEP:
	case PROMPT_NONE:
		return;
	}
}

/* ---- doors ----------------------------------------------------------- */

void steer_find(struct control *c, enum intent intent)
{
	enum control_prompt p = intent == INTENT_SEARCH ? PROMPT_SEARCH : PROMPT_KEEP;
	const struct view_keys *k = view_keys_of(control_context(c->viewer));

	if (!k->find)
		return;
	steer_ask(c, p, question_of(p));
	k->find(c->viewer, p, NULL);
}

void steer_command(struct control *c, enum intent intent)
{
	(void)intent;
	steer_ask(c, PROMPT_COMMAND, question_of(PROMPT_COMMAND));
}
