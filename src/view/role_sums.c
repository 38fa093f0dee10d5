#include "view/role_sums.h"
#include "view/summary.h"

struct role_sums role_sums_of(const struct run_reader *run, enum solve_role role, int64_t now_t)
{
	struct role_sums s = {0};
	size_t i;

	for (i = 0; i < run->roles.nr; i++) {
		const struct role_call *call = &run->roles.v[i];
		const struct batch *b = &call->reader->state;

		if (role != SOLVE_ROLE__COUNT && call->role != role)
			continue;
		s.calls++;
		s.attempts += b->nr_attempts;
		s.elapsed_ms += batch_elapsed_ms(call->reader, now_t);
		s.cost_usd += b->cost_usd;
		s.tokens += b->tokens;
		s.tokens_in += b->tokens_in;
		s.tokens_out += b->tokens_out;
	}
	return s;
}
