#include "ui/notice.h"
#include "view/limits.h"
#include "view/solve_words.h"
#include "view/summary.h"

#include <stdio.h>

#define TITLE_EVERY_MS 5000

void notice_init(struct notice *n, enum ui_notify how, const struct view_model *m)
{
	*n = (struct notice){.how = how, .exit_code = m->exit_code, .titled_ms = NUM_NONE};
}

static uint32_t nr_failed(const struct view_model *m)
{
	return m->counts[ROLE_FAILED] + m->counts[ROLE_LOST];
}

static void call(const struct notice *n, struct tty *t, bool has_bell, const char *text)
{
	if (has_bell)
		tty_bell(t);
	tty_notify(t, n->how, text);
}

static void say_end(const struct notice *n, struct tty *t, const struct view_model *m,
    bool has_bell)
{
	struct buf text = BUF_INIT;

	view_source_name(m->run, &text);
	buf_fmt(&text, ": %s, %u of %u completed", m->exit_code == 0 ? "done" : "ended",
	    m->totals.done, m->totals.agents);
	if (nr_failed(m))
		buf_fmt(&text, ", %u failed", nr_failed(m));
	call(n, t, has_bell, text.data);
	buf_release(&text);
}

static void say_person(const struct notice *n, struct tty *t, const struct view_model *m,
    const struct account *acc, bool has_bell)
{
	struct buf text = BUF_INIT;

	view_source_name(m->run, &text);
	buf_fmt(&text, ": %s needs you", acc->name);
	if (acc->gate.why)
		buf_fmt(&text, ": %s", acc->gate.why);
	call(n, t, has_bell, text.data);
	buf_release(&text);
}

bool notice_look(struct notice *n, struct tty *t, const struct view_model *m, bool has_bell)
{
	bool has_ended = m->exit_code >= 0 && n->exit_code < 0;
	const struct account *acc = limits_person(&view_listener(m)->state, NULL);

	n->exit_code = m->exit_code;
	if (has_ended) {
		n->titled_ms = NUM_NONE;
		say_end(n, t, m, has_bell);
	} else if (acc && !n->has_called) {
		n->has_called = true;
		say_person(n, t, m, acc, has_bell);
	}
	return has_ended;
}

void notice_title(struct notice *n, struct tty *t, const struct view_model *m)
{
	uint32_t nr = m->shown->state.nr_agents, done = m->counts[ROLE_COMPLETED];
	const struct solve *s = view_solve(m->run);
	char text[96];

	if (n->titled_ms != NUM_NONE && m->now.mono_ms - n->titled_ms < TITLE_EVERY_MS)
		return;
	n->titled_ms = m->now.mono_ms;
	if (s && s->phase != SOLVE_EXECUTING && m->exit_code < 0)
		snprintf(text, sizeof(text), "agent-batch %s, round %lld",
		    solve_phase_word(s->phase), (long long)s->round);
	else if (nr_failed(m))
		snprintf(text, sizeof(text), "agent-batch %u/%u %u fail", done, nr, nr_failed(m));
	else
		snprintf(text, sizeof(text), "agent-batch %u/%u", done, nr);
	tty_title(t, text);
}
