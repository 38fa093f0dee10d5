#include "ui/tty.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "ui/keys.h"
#include "ui/paint.h"
#include "view/text/width.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

/* Esc is Esc when nothing follows it so soon. */
#define ESC_DELAY_MS 25

/* ---- giving back in an emergency ---------------------------------------- */

/* Every way of reporting that curses may have asked for. */
#define MOUSE_OFF "\033[?1006l\033[?1003l\033[?1002l\033[?1000l"

/* What a signal handler or die() writes: nothing in here may allocate or ask curses. */
static struct {
	volatile sig_atomic_t is_taken;
	volatile sig_atomic_t has_mouse;
	struct termios saved;
	char bytes[256];
	size_t nr;
} emergency;

static void give_back(void)
{
	if (!emergency.is_taken)
		return;
	emergency.is_taken = 0;
	(void)!write(STDOUT_FILENO, emergency.bytes, emergency.nr);
	if (emergency.has_mouse)
		(void)!write(STDOUT_FILENO, MOUSE_OFF, sizeof(MOUSE_OFF) - 1);
	(void)tcsetattr(STDOUT_FILENO, TCSANOW, &emergency.saved);
}

static void on_fatal(int sig)
{
	give_back();
	raise(sig); /* the default again, by SA_RESETHAND */
}

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static void watch_fatal(bool on)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(fatal_signals); i++) {
		struct sigaction sa = {.sa_handler = on ? on_fatal : SIG_DFL}, old;

		/* A sanitizer's own handler is worth more than a tidy terminal. */
		if (sigaction(fatal_signals[i], NULL, &old) < 0 ||
		    old.sa_handler != (on ? SIG_DFL : on_fatal))
			continue;
		sa.sa_flags = on ? (int)(SA_RESETHAND | SA_NODEFER) : 0;
		(void)sigaction(fatal_signals[i], &sa, NULL);
	}
}

static void add_sequence(const char *s)
{
	size_t n = s && s != (const char *)-1 ? strlen(s) : 0;

	/* Padding ("$<5>") means nothing on a terminal of today. */
	if (n && !strchr(s, '$') && emergency.nr + n <= sizeof(emergency.bytes)) {
		memcpy(emergency.bytes + emergency.nr, s, n);
		emergency.nr += n;
	}
}

static void prepare_emergency(bool has_title)
{
	emergency.nr = 0;
	add_sequence(tigetstr("sgr0"));
	add_sequence(tigetstr("rmkx"));
	add_sequence(tigetstr("cnorm"));
	add_sequence(tigetstr("rmcup"));
	if (has_title)
		add_sequence("\033[23;0t");
	emergency.is_taken = 1;
	die_set_hook(give_back);
	watch_fatal(true);
}

/* ---- taking ------------------------------------------------------------- */

const char *ui_why_not(void)
{
	const char *name = getenv("TERM"), *cup;
	int status;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return "this is no terminal";
	if (!name || !*name)
		return "TERM is not set";
	if (strcmp(name, "dumb") == 0)
		return "TERM is dumb";
	if (setupterm(name, STDOUT_FILENO, &status) == ERR)
		return "TERM is not known to terminfo";
	/* It must be able to go to a place; without that there is no screen. */
	cup = tigetstr("cup");
	(void)del_curterm(cur_term);
	return cup && cup != (char *)-1 ? NULL : "this terminal cannot move its cursor";
}

/* Opened anew, so that being non-blocking is not shared with stdout and with the shell. */
static int open_input(void)
{
	char name[128];
	int fd = -1;

	if (ttyname_r(STDIN_FILENO, name, sizeof(name)) == 0)
		fd = open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	return fd;
}

static enum tty_depth depth_of(enum ui_color color)
{
	const char *no = getenv("NO_COLOR");

	if (color == UI_COLOR_NEVER || (color == UI_COLOR_AUTO && no && *no))
		return TTY_MONO;
	if (!has_colors() || start_color() == ERR)
		return TTY_MONO;
	use_default_colors();
	return COLORS >= 256 ? TTY_256 : COLORS >= 8 ? TTY_8 : TTY_MONO;
}

/* Terminals that are known to keep titles on a stack. Others get none: what cannot be put back is
 * not changed. */
static bool knows_titles(const char *name)
{
	static const char *const prefixes[] = {
	    "xterm", "tmux", "alacritty", "foot", "kitty", "wezterm", "contour", "mintty"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* Consoles and terminals from before there was OSC would print it. */
static bool knows_osc(const char *name)
{
	static const char *const without[] = {"linux", "vt", "ansi", "cons", "dumb", "wyse"};
	size_t i;

	for (i = 0; i < ARRAY_LEN(without); i++)
		if (strncmp(name, without[i], strlen(without[i])) == 0)
			return false;
	return *name != '\0';
}

static void set_modes(struct tty *t)
{
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, TRUE);
	scrollok(stdscr, FALSE);
	(void)curs_set(0);
	set_escdelay(ESC_DELAY_MS);
	(void)t;
}

int tty_open(struct tty *t, const struct ui_opts *opts, struct err *err)
{
	SCREEN *s;
	int cols, rows;

	*t = (struct tty){.in_fd = open_input(), .is_stale = true};
	cells_init(&t->shown);
	if (t->in_fd < 0 || tcgetattr(STDOUT_FILENO, &emergency.saved) < 0)
		goto fail;
	t->in = fdopen(t->in_fd, "r");
	if (!t->in)
		goto fail;
	use_env(FALSE);
	use_tioctl(TRUE);
	s = newterm(NULL, stdout, t->in);
	if (!s) {
		fclose(t->in);
		return err_set(err, "cannot use this terminal: unknown to terminfo");
	}
	t->curses = (struct screen *)s;
	t->ascii = opts->ascii || !width_has_utf8();
	t->depth = depth_of(opts->color);
	t->has_title = knows_titles(getenv("TERM") ? getenv("TERM") : "");
	t->has_osc = knows_osc(getenv("TERM") ? getenv("TERM") : "");
	prepare_emergency(t->has_title);
	if (t->has_title)
		(void)!write(STDOUT_FILENO, "\033[22;0t", 7);
	set_modes(t);
	tty_size(t, &cols, &rows);
	tty_resized(t, cols, rows);
	return 0;
fail:
	err_sys(err, errno, "cannot open the terminal");
	if (t->in_fd >= 0)
		close(t->in_fd);
	return -1;
}

/* Every step, whatever those before it returned. */
static void leave(struct tty *t)
{
	(void)endwin();
	if (t->has_title)
		(void)!write(STDOUT_FILENO, "\033[23;0t", 7);
	(void)tcsetattr(STDOUT_FILENO, TCSADRAIN, &emergency.saved);
	emergency.is_taken = 0;
}

void tty_close(struct tty *t)
{
	leave(t);
	watch_fatal(false);
	die_set_hook(NULL);
	delscreen((SCREEN *)t->curses);
	fclose(t->in);
	cells_release(&t->shown);
}

void tty_suspend(struct tty *t)
{
	leave(t);
}

void tty_resume(struct tty *t)
{
	int cols, rows;

	t->is_plain = false;
	if (t->has_title)
		(void)!write(STDOUT_FILENO, "\033[22;0t", 7);
	emergency.is_taken = 1;
	(void)reset_prog_mode();
	tty_size(t, &cols, &rows);
	tty_resized(t, cols, rows);
	(void)curs_set(0);
}

bool tty_has_modes(const struct tty *t)
{
	struct termios now;

	(void)t;
	return tcgetattr(STDOUT_FILENO, &now) < 0 || !(now.c_lflag & (ICANON | ECHO));
}

/* ---- size --------------------------------------------------------------- */

void tty_size(const struct tty *t, int *cols, int *rows)
{
	struct winsize w;

	(void)t;
	*cols = 80;
	*rows = 24;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0)
		return;
	if (w.ws_col)
		*cols = w.ws_col;
	if (w.ws_row)
		*rows = w.ws_row;
}

void tty_resized(struct tty *t, int cols, int rows)
{
	(void)resizeterm(rows, cols);
	clearok(curscr, TRUE);
	t->is_stale = true;
}

bool tty_takes_output(const struct tty *t)
{
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

	(void)t;
	return poll(&p, 1, 0) > 0 && (p.revents & POLLOUT);
}

/* Curses has switched the terminal's own line ends off. */
static void add_plain(const struct tty *t, const char *text, size_t n, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\n')
			buf_str(out, "\r\n");
		else if (c < 0x80 || !t->ascii)
			buf_ch(out, (char)c);
		else if (c >= 0xC0) /* one for each character */
			buf_ch(out, '?');
	}
}

static void add_capability(const char *name, struct buf *out)
{
	const char *s = tigetstr(name);

	if (s && s != (const char *)-1 && !strchr(s, '$'))
		buf_str(out, s);
}

void tty_plain(struct tty *t, const char *text, size_t n)
{
	struct buf b = BUF_INIT;

	t->is_plain = true;
	add_capability("sgr0", &b);
	add_capability("rmcup", &b);
	buf_str(&b, "\r\n");
	add_plain(t, text, n, &b);
	buf_str(&b, "(any key returns)");
	(void)write_all(STDOUT_FILENO, b.data, b.len);
	buf_release(&b);
}

void tty_unplain(struct tty *t)
{
	struct buf b = BUF_INIT;
	int cols, rows;

	if (!t->is_plain)
		return;
	t->is_plain = false;
	buf_str(&b, "\r\n");
	add_capability("smcup", &b);
	(void)write_all(STDOUT_FILENO, b.data, b.len);
	buf_release(&b);
	tty_size(t, &cols, &rows);
	tty_resized(t, cols, rows);
}

bool tty_is_gone(const struct tty *t)
{
	struct pollfd p = {.fd = t->in_fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* ---- in and out --------------------------------------------------------- */

static bool is_same(const struct cell *a, const struct cell *b)
{
	return a->cp == b->cp && a->width == b->width && style_equal(a->style, b->style) &&
	    memcmp(a->marks, b->marks, sizeof(a->marks)) == 0;
}

void tty_draw(struct tty *t, const struct cells *c)
{
	int row, col;

	if (t->is_plain)
		return;
	if (t->is_stale || t->shown.cols != c->cols || t->shown.rows != c->rows) {
		erase();
		cells_resize(&t->shown, c->cols, c->rows);
		t->is_stale = false;
	}
	for (row = 0; row < c->rows; row++)
		for (col = 0; col < c->cols; col++) {
			const struct cell *now = cells_at(c, row, col);
			struct cell *was = cells_at(&t->shown, row, col);

			if (is_same(now, was))
				continue;
			*was = *now;
			if (now->width)
				paint_cell(now, row, col, t->depth, t->ascii);
		}
	wnoutrefresh(stdscr);
	doupdate();
}

int tty_key(struct tty *t)
{
	wint_t c;
	int rc;

	(void)t;
	/* Curses tells of a new size as if a key had been pressed: it would answer questions. */
	do
		rc = wget_wch(stdscr, &c);
	while (rc == KEY_CODE_YES && c == KEY_RESIZE);
	if (rc == KEY_CODE_YES)
		return KEY_FUNCTION + (int)c;
	return rc == OK ? (int)c : -1;
}

/* Rows that one click of the wheel scrolls by. */
#define WHEEL_ROWS 3

void tty_set_mouse(struct tty *t, bool is_on)
{
	(void)t;
	mouseinterval(0); /* a press is one at once */
	(void)mousemask(is_on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
	emergency.has_mouse = is_on;
}

bool tty_mouse(struct tty *t, int *row, int *col, int *rows)
{
	MEVENT ev;

	(void)t;
	if (getmouse(&ev) != OK)
		return false;
	*row = ev.y;
	*col = ev.x;
	*rows = ev.bstate & BUTTON4_PRESSED ? -WHEEL_ROWS
	    : ev.bstate & BUTTON5_PRESSED   ? WHEEL_ROWS
					    : 0;
	return *rows || (ev.bstate & BUTTON1_PRESSED);
}

static void add_base64(struct buf *out, const unsigned char *p, size_t n)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) |
		    (i + 2 < n ? p[i + 2] : 0);

		buf_ch(out, digits[v >> 18]);
		buf_ch(out, digits[v >> 12 & 63]);
		buf_ch(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
		buf_ch(out, i + 2 < n ? digits[v & 63] : '=');
	}
}

bool tty_copy(struct tty *t, const char *text, size_t n)
{
	struct buf b = BUF_INIT;

	if (!t->has_osc)
		return false;
	buf_str(&b, "\033]52;c;");
	add_base64(&b, (const unsigned char *)text, n);
	buf_ch(&b, '\007');
	(void)write_all(STDOUT_FILENO, b.data, b.len);
	buf_release(&b);
	return true;
}

void tty_bell(struct tty *t)
{
	(void)t;
	beep();
}

void tty_notify(struct tty *t, enum ui_notify how, const char *text)
{
	struct buf b = BUF_INIT;

	if (how == UI_NOTIFY_OFF || !t->has_osc)
		return;
	buf_str(&b, how == UI_NOTIFY_OSC9 ? "\033]9;" : "\033]777;notify;agent-batch;");
	sanitize_line(&b, text);
	buf_ch(&b, '\007');
	(void)write_all(STDOUT_FILENO, b.data, b.len);
	buf_release(&b);
}

void tty_title(struct tty *t, const char *text)
{
	struct buf b = BUF_INIT, clean = BUF_INIT;

	if (!t->has_title)
		return;
	sanitize_line(&clean, text);
	buf_fmt(&b, "\033]2;%s\007", clean.data);
	(void)write_all(STDOUT_FILENO, b.data, b.len);
	buf_release(&clean);
	buf_release(&b);
}
