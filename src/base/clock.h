/* Clocks and times of day. Only engine, exec, cli and ui read a clock; policy and model are
 * handed a struct instant. */
#ifndef AB_BASE_CLOCK_H
#define AB_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* One moment on both clocks. Waits and timeouts use mono_ms (CLOCK_MONOTONIC: stands still while
 * the machine sleeps, never jumps, starts anew at boot); wall_ms is Unix time. Milliseconds. */
struct instant {
	int64_t wall_ms;
	int64_t mono_ms;
};

struct instant clock_now(void);

#define BOOT_ID_LEN 36
/* The kernel's boot id as text; "unknown" where there is none. */
void clock_boot_id(char out[BOOT_ID_LEN + 1]);

#define CLOCK_STAMP_LEN 15
/* Local time as YYYYMMDD-HHMMSS, the stamp in names of batches and CSVs. */
void clock_stamp(int64_t wall_ms, char out[CLOCK_STAMP_LEN + 1]);
/* Local time as YYYY-MM-DD HH:MM:SS. */
#define CLOCK_TEXT_LEN 19
void clock_text(int64_t wall_ms, char out[CLOCK_TEXT_LEN + 1]);
/* Local time as HH:MM:SS. */
#define CLOCK_HMS_LEN 8
void clock_hms(int64_t wall_ms, char out[CLOCK_HMS_LEN + 1]);

#endif
