#!/bin/sh
# P1, C4, X2: the conductor is killed while agents run, wait and are validated. P14: a reboot.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/faults/faults.sh"

cat >t.csv <<'X'
id,agent,task,validate,depends_on
waits,shell,". ./ran; [ $AGENT_BATCH_ATTEMPT = 1 ] && . ./trouble; exit 0",,
done,shell,. ./ran,,
checked,shell,. ./ran,"sh -c 'echo v >>validated; until [ -e go-check ]; do sleep 0.02; done'",
runs,shell,". ./ran; until [ -e go ]; do echo alive; sleep 0.02; done",,
ends,shell,". ./ran; until [ -e end ]; do sleep 0.02; done; exit 3",,
dies,shell,". ./ran; until [ -e end ]; do sleep 0.02; done; kill -TERM $$",,
later,shell,. ./ran,,runs
X
dir=$("$AB" launch t.csv --detach -j 5 --backoff 2.5:1:5 2>/dev/null)
ok "P1: one waits" wait_for 10 phase_is "$dir" waits backoff
ok "P1: one is validated" wait_for 10 grep -q v validated
ok "P1: some run" wait_for 10 sh -c "grep -q '0 runs 1' count && grep -q '0 dies 1' count && grep -q '0 ends 1' count"
next_at=$(of_agent "$dir" waits next_at)
kill_conductor "$dir"
is "P1: nobody conducts it" "$(json "$dir" .state)" interrupted
pid=$(agent_pid "$dir" runs.1)
ok "P1: the agent runs on" kill -0 "$pid"
size() { stat -c %s "$dir/agent-runs.log"; }
grown() { [ "$(size)" -gt "$before" ]; }
before=$(size)
ok "P1: its log grows" wait_for 5 grown
touch end
ends=$(agent_pid "$dir" ends.1) dies=$(agent_pid "$dir" dies.1)
wait_for 5 is_gone "$ends"
wait_for 5 is_gone "$dies"

run "$AB" resume "$dir" --detach
is "X2: the lock was free at once" "$rc" 0
ok "P1: the exit that nobody saw is taken" wait_for 5 status_is "$dir" ends failed
is "P1: as what it was" "$(of_agent "$dir" ends class)" task_error
ok "P1: a signal is one" wait_for 5 sh -c "grep -q '\"ev\":\"exit\",\"id\":\"dies\",\"n\":1,\"signal\":15' '$dir/events.jsonl'"
is "P1: one still runs, one is still validated" \
  "$(of_agent "$dir" runs phase) $(of_agent "$dir" checked phase)" 'running validating'
# Once more, with the exit recorded but the batch unfinished.
kill_conductor "$dir"
run "$AB" resume "$dir" --detach
is "P1: resumed a second time" "$rc" 0
ok "C4: the waiting one is tried again" wait_for 10 status_is "$dir" waits completed
until=$(journal "$dir" 'select(.ev == "wait" and .id == "waits") | .until')
is "C4: the wait is the one it was" "$until" "$next_at"
is "C4: the attempt count stays" \
  "$(journal "$dir" 'select(.ev == "start" and .id == "waits") | .n' | tr '\n' ' ')" '1 2 '
started=$(journal "$dir" 'select(.ev == "start" and .id == "waits" and .n == 2) | .t')
is "C4: not before its time, and not long after" \
  "$(jq -n "$started - $until | . > -0.01 and . < 20")" true
touch go go-check
run timeout 20 "$AB" wait "$dir"
is "P1: the end" "$rc" 1
# dies is a crash: backoff, a second try, and then it has failed.
is "P1: each attempt ran once, by the agents' own count" "$(ran)" \
  '0 checked 1,0 dies 1,0 dies 2,0 done 1,0 ends 1,0 later 1,0 runs 1,0 waits 1,0 waits 2,'
is "P1: the validation ran once" "$(grep -c v validated)" 1
is "P1: the states" "$(json "$dir" '[.agents[] | "\(.id):\(.status)"] | join(" ")')" \
  'waits:completed done:completed checked:completed runs:completed ends:failed dies:failed later:completed'
is "P1: one exit an attempt" \
  "$(journal "$dir" 'select(.ev == "exit") | "\(.id) \(.n)"' | sort | uniq -d)" ''

# P14: a copy of a batch's directory whose boot was another one. The processes that it names are
# those of the living batch: exactly what an old pid may be.
rm -f go
cat >boot.csv <<'X'
id,task
alive,. ./ran; until [ -e go ]; do sleep 0.02; done
over,. ./ran; exit 0
next,. ./ran; until [ -e go ]; do sleep 0.02; done
last,. ./ran
X
: >"$COUNT"
dir=$("$AB" launch boot.csv --agent shell --detach -j 2 2>/dev/null)
wait_for 10 grep -q '0 next 1' count
pid=$(agent_pid "$dir" alive.1)
mkdir other
kill -STOP "$(conductor "$dir")"
cp -a "$dir" other/
copy=other/$(basename "$dir")
boot=$(cat /proc/sys/kernel/random/boot_id)
sed -i "s/$boot/00000000-1111-4222-8333-444444444444/" "$copy"/events.jsonl "$copy"/attempts/*.jsonl
kill -CONT "$(conductor "$dir")"
is "P14: interrupted, not running" "$(json "$copy" .state)" interrupted
: >"$COUNT"
run timeout 20 "$AB" resume "$copy" --no-tui
is "P14: resumed to its end" "$rc" 1
is "P14: attempts of another boot are lost, by themselves never run again" \
  "$(json "$copy" '[.agents[] | "\(.id):\(.class):\(.attempts)"] | join(" ")')" \
  'alive:lost:1 over:success:1 next:lost:1 last:success:1'
is "P14: only what had not run was run" "$(ran)" '0 last 1,'
ok "P14: the process with the old pid is alive" kill -0 "$pid"
like "P14: the log names them" "$(cat "$copy/logs/log.txt")" 'agent alive attempt 1: '
touch go
run timeout 20 "$AB" wait "$dir"
is "P14: it was not even signalled" "$rc" 0
done_testing
