/* The loop of the screen: keys, signals, files that change and one tick a second come in; frames
 * and verbs go out. */
#include "ui/ui.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "ui/control.h"
#include "ui/notice.h"
#include "ui/tty.h"
#include "ui/verbs.h"
#include "ui/view_keys.h"
#include "view/summary.h"
#include "view/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

/* Between frames that nobody's key asked for, and between those that somebody's did. */
#define FRAME_MS 100
#define KEY_FRAME_MS 33
/* As long as logs in the grid grow, they are looked at so often. */
#define GRID_MS 250
/* All completed and no key for a minute: the screen leaves by itself, and says so first. */
#define IDLE_MS 60000
#define FAREWELL_MS 10000
/* Counting and searching give way to keys so often. */
#define WORK_MS 10
/* Not 0: timers that are due run before input is looked at. */
#define WORK_GAP_MS 1

static const int signals[] = {SIGWINCH, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT};

struct ui {
	uv_loop_t loop;
	struct tty tty;
	struct run_reader run;
	struct run_watch *watch;
	struct viewer viewer;
	struct control control;
	struct cells cells;
	char boot[BOOT_ID_LEN + 1];

	uv_poll_t input;
	uv_timer_t frame; /* one frame is due */
	uv_timer_t work; /* there is more to count or to look for */
	uv_signal_t signals[ARRAY_LEN(signals)];
	uv_fs_event_t log; /* the log in the pane */
	const struct batch_reader *log_batch; /* whose log it is */
	uint32_t log_agent;

	int64_t drawn_ms; /* of the last frame, monotonic */
	struct notice notice;
	int64_t opened_ms;
	int64_t leave_ms; /* when the screen leaves by itself, or NUM_NONE */
	int nr_verbs; /* on their way */
	struct buf answers; /* to those since none was */
	bool is_resized, is_leaving, has_run_ended;
};

/* ---- frames ------------------------------------------------------------- */

static void follow_size(struct ui *ui)
{
	int cols, rows;

	if (!ui->is_resized)
		return;
	ui->is_resized = false;
	tty_size(&ui->tty, &cols, &rows);
	tty_resized(&ui->tty, cols, rows);
	cells_resize(&ui->cells, cols, rows);
}

static void draw(struct ui *ui)
{
	struct control_frame f;
	struct instant now = clock_now();

	if (ui->is_leaving)
		return;
	if (!tty_takes_output(&ui->tty)) {
		/* A terminal that is stopped or slow gets fewer frames, not a stalled loop. */
		ui->drawn_ms = now.mono_ms;
		return;
	}
	follow_size(ui);
	control_frame(&ui->viewer, &f);
	frame_paint(&ui->viewer, &f.opts, &ui->cells);
	tty_draw(&ui->tty, &ui->cells);
	notice_title(&ui->notice, &ui->tty, &ui->viewer.model);
	ui->drawn_ms = now.mono_ms;
}

static void watch_log(struct ui *ui);

/* ---- what takes long ---------------------------------------------------- */

static void want_frame(struct ui *ui, int64_t gap_ms);

/* False: nothing is left to do. */
static bool work_a_little(struct ui *ui)
{
	int64_t until = clock_now().mono_ms + WORK_MS;
	bool is_busy;

	do
		is_busy = viewer_work(&ui->viewer);
	while (is_busy && clock_now().mono_ms < until);
	return is_busy;
}

static void on_work(uv_timer_t *t)
{
	struct ui *ui = t->data;

	if (work_a_little(ui))
		uv_timer_start(&ui->work, on_work, WORK_GAP_MS, 0);
	want_frame(ui, FRAME_MS);
}

static void on_frame(uv_timer_t *t)
{
	struct ui *ui = t->data;
	bool is_live = false;

	if (!ui->viewer.look.is_frozen)
		log_pane_refresh(&ui->viewer.pane);
	if (work_a_little(ui))
		uv_timer_start(&ui->work, on_work, WORK_GAP_MS, 0);
	if (ui->viewer.view == VIEW_GRID && !ui->viewer.look.is_frozen &&
	    grid_refresh(&ui->viewer.grid))
		is_live = true;
	draw(ui);
	if (is_live)
		want_frame(ui, GRID_MS);
	watch_log(ui);
}

/* A frame now, or as soon as the last one is `gap_ms` old. */
static void want_frame(struct ui *ui, int64_t gap_ms)
{
	int64_t due = ui->drawn_ms == NUM_NONE ? 0 : ui->drawn_ms + gap_ms - clock_now().mono_ms;

	if (uv_is_active((uv_handle_t *)&ui->frame) &&
	    (int64_t)uv_timer_get_due_in(&ui->frame) <= (due > 0 ? due : 0))
		return;
	uv_timer_start(&ui->frame, on_frame, due > 0 ? (uint64_t)due : 0, 0);
}

/* ---- the visible log ---------------------------------------------------- */

/* One event is enough for one frame: then it is watched again. */
static void on_log(uv_fs_event_t *h, const char *name, int events, int status)
{
	struct ui *ui = h->data;

	(void)name;
	(void)events;
	(void)status;
	uv_fs_event_stop(h);
	want_frame(ui, FRAME_MS);
}

static void watch_log(struct ui *ui)
{
	const struct log_pane *pane = &ui->viewer.pane;
	char *path;

	if (ui->is_leaving || !pane->batch)
		return;
	if (uv_is_active((uv_handle_t *)&ui->log) && pane->batch == ui->log_batch &&
	    pane->agent == ui->log_agent)
		return;
	uv_fs_event_stop(&ui->log);
	ui->log_batch = pane->batch;
	ui->log_agent = pane->agent;
	path = xasprintf("%s/%s", pane->batch->dir.path, pane->tail.name);
	/* No log yet, or no events here: the tick of each second still looks. */
	(void)uv_fs_event_start(&ui->log, on_log, path, 0);
	free(path);
}

/* ---- leaving ------------------------------------------------------------ */

/* All are zero until they are initialised. */
static void close_if_open(uv_handle_t *h)
{
	if (h->type != UV_UNKNOWN_HANDLE && !uv_is_closing(h))
		uv_close(h, NULL);
}

static void leave(struct ui *ui)
{
	size_t i;

	if (ui->is_leaving)
		return;
	ui->is_leaving = true;
	close_if_open((uv_handle_t *)&ui->input);
	close_if_open((uv_handle_t *)&ui->frame);
	close_if_open((uv_handle_t *)&ui->work);
	close_if_open((uv_handle_t *)&ui->log);
	for (i = 0; i < ARRAY_LEN(signals); i++)
		close_if_open((uv_handle_t *)&ui->signals[i]);
	run_watch_free(ui->watch);
	ui->watch = NULL;
}

/* ---- the run goes on ---------------------------------------------------- */

static int64_t idle_since(const struct ui *ui)
{
	return ui->viewer.last_key_ms == NUM_NONE ? ui->opened_ms : ui->viewer.last_key_ms;
}

/* Only where this screen saw the end: who attaches to an ended run wants to read it. */
static void consider_leaving(struct ui *ui, struct instant now)
{
	if (!ui->has_run_ended || ui->notice.exit_code != 0)
		return;
	if (now.mono_ms - idle_since(ui) < IDLE_MS) {
		ui->leave_ms = NUM_NONE;
		return;
	}
	if (ui->leave_ms == NUM_NONE) {
		ui->leave_ms = now.mono_ms + FAREWELL_MS;
		viewer_say(&ui->viewer, "all completed: leaving in 10 s, any key stays");
	} else if (now.mono_ms >= ui->leave_ms) {
		leave(ui);
	}
}

/* Where nobody has chosen anything else to look at. */
static void show_what_failed(struct ui *ui)
{
	struct viewer *v = &ui->viewer;

	if (!v->is_touched && v->model.counts[ROLE_FAILED] + v->model.counts[ROLE_LOST] > 0)
		view_show(v, VIEW_FAILURES);
}

static void look_for_news(struct ui *ui)
{
	if (!notice_look(&ui->notice, &ui->tty, &ui->viewer.model, ui->control.has_bell))
		return;
	ui->has_run_ended = true;
	show_what_failed(ui);
}

/* After every refresh of the reader, and each second. */
static void on_change(void *ctx)
{
	struct ui *ui = ctx;
	struct instant now = clock_now();

	if (ui->is_leaving)
		return;
	if (tty_is_gone(&ui->tty)) {
		leave(ui);
		return;
	}
	ui->viewer.trouble = run_watch_error(ui->watch);
	if (!ui->viewer.look.is_frozen) {
		viewer_update(&ui->viewer, now);
		look_for_news(ui);
		want_frame(ui, FRAME_MS);
	}
	consider_leaving(ui, now);
}

/* ---- keys --------------------------------------------------------------- */

static void press(struct ui *ui, struct instant now)
{
	struct control_mouse m;

	if (tty_mouse(&ui->tty, &m.row, &m.col, &m.rows))
		control_mouse(&ui->control, &m, now);
}

static void on_input(uv_poll_t *h, int status, int events)
{
	struct ui *ui = h->data;
	struct instant now = clock_now();
	int code, nr = 0;

	(void)events;
	if (ui->tty.is_plain) {
		while (tty_key(&ui->tty) >= 0)
			nr++;
		if (nr) {
			tty_unplain(&ui->tty);
			want_frame(ui, 0);
		}
	}
	/* All that is there, then one frame: fifty queued arrows are one move. */
	while (!ui->is_leaving && (code = tty_key(&ui->tty)) >= 0) {
		if (code == KEY_FN_MOUSE)
			press(ui, now);
		else
			control_key(&ui->control, code, now);
		nr++;
	}
	if (ui->is_leaving)
		return;
	if (nr == 0 && (status < 0 || tty_is_gone(&ui->tty))) {
		leave(ui);
		return;
	}
	if (nr == 0)
		return;
	ui->leave_ms = NUM_NONE;
	if (!ui->viewer.look.is_frozen)
		viewer_update(&ui->viewer, now);
	want_frame(ui, KEY_FRAME_MS);
}

/* One key may have sent several verbs: all their answers are said. */
static void verb_answered(void *ctx, const char *text)
{
	struct ui *ui = ctx;

	ui->nr_verbs--;
	if (ui->is_leaving)
		return;
	if (ui->answers.len)
		buf_str(&ui->answers, "; ");
	buf_str(&ui->answers, text);
	viewer_say(&ui->viewer, "%s", ui->answers.data);
	want_frame(ui, KEY_FRAME_MS);
}

/* Takes the request over. */
static void send_to(struct ui *ui, const struct batch_reader *to, struct ctl_request q)
{
	if (ui->nr_verbs++ == 0)
		buf_reset(&ui->answers);
	verb_send(&ui->loop, to->dir.fd, &q, verb_answered, ui);
}

static void op_send(void *ctx, struct ctl_request *q)
{
	struct ui *ui = ctx;
	const struct batch_reader *shown = ui->viewer.model.shown;
	size_t nr = 0, i;
	struct batch_reader **living = run_reader_living(ui->viewer.model.run, &nr);

	/* What is said of the run goes for every branch of it. */
	for (i = 0; i < nr && ctl_verb_is_of_run(q->verb); i++)
		if (living[i] != shown && run_are_siblings(living[i], shown))
			send_to(ui, living[i], ctl_request_copy(q));
	free(living);
	send_to(ui, view_listener(&ui->viewer.model), *q);
	memset(q, 0, sizeof(*q));
}

static void op_leave(void *ctx)
{
	leave(ctx);
}

static void op_plain(void *ctx, const char *text, size_t n)
{
	struct ui *ui = ctx;
	struct buf b = BUF_INIT;

	if (!text) {
		cells_print(&ui->cells, ui->tty.ascii, &b);
		text = b.data;
		n = b.len;
	}
	tty_plain(&ui->tty, text, n);
	buf_release(&b);
}

static bool op_copy(void *ctx, const char *text, size_t n)
{
	return tty_copy(&((struct ui *)ctx)->tty, text, n);
}

static void op_mouse(void *ctx, bool is_on)
{
	tty_set_mouse(&((struct ui *)ctx)->tty, is_on);
}

static void op_redraw(void *ctx)
{
	struct ui *ui = ctx;

	ui->is_resized = true;
	want_frame(ui, 0);
}

/* ---- signals ------------------------------------------------------------ */

static void on_signal(uv_signal_t *h, int sig);

static void suspend(struct ui *ui, uv_signal_t *h)
{
	tty_suspend(&ui->tty);
	/* The default again, so that the shell sees it stopped as any other program. */
	uv_signal_stop(h);
	raise(SIGTSTP);
	uv_signal_start(h, on_signal, SIGTSTP);
	tty_resume(&ui->tty);
	ui->is_resized = true;
	want_frame(ui, 0);
}

static void on_signal(uv_signal_t *h, int sig)
{
	struct ui *ui = h->data;

	switch (sig) {
	case SIGWINCH:
		ui->is_resized = true;
		want_frame(ui, KEY_FRAME_MS);
		return;
	case SIGINT:
		tty_unplain(&ui->tty);
		control_interrupt(&ui->control, clock_now());
		want_frame(ui, KEY_FRAME_MS);
		return;
	case SIGTSTP:
		suspend(ui, h);
		return;
	case SIGCONT:
		/* Stopped by STOP it gave nothing back, and the shell has made its own of it. */
		if (!tty_has_modes(&ui->tty)) {
			tty_suspend(&ui->tty);
			tty_resume(&ui->tty);
		}
		ui->is_resized = true;
		want_frame(ui, 0);
		return;
	default:
		leave(ui);
		return;
	}
}

/* ---- all together ------------------------------------------------------- */

static int start_loop(struct ui *ui, struct err *err)
{
	size_t i;
	int rc;

	uv_timer_init(&ui->loop, &ui->frame);
	ui->frame.data = ui;
	uv_timer_init(&ui->loop, &ui->work);
	ui->work.data = ui;
	uv_fs_event_init(&ui->loop, &ui->log);
	ui->log.data = ui;
	for (i = 0; i < ARRAY_LEN(signals); i++) {
		uv_signal_init(&ui->loop, &ui->signals[i]);
		ui->signals[i].data = ui;
		uv_signal_start(&ui->signals[i], on_signal, signals[i]);
	}
	rc = uv_poll_init(&ui->loop, &ui->input, ui->tty.in_fd);
	if (rc == 0) {
		ui->input.data = ui;
		rc = uv_poll_start(&ui->input, UV_READABLE | UV_DISCONNECT, on_input);
	}
	if (rc < 0)
		return err_set(err, "cannot watch the terminal: %s", uv_strerror(rc));
	ui->watch = run_watch_new(&ui->loop, &ui->run, on_change, ui, err);
	return ui->watch ? 0 : -1;
}

static void open_viewer(struct ui *ui, const struct ui_opts *opts)
{
	const struct control_ops ops = {
	    .send = op_send,
	    .leave = op_leave,
	    .redraw = op_redraw,
	    .copy = op_copy,
	    .plain = op_plain,
	    .mouse = op_mouse,
	    .ctx = ui,
	};
	struct instant now = clock_now();

	clock_boot_id(ui->boot);
	viewer_init(&ui->viewer, &ui->run, ui->boot);
	ui->viewer.look.ascii = ui->tty.ascii;
	ui->viewer.look.has_color = ui->tty.depth != TTY_MONO;
	control_init(&ui->control, &ui->viewer, &ops);
	viewer_update(&ui->viewer, now);
	ui->opened_ms = now.mono_ms;
	notice_init(&ui->notice, opts->notify, &ui->viewer.model);
	ui->is_resized = true;
}

/* What stays on the terminal, of the run as it is now. */
static void say_goodbye(struct ui *ui)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	/* Of what is no longer there nothing could be carried on. */
	if (run_reader_refresh(&ui->run, &err) < 0)
		buf_fmt(&text, "cannot read the run: %s\n", err.msg);
	else
		view_leaving_text(&ui->run, clock_now(), &text);
	(void)write_all(STDOUT_FILENO, text.data, text.len);
	buf_release(&text);
}

static int show(struct ui *ui, const struct ui_opts *opts, struct err *err)
{
	int rc;

	uv_loop_init(&ui->loop);
	if (tty_open(&ui->tty, opts, err) < 0) {
		uv_loop_close(&ui->loop);
		return -1;
	}
	cells_init(&ui->cells);
	open_viewer(ui, opts);
	rc = start_loop(ui, err);
	if (rc == 0) {
		want_frame(ui, 0);
		watch_log(ui);
	} else {
		leave(ui);
	}
	uv_run(&ui->loop, UV_RUN_DEFAULT);
	tty_close(&ui->tty);
	uv_loop_close(&ui->loop);
	control_release(&ui->control);
	buf_release(&ui->answers);
	viewer_release(&ui->viewer);
	cells_release(&ui->cells);
	return rc;
}

int ui_run(const struct ui_opts *opts, int *exit_code, struct err *err)
{
	struct ui *ui = xcalloc(1, sizeof(*ui));
	int rc;

	buf_init(&ui->answers);
	ui->drawn_ms = ui->leave_ms = NUM_NONE;
	if (run_reader_open(&ui->run, opts->batch, err) < 0) {
		free(ui);
		return -1;
	}
	rc = show(ui, opts, err);
	if (rc == 0) {
		say_goodbye(ui);
		*exit_code = run_reader_exit_code(&ui->run);
	}
	run_reader_close(&ui->run);
	free(ui);
	return rc;
}
