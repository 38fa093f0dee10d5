#!/bin/sh
# P13: TERM or INT to the conductor itself. X4: cancel, timeout and exit at the same moment.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/faults/faults.sh"

cat >t.csv <<'X'
id,task,depends_on
runs,. ./ran; until [ -e go ]; do sleep 0.02; done,
waits,. ./ran; [ $AGENT_BATCH_ATTEMPT = 1 ] && . ./trouble; exit 0,
later,. ./ran,runs
X
for signal in TERM INT; do
  rm -f go; : >"$COUNT"
  dir=$("$AB" launch t.csv --agent shell --detach --backoff 60:1:60 2>/dev/null)
  wait_for 10 phase_is "$dir" waits backoff
  wait_for 10 grep -q 'runs 1' count
  kill -$signal "$(conductor "$dir")"
  ok "P13, $signal: drains" wait_for 5 state_is "$dir" draining
  like "P13, $signal: says what still runs" "$(cat "$dir/logs/log.txt")" "signal .*1 running, nothing new starts"
  is "P13, $signal: the agent runs on" "$(of_agent "$dir" runs phase)" running
  touch go
  run timeout 20 "$AB" wait "$dir"
  is "P13, $signal: exit 3" "$rc" 3
  is "P13, $signal: what ran is known, nothing more was started" "$(ran)" '0 runs 1,0 waits 1,'
  like "P13, $signal: how to get back to it is told" "$("$AB" status "$dir")" "agent-batch resume"
  run "$AB" resume "$dir" --detach
  is "P13, $signal: resume works" "$rc" 0
  ok "P13, $signal: on what had not run" wait_for 10 status_is "$dir" later completed
  is "P13, $signal: the one that waited waits" "$(of_agent "$dir" waits phase)" backoff
  "$AB" ctl "$dir" skip-wait >/dev/null
  run timeout 20 "$AB" wait "$dir"
  is "P13, $signal: to the end" "$rc" 0
  is "P13, $signal: each attempt ran once" "$(ran)" '0 later 1,0 runs 1,0 waits 1,0 waits 2,'
done

cat >stubborn.csv <<'X'
id,task,depends_on
polite,. ./ran; until [ -e go ]; do sleep 0.02; done,
stubborn,trap '' TERM INT; . ./ran; until [ -e go ]; do sleep 0.02; done,
later,. ./ran,polite
X
rm -f go; : >"$COUNT"
dir=$("$AB" launch stubborn.csv --agent shell --detach --grace 0.3 2>/dev/null)
wait_for 10 sh -c '[ $(wc -l <count) = 2 ]'
pid=$(agent_pid "$dir" stubborn.1)
kill -TERM "$(conductor "$dir")"
wait_for 5 state_is "$dir" draining
kill -INT "$(conductor "$dir")"
run timeout 20 "$AB" wait "$dir"
is "P13: a second one cancels: exit 3" "$rc" 3
ok "P13: nothing of it is left" is_gone "$pid"
is "P13: all are cancelled" "$(json "$dir" '[.agents[].status] | unique | join(" ")')" cancelled
is "P13: a killed one is cancelled, whatever its signal" "$(of_agent "$dir" stubborn class)" cancelled
is "P13: the journal is whole" "$(journal "$dir" .ev | wc -l | tr -d ' ')" "$(wc -l <"$dir/events.jsonl" | tr -d ' ')"
run timeout 20 "$AB" resume "$dir" --no-tui
is "P13: resume does not run what was cancelled" "$(ran)" '0 polite 1,0 stubborn 1,'

# X4: 50 agents end by themselves at about the moment that their time is up and the operator cancels
# them. Who was first is nobody's to say; that there is one outcome is.
: >"$COUNT"
{
  echo 'id,task,timeout'
  for i in $(seq 1 50); do echo "r$i,. ./ran; sleep 0.3$((i % 10)),0.3$((i / 5))"; done
} >race.csv
dir=$("$AB" launch race.csv --agent shell --detach -j 10 --grace 0.2 --attempts 1 2>/dev/null)
for i in $(seq 1 50); do
  wait_for 10 grep -q "\"ev\":\"start\",\"id\":\"r$i\"" "$dir/events.jsonl"
  [ $((i % 2)) = 0 ] || "$AB" ctl "$dir" cancel "r$i" >/dev/null 2>&1
done
run timeout 30 "$AB" wait "$dir"
is "X4: it ends" "$rc" 1
is "X4: none ran twice" "$(twice)" ''
ok "X4: most of them ran" [ "$(wc -l <count)" -gt 40 ]
for ev in start exit verdict; do
  is "X4: one $ev an attempt" \
    "$(journal "$dir" "select(.ev == \"$ev\") | \"\\(.id) \\(.n)\"" | sort | uniq -c | awk '{ print $1 }' | sort | uniq -c | tr -d ' \n')" 501
done
is "X4: one final status an agent" \
  "$(journal "$dir" 'select(.ev == "status" and (.status | IN("completed", "failed", "cancelled"))) | .id' | sort | uniq -d)" ''
is "X4: an exit with 0 that nobody asked for is a success, one after our TERM is not" \
  "$(for i in $(seq 1 50); do
    jq -rs --arg id "r$i" '(map(select(.ev == "kill")) | length > 0) as $killed
      | (map(select(.ev == "exit")) | .[0].code == 0) as $zero
      | "\($id) \($zero and ($killed | not))"' "$dir/attempts/r$i.1.jsonl"
  done | awk '$2 == "true" { print $1 }' | sort | tr '\n' ' ')" \
  "$(json "$dir" '.agents[] | select(.status == "completed") | .id' | sort | tr '\n' ' ')"
done_testing
