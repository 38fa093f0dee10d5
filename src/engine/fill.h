/* What placeholders stand for in one row's commands, and words filled by them. */
#ifndef AB_ENGINE_FILL_H
#define AB_ENGINE_FILL_H

#include "base/buf.h"
#include "base/err.h"
#include "formats/batch_dir.h"
#include "model/options.h"
#include "model/graph.h"
#include "model/profile.h"
#include "model/task.h"

#include <stdbool.h>
#include <stdint.h>

struct filling {
	const struct options *options; /* all borrowed */
	const struct tasks *tasks;
	const struct task *task;
	const char *session; /* {session}; NULL: a fresh one, it comes to nothing */
	char *task_file, *answer_file; /* owned */
	char *task_text; /* with results of parents or feedback in it; owned; NULL: as
			  * the row has it */
	const struct batch_dir *dir; /* where they lie; NULL: nothing is made yet */
	const struct graph_met *met; /* rows outside of the file, or NULL */
	struct buf result; /* what {result:ID} stood for last */
	char *feedback; /* what the attempt is told of the one before; owned; NULL: nothing */
	char *contexts; /* the other context paths, joined by spaces; owned */
	const char *context; /* what {context} stands for now */
	const char *context_dir; /* and {context_dir} */
	bool found_nothing; /* a placeholder came to nothing since this was last set to false */
};

struct filling_opts {
	const struct options *options; /* borrowed, as long as the filling */
	const struct tasks *tasks;
	const struct batch_dir *dir; /* NULL: nothing is made yet */
	const struct graph_met *met; /* who knows ids that the file lacks; NULL: nobody is asked */
	uint32_t row, n;
	const char *session;
};

/* The row's prompt with results of parents and the branch's template in it, malloc'ed; NULL: it is as
 * the row has it. `dir` may be NULL. */
char *fill_task_text(const struct options *o, const struct batch_dir *dir, const struct tasks *ts,
    const struct task *t);

void filling_init(struct filling *f, const struct filling_opts *opts);
void filling_release(struct filling *f);

/* A growing list of owned words, for argv and environments. */
struct argv {
	char **v;
	size_t nr, cap;
};

/* Takes ownership of the word; NULL ends a list. */
void argv_add(struct argv *a, char *word);

/* Of an environment, "NAME=VALUE": takes the variable out, and puts it in where a value is given. */
void env_set(struct argv *env, const char *name, const char *value);

/* One word, malloc'ed; NULL with err set. */
char *fill_word(struct filling *f, const char *word, struct err *err);

/* Adds the words, and a NULL at the end. A word that is {context} alone becomes as many words as
 * there are other paths, also none; groups are as model/profile.h says. On failure what was added
 * stays, without the NULL. */
int fill_words(struct filling *f, const struct profile_words *words, struct argv *out,
    struct err *err);

/* The words of a profile in one list, permissions and resumption in their places. The texts are
 * the profile's; the caller frees out->v. */
void words_of_profile(struct profile_words *out, const struct profile *p, bool unattended,
    bool resumes);
/* The same of plain words, which are borrowed. */
void words_of_list(struct profile_words *out, char *const *v, size_t nr);
/* Whether a placeholder is used in one of them. */
bool words_use(const struct profile_words *words, const char *name);

#endif
