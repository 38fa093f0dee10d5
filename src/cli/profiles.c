/* profiles: which there are, whether their programs are here, and what one of them runs. */
#include "exec/profiles.h"
#include "exec/shared_patterns.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/print.h"
#include "engine/fill.h"
#include "exec/account_env.h"
#include "formats/jsonw.h"
#include "view/text/sanitize.h"
#include "view/text/duration.h"

#include <stdlib.h>
#include <string.h>

/* ---- accounts ----------------------------------------------------------- */

/* What it is taken from, and whether it is there: never what it is. */
static void add_account(struct buf *out, const struct config_account *a, const char *title)
{
	struct account_env env = {.account = NULL};
	struct err err = ERR_INIT;
	size_t i;

	buf_fmt(out, "%-12s %s:", title, a->name);
	for (i = 0; i < a->nr; i++) {
		struct buf text = BUF_INIT;

		account_assign_text(&a->v[i], &text);
		buf_str(out, i ? ", " : " ");
		sanitize_line(out, text.data);
		buf_release(&text);
	}
	if (a->nr == 0)
		buf_str(out, " as the environment is, less what the others set");
	buf_ch(out, '\n');
	if (account_env_read(&env, a, &err) < 0) {
		buf_fmt(out, "%-12s   not ready: ", "");
		sanitize_line(out, err.msg);
		buf_ch(out, '\n');
	}
	account_env_release(&env);
}

static void add_accounts(struct buf *out, const struct config *config, const char *profile)
{
	const char *title = "accounts";
	size_t i;

	for (i = 0; config && i < config->json.nr_accounts; i++) {
		if (strcmp(config->json.accounts[i].profile, profile) != 0)
			continue;
		add_account(out, &config->json.accounts[i], title);
		title = "";
	}
}

static void put_accounts(struct jsonw *w, const struct config *config, const char *profile)
{
	size_t i;

	jsonw_key(w, "accounts");
	jsonw_array(w);
	for (i = 0; config && i < config->json.nr_accounts; i++) {
		const struct config_account *a = &config->json.accounts[i];
		struct account_env env = {.account = NULL};

		if (strcmp(a->profile, profile) != 0)
			continue;
		jsonw_object(w);
		jsonw_kstr(w, "name", a->name);
		jsonw_kbool(w, "ready", account_env_read(&env, a, NULL) == 0);
		jsonw_end(w, '}');
		account_env_release(&env);
	}
	jsonw_end(w, ']');
}

/* ---- all of them -------------------------------------------------------- */

static void add_row(const struct profile *p, struct buf *out)
{
	char *program = profile_program(p);

	buf_fmt(out, "%-12s %-9s ", p->name, program ? "yes" : "no");
	if (profile_is_ours(p))
		buf_fmt(out, "%-8s ", "shipped");
	else
		buf_fmt(out, "%-8s ", "yours");
	sanitize_line(out, p->description ? p->description : p->path);
	buf_ch(out, '\n');
	free(program);
}

/* As in the profile's file. */
static void add_codes_object(const struct profile *p, struct jsonw *w)
{
	char code[16];
	size_t i;

	jsonw_key(w, "success_codes");
	jsonw_array(w);
	for (i = 0; i < p->nr_success_codes; i++)
		jsonw_int(w, p->success_codes[i]);
	jsonw_end(w, ']');
	jsonw_key(w, "exit_codes");
	jsonw_object(w);
	for (i = 0; i < p->nr_exit_codes; i++) {
		snprintf(code, sizeof(code), "%d", p->exit_codes[i].code);
		jsonw_kstr(w, code, class_name(p->exit_codes[i].class));
	}
	jsonw_end(w, '}');
}

static void add_object(const struct profile *p, const struct config *config, struct jsonw *w)
{
	char *program = profile_program(p);

	jsonw_object(w);
	jsonw_kstr(w, "name", p->name);
	jsonw_kstr(w, "description", p->description);
	jsonw_kstr(w, "path", p->path);
	jsonw_kbool(w, "shipped", profile_is_ours(p));
	jsonw_kstr(w, "program", p->command.v[0].text);
	jsonw_kstr(w, "program_path", program);
	jsonw_kbool(w, "resumes", p->resume.nr > 0);
	add_codes_object(p, w);
	put_accounts(w, config, p->name);
	jsonw_end(w, '}');
	free(program);
}

/* One that is wrong is told and does not keep the others from being listed. */
static int list_all(const struct cli_args *args, const char *const *names, size_t nr)
{
	bool json = args->front.json;
	struct buf out = BUF_INIT;
	struct jsonw w;
	int rc = 0;
	size_t i;

	jsonw_init(&w, &out, 0);
	if (json)
		jsonw_array(&w);
	else
		buf_fmt(&out, "%-12s %-9s %-8s %s\n", "NAME", "INSTALLED", "FROM", "WHAT");
	for (i = 0; i < nr; i++) {
		struct err err = ERR_INIT;
		struct profile p;

		if (profile_load(names[i], &p, &err) != 0) {
			rc = fail(EXIT_USAGE, "%s", err.msg);
			continue;
		}
		if (json)
			add_object(&p, args->config, &w);
		else
			add_row(&p, &out);
		profile_release(&p);
	}
	if (json) {
		jsonw_end(&w, ']');
		buf_ch(&out, '\n');
	}
	print_buf(&out);
	buf_release(&out);
	return rc ? rc : print_status();
}

/* ---- one ---------------------------------------------------------------- */

static void add_word(struct buf *out, const char *word)
{
	bool needs_quotes = !*word || strpbrk(word, " \t\n'\"\\$`|&;<>()*?[]#~!") != NULL;

	buf_str(out, needs_quotes ? "'" : "");
	sanitize_line(out, word);
	buf_str(out, needs_quotes ? "'" : "");
}

static bool is_repeated(const struct profile_words *words, size_t from)
{
	size_t i;

	for (i = from; i < words->nr && words->v[i].group == words->v[from].group; i++)
		if (strstr(words->v[i].text, "{context}") ||
		    strstr(words->v[i].text, "{context_dir}"))
			return true;
	return false;
}

/* Groups in brackets, as a usage line has what may be left out. */
static void add_command(struct buf *out, const struct profile *p, bool unattended, bool resumes)
{
	struct profile_words words;
	unsigned group = 0;
	size_t i, first = 0;

	words_of_profile(&words, p, unattended, resumes);
	for (i = 0; i < words.nr; i++) {
		unsigned now = words.v[i].group;

		if (group && now != group)
			buf_str(out, is_repeated(&words, first) ? "]..." : "]");
		buf_str(out, i ? " " : "");
		if (now && now != group) {
			buf_ch(out, '[');
			first = i;
		}
		add_word(out, words.v[i].text);
		group = now;
	}
	if (group)
		buf_str(out, is_repeated(&words, first) ? "]..." : "]");
	if (p->task_on_stdin)
		buf_str(out, " < task");
	buf_ch(out, '\n');
	free(words.v);
}

static void add_vars(struct buf *out, const char *title, const struct profile_vars *vars)
{
	size_t i;

	for (i = 0; i < vars->nr; i++) {
		buf_fmt(out, "%-12s ", i ? "" : title);
		sanitize_line(out, vars->v[i].name);
		if (vars->v[i].value) {
			buf_ch(out, '=');
			add_word(out, vars->v[i].value);
		} else {
			buf_str(out, " is taken out");
		}
		buf_ch(out, '\n');
	}
}

static void add_place(struct buf *out, const char *type, const char *field)
{
	sanitize_line(out, type);
	buf_str(out, ", field ");
	sanitize_line(out, field);
	buf_ch(out, '\n');
}

static void add_event(struct buf *out, const char *title, const struct profile_event *e)
{
	if (!e->type)
		return;
	buf_fmt(out, "%-12s in events of type ", title);
	add_place(out, e->type, e->field);
}

static void add_codes(struct buf *out, const struct profile *p)
{
	size_t i;

	if (p->nr_success_codes) {
		buf_fmt(out, "%-12s by exit status 0", "success");
		for (i = 0; i < p->nr_success_codes; i++)
			buf_fmt(out, ", %d", p->success_codes[i]);
		buf_ch(out, '\n');
	}
	for (i = 0; i < p->nr_exit_codes; i++)
		buf_fmt(out, "%-12s %d is %s\n", i ? "" : "exit status", p->exit_codes[i].code,
		    class_name(p->exit_codes[i].class));
}

static void add_answer(struct buf *out, const struct profile_answer *a)
{
	buf_fmt(out, "%-12s ", "answer");
	switch (a->way) {
	case ANSWER_EVENTS:
		buf_str(out, "in the JSON events it prints\n");
		return;
	case ANSWER_EVENT:
		buf_str(out, "in the last event of type ");
		add_place(out, a->type, a->field);
		return;
	case ANSWER_TEXT:
		buf_str(out, "in the text it prints\n");
		return;
	case ANSWER_FILE:
		buf_str(out, "in the file it writes, else in the JSON events it prints\n");
		return;
	case ANSWER_NONE:
		buf_str(out, "none\n");
		return;
	}
}

static void add_seconds(struct buf *out, const char *title, double seconds)
{
	char text[DURATION_SIZE];

	if (seconds <= 0)
		return;
	duration_text((int64_t)(seconds * 1000), text);
	buf_fmt(out, "%-12s %s\n", title, text);
}

static void add_profile(struct buf *out, const struct profile *p, const struct config *config)
{
	char *program = profile_program(p);

	buf_fmt(out, "%-12s ", "profile");
	sanitize_line(out, p->name);
	if (p->description) {
		buf_str(out, ": ");
		sanitize_line(out, p->description);
	}
	buf_fmt(out, "\n%-12s ", "file");
	sanitize_line(out, p->path);
	if (p->base) {
		buf_str(out, ", on top of ");
		sanitize_line(out, p->base);
	}
	buf_fmt(out, "\n%-12s ", "program");
	sanitize_line(out, program ? program : "(not on the PATH)");
	buf_fmt(out, "\n%-12s ", "runs");
	add_command(out, p, false, false);
	buf_fmt(out, "%-12s ", "unattended");
	add_command(out, p, true, false);
	if (p->resume.nr) {
		buf_fmt(out, "%-12s ", "goes on");
		add_command(out, p, false, true);
	}
	add_vars(out, "environment", &p->env);
	add_vars(out, "unattended", &p->unattended_env);
	add_answer(out, &p->answer);
	add_event(out, "error", &p->error);
	add_event(out, "session", &p->session);
	add_codes(out, p);
	add_seconds(out, "timeout", p->timeout_s);
	add_seconds(out, "stall", p->stall_s);
	add_seconds(out, "silent wait", p->silent_wait_s);
	if (p->nr_patterns)
		buf_fmt(out, "%-12s %zu of its own\n", "patterns", p->nr_patterns);
	add_accounts(out, config, p->name);
	free(program);
}

static int show_one(const char *name, const struct config *config)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct profile p;

	if (profile_load(name, &p, &err) != 0)
		return fail(EXIT_USAGE, "%s", err.msg);
	add_profile(&out, &p, config);
	print_buf(&out);
	buf_release(&out);
	profile_release(&p);
	return print_status();
}

/* ---- checking ----------------------------------------------------------- */

/* What all of them share. */
static size_t check_patterns(void)
{
	struct err err = ERR_INIT;
	char *files[2];
	int nr = shared_patterns_check(files, &err), i;

	if (nr < 0)
		note("%s", err.msg);
	for (i = 0; i < nr; i++) {
		print_fmt("%s: ok\n", files[i]);
		free(files[i]);
	}
	return nr < 0;
}

static int check(const char *const *names, size_t nr, bool with_patterns)
{
	size_t i, wrong = 0, wrong_patterns = with_patterns ? check_patterns() : 0;

	for (i = 0; i < nr; i++) {
		struct err err = ERR_INIT;
		struct profile p;

		if (profile_load(names[i], &p, &err) != 0) {
			wrong++;
			note("%s", err.msg);
			continue;
		}
		print_fmt("%s: ok\n", p.path);
		profile_release(&p);
	}
	if (wrong)
		return fail(EXIT_USAGE, "%zu of %zu profile%s wrong", wrong, nr,
		    nr == 1 ? " is" : "s are");
	if (wrong_patterns)
		return fail(EXIT_USAGE, "the shared patterns are wrong");
	return print_status();
}

int cmd_profiles(struct cli_args *args)
{
	char **names = NULL;
	size_t nr = 0, i;
	struct err err = ERR_INIT;
	int rc;

	if (args->nr_words > 1 && !args->front.check)
		return fail(EXIT_USAGE, "one NAME at most, not also '%s'", args->words[1]);
	if (args->front.check && args->nr_words)
		return check(args->words, args->nr_words, false);
	if (args->nr_words && !args->front.json)
		return show_one(args->words[0], args->config);
	if (args->nr_words)
		return list_all(args, args->words, 1);
	if (profile_list(&names, &nr, &err) < 0)
		rc = fail(EXIT_USAGE, "%s", err.msg);
	else
		rc = args->front.check ? check((const char *const *)names, nr, true)
				       : list_all(args, (const char *const *)names, nr);
	for (i = 0; i < nr; i++)
		free(names[i]);
	free(names);
	return rc;
}
