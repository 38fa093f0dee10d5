/* What tokens cost, for a program that tells no money. Pure. */
#ifndef AB_POLICY_PRICE_H
#define AB_POLICY_PRICE_H

#include "model/profile.h"

#include <stdint.h>

/* USD by the profile's first price whose model is the beginning of `model` ("": the row names none,
 * and only a price of every model fits); < 0 where there is none, or nothing is told. Either count
 * may be NUM_NONE. */
double price_of(const struct profile *p, const char *model, int64_t tokens_in, int64_t tokens_out);

#endif
