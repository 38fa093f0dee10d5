/* All views and all places where keys mean something. */
#include "base/xalloc.h"
#include "ui/view_keys.h"

#include <string.h>

static const struct view_place views[] = {
    {VIEW_OVERVIEW, "overview", INTENT_OVERVIEW, KEYS_IN_TABLE},
    {VIEW_GRID, "grid", INTENT_GRID, KEYS_IN_GRID},
    {VIEW_LOG, "log", INTENT_LOG, KEYS_IN_FILE},
    {VIEW_LINEAGE, "lineage", INTENT_LINEAGE, KEYS_IN_LINEAGE},
    {VIEW_TIMELINE, "timeline", INTENT_TIMELINE, KEYS_IN_TIMELINE},
    {VIEW_FAILURES, "failures", INTENT_FAILURES, KEYS_IN_FAILURES},
};

static const struct view_keys *const keys_of[KEYS__CONTEXTS] = {
    [KEYS_IN_TABLE] = &overview_table_keys,
    [KEYS_IN_LOG] = &overview_log_keys,
    [KEYS_IN_FILE] = &log_keys,
    [KEYS_IN_GRID] = &grid_keys,
    [KEYS_IN_LINEAGE] = &lineage_keys,
    [KEYS_IN_TIMELINE] = &timeline_keys,
    [KEYS_IN_FAILURES] = &failures_keys,
    [KEYS_IN_HELP] = &help_keys,
    [KEYS_IN_DETAILS] = &details_keys,
};

const struct view_place *view_of_intent(enum intent intent)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(views); i++)
		if (views[i].intent == intent)
			return &views[i];
	return NULL;
}

const struct view_place *view_of_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(views); i++)
		if (strcmp(views[i].name, name) == 0)
			return &views[i];
	return NULL;
}

const struct view_place *view_place_of(enum viewer_view view)
{
	size_t i;

	for (i = 0; views[i].view != view; i++)
		;
	return &views[i];
}

const struct view_keys *view_keys_of(enum key_context where)
{
	return keys_of[where];
}
