#include "formats/health_run.h"
#include "base/xalloc.h"
#include "formats/task_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEWEST 100 /* batches that are looked at */
#define NAMED 5 /* of those with one fault */
#define LOG_LARGE_BYTES ((off_t)1 << 30)

/* ---- one batch ---------------------------------------------------------- */

static void check_manifest(const struct batch_reader *b, struct findings *f)
{
	struct manifest m;
	struct err err = ERR_INIT;

	if (manifest_read(b->dir.fd, &m, &err) == 0)
		manifest_release(&m);
	else
		findings_add(f, FINDING_WARN, "manifest",
		    "nothing: it is rebuilt from the journal when the run is conducted again",
		    "%s: %s", b->dir.name, err.msg);
}

static void check_journal(const struct batch_reader *b, struct findings *f)
{
	struct stat st;

	if (fstatat(b->dir.fd, JOURNAL_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0)
		findings_add(f, FINDING_BAD, "journal", "launch its tasks.csv again",
		    "%s has no %s: what became of it is not known", b->dir.name, JOURNAL_NAME);
	if (b->journal.nr_skipped > 0)
		findings_add(f, FINDING_WARN, "journal",
		    "nothing: the rest counts, and rows without a trace go into the next cycle",
		    "%s: %llu line%s of the journal cannot be read", b->dir.name,
		    (unsigned long long)b->journal.nr_skipped,
		    b->journal.nr_skipped == 1 ? "" : "s");
	if (b->state.nr_unknown > 0)
		findings_add(f, FINDING_NOTE, "journal", NULL,
		    "%s: %llu event%s of a newer version, or of no row, passed over", b->dir.name,
		    (unsigned long long)b->state.nr_unknown, b->state.nr_unknown == 1 ? "" : "s");
}

static void check_modes(const struct batch_reader *b, struct findings *f)
{
	char *advice;
	struct stat st;

	if (fstat(b->dir.fd, &st) < 0 || (st.st_mode & 077) == 0)
		return;
	advice = xasprintf("chmod 700 '%s'", b->dir.path);
	findings_add(f, FINDING_WARN, "modes", advice,
	    "%s is open to others (%03o): tasks and logs may hold what is not theirs to read",
	    b->dir.name, (unsigned)(st.st_mode & 0777));
	free(advice);
}

static void check_writable(const struct batch_reader *b, struct findings *f)
{
	struct err err = ERR_INIT;

	if (batch_reader_check_writable(b, &err) < 0)
		findings_add(f, FINDING_WARN, "version", "use that version to go on", "%s",
		    err.msg);
}

/* Directories of rows that may start again. */
static void check_rows(const struct batch_reader *b, struct findings *f)
{
	uint32_t i, nr_gone = 0, nr_large = 0;
	char *first = NULL;

	for (i = 0; i < b->state.nr_agents; i++) {
		const struct agent *a = &b->state.agents[i];
		char name[LOG_NAME_SIZE];
		struct stat st;
		char *dir;

		batch_log_name(a->task->id, name);
		nr_large += fstatat(b->dir.fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_size > LOG_LARGE_BYTES;
		if (a->status == AGENT_COMPLETED || a->status == AGENT_CANCELLED)
			continue;
		dir = task_directory(&b->manifest.options, &b->tasks, a->task);
		if (access(dir, X_OK) < 0 && nr_gone++ == 0)
			first = xstrdup(dir);
		free(dir);
	}
	if (nr_gone > 0)
		findings_add(f, FINDING_WARN, "context",
		    "make it again, or the rows end by class config",
		    "%s: the directory of %u row%s is gone: '%s'%s", b->dir.name, nr_gone,
		    nr_gone == 1 ? "" : "s", first, nr_gone > 1 ? " and others" : "");
	if (nr_large > 0)
		findings_add(f, FINDING_NOTE, "logs", NULL, "%s: %u log%s of more than 1 GiB",
		    b->dir.name, nr_large, nr_large == 1 ? "" : "s");
	free(first);
}

static void check_end(const struct run_reader *run, struct findings *f)
{
	const struct batch_reader *last = run_reader_last(run);
	enum run_state state = run_reader_state(run);
	const char *name = run->batches[0]->dir.name;
	char *advice = xasprintf("agent-batch resume %s", name);
	bool is_open = state == RUN_INTERRUPTED || state == RUN_STOPPED;

	findings_add(f, state == RUN_INTERRUPTED ? FINDING_WARN : FINDING_OK, "run",
	    is_open ? advice : NULL, "%s is %s%s", name, run_state_name(state),
	    state == RUN_INTERRUPTED ? ": nobody conducts it" : "");
	if (last->state.end == END_NONE && last->state.nr_running > 0 && !last->is_held)
		findings_add(f, FINDING_NOTE, "run", advice,
		    "%u agent%s ran when its conductor went, and may still run",
		    last->state.nr_running, last->state.nr_running == 1 ? "" : "s");
	free(advice);
}

void health_of_run(const struct run_reader *run, struct findings *f)
{
	size_t i;

	check_end(run, f);
	for (i = 0; i < run->nr; i++) {
		const struct batch_reader *b = run->batches[i];

		check_manifest(b, f);
		check_journal(b, f);
		check_modes(b, f);
		check_writable(b, f);
	}
	check_rows(run_reader_last(run), f);
}

/* ---- all of them -------------------------------------------------------- */

struct survey {
	unsigned nr_interrupted, nr_broken, nr_seen;
	struct buf interrupted, broken; /* the first names */
};

static void add_name(struct buf *names, unsigned *nr, const char *name)
{
	if (++*nr > NAMED)
		return;
	buf_fmt(names, "%s%s", names->len ? ", " : "", name);
}

static void look_at(struct survey *s, const char *batches_dir, const char *name)
{
	char *path = xasprintf("%s/%s", batches_dir, name);
	struct batch_reader b;

	s->nr_seen++;
	if (batch_reader_open(&b, path, NULL) < 0) {
		add_name(&s->broken, &s->nr_broken, name);
	} else {
		if (batch_reader_state(&b) == RUN_INTERRUPTED)
			add_name(&s->interrupted, &s->nr_interrupted, name);
		batch_reader_close(&b);
	}
	free(path);
}

static void tell(const struct survey *s, struct findings *f)
{
	if (s->nr_interrupted > 0)
		findings_add(f, FINDING_WARN, "batches", "agent-batch resume NAME",
		    "%u interrupted, nobody conducts %s: %s%s", s->nr_interrupted,
		    s->nr_interrupted == 1 ? "it" : "them", s->interrupted.data,
		    s->nr_interrupted > NAMED ? ", ..." : "");
	if (s->nr_broken > 0)
		findings_add(f, FINDING_WARN, "batches", "look into it, or remove it",
		    "%u cannot be read: %s%s", s->nr_broken, s->broken.data,
		    s->nr_broken > NAMED ? ", ..." : "");
	if (s->nr_interrupted == 0 && s->nr_broken == 0)
		findings_add(f, FINDING_OK, "batches", NULL, "%u looked at, none interrupted",
		    s->nr_seen);
}

void health_of_batches(const char *batches_dir, struct findings *f)
{
	struct survey s = {.interrupted = BUF_INIT, .broken = BUF_INIT};
	char **names = NULL;
	size_t nr = 0, i;
	struct err err = ERR_INIT;

	if (access(batches_dir, F_OK) < 0 && errno == ENOENT)
		return;
	if (batch_dir_list(batches_dir, &names, &nr, &err) < 0)
		findings_add(f, FINDING_BAD, "batches", NULL, "%s", err.msg);
	for (i = nr; i-- > 0;) {
		if (s.nr_seen < NEWEST)
			look_at(&s, batches_dir, names[i]);
		free(names[i]);
	}
	free(names);
	tell(&s, f);
	buf_release(&s.interrupted);
	buf_release(&s.broken);
}
