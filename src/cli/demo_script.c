#include "cli/demo_script.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "formats/tasks_csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct demo_row rows[] = {
    {"orders-pagination",
	"Add cursor pagination to GET /v1/orders; keep offset working for one release.",
	"duration=4 lines=14 cost=0.21 tokens=18400", "api", "", "", DEMO_SMOOTH, 0, 1},
    {"login-rate-limit", "Limit failed logins to 5 a minute per account and address; add tests.",
	"outcomes=429,ok retry-after=5 duration=4 lines=12 cost=0.18 tokens=15100", "api security",
	"", "", DEMO_LIMIT, 0, 2},
    {"csv-export-utf8", "Exported CSVs show mojibake in Excel: write a BOM, quote every cell.",
	"duration=3 lines=9 cost=0.09 tokens=8200", "reports", "", "", DEMO_SMOOTH, 0, 1},
    {"flaky-cart-test",
	"test_cart_total fails one run in twenty. Find the race, fix it, explain it in the commit.",
	"cycles=fail,fail,ok duration=4 lines=18 cost=0.34 tokens=29800", "tests", "", "",
	DEMO_HEALED, 2, 3},
    {"invoice-rounding", "Invoices are off by a cent when VAT is split: round once, at the end.",
	"outcomes=500,ok duration=3 lines=10 cost=0.12 tokens=9900", "billing", "", "", DEMO_FLAKY,
	0, 2},
    {"search-debounce", "Debounce the search box by 250 ms and cancel the request that is stale.",
	"duration=3 lines=8 cost=0.07 tokens=6400", "web", "", "", DEMO_SMOOTH, 0, 1},
    {"webhook-retries",
	"Retry failed webhooks with backoff for a day, then park them for a person.",
	"outcomes=429,ok retry-after=4 duration=4 lines=12 cost=0.19 tokens=16000", "api", "", "",
	DEMO_LIMIT, 0, 2},
    {"schema-migration", "Split users.name into given_name and family_name, backwards compatible.",
	"cycles=fail,ok duration=4 lines=16 cost=0.41 tokens=33500", "database", "", "",
	DEMO_HEALED, 1, 2},
    {"profile-page", "Show given and family name on the profile page.",
	"duration=3 lines=9 cost=0.08 tokens=7000", "web", "schema-migration", "", DEMO_DEPENDENT,
	1, 1},
    {"image-thumbnails", "Make thumbnails at upload instead of on first view.",
	"outcomes=crash,ok duration=4 lines=11 cost=0.16 tokens=13300", "media", "", "", DEMO_CRASH,
	0, 2},
    {"dead-code", "Remove the v0 importer and everything only it uses.",
	"duration=2 lines=7 cost=0.05 tokens=5200", "chore", "", "", DEMO_SMOOTH, 0, 1},
    {"session-expiry", "Sessions outlive a password change: invalidate them on every device.",
	"duration=4 lines=13 cost=0.22 tokens=17700", "security", "", "", DEMO_SMOOTH, 0, 1},
    {"load-test", "Find out at how many requests a second checkout falls over, and on what.",
	"outcomes=hang,ok duration=4 lines=10 cost=0.27 tokens=21000", "performance", "", "6",
	DEMO_HANG, 0, 2},
    {"docs-quickstart", "Rewrite the quickstart so that its commands run as they stand.",
	"duration=3 lines=8 cost=0.06 tokens=5900", "docs", "", "", DEMO_SMOOTH, 0, 1},
    {"api-timeouts", "Give every outgoing request a timeout; list those that had none.",
	"outcomes=network,ok duration=3 lines=9 cost=0.11 tokens=9100", "api", "", "", DEMO_FLAKY,
	0, 2},
    {"n-plus-one", "The dashboard makes 240 queries: get it below 10 without a cache.",
	"cycles=fail,ok duration=4 lines=15 cost=0.37 tokens=30200", "performance database", "", "",
	DEMO_HEALED, 1, 2},
    {"a11y-forms", "Label every form field, keep focus order, announce errors to screen readers.",
	"duration=3 lines=10 cost=0.13 tokens=10800", "web", "", "", DEMO_SMOOTH, 0, 1},
    {"feature-flags", "Replace the eleven booleans in settings.py by one table of flags.",
	"outcomes=529,ok duration=4 lines=12 cost=0.17 tokens=14200", "chore", "", "", DEMO_LIMIT,
	0, 2},
    {"audit-log", "Write an append-only log of who changed whose permissions.",
	"duration=4 lines=12 cost=0.20 tokens=16900", "security", "", "", DEMO_SMOOTH, 0, 1},
    {"legacy-soap", "Port the SOAP client to the vendor's new endpoint (their sandbox is down).",
	"cycles=fail duration=3 lines=11 cost=0.29 tokens=23900", "integration", "", "",
	DEMO_HOPELESS, 2, 3},
    {"i18n-dates", "Format dates by the reader's locale everywhere but in exports.",
	"duration=3 lines=9 cost=0.10 tokens=8800", "web", "", "", DEMO_SMOOTH, 0, 1},
    {"queue-metrics", "Expose depth and age of every queue to the metrics endpoint.",
	"cycles=fail,ok duration=3 lines=12 cost=0.24 tokens=19400", "operations", "", "",
	DEMO_HEALED, 1, 2},
    {"docker-size", "Bring the image from 1.9 GB under 300 MB.",
	"duration=4 lines=11 cost=0.15 tokens=12100", "operations", "", "", DEMO_SMOOTH, 0, 1},
    {"changelog", "Draft the changelog of this sprint from the merged branches.",
	"duration=2 lines=7 cost=0.04 tokens=4300", "docs", "profile-page queue-metrics", "",
	DEMO_DEPENDENT, 1, 1},
};

const struct demo_row *demo_script(size_t *nr)
{
	*nr = ARRAY_LEN(rows);
	return rows;
}

/* ---- writing ------------------------------------------------------------ */

static void write_row(FILE *f, const char *dir, const struct demo_row *r)
{
	char *task = xasprintf("%s [[sim %s]]", r->task, r->script);
	char *place = xasprintf("%s/%s", dir, r->id);
	const char *cells[] = {
	    r->id, "sim", task, r->tags, r->depends_on, r->timeout, place, "notes.md"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(cells); i++) {
		if (i > 0)
			fputc(',', f);
		csv_write_cell(f, cells[i]);
	}
	fputc('\n', f);
	free(task);
	free(place);
}

int demo_write(const char *dir, struct err *err)
{
	int dirfd = dir_open(dir, err);
	int fd = dirfd < 0 ? -1 : file_create(dirfd, "demo.csv", err);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	int rc = f ? 0 : -1;
	size_t i;

	if (f)
		fputs("id,agent,task,tags,depends_on,timeout,context_path,output_file\n", f);
	for (i = 0; f && rc == 0 && i < ARRAY_LEN(rows); i++) {
		write_row(f, dir, &rows[i]);
		rc = dir_make(dirfd, rows[i].id, err) < 0 ? -1 : 0;
	}
	if (f && fclose(f) != 0 && rc == 0)
		rc = err_sys(err, errno, "cannot write '%s/demo.csv'", dir);
	if (dirfd >= 0)
		close(dirfd);
	return rc;
}

/* ---- judging ------------------------------------------------------------ */

static bool row_went_as_scripted(const struct demo_row *want, const struct merged_row *got,
    struct err *err)
{
	enum agent_status status = want->point == DEMO_HOPELESS ? AGENT_FAILED : AGENT_COMPLETED;
	bool is_cycle = want->point == DEMO_HOPELESS || got->from->state.cycle == want->cycle;

	if (got->agent->status == status && is_cycle && got->attempts == want->attempts)
		return true;
	err_set(err,
	    "'%s' should be %s in cycle %d after %u attempts, and is %s in cycle %lld after %u",
	    want->id, status_name(status), want->cycle, want->attempts,
	    status_name(got->agent->status), (long long)got->from->state.cycle, got->attempts);
	return false;
}

bool demo_went_as_scripted(const struct run_reader *run, struct err *err)
{
	uint32_t nr, i;
	struct merged_row *merged = run_merge(run, &nr);
	bool went = nr == ARRAY_LEN(rows);

	if (!went)
		err_set(err, "%u rows came of %zu", nr, ARRAY_LEN(rows));
	for (i = 0; went && i < nr; i++)
		went = row_went_as_scripted(&rows[i], &merged[i], err);
	free(merged);
	return went;
}
