/* What conductors of one user tell each other of an account: a small file in
 * $XDG_STATE_HOME/agent-batch/gates/. A hint: whoever takes something from it journals that first.
 * Anybody may have written it, so that everything in it is checked and bounded. */
#ifndef AB_FORMATS_GATE_HINT_H
#define AB_FORMATS_GATE_HINT_H

#include "base/buf.h"
#include "formats/names.h"
#include "model/event.h"

#include <stddef.h>
#include <stdint.h>

#define HINT_LASTED 32
#define HINT_MAX_BYTES (64 * 1024)
#define HINT_NAME_SIZE 80

struct gate_hint {
	enum gate_state state;
	int64_t t; /* when it was told; Unix milliseconds */
	int64_t
	    until_t; /* of a closed one; never NUM_NONE then: what waits for a person is not shared */
	int64_t width, pace_ms, burst; /* NUM_NONE, or within what can be */
	char by[NAME_SIZE + 16]; /* the batch that told it, and its conductor's process */
	char why[200];
	int64_t lasted_ms[HINT_LASTED]; /* what limits lasted, the oldest first */
	size_t nr_lasted;
};

/* An open gate of which nothing is known. */
void gate_hint_init(struct gate_hint *h);
/* -1: not a hint about that account; *h is as gate_hint_init leaves it then. */
int gate_hint_parse(const char *text, size_t n, const char *account, struct gate_hint *h);
void gate_hint_format(const struct gate_hint *h, const char *account, struct buf *out);
/* One more limit was seen to end; the oldest one gives way. */
void gate_hint_add_lasted(struct gate_hint *h, int64_t lasted_ms);

/* The file's name. `detail`: what tells accounts of one name apart (of rows that only have a command
 * it is the command, of a declared account what it sets); or NULL. */
void gate_hint_name(const char *account, const char *detail, char out[HINT_NAME_SIZE]);

#endif
