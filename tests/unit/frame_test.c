/* What frames say of the state beside their views: the line of messages, and that of keys. */
#include "views_fixture.h"

static void emit_verb(struct views_world *w, const char *verb)
{
	struct event ev;

	event_init(&ev, EV_VERB);
	ev.verb.verb = verb;
	ev.verb.by = "operator";
	ev.verb.result = "as you say";
	fix_emit(&w->disk, &ev, FIX_NOW_T, NULL);
	views_append(w);
}

static void kill_conductor(struct views_world *w)
{
	close(w->disk.lock_fd);
	w->disk.lock_fd = -1;
	assert_true(run_reader_refresh(&w->run, NULL) >= 0);
	views_draw(w, 120, 40);
}

#define RESUME "agent-batch resume " FIX_ORIGINAL " carries on; "
#define HOW_TO_GO_ON RESUME "nobody conducts this run"

/* ---- messages ----------------------------------------------------------- */

static void what_a_key_says_goes_before_the_trouble(void **state)
{
	struct views_world *w = *state;

	kill_conductor(w);
	assert_true(views_shows(w, HOW_TO_GO_ON));
	views_draw(w, 80, 24);
	assert_true(views_shows(w, HOW_TO_GO_ON));
	views_press(w, "n");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "nothing is looked for; / begins"));
	views_press(w, "j");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, HOW_TO_GO_ON));

	w->viewer.trouble = "it was removed while it ran";
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "cannot read the run: it was removed while it ran"));
	views_press(w, "n");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "nothing is looked for; / begins"));
}

static void trouble_goes_before_what_was_said_earlier(void **state)
{
	struct views_world *w = *state;

	views_press(w, "n");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "nothing is looked for; / begins"));
	kill_conductor(w);
	assert_true(views_shows(w, HOW_TO_GO_ON));
}

static void a_limit_that_is_over_is_none_where_nothing_starts(void **state)
{
	struct views_world *w = *state;

	kill_conductor(w);
	assert_true(views_shows(w, " LIMITED 2:03 "));
	w->now_t += 3600000;
	views_draw(w, 120, 40);
	assert_true(views_shows(w, " rate ok "));
}

/* The way on stands before the reason, which may be long. */
static void a_stopped_run_says_how_to_go_on(void **state)
{
	struct views_world *w = *state;
	struct event ev;

	event_init(&ev, EV_END);
	ev.end.state = END_STOPPED;
	ev.end.exit_code = 3;
	ev.end.why = "nothing more starts on 'claude': 401 invalid api key; put that right first";
	fix_emit(&w->disk, &ev, FIX_NOW_T, NULL);
	views_append(w);
	kill_conductor(w);
	views_draw(w, 60, 20);
	assert_true(views_shows(w, " " RESUME));
	views_draw(w, 80, 24);
	assert_true(views_shows(w, " " RESUME "nothing more starts"));
}

static void a_search_says_that_it_finds_nothing(void **state)
{
	static const struct {
		char view;
		const char *says;
	} places[] = {
	    {'1', "no row has 'zzz'"},
	    {'4', "no agent of this cycle has 'zzz'"},
	    {'5', "no row has 'zzz'"},
	    {'6', "none has 'zzz'"},
	    {'?', "no key has 'zzz'"},
	};
	struct views_world *w = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(places); i++) {
		const char view[] = {places[i].view, '\0'};

		views_press(w, view);
		views_press(w, "/zzz\r");
		views_draw(w, 120, 40);
		assert_true(views_shows(w, places[i].says));
		/* What is found, or given up, says nothing. */
		views_press(w, "/0\r");
		views_draw(w, 120, 40);
		assert_true(views_hides(w, places[i].says));
		views_press(w, "/zzz\033");
		views_draw(w, 120, 40);
		assert_true(views_hides(w, places[i].says));
	}
}

static void no_key_is_silent(void **state)
{
	struct views_world *w = *state;

	views_press(w, "w");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "w means nothing here; ? lists the keys"));
	views_press(w, "\001");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "that key means nothing here; ? lists the keys"));
}

static void details_tell_how_much_there_is(void **state)
{
	struct views_world *w = *state;

	views_press(w, ":0018\ri");
	views_draw(w, 120, 40);
	assert_true(views_hides(w, "page 1 of"));
	views_draw(w, 80, 16);
	assert_true(views_shows(w, "page 1 of 2"));
	views_press(w, "G");
	views_draw(w, 80, 16);
	assert_true(views_shows(w, "page 2 of 2"));
}

static void an_empty_log_says_why(void **state)
{
	struct views_world *w = *state;

	views_press(w, ":0512\r");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "(not started yet)"));
	fix_status(&w->disk, "0512", FIX_NOW_T, AGENT_CANCELLED, PHASE_NONE);
	views_append(w);
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "(never started)"));
	views_press(w, "3");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "(never started)"));
}

static void the_smallest_screens_say_what_they_do_not_show(void **state)
{
	static const struct {
		const char *key, *says;
	} keys[] = {
	    {"?", " help: not below 40x10"},
	    {"i", " details: not below 40x10"},
	    {"5", " timeline: not below 40x10"},
	    {"\r", " log: not below 40x10"},
	};
	struct views_world *w = *state;
	size_t i;

	w->cols = 30;
	w->rows = 4;
	for (i = 0; i < ARRAY_LEN(keys); i++) {
		views_press(w, keys[i].key);
		views_draw(w, 30, 4);
		assert_true(views_shows(w, keys[i].says));
		views_press(w, "q");
		views_draw(w, 30, 4);
		assert_true(views_shows(w, " ? help  q leave"));
	}
}

static void an_empty_grid_says_why(void **state)
{
	struct views_world *w = *state;

	views_press(w, "2ffff");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "no done agent runs or waits; f shows others"));
	views_press(w, "1f&tag:none\r2");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "no agent that &tag:none takes runs or waits; Esc shows all"));
}

/* ---- prompts ------------------------------------------------------------ */

static void a_question_shows_how_it_is_answered(void **state)
{
	struct views_world *w = *state;

	views_press(w, "x");
	views_draw(w, 30, 4);
	assert_true(views_shows(w, " cancel 0017, running 3:? y/N"));
	views_draw(w, 80, 24);
	assert_true(views_shows(w, " cancel 0017, running 3:41, $0.31? y/N\n"));
	w->cols = 30;
	w->rows = 4;
	views_press(w, "nX");
	views_draw(w, 30, 4);
	assert_true(views_shows(w, " stop: d drain, c cancel, Esc\n"));
	w->cols = 80;
	w->rows = 24;
	views_press(w, "\033X");
	views_draw(w, 80, 24);
	assert_true(views_shows(w, " c cancel all, Esc nothing\n"));
}

static void the_end_of_what_is_typed_is_in_sight(void **state)
{
	struct views_world *w = *state;

	w->cols = 40;
	w->rows = 16;
	views_press(w, ":cancel 0018 0044 0107 0391 0017 0023 0102");
	views_draw(w, 40, 16);
	assert_true(views_shows(w, " l 0018 0044 0107 0391 0017 0023 0102\n"));
	assert_true(cells_at(&w->cells, 14, 37)->style.flags & STYLE_REVERSE);
	views_draw(w, 80, 24);
	assert_true(views_shows(w, " :cancel 0018 0044 0107 0391 0017 0023 0102\n"));
}

/* ---- keys --------------------------------------------------------------- */

static void p_is_named_for_what_it_does_next(void **state)
{
	struct views_world *w = *state;

	views_draw(w, 120, 40);
	assert_true(views_shows(w, "  p pause  "));
	emit_verb(w, "pause");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "  p resume  "));
	views_draw(w, 80, 24);
	assert_true(views_shows(w, "  p resume  "));
	emit_verb(w, "resume");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "  p pause  "));
}

static void nobody_is_there_to_be_steered(void **state)
{
	static const char *const views[] = {"1", "2", "3", "6", "1i"};
	struct views_world *w = *state;
	size_t i;

	kill_conductor(w);
	for (i = 0; i < ARRAY_LEN(views); i++) {
		views_press(w, views[i]);
		views_draw(w, 120, 40);
		assert_true(views_hides(w, "p pause"));
		assert_true(views_hides(w, "s skip"));
		assert_true(views_hides(w, "r retry"));
		assert_true(views_hides(w, "x cancel"));
		assert_true(views_shows(w, "? help"));
	}
	/* Nor is anything asked of nobody. */
	views_press(w, "q1X");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "nothing runs here: there is nothing to stop"));
	views_press(w, "x");
	views_draw(w, 120, 40);
	assert_true(views_shows(w, "nothing runs here: nobody would do it"));
	assert_int_equal(w->control.prompt, PROMPT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    views_test(what_a_key_says_goes_before_the_trouble),
	    views_test(trouble_goes_before_what_was_said_earlier),
	    views_test(a_stopped_run_says_how_to_go_on),
	    views_test(a_search_says_that_it_finds_nothing),
	    views_test(no_key_is_silent),
	    views_test(a_limit_that_is_over_is_none_where_nothing_starts),
	    views_test(an_empty_grid_says_why),
	    views_test(the_smallest_screens_say_what_they_do_not_show),
	    views_test(a_question_shows_how_it_is_answered),
	    views_test(the_end_of_what_is_typed_is_in_sight),
	    views_test(an_empty_log_says_why),
	    views_test(details_tell_how_much_there_is),
	    views_test(p_is_named_for_what_it_does_next),
	    views_test(nobody_is_there_to_be_steered),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
