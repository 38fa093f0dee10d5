#include "engine/fill.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "engine/kept.h"
#include "exec/profiles.h"
#include "exec/template.h"
#include "formats/task_paths.h"
#include "formats/tasks_csv.h"
#include "model/branch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void argv_add(struct argv *a, char *word)
{
	VEC_GROW(a->v, a->nr, a->cap);
	a->v[a->nr++] = word;
}

static void env_remove(struct argv *env, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < env->nr; i++) {
		if (strncmp(env->v[i], name, len) != 0 || env->v[i][len] != '=')
			continue;
		free(env->v[i]);
		env->v[i--] = env->v[--env->nr];
	}
}

void env_set(struct argv *env, const char *name, const char *value)
{
	env_remove(env, name);
	if (value)
		argv_add(env, xasprintf("%s=%s", name, value));
}

/* ---- what placeholders stand for ------------------------------------------ */

/* Calls `one` for each context path behind the first, then for what is attached to the problem that the
 * row is of, until it returns less than 0. */
static int other_contexts(struct filling *f, int (*one)(void *ctx, char *path), void *ctx)
{
	const char *s = task_get(f->tasks, f->task, COL_CONTEXT_PATH);
	const char *part;
	size_t len, i;
	int rc = 0;

	(void)task_next_part(&s, &len);
	while (rc == 0 && (part = task_next_part(&s, &len))) {
		struct buf path = BUF_INIT;

		if (len == 0)
			continue;
		path_resolve(&path, task_base_dir(f->options), part, len);
		rc = one(ctx, buf_detach(&path));
	}
	for (i = 0; rc == 0 && i < f->options->attachments.nr; i++)
		rc = one(ctx, xstrdup(f->options->attachments.v[i]));
	return rc;
}

static int join_path(void *ctx, char *path)
{
	struct buf *b = ctx;

	if (b->len)
		buf_ch(b, ' ');
	buf_str(b, path);
	free(path);
	return 0;
}

char *fill_task_text(const struct options *o, const struct batch_dir *dir, const struct tasks *ts,
    const struct task *t)
{
	char *text = dir ? kept_fill_task(dir, ts, t) : NULL, *prompt;

	if (!o->task_template)
		return text;
	prompt = branch_fill_task(o->task_template, text ? text : task_get(ts, t, COL_TASK));
	free(text);
	return prompt;
}

void filling_init(struct filling *f, const struct filling_opts *opts)
{
	const char *dir = opts->dir ? opts->dir->path : "";
	struct buf contexts = BUF_INIT;

	*f = (struct filling){
	    .options = opts->options,
	    .tasks = opts->tasks,
	    .task = &opts->tasks->v[opts->row],
	    .session = opts->session,
	    .dir = opts->dir && opts->dir->fd >= 0 ? opts->dir : NULL,
	    .met = opts->met,
	    .result = BUF_INIT,
	};
	f->task_text = fill_task_text(f->options, f->dir, f->tasks, f->task);
	f->task_file =
	    xasprintf("%s/" ATTEMPTS_NAME "/%s.%u.task", dir, f->task->id, (unsigned)opts->n);
	f->answer_file =
	    xasprintf("%s/" ATTEMPTS_NAME "/%s.%u.answer", dir, f->task->id, (unsigned)opts->n);
	other_contexts(f, join_path, &contexts);
	f->context = f->context_dir = f->contexts = buf_detach(&contexts);
}

void filling_release(struct filling *f)
{
	free(f->task_file);
	free(f->answer_file);
	free(f->feedback);
	free(f->contexts);
	free(f->task_text);
	buf_release(&f->result);
}

/* The result of one that this row depends on, nothing for any other row; NULL: there is no such row.
 */
static const char *result_of(struct filling *f, const char *id)
{
	bool is_parent = task_depends_on(f->tasks, f->task, id);

	if (!is_parent && f->met && tasks_find(f->tasks, id) == MAP_NONE &&
	    !f->met->is_met(f->met->ctx, id))
		return NULL;
	buf_reset(&f->result);
	if (is_parent && f->dir)
		kept_text(f->dir, f->task, id, &f->result);
	return f->result.data;
}

static const char *value_of(struct filling *f, const char *name)
{
	if (strncmp(name, "result:", 7) == 0)
		return result_of(f, name + 7);
	if (f->task_text && task_column_from_name(name) == COL_TASK)
		return f->task_text;
	if (strcmp(name, "task_file") == 0)
		return f->task_file;
	if (strcmp(name, "answer_file") == 0)
		return f->answer_file;
	if (strcmp(name, "id") == 0)
		return f->task->id;
	if (strcmp(name, "context") == 0)
		return f->context;
	if (strcmp(name, "context_dir") == 0)
		return f->context_dir;
	if (strcmp(name, "session") == 0)
		return f->session ? f->session : "";
	if (strcmp(name, "feedback") == 0)
		return f->feedback ? f->feedback : "";
	if (strcmp(name, "libexec") == 0)
		return libexec_dir();
	return task_get_named(f->tasks, f->task, name);
}

static const char *look_up(void *ctx, const char *name)
{
	struct filling *f = ctx;
	const char *value = value_of(f, name);

	if (value && !*value)
		f->found_nothing = true;
	return value;
}

char *fill_word(struct filling *f, const char *word, struct err *err)
{
	return template_fill(word, look_up, f, err);
}

/* ---- words and groups ------------------------------------------------------ */

static int add_path(void *ctx, char *path)
{
	argv_add(ctx, path);
	return 0;
}

/* All of the group's words, or none where a placeholder comes to nothing. */
static int fill_group_once(struct filling *f, const struct profile_word *v, size_t nr,
    struct argv *out, struct err *err)
{
	size_t i, before = out->nr;

	f->found_nothing = false;
	for (i = 0; i < nr; i++) {
		char *word = fill_word(f, v[i].text, err);

		if (!word)
			return -1;
		argv_add(out, word);
	}
	while (f->found_nothing && out->nr > before)
		free(out->v[--out->nr]);
	return 0;
}

struct group {
	struct filling *f;
	const struct profile_word *v;
	size_t nr;
	struct argv *out;
	struct err *err;
};

/* The path, of a file the directory that it is in. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (!slash || slash == path || stat(path, &st) < 0 || S_ISDIR(st.st_mode))
		return xstrdup(path);
	return xstrndup(path, (size_t)(slash - path));
}

static int fill_group_for(void *ctx, char *path)
{
	struct group *g = ctx;
	char *dir = directory_of(path);
	int rc;

	g->f->context = path;
	g->f->context_dir = dir;
	rc = fill_group_once(g->f, g->v, g->nr, g->out, g->err);
	g->f->context = g->f->context_dir = g->f->contexts;
	free(dir);
	free(path);
	return rc;
}

static int fill_group(struct group *g)
{
	struct profile_words words = {(struct profile_word *)g->v, g->nr, 0};

	/* Without another path it is left out, but looked through for names that are unknown. */
	if (!*g->f->contexts || !(words_use(&words, "context") || words_use(&words, "context_dir")))
		return fill_group_once(g->f, g->v, g->nr, g->out, g->err);
	return other_contexts(g->f, fill_group_for, g);
}

static int fill_alone(struct filling *f, const char *text, struct argv *out, struct err *err)
{
	char *word;

	if (strcmp(text, "{context}") == 0)
		return other_contexts(f, add_path, out);
	word = fill_word(f, text, err);
	if (!word)
		return -1;
	argv_add(out, word);
	return 0;
}

int fill_words(struct filling *f, const struct profile_words *words, struct argv *out,
    struct err *err)
{
	size_t i = 0, from;

	while (i < words->nr) {
		unsigned group = words->v[i].group;
		struct group g = {.f = f, .v = &words->v[i], .out = out, .err = err};

		if (group == 0) {
			if (fill_alone(f, words->v[i++].text, out, err) < 0)
				return -1;
			continue;
		}
		for (from = i; i < words->nr && words->v[i].group == group; i++)
			;
		g.nr = i - from;
		if (fill_group(&g) < 0)
			return -1;
	}
	argv_add(out, NULL);
	return 0;
}

/* ---- lists of words -------------------------------------------------------- */

/* Groups are numbered anew, so that those of two lists stay apart. */
static void append(struct profile_words *out, const struct profile_words *words, unsigned *groups)
{
	unsigned last = 0;
	size_t i;

	for (i = 0; i < words->nr; i++) {
		struct profile_word word = words->v[i];

		if (word.group && word.group != last)
			(*groups)++;
		last = word.group;
		if (word.group)
			word.group = *groups;
		VEC_GROW(out->v, out->nr, out->cap);
		out->v[out->nr++] = word;
	}
}

void words_of_profile(struct profile_words *out, const struct profile *p, bool unattended,
    bool resumes)
{
	static const struct profile_words nothing;
	const struct profile_words *permissions = unattended ? &p->unattended : &p->edits;
	const struct profile_words *resume = resumes ? &p->resume : &nothing;
	bool has_permissions = false, has_resume = false;
	unsigned groups = 0;
	size_t i, from;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < p->command.nr; i = from) {
		const char *text = p->command.v[i].text;
		struct profile_words part = {&p->command.v[i], 1, 0};

		for (from = i + 1; p->command.v[i].group && from < p->command.nr &&
		     p->command.v[from].group == p->command.v[i].group;
		     from++)
			part.nr++;
		if (strcmp(text, WORD_PERMISSIONS) == 0) {
			append(out, permissions, &groups);
			has_permissions = true;
		} else if (strcmp(text, WORD_RESUME) == 0) {
			append(out, resume, &groups);
			has_resume = true;
		} else {
			append(out, &part, &groups);
		}
	}
	if (!has_permissions)
		append(out, permissions, &groups);
	if (!has_resume)
		append(out, resume, &groups);
}

void words_of_list(struct profile_words *out, char *const *v, size_t nr)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < nr; i++) {
		VEC_GROW(out->v, out->nr, out->cap);
		out->v[out->nr++] = (struct profile_word){v[i], 0};
	}
}

bool words_use(const struct profile_words *words, const char *name)
{
	size_t i;

	for (i = 0; i < words->nr; i++)
		if (template_uses(&words->v[i].text, 1, name))
			return true;
	return false;
}
