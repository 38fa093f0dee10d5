/* The demo's backlog: what each simulated agent is to do, what goes wrong with it, and where it
 * must end. */
#ifndef AB_CLI_DEMO_SCRIPT_H
#define AB_CLI_DEMO_SCRIPT_H

#include "base/err.h"
#include "formats/run_reader.h"

#include <stdbool.h>
#include <stddef.h>

/* What a row is there to show. */
enum demo_point {
	DEMO_SMOOTH,
	DEMO_LIMIT, /* told to wait by the service */
	DEMO_FLAKY, /* 5xx, network */
	DEMO_CRASH,
	DEMO_HANG, /* ended by its time limit */
	DEMO_HEALED, /* fails a whole cycle and more */
	DEMO_DEPENDENT, /* waits for a row that fails at first */
	DEMO_HOPELESS
};

struct demo_row {
	const char *id, *task;
	const char *script; /* of the [[sim ...]] directive */
	const char *tags, *depends_on, *timeout;
	enum demo_point point;
	int cycle; /* in which it is completed; of the hopeless one: in which it ends */
	unsigned attempts; /* over the run */
};

const struct demo_row *demo_script(size_t *nr);

/* Writes demo.csv into the directory, and a directory of its own for each row. */
int demo_write(const char *dir, struct err *err);

/* Whether the run ended as scripted; err names the first row that did not. */
bool demo_went_as_scripted(const struct run_reader *run, struct err *err);

#endif
