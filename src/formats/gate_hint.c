#include "formats/gate_hint.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "formats/jsonr.h"
#include "formats/jsonw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HINT_VERSION 1
/* Past these a number is a mistake or meant to harm. */
#define MAX_WIDTH 100000
#define MAX_PACE_MS (3600 * 1000)
#define MAX_LASTED_MS (8 * INT64_C(86400) * 1000)

void gate_hint_init(struct gate_hint *h)
{
	*h = (struct gate_hint){.t = NUM_NONE,
	    .until_t = NUM_NONE,
	    .width = NUM_NONE,
	    .pace_ms = NUM_NONE,
	    .burst = NUM_NONE};
}

static int64_t within(int64_t v, int64_t least, int64_t most)
{
	return v >= least && v <= most ? v : NUM_NONE;
}

/* Up to where there is room, or what is no UTF-8: a character cut in two would be written as
 * another one. */
static void keep_text(char *out, size_t size, const char *s)
{
	snprintf(out, size, "%s", s ? s : "");
	out[utf8_valid_prefix(out, strlen(out))] = '\0';
}

static int read_hint(const struct jsonr *r, struct arena *arena, struct gate_hint *h)
{
	int64_t lasted_ms[HINT_LASTED];
	int state = gate_state_from_name(jsonr_str(r, "state", arena));
	size_t nr = jsonr_ms_list(r, "lasted", lasted_ms, HINT_LASTED), i;

	h->t = jsonr_ms(r, "t");
	if (state < 0 || h->t == NUM_NONE)
		return -1;
	h->state = (enum gate_state)state;
	h->until_t = jsonr_ms(r, "until");
	if (h->state == GATE_CLOSED && h->until_t == NUM_NONE)
		return -1;
	h->width = within(jsonr_int(r, "width"), 1, MAX_WIDTH);
	h->pace_ms = within(jsonr_ms(r, "pace"), 1, MAX_PACE_MS);
	h->burst = within(jsonr_int(r, "burst"), 1, MAX_WIDTH);
	if (h->pace_ms != NUM_NONE && h->burst == NUM_NONE)
		h->burst = 1;
	keep_text(h->by, sizeof(h->by), jsonr_str(r, "by", arena));
	keep_text(h->why, sizeof(h->why), jsonr_str(r, "why", arena));
	for (i = 0; i < nr; i++)
		gate_hint_add_lasted(h, lasted_ms[i]);
	return 0;
}

int gate_hint_parse(const char *text, size_t n, const char *account, struct gate_hint *h)
{
	struct arena arena = ARENA_INIT;
	const char *name;
	struct jsonr r;
	int rc = -1;

	gate_hint_init(h);
	if (jsonr_object(&r, text, n) && jsonr_int(&r, "version") == HINT_VERSION) {
		name = jsonr_str(&r, "account", &arena);
		if (name && strcmp(name, account) == 0)
			rc = read_hint(&r, &arena, h);
	}
	if (rc < 0)
		gate_hint_init(h);
	arena_release(&arena);
	return rc;
}

void gate_hint_format(const struct gate_hint *h, const char *account, struct buf *out)
{
	struct jsonw w;
	size_t i;

	jsonw_init(&w, out, 0);
	jsonw_object(&w);
	jsonw_kint(&w, "version", HINT_VERSION);
	jsonw_kstr(&w, "account", account);
	jsonw_kms_if_told(&w, "t", h->t);
	jsonw_kstr(&w, "by", h->by);
	jsonw_kstr(&w, "state", gate_state_name(h->state));
	jsonw_kms_if_told(&w, "until", h->until_t);
	jsonw_kint_if_told(&w, "width", h->width);
	jsonw_kms_if_told(&w, "pace", h->pace_ms);
	jsonw_kint_if_told(&w, "burst", h->burst);
	jsonw_kstr(&w, "why", h->why);
	jsonw_key(&w, "lasted");
	jsonw_array(&w);
	for (i = 0; i < h->nr_lasted; i++)
		jsonw_ms(&w, h->lasted_ms[i]);
	jsonw_end(&w, ']');
	jsonw_end(&w, '}');
	buf_ch(out, '\n');
}

void gate_hint_add_lasted(struct gate_hint *h, int64_t lasted_ms)
{
	if (lasted_ms < 0 || lasted_ms > MAX_LASTED_MS)
		return;
	if (h->nr_lasted == HINT_LASTED)
		memmove(h->lasted_ms, h->lasted_ms + 1, --h->nr_lasted * sizeof(h->lasted_ms[0]));
	h->lasted_ms[h->nr_lasted++] = lasted_ms;
}

/* FNV-1a over the text and its NUL, so that two texts do not run into one. */
static uint64_t add_hash(uint64_t h, const char *s)
{
	do
		h = (h ^ (unsigned char)*s) * UINT64_C(1099511628211);
	while (*s++);
	return h;
}

void gate_hint_name(const char *account, const char *detail, char out[HINT_NAME_SIZE])
{
	uint64_t h = add_hash(UINT64_C(14695981039346656037), account);
	char clean[41];
	size_t i;

	/* The hash tells accounts apart; the name in front is for who looks into the directory. */
	for (i = 0; i < sizeof(clean) - 1 && account[i]; i++) {
		bool is_plain = (account[i] >= 'a' && account[i] <= 'z') ||
		    (account[i] >= 'A' && account[i] <= 'Z') ||
		    (account[i] >= '0' && account[i] <= '9');

		clean[i] = is_plain ? account[i] : '_';
	}
	clean[i] = '\0';
	if (detail)
		h = add_hash(h, detail);
	snprintf(out, HINT_NAME_SIZE, "%s-%016" PRIx64 ".json", clean, h);
}
