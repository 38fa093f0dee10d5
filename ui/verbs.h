/* Sends control verbs without holding up the screen: a conductor that hangs must not. */
#ifndef AB_UI_VERBS_H
#define AB_UI_VERBS_H

#include "formats/ctl.h"

#include <uv.h>

/* In the loop, when the conductor has answered or has not in time: `text` is what to show. */
typedef void (*verb_done)(void *ctx, const char *text);

/* Takes ownership of what `q` holds. `dirfd` is duplicated. `done` comes once, always; the loop
 * must run until then. */
void verb_send(uv_loop_t *loop, int dirfd, struct ctl_request *q, verb_done done, void *ctx);

#endif
