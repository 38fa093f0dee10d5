/* The simulator's make-believe machine: clocks, a disk that may refuse or lose power, and an
 * executor whose processes are lines of a script. What lives here survives the conductor. */
#ifndef AB_TESTS_SIM_WORLD_H
#define AB_TESTS_SIM_WORLD_H

#include "base/buf.h"
#include "base/clock.h"
#include "exec/executor.h"
#include "model/batch.h"
#include "../support/service.h"

#include <stdbool.h>
#include <stdint.h>

/* Dice: the same seed gives the same run. */
struct dice {
	uint64_t state;
};
uint64_t dice_next(struct dice *d);
uint32_t dice_below(struct dice *d, uint32_t n); /* 0 .. n - 1 */
bool dice_chance(struct dice *d, uint32_t per_mille);

/* What one process will do. */
struct script {
	enum attempt_class class; /* the verdict that its end deserves */
	int64_t runs_ms;
	int64_t leftovers_ms; /* its leftovers live so much longer */
	int64_t retry_after_ms; /* NUM_NONE */
	int64_t reset_after_ms; /* NUM_NONE: told as a time of day, so long after the end */
	bool ignores_term; /* dies only by KILL, after the grace */
	double cost_usd; /* < 0: not told */
	int64_t tokens; /* NUM_NONE */
	struct service *service; /* that has taken it up, or NULL */
};

enum proc_state { PROC_VOID, PROC_RUNNING, PROC_ENDED, PROC_LOST };

struct proc {
	struct attempt_ref ref;
	char id[32];
	uint32_t batch_no; /* which batch of the run */
	enum proc_state state;
	struct script script;
	int64_t end_m, gone_m;
	enum kill_why killed;
	bool told_end, told_gone; /* to the conductor that lives now */
	bool is_gone;
	unsigned nr_judged; /* how often the conductor has asked for its verdict */
};

/* Keys that there are: each profile's own, and those of pools. */
#define SIM_ACCOUNTS 7
extern const char *const sim_accounts[SIM_ACCOUNTS];

struct world {
	struct dice dice;
	struct instant now;
	unsigned boot;
	char boot_id[40];

	struct proc *procs;
	size_t nr_procs, cap_procs;
	uint64_t nr_starts; /* agents' processes that really ran */

	struct buf disk; /* events.jsonl of the living batch, as a power cut would leave it */
	bool disk_refuses;
	struct attempt_ref prepared; /* the last one */
	uint32_t batch_no;

	struct service services[SIM_ACCOUNTS]; /* that the agents of each account ask */
	uint32_t account; /* of the batch's, that the next start is on */

	struct executor ex;
	const struct batch *batch; /* of the living conductor: what must hold at a start */
	struct script (*script_of)(void *ctx, const char *id, uint32_t run_attempt);
	void (*check_start)(void *ctx, uint32_t agent); /* whoever drives it has promises too */
	void *ctx;
	int64_t grace_ms;
	uint32_t busy_per_mille; /* how often the machine has no room */
};

void world_init(struct world *w, uint64_t seed);
void world_release(struct world *w);
/* The journal on disk becomes another batch's. */
void world_new_batch(struct world *w);
/* When something happens next by itself (monotonic), or INT64_MAX. */
int64_t world_next(const struct world *w);
void world_advance(struct world *w, int64_t to_m);
/* Tells the conductor what has happened since it was told last. */
void world_deliver(struct world *w);
/* The next conductor asks by probes for what had ended by now. */
void world_conductor_died(struct world *w);
/* Power off and on: processes are gone, monotonic time begins anew. */
void world_reboot(struct world *w);
uint32_t world_nr_running(const struct world *w);

/* Ends the program with the seed and what was violated. */
#define SIM_CHECK(cond, ...) \
	do { \
		if (!(cond)) \
			sim_fail(__FILE__, __LINE__, #cond, __VA_ARGS__); \
	} while (0)
_Noreturn void sim_fail(const char *file, int line, const char *cond, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
