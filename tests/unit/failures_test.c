/* The failures: groups, what becomes of them, frames, keys. */
#include "views_fixture.h"

static void frames_of_all_sizes(void **state)
{
	struct views_world *w = *state;

	views_press(w, "6");
	views_golden(w, "failures");
}

static const struct failure_group *group(struct views_world *w, enum attempt_class class,
    const char *message)
{
	const struct failures *f = &w->viewer.failures;
	uint32_t i;

	for (i = 0; i < f->nr_groups; i++)
		if (f->groups[i].class == class && strcmp(f->groups[i].message, message) == 0)
			return &f->groups[i];
	fail_msg("no group '%s'", message);
	return NULL;
}

/* Takes in what there is now, as a frame of the view does. */
static void look(struct views_world *w)
{
	w->viewer.view = VIEW_FAILURES;
	views_draw(w, 120, 40);
}

static void an_agent_counts_once_in_a_group(void **state)
{
	struct views_world *w = *state;
	const struct failure_group *g;

	look(w);
	g = group(w, CLASS_RATE_LIMIT, "<n> Too Many Requests");
	/* 61 in cycle 0; in cycle 1 0018 once more, 0107 four times. */
	assert_int_equal(g->nr_agents, 61);
	assert_int_equal(g->nr_attempts, 66);
	assert_int_equal(g->last_t, FIX_NOW_T - 48000);
	assert_int_equal(g->roles[ROLE_COMPLETED], 41);
	assert_int_equal(g->roles[ROLE_BACKOFF], 4);
	assert_int_equal(g->roles[ROLE_RUNNING] + g->roles[ROLE_VALIDATING], 7);
	assert_int_equal(g->roles[ROLE_FAILED], 2);
	assert_int_equal(g->roles[ROLE_PENDING] + g->roles[ROLE_BLOCKED], 7);
}

static void what_happens_next_is_told_by_the_last_failure(void **state)
{
	struct views_world *w = *state;

	look(w);
	/* 0088 and 0415 failed so in cycle 0, and otherwise since. */
	assert_int_equal(group(w, CLASS_RATE_LIMIT, "<n> Too Many Requests")->next, NEXT_RETRIES);
	assert_int_equal(group(w, CLASS_AUTH, "<n> invalid api key (not retried in this batch)")
			     ->next,
	    NEXT_NEEDS_YOU);
	assert_int_equal(group(w, CLASS_TASK_ERROR, "refused: context_path has uncommitted changes")
			     ->next,
	    NEXT_CYCLE);
	assert_int_equal(group(w, CLASS_TIMEOUT, "<n> Too Many Requests")->next, NEXT_HEALED);
	assert_true(views_shows(w, "next cycle"));
	assert_true(views_shows(w, "needs you"));
}

static void what_was_stopped_goes_on_by_a_person_only(void **state)
{
	struct views_world *w = *state;
	struct event ev;

	event_init(&ev, EV_VERB);
	ev.verb.verb = "stop";
	fix_emit(&w->disk, &ev, FIX_NOW_T - 2, NULL);
	views_append(w);
	look(w);
	assert_int_equal(group(w, CLASS_TASK_ERROR, "refused: context_path has uncommitted changes")
			     ->next,
	    NEXT_NEEDS_YOU);
}

static void without_another_cycle_a_failure_is_spent(void **state)
{
	struct views_world *w = *state;

	w->run.batches[1]->manifest.retry.retry_count = 5;
	look(w);
	assert_int_equal(group(w, CLASS_TASK_ERROR, "refused: context_path has uncommitted changes")
			     ->next,
	    NEXT_SPENT);
}

static void what_nobody_conducts_needs_a_person(void **state)
{
	struct views_world *w = *state;

	look(w);
	close(w->disk.lock_fd);
	w->disk.lock_fd = -1;
	assert_true(run_reader_refresh(&w->run, NULL) >= 0);
	look(w);
	assert_int_equal(group(w, CLASS_RATE_LIMIT, "<n> Too Many Requests")->next, NEXT_NEEDS_YOU);
}

static void what_comes_later_is_added(void **state)
{
	struct views_world *w = *state;
	const struct failure_group *g;

	look(w);
	fix_end(&w->disk,
	    &(struct fix_end){
		"0272", 1, FIX_NOW_T - 500, CLASS_RATE_LIMIT, 0, "429 Too Many Requests", 0});
	fix_wait(&w->disk, "0272", FIX_NOW_T - 500, FIX_NOW_T + 9000, WAIT_LADDER);
	fix_end(&w->disk,
	    &(struct fix_end){"0023", 1, FIX_NOW_T - 400, CLASS_CRASH, 0, "ended by signal 9", 0});
	fix_status(&w->disk, "0023", FIX_NOW_T - 400, AGENT_FAILED, PHASE_NONE);
	views_append(w);
	look(w);
	g = group(w, CLASS_RATE_LIMIT, "<n> Too Many Requests");
	assert_int_equal(g->nr_agents, 61); /* it is one of them */
	assert_int_equal(g->nr_attempts, 67);
	assert_int_equal(g->last_t, FIX_NOW_T - 500);
	assert_int_equal(group(w, CLASS_CRASH, "ended by signal <n>")->nr_agents, 1);
}

static void C_is_this_cycle_and_all(void **state)
{
	struct views_world *w = *state;

	views_press(w, "6");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "all cycles  9 groups"));
	views_press(w, "C");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "cycle 1  8 groups"));
	assert_int_equal(group(w, CLASS_RATE_LIMIT, "<n> Too Many Requests")->nr_agents, 2);
	views_draw(w, 80, 24);
	assert_true(views_shows(w, "cycle 1  8 groups"));
	views_press(w, "C");
	views_draw(w, 120, 40);
	assert_int_equal(group(w, CLASS_RATE_LIMIT, "<n> Too Many Requests")->nr_agents, 61);
}

/* The key that opens the view is no reason to leave its groups as they were found. */
static void the_first_order_waits_for_nothing(void **state)
{
	struct views_world *w = *state;
	const struct failures *f = &w->viewer.failures;
	uint32_t i;

	views_press(w, "6");
	views_draw(w, 120, 40);
	assert_true(f->holds);
	assert_int_equal(f->nr_order, 9);
	for (i = 1; i < f->nr_order; i++)
		assert_true(f->groups[f->order[i - 1]].nr_agents >=
		    f->groups[f->order[i]].nr_agents);
}

/* Before the first group is there, or anything was drawn. */
static void keys_may_be_typed_ahead(void **state)
{
	struct views_world *w = *state;

	views_draw(w, 120, 40);
	control_key(&w->control, '6', (struct instant){FIX_NOW_T, 99999});
	control_key(&w->control, '\t', (struct instant){FIX_NOW_T, 99999});
	views_press(w, "j");
	views_draw(w, 120, 40);
	assert_true(w->viewer.failures.in_agents);
	assert_true(views_shows(w, "> 0018 "));
}

static void groups_and_agents_have_a_cursor_each(void **state)
{
	struct views_world *w = *state;
	struct failures *f = &w->viewer.failures;

	views_press(w, "6");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, ">     61       66 rate_limit"));
	views_press(w, "j");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, ">      3        3 rate_limit"));
	views_press(w, "k\tjj");
	views_draw(w, 120, 40);
	assert_true(f->in_agents);
	assert_true(views_shows(w, "> 0740 "));
	views_press(w, "G");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "> 0005 "));
	views_press(w, "q");
	assert_false(f->in_agents);
	assert_int_equal(w->viewer.view, VIEW_FAILURES);
	views_press(w, "q");
	assert_int_equal(w->viewer.view, VIEW_OVERVIEW);
	assert_int_equal(w->nr_left, 0);
}

/* The selection of a group stays when another one overtakes it. */
static void the_cursor_stays_on_its_group(void **state)
{
	struct views_world *w = *state;
	struct failures *f = &w->viewer.failures;
	const char *message;
	int row;

	views_press(w, "6GG");
	views_draw(w, 120, 40);
	message = f->groups[f->list_of].message;
	for (row = 700; row < 705; row++) {
		char id[16];

		snprintf(id, sizeof(id), "%04d", row);
		fix_start(&w->disk, id, 2, FIX_NOW_T - 900, "claude");
		fix_end(&w->disk,
		    &(struct fix_end){id, 2, FIX_NOW_T - 300, CLASS_CONFIG, 0, "no such model", 0});
	}
	views_append(w);
	w->viewer.last_key_ms = NUM_NONE;
	look(w);
	assert_string_equal(f->groups[f->list_of].message, message);
	assert_string_equal(f->groups[f->order[1]].message, "no such model");
}

static void enter_opens_the_log_at_the_message(void **state)
{
	struct views_world *w = *state;
	struct viewer *v = &w->viewer;

	/* 0018's second attempt ends at the end of its log. */
	views_press(w, "6");
	look(w);
	while (strncmp(v->failures.groups[v->failures.list_of].message, "<n> Too Many Requests (",
		   23) != 0)
		views_press(w, "j");
	views_press(w, "\r");
	assert_int_equal(v->view, VIEW_LOG);
	assert_string_equal(v->selected, "0018");
	assert_false(v->pane.follows);
	views_draw(w, 120, 40);
	assert_int_equal(v->log.cursor, strlen(fix_log_0018) - 1);
	assert_true(views_shows(w, "* error: API Error: 429"));
	views_press(w, "q");
	assert_int_equal(v->view, VIEW_FAILURES);
}

/* In the log of the cycle that it failed in; there is nobody to steer. */
static void enter_opens_the_log_of_an_earlier_cycle(void **state)
{
	struct views_world *w = *state;
	struct viewer *v = &w->viewer;

	views_press(w, "6\tG\r");
	views_draw(w, 120, 40);
	assert_int_equal(v->view, VIEW_LOG);
	assert_ptr_equal(v->pane.batch, w->run.batches[0]);
	assert_true(views_shows(w, "agent 0005 claude  cycle 0"));
	views_press(w, "r");
	assert_int_equal(w->nr_sent, 0);
	/* Back, and the log of the overview is its own again. */
	views_press(w, "qqq");
	views_draw(w, 120, 40);
	assert_int_equal(v->view, VIEW_OVERVIEW);
	assert_ptr_equal(v->pane.batch, w->run.batches[1]);
}

/* Those of the group that the living batch has; the conductor is told what was on the screen. */
static void steering_acts_on_the_group(void **state)
{
	struct views_world *w = *state;
	struct viewer *v = &w->viewer;

	/* 0017, 0102 and 0300's first: "429", and nothing else. */
	views_press(w, "6j");
	look(w);
	assert_string_equal(v->failures.groups[v->failures.list_of].message, "<n>");
	assert_int_equal(v->failures.nr_list, 3);
	views_press(w, "x");
	views_draw(w, 120, 40);
	assert_int_equal(w->nr_sent, 0);
	assert_true(views_shows(w, "y/N"));
	views_press(w, "n");
	assert_int_equal(w->nr_sent, 0);
	views_press(w, "xy");
	assert_int_equal(w->nr_sent, 1);
	assert_non_null(strstr(w->sent.data, "\"verb\":\"cancel\""));
	/* One of them, where the agents have the keys. */
	views_press(w, "\tjxy");
	assert_int_equal(w->nr_sent, 2);
	assert_non_null(strstr(w->sent.data, "\"ids\":[\"0"));
	assert_int_equal(strcspn(strstr(w->sent.data, "\"ids\":["), ","),
	    strlen("\"ids\":[\"0017\"]"));
	/* Tags go along. */
	views_press(w, "q ");
	look(w);
	assert_true(v->model.tags.nr > 1);
	views_press(w, " ");
	assert_int_equal(v->model.tags.nr, 0);
}

static void what_no_cycle_has_any_more_is_not_steered(void **state)
{
	struct views_world *w = *state;

	views_press(w, "6G");
	look(w);
	/* 0009 timed out in cycle 0 and was healed in cycle 1. */
	views_press(w, "r");
	assert_int_equal(w->nr_sent, 0);
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "has completed"));
}

static void details_are_of_the_agent_below(void **state)
{
	struct views_world *w = *state;

	views_press(w, "6\tji");
	views_draw(w, 120, 40);
	assert_int_equal(w->viewer.overlay, OVERLAY_DETAILS);
	assert_true(views_shows(w, " agent         0018"));
	assert_true(views_shows(w, " state         BACKOFF, attempt 3/5, in 2:03"));
	assert_true(views_hides(w, "; in cycle "));
	/* One that the living cycle has, too, as it was where it failed. */
	views_press(w, "qGi");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, " agent         0005"));
	assert_true(views_shows(w, "FAILED"));
	assert_true(views_shows(w,
	    " cycle         0, " FIX_ORIGINAL "; in cycle 1 it is COMPLETED"));
	/* Also over its log. */
	views_press(w, "q\ri");
	views_draw(w, 120, 40);
	assert_int_equal(w->viewer.view, VIEW_LOG);
	assert_true(views_shows(w, " agent         0005"));
	assert_true(views_shows(w, " cycle         0, " FIX_ORIGINAL));
}

static void a_search_finds_groups_and_agents(void **state)
{
	struct views_world *w = *state;
	struct failures *f = &w->viewer.failures;

	views_press(w, "6/task_err\r");
	look(w);
	assert_int_equal(f->groups[f->list_of].class, CLASS_TASK_ERROR);
	views_press(w, "n");
	look(w);
	assert_int_equal(f->groups[f->list_of].class, CLASS_TASK_ERROR);
	views_press(w, "\033g\t/0031\r");
	look(w);
	assert_true(views_shows(w, "> 0031 "));
}

static void hostile_messages_are_inert_and_kinds_are_bounded(void **state)
{
	struct views_world *w = *state;
	struct failures *f = &w->viewer.failures;
	struct buf text = BUF_INIT;
	uint32_t i, n = 1, nr = 0;
	size_t k;

	for (; n <= FAILURE_KINDS_MAX + 200; n++) {
		char message[64];

		snprintf(message, sizeof(message), "\033]0;x\007 kind %c%c%c \033[2J\xe2\x80\xae",
		    (int)('g' + n / 400), (int)('g' + n / 20 % 20), (int)('g' + n % 20));
		fix_start(&w->disk, "0600", (int)n, FIX_NOW_T - 5000 + n, "codex");
		fix_end(&w->disk,
		    &(struct fix_end){
			"0600", (int)n, FIX_NOW_T - 5000 + n, CLASS_TASK_ERROR, 0, message, 0});
	}
	views_append(w);
	look(w);
	assert_int_equal(f->nr_groups, FAILURE_KINDS_MAX + 1);
	assert_true(group(w, CLASS_TASK_ERROR, "(other messages)")->nr_attempts > 200);
	for (i = 0; i < f->nr_groups; i++)
		nr += f->groups[i].nr_attempts;
	assert_int_equal(nr, 66 + 3 + 3 + 1 + 1 + 1 + 1 + 1 + 1 + FAILURE_KINDS_MAX + 200);
	w->viewer.look.ascii = false;
	views_press(w, "G");
	views_draw(w, 120, 40);
	cells_print(&w->cells, false, &text);
	for (k = 0; k < text.len; k++)
		assert_true(text.data[k] == '\n' || (unsigned char)text.data[k] >= 0x20);
	assert_null(strstr(text.data, "\xe2\x80\xae"));
	buf_release(&text);
}

static void nothing_has_failed(void **state)
{
	struct views_world *w = *state;

	look(w);
	failures_release(&w->viewer.failures);
	failures_init(&w->viewer.failures, &w->viewer.agents);
	w->viewer.failures.counted = UINT64_MAX;
	cells_resize(&w->cells, 80, 24);
	frame_paint(&w->viewer, &(struct frame_opts){0}, &w->cells);
	assert_true(views_shows(w, "no attempt has failed"));
	views_press(w, "\rj\tq");
}

static void the_mouse_selects_and_opens(void **state)
{
	struct views_world *w = *state;
	struct viewer *v = &w->viewer;
	struct failures *f = &v->failures;
	const struct band *b = &v->layout.table;
	uint32_t second;
	int groups;

	views_press(w, "6");
	views_draw(w, 120, 40);
	groups = v->layout.header.rows + 1;
	second = f->order[1];
	views_mouse(w, groups + 1, 30, 0);
	assert_int_equal(f->list_of, second);
	views_mouse(w, groups - 1, 30, 0); /* titles */
	views_mouse(w, b->row - 2, 30, 0);
	views_mouse(w, b->row - 1, 30, 0);
	views_mouse(w, b->row - 3, 30, 0); /* no group any more */
	assert_int_equal(f->list_of, second);
	assert_int_equal(v->view, VIEW_FAILURES);
	views_mouse(w, groups + 1, 30, 0);
	assert_int_equal(v->view, VIEW_LOG);
	views_press(w, "qg");
	views_mouse(w, b->row + 2, 30, 0);
	assert_true(f->in_agents);
	assert_true(failures_entry(f) == &f->v[f->list[2]]);
	assert_int_equal(v->view, VIEW_FAILURES);
	views_mouse(w, b->row + 2, 30, 0);
	assert_int_equal(v->view, VIEW_LOG);
	views_press(w, "q");
	/* Back to the groups, without opening the one that is selected. */
	views_mouse(w, groups, 30, 0);
	assert_false(f->in_agents);
	assert_int_equal(v->view, VIEW_FAILURES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    views_test(frames_of_all_sizes),
	    views_test(an_agent_counts_once_in_a_group),
	    views_test(what_happens_next_is_told_by_the_last_failure),
	    views_test(what_was_stopped_goes_on_by_a_person_only),
	    views_test(without_another_cycle_a_failure_is_spent),
	    views_test(what_nobody_conducts_needs_a_person),
	    views_test(what_comes_later_is_added),
	    views_test(C_is_this_cycle_and_all),
	    views_test(the_first_order_waits_for_nothing),
	    views_test(keys_may_be_typed_ahead),
	    views_test(groups_and_agents_have_a_cursor_each),
	    views_test(the_cursor_stays_on_its_group),
	    views_test(enter_opens_the_log_at_the_message),
	    views_test(enter_opens_the_log_of_an_earlier_cycle),
	    views_test(steering_acts_on_the_group),
	    views_test(what_no_cycle_has_any_more_is_not_steered),
	    views_test(details_are_of_the_agent_below),
	    views_test(a_search_finds_groups_and_agents),
	    views_test(hostile_messages_are_inert_and_kinds_are_bounded),
	    views_test(nothing_has_failed),
	    views_test(the_mouse_selects_and_opens),
	};
	return cmocka_run_group_tests_name("failures", tests, NULL, NULL);
}
