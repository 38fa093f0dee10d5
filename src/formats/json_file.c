#include "formats/json_file.h"

#include <errno.h>

#define PIECE ((size_t)65536)
#define INDENT 2

int json_file_begin(struct json_file *f, int dirfd, const char *name, struct err *err)
{
	*f = (struct json_file){.text = BUF_INIT};
	jsonw_init(&f->w, &f->text, INDENT);
	return file_new_begin(&f->file, dirfd, name, err);
}

static void hand_on(struct json_file *f)
{
	if (!f->error && write_all(f->file.fd, f->text.data, f->text.len) < 0)
		f->error = errno;
	buf_reset(&f->text);
}

void json_file_flush(struct json_file *f)
{
	if (f->text.len >= PIECE)
		hand_on(f);
}

int json_file_commit(struct json_file *f, struct err *err)
{
	buf_ch(&f->text, '\n');
	hand_on(f);
	buf_release(&f->text);
	if (!f->error)
		return file_new_commit(&f->file, err);
	err_sys(err, f->error, "cannot write '%s'", f->file.name);
	file_new_abandon(&f->file);
	return -1;
}
