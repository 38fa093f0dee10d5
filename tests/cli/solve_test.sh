#!/bin/sh
# solve: a planner makes subtasks, a synthesizer one answer of them, a validator judges; what failed
# runs again, and what is missing is planned, until it is good or the retries are spent.
. "$(dirname "$0")/../lib.sh"
mkdir "$T/bin" "$T/w"
cd "$T/w" || exit 2

# ---- stand-ins --------------------------------------------------------------
# Each notes its call in `calls`, keeps its request, waits while hold-ROLE-ROUND is there, and replies
# with the file ROLE-ROUND, else ROLE.

cat >"$T/bin/role" <<'X'
#!/bin/sh
cd "$W" || exit 9
n=$AGENT_BATCH_ROLE-$AGENT_BATCH_ROUND
cat >"request-$n"
echo "$n" >>calls
while [ -e "hold-$n" ]; do sleep 0.02; done
[ ! -e "fail-$n" ] || { cat "fail-$n"; rm "fail-$n"; exit 1; }
if [ -e "bad-$n" ]; then cat "bad-$n"; rm "bad-$n"; exit 0; fi
[ -e "$n" ] || n=$AGENT_BATCH_ROLE
echo "to the log" >&2
cat "$n"
X
# A row fails in its first run where fail-ID is there.
cat >"$T/bin/agent" <<'X'
#!/bin/sh
cd "$W" || exit 9
echo "$AGENT_BATCH_ID" >>ran
while [ -e "hold-$AGENT_BATCH_ID" ]; do sleep 0.02; done
if [ -e "fail-$AGENT_BATCH_ID" ]; then rm "fail-$AGENT_BATCH_ID"; echo "it did not work"; exit 1; fi
echo "result of $AGENT_BATCH_ID"
X
chmod +x "$T/bin/role" "$T/bin/agent"

# A place of its own for a run: W, and what its roles say unless told otherwise.
stage() {
  W=$T/w/$1 AGENT_BATCHES_DIR=$T/b-$1
  export W AGENT_BATCHES_DIR
  mkdir "$W" "$AGENT_BATCHES_DIR"
  cd "$W" || exit 2
  cat >planner-0 <<'X'
Of course. This is the plan:

```csv
id,task
step_1,read the paper
step_2,Navigate to arXiv
step_3,count
step_4,compare
```
X
  echo '{"subtasks": [{"id": "step_5", "task": "name the sources", "depends_on": ["step_1"]}]}' >planner
  echo 'the answer  ' >synthesizer
  good >validator
}
good() { echo 'Looks fine. {"is_complete": true, "data_quality": "good", "missing_requirements": [], "warnings": []}'; }
poor() { echo "{\"is_complete\": false, \"data_quality\": \"poor\", \"missing_requirements\": [\"$1\"], \"warnings\": [\"a warning\"]}"; }
roles="--planner-command $T/bin/role --synthesizer-command $T/bin/role --validator-command $T/bin/role"
# shellcheck disable=SC2086
solve() { "$AB" solve "$@" --agent-command "$T/bin/agent" $roles --backoff 0.05:1:1; }
sum() { sort "$1" 2>/dev/null | uniq -c | sed 's/^ *\([0-9]*\) /\1x/' | tr '\n' ' '; }
original() { batches | head -1; }
O() { echo "$AGENT_BATCHES_DIR/$(original)"; }
log() { cat "$(O)/logs/log.txt"; }
said() { log | grep -cF -- "$1"; }
phase_is() { [ "$("$AB" status "$(original)" --json | jq -r '.solve.phase')" = "$1" ]; }
called() { grep -qx "$1" calls; }
conductor() {
  for p in $(own_pids); do
    tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | grep -q '^agent-batch conduct' && echo "$p"
  done
}
kill_conductor() {
  for p in $(conductor); do kill -9 "$p"; done
  wait_for 10 not sh -c "[ -n \"$(conductor)\" ]"
}

# ---- the seed's loop ----------------------------------------------------------

stage seed
touch fail-step_2
poor 'the abstract' >validator-0
poor 'the sources' >validator-1
echo notes >notes.txt
run solve "Which paper?" --attach notes.txt --no-tui
is "seed: exit 0" "$rc" 0
is "plan of 4, one of them again, one more: 6 executions" "$(sum ran)" \
  '1xstep_1 2xstep_2 1xstep_3 1xstep_4 1xstep_5 '
is "roles are called once a round" "$(tr '\n' ' ' <calls)" \
  'planner-0 synthesizer-0 validator-0 synthesizer-1 validator-1 planner-2 synthesizer-2 validator-2 '
set -- $(batches)
is "three batches" "$#" 3
is "of their kinds" "$(for b; do jq -r '.retry_metadata.kind' "$AGENT_BATCHES_DIR/$b/manifest.json"; done | tr '\n' ' ')" \
  'null retry extension '
is "only what failed is in the retry" "$(cut -d, -f1 "$AGENT_BATCHES_DIR/$2/tasks.csv" | tr '\n' ' ')" 'id step_2 '
is "only what is new is in the extension" "$(cut -d, -f1 "$AGENT_BATCHES_DIR/$3/tasks.csv" | tail -n +2 | tr -d '"' | tr '\n' ' ')" 'step_5 '
is "the answer" "$(cat "$(O)/answer.md")" 'the answer'
for m in "Found 1 failed subtask(s) to retry: ['step_2']" \
  '=== Phase 4 (RETRY): EXECUTE FAILED SUBTASKS ===' \
  'Retrying failed subtask: step_2 - Navigate to arXiv' \
  'Successfully retried subtask: step_2' \
  'Retry execution complete: 1 subtask(s) retried' \
  'No failed subtasks found. Creating additional subtasks for missing requirements...' \
  '=== Phase 4 (RETRY): EXECUTE NEW PLAN ===' \
  '=== Phase 1: PLAN ===' \
  'Validation: not complete, quality poor: 1 missing requirement: the abstract'; do
  is "said once: $m" "$(said "$m")" 1
done
is "three syntheses are said" "$(said '=== Phase 3: SYNTHESIZE ===')" 3
is "the first request" "$(jq -c . request-planner-0)" \
  "{\"problem\":\"Which paper?\",\"attachments\":[\"$W/notes.txt\"],\"previous_plan\":[],\"missing_requirements\":[],\"warnings\":[],\"results\":{}}"
is "what is attached is a context of roles and of later batches" \
  "$(jq -r '.options.attachments[]' "$(O)/roles/planner-1/manifest.json" "$AGENT_BATCHES_DIR/$3/manifest.json" | tr '\n' ' ')" \
  "$W/notes.txt $W/notes.txt "
is "later the planner is told what is missing" \
  "$(jq -c '[.missing_requirements, .warnings, (.previous_plan | length), .results.step_1.output]' request-planner-2)" \
  '[["the sources"],["a warning"],4,"result of step_1\n"]'
is "the validator is told the answer, and what failed" \
  "$(jq -c '[.answer, .results.step_2.status, .results.step_2.class, .results.step_3.status]' request-validator-0)" \
  '["the answer","failed","task_error","completed"]'
is "results of all, and where they came from" \
  "$(jq -r '.agents | map("\(.id):\(.status):\(.cycle)") | join(" ")' "$(O)/results.json")" \
  'step_1:completed:0 step_2:completed:1 step_3:completed:0 step_4:completed:0 step_5:completed:2'
is "roles are in no batch, no count and no result" \
  "$(nr_batches) $(json "$(original)" '.run_counts.completed') $(jq '.agents | length' "$(O)/results.json")" '3 5 5'
like "a role's stderr is in its log" "$(cat "$(O)/roles/planner-1/agent-planner.log")" 'to the log'
is "its stdout is its reply" "$(cat "$(O)/roles/synthesizer-3/attempts/synthesizer.1.out")" 'the answer  '
is "status --json: done" "$(json "$(original)" '.solve | [.phase, .round, (.verdicts | map(.passed))] | tostring')" \
  '["done",2,[false,false,true]]'
like "lines tell the phases" "$out" 'solve  validating round 1: not complete, quality poor, 1 missing requirement'
like "and rows of a plan that came later" "$out" 'step_4 COMPLETED try 1/5'
run "$AB" wait; is "wait says the same" "$rc" 0
run "$AB" resume; is "resume too" "$rc" 0
like "and that it is over" "$err" 'has finished'
run "$AB" lineage; is "lineage has them all" "$(printf '%s\n' "$out" | grep -c '^ *batch-')" 3
run "$AB" report; like "report" "$out" '5/5 succeeded'
run "$AB" collect; is "collect" "$rc" 0
is "results.csv has every row" "$(wc -l <"$(O)/results.csv" | tr -d ' ')" 6
run "$AB" list; like "list" "$out" "$(original) +finished .*solve: passed"
run "$AB" solve x --no-tui; is "no agent: exit 2" "$rc" 2
like "and how to name one" "$err" '--agent'
run solve "" --no-tui; is "an empty problem: exit 2" "$rc" 2
run solve x --attach no-such-file; is "a missing attachment: exit 2" "$rc" 2
like "says which" "$err" 'no-such-file'
run solve x --validator no-such-profile; is "an unknown profile: exit 2" "$rc" 2
run "$AB" solve x --agent shell --planner-command no-such-program; is "a missing program: exit 2" "$rc" 2
like "says whose" "$err" "--planner-command: cannot run .no-such-program"
is "none of them made a batch" "$(nr_batches)" 3

# ---- what roles may do wrong ----------------------------------------------------

stage bad
printf 'id,task\na,one\na,two\n' >bad-planner-0
echo 'yes, all fine' >bad-validator-0
printf 'error: 503 service unavailable\n' >fail-synthesizer-0
run solve - --no-tui
is "from stdin nothing came: exit 2" "$rc" 2
echo "From stdin" | solve - --no-tui >"$T/.out" 2>"$T/.err"
is "bad replies are told back: exit 0" "$?" 0
is "each was asked again" "$(sum calls)" '2xplanner-0 2xsynthesizer-0 2xvalidator-0 '
like "with what was wrong" "$(jq -r .feedback request-planner-0)" "'a'"
like "so for the validator" "$(jq -r .feedback request-validator-0)" 'is_complete'
is "the problem" "$(jq -r .problem request-validator-0)" 'From stdin'
is "what fails passingly is tried again in the same call" "$(ls "$(O)/roles/synthesizer-1/attempts" | grep -c jsonl)" 2
like "and said to wait" "$(cat "$T/.out")" 'synthesizer-1 BACKOFF try 1/5 transient in .* 503 service unavailable'
like "and to go on" "$(cat "$T/.out")" 'synthesizer-1 RUNNING try 2/5'
is "beside what the phases say" "$(grep -cE 'planner-1 |validator-[12] [A-Z]|synthesizer-1 [A-Z]' "$T/.out")" 2
like "why a role is asked again" "$(cat "$T/.out")" 'roles/planner-2 again, for the call before gave no reply that could be read: .*duplicate id .a.'
is "in two calls where a reply was bad" "$(ls -d "$(O)"/roles/planner-* | wc -l | tr -d ' ')" 2
is "rows ran once" "$(sum ran)" '1xstep_1 1xstep_2 1xstep_3 1xstep_4 '

stage hopeless
echo 'no plan today' >planner-0
run solve "x" --no-tui --attempts 3
is "never a plan: exit 1" "$rc" 1
is "asked as often as there are attempts" "$(sum calls)" '3xplanner-0 '
like "one line says why" "$err$out" 'the planner gave no reply that could be read, 3 times'
is "it is stopped" "$(json "$(original)" '"\(.run_state) \(.state)"')" 'stopped stopped'
run "$AB" status; like "to whoever looks" "$out" 'cycle 0  STOPPED '
run "$AB" list; like "and in the list" "$out" 'stopped +0/0 completed  solve: planning, stopped$'
run "$AB" wait; is "wait: exit 1" "$rc" 1
printf 'id,task\nstep_1,one\n' >planner-0
run "$AB" resume --no-tui
is "resume asks again: exit 0" "$rc" 0
is "it ran" "$(sum ran)" '1xstep_1 '

# There is no cycle for a role: what one would run again is called again.
stage failing
printf 'KeyError: plan\n' >fail-planner-0
printf 'KeyError: verdict\n' >fail-validator-0
run solve "x" --no-tui
is "roles that failed for no known reason: exit 0" "$rc" 0
is "were called again" "$(sum calls)" '2xplanner-0 1xsynthesizer-0 2xvalidator-0 '
like "and told why" "$(jq -r .feedback request-validator-0)" '^task_error: exit status 1: KeyError: verdict'
is "rows ran once" "$(sum ran)" '1xstep_1 1xstep_2 1xstep_3 1xstep_4 '
stage failed
run "$AB" solve "x" --no-tui --agent-command "$T/bin/agent" --planner-command false --validator-command "$T/bin/role" --attempts 3
is "one that always fails: exit 1" "$rc" 1
like "says how often" "$err$out" 'the planner gave no reply that could be read, 3 times: task_error: exit status 1'
is "as often as there are attempts" "$(ls -d "$(O)"/roles/planner-* | wc -l | tr -d ' ')" 3

stage denied
echo 'Error: invalid api key' >fail-planner-0
run solve "x" --no-tui
is "a role that fails for good: exit 1" "$rc" 1
like "who, what, why" "$out$err" 'the planner failed: [a-z_]+: .*invalid api key'
run "$AB" resume --no-tui
is "resumed, it is called anew: exit 0" "$rc" 0
is "twice in all" "$(grep -c planner-0 calls)" 2

# ---- retries spent ----------------------------------------------------------------

stage spent
poor 'more' >validator
run solve "x" --no-tui --max-validation-retries 1
is "spent: exit 1" "$rc" 1
is "one extension, no more" "$(sum ran)" '1xstep_1 1xstep_2 1xstep_3 1xstep_4 1xstep_5 '
like "says what is missing" "$out" 'validation has not passed, and its 1 retry is spent: still missing: more'
is "the best there is" "$(cat "$(O)/answer.md")" 'the answer'
is "finished all the same" "$(json "$(original)" .run_state)" finished
run "$AB" wait; is "wait: exit 1" "$rc" 1
run "$AB" resume
is "resume: exit 1" "$rc" 1
like "and says how it goes on" "$err" "has not passed: it goes on with 'agent-batch resume .* --max-validation-retries 2'"
good >validator
echo '{"subtasks": [{"id": "step_6", "task": "name more sources"}]}' >planner-2
run "$AB" resume --max-validation-retries 2 --no-tui
is "given another round: exit 0" "$rc" 0
is "what was missing ran, nothing else" "$(sum ran)" '1xstep_1 1xstep_2 1xstep_3 1xstep_4 1xstep_5 1xstep_6 '
is "the round is the second" "$(json "$(original)" .solve.round)" 2
run "$AB" resume --max-validation-retries 5 --no-tui
is "passed: exit 0" "$rc" 0
like "there is nothing more to do" "$err" 'has finished: there is nothing to resume$'
is "and nothing ran" "$(wc -l <ran)" 6
stage rounds
touch fail-step_2 fail-validator-0
poor 'step 2' >validator-0
run solve "x" --no-tui --max-validation-retries 0 --attempts 1
is "stopped with the validator: exit 1" "$rc" 1
run "$AB" status "$(original)"; like "the run is stopped, though its rows are done" "$out" 'cycle 0  STOPPED '
run "$AB" list; like "in the list, too" "$out" 'solve: validating, stopped$'
run "$AB" resume --max-validation-retries 1 --no-tui
is "more rounds for a run that stopped: exit 0" "$rc" 0
is "what failed ran again" "$(sum ran)" '1xstep_1 2xstep_2 1xstep_3 1xstep_4 '

# ---- a hand-written CSV -----------------------------------------------------------

stage hand
printf 'id,task\na,one\nb,two\n' >t.csv
touch fail-b
poor 'b' >validator-0
run "$AB" launch t.csv --agent-command "$T/bin/agent" --validator-command "$T/bin/role" --no-tui
is "launch with a validator: exit 0" "$rc" 0
is "only what failed ran again" "$(sum ran)" '1xa 2xb '
is "no synthesis, no answer" "$(jq -c '[.answer, .problem]' request-validator-0) $(ls "$(O)/answer.md" 2>/dev/null)" '["",""] '
stage hand2
printf 'id,task\na,one\n' >t.csv
poor 'a source' >validator
run "$AB" launch t.csv --agent-command "$T/bin/agent" --validator-command "$T/bin/role" --no-tui
is "nothing failed, nobody plans: exit 1" "$rc" 1
like "says what is missing" "$out" 'there is no planner: missing: a source'
is "it ran once" "$(sum ran)" '1xa '
run "$AB" check t.csv --agent-command "$T/bin/agent" --validator-command "$T/bin/role"
is "check takes the flags" "$rc" 0
run "$AB" launch t.csv --agent-command "$T/bin/agent" --planner-command "$T/bin/role"
is "a planner alone: exit 2" "$rc" 2
run "$AB" launch t.csv --agent-command "$T/bin/agent" --no-tui
is "without roles nothing is judged: exit 0" "$rc" 0
is "and there are no phases" "$(json "$(newest)" .solve)" null

# ---- the operator ------------------------------------------------------------------

stage stop
touch hold-planner-0
dir=$(solve "x" --detach 2>/dev/null)
ok "the planner runs" wait_for 10 called planner-0
is "planning is running" "$(json "$dir" '[.state, .run_state, .solve.phase, .counts.pending] | tostring')" \
  '["running","running","planning",0]'
run "$AB" status "$dir"; is "status of no rows" "$rc" 0
run "$AB" monitor "$dir" --print overview; is "the screen of no rows" "$rc" 0
run "$AB" ctl "$dir" stop
is "stop reaches the role" "$rc" 0
rm hold-planner-0
run timeout 20 "$AB" wait "$dir"
is "stopped: exit 3" "$rc" 3
is "nothing else was called" "$(sum calls)$(sum ran)" '1xplanner-0 '
touch hold-step_3
run "$AB" resume "$dir" --detach
ok "resumed, the reply counts" wait_for 10 grep -qx step_3 ran
run "$AB" ctl "$dir" stop; is "stop reaches the batch" "$rc" 0
rm hold-step_3
run timeout 20 "$AB" wait "$dir"
is "stopped again: exit 3" "$rc" 3
touch hold-validator-0
run "$AB" resume "$dir" --detach
ok "the validator runs" wait_for 10 called validator-0
run "$AB" ctl "$dir" cancel
is "cancel reaches a role" "$rc" 0
run timeout 20 "$AB" wait "$dir"
is "cancelled: exit 3" "$rc" 3
is "and said to be" "$(json "$dir" .solve.why)" 'the validator was cancelled'
rm hold-validator-0
run timeout 30 "$AB" resume "$dir" --no-tui
is "resumed to the end: exit 0" "$rc" 0
is "rows ran once" "$(sum ran)" '1xstep_1 1xstep_2 1xstep_3 1xstep_4 '
is "roles once, but for the cancelled one" "$(sum calls)" '1xplanner-0 1xsynthesizer-0 2xvalidator-0 '

# ---- kill -9 in every phase -----------------------------------------------------------

stage killed
touch fail-step_2
poor 'the abstract' >validator-0
poor 'the sources' >validator-1
touch hold-planner-0 hold-step_3 hold-synthesizer-0 hold-validator-0 hold-step_2 hold-planner-2 \
  hold-step_5 hold-validator-2
dir=$(solve "x" --detach 2>/dev/null)
at() { grep -qx "$1" calls || grep -qx "$1" ran; }
for point in planner-0 step_3 synthesizer-0 validator-0 planner-2 step_5 validator-2; do
  ok "killed at $point: it is reached" wait_for 20 at "$point"
  kill_conductor
  is "killed at $point: interrupted" "$(json "$dir" .run_state)" interrupted
  run "$AB" wait "$dir"; is "killed at $point: wait says 7" "$rc" 7
  # It ends while nobody looks, or goes on under the next conductor.
  case $point in planner-0 | step_3 | validator-0 | step_5) rm "hold-$point" ;; esac
  [ "$point" != step_3 ] || rm -f hold-step_2
  run "$AB" resume "$dir" --detach
  is "killed at $point: resumed" "$rc" 0
  rm -f "hold-$point"
done
run timeout 30 "$AB" wait "$dir"
is "the same end: exit 0" "$rc" 0
is "nothing ran twice" "$(sum ran)" '1xstep_1 2xstep_2 1xstep_3 1xstep_4 1xstep_5 '
is "no role was called twice" "$(sum calls)" \
  '1xplanner-0 1xplanner-2 1xsynthesizer-0 1xsynthesizer-1 1xsynthesizer-2 1xvalidator-0 1xvalidator-1 1xvalidator-2 '
is "the same answer" "$(cat "$dir/answer.md")" 'the answer'
is "messages once" "$(said 'Successfully retried subtask') $(said 'No failed subtasks found')" '1 1'

# Killed again and again, wherever it happens to be.
stage storm
touch fail-step_2
poor 'the abstract' >validator-0
poor 'the sources' >validator-1
dir=$(solve "x" --detach 2>/dev/null)
i=0
while [ $i -lt 40 ] && ! phase_is done; do
  sleep "0.0$((i % 7 + 1))"
  kill_conductor
  "$AB" resume "$dir" --detach >/dev/null 2>&1
  i=$((i + 1))
done
run timeout 60 "$AB" wait "$dir"
is "a storm: exit 0" "$rc" 0
is "a storm: nothing ran twice" "$(sum ran)" '1xstep_1 2xstep_2 1xstep_3 1xstep_4 1xstep_5 '
is "a storm: no role was called twice" "$(sum calls)" \
  '1xplanner-0 1xplanner-2 1xsynthesizer-0 1xsynthesizer-1 1xsynthesizer-2 1xvalidator-0 1xvalidator-1 1xvalidator-2 '
is "a storm: three batches" "$(nr_batches)" 3

# ---- profiles: prompts, and answers read out of what the program prints -----------------------

stage sim
run "$AB" solve "Compare three ways to sort" --agent sim --no-tui
is "simulated agents play all roles: exit 0" "$rc" 0
like "the prompt has the request in it" "$(cat "$(O)/roles/planner-1/attempts/planner.1.task")" 'Compare three ways to sort'
ok "the answer was read off the log" [ -s "$(O)/roles/synthesizer-1/attempts/synthesizer.1.out" ]
is "and is the answer" "$(cat "$(O)/roles/synthesizer-1/attempts/synthesizer.1.out")" "$(cat "$(O)/answer.md")"
is "their accounts are the roles' own" "$(jq -r 'select(.ev == "start").account' "$(O)/roles/validator-1/events.jsonl")" sim

# ---- who does the subtasks ------------------------------------------------------------------

stage nobody
cat >planner-0 <<'X'
id,task,agent
step_1,true,shell
X
printf 'id,task\nstep_1,true\n' >bad-planner-0
# shellcheck disable=SC2086
run "$AB" solve "who" $roles --no-tui
is "the plan names who does its rows: exit 0" "$rc" 0
like "a plan that does not is told" "$(jq -r .feedback request-planner-0)" "subtask 'step_1' names no agent"
run "$AB" solve "who" --planner-command "$T/bin/role" --no-tui
is "nobody for the other roles: exit 2" "$rc" 2
like "and the command to go on with" "$err" "agent-batch solve PROBLEM --agent"
run "$AB" solve "who" --planner sim --validator-command "$T/bin/role" --synthesizer sim --dry-run
like "else the planner's profile" "$out" 'subtasks: sim'

# ---- a budget bounds the roles, too ------------------------------------------------------------

stage budget
run "$AB" solve "Compare three ways to sort" --agent sim --budget 0.000001 --no-tui
is "a budget that the planner has spent: exit 3" "$rc" 3
is "it planned" "$(jq -r .phase "$(O)/events.jsonl" | grep -vx null | tail -1)" executing
is "and no row started" "$(jq -r 'select(.ev == "start").id' "$(O)/events.jsonl")" ""
like "and says how to go on" "$err$out" 'resume --budget'
run "$AB" resume --budget-tokens 100000000 --budget 0.000001 --no-tui
is "resumed without more it stops again" "$rc" 3
run "$AB" resume --budget 1000 --no-tui
is "with more it ends well" "$rc" 0
ok "and has its answer" [ -s "$(O)/answer.md" ]

stage more
cat >planner-0 <<'X'
id,task,agent
step_1,"do it [[sim duration=0 cycles=fail,fail,fail,ok tokens=1000]]",sim
X
# shellcheck disable=SC2086
run "$AB" solve "more" --agent sim $roles --backoff 0.05:1:1 --auto-retry --budget-tokens 1500 --no-tui
is "a budget that cycles have spent: exit 3" "$rc" 3
run "$AB" resume --budget-tokens 100000 --no-tui
is "more of it goes for what comes behind further cycles, too" "$rc" 0

stage tokens
run "$AB" solve "Compare three ways to sort [[sim plan=1]]" --agent sim --budget-tokens 1 --no-tui
is "tokens of a role count: exit 3" "$rc" 3
spent=$("$AB" report --json | jq '.solve.tokens')
run "$AB" resume --budget-tokens $((spent + 1)) --no-tui
is "what the row used is more: the synthesizer does not start" \
  "$rc $(jq -r 'select(.ev == "start").id' "$(O)/events.jsonl") $(jq -c '.counts.completed' "$(O)/results.json")" '3 step_1 1'
is "its call waits" "$(jq -r 'select(.ev == "start").id' "$(O)/roles/synthesizer-1/events.jsonl")" ""
run "$AB" resume --budget-tokens 0 --no-tui
is "without a bound it ends well" "$rc" 0

# ---- a prompt fits the way it goes --------------------------------------------------------------

stage long
cat >planner-0 <<'X'
id,task
step_1,one
step_2,two
X
cat >"$T/bin/much" <<'X'
#!/bin/sh
head -c 200000 /dev/zero | tr '\0' 'x'
X
cat >"$T/bin/judge" <<'X'
#!/bin/sh
printf %s "$1" | wc -c | tr -d ' ' >"$W/bytes"
echo '{"is_complete": true, "data_quality": "good"}'
X
chmod +x "$T/bin/much" "$T/bin/judge"
mkdir -p "$W/config/agent-batch/profiles"
echo "{\"command\": [\"$T/bin/judge\", \"{task}\"], \"answer\": \"text\"}" >"$W/config/agent-batch/profiles/judge.json"
run env XDG_CONFIG_HOME="$W/config" "$AB" solve "much" --agent-command "$T/bin/much" --no-tui \
  --planner-command "$T/bin/role" --synthesizer-command "$T/bin/role" --validator judge
is "outputs give way where the prompt is an argument: exit 0" "$rc" 0
ok "it uses what room there is" [ "$(cat bytes)" -gt 50000 ]
ok "and no more" [ "$(cat bytes)" -le 131071 ]

# ---- two side by side --------------------------------------------------------------------

stage pair
touch fail-step_2
poor 'the abstract' >validator-0
solve "one" --no-tui >one.out 2>&1 &
p1=$!
solve "two" --no-tui >two.out 2>&1 &
p2=$!
wait $p1; r1=$?
wait $p2; r2=$?
is "two side by side: both end well" "$r1 $r2" '0 0'
is "each has its own plan" "$(ls -d "$AGENT_BATCHES_DIR"/batch-*/roles/planner-1 | wc -l | tr -d ' ')" 2

done_testing
