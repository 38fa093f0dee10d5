#!/bin/sh
# Steering a run: each verb does what it says, is journalled, and is refused when it makes no sense.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2

status_of() { json "$dir" ".agents[] | select(.id == \"$1\") | .status"; }
phase_of() { json "$dir" ".agents[] | select(.id == \"$1\") | .phase"; }
state_is() { [ "$(json "$dir" .state)" = "$1" ]; }
status_is() { [ "$(status_of "$1")" = "$2" ]; }
phase_is() { [ "$(phase_of "$1")" = "$2" ]; }

cat >t.csv <<'X'
id,agent,task
a,sim,"[[sim duration=60]]"
b,sim,"[[sim duration=60]]"
w,sim,"[[sim outcomes=500,ok duration=0]]"
p,sim,"[[sim duration=0]]"
q,sim,"[[sim duration=0]]"
X
dir=$("$AB" launch t.csv --detach -j 3 --backoff 60:1:60 --grace 0.5 2>/dev/null)
wait_for 10 phase_is w backoff
ok "a waiting agent gives its slot to others" wait_for 10 status_is q completed
is "and still waits" "$(phase_of w)" backoff

run "$AB" ctl "$dir" pause
is "pause" "$rc" 0
ok "the state says so" wait_for 5 state_is paused
run "$AB" ctl "$dir" resume
ok "resume" wait_for 5 state_is running
run "$AB" ctl jobs 7
is "jobs N, of the newest run" "$rc" 0
is "jobs are told" "$(json "$dir" .jobs)" 7
run "$AB" ctl "$dir" jobs
is "jobs without a number: exit 2" "$rc" 2
run "$AB" ctl "$dir" skip-wait w
is "skip-wait" "$rc" 0
ok "starts it at once" wait_for 10 status_is w completed
run "$AB" ctl "$dir" cancel a --if-status pending
is "--if-status refuses what has changed" "$rc" 1
like "and says what it is" "$err" 'in_progress|running'
run "$AB" ctl "$dir" cancel a
is "cancel ID" "$rc" 0
ok "ends it" wait_for 10 status_is a cancelled
run "$AB" ctl "$dir" retry a
is "retry ID" "$rc" 0
ok "starts it again now" wait_for 10 status_is a in_progress
run "$AB" ctl "$dir" cancel nosuch
is "an id that is not there: refused" "$rc" 1
run "$AB" ctl "$dir" gate
is "gate" "$rc" 0
run "$AB" ctl "$dir" stop
is "stop" "$rc" 0
ok "drains" wait_for 5 state_is draining
run "$AB" ctl "$dir" cancel
is "cancel of everything" "$rc" 0
run timeout 20 "$AB" wait "$dir"
is "ends in 3" "$rc" 3
is "state is stopped" "$(json "$dir" .state)" stopped
run "$AB" ctl "$dir" pause
is "nobody listens any more: exit 1" "$rc" 1
is "verbs are in the journal" "$(grep -c '"ev":"verb"' "$dir/events.jsonl")" 10

# cancel of single rows ends in 1.
printf 'id,agent,task\na,sim,"[[sim duration=60]]"\nb,sim,"[[sim duration=0]]"\n' >one.csv
dir=$("$AB" launch one.csv --detach --grace 0.5 2>/dev/null)
wait_for 10 phase_is a running
"$AB" ctl "$dir" cancel a >/dev/null
run timeout 20 "$AB" wait "$dir"
is "cancel of a single row ends in 1" "$rc" 1
done_testing
