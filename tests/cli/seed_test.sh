#!/bin/sh
# The second seed's promises: only failed subtasks run again, results are merged, and the log says so
# in its words.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2

# 10 subtasks, 3 failures, then 1: 14 executions in place of 30.
{
  echo id,task
  for i in 1 2 3 4 5 6 7 8 9 10; do
    case $i in
    2) echo "step_$i,\"Navigate to arXiv [[sim cycles=fail,ok duration=0]]\"" ;;
    3) echo "step_$i,\"Read [[sim cycles=fail,fail,ok duration=0]]\"" ;;
    7) echo "step_$i,\"Sum up [[sim cycles=fail,ok duration=0]]\"" ;;
    *) echo "step_$i,Work [[sim duration=0]]" ;;
    esac
  done
} >t.csv
run timeout 100 "$AB" launch t.csv --agent sim --no-tui --auto-retry
is "all completed" "$rc" 0
first=$(batches | sed -n 1p) second=$(batches | sed -n 2p) third=$(batches | sed -n 3p)
is "two cycles" "$(nr_batches)" 3
is "14 executions" "$(starts "$first") $(starts "$second") $(starts "$third")" "10 3 1"
said() { sed 's/^....-..-.. ..:..:.. //' "$AGENT_BATCHES_DIR/$1/logs/log.txt" | grep -E 'etr(y|ied|ying)|RETRY'; }
is "the messages of a cycle" "$(said "$second" | grep -v '^cycle\|^Retrying\|^Successfully')" \
  "Found 3 failed subtask(s) to retry: ['step_2', 'step_3', 'step_7']
=== Phase 4 (RETRY): EXECUTE FAILED SUBTASKS ===
Retry execution complete: 3 subtask(s) retried"
is "the messages of each" "$(said "$second" | grep '^Retrying\|^Successfully' | sort)" \
  "Retrying failed subtask: step_2 - Navigate to arXiv [[sim cycles=fail,ok duration=0]]
Retrying failed subtask: step_3 - Read [[sim cycles=fail,fail,ok duration=0]]
Retrying failed subtask: step_7 - Sum up [[sim cycles=fail,ok duration=0]]
Successfully retried subtask: step_2
Successfully retried subtask: step_7"
is "the last cycle's" "$(said "$third" | grep -v '^cycle')" \
  "Found 1 failed subtask(s) to retry: ['step_3']
=== Phase 4 (RETRY): EXECUTE FAILED SUBTASKS ===
Retrying failed subtask: step_3 - Read [[sim cycles=fail,fail,ok duration=0]]
Successfully retried subtask: step_3
Retry execution complete: 1 subtask(s) retried"
log=$AGENT_BATCHES_DIR/$first/logs/log.txt
is "the original's log counts the run" "$(grep -c 'Successfully retried' "$log") $(grep -c 'Retrying failed subtask' "$log")" "3 4"
is "each result says where it came from" \
  "$(jq -r '.agents[] | select(.cycle > 0) | [.id, .cycle, .batch] | join(" ")' "$AGENT_BATCHES_DIR/$first/results.json")" \
  "step_2 1 $second
step_3 2 $third
step_7 1 $second"
is "subtasks_failed" "$(json "$first" .subtasks_failed) $(json "$second" .subtasks_failed) $(json "$third" .subtasks_failed)" "3 1 0"
run "$AB" report
like "the report says what was saved" "$out" '14 executions of agents .* instead of 30, .*: 16 saved, '

# A retry by hand says the same.
printf 'id,task\na,test -e mended\nb,true\n' >hand.csv
run "$AB" launch hand.csv --agent shell --no-tui
first=$(newest)
touch mended
run "$AB" retry "$first" --launch --no-tui
is "the messages of a retry by hand" "$(said "$first")" "Found 1 failed subtask(s) to retry: ['a']
=== Phase 4 (RETRY): EXECUTE FAILED SUBTASKS ===
Retrying failed subtask: a - test -e mended
Successfully retried subtask: a
Retry execution complete: 1 subtask(s) retried"
rm mended

# ctl retry ID resets one failed task.
printf 'id,task\nbad,test -e mended\nother,exit 1\nslow,"while [ ! -e done ]; do sleep 0.05; done"\n' >c.csv
"$AB" launch c.csv --agent shell --attempts 1 --detach >/dev/null 2>&1
b=$(newest)
ok "two have failed" wait_for 30 sh -c "[ \$('$AB' status $b --json | jq .subtasks_failed) = 2 ]"
touch mended
run "$AB" ctl "$b" retry bad
is "ctl retry" "$rc" 0
ok "one is mended" wait_for 30 sh -c "[ \$('$AB' status $b --json | jq .subtasks_failed) = 1 ]"
is "it is told as a retry" "$(said "$b" | grep bad)" "Retrying failed subtask: bad - test -e mended
Successfully retried subtask: bad"
is "the other one was left alone" "$(json "$b" '[.agents[] | .status + (.attempts | tostring)] | join(" ")')" \
  "completed2 failed1 in_progress1"
touch done
run timeout 30 "$AB" wait "$b"

# A task that was refined between cycles runs under its id.
printf 'id,task\nfine,true\nvague,exit 1\n' >r.csv
run timeout 60 "$AB" launch r.csv --agent shell --attempts 1 --no-tui
b=$(newest)
run "$AB" retry "$b"
sed 's/exit 1/exit 0/' "$out" >refined.csv && mv refined.csv "$out"
run timeout 60 "$AB" launch "$out" --agent shell --no-tui
is "the refined task is done" "$rc" 0
is "task_changed in the results" \
  "$(jq -c '[.agents[] | [.id, .status, .task_changed]]' "$AGENT_BATCHES_DIR/$b/results.json")" \
  '[["fine","completed",false],["vague","completed",true]]'
is "and in status" "$(json "$(newest)" '.agents[0].task_changed') $(json "$b" '[.agents[].task_changed] | join(",")')" "true false,true"
done_testing
