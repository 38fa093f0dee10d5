#!/bin/sh
# X1, X3, X5, X6, I6: several at the same moment, and a source that changes under the batch.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/faults/faults.sh"

cat >t.csv <<'X'
id,task
runs,. ./ran; until [ -e go ]; do sleep 0.02; done
also,. ./ran; until [ -e go ]; do sleep 0.02; done
X
# X1: ten want to conduct the same batch, twice: while its agents live, and when they have ended.
for when in alive ended; do
  rm -f go start; : >"$COUNT"
  dir=$("$AB" launch t.csv --agent shell --detach 2>/dev/null)
  wait_for 10 sh -c '[ $(wc -l <count) = 2 ]'
  kill_conductor "$dir"
  if [ $when = ended ]; then
    a=$(agent_pid "$dir" runs.1) b=$(agent_pid "$dir" also.1)
    touch go
    wait_for 5 is_gone "$a"
    wait_for 5 is_gone "$b"
  fi
  pids=''
  for i in 1 2 3 4 5 6 7 8 9 10; do
    # The conductor itself, past the look that resume takes first.
    sh -c 'until [ -e start ]; do :; done; exec "$0" conduct "$1"' "$AB" "$dir" >"x1.$i" 2>&1 &
    pids="$pids $!"
  done
  touch start
  if [ $when = alive ]; then
    running() { state_is "$dir" running; }
    ok "X1, $when: one of ten conducts" wait_for 10 running
    others_gone() { n=0; for p in $pids; do is_gone "$p" && n=$((n + 1)); done; [ $n = 9 ]; }
    ok "X1, $when: nine do not" wait_for 10 others_gone
    touch go
  fi
  codes=''
  for p in $pids; do wait "$p"; codes="$codes $?"; done
  # Who comes when it is finished already has nothing to conduct: 0, too.
  if [ $when = alive ]; then
    is "X1, $when: one 0, nine 4" "$(echo $codes | tr ' ' '\n' | sort | tr -d '\n')" 0444444444
  else
    unlike "X1, $when: only 0 and 4" "$(echo $codes | tr -d ' ')" '[^04]'
  fi
  is "X1, $when: it was taken up once" "$(journal "$dir" 'select(.ev == "batch") | .ev' | wc -l | tr -d ' ')" 2
  is "X1, $when: each ran once" "$(ran)" '0 also 1,0 runs 1,'
  is "X1, $when: one exit an attempt" "$(journal "$dir" 'select(.ev == "exit") | .id' | sort | tr '\n' ' ')" 'also runs '
done

# The same by resume, whose users want to be told.
rm -f go start; : >"$COUNT"
dir=$("$AB" launch t.csv --agent shell --detach 2>/dev/null)
wait_for 10 sh -c '[ $(wc -l <count) = 2 ]'
kill_conductor "$dir"
pids=''
for i in 1 2 3 4 5; do
  "$AB" resume "$dir" --detach >"resume.$i" 2>&1 &
  pids="$pids $!"
done
codes=''
for p in $pids; do wait "$p"; codes="$codes $?"; done
is "X1: of five resumes one is taken, four exit 4" "$(echo $codes | tr ' ' '\n' | sort | tr -d '\n')" 04444
is "X1: who holds it is named" "$(grep -l "pid $(conductor "$dir")" resume.? | wc -l | tr -d ' ')" 4
touch go
"$AB" wait "$dir" >/dev/null 2>&1
is "X1: each ran once" "$(ran)" '0 also 1,0 runs 1,'

# X3: readers in a row while the manifest is replaced and the batch begins and ends; none of them
# may see half a file, or hold up a starter.
rm -f go; : >"$COUNT"; touch reading
dir=$("$AB" launch t.csv --agent shell --detach 2>/dev/null)
for i in 1 2; do
  while [ -e reading ]; do
    "$AB" status "$dir" --json 2>&1 | jq -e .counts >/dev/null 2>&1 || echo bad >>bad
    jq -e .batch "$dir/manifest.json" >/dev/null || echo half >>bad
  done &
done
for i in 1 2 3 4 5; do
  kill_conductor "$dir"
  "$AB" resume "$dir" --detach --max-retries $i >/dev/null 2>>bad || echo "refused $?" >>bad
done
touch go
run timeout 20 "$AB" wait "$dir"
rm reading
wait
is "X3: readers see whole files and keep nobody from starting" "$rc/$(cat bad 2>/dev/null)" 0/

# X5, X6: six retries at the same moment make one child; what it has healed is not run again.
printf 'id,task\na,. ./ran\nb,. ./ran; [ $AGENT_BATCH_CYCLE = 1 ] && until [ -e go ]; do sleep 0.02; done\n' >retry.csv
rm -f go start; : >"$COUNT"
"$AB" launch retry.csv --agent shell --no-tui >/dev/null 2>&1
dir=$AGENT_BATCHES_DIR/$(newest)
before=$(nr_batches)
pids=''
for i in 1 2 3 4 5 6; do
  sh -c 'until [ -e start ]; do :; done; exec "$0" retry "$1" --launch --no-tui' "$AB" "$dir" >"x5.$i" 2>&1 &
  pids="$pids $!"
done
touch start
wait_for 10 grep -q '1 b 1' count
touch go
codes=''
for p in $pids; do wait "$p"; codes="$codes $?"; done
is "X5: one child" "$(($(nr_batches) - before))" 1
# One that came when the child had ended found nothing left: 0, too.
unlike "X5: the others are refused" "$(echo $codes | tr -d ' ')" '[^04]'
is "X5: each that was refused is told the child's name" \
  "$(grep -l "$(newest)" x5.? | wc -l | tr -d ' ')" 6
is "X5: the row ran once" "$(ran)" '0 a 1,0 b 1,1 b 1,'
run "$AB" retry "$dir" --launch --no-tui
is "X6: nothing is left to run" "$rc/$(ran)" '0/0 a 1,0 b 1,1 b 1,'

# I6: the CSV is changed, then removed, under a run with cycles.
rm -f go; : >"$COUNT"
printf 'id,task\na,. ./ran; until [ -e go ]; do sleep 0.02; done\nb,. ./ran; [ $AGENT_BATCH_CYCLE = 1 ]\n' >gone.csv
dir=$("$AB" launch gone.csv --agent shell --detach --auto-retry 2>/dev/null)
wait_for 10 grep -q a count
cp gone.csv was
printf 'id,task\na,echo changed >>changed\nb,echo changed >>changed\n' >gone.csv
kill_conductor "$dir"
"$AB" resume "$dir" --detach >/dev/null 2>&1
rm gone.csv
touch go
run timeout 20 "$AB" wait "$dir"
is "I6: the batch and its retry use their own copy" "$rc/$(ran)" '0/0 a 1,0 b 1,1 b 1,'
not test -e changed
is "I6: nothing of the new text was run" "$?" 0
cmp -s was "$dir/tasks.csv"
is "I6: the copy is what was launched" "$?" 0


# X2: a conductor that was killed, whose last thread still waits for the disk: its lock is held by
# nobody who lives, for a moment.
if command -v perl >/dev/null; then
  rm -f go; : >"$COUNT"
  dir=$("$AB" launch t.csv --agent shell --detach 2>/dev/null)
  wait_for 10 sh -c '[ $(wc -l <count) = 2 ]'
  kill_conductor "$dir"
  perl -e 'open(F, "+<", shift) or die; fcntl(F, 37, pack("ssx4qqix4", 1, 0, 0, 1, 0)) or die;
    open(G, ">held"); close(G); sleep 1' "$dir/lock" &
  wait_for 10 test -e held
  run timeout 30 "$AB" resume "$dir" --detach
  is "X2: resume waits until it is let go" "$rc" 0
  touch go
  run timeout 30 "$AB" wait "$dir"
  is "X2: and carries on" "$rc/$(ran)" '0/0 also 1,0 runs 1,'
else
  skip "X2: a conductor that is still dying" "no perl to hold its lock"
fi
done_testing
