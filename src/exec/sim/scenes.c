#include "exec/sim/scenes.h"
#include "base/xalloc.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* In a line %w is a word of the task, %f a file, %n a number, %s a name from the code. */
struct vocabulary {
	const char *const *lines, *const *files, *const *names;
	const char *summary;
};

#define LIST(...) \
	(const char *const[]) \
	{ \
		__VA_ARGS__, NULL \
	}

static const struct vocabulary vocabularies[] = {
    {LIST("I'll start with how %f handles %w.", "● Read(%f)", "  ⎿ %n lines", "● Grep(\"%w\")",
	 "  ⎿ %n matches in %f", "● Edit(%f)", "  ⎿ updated %s, %n additions", "● Bash(make check)",
	 "  ⎿ %n passed in 3.2s", "The change to %s keeps callers as they are."),
	LIST("src/parser.c", "src/table.c", "src/lexer.c", "include/parse.h"),
	LIST("next_token", "parse_row", "grow_table", "peek"),
	"Changed %s in %f so that %w works as described; %n tests pass."},
    {LIST("[plan] 1. look at %w  2. write a failing test  3. fix %s", "[open] %f (%n lines)",
	 "[search] '%w' -> %n hits", "[test] added test_%s_%w", "[run] pytest -q %f",
	 "[run] %n passed in 1.84s", "[edit] %f: +%n -3", "[note] %s is called from two places"),
	LIST("app/models.py", "app/views.py", "tests/test_api.py", "app/queue.py"),
	LIST("load_batch", "Serializer.clean", "retry_task", "normalise"),
	"The test for %w failed first and passes now; the fix is in %s (%f)."},
    {LIST("exec cargo build --workspace", "   Compiling %s v0.%n.0",
	 "thinking: %w must not borrow %s", "patch %f: replace %s", "exec cargo test %w",
	 "test %s::%w ... ok", "test result: ok. %n passed", "exec cargo clippy",
	 "no warnings in %f"),
	LIST("crates/core/src/lib.rs", "crates/io/src/stream.rs", "src/main.rs"),
	LIST("ring", "stream_reader", "codec", "scheduler"),
	"%s now owns its buffer, which settles %w; clippy is clean in %f."},
    {LIST("Reading the outline of %f ...", "Section \"%w\": %n words",
	 "Looking up where %s is explained", "Rewriting the paragraph on %w", "Checking %n links",
	 "%n links fine, 1 moved", "Spelling: %n words looked up", "Adding an example for %s"),
	LIST("docs/guide.md", "docs/install.md", "README.md", "docs/faq.md"),
	LIST("configuration", "upgrade path", "quick start", "glossary"),
	"The page %f now explains %w with an example; all %n links resolve."},
    {LIST("→ list components using %w", "→ open %f", "  %n lines, 4 hooks", "→ extract %s",
	 "→ npm run test -- %w", "  Tests: %n passed, %n total", "→ npm run build",
	 "  bundle %n kB (was a little more)", "→ check contrast of %s"),
	LIST("src/App.tsx", "src/components/List.tsx", "src/hooks/useFetch.ts"),
	LIST("<Toolbar>", "useDebounce", "<Row>", "ThemeProvider"),
	"Moved %w into %s and covered it; the bundle is %n kB."},
    {LIST("step: profile %s under load", "perf: %n samples, 41%% in %s", "reading %f around %w",
	 "idea: sort once instead of at every %w", "bench before: %n us per call",
	 "rewrote the inner loop of %s", "bench after: half of that",
	 "verifying results against %f"),
	LIST("src/index.go", "internal/merge/merge.go", "cmd/serve/main.go"),
	LIST("mergeRuns", "Lookup", "hashKeys", "flush"),
	"%s no longer sorts at every %w; the benchmark in %f halved."},
    {LIST("query: rows about %w in the last %n days", "  %n rows", "schema of %s: 7 columns",
	 "checking %f for nulls", "joined %s with the calendar",
	 "outliers: %n rows looked at by hand", "writing the table for %w", "totals agree with %f"),
	LIST("data/orders.csv", "sql/report.sql", "notebooks/cohort.ipynb"),
	LIST("orders", "sessions", "customers", "daily_totals"),
	"The figures on %w come from %s; totals agree with %f to the last of %n rows."},
    {LIST("Scanning %f ...", "%n functions take input from outside", "tracing %w to %s",
	 "no path from %w reaches %s unchecked", "checking versions of %n packages",
	 "tightening the bounds test in %s", "fuzzing %s for a moment", "%n cases, nothing found"),
	LIST("server/http.c", "server/session.c", "lib/base64.c", "config/nginx.conf"),
	LIST("read_header", "session_load", "decode", "set_cookie"),
	"Looked at %w in %f: %s checks its bounds now, %n cases ran clean."},
};

static uint64_t roll(struct scene *s)
{
	uint64_t z = s->dice += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

unsigned scene_roll(struct scene *s, unsigned n)
{
	return (unsigned)(roll(s) % n);
}

static bool is_common(const char *w)
{
	static const char *const common[] = {"with", "that", "this", "from", "into", "them", "then",
	    "when", "have", "must", "should", "please", "write", "make", "each", "what", "your"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(common); i++)
		if (strcmp(w, common[i]) == 0)
			return true;
	return false;
}

static void take_words(struct scene *s, const char *task)
{
	char word[sizeof(s->words[0])];
	size_t n = 0;

	for (; s->nr_words < SCENE_WORDS; task++) {
		if (isascii((unsigned char)*task) && isalpha((unsigned char)*task)) {
			if (n < sizeof(word))
				word[n] = (char)tolower((unsigned char)*task);
			n++;
			continue;
		}
		if (n >= 4 && n < sizeof(word)) {
			word[n] = '\0';
			if (!is_common(word))
				memcpy(s->words[s->nr_words++], word, n + 1);
		}
		n = 0;
		if (!*task)
			break;
	}
	if (s->nr_words == 0)
		snprintf(s->words[s->nr_words++], sizeof(word), "task");
}

void scene_init(struct scene *s, const char *id, int64_t attempt, const char *task)
{
	uint64_t h = UINT64_C(14695981039346656037);
	const char *p;

	memset(s, 0, sizeof(*s));
	for (p = id; *p; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
	s->dice = h;
	/* The way of working is the agent's own; what it meets differs by attempt. */
	s->kind = scene_roll(s, ARRAY_LEN(vocabularies));
	s->dice ^= (uint64_t)attempt * UINT64_C(0x2545f4914f6cdd1d);
	take_words(s, task);
}

static const char *pick(struct scene *s, const char *const *list)
{
	unsigned n = 0;

	while (list[n])
		n++;
	return list[scene_roll(s, n)];
}

static void fill(struct scene *s, const char *line, struct buf *out)
{
	const struct vocabulary *v = &vocabularies[s->kind];

	for (; *line; line++) {
		if (*line != '%') {
			buf_ch(out, *line);
			continue;
		}
		switch (*++line) {
		case 'w':
			buf_str(out, s->words[scene_roll(s, s->nr_words)]);
			break;
		case 'f':
			buf_str(out, pick(s, v->files));
			break;
		case 's':
			buf_str(out, pick(s, v->names));
			break;
		case 'n':
			buf_fmt(out, "%u", 2 + scene_roll(s, 180));
			break;
		default:
			buf_ch(out, *line);
		}
	}
}

void scene_line(struct scene *s, struct buf *line)
{
	const char *const *lines = vocabularies[s->kind].lines;

	buf_reset(line);
	if (!lines[s->at])
		s->at = 1; /* the opening is said once */
	fill(s, lines[s->at++], line);
}

void scene_summary(struct scene *s, struct buf *out)
{
	fill(s, vocabularies[s->kind].summary, out);
}
