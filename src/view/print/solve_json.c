#include "view/print/solve_json.h"
#include "view/solve_words.h"

void solve_json_state(struct jsonw *w, const struct run_reader *run, const struct solve *s)
{
	jsonw_kstr(w, "phase", solve_phase_name(s->phase));
	jsonw_kint(w, "round", s->round);
	jsonw_kint(w, "max_validation_retries",
	    run->batches[0]->manifest.options.max_validation_retries);
	jsonw_kbool(w, "stopped", s->is_stopped);
	jsonw_kstr_or_null(w, "why", s->why);
}

static void add_verdict(struct jsonw *w, const struct solve_verdict *v)
{
	jsonw_object(w);
	jsonw_kint(w, "round", v->round);
	jsonw_kbool(w, "passed", solve_verdict_passed(v));
	jsonw_kbool(w, "is_complete", v->is_complete);
	jsonw_kstr_or_null(w, "data_quality", solve_quality_name(v->quality));
	jsonw_kint(w, "missing", v->nr_missing);
	jsonw_kstr_or_null(w, "why", v->why);
	jsonw_kms(w, "at", v->t);
	jsonw_kstr_or_null(w, "call", v->call);
	jsonw_end(w, '}');
}

void solve_json_verdicts(struct jsonw *w, const char *key, const struct solve *s)
{
	size_t i;

	jsonw_key(w, key);
	jsonw_array(w);
	for (i = 0; i < s->nr_verdicts; i++)
		add_verdict(w, &s->verdicts[i]);
	jsonw_end(w, ']');
}
