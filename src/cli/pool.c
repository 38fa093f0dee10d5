#include "cli/pool.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "exec/account_env.h"

#include <stdlib.h>
#include <string.h>

/* ---- choosing ----------------------------------------------------------- */

/* "work" is every profile's account of that name, "claude/work" only that one. */
static bool is_meant(const struct config_account *a, const char *word, size_t len)
{
	const char *name = memchr(word, '/', len) ? a->name : a->name + strlen(a->profile) + 1;

	return strlen(name) == len && memcmp(name, word, len) == 0;
}

static int refuse_name(const struct config_json *c, const char *word, size_t len, struct err *err)
{
	struct buf list = BUF_INIT;
	size_t i;

	for (i = 0; i < c->nr_accounts; i++)
		buf_fmt(&list, "%s%s", i ? ", " : "", c->accounts[i].name);
	if (c->nr_accounts)
		err_set(err, "--accounts: there is no account '%.*s': there are %s",
		    len < 100 ? (int)len : 100, word, list.data);
	else
		err_set(err,
		    "--accounts: there is no account '%.*s': config.json declares none, see "
		    "agent-batch-config(5)",
		    len < 100 ? (int)len : 100, word);
	buf_release(&list);
	return -1;
}

static int check_names(const struct config_json *c, const char *words, struct err *err)
{
	const char *word;
	size_t len, i;

	while ((word = task_next_word(&words, &len))) {
		for (i = 0; i < c->nr_accounts && !is_meant(&c->accounts[i], word, len); i++)
			;
		if (i == c->nr_accounts)
			return refuse_name(c, word, len, err);
	}
	return 0;
}

static void add_name(struct buf *out, size_t from, const char *name)
{
	const char *s = out->data + from, *word;
	size_t len;

	while ((word = task_next_word(&s, &len)))
		if (len == strlen(name) && memcmp(word, name, len) == 0)
			return;
	buf_fmt(out, "%s%s", out->len ? "," : "", name);
}

static void add_all(const struct config_json *c, const char *profile, struct buf *out)
{
	size_t from = out->len, i;

	for (i = 0; i < c->nr_accounts; i++)
		if (strcmp(c->accounts[i].profile, profile) == 0)
			add_name(out, from, c->accounts[i].name);
}

static void add_pool(const struct config_json *c, const char *profile, const char *words,
    struct buf *out)
{
	size_t from = out->len, len, i;
	const char *word;

	while ((word = task_next_word(&words, &len)))
		for (i = 0; i < c->nr_accounts; i++)
			if (strcmp(c->accounts[i].profile, profile) == 0 &&
			    is_meant(&c->accounts[i], word, len))
				add_name(out, from, c->accounts[i].name);
	if (out->len == from)
		add_all(c, profile, out);
}

/* Rows that a planner is to make run the run's agent, as far as anybody knows. */
static bool is_run(const struct options *o, const struct tasks *ts, const char *profile)
{
	uint32_t i;
	int r;

	for (r = 0; r < SOLVE_ROLE__COUNT; r++)
		if (o->role_profile[r] && strcmp(o->role_profile[r], profile) == 0)
			return true;
	if (ts->nr == 0)
		return strcmp(options_default_agent(o), profile) == 0;
	for (i = 0; i < ts->nr; i++) {
		const char *agent = task_get(ts, &ts->v[i], COL_AGENT);

		if (strcmp(*agent ? agent : options_default_agent(o), profile) == 0)
			return true;
	}
	return false;
}

int pool_settle(struct options *o, const struct pool_of *of, struct err *err)
{
	const struct config_json *config = of->config;
	bool may_any = options_has_role(o, SOLVE_PLANNER);
	const char *words = o->accounts ? o->accounts : "", *last = "";
	struct buf out = BUF_INIT;
	size_t i;

	if (strcmp(words, NO_ACCOUNTS) == 0)
		return 0;
	if (check_names(config, words, err) < 0)
		return -1;
	/* A profile's accounts stand together in the file. */
	for (i = 0; i < config->nr_accounts; i++) {
		const char *profile = config->accounts[i].profile;

		if (strcmp(profile, last) != 0 && (may_any || is_run(o, of->tasks, profile)))
			add_pool(config, profile, words, &out);
		last = profile;
	}
	free(o->accounts);
	o->accounts = out.len ? buf_detach(&out) : NULL;
	buf_release(&out);
	return 0;
}

/* ---- whether they are there ------------------------------------------------ */

/* Of an account's profile. */
static bool is_of_run(const struct options *o, const struct pool_of *of, const char *name)
{
	char *profile = xstrndup(name, strcspn(name, "/"));
	bool is = is_run(o, of->tasks, profile);

	free(profile);
	return is;
}

static int check_one(const struct config_json *c, const char *name, struct buf *unwise,
    struct err *err)
{
	const struct config_account *a = config_account_find(c, name);
	struct account_env env = {.account = NULL};
	int rc;

	if (!a)
		return err_set(err, "account %s: config.json has none of that name any more", name);
	rc = account_env_read(&env, a, err);
	account_env_release(&env);
	if (rc == 0)
		account_env_warn(a, unwise);
	return rc;
}

static void warn_lines(char *text, void (*warn)(void *ctx, const char *text), void *ctx)
{
	char *line = text, *end;

	for (; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		warn(ctx, line);
	}
}

int pool_check(const struct options *o, const struct pool_of *of, struct err *err)
{
	const char *words = options_accounts(o), *word;
	struct buf unwise = BUF_INIT;
	size_t len;
	int rc = 0;

	while (rc == 0 && words && (word = task_next_word(&words, &len))) {
		char *name = xstrndup(word, len);

		if (is_of_run(o, of, name))
			rc = check_one(of->config, name, &unwise, err);
		free(name);
	}
	if (rc == 0)
		warn_lines(unwise.data, of->warn, of->ctx);
	else
		err_set(err, "%s: put that right, or choose others with --accounts", err->msg);
	buf_release(&unwise);
	return rc;
}

/* Whether some account of the list can be had whose name begins so. */
static bool is_any_there(const struct config_json *c, const char *list, const char *prefix)
{
	struct buf unwise = BUF_INIT;
	bool is_there = false;
	const char *word;
	size_t len;

	while (!is_there && (word = task_next_word(&list, &len))) {
		char *name = xstrndup(word, len);

		is_there = strncmp(name, prefix, strlen(prefix)) == 0 &&
		    check_one(c, name, &unwise, NULL) == 0;
		free(name);
	}
	buf_release(&unwise);
	return is_there;
}

static int check_again(const struct config_json *c, const char *list, const char *name,
    struct buf *unwise, struct err *err)
{
	char *profile = xstrndup(name, strcspn(name, "/") + 1);
	int rc = 0;

	if (check_one(c, name, unwise, err) < 0) {
		if (is_any_there(c, list, profile))
			buf_fmt(unwise, "%s%s: the others take over", unwise->len ? "\n" : "",
			    err->msg);
		else
			rc = err_set(err, "%s: put that right, then resume", err->msg);
	}
	free(profile);
	return rc;
}

int pool_check_again(const struct options *o, const struct pool_of *of, struct err *err)
{
	const char *list = options_accounts(o), *words = list, *word;
	struct buf unwise = BUF_INIT;
	size_t len;
	int rc = 0;

	while (rc == 0 && words && (word = task_next_word(&words, &len))) {
		char *name = xstrndup(word, len);

		if (is_of_run(o, of, name))
			rc = check_again(of->config, list, name, &unwise, err);
		free(name);
	}
	if (rc == 0)
		warn_lines(unwise.data, of->warn, of->ctx);
	buf_release(&unwise);
	return rc;
}
