#include "engine/accounts.h"
#include "base/xalloc.h"
#include "exec/account_env.h"

#include <stdlib.h>
#include <string.h>

struct accounts {
	struct config_json config;
	struct err err; /* of reading it */
	struct account_env *envs; /* one an account of config */
};

struct accounts *accounts_new(void)
{
	struct accounts *a = xcalloc(1, sizeof(*a));
	char *path = config_json_path();
	bool is_there;

	if (config_json_load(&a->config, path, &is_there, &a->err) < 0)
		a->config.nr_accounts = 0; /* nothing by half of a file */
	a->envs = xcalloc(a->config.nr_accounts + 1, sizeof(*a->envs));
	free(path);
	return a;
}

void accounts_free(struct accounts *a)
{
	size_t i;

	if (!a)
		return;
	for (i = 0; i < a->config.nr_accounts; i++)
		account_env_release(&a->envs[i]);
	free(a->envs);
	config_json_release(&a->config);
	free(a);
}

static struct account_env *env_of(const struct accounts *a, const struct config_account *account)
{
	return &a->envs[account - a->config.accounts];
}

int accounts_take(struct accounts *a, const char *name, struct err *err)
{
	const struct config_account *account = config_account_find(&a->config, name);
	struct account_env fresh = {.account = NULL};

	if (!account && a->err.msg[0])
		return err_set(err, "%s", a->err.msg);
	if (!account)
		return err_set(err, "account %s: config.json has none of that name any more", name);
	if (account_env_read(&fresh, account, err) < 0)
		return -1;
	account_env_release(env_of(a, account));
	*env_of(a, account) = fresh;
	return 0;
}

void accounts_hide(const struct accounts *a, const char *pool, struct argv *env)
{
	env->nr = account_env_hide(&a->config, pool, env->v, env->nr);
}

void accounts_fill(const struct accounts *a, const char *name, struct argv *env)
{
	const struct config_account *account = config_account_find(&a->config, name);
	size_t i;

	for (i = 0; account && i < account->nr; i++)
		if (env_of(a, account)->values[i])
			env_set(env, account->v[i].name, env_of(a, account)->values[i]);
}

/* Shorter ones are no keys, and would be found in any text. */
#define SECRET_LEAST 8

static bool is_secret(const struct account_env *env, size_t i)
{
	return env->account->v[i].from != ASSIGN_VALUE && env->values[i] &&
	    strlen(env->values[i]) >= SECRET_LEAST;
}

/* The first secret in the text, or NULL. */
static const char *find_secret(const struct account_env *env, const char *text, size_t *len)
{
	const char *best = NULL, *at;
	size_t i;

	for (i = 0; i < env->account->nr; i++) {
		at = is_secret(env, i) ? strstr(text, env->values[i]) : NULL;
		if (!at || (best && at >= best))
			continue;
		best = at;
		*len = strlen(env->values[i]);
	}
	return best;
}

const char *accounts_mask(struct accounts *a, const char *name, const char *text, struct buf *room)
{
	const struct config_account *account = config_account_find(&a->config, name);
	struct account_env *env = account ? env_of(a, account) : NULL;
	const char *at;
	size_t len = 0;

	/* An attempt may be judged by a conductor that has started none on its account. */
	if (env && !env->account)
		(void)account_env_read(env, account, NULL);
	if (!text || !env || !env->account || !find_secret(env, text, &len))
		return text;
	buf_reset(room);
	for (; (at = find_secret(env, text, &len)); text = at + len) {
		buf_add(room, text, (size_t)(at - text));
		buf_str(room, "***");
	}
	buf_str(room, text);
	return room->data;
}

void accounts_identity(const struct accounts *a, const char *name, struct buf *out)
{
	const struct config_account *account = config_account_find(&a->config, name);

	if (account)
		account_identity(account, out);
}
