/* What fuzz targets say when something that must hold does not: libFuzzer looks for a crash, and
 * run.sh counts a program that dies as a failure. */
#ifndef AB_TESTS_FUZZ_CHECK_H
#define AB_TESTS_FUZZ_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
			abort(); \
		} \
	} while (0)

#endif
