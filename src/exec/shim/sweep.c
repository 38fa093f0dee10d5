#include "exec/shim/sweep.h"
#include "exec/shim/text.h"
#include "exec/shim/tree.h"

#include <signal.h>
#include <string.h>

static void add_name(struct sweep_names *names, const struct procstat *ps)
{
	const size_t size = sizeof(names->text);

	if (names->is_cut)
		return;
	if (names->text[0])
		text_add(names->text, size, ", ");
	if (strlen(names->text) + sizeof(ps->comm) + sizeof("[4194304], ...") > size) {
		text_add(names->text, size, "...");
		names->is_cut = true;
		return;
	}
	text_add(names->text, size, ps->comm);
	text_add(names->text, size, "[");
	text_add_uint(names->text, size, (uint64_t)ps->pid, 1);
	text_add(names->text, size, "]");
}

static bool is_kept(const struct sweep *w, const struct procstat *ps)
{
	const char *at = w->keep;

	if (w->spares_nobody)
		return false;
	if (!at)
		return true;
	while (*at) {
		size_t len = strcspn(at, "\n");

		if (len && process_is_called(ps, at, len))
			return true;
		at += len + (at[len] == '\n');
	}
	return false;
}

/* A second TERM means "hurry, leave everything" to many programs. */
static bool is_first_time(struct sweep *w, pid_t pid)
{
	size_t i;

	for (i = 0; i < w->nr_seen; i++)
		if (w->seen[i] == pid)
			return false;
	if (w->nr_seen < SWEEP_SEEN_MAX)
		w->seen[w->nr_seen++] = pid;
	return true;
}

static bool sweep_one(void *ctx, const struct procstat *ps)
{
	struct sweep *w = ctx;

	if (is_kept(w, ps)) {
		if (is_first_time(w, ps->pid))
			add_name(&w->kept, ps);
		return false;
	}
	w->nr++;
	if (is_first_time(w, ps->pid)) {
		if (!w->spares_nobody)
			add_name(&w->ended, ps);
		if (!w->is_kill) {
			process_signal(ps, SIGTERM);
			process_signal(ps, SIGCONT); /* a stopped one cannot act on it */
		}
	}
	if (w->is_kill)
		process_signal(ps, SIGKILL);
	return true;
}

size_t sweep_all(struct sweep *w)
{
	w->nr = 0;
	tree_walk(sweep_one, w);
	return w->nr;
}

void sweep_text(const struct sweep *w, char out[SWEEP_TEXT_SIZE])
{
	out[0] = '\0';
	if (w->ended.text[0]) {
		text_add(out, SWEEP_TEXT_SIZE, w->ended.text);
		text_add(out, SWEEP_TEXT_SIZE, w->is_kill ? ": ended by KILL" : ": ended by TERM");
	}
	if (w->kept.text[0]) {
		text_add(out, SWEEP_TEXT_SIZE, out[0] ? "; " : "");
		text_add(out, SWEEP_TEXT_SIZE, w->kept.text);
		text_add(out, SWEEP_TEXT_SIZE, ": kept");
	}
}
