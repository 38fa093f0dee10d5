/* doctor: what on this machine or in a run would hurt, and what to do about it. */
#include "base/findings.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/config.h"
#include "cli/paint.h"
#include "cli/print.h"
#include "cli/target.h"
#include "exec/account_env.h"
#include "exec/health.h"
#include "exec/profiles.h"
#include "formats/health_run.h"
#include "formats/jsonw.h"
#include "view/text/sanitize.h"
#include "view/shown.h"

#include <stdlib.h>
#include <string.h>

#define ABOUT_WIDTH 9

static enum style_role role_of(enum finding_level l)
{
	switch (l) {
	case FINDING_OK:
		return ROLE_COMPLETED;
	case FINDING_NOTE:
		return ROLE_PENDING;
	case FINDING_WARN:
		return ROLE_BACKOFF;
	case FINDING_BAD:
	case FINDING__COUNT:
		break;
	}
	return ROLE_FAILED;
}

static void add_finding(const struct finding *found, bool color, struct buf *out)
{
	shown_color(role_of(found->level), color, out);
	buf_fmt(out, "%-7s", finding_level_name(found->level));
	shown_color_end(color, out);
	buf_fmt(out, "  %-*s ", ABOUT_WIDTH, found->about);
	sanitize_line(out, found->text);
	buf_ch(out, '\n');
	if (!found->advice)
		return;
	buf_fmt(out, "         %-*s do: ", ABOUT_WIDTH, "");
	sanitize_line(out, found->advice);
	buf_ch(out, '\n');
}

static void add_object(const struct finding *found, struct jsonw *w)
{
	jsonw_object(w);
	jsonw_kstr(w, "level", finding_level_name(found->level));
	jsonw_kstr(w, "about", found->about);
	jsonw_kstr(w, "text", found->text);
	jsonw_kstr(w, "do", found->advice);
	jsonw_end(w, '}');
}

static int print_findings(const struct cli_args *args, const struct findings *f)
{
	bool color = paint_has_color(args->front.color);
	struct buf out = BUF_INIT;
	struct jsonw w;
	size_t i;
	int rc;

	jsonw_init(&w, &out, 0);
	if (args->front.json)
		jsonw_array(&w);
	for (i = 0; i < f->nr; i++) {
		if (args->front.json)
			add_object(&f->v[i], &w);
		else
			add_finding(&f->v[i], color, &out);
	}
	if (args->front.json)
		jsonw_end(&w, ']');
	if (args->front.json)
		buf_ch(&out, '\n');
	print_buf(&out);
	buf_release(&out);
	rc = print_status();
	return rc ? rc : findings_worst(f) == FINDING_BAD ? EXIT_SOME_FAILED : 0;
}

static void check_account(const struct config_account *a, struct findings *f)
{
	struct account_env env = {.account = NULL};
	struct buf unwise = BUF_INIT;
	struct err err = ERR_INIT;

	if (account_env_read(&env, a, &err) < 0)
		findings_add(f, FINDING_WARN, "accounts",
		    "put that right, or leave the account out with --accounts", "%s", err.msg);
	else if (strcmp(a->profile, COMMAND_ACCOUNT) != 0 && !profile_exists(a->profile))
		findings_add(f, FINDING_WARN, "accounts",
		    "agent-batch profiles lists those there are",
		    "account %s: there is no profile '%s'", a->name, a->profile);
	else
		findings_add(f, FINDING_OK, "accounts", NULL, "%s: its values are there", a->name);
	account_env_warn(a, &unwise);
	if (unwise.len)
		findings_add(f, FINDING_WARN, "accounts", NULL, "%s", unwise.data);
	account_env_release(&env);
	buf_release(&unwise);
}

static void check_config(struct findings *f)
{
	struct config config;
	struct err err = ERR_INIT;
	bool is_good = config_load(&config, &err) == 0;
	size_t i;

	if (!is_good)
		findings_add(f, FINDING_BAD, "config", "mend it: nothing is launched by half of it",
		    "%s", err.msg);
	else if (config.is_there)
		findings_add(f, FINDING_OK, "config", NULL, "'%s'", config.path);
	for (i = 0; is_good && i < config.json.nr_accounts; i++)
		check_account(&config.json.accounts[i], f);
	config_release(&config);
}

static int check_run(struct cli_args *args, struct findings *f)
{
	struct run_reader run;
	struct batch_reader *chosen;
	int rc = target_open_only(args, &run, &chosen);

	if (rc != 0)
		return rc;
	health_of_run(&run, f);
	run_reader_close(&run);
	return 0;
}

int cmd_doctor(struct cli_args *args)
{
	char *batches = batches_dir_path(args->front.dir);
	struct findings f = {0};
	int rc = 0;

	health_of_machine(batches, &f);
	check_config(&f);
	if (args->nr_words > 0)
		rc = check_run(args, &f);
	else
		health_of_batches(batches, &f);
	if (rc == 0)
		rc = print_findings(args, &f);
	findings_release(&f);
	free(batches);
	return rc;
}
