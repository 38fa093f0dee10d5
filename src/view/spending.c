#include "view/spending.h"
#include "view/text/units.h"

#include <string.h>

void spending_add_money(double usd, const struct options *o, bool is_brief, struct buf *out)
{
	char text[UNITS_SIZE];

	buf_str(out, money_text(usd, text));
	if (o->budget_usd <= 0)
		return;
	(void)money_text(o->budget_usd, text);
	if (is_brief && strcmp(text + strlen(text) - 3, ".00") == 0)
		text[strlen(text) - 3] = '\0';
	buf_fmt(out, "/%s", text);
}

void spending_add_tokens(int64_t tokens, const struct options *o, struct buf *out)
{
	char text[UNITS_SIZE];

	buf_str(out, count_text(tokens, text));
	if (o->budget_tokens > 0)
		buf_fmt(out, "/%s", count_text((int64_t)o->budget_tokens, text));
}
