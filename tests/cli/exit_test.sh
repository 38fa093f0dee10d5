#!/bin/sh
# Exit codes 0 1 2 3 4 6 7, of launch, wait and resume.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
state_is() { [ "$(json "$1" .state)" = "$2" ]; }
phase_is() { [ "$(json "$1" ".agents[] | select(.id == \"$2\") | .phase")" = "$3" ]; }
conductor() { sed -n 's/.*"ev":"batch".*"pid":\([0-9]*\).*/\1/p' "$1/events.jsonl" | tail -1; }

printf 'task\ntrue\ntrue\n' >good.csv
printf 'task\ntrue\nfalse\n' >bad.csv
printf 'task\nwhile [ ! -e go ]; do sleep 0.05; done; exit 3\ntrue\n' >long.csv
run "$AB" launch good.csv --agent shell
is "0: all completed" "$rc" 0
run "$AB" wait
is "wait says the same" "$rc" 0
run "$AB" resume
is "resume of a finished one says so" "$rc" 0
like "in words" "$err" 'nothing to resume'
run "$AB" launch bad.csv --agent shell --auto-retry --max-retries 2
is "1: some failed when the retries were spent" "$rc" 1
is "2 retries were made" "$(json "$(newest)" .cycle)" 2
like "the report says what is left" "$out" 'FAILED 1 by task_error'
run "$AB" wait
is "wait says the same" "$rc" 1
run "$AB" launch bad.csv --agent shell --retry-on nonsense
is "2: wrong usage" "$rc" 2

# 4 and 7: one that runs, then nobody who conducts it.
dir=$("$AB" launch long.csv --agent shell --detach 2>/dev/null)
is "--detach: 0" "$?" 0
wait_for 10 phase_is "$dir" 1 running
run "$AB" resume "$dir" --no-tui
is "4: another conductor holds it" "$rc" 4
like "and is named" "$err" "pid $(conductor "$dir")"
"$AB" wait "$dir" >"$T/wait.out" 2>&1 &
waiter=$!
kill -9 "$(conductor "$dir")"
wait $waiter
is "7: a waiter notices that nobody conducts it" "$?" 7
run "$AB" wait "$dir"
is "7 at once, for who comes later" "$rc" 7
like "and resume is named" "$err" 'agent-batch resume'
run "$AB" status "$dir"
like "status says INTERRUPTED" "$out" 'INTERRUPTED'
like "and how to go on" "$out" 'agent-batch resume'
run "$AB" ctl "$dir" pause
is "ctl has nobody to talk to: 1" "$rc" 1
is "the agent runs on" "$(json "$dir" '.agents[0].status')" in_progress
pid=$(jq -r 'select(.ev == "start") | .pid' "$dir"/attempts/1.1.jsonl)
ok "as a process" kill -0 "$pid"
"$AB" resume "$dir" --no-tui >"$T/resume.out" 2>&1 &
follower=$!
wait_for 10 state_is "$dir" running
touch go
wait $follower
is "resume follows to the end: 1" "$?" 1
is "each attempt ran once" "$(starts "$(basename "$dir")")" 2
is "and was judged" "$(json "$dir" '.agents[0].class')" task_error
rm go

# 3: stopped, and resumed.
dir=$("$AB" launch long.csv --agent shell --detach -j 1 2>/dev/null)
wait_for 10 phase_is "$dir" 1 running
"$AB" ctl "$dir" stop >/dev/null
touch go
run timeout 20 "$AB" wait "$dir"
is "3: stopped by the operator" "$rc" 3
go_on="^ ?carry on with agent-batch resume $(basename "$dir"): stopped by the operator$"
like "status says how to go on, and why it stopped" "$(COLUMNS=120 "$AB" status "$dir")" "$go_on"
like "and so does the report" "$("$AB" report "$dir")" "$go_on"
run "$AB" resume "$dir" --no-tui -j 2
is "resume carries on a stopped run" "$rc" 1
is "with the new jobs" "$(json "$dir" .jobs)" 2
is "the second row has run" "$(json "$dir" '.agents[1].status')" completed

# 6: left while it runs.
rm go
"$AB" launch long.csv --agent shell --no-tui >"$T/left.out" 2>&1 &
follower=$!
wait_for 10 grep -q ' 1 RUNNING' "$T/left.out"
kill -HUP $follower
wait $follower
is "6: the follower hung up" "$?" 6
is "the batch runs on" "$(json "$(newest)" .state)" running
# A usage limit beyond --max-wait stops a run; who resumes may have more patience.
cat >window.sh <<'SH'
[ "$(date +%s)" -ge "$(cat reset)" ] || { echo "Claude AI usage limit reached|$(cat reset)"; exit 1; }
SH
printf 'task\nx\ny\nz\n' >window.csv
echo $(($(date +%s) + 4)) >reset
run "$AB" launch window.csv --agent-command 'sh window.sh' -j 1 --max-wait 0.5 --backoff 0.1:1:1 --no-tui
is "a limit beyond --max-wait: exit 3" "$rc" 3
like "and when to resume" "$out" 'resume when the limit has reset \(at '
run "$AB" resume --no-tui --max-wait 60
is "resume --max-wait waits for it" "$rc/$(json "$(newest)" .counts.completed)" 0/3
done_testing
