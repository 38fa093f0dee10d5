#include "policy/price.h"
#include "model/event.h"

#include <string.h>

#define MILLION 1e6

static const struct profile_price *find(const struct profile *p, const char *model)
{
	size_t i;

	for (i = 0; i < p->nr_prices; i++) {
		const char *of = p->prices[i].model;

		if (!of || (*of && strncmp(of, model, strlen(of)) == 0))
			return &p->prices[i];
	}
	return NULL;
}

double price_of(const struct profile *p, const char *model, int64_t tokens_in, int64_t tokens_out)
{
	const struct profile_price *price = find(p, model);
	double in = tokens_in > 0 ? (double)tokens_in : 0;
	double out = tokens_out > 0 ? (double)tokens_out : 0;

	if (!price || (tokens_in == NUM_NONE && tokens_out == NUM_NONE))
		return -1;
	return (in * price->in_usd + out * price->out_usd) / MILLION;
}
