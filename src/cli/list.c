/* list: the batches of a batches directory, newest first. */
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/paint.h"
#include "cli/print.h"
#include "formats/jsonw.h"
#include "formats/run_reader.h"
#include "view/text/sanitize.h"
#include "view/shown.h"
#include "view/solve_words.h"

#include <stdlib.h>
#include <string.h>

static bool is_live(enum run_state s)
{
	return s != RUN_FINISHED && s != RUN_STOPPED && s != RUN_INTERRUPTED;
}

static const char *run_of(const struct batch_reader *r)
{
	const char *original = r->manifest.retry.original_batch;

	return *original ? original : r->dir.name;
}

/* The original of a run with roles stands for it: its rows may be done, and the run not. */
static void add_solve(const struct batch *b, struct buf *out)
{
	const struct solve *s = &b->solve;
	const struct solve_verdict *v = solve_last_verdict(s);

	if (!s->is_told)
		return;
	if (s->phase == SOLVE_DONE)
		buf_fmt(out, ": %s", v && solve_verdict_passed(v) ? "passed" : "not passed");
	else
		buf_fmt(out, ": %s%s", solve_phase_name(s->phase),
		    s->is_stopped ? ", stopped" : "");
}

static void add_line(const struct batch_reader *r, int name_cols, bool color, struct buf *out)
{
	const struct batch *b = &r->state;
	enum run_state state = batch_reader_state(r);
	const char *source = r->manifest.source_csv ? r->manifest.source_csv : "";
	const char *slash = strrchr(source, '/');

	buf_fmt(out, "%-*s %-11s %u/%u completed", name_cols, r->dir.name, run_state_name(state),
	    b->counts[AGENT_COMPLETED], b->nr_agents);
	if (b->counts[AGENT_FAILED] > 0) {
		buf_str(out, "  ");
		shown_color(ROLE_FAILED, color, out);
		buf_fmt(out, "%u failed", b->counts[AGENT_FAILED]);
		shown_color_end(color, out);
	}
	if (b->cycle > 0)
		buf_fmt(out, "  cycle %lld of %s", (long long)b->cycle, run_of(r));
	if (b->branch) {
		buf_str(out, "  branch ");
		sanitize_line(out, b->branch);
	}
	buf_str(out, "  ");
	sanitize_line(out, slash ? slash + 1 : source);
	add_solve(b, out);
	buf_ch(out, '\n');
}

static void add_object(const struct batch_reader *r, struct jsonw *w)
{
	const struct batch *b = &r->state;
	int s;

	jsonw_object(w);
	jsonw_kstr(w, "batch", r->dir.name);
	jsonw_kstr(w, "run", run_of(r));
	jsonw_kstr(w, "path", r->dir.path);
	jsonw_kstr(w, "state", run_state_name(batch_reader_state(r)));
	jsonw_kint(w, "cycle", b->cycle);
	if (b->solve.is_told) {
		jsonw_kstr(w, "phase", solve_phase_name(b->solve.phase));
		jsonw_kbool(w, "stopped", b->solve.is_stopped);
	}
	if (b->branch)
		jsonw_kstr(w, "branch", b->branch);
	jsonw_kstr(w, "source_csv", r->manifest.source_csv);
	jsonw_key(w, "created");
	if (b->started_t == NUM_NONE)
		jsonw_null(w);
	else
		jsonw_ms(w, b->started_t);
	jsonw_key(w, "counts");
	jsonw_object(w);
	for (s = 0; s < AGENT__COUNT; s++)
		jsonw_kint(w, status_name((enum agent_status)s), b->counts[s]);
	jsonw_end(w, '}');
	jsonw_end(w, '}');
}

/* One batch; 0 also where it cannot be read, which is said and costs nobody else their line. */
static void list_one(const struct cli_args *args, const char *batches, const char *name,
    int name_cols, struct jsonw *w, struct buf *out)
{
	char *path = xasprintf("%s/%s", batches, name);
	struct batch_reader r;
	struct err err = ERR_INIT;

	if (batch_reader_open(&r, path, &err) < 0) {
		note("%s", err.msg);
	} else {
		if (!args->front.running || is_live(batch_reader_state(&r))) {
			if (args->front.json)
				add_object(&r, w);
			else
				add_line(&r, name_cols, paint_has_color(args->front.color), out);
		}
		batch_reader_close(&r);
	}
	free(path);
}

/* The widest: "-2" stands behind the second name of a second. */
static int name_columns(char *const *names, size_t nr)
{
	size_t i, cols = strlen("batch-YYYYMMDD-HHMMSS");

	for (i = 0; i < nr; i++)
		if (strlen(names[i]) > cols)
			cols = strlen(names[i]);
	return (int)cols;
}

static void list_all(const struct cli_args *args, const char *batches, char *const *names,
    size_t nr)
{
	struct buf out = BUF_INIT;
	struct jsonw w;
	int name_cols = name_columns(names, nr);
	size_t i;

	jsonw_init(&w, &out, 0);
	if (args->front.json)
		jsonw_array(&w);
	print_buf(&out);
	buf_reset(&out);
	for (i = nr; i-- > 0 && !print_is_broken();) {
		list_one(args, batches, names[i], name_cols, &w, &out);
		print_buf(&out);
		buf_reset(&out);
	}
	if (args->front.json)
		print_mem("]\n", 2);
	buf_release(&out);
}

int cmd_list(struct cli_args *args)
{
	char *batches = batches_dir_path(args->front.dir);
	char **names = NULL;
	size_t nr = 0, i;
	struct err err = ERR_INIT;
	int rc = 0;

	if (args->nr_words > 0)
		rc = fail(EXIT_USAGE, "list: takes no '%s'", args->words[0]);
	else if (batch_dir_list(batches, &names, &nr, &err) < 0)
		rc = fail(EXIT_SOME_FAILED, "%s", err.msg);
	else
		list_all(args, batches, names, nr);
	if (rc == 0 && nr == 0)
		note("no batch in '%s' yet", batches);
	for (i = 0; i < nr; i++)
		free(names[i]);
	free(names);
	free(batches);
	return rc ? rc : print_status();
}
