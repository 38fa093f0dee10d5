/* One line of the JSON streams that agent programs print (claude, codex, gemini, qwen, opencode,
 * and those that speak as one of them does) as text for people: who speaks, and what is said.
 *
 *   assistant: I will read the failing test first.
 *   tool: bash  make check 2>&1 | tail -n 20
 *     FAIL tests/quotes.csv: row 3
 *   error: API Error: 429 ...
 *   result: All tasks completed.
 *   system init: model=large-4 cwd=/srv/port
 *
 * The text is decoded and as hostile as the line was: it may hold newlines and controls, and goes
 * through the sanitiser before anybody sees it. Time and memory are in proportion to `n`, however
 * the line is made. */
#ifndef AB_FORMATS_STREAM_LINE_H
#define AB_FORMATS_STREAM_LINE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum stream_kind {
	STREAM_OTHER, /* no JSON, or none that tells something: the line is shown as it is */
	STREAM_SAID,
	STREAM_THOUGHT,
	STREAM_USER,
	STREAM_TOOL, /* a call: its name and a short argument */
	STREAM_OUTPUT, /* what a call gave */
	STREAM_RESULT,
	STREAM_ERROR,
	STREAM_EVENT, /* anything else that has a type */
	STREAM__COUNT
};

/* Appends the text of a line, without its newline, and tells of what kind the first thing in it is;
 * nothing is appended for STREAM_OTHER. `is_cut`: the line goes on behind these `n` bytes; what
 * they hold is read. */
enum stream_kind stream_line_read(const char *p, size_t n, bool is_cut, struct buf *out);

#endif
