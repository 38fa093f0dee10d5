#!/bin/sh
# retry by hand, retry CSVs launched by name, X5 and X6.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2

cat >t.csv <<'X'
agent,task,extra,depends_on
sim,"a [[sim cycles=ok duration=0]]",x,
sim,"b [[sim cycles=fail,ok duration=0]]","y, ""z""",
sim,"c [[sim cycles=ok duration=0]]",,2
sim,"d [[sim cycles=refusal duration=0]]",w,
sim,"e [[sim cycles=ok duration=0]]",v,1
X
run "$AB" launch t.csv --no-tui
is "some failed: exit 1" "$rc" 1
original=$(newest)
run "$AB" retry "$AGENT_BATCHES_DIR/$original"
is "retry: exit 0" "$rc" 0
csv=$out
like "prints the path of the CSV" "$csv" "^$AGENT_BATCHES_DIR/retry-batch-${original#batch-}-[0-9]{8}-[0-9]{6}\.csv$"
is "every failed and skipped row, whatever its class; id in front, tags at the end" "$(cat "$csv")" 'id,agent,task,extra,depends_on,tags
2,sim,"b [[sim cycles=fail,ok duration=0]]","y, ""z""",,RETRY-1
3,sim,c [[sim cycles=ok duration=0]],,2,
4,sim,d [[sim cycles=refusal duration=0]],w,,RETRY-1'
is "starts nothing" "$(nr_batches)" 1

run "$B/bin/agent-batch-launch-v2" "$(basename "$csv")"
is "a bare name is looked up in the batches directory" "$rc" 1
child=$(newest)
is "its lineage is restored" "$(jq -c '.retry_metadata | [.is_retry,.original_batch,.retry_count,.parent_batch,.auto_retry_enabled]' "$AGENT_BATCHES_DIR/$child/manifest.json")" \
  "[true,\"$original\",1,\"$original\",false]"
is "the parent names its child" "$(jq -c .retry_metadata.next_batches "$AGENT_BATCHES_DIR/$original/manifest.json")" "[\"$child\"]"
is "3 ran" "$(starts "$child")" 3
is "a healed row and its dependent" "$(json "$child" '[.agents[] | "\(.id):\(.status)"] | join(" ")')" '2:completed 3:completed 4:failed'

# X6: what a child has healed is not run again.
run "$AB" retry "$original"
is "X6: only what no child has completed" "$(cut -d, -f1 "$out" | tr '\n' ' ')" 'id 4 '
is "X6: and its tag counts the cycles" "$(grep -c 'RETRY-2' "$out")" 1
run "$AB" retry
is "without a BATCH: the whole newest run" "$(cut -d, -f1 "$out" | tr '\n' ' ')" 'id 4 '

# A dependency that an earlier batch has met.
cat >dep.csv <<'X'
id,agent,task,depends_on
first,sim,"[[sim duration=0]]",
second,sim,"[[sim cycles=fail,ok duration=0]]",first
X
"$AB" launch dep.csv --no-tui >/dev/null 2>&1
run "$AB" retry --launch --no-tui
is "dependencies that are met stay met: exit 0" "$rc" 0
is "one row ran" "$(starts "$(newest)")" 1
run "$AB" retry
is "nothing left: exit 0" "$rc" 0
like "and says so" "$out" 'nothing left to retry'

# Options of the parent go for the child, but what is given anew.
printf 'task\nexit 3\nsleep 0.1\n' >c.csv
"$AB" launch c.csv --no-tui --agent-command 'sh -c {task}' --attempts 2 -j 3 >/dev/null 2>&1
parent=$(newest)
"$AB" retry --launch --no-tui -j 1 >/dev/null 2>&1
is "retry --launch takes the parent's options over" \
  "$(jq -c '.options | [.agent_command,.attempts,.jobs]' "$AGENT_BATCHES_DIR/$(newest)/manifest.json")" '["sh -c {task}",2,1]'
is "and names its parent" "$(jq -r .retry_metadata.parent_batch "$AGENT_BATCHES_DIR/$(newest)/manifest.json")" "$parent"

# X5: two at the same moment make one child.
printf 'agent,task\nsim,"[[sim cycles=fail,ok duration=1]]"\n' >x5.csv
"$AB" launch x5.csv --no-tui >/dev/null 2>&1
original=$(newest)
before=$(nr_batches)
"$AB" retry "$original" --launch --no-tui >"$T/one" 2>&1 &
p1=$!
"$AB" retry "$original" --launch --no-tui >"$T/two" 2>&1 &
p2=$!
wait $p1; r1=$?
wait $p2; r2=$?
is "X5: one child" "$(($(nr_batches) - before))" 1
is "X5: one healed it, the other was refused" "$(printf '%s\n' $r1 $r2 | sort | tr '\n' ' ')" '0 4 '
if [ $r1 = 4 ]; then loser=one; else loser=two; fi
like "X5: the second is told the child's name" "$(cat "$T/$loser")" "$(newest)"
is "X5: the row ran once again" "$(starts "$(newest)")" 1

# A running or interrupted run has the say over its rows.
printf 'agent,task\nsim,"[[sim duration=30]]"\nshell,false\n' >run.csv
dir=$("$AB" launch run.csv --detach 2>/dev/null)
ok "--detach prints the directory" test -d "$dir"
wait_for 10 grep -q '"status":"failed"' "$dir/events.jsonl"
run "$AB" retry "$dir"
is "retry of a running batch is refused" "$rc" 1
run "$AB" retry "$dir" --launch --no-tui
is "with --launch: exit 4" "$rc" 4
kill -9 "$(sed -n 's/.*"ev":"batch".*"pid":\([0-9]*\).*/\1/p' "$dir/events.jsonl" | tail -1)"
wait_for 10 sh -c "\"$AB\" status '$dir' | grep -q INTERRUPTED"
run "$AB" retry "$dir" --launch --no-tui
is "of an interrupted one: exit 7" "$rc" 7
like "and names resume" "$err" "agent-batch resume"
done_testing
