/* The screen on a terminal, as bytes: while logs, tasks and messages are as hostile as they can be,
 * all that reaches the terminal is ours; and however the screen ends, the terminal is as before. */
#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "run_fixture.h"
#include "ui/ui.h"

#include <ctype.h>
#include <locale.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#include <cmocka.h>

#define WAIT_MS 60000
#define QUIET_MS 100

/* No sequence of ours has this number in it, and no text but hostile one. */
#define PWN "31337"

static const char *const hostile[] = {
    "\033]52;c;MzEzMzc=\a",
    "\033]0;" PWN "\a",
    "\033]0;" PWN "\033\\",
    "\033]2;" PWN "\033]8;;x\a",
    "\033P" PWN "\033\\",
    "\033_" PWN "\033\\",
    "\033^" PWN "\033\\",
    "\033X" PWN "\033\\",
    "\033[" PWN "m",
    "\033[2;" PWN "J",
    "\033[" PWN ";1H",
    "\033[?" PWN "h",
    "\033[>" PWN "c",
    "\033[" PWN " q",
    "\033[" PWN "$p",
    "\033[31;" PWN ";32m",
    "\033#8",
    "\033c",
    "\033%G",
    "\033 F",
    "\233" PWN "m",
    "\235"
    "0;" PWN "\234",
    "\220" PWN "\234",
    "\302\233" PWN "m",
    "\302\235"
    "52;c;" PWN "\302\234",
    "\302\220" PWN "\302\234",
    "\302\205\302\215",
    "\342\200\256" PWN "\342\200\254",
    "\342\201\246" PWN "\342\201\251",
    "\342\200\217\330\234",
    "a\342\200\213b\342\200\215c\357\273\277d\357\270\217e",
    "\360\237\221\215\360\237\217\277",
    "\363\240\201\201\363\240\201\277",
    "\001\002\003\004\005\006\a\b\013\f\016\017\020\025\032\177",
    "x\rline " PWN " over\rshort",
    "e\314\201\314\202\314\203\314\204\314\205",
    "\314\201alone",
    "\377\376\300\200\355\240\200\364\220\200\200",
    "\346\227\245\346\234\254\350\252\236\t|\t|",
    "\033[8mhidden\033[5mblink\033[30;40mequal\033[0;31mred\033[m",
    "\033[",
    "\033]",
    "\033P",
    "\033",
    "{\"type\":\"text\",\"text\":\"json \\u001b]52;c;" PWN "\\u0007\\u009b" PWN
    "m\\u202e\\u0000\"}",
    "{\"type\":\"item.started\",\"item\":{\"command\":\"\\u001bP" PWN "\\u001b\\\\\"}}",
    "{\"type\":\"\\u001b]0;" PWN "\\u0007\",\"a\":\"\\u001b[" PWN "m\"}",
    "pwn the end",
};

/* ---- the hostile run ---------------------------------------------------- */

static void add_hostile(struct buf *b)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(hostile); i++)
		buf_fmt(b, "%s %s\n", i % 2 ? hostile[i] : "", i % 2 ? "" : hostile[i]);
}

static void replace_in(const char *path, const char *what, const char *by)
{
	struct buf b = BUF_INIT, out = BUF_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC), nr = 0;
	const char *at, *hit;

	assert_true(fd >= 0);
	assert_int_equal(file_read_fd(fd, 1 << 20, &b, NULL), 0);
	close(fd);
	for (at = b.data; (hit = strstr(at, what)); at = hit + strlen(what), nr++) {
		buf_add(&out, at, (size_t)(hit - at));
		buf_str(&out, by);
	}
	buf_str(&out, at);
	assert_true(nr > 0);
	assert_int_equal(fix_put(AT_FDCWD, path, out.data, out.len), 0);
	buf_release(&b);
	buf_release(&out);
}

static int setup(void **state)
{
	static const char *const ids[] = {"0017", "0023", "0102", "0160", "0272", "0300", "0018"};
	struct run_fixture *f = xcalloc(1, sizeof(*f));
	struct buf b = BUF_INIT;
	char path[192];
	size_t i;

	if (!setlocale(LC_CTYPE, "C.UTF-8") || run_fixture_make(f) < 0)
		return -1;
	add_hostile(&b);
	for (i = 0; i < ARRAY_LEN(ids); i++) {
		/* Each ends with another of them, for LAST LINE. */
		buf_fmt(&b, "%s\n", hostile[i]);
		if (fix_log(f, ids[i], FIX_NOW_T, b.data) < 0)
			return -1;
	}
	buf_release(&b);
	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/tasks.csv", f->root);
	replace_in(path, "Port the", "\033]0;" PWN "\a\233" PWN "m\342\200\256the");
	snprintf(path, sizeof(path), "%s/" FIX_CHILD "/events.jsonl", f->root);
	replace_in(path, "invalid api", "\\u001b]52;c;" PWN "\\u0007\\u009b" PWN "m\\u202epi");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	run_fixture_remove(*state);
	free(*state);
	return 0;
}

/* ---- whose bytes -------------------------------------------------------- */

/* How long a sequence of ours at `p` is, 0: it is foreign. */
static size_t own_csi(const char *p, size_t n)
{
	size_t i = 2;

	while (i < n && strchr("0123456789;?>", p[i]) && p[i])
		i++;
	if (i == n || !strchr("ABCDGHJKLMPSTXZ@bdghlmrt", p[i]) || memmem(p, i, PWN, strlen(PWN)))
		return 0;
	/* Nothing hides or blinks. */
	if (i == 3 && p[i] == 'm' && (p[2] == '8' || p[2] == '5'))
		return 0;
	/* The title is kept and given back, windows are not moved. */
	if (p[i] == 't' && strncmp(p + 2, "22;", 3) != 0 && strncmp(p + 2, "23;", 3) != 0)
		return 0;
	return i + 1;
}

static size_t own_title(const char *p, size_t n)
{
	const char *bel = memchr(p, '\a', n);
	size_t i, len = bel ? (size_t)(bel - p) : 0;

	if (len < 16 || len > 60 || memcmp(p, "\033]2;agent-batch ", 16) != 0)
		return 0;
	for (i = 16; i < len; i++)
		if (!strchr("0123456789/ fail", p[i]))
			return 0;
	return len + 1;
}

static size_t own_copy(const char *p, size_t n)
{
	const char *bel = memchr(p, '\a', n);
	size_t i, len = bel ? (size_t)(bel - p) : 0;

	if (len < 7 || memcmp(p, "\033]52;c;", 7) != 0)
		return 0;
	for (i = 7; i < len; i++)
		if (!isalnum((unsigned char)p[i]) && !strchr("+/=", p[i]))
			return 0;
	return len + 1;
}

static size_t own_escape(const char *p, size_t n, bool copies)
{
	size_t len;

	if (n < 2)
		return 0;
	if (p[1] == '[')
		return own_csi(p, n);
	if (p[1] == ']') {
		len = own_title(p, n);
		return len || !copies ? len : own_copy(p, n);
	}
	if (p[1] == '(' || p[1] == ')')
		return n < 3 || !strchr("B0", p[2]) ? 0 : 3;
	return strchr("78=>M", p[1]) ? 2 : 0;
}

static bool is_foreign_character(uint32_t cp)
{
	return cp == UTF8_BAD || cp < 0xA0 || cp == 0x61C || (cp >= 0x200B && cp <= 0x200F) ||
	    (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F) ||
	    (cp >= 0xFE00 && cp <= 0xFE0F) || cp == 0xFEFF || (cp >= 0x1F3FB && cp <= 0x1F3FF) ||
	    cp >= 0xE0000;
}

/* Where the first byte stands that is not ours; n: all are. */
static size_t find_foreign(const char *p, size_t n, bool copies)
{
	size_t i = 0, len;
	uint32_t cp;

	for (; i < n; i += len) {
		unsigned char c = (unsigned char)p[i];

		len = 1;
		if (c == 0x1B) {
			len = own_escape(p + i, n - i, copies);
			if (len == 0)
				return i;
		} else if (c < 0x20 || c == 0x7F) {
			if (!strchr("\a\b\t\n\r\016\017", c))
				return i;
		} else if (c >= 0x80) {
			len = utf8_decode(p + i, n - i, &cp);
			if (is_foreign_character(cp))
				return i;
		}
	}
	return n;
}

static void check_ours(const struct buf *out, bool copies)
{
	size_t at = find_foreign(out->data, out->len, copies), i;
	struct buf hex = BUF_INIT;

	if (at == out->len)
		return;
	for (i = at > 20 ? at - 20 : 0; i < out->len && i < at + 30; i++)
		buf_fmt(&hex, i == at ? " >%02x" : " %02x", (unsigned char)out->data[i]);
	fail_msg("not ours, at %zu of %zu:%s", at, out->len, hex.data);
}

static void the_check_tells_ours_from_theirs(void **state)
{
	static const char ours[] =
	    "\033[?1049h\033[22;0;0t\033[1;24r\033(B\033[m\033[H\033[2Jtext \xE2\x94\x80\r\n\033[5b"
	    "\033]2;agent-batch 42/62 2 fail\a\033[38;5;74m\b";
	size_t i;

	(void)state;
	assert_int_equal(find_foreign(ours, strlen(ours), false), strlen(ours));
	for (i = 0; i < ARRAY_LEN(hostile); i++)
		if (!strchr("xae{p\314\346", hostile[i][0]) &&
		    strncmp(hostile[i], "\033[8m", 4) != 0 &&
		    find_foreign(hostile[i], strlen(hostile[i]), false) == strlen(hostile[i]))
			fail_msg("hostile text %zu was taken for ours", i);
}

/* ---- a terminal --------------------------------------------------------- */

struct term {
	int master, slave;
	pid_t pid;
	struct termios before;
	struct buf out;
	size_t seen; /* what waiting has gone over */
};

static void show_screen(int slave, const char *batch, bool ascii)
{
	const struct ui_opts opts = {.batch = batch, .ascii = ascii};
	const struct rlimit none = {0, 0};
	struct err err = ERR_INIT;
	int code;

	(void)setrlimit(RLIMIT_CORE, &none);
	setsid();
	(void)ioctl(slave, TIOCSCTTY, 0);
	dup2(slave, 0);
	dup2(slave, 1);
	dup2(slave, 2);
	setenv("TERM", "xterm-256color", 1);
	unsetenv("LINES");
	unsetenv("COLUMNS");
	_exit(ui_run(&opts, &code, &err) < 0 ? 99 : 0);
}

static void term_open_as(struct term *t, const struct run_fixture *f, bool ascii)
{
	struct winsize size = {.ws_row = 40, .ws_col = 120};
	char path[128];

	*t = (struct term){.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)};
	buf_init(&t->out);
	assert_true(t->master >= 0 && grantpt(t->master) == 0 && unlockpt(t->master) == 0);
	t->slave = open(ptsname(t->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(t->slave >= 0);
	assert_int_equal(ioctl(t->slave, TIOCSWINSZ, &size), 0);
	assert_int_equal(tcgetattr(t->slave, &t->before), 0);
	run_fixture_path(f, path);
	t->pid = fork();
	assert_true(t->pid >= 0);
	if (t->pid == 0)
		show_screen(t->slave, path, ascii);
}

static void term_open(struct term *t, const struct run_fixture *f)
{
	term_open_as(t, f, false);
}

/* False: nothing came for so long. */
static bool read_some(struct term *t, int wait_ms)
{
	struct pollfd p = {.fd = t->master, .events = POLLIN};
	ssize_t n;

	if (poll(&p, 1, wait_ms) <= 0)
		return false;
	buf_reserve(&t->out, 65536);
	n = read(t->master, t->out.data + t->out.len, 65536);
	if (n <= 0)
		return false;
	buf_commit(&t->out, (size_t)n);
	return true;
}

/* Presses keys, and waits for a word on the screen. */
static void type(struct term *t, const char *keys, const char *word)
{
	const int64_t until = clock_now().mono_ms + WAIT_MS;

	t->seen = t->out.len;
	assert_int_equal(write_all(t->master, keys, strlen(keys)), 0);
	while (!memmem(t->out.data + t->seen, t->out.len - t->seen, word, strlen(word))) {
		(void)read_some(t, 100);
		if (clock_now().mono_ms > until)
			fail_msg("no '%s' behind %s", word, keys);
	}
	while (read_some(t, QUIET_MS))
		;
}

/* The same with everything drawn again. */
static void press(struct term *t, const char *keys, const char *word)
{
	char all[32];

	snprintf(all, sizeof(all), "%s\f", keys);
	type(t, all, word);
}

static int term_end(struct term *t)
{
	const int64_t until = clock_now().mono_ms + WAIT_MS;
	int status = 0;

	while (waitpid(t->pid, &status, WNOHANG) == 0) {
		(void)read_some(t, 50);
		if (clock_now().mono_ms > until) {
			kill(t->pid, SIGKILL);
			fail_msg("the screen does not end");
		}
	}
	while (read_some(t, 0))
		;
	return status;
}

static bool has_ended_with(const struct term *t, const char *sequence)
{
	size_t from = t->out.len > 4096 ? t->out.len - 4096 : 0;

	return memmem(t->out.data + from, t->out.len - from, sequence, strlen(sequence));
}

static void term_close(struct term *t)
{
	struct termios now;

	assert_int_equal(tcgetattr(t->slave, &now), 0);
	assert_int_equal(now.c_iflag, t->before.c_iflag);
	assert_int_equal(now.c_oflag, t->before.c_oflag);
	assert_int_equal(now.c_cflag, t->before.c_cflag);
	assert_int_equal(now.c_lflag, t->before.c_lflag);
	assert_memory_equal(now.c_cc, t->before.c_cc, sizeof(now.c_cc));
	assert_true(has_ended_with(t, "\033[?1049l")); /* the other screen */
	assert_true(has_ended_with(t, "\033[?25h")); /* the cursor */
	close(t->slave);
	close(t->master);
	buf_release(&t->out);
}

/* ---- tests -------------------------------------------------------------- */

static void nothing_foreign_reaches_the_terminal(void **state)
{
	/* Keys, and a word that their view has. */
	static const char *const steps[][2] = {{"", "STATE"}, {"G", "STATE"}, {"g\t", "FOLLOW"},
	    {"\t", "STATE"}, {"2", "arrows"}, {"z", "arrows"}, {"z", "arrows"}, {"1", "STATE"},
	    {"3", "n/N"}, {"g", "n/N"}, {"v", "json"}, {"w", "json"}, {"G", "json"}, {"v", "raw"},
	    {"g", "raw"}, {"t", "raw"}, {"w", "raw"}, {"v", "text"}, {"/pwn\r", "match"},
	    {"//p.n\r", "match"}, {"\033", "n/N"}, {"&!1\r", "n/N"}, {"\033", "n/N"}, {"]", "n/N"},
	    {"]v", "json"}, {"]", "json"}, {"]", "json"}, {"llllllllll", "json"},
	    {"hhhhhhhhhh", "json"}, {"i", "task"}, {"\033", "json"}, {"e", "json"}, {"m", "json"},
	    {"y", "any"}, {" ", "json"}, {"4", "CYCLE"}, {"5", "AGENT"}, {"?", "Help"},
	    {"q", "AGENT"}, {"C", "whole"}, {"6", "LAST SEEN"}, {"\t", "LAST SEEN"},
	    {"G", "LAST SEEN"}, {"C", "LAST SEEN"}, {"1", "STATE"}, {":0018\r", "STATE"},
	    {"/t\r", "STATE"}, {"f", "STATE"}, {"\033", "STATE"}};
	struct term t;
	size_t i;

	term_open(&t, *state);
	for (i = 0; i < ARRAY_LEN(steps); i++)
		press(&t, steps[i][0], steps[i][1]);
	type(&t, "x", "cancel");
	press(&t, "n", "STATE");
	assert_int_equal(write_all(t.master, "qqqq", 4), 0);
	assert_int_equal(term_end(&t), 0);
	check_ours(&t.out, false);
	/* It was all there. */
	assert_non_null(memmem(t.out.data, t.out.len, "^[]0;" PWN, 5 + strlen(PWN)));
	assert_non_null(memmem(t.out.data, t.out.len, "pwn", 3));
	term_close(&t);
}

/* Walks through the views, and leaves. */
static void look_around(struct term *t)
{
	static const char *const steps[][2] = {{"", "STATE"}, {"2", "arrows"}, {"3", "n/N"},
	    {"vg", "json"}, {"4", "CYCLE"}, {"5", "AGENT"}, {"6", "LAST SEEN"}, {"1", "STATE"},
	    {"i", "task"}};
	size_t i;

	for (i = 0; i < ARRAY_LEN(steps); i++)
		press(t, steps[i][0], steps[i][1]);
	assert_int_equal(write_all(t->master, "qqqq", 4), 0);
	assert_int_equal(term_end(t), 0);
	check_ours(&t->out, false);
}

/* Whether a sequence sets a colour: 30 to 38, 40 to 48, 90 and more; 0, 39 and 49 do not. */
static bool sets_color(const struct buf *out)
{
	const char *at = out->data, *end = out->data + out->len, *m;

	while ((at = memmem(at, (size_t)(end - at), "\033[", 2)) != NULL) {
		at += 2;
		m = at + strspn(at, "0123456789;");
		for (; *m == 'm' && at < m; at += strcspn(at, ";m") + 1) {
			long n = strtol(at, NULL, 10);

			if (n >= 30 && n != 39 && n != 49)
				return true;
		}
	}
	return false;
}

static void no_color_is_no_color(void **state)
{
	struct term t;

	term_open(&t, *state);
	look_around(&t);
	assert_true(sets_color(&t.out));
	term_close(&t);
	setenv("NO_COLOR", "1", 1);
	term_open(&t, *state);
	unsetenv("NO_COLOR");
	look_around(&t);
	assert_false(sets_color(&t.out));
	term_close(&t);
}

static void ascii_is_ascii(void **state)
{
	struct term t;
	size_t i;

	term_open_as(&t, *state, true);
	look_around(&t);
	for (i = 0; i < t.out.len; i++)
		if ((unsigned char)t.out.data[i] >= 0x80)
			fail_msg("byte %02x at %zu", (unsigned char)t.out.data[i], i);
	term_close(&t);
}

static void what_is_copied_is_ours(void **state)
{
	struct term t;

	term_open(&t, *state);
	press(&t, "3", "n/N");
	press(&t, "gmmmm", "n/N");
	type(&t, "c", "copied");
	assert_int_equal(write_all(t.master, "qqq", 3), 0);
	assert_int_equal(term_end(&t), 0);
	assert_non_null(memmem(t.out.data, t.out.len, "\033]52;c;", 7));
	check_ours(&t.out, true);
	term_close(&t);
}

static void a_signal_gives_the_terminal_back(void **state)
{
	struct term t;
	int status;

	term_open(&t, *state);
	press(&t, "", "STATE");
	kill(t.pid, SIGTERM);
	assert_int_equal(term_end(&t), 0);
	check_ours(&t.out, false);
	term_close(&t);

	term_open(&t, *state);
	press(&t, "2", "arrows");
	kill(t.pid, SIGABRT);
	status = term_end(&t);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	check_ours(&t.out, false);
	term_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_check_tells_ours_from_theirs),
	    cmocka_unit_test_setup_teardown(nothing_foreign_reaches_the_terminal, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_color_is_no_color, setup, teardown),
	    cmocka_unit_test_setup_teardown(ascii_is_ascii, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_is_copied_is_ours, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_signal_gives_the_terminal_back, setup, teardown),
	};

	signal(SIGPIPE, SIG_IGN);
	unsetenv("NO_COLOR");
	return cmocka_run_group_tests_name("hostile_screen", tests, NULL, NULL);
}
