#!/bin/sh
# --branch: a cycle forked into siblings that run the same rows in several ways at once. Real agents
# count how often they ran; what they do depends on the branch they are in.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2

cat >agent.sh <<'X'
#!/bin/sh
echo "$AGENT_BATCH_CYCLE ${AGENT_BATCH_BRANCH:--} $AGENT_BATCH_ID $1" >>"$RUNS"
# Who wins a row waits until the other branch runs it, too.
met() { until grep -q "^$AGENT_BATCH_CYCLE $1 $AGENT_BATCH_ID" "$RUNS"; do sleep 0.02; done; }
case $AGENT_BATCH_CYCLE/$AGENT_BATCH_BRANCH/$AGENT_BATCH_ID in
0/*) exit 1 ;;
1/left/a) met right ;;
1/right/b | 2/right/c) met left ;;
1/*/c) sleep 0.2; exit 1 ;;
*) sleep 60; echo "$AGENT_BATCH_BRANCH $AGENT_BATCH_ID was let run to its end" >>"$RUNS"; exit 1 ;;
esac
X
chmod +x agent.sh
RUNS=$T/runs
export RUNS
printf 'id,task\na,do a\nb,do b\nc,do c\n' >t.csv

# launch ARGS...: in the foreground, without waits
launch() { run timeout 60 "$AB" launch t.csv --agent-command "./agent.sh {task}" --auto-retry --attempts 1 --no-tui "$@"; }
of_branch() { # CYCLE BRANCH
  for b in $(batches); do
    [ "$(json "$b" '"\(.cycle) \(.branch)"')" = "$1 $2" ] && echo "$b"
  done
}
journal() { jq -cR 'fromjson?' "$AGENT_BATCHES_DIR/$1/events.jsonl" | jq -r "$2"; }

# ---- what is refused before anything starts --------------------------------

refused() { # NAME WANT ARGS...
  name=$1 want=$2
  shift 2
  run "$AB" launch t.csv --agent-command "./agent.sh {task}" --no-tui "$@"
  is "$name: exit 2" "$rc" 2
  like "$name: says so" "$err" "$want"
}
refused "a branch without a name" "wants 'NAME: FLAGS'" --auto-retry --branch '--agent sim'
refused "a name that is no safe one" "wants 'NAME: FLAGS'" --auto-retry --branch '../x: --attempts 1'
refused "a name twice" "two of the name 'x'" --auto-retry --branch 'x: --attempts 1' --branch 'x: --attempts 2'
refused "a flag that is not for branches" "x: option '--jobs' is not one of this command's" --auto-retry --branch 'x: --jobs 3'
refused "an unknown flag" "x: unknown option '--fast'" --auto-retry --branch 'x: --fast'
refused "no flags at all" "x: it has no flags" --auto-retry --branch 'x:'
refused "words that are no flags" "x: 'strong' is no flag" --auto-retry --branch 'x: --attempts 1 strong'
refused "a template without a place" "--task-template wants \{task\}" --auto-retry --branch 'x: --task-template no'
refused "no cycles to fork" "without --auto-retry" --branch 'x: --attempts 1'
refused "more branches than slots" "2 branches share the job slots of --jobs 1" \
  --auto-retry -j 1 --branch 'x: --attempts 1' --branch 'y: --attempts 2'
refused "a profile that is not there" "branch y: .*nobody" --auto-retry --branch 'x: --attempts 1' --branch 'y: --agent nobody'
refused "a command that cannot be run" "branch y: .*no-such-program" \
  --auto-retry --branch 'x: --attempts 1' --branch 'y: --agent-command "/no-such-program {task}"'
refused "a directory that is not there" "branch y: --context-path: there is no directory '$T/nowhere'" \
  --auto-retry --branch 'y: --context-path nowhere'
refused "directories that cannot be exclusive" "--exclusive-dir" \
  --auto-retry --exclusive-dir --branch 'x: --attempts 1' --branch 'y: --attempts 2'
refused "the roles of solve" "--branch and roles exclude each other" --auto-retry --validator-command true --branch 'x: --attempts 1'
run "$AB" solve 'a problem' --agent sim --planner sim --auto-retry --branch 'x: --attempts 1' --no-tui
is "solve itself has none" "$rc" 2
run "$AB" check t.csv --agent sim --auto-retry --branch 'x: --agent nobody'
is "check judges them too" "$rc" 2
is "nothing was started for them" "$(nr_batches)" 0

# ---- one heals a, the other b; c comes again ---------------------------------

launch --max-retries 3 --branch 'left: --attempts 2 --backoff 0.1:1:1' \
  --branch "right: --task-template 'please {task} now'"
is "the run completes" "$rc" 0
like "its worst case is told" "$out" 'at most 10 attempts a row: 1, and in each of 3 cycles 3 in 2 branches'
like "that they share directories is told" "$err" 'warning: branches run side by side'
like "lines say which branch they are of" "$out" ' left: a COMPLETED'
run0=$(batches | head -1)
l1=$(of_branch 1 left) r1=$(of_branch 1 right) l2=$(of_branch 2 left) r2=$(of_branch 2 right)
is "each cycle has two batches" "$(nr_batches)" 5
is "each row runs once in the first batch" "$(grep -c '^0 - ' runs)" 3
is "a completes in one branch" "$(json "$l1" '.agents[] | select(.id == "a") | .status')" completed
is "b in the other" "$(json "$r1" '.agents[] | select(.id == "b") | .status')" completed
is "who loses is cancelled" "$(json "$l1" '.agents[] | select(.id == "b") | .status')" cancelled
is "and says who won" "$(json "$l1" '.agents[] | select(.id == "b") | .won_by')" right
is "in words" "$(journal "$l1" 'select(.ev == "status" and .id == "b" and .status == "cancelled") | .why')" 'branch right completed it first'
is "its agent was ended" "$(grep -c 'to its end' runs)" 0
is "the journal names the winner" \
  "$(journal "$r1" 'select(.ev == "status" and .id == "a" and .status == "cancelled") | .branch')" left
is "the next cycle has only what no branch completed" "$(cut -d, -f1 "$AGENT_BATCHES_DIR/$l2/tasks.csv" | tail -n +2)" c
is "both branches of it" "$(cut -d, -f1 "$AGENT_BATCHES_DIR/$r2/tasks.csv" | tail -n +2)" c
is "a branch has its own prompt" "$(grep '^1 right a' runs)" '1 right a please do a now'
is "and leaves the other one's alone" "$(grep '^1 left a' runs)" '1 left a do a'
is "the run's result says where each came from" \
  "$(jq -r '.agents[] | "\(.id) \(.status) \(.branch) \(.cycle) \(.task_changed)"' "$AGENT_BATCHES_DIR/$run0/results.json")" \
  "a completed left 1 false
b completed right 1 false
c completed right 2 false"
is "the cycle's parent is the branch that ended last" \
  "$(jq -r .retry_metadata.parent_batch "$AGENT_BATCHES_DIR/$l2/manifest.json")" \
  "$(jq -r .retry_metadata.parent_batch "$AGENT_BATCHES_DIR/$r2/manifest.json")"
is "the parent names both children" \
  "$(jq -r '.retry_metadata.next_batches | join(" ")' "$AGENT_BATCHES_DIR/$run0/manifest.json")" "$l1 $r1"
is "the manifest says which branch it is" "$(jq -r .retry_metadata.branch "$AGENT_BATCHES_DIR/$r1/manifest.json")" right
is "and what it runs" "$(jq -r '.options | "\(.attempts) \(.task_template)"' "$AGENT_BATCHES_DIR/$r2/manifest.json")" '1 please {task} now'
is "one retry CSV a cycle" "$(ls "$AGENT_BATCHES_DIR" | grep -c '^auto-retry')" 2
run "$AB" lineage "$run0"
like "lineage shows both under the parent" "$out" "  $r1  cycle 1  branch right"
is "report counts cycles, not branches" "$("$AB" report "$run0" --json | jq .retries)" 2
like "list names the branch" "$("$AB" list)" "$l1 .* branch left"
run "$AB" wait "$run0"
is "wait tells the same" "$rc" 0

# ---- another agent and model, whatever the rows say -----------------------------

rm -rf "$AGENT_BATCHES_DIR"
mkdir elsewhere
cat >wait.sh <<'X'
#!/bin/sh
until [ -s "$T/elsewhere/here" ]; do sleep 0.02; done
X
chmod +x wait.sh
export T
printf 'id,agent,task,model\na,sim,"[[sim duration=0 cycles=fail,ok]] x",small\n' >m.csv
run timeout 60 "$AB" launch m.csv --auto-retry --attempts 1 --no-tui \
  --branch 'other: --agent shell --model big --context-path elsewhere --task-template "pwd >here; exit 1 # {task}"' \
  --branch 'slow: --agent-command ./wait.sh'
is "rows with an agent of their own run the branch's" "$rc" 0
o=$(of_branch 1 other)
is "it is what the manifest tells" "$(jq -r '.agents[0] | "\(.agent) \(.model)"' "$AGENT_BATCHES_DIR/$o/manifest.json")" 'shell big'
is "in the branch's directory" "$(cat elsewhere/here 2>/dev/null)" "$T/elsewhere"
is "the rows themselves stay" "$(cut -d, -f1,2 "$AGENT_BATCHES_DIR/$o/tasks.csv" | tail -1)" 'a,sim'

# ---- accounts: a branch with another profile has that one's ------------------------

rm -rf "$AGENT_BATCHES_DIR"
mkdir -p config/agent-batch
cat >config/agent-batch/config.json <<X
{"accounts": {"claude": {"work": {"THE_KEY": {"from": "WORK_KEY"}}}, "codex": {"one": {"THE_KEY": {"from": "HOME_KEY"}}}}}
X
cat >key.sh <<'X'
#!/bin/sh
echo "$AGENT_BATCH_CYCLE ${AGENT_BATCH_BRANCH:--} $THE_KEY" >>"$T/keys"
[ "$AGENT_BATCH_BRANCH" = other ]
X
chmod +x key.sh
printf 'id,task\na,x\n' >one.csv
run env XDG_CONFIG_HOME="$T/config" WORK_KEY=dummy-work HOME_KEY=dummy-home timeout 60 "$AB" launch one.csv \
  --agent claude --agent-command ./key.sh --auto-retry --attempts 1 --no-tui \
  --branch 'other: --agent codex --agent-command ./key.sh'
is "one branch alone is another way for the next cycle" "$rc" 0
is "with the account of its own profile" "$(tr '\n' ';' <keys)" '0 - dummy-work;1 other dummy-home;'

# ---- job slots, budgets, what depends on what -------------------------------------

rm -rf "$AGENT_BATCHES_DIR"
cat >slots.sh <<'X'
#!/bin/sh
[ "$AGENT_BATCH_CYCLE" = 0 ] && exit 1
n=$(ls "$SLOTS" | wc -l)
: >"$SLOTS/$AGENT_BATCH_BRANCH.$AGENT_BATCH_ID"
echo "$((n + 1))" >>"$SLOTS.seen"
sleep 0.2
rm "$SLOTS/$AGENT_BATCH_BRANCH.$AGENT_BATCH_ID"
exit 1
X
chmod +x slots.sh
SLOTS=$T/slots
export SLOTS
mkdir "$SLOTS"
{ echo id,task; for i in 1 2 3 4 5 6; do echo "$i,x"; done; } >s.csv
run timeout 60 "$AB" launch s.csv --agent-command './slots.sh {task}' --auto-retry --max-retries 1 --attempts 1 -j 3 \
  --no-tui --branch 'x: --attempts 1' --branch 'y: --timeout 9'
is "rows that no branch completed: exit 1" "$rc" 1
is "job slots hold for the run" "$(sort -n "$SLOTS.seen" | tail -1)" 3

rm -rf "$AGENT_BATCHES_DIR"
cat >p.csv <<'X'
id,task,depends_on
a,"[[sim duration=0 cycles=fail,ok]] a",
b,"[[sim duration=0 cycles=fail,ok]] b",a
X
run timeout 60 "$AB" launch p.csv --agent sim --auto-retry --attempts 1 --no-tui --max-retries 2 \
  --branch 'ok: --attempts 1' --branch "no: --agent-command 'sleep 60' --timeout 30"
is "what waits for a row goes on where another branch completed it" "$rc" 0
is "in one cycle" "$(jq -r '.agents[] | "\(.id) \(.branch) \(.cycle)"' "$AGENT_BATCHES_DIR/$(batches | head -1)/results.json")" "a ok 1
b ok 1"

rm -rf "$AGENT_BATCHES_DIR"
{ echo id,task; for i in 1 2 3 4; do echo "$i,\"[[sim duration=0.1 cost=1 cycles=fail,fail,ok]]\""; done; } >b.csv
run timeout 60 "$AB" launch b.csv --agent sim --auto-retry --attempts 1 --no-tui --budget 8 -j 2 \
  --branch 'x: --attempts 1' --branch 'y: --jitter 1'
is "a budget is the run's: exit 3" "$rc" 3
spent=$(cat "$AGENT_BATCHES_DIR"/batch-*/events.jsonl | jq -sR '[split("\n")[] | fromjson? | select(.ev == "verdict") | .cost_usd] | add')
# Each may start one more before it hears of the other's; alone they would go to 12.
ok "what branches spend together counts ($spent of 8)" [ "$spent" -le 10 ]

# ---- the operator -------------------------------------------------------------------

rm -rf "$AGENT_BATCHES_DIR"
: >runs
cat >long.sh <<'X'
#!/bin/sh
echo "$AGENT_BATCH_CYCLE $AGENT_BATCH_BRANCH $AGENT_BATCH_ID" >>"$RUNS"
[ "$AGENT_BATCH_CYCLE" = 0 ] && exit 1
[ -e go ] && exit 0
while [ ! -e go ]; do sleep 0.05; done
exit 0
X
chmod +x long.sh
dir=$("$AB" launch t.csv --agent-command './long.sh {task}' --auto-retry --attempts 1 --detach -j 2 \
  --branch 'x: --attempts 1' --branch 'y: --attempts 1' 2>/dev/null)
ok "both branches run" wait_for 20 sh -c "[ \"\$(grep -c '^1' runs)\" = 2 ]"
run "$AB" status "$dir" --json
is "the run runs" "$(echo "$out" | jq -r .run_state)" running
is "status tells of both" "$(echo "$out" | jq -r '.branches | map("\(.branch) \(.state)") | join(", ")')" 'x running, y running'
like "in words too" "$("$AB" status)" 'branch x  batch-.*: 0 of 3 completed'
run "$AB" ctl jobs 1
is "less slots than branches are refused" "$rc" 1
run "$AB" ctl "$dir" jobs 4
is "ctl reaches both" "$(echo "$out" | grep -c 'jobs set to 2')" 2
ok "and both start more" wait_for 20 sh -c "[ \"\$(grep -c '^1' runs)\" = 4 ]"
run "$AB" ctl pause
is "pause goes for all" "$(echo "$out" | grep -c paused)" 2
is "the run is paused" "$(json "$dir" .run_state)" paused
run "$AB" ctl resume
x=$(of_branch 1 x)
run "$AB" ctl "$x" pause
is "a branch that is named is meant alone" "$(json "$dir" '.branches | map(.state) | sort | join(" ")')" 'paused running'
run "$AB" ctl "$x" resume
run "$AB" resume "$dir" --detach
is "a run that is conducted is not resumed" "$rc" 4
run "$AB" ctl stop
is "stop goes for all" "$(echo "$out" | grep -c stopping)" 2
touch go
run timeout 20 "$AB" wait "$dir"
is "the run is stopped" "$rc" 3
is "with a result" "$(jq -r .state "$dir/results.json")" stopped
run timeout 20 "$AB" resume "$dir" --no-tui
is "resume carries both on" "$rc" 0
is "each row is completed once for the run" "$(jq -r '[.agents[].status] | unique | join(" ")' "$dir/results.json")" completed
rm go

# One branch alone is stopped, by the operator or by a rule that counts in it: the others go on.
rm -rf "$AGENT_BATCHES_DIR"
: >runs
dir=$("$AB" launch t.csv --agent-command './long.sh {task}' --auto-retry --attempts 1 --detach -j 2 \
  --branch 'x: --attempts 1' --branch 'y: --attempts 1' 2>/dev/null)
ok "both branches run" wait_for 20 sh -c "[ \"\$(grep -c '^1' runs)\" = 2 ]"
x=$(of_branch 1 x)
run "$AB" ctl "$x" stop
is "stop of one is for it alone" "$rc $(echo "$out" | grep -c stopping)" "0 1"
touch go
run timeout 20 "$AB" wait "$dir"
is "the other completes its rows too: exit 0" "$rc" 0
is "as their batches say" \
  "$(journal "$x" 'select(.ev == "end") | .state') $(journal "$(of_branch 1 y)" 'select(.ev == "end") | "\(.state) \(.counts.pending)"')" \
  "stopped finished 0"
run timeout 20 "$AB" resume "$dir" --no-tui
is "and resume finds nothing left to do" "$rc $(grep -c '^1' runs)" "0 4"
like "as it says" "$err" 'has finished: there is nothing to resume'
rm go

rm -rf "$AGENT_BATCHES_DIR"
cat >one.sh <<'X'
#!/bin/sh
case $AGENT_BATCH_CYCLE/$AGENT_BATCH_BRANCH in
0/*) exit $((AGENT_BATCH_ID > 4)) ;;
*/x) exit 1 ;;
esac
sleep 0.2
X
chmod +x one.sh
run timeout 60 "$AB" launch s.csv --agent-command './one.sh {task}' --auto-retry --attempts 1 -j 2 --no-tui \
  --halt soon,fail=50% --branch 'x: --attempts 1' --branch 'y: --attempts 1'
is "--halt counts in each branch" "$rc $(journal "$(of_branch 1 x)" 'select(.ev == "end") | .why')" \
  "0 --halt soon,fail=50%: 1 of 2 agents failed"
is "and leaves the others" "$(journal "$(of_branch 1 y)" 'select(.ev == "end") | "\(.state) \(.counts.completed)"')" "finished 2"

# ---- a signal to who follows ----------------------------------------------------------------

# One branch cannot be reached: the other one is told once all the same, for a second time means more.
rm -rf "$AGENT_BATCHES_DIR"
: >runs
"$AB" launch t.csv --agent-command './long.sh {task}' --auto-retry --attempts 1 --no-tui -j 2 \
  --branch 'x: --attempts 1' --branch 'y: --attempts 1' >/dev/null 2>&1 &
front=$!
ok "both branches run" wait_for 20 sh -c "[ \"\$(grep -c '^1' runs)\" = 2 ]"
x=$AGENT_BATCHES_DIR/$(of_branch 1 x) y=$AGENT_BATCHES_DIR/$(of_branch 1 y)
mv "$y/ctl" "$y/ctl.away"
kill -TERM $front
ok "who can be reached is stopped" wait_for 20 grep -q '"verb":"stop"' "$x/events.jsonl"
touch go
ok "and ends" wait_for 20 grep -q '"ev":"end"' "$x/events.jsonl"
is "it was told once" "$(grep -c '"ev":"verb"' "$x/events.jsonl")" 1
[ ! -e "$y/ctl.away" ] || mv "$y/ctl.away" "$y/ctl"
wait $front
rm go

# ---- conductors that are killed -----------------------------------------------------------

conductors() {
  for b in $(batches); do
    p=$(jq -rR 'fromjson? | select(.ev == "batch") | .pid' "$AGENT_BATCHES_DIR/$b/events.jsonl" 2>/dev/null | tail -1)
    [ -n "$p" ] && [ -e "/proc/$p" ] && cat "/proc/$p/cmdline" 2>/dev/null | tr '\0' ' ' | grep -q " conduct .*$b" && echo "$p"
  done | sort -u
}
none_conducts() { [ -z "$(conductors)" ]; }
rm -rf "$AGENT_BATCHES_DIR"
: >runs
dir=$("$AB" launch t.csv --agent-command './long.sh {task}' --auto-retry --attempts 1 --detach \
  --branch 'x: --attempts 1' --branch 'y: --attempts 1' 2>/dev/null)
ok "all rows run twice" wait_for 20 sh -c "[ \"\$(grep -c '^1' runs)\" = 6 ]"
x=$(of_branch 1 x) y=$(of_branch 1 y)
kill -9 "$(jq -rR 'fromjson? | select(.ev == "batch") | .pid' "$AGENT_BATCHES_DIR/$y/events.jsonl" | tail -1)"
ok "one conductor is gone" wait_for 10 sh -c "[ \"\$('$AB' status '$dir' --json | jq -r '.branches[1].state')\" = interrupted ]"
is "the run goes on in the other" "$(json "$dir" .run_state)" running
like "status says how to carry it on" "$("$AB" status)" "branch y  agent-batch resume $y  interrupted"
run "$AB" retry "$dir" --launch --detach
is "a run that lives is not retried by hand" "$rc" 4
run "$AB" resume "$dir" --detach
is "resume carries the dead one on beside the living" "$rc" 0
is "both run" "$(json "$dir" '.branches | map(.state) | join(" ")')" 'running running'
# shellcheck disable=SC2046
kill -9 $(conductors)
wait_for 10 none_conducts
run timeout 20 "$AB" wait "$dir"
is "all conductors killed: interrupted" "$rc" 7
is "status says the same" "$(json "$dir" .run_state)" interrupted
run "$AB" resume "$dir" --no-tui -j 1
is "with less slots than branches it is not resumed" "$rc" 2
touch go
run timeout 30 "$AB" resume "$dir" --no-tui
is "resume carries both on to the end" "$rc" 0
is "both are told" "$(echo "$out" | grep -cE ' (x|y): . (COMPLETED|CANCELLED)')" 6
is "nothing ran twice" "$(sort runs | uniq -d)" ''
rm go

# The script: cycle 0 fails all; in cycle 1 x heals a1.. and y heals b1.., c heals in cycle 2 in both.
cat >storm.sh <<'X'
#!/bin/sh
echo "$AGENT_BATCH_CYCLE $AGENT_BATCH_BRANCH $AGENT_BATCH_ID $AGENT_BATCH_ATTEMPT" >>"$RUNS"
sleep 0.1
case $AGENT_BATCH_CYCLE/$AGENT_BATCH_BRANCH/$AGENT_BATCH_ID in
1/x/a* | 1/y/b* | 2/*) exit 0 ;;
*) exit 1 ;;
esac
X
chmod +x storm.sh
{ echo id,task; for i in 1 2 3; do echo "a$i,x"; echo "b$i,x"; echo "c$i,x"; done; } >storm.csv
rnd() { echo "0.$(od -An -N2 -tu2 /dev/urandom | awk '{ printf "%03d", 1 + $1 % 90 }')"; }
for storm in $(seq 1 "${STORMS:-3}"); do
  rm -rf "$AGENT_BATCHES_DIR"
  : >runs
  dir=$("$AB" launch storm.csv --agent-command './storm.sh {task}' --auto-retry --max-retries 4 --attempts 1 -j 4 --detach \
    --branch 'x: --attempts 1' --branch 'y: --attempts 1' 2>/dev/null)
  kills=0 refused=
  while [ $kills -lt 30 ] && [ "$(json "$dir" .run_state)" != finished ]; do
    sleep "$(rnd)"
    # One of them, or all.
    pids=$(conductors)
    [ $((kills % 3)) = 0 ] && pids=$(echo "$pids" | head -1)
    for p in $pids; do kill -9 "$p" 2>/dev/null && kills=$((kills + 1)); done
    "$AB" resume "$dir" --detach >resume.out 2>&1
    case $? in 0 | 4) ;; *) refused="$refused $(cat resume.out)" ;; esac
  done
  "$AB" resume "$dir" --detach >/dev/null 2>&1
  run timeout 60 "$AB" wait "$dir"
  is "storm $storm: $kills kills, all completed" "$rc" 0
  is "storm $storm: no resume failed" "$refused" ''
  is "storm $storm: no attempt ran twice" "$(sort runs | uniq -d)" ''
  is "storm $storm: the first batch ran each row once" "$(grep -c '^0 ' runs)" 9
  is "storm $storm: no completed row ran in a later cycle" "$(grep -E '^2 .* [ab]' runs)" ''
  is "storm $storm: two cycles of two branches" "$(nr_batches)" 5
  is "storm $storm: each row came from where it was healed" \
    "$(jq -r '.agents[] | "\(.id) \(.cycle) \(if .cycle == 1 then .branch else "" end)"' "$dir/results.json" | tr '\n' ';')" \
    "a1 1 x;b1 1 y;c1 2 ;a2 1 x;b2 1 y;c2 2 ;a3 1 x;b3 1 y;c3 2 ;"
  # But a file that was about to be renamed into its place.
  is "storm $storm: nothing is left over" \
    "$(cd "$AGENT_BATCHES_DIR" && for f in $(ls -A | grep -v 'csv$\|latest\|[.]new$'); do [ -e "$f/events.jsonl" ] || ls -lA "$f"; done)" ''
done

# ---- without branches -----------------------------------------------------------------------

rm -rf "$AGENT_BATCHES_DIR"
: >runs
launch --max-retries 1
is "a run without branches has none" "$(cat "$AGENT_BATCHES_DIR"/batch-*/manifest.json "$AGENT_BATCHES_DIR"/batch-*/events.jsonl "$AGENT_BATCHES_DIR"/batch-*/results.json | grep -c '"branch')" 0
done_testing
