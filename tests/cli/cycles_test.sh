#!/bin/sh
# The two seeds' examples, with simulated agents: 12 agents, then 5, then 4; 10, then 3, then 1.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2

{
  echo 'agent,task,tags'
  for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    case $i in [1-7]) c=ok ;; 8) c=fail,ok ;; *) c=fail,fail,ok ;; esac
    echo "sim,\"port module $i [[sim cycles=$c duration=0.05]]\",port"
  done
} >port-crucible-to-grok.csv

run "$B/bin/agent-batch-launch-v3" port-crucible-to-grok.csv --auto-retry --max-retries 8
is "all healed: exit 0" "$rc" 0
like "the worst case is told before the start" "$out" '^at most 45 attempts a row: 5 x \(1 \+ 8\); the seed.s 40 counts the retry cycles only$'
like "the report is the seed's" "$out" '12/12 succeeded after 2 retries'
like "executions are counted" "$out" '21 executions of agents .* instead of 36'
is "three batches" "$(nr_batches)" 3
set -- $(batches)
is "12 ran" "$(starts "$1")" 12
is "then 5" "$(starts "$2")" 5
is "then 4" "$(starts "$3")" 4
cd "$AGENT_BATCHES_DIR" || exit 2
is "two retry CSVs" "$(ls auto-retry-*.csv | wc -l | tr -d ' ')" 2
s1=${1#batch-} s2=${2#batch-}
ok "the first names its parent" ls "auto-retry-$s1-"20[0-9]*.csv
ok "the second names the first child" ls "auto-retry-$s2-"20[0-9]*.csv
is "its rows are the failed ones" "$(cut -d, -f1 auto-retry-"$s1"-20*.csv | tail -n +2 | tr '\n' ' ')" '8 9 10 11 12 '
is "tagged RETRY-1" "$(grep -c 'RETRY-1' "$2/tasks.csv")" 5
is "then RETRY-2 in its place" "$(grep -c 'RETRY-2' "$3/tasks.csv")/$(grep -c 'RETRY-1' "$3/tasks.csv")" 4/0
meta() { jq -c ".retry_metadata | [.is_retry, .original_batch, .retry_count, .parent_batch, .auto_retry_enabled, .max_retries, .next_batches]" "$1/manifest.json"; }
is "original's metadata" "$(meta "$1")" "[false,null,0,null,true,8,[\"$2\"]]"
is "first child's" "$(meta "$2")" "[true,\"$1\",1,\"$1\",true,8,[\"$3\"]]"
is "second child's" "$(meta "$3")" "[true,\"$1\",2,\"$2\",true,8,[]]"
is "results name the best batch of each" \
  "$(jq -r '.agents | map("\(.id):\(.status):\(.cycle)") | join(" ")' "$1/results.json")" \
  '1:completed:0 2:completed:0 3:completed:0 4:completed:0 5:completed:0 6:completed:0 7:completed:0 8:completed:1 9:completed:2 10:completed:2 11:completed:2 12:completed:2'
cmp -s "$T/port-crucible-to-grok.csv" "$1/tasks.csv"
is "tasks.csv is the source byte for byte" "$?" 0
is "latest is the last one" "$(readlink latest)" "$3"
run "$AB" wait "$1"
is "wait on an ended run returns its exit code" "$rc" 0
run "$AB" lineage "$2"
is "lineage is a tree of three" "$(printf '%s\n' "$out" | grep -c '^ *batch-')" 3
like "the tree is indented" "$out" "^    $3 "
like "what was healed is named" "$out" 'healed 1: 8 \(task_error\)'
run "$AB" report "$3"
like "report of a child is the run's" "$out" '^port-crucible-to-grok.csv: 12/12 succeeded after 2 retries'
is "report --json" "$("$AB" report "$1" --json | jq -c '[.succeeded,.total,.retries,.executions,.executions_if_all_rerun,.healed_count]')" '[12,12,2,21,36,5]'
run "$AB" report "$1" --markdown
like "report --markdown" "$out" '^# port-crucible-to-grok.csv: 12/12'

# The second seed's: 10 subtasks, 3 fail, then 1.
{
  echo 'id,agent,task'
  for i in 1 2 3 4 5 6 7 8 9 10; do
    case $i in 3 | 5) c=fail,ok ;; 8) c=fail,fail,ok ;; *) c=ok ;; esac
    echo "step_$i,sim,\"do step $i [[sim cycles=$c duration=0.05]]\""
  done
} >"$T/steps.csv"
run "$AB" launch "$T/steps.csv" --auto-retry --no-tui
is "10, 3, 1: exit 0" "$rc" 0
like "14 executions instead of 30" "$out" '14 executions of agents .* instead of 30'
unlike "no lines of the screen's absence when it was not wanted" "$err" 'terminal'
set -- $(batches)
is "14 starts in all" "$(($(starts "$4") + $(starts "$5") + $(starts "$6")))" 14
is "subtasks_failed of the first" "$(json "$4" .subtasks_failed)" 3
is "run_counts speak of the run" "$(json "$4" .run_counts.completed)" 10

# Rows at their last retry: what to do depends on who failed them.
advice() { # ROWS
  printf 'id,agent,task\n%s' "$1" >"$T/last.csv"
  "$AB" launch "$T/last.csv" --auto-retry --max-retries 1 --attempts 1 --backoff 0.05:1:1 --no-tui 2>&1 |
    grep -A 9 '^at their last retry' | grep -E 'more retries|service'
}
down='down,sim,"[[sim outcomes=503 duration=0]]"
'
bad='bad,sim,"[[sim outcomes=fail duration=0]]"
'
is "the service failed it" "$(advice "$down")" "  the service failed them, not their tasks: retry when it is back"
is "the task failed" "$(advice "$bad")" "  review what their tasks say: more retries will not help"
is "both" "$(advice "$down$bad")" "  review what the tasks say that the service did not fail: more retries will not help these"
done_testing
