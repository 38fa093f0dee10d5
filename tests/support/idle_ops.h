/* Of struct conductor_ops what does nothing: for those who drive a conductor without files. */
#ifndef AB_TESTS_IDLE_OPS_H
#define AB_TESTS_IDLE_OPS_H

#include "engine/conductor.h"

static inline void idle_validation_said(void *ctx, uint32_t agent, const struct attempt *at,
    char *line, size_t size)
{
	(void)ctx;
	(void)agent;
	(void)at;
	(void)size;
	line[0] = '\0';
}

static inline int idle_take_account(void *ctx, uint32_t account, struct err *err)
{
	(void)ctx;
	(void)account;
	(void)err;
	return 0;
}

static inline void idle_starts(void *ctx, uint32_t agent, uint32_t n)
{
	(void)ctx;
	(void)agent;
	(void)n;
}

static inline void idle_completes(void *ctx, uint32_t agent, const struct attempt *at)
{
	(void)ctx;
	(void)agent;
	(void)at;
}

static inline int idle_gather_results(void *ctx, uint32_t agent, struct err *err)
{
	(void)ctx;
	(void)agent;
	(void)err;
	return 0;
}

static inline void idle_log(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

#endif
