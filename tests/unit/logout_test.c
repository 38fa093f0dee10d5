#include "exec/logout.h"
#include "base/xalloc.h"
#include "temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SESSION "0::/user.slice/user-1000.slice/session-3.scope\n"
#define MANAGER "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-u1.scope\n"
#define CONTAINER "0::/\n"

/* A machine in a directory: what the control groups say, logind.conf, a drop-in, and who lingers. */
struct machine {
	const char *cgroup, *conf, *dropin;
	bool lingers;
	enum logout_end end;
};

static void put(const struct temp_dir *d, const char *path, const char *text)
{
	char *full = xasprintf("%s/%s", d->path, path);
	char *slash = strrchr(full, '/');

	*slash = '\0';
	assert_int_equal(dir_make_path(full, NULL), 0);
	free(full);
	temp_dir_put_str(d, path, text);
}

static enum logout_end ask(const struct machine *m)
{
	struct temp_dir d;
	enum logout_end e;

	assert_int_equal(temp_dir_make(&d), 0);
	put(&d, "proc/self/cgroup", m->cgroup);
	if (m->conf)
		put(&d, "etc/systemd/logind.conf", m->conf);
	if (m->dropin)
		put(&d, "etc/systemd/logind.conf.d/50-kill.conf", m->dropin);
	if (m->lingers)
		put(&d, "var/lib/systemd/linger/ada", "");
	e = logout_ends_us(d.path, "ada", 1000);
	temp_dir_remove(&d);
	return e;
}

static void p15_what_ends_at_logout(void **state)
{
	static const struct machine machines[] = {
	    {SESSION, NULL, NULL, false, LOGOUT_SPARES},
	    {SESSION, "[Login]\n#KillUserProcesses=yes\n", NULL, false, LOGOUT_SPARES},
	    {SESSION, "[Login]\nKillUserProcesses=yes\n", NULL, false, LOGOUT_KILLS_SESSION},
	    {SESSION, "[Login]\nKillUserProcesses = yes \n", NULL, false, LOGOUT_KILLS_SESSION},
	    /* Lingering spares what hangs below the manager, not the session. */
	    {SESSION, "[Login]\nKillUserProcesses=yes\n", NULL, true, LOGOUT_KILLS_SESSION},
	    {SESSION, "[Login]\nKillUserProcesses=no\n", "[Login]\nKillUserProcesses=1\n", false,
		LOGOUT_KILLS_SESSION},
	    {SESSION, "[Login]\nKillUserProcesses=yes\n", "[Login]\nKillUserProcesses=no\n", false,
		LOGOUT_SPARES},
	    {SESSION, "KillUserProcesses=yes\nKillExcludeUsers=root ada\n", NULL, false,
		LOGOUT_SPARES},
	    {SESSION, "KillUserProcesses=yes\nKillOnlyUsers=bob\n", NULL, false, LOGOUT_SPARES},
	    {SESSION, "KillUserProcesses=yes\nKillOnlyUsers=bob ada\n", NULL, false,
		LOGOUT_KILLS_SESSION},
	    {MANAGER, NULL, NULL, false, LOGOUT_KILLS_MANAGER},
	    {MANAGER, "KillUserProcesses=yes\n", NULL, true, LOGOUT_SPARES},
	    {CONTAINER, "KillUserProcesses=yes\n", NULL, false, LOGOUT_SPARES},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(machines); i++)
		assert_int_equal(ask(&machines[i]), machines[i].end);
}

static void p15_what_avoids_it(void **state)
{
	(void)state;
	assert_null(logout_advice(LOGOUT_SPARES));
	assert_non_null(strstr(logout_advice(LOGOUT_KILLS_SESSION), "systemd-run --user --scope"));
	assert_non_null(strstr(logout_advice(LOGOUT_KILLS_MANAGER), "enable-linger"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(p15_what_ends_at_logout),
	    cmocka_unit_test(p15_what_avoids_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
