/* The checks of an attempt's work that need no program: column expect, and the built-in ones of
 * column validate. */
#ifndef AB_ENGINE_CHECKS_H
#define AB_ENGINE_CHECKS_H

#include "engine/command.h"
#include "model/batch.h"
#include "model/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct checks {
	const struct options *options; /* all borrowed */
	const struct tasks *tasks;
	struct command_maker *commands;
	uint32_t row, n;
	const char *answer; /* what the agent said last, NUL-terminated */
};

/* Whether the row's answer is compared with an expected one. */
bool checks_compare(const struct options *o, const struct tasks *ts, const struct task *t);
/* Whether all of them agree. Otherwise `why` (of `size` bytes) says what was expected and what was
 * found. */
bool checks_agree(const struct checks *c, char *why, size_t size);

#endif
