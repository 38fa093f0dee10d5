#include "policy/error_line.h"

#include <string.h>

#define MAX_LINE 4096 /* of a line are judged */
#define MAX_BLOCK 8192 /* of an error with the dump below it */
#define MAX_ALONE 300 /* bytes of a line that may be a program's only words, with few others */
#define MAX_ALONE_LINES 10
#define MAX_STRANGE_LINES 12 /* lines of something else below an error, for it to be the end */
#define MIN_WRAPPED 60 /* a shorter line ends because its sentence does */
#define MAX_SHOWN 2 /* documents that an answer shows */
#define MAX_LOOKED_AT 200 /* lines, trailers and dumps with them */

/* ---- one line ----------------------------------------------------------- */

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool is_allowed(const struct scan *s, const struct pattern_hit *hit)
{
	return !s->is_strict || (hit->flags & PATTERN_EXIT_0);
}

/* "[API Error: 429] is what users see": a bracket that closes and the sentence goes on. */
static bool goes_on_behind_bracket(const char *message, size_t n)
{
	const char *end = memchr(message, ']', n);
	size_t i;

	if (!end || memchr(message, '[', (size_t)(end - message)))
		return false;
	for (i = (size_t)(end - message); i < n; i++)
		if (message[i] >= 'a' && message[i] <= 'z')
			return true;
	return false;
}

/* The mark of a report behind an announcement: what it is worth. */
static bool find_mark(const struct scan *s, const char *p, size_t n, unsigned *flags)
{
	struct pattern_hit hit;
	const char *message = p;
	size_t left = n;

	*flags = 0;
	if (n == 0 || patterns_peel(s->patterns, &message, &left) == PREFIX_NONE)
		return false;
	if (p[0] == '[') {
		*flags = PATTERN_EXIT_0;
		return goes_on_behind_bracket(message, left);
	}
	if (!patterns_find(s->patterns, TABLE_PROSE, message, left, &hit))
		return false;
	*flags = hit.flags;
	return true;
}

bool error_line_is_report(const struct scan *s, const char *p, size_t n)
{
	unsigned flags;

	return find_mark(s, p, n, &flags) && !(flags & PATTERN_WEAK);
}

/* Of a line that a program printed itself only the surest marks are believed. */
static bool is_surely_report(const struct scan *s, const struct piece *line, size_t n)
{
	unsigned flags;

	return s->is_strict && !line->is_red && find_mark(s, line->p, n, &flags) &&
	    (flags & PATTERN_EXIT_0);
}

/* "docs/rate-limit.md": the words in a file's name mean nothing; those in an address may. */
static bool is_path(const char *p, size_t n)
{
	return memchr(p, '/', n) && memchr(p, '.', n) && !memmem(p, n, "://", 3);
}

/* A copy without the paths; whether there were any. */
static bool blank_paths(char *out, const char *p, size_t n)
{
	bool has_path = false;
	size_t i = 0, word;

	memcpy(out, p, n);
	while (i < n) {
		for (word = i; word < n && p[word] != ' '; word++)
			;
		if (is_path(p + i, word - i)) {
			memset(out + i, '_', word - i);
			has_path = true;
		}
		i = word + 1;
	}
	return has_path;
}

/* What a line says by its words; what the set-up lacks, or the task failed of, has a path. */
static bool find_error(const struct scan *s, const char *p, size_t n, struct pattern_hit *hit)
{
	char line[MAX_LINE];

	if (!patterns_find(s->patterns, TABLE_ERROR, p, n, hit))
		return false;
	if (hit->class == CLASS_CONFIG || hit->class == CLASS_TASK_ERROR || n > MAX_LINE ||
	    !blank_paths(line, p, n))
		return true;
	return patterns_find(s->patterns, TABLE_ERROR, line, n, hit);
}

static bool judge_announced(const struct scan *s, enum prefix prefix, const char *line, size_t n,
    struct judged *j)
{
	/* The announcement itself may name the cause: "RateLimitError: try later". */
	if (find_error(s, j->message, j->message_len, &j->hit) || find_error(s, line, n, &j->hit))
		return prefix == PREFIX_FATAL || is_allowed(s, &j->hit);
	j->hit = (struct pattern_hit){CLASS_TASK_ERROR, PATTERN_EXIT_0};
	return prefix == PREFIX_FATAL && s->is_strict;
}

bool error_line_judge(const struct scan *s, const struct piece *line, struct judged *j)
{
	const struct patterns *ps = s->patterns;
	size_t n = min_size(line->n, MAX_LINE);
	enum prefix prefix;

	j->message = line->p;
	j->message_len = n;
	if (patterns_find(ps, TABLE_PROFILE, line->p, n, &j->hit))
		return true;
	prefix = patterns_peel(ps, &j->message, &j->message_len);
	if (line->is_red && prefix < PREFIX_ERROR)
		prefix = PREFIX_ERROR;
	if (s->is_late && patterns_find(ps, TABLE_NOTICE, line->p, n, &j->hit))
		prefix = PREFIX_ERROR;
	if (is_surely_report(s, line, n))
		return false;
	if (prefix >= PREFIX_ERROR || (prefix != PREFIX_NONE && !s->is_strict)) {
		if (judge_announced(s, prefix, line->p, n, j)) {
			/* Inside a dump: the line that heads it knows better. */
			if (line->is_indented && prefix == PREFIX_STATUS)
				j->hit.flags |= PATTERN_WEAK;
			return true;
		}
	}
	if (patterns_find(ps, TABLE_SENTENCE, j->message, j->message_len, &j->hit) ||
	    patterns_find(ps, TABLE_SENTENCE, line->p, n, &j->hit))
		return is_allowed(s, &j->hit);
	return false;
}

/* ---- what belongs to an error ------------------------------------------- */

bool error_line_is_trailer(const struct scan *s, const struct piece *line)
{
	struct pattern_hit hit;

	return line->n == 0 ||
	    patterns_find(s->patterns, TABLE_TRAILER, line->p, min_size(line->n, 256), &hit);
}

static bool is_notice(const struct scan *s, const struct piece *line)
{
	struct pattern_hit hit;

	return patterns_find(s->patterns, TABLE_NOTICE, line->p, min_size(line->n, MAX_LINE), &hit);
}

/* The error line with the lines behind it, as one text. */
static size_t gather(const struct tail *t, size_t from, char *out, size_t cap)
{
	size_t i, len = 0;

	for (i = from; i < t->nr && len + 2 < cap; i++) {
		size_t n = min_size(t->v[i].n, cap - len - 2);

		if (i > from && t->v[i].kind == PIECE_JSON)
			break;
		memcpy(out + len, t->v[i].p, n);
		len += n;
		out[len++] = '\n';
	}
	return len;
}

/* The line above the dump that an indented line stands in. */
static size_t head_of(const struct tail *t, size_t i)
{
	while (i > 0 && t->v[i].is_indented && t->v[i - 1].kind == PIECE_TEXT)
		i--;
	return i;
}

size_t error_line_block(const struct scan *s, size_t piece, char *out, size_t cap)
{
	return gather(s->tail, head_of(s->tail, piece), out, cap);
}

/* Google's first sentence is the same for a minute's limit, a day's, and a missing plan; other
 * services tell the window in a header below the status. */
void error_line_refine(const struct scan *s, const char *block, size_t n, struct pattern_hit *hit)
{
	struct pattern_hit wider;
	bool is_limit = hit->class == CLASS_RATE_LIMIT || hit->class == CLASS_BUDGET ||
	    hit->class == CLASS_USAGE_LIMIT;

	if (!is_limit || !patterns_find(s->patterns, TABLE_ERROR, block, n, &wider))
		return;
	if (wider.class == CLASS_RATE_LIMIT || wider.class == CLASS_BUDGET ||
	    wider.class == CLASS_USAGE_LIMIT)
		hit->class = wider.class;
}

static bool has_dump(const struct tail *t, size_t i)
{
	const struct piece *below = &t->v[i + 1];

	if (i + 1 >= t->nr || below->kind != PIECE_TEXT || below->n == 0)
		return false;
	return below->is_indented || below->p[0] == '"' || below->p[0] == '{';
}

static enum prefix announcement_of(const struct scan *s, const struct piece *line)
{
	const char *p = line->p;
	size_t n = min_size(line->n, MAX_LINE);

	return patterns_peel(s->patterns, &p, &n);
}

static bool is_announced(const struct scan *s, const struct piece *line)
{
	return announcement_of(s, line) >= PREFIX_ERROR;
}

/* An error whose cause stands only in the object dumped below it. */
static bool judge_dump(const struct scan *s, size_t i, struct judged *j)
{
	char block[MAX_BLOCK];
	size_t n;

	if (s->is_strict || !has_dump(s->tail, i) || !is_announced(s, &s->tail->v[i]))
		return false;
	n = gather(s->tail, i, block, sizeof(block));
	return patterns_find(s->patterns, TABLE_ERROR, block, n, &j->hit);
}

static bool is_alone(const struct scan *s, size_t i)
{
	size_t k;

	for (k = 0; k < s->tail->nr; k++)
		if (k != i && !error_line_is_trailer(s, &s->tail->v[k]))
			return false;
	return true;
}

/* With status 0, and nothing else was printed: an announcement without a message, or one of the
 * program's with that of what was thrown behind it ("Error: AI_APICallError: no auth"). */
static bool judge_alone(const struct scan *s, size_t i, struct judged *j)
{
	const struct piece *line = &s->tail->v[i];
	const char *first, *p = line->p;
	size_t n = min_size(line->n, MAX_LINE);

	if (!s->is_strict || patterns_peel(s->patterns, &p, &n) < PREFIX_ERROR || !is_alone(s, i))
		return false;
	first = memmem(line->p, (size_t)(p - line->p), "Error: ", 7);
	if (n > 0 && (!first || !memmem(first + 7, (size_t)(p - first) - 7, "Error: ", 7)))
		return false;
	j->message = n ? p : line->p;
	j->message_len = n ? n : line->n;
	if (!patterns_find(s->patterns, TABLE_ERROR, p, n, &j->hit))
		j->hit = (struct pattern_hit){CLASS_TASK_ERROR, PATTERN_EXIT_0};
	return true;
}

/* ---- the error line nearest the end ------------------------------------- */

/* Codex prints its whole conversation: what stands above the model's last answer is history. */
static bool is_answer_header(const struct piece *line)
{
	return (line->n == 5 && memcmp(line->p, "codex", 5) == 0) ||
	    (line->n == 9 && memcmp(line->p, "assistant", 9) == 0);
}

static bool reads_like_report(const struct scan *s, const struct piece *line)
{
	struct pattern_hit hit;

	return line->kind == PIECE_TEXT && !line->is_indented && !error_line_is_trailer(s, line) &&
	    patterns_find(s->patterns, TABLE_PROSE, line->p, min_size(line->n, MAX_LINE), &hit);
}

bool error_line_goes_on(const struct scan *s, const char *text, size_t n)
{
	const char *p = memchr(text, '\n', n), *end = text + n;

	while (p && ++p < end) {
		const char *next = memchr(p, '\n', (size_t)(end - p));
		size_t len = next ? (size_t)(next - p) : (size_t)(end - p);

		if (reads_like_report(s, &(struct piece){PIECE_TEXT, p, len, false, false}))
			return true;
		p = next;
	}
	return false;
}

/* What introduces what it shows: "It prints:", or the fence above it. */
static bool is_introduction(const struct piece *line)
{
	return line->kind == PIECE_TEXT && line->n > 0 &&
	    (line->p[line->n - 1] == ':' || (line->n >= 3 && memcmp(line->p, "```", 3) == 0));
}

/* Whether the piece belongs to the model's answer, by the head above it. */
static bool is_below_header(const struct scan *s, size_t piece)
{
	while (piece > 0 && !is_answer_header(&s->tail->v[piece - 1]))
		piece--;
	return piece > 0;
}

static bool is_below_report(const struct scan *s, size_t piece)
{
	size_t k;

	for (k = piece; k > 0 && piece - k < MAX_LOOKED_AT; k--)
		if (reads_like_report(s, &s->tail->v[k - 1]))
			return true;
	return false;
}

/* Text below a document or two that reads as a report. Behind a stream of events it is a warning of
 * some library's. */
static bool is_above_report(const struct scan *s, size_t piece)
{
	size_t k;

	if (s->tail->nr_docs > MAX_SHOWN)
		return false;
	for (k = piece + 1; k < s->tail->nr && k - piece < MAX_LOOKED_AT; k++)
		if (reads_like_report(s, &s->tail->v[k]))
			return true;
	return false;
}

bool error_line_shows_json(const struct scan *s)
{
	const struct tail *t = s->tail;
	size_t first = 0, above;

	while (first < t->nr && t->v[first].kind != PIECE_JSON)
		first++;
	for (above = first; above > 0 && t->v[above - 1].n == 0; above--)
		;
	if (first == t->nr)
		return false;
	return (above > 0 && is_introduction(&t->v[above - 1])) || is_below_header(s, first) ||
	    is_below_report(s, first) || is_above_report(s, first);
}

/* An answer may end with an error that it only tells of: "It prints now:" stands above, or at least
 * some lines of a report. A tool that ends with status 0 whatever happened fails below all that was
 * said before; but it marks its errors in a way that no report would. */
static bool is_quoted(const struct scan *s, size_t i, const struct pattern_hit *hit)
{
	const struct piece *v = s->tail->v;
	enum prefix prefix = announcement_of(s, &v[i]);
	size_t k = i;

	if (v[i].is_red)
		return false;
	while (k > 0 && v[k - 1].kind == PIECE_TEXT &&
	    (v[k - 1].n == 0 || announcement_of(s, &v[k - 1]) >= PREFIX_ERROR))
		k--;
	if ((k > 0 && is_introduction(&v[k - 1])) || is_below_header(s, k))
		return true;
	if (prefix == PREFIX_FATAL || v[i].p[0] == '[')
		return false;
	return (prefix >= PREFIX_ERROR || hit->class == CLASS_USAGE_LIMIT) && is_below_report(s, k);
}

static bool is_hit(const struct scan *s, size_t i, struct judged *j)
{
	const struct piece *line = &s->tail->v[i];

	if (line->n == 0 || (!s->is_late && is_notice(s, line)))
		return false;
	if (!error_line_judge(s, line, j) && !judge_dump(s, i, j) && !judge_alone(s, i, j))
		return false;
	j->piece = i;
	if (s->is_strict && is_quoted(s, i, &j->hit))
		return false;
	return !tail_is_echo(s->task, line) && !tail_is_told(s->feedback, line);
}

/* Whether the line only goes on where a screen's width cut the one above. */
static bool is_wrapped(const struct tail *t, size_t i)
{
	const struct piece *above = i > 0 ? &t->v[i - 1] : NULL;

	return above && above->kind == PIECE_TEXT && above->n >= MIN_WRAPPED &&
	    !strchr(".!?:;", above->p[above->n - 1]);
}

/* Marks of a report in a line: 0 none, 1 backticks and the like, 2 the words of one. */
static int report_marks(const struct scan *s, const struct piece *line)
{
	struct pattern_hit hit;

	if (!patterns_find(s->patterns, TABLE_PROSE, line->p, line->n, &hit))
		return 0;
	return hit.flags & PATTERN_WEAK ? 1 : 2;
}

/* Whether all that was printed is a few short lines, none of which reads like a report on work. */
static bool are_few_words(const struct scan *s)
{
	size_t i, nr = 0;

	for (i = 0; i < s->tail->nr; i++) {
		const struct piece *line = &s->tail->v[i];

		if (line->n == 0)
			continue;
		if (line->kind == PIECE_JSON || line->n > MAX_ALONE || ++nr > MAX_ALONE_LINES ||
		    report_marks(s, line) > 1)
			return false;
	}
	return nr > 0;
}

/* A program that fails before it has done anything prints its reason and how to mend it: the first
 * line that names a cause is it, however it begins. */
static bool find_few_words(const struct scan *s, struct judged *best)
{
	bool has_weak = false;
	struct judged j;
	size_t i;

	if (s->is_strict || !are_few_words(s))
		return false;
	for (i = 0; i < s->tail->nr; i++) {
		const struct piece *line = &s->tail->v[i];

		j = (struct judged){.message = line->p, .message_len = line->n, .piece = i};
		if (line->n == 0 || report_marks(s, line) || is_notice(s, line) ||
		    tail_is_echo(s->task, line) || tail_is_told(s->feedback, line) ||
		    !find_error(s, line->p, line->n, &j.hit))
			continue;
		if (j.hit.class == CLASS_TASK_ERROR)
			return false;
		if (!(j.hit.flags & PATTERN_WEAK)) {
			*best = j;
			return true;
		}
		if (!has_weak)
			*best = j;
		has_weak = true;
	}
	return has_weak;
}

/* From the end back to `from`. A weak hit is kept in case nothing near it says more. */
bool error_line_find(const struct scan *s, size_t from, struct judged *best)
{
	size_t i, looked_at = 0, strange = 0;
	size_t may_be_strange = s->is_strict || s->is_last_resort ? 0 : MAX_STRANGE_LINES;
	bool has_weak = false;
	struct judged j;

	for (i = s->tail->nr; i-- > from && looked_at < MAX_LOOKED_AT;) {
		const struct piece *line = &s->tail->v[i];

		if (line->kind == PIECE_JSON || is_answer_header(line))
			continue;
		looked_at++;
		if (is_hit(s, i, &j)) {
			if (!(j.hit.flags & PATTERN_WEAK)) {
				*best = j;
				return true;
			}
			if (!has_weak)
				*best = j;
			has_weak = true;
			may_be_strange = strange + 2;
			continue;
		}
		if (line->is_indented || error_line_is_trailer(s, line) || is_wrapped(s->tail, i))
			continue;
		/* An error that names no cause, or none that status 0 leaves believable. */
		if ((s->is_last_resort || s->is_strict) && is_announced(s, line))
			continue;
		if (++strange > may_be_strange)
			break;
	}
	return has_weak || find_few_words(s, best);
}
