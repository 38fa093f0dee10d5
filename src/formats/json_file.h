/* A JSON file written as a stream through a small buffer, and put in place at once: a million rows
 * cost no more memory than one.
 *
 *   json_file_begin, then write by `w`, json_file_flush between rows, json_file_commit */
#ifndef AB_FORMATS_JSON_FILE_H
#define AB_FORMATS_JSON_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "formats/jsonw.h"

struct json_file {
	struct jsonw w;
	struct buf text; /* on its way into the file */
	struct file_new file;
	int error; /* errno of the first write that failed */
};

/* `name` in `dirfd`. Must not be moved afterwards: `w` points into it. */
int json_file_begin(struct json_file *f, int dirfd, const char *name, struct err *err);
/* Hands on what was written when it is worth a write. Failures are kept for the commit. */
void json_file_flush(struct json_file *f);
/* Puts the whole file in place, or nothing; releases everything in both cases. */
int json_file_commit(struct json_file *f, struct err *err);

#endif
