#include "cli/show.h"
#include "cli/command.h"
#include "cli/paint.h"
#include "cli/print.h"
#include "formats/journal.h"
#include "ui/ui.h"

#include <fcntl.h>
#include <sys/stat.h>

const char *show_why_no_screen(const struct front_options *front)
{
	const char *why;

	if (front->monitor)
		return ui_why_not();
	if (front->no_tui || front->plain || front->output == OUTPUT_JSONL)
		return "";
	why = paint_why_no_screen();
	return why ? why : ui_why_not();
}

/* From here on, about 200,000 events, reading takes longer than people wait without a word. */
#define LONG_JOURNAL_BYTES (32 << 20)

static void say_reading(const struct batch_dir *dir)
{
	struct stat st;

	if (fstatat(dir->fd, JOURNAL_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_size >= LONG_JOURNAL_BYTES)
		note("reading %s: %lld MB of events", dir->name, (long long)(st.st_size >> 20));
}

/* -1 where it could not be shown: said on stderr, and there are still the lines. */
static int show_screen(const struct batch_dir *dir, const struct front_options *front)
{
	const struct ui_opts opts = {
	    .batch = dir->path,
	    .color = front->color == COLOR_ALWAYS ? UI_COLOR_ALWAYS
		: front->color == COLOR_NEVER     ? UI_COLOR_NEVER
						  : UI_COLOR_AUTO,
	    .ascii = front->ascii,
	    .notify = front->notify_term == NOTIFY_OSC9 ? UI_NOTIFY_OSC9
		: front->notify_term == NOTIFY_OSC777   ? UI_NOTIFY_OSC777
							: UI_NOTIFY_OFF,
	};
	struct err err = ERR_INIT;
	int code;

	say_reading(dir);
	if (ui_run(&opts, &code, &err) < 0)
		return fail(-1, "%s", err.msg);
	return code < 0 ? EXIT_LEFT_RUNNING : code;
}

/* Only lines need to know: the screen shows what there is. */
static void from_now_on(const struct batch_dir *dir, struct follow_since *since)
{
	struct run_reader r;

	if (run_reader_open(&r, dir->path, NULL) == 0) {
		follow_from_here(since, &r);
		run_reader_close(&r);
	}
}

int show_run(const struct batch_dir *dir, const struct show_opts *opts)
{
	struct front_options front = *opts->front;
	struct follow_since now = {NULL, 0};
	const char *why = show_why_no_screen(&front);
	int code = why ? -1 : show_screen(dir, &front);

	if (code >= 0)
		return code;
	if (why && *why)
		note("%s: lines of text in place of the screen", why);
	front.plain = front.plain || paint_is_accessible();
	if (opts->from_here)
		from_now_on(dir, &now);
	code = follow_run(dir,
	    &(struct follow_opts){
		.front = &front,
		.since = opts->from_here ? &now : opts->since,
		.hands_on_signals = opts->is_own,
	    });
	follow_since_release(&now);
	return code;
}
