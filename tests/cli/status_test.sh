#!/bin/sh
# status, list and logs.
. "$(dirname "$0")/../lib.sh"

# Before the first batch.
run "$AB" list
is "list without a batches directory: exit 0" "$rc/$out" 0/
like "and says so" "$err" "no batch in '$AGENT_BATCHES_DIR' yet"
is "as JSON" "$("$AB" list --json 2>/dev/null)" "[]"
for c in status report logs\ 1; do
  run "$AB" $c
  is "$c without a batch: exit 1" "$rc" 1
  like "$c: what to do" "$err" "no batch in .* yet: agent-batch launch TASKS.csv makes one"
done
for c in wait resume "retry --launch"; do
  run "$AB" $c
  is "$c without a batch: exit 2, for 1 speaks of the end" "$rc" 2
  run "$AB" $c batch-20200101-000000
  is "$c of a batch that is not there" "$rc" 2
done
run "$AB" retry
is "retry without a batch: exit 1" "$rc" 1
cd "$T" || exit 2
counted() { [ "$(json "$dir" ".counts.$1")" = "$2" ]; }

{
  echo 'id,agent,task,depends_on,tags'
  for i in $(seq 1 40); do echo "ok$i,sim,[[sim duration=0]],,"; done
  for i in $(seq 1 30); do echo "bad$i,sim,\"[[sim outcomes=fail duration=0]]\",,"; done
  echo 'slow,sim,[[sim duration=60]],,'
  echo 'later,sim,x [[sim duration=0]],slow,'
  echo 'back,sim,"[[sim outcomes=500,ok duration=0]]",,two words;'
} >t.csv
dir=$("$AB" launch t.csv --detach -j 0 --backoff 100:1:100 2>/dev/null)
name=$(basename "$dir")
wait_for 20 counted failed 30
wait_for 20 counted completed 40
run "$AB" status "$dir"
like "row 1: source, cycle, state, times" "$out" '^ t\.csv  cycle 0  RUNNING +up [0-9:]+  ETA'
like "row 2: bar and counts" "$out" '^ \[\++>~\.X+\] 40 done 1 run 1 wait 1 pend 30 fail /73$'
like "row 3: jobs, rate, run" "$out" '^ jobs 1  rate ok.* run 40/73 done, 0 healed, 33 left$'
like "a wide one names the batch" "$(COLUMNS=120 "$AB" status "$dir")" "^ t.csv  $name  cycle 0  RUNNING "
is "status | grep FAILED finds every one" "$(printf '%s\n' "$out" | grep -c FAILED)" 30
like "a phase behind the status" "$out" '^ back +IN_PROGRESS backoff in 1:[0-9]{2} +2/5 +transient'
like "what is blocked says by whom" "$("$AB" status "$dir" --all)" '^ later +PENDING blocked .*waits for slow'
unlike "the completed are not listed" "$out" '^ ok1 '
run env LINES=12 COLUMNS=60 "$AB" status "$dir"
is "LINES bounds it" "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 12
like "and N more" "$(printf '%s\n' "$out" | tail -1)" '^ and [0-9]+ more$'
is "COLUMNS bounds it" "$([ "$(printf '%s\n' "$out" | wc -L)" -le 60 ] && echo yes)" yes
run env LINES=12 "$AB" status "$dir" --all
is "--all lists every agent" "$(printf '%s\n' "$out" | grep -cE '^ (ok|bad|slow|later|back)')" 73
run "$AB" status "$dir" --json
is "--json" "$(printf '%s' "$out" | jq -c '[.batch,.run,.state,.run_state,.cycle,.max_retries,.counts,.subtasks_failed,(.agents|length)]')" \
  "[\"$name\",\"$name\",\"running\",\"running\",0,5,{\"pending\":1,\"in_progress\":2,\"completed\":40,\"failed\":30,\"skipped\":0,\"cancelled\":0},30,73]"
is "an agent in it" "$(printf '%s' "$out" | jq -c '.agents[] | select(.id == "back") | [.status,.phase,.class,.attempts,(.next_at > 0),(.message | length > 0)]')" \
  '["in_progress","backoff","transient",1,true,true]'
is "tags are an array, as in the manifest" "$(printf '%s' "$out" | jq -c '[.agents[] | select(.id == "back" or .id == "slow") | .tags]')" \
  "$(jq -c '[.agents[] | select(.id == "back" or .id == "slow") | .tags]' "$dir/manifest.json")"
is "none is an empty one" "$(printf '%s' "$out" | jq -c '.agents[0].tags')" '[]'
is "gates, cost, tokens, lineage are there" "$(printf '%s' "$out" | jq -c '[(.gates|type),(.cost_usd|type),(.tokens|type),.retry_metadata.is_retry]')" \
  '["array","number","number",false]'
run "$AB" list
like "list" "$out" "^$name +running"
mkdir "$dir-2" && cp "$dir"/manifest.json "$dir"/tasks.csv "$dir"/events.jsonl "$dir-2"
is "states stand below each other" "$("$AB" list | awk '{ print match($0, / [a-z]/) }' | sort -u | wc -l | tr -d ' ')" 1
is "of both" "$("$AB" list | wc -l | tr -d ' ')" 2
rm -r "$dir-2"
is "list --running --json" "$("$AB" list --running --json | jq -r '.[].batch')" "$name"
is "latest links to the newest" "$(readlink "$AGENT_BATCHES_DIR/latest")" "$name"
run env COLUMNS=120 "$AB" status "$AGENT_BATCHES_DIR/latest"
like "and is a BATCH" "$out" "$name"

run "$AB" logs slow
like "logs of the newest run" "$out" '=== attempt 1 at '
run "$AB" logs "$name" ok1
cmp -s "$T/.out" "$dir/agent-ok1.log"
is "logs BATCH ID is the file" "$?" 0
run "$AB" logs later
is "no log yet: exit 1" "$rc" 1
run "$AB" logs nosuch
is "no such agent: exit 1" "$rc" 1
run "$AB" logs "$name"
is "no ID: exit 2" "$rc" 2
mv "$dir/agent-bad1.log" kept.log
mkfifo "$dir/agent-bad1.log"
run timeout 20 "$AB" logs "$name" bad1
is "a pipe in a log's place holds nobody up" "$rc" 0
rm "$dir/agent-bad1.log"
ln -s "$PWD/kept.log" "$dir/agent-bad1.log"
run "$AB" logs "$name" bad1
is "a link there is not followed" "$rc" 5
like "and told as what it is" "$err" "cannot open 'agent-bad1.log'"
rm "$dir/agent-bad1.log"
mv kept.log "$dir/agent-bad1.log"
run timeout 20 "$AB" logs "$name" bad1 -f
is "logs -f ends with its agent" "$rc" 0

"$AB" ctl "$dir" cancel >/dev/null
timeout 20 "$AB" wait "$dir"
printf 'agent,task\nsim,"[[sim cycles=fail,ok duration=0.2]]"\n' >two.csv
"$AB" launch two.csv --auto-retry --no-tui >/dev/null 2>&1
first=$(batches | tail -2 | head -1)
run "$AB" status "$first"
like "a batch that is not the last says where the run goes on" "$out" "goes on in $(newest) \(cycle 1\): finished"
run "$AB" list --running
is "nothing runs" "$out" ""
run timeout 10 "$AB" status --watch 0.2
is "--watch ends with the run" "$rc" 0

# A disk that is full is said, a reader that leaves is not.
if [ -e /dev/full ]; then
  "$AB" status "$first" >/dev/full 2>"$T/full"
  is "a full disk: exit 5" "$?" 5
  like "and why" "$(cat "$T/full")" 'cannot write to stdout'
else
  skip "a full disk" "no /dev/full"
fi
"$AB" status "$first" --all 2>"$T/err" | true
is "a closed pipe: no word" "$(cat "$T/err")" ""

done_testing
