/* How long to wait when nobody said. Pure: no clock, no dice. */
#ifndef AB_POLICY_BACKOFF_H
#define AB_POLICY_BACKOFF_H

#include "model/options.h"

#include <stdint.h>

/* The wait before try k + 1, in milliseconds: initial * factor^(k - 1), at most the cap, and never
 * less than 0. k counts from 1. */
int64_t backoff_ms(const struct ladder *ladder, uint32_t k);

/* Adds up to `jitter_pct` per cent, by a hash of id and n, so that agents that failed together do
 * not come back together and a replay gives the same waits. */
int64_t backoff_jitter_ms(int64_t wait_ms, double jitter_pct, const char *id, uint32_t n);

/* A usage limit that told no reset: 5, 15, then 30 minutes. k counts from 1. */
int64_t usage_probe_ms(uint32_t k);

/* INITIAL:FACTOR:CAP with decimals. -1: not that. */
int ladder_parse(const char *s, struct ladder *out);

#endif
