#!/bin/sh
# D1, D3, D4, D5, D7, D9: the disk says no, or gives back what it should not.
# A full disk is a small tmpfs in a mount name space of this test's own, which needs root.
if [ -z "${FAULTS_IN_NAMESPACE:-}" ]; then
  export FAULTS_IN_NAMESPACE=0
  if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    FAULTS_IN_NAMESPACE=1 exec unshare -m sh "$0"
  fi
fi
. "$(dirname "$0")/../lib.sh"
. "$TESTS/faults/faults.sh"
# is_over PID...: all of them
is_over() { for p; do is_gone "$p" || return 1; done; }
holders() { for i in $(seq 1 20); do agent_pid "$dir" "hold$i.1"; done; }

# D1
{
  echo 'id,task,depends_on'
  for i in $(seq 1 20); do echo "hold$i,. ./ran; until [ -e go ]; do sleep 0.05; done,"; done
  for i in $(seq 1 20); do echo "next$i,. ./ran; echo said,hold$i"; done
} >many.csv
if [ "$FAULTS_IN_NAMESPACE" = 1 ] && mkdir small && mount -t tmpfs -o size=2m none small 2>/dev/null; then
  AGENT_BATCHES_DIR=$T/small/batches
  dir=$("$AB" launch many.csv --agent shell --detach -j 20 2>/dev/null)
  wait_for 10 sh -c '[ $(wc -l <count) = 20 ]'
  pids=$(holders)
  dd if=/dev/zero of=small/filler bs=4k 2>/dev/null
  touch go
  # shellcheck disable=SC2086
  ok "D1: agents run to their end on a full disk" wait_for 10 is_over $pids
  ok "D1: the log says that nothing starts" wait_for 10 grep -q 'nothing starts until the disk' "$dir/logs/log.txt"
  is "D1: nothing started" "$(grep -c next count)" 0
  run "$AB" status "$dir"
  is "D1: it can be looked at" "$rc" 0
  like "D1: status says why nothing starts" "$out" '^ the disk is full: nothing new starts'
  run "$AB" monitor "$dir" --print overview
  like "D1: so does the screen" "$out" '^ the disk is full: nothing new starts'
  ok "D1: the conductor lives" kill -0 "$(conductor "$dir")"
  rm small/filler
  run timeout 30 "$AB" wait "$dir"
  is "D1: it goes on when there is space" "$rc" 0
  is "D1: every row ran" "$(json "$dir" .counts.completed)" 40
  is "D1: each once" "$(wc -l <count | tr -d ' ')/$(twice)" 40/
  is "D1: every start is in the journal" \
    "$(journal "$dir" 'select(.ev == "start") | "\(.id) \(.n)"' | sort | tr '\n' ,)" \
    "$(sed 's/^0 //' count | sort | tr '\n' ,)"
  is "D1: every row has its one verdict" "$(journal "$dir" 'select(.ev == "verdict") | .id' | sort -u | wc -l | tr -d ' ')" 40
  # A launch that finds no room is refused, and nothing is left of it that could be mistaken.
  dd if=/dev/zero of=small/filler bs=4k 2>/dev/null
  : >"$COUNT"
  run timeout 20 "$AB" launch many.csv --agent shell --no-tui
  is "D1: a launch without room is refused" "$rc" 5
  like "D1: with the reason" "$err" '[Nn]o space left'
  is "D1: and starts nothing" "$(ran)" ''
  is "D1: no half of a batch is left" "$(find small -name 'batch-*' -newer "$COUNT" | wc -l | tr -d ' ')" 0
  run "$AB" list
  is "D1: the others are listed as before" "$rc/$(echo "$out" | wc -l | tr -d ' ')/$err" 0/1/
  rm small/filler
  umount small
  AGENT_BATCHES_DIR=$T/batches
else
  skip "D1: a full disk" "needs root and a mount name space of its own"
fi
rm -f go; : >"$COUNT"

# D7: no new names in the batch's directories; what is open can still be written.
cat >few.csv <<'X'
id,task,depends_on
first,. ./ran; until [ -e go ]; do sleep 0.02; done,
second,. ./ran,first
X
dir=$("$AB" launch few.csv --agent shell --detach 2>/dev/null)
wait_for 10 grep -q first count
if chattr +i "$dir" "$dir/attempts" 2>/dev/null; then
  touch go
  ok "D7: a read-only directory is told" wait_for 10 grep -q 'nothing starts until the disk' "$dir/logs/log.txt"
  is "D7: nothing started" "$(ran)" '0 first 1,'
  ok "D7: what ended is known" wait_for 10 status_is "$dir" first completed
  chattr -i "$dir" "$dir/attempts"
  run timeout 20 "$AB" wait "$dir"
  is "D7: it goes on when it may be written" "$rc" 0
  is "D7: each ran once" "$(ran)" '0 first 1,0 second 1,'
else
  touch go
  "$AB" wait "$dir" >/dev/null 2>&1
  skip "D7: a directory that becomes read-only" "no chattr +i here"
fi

# D5: with one that runs, one that waits for its next try, and one that has not begun.
for how in backoff pending; do
  rm -f go; : >"$COUNT"
  if [ $how = backoff ]; then
    printf 'id,task\nwaits,. ./ran; . ./trouble\nruns,. ./ran; until [ -e go ]; do sleep 0.02; done; touch was-here\n' >gone.csv
  else
    printf 'id,task,depends_on\nruns,. ./ran; until [ -e go ]; do sleep 0.02; done; touch was-here,\nwaits,. ./ran,runs\n' >gone.csv
  fi
  rm -f was-here
  "$AB" launch gone.csv --agent shell --no-tui --backoff 1:1:1 >follow.out 2>&1 &
  follower=$!
  wait_for 10 grep -q 'runs 1' count
  dir=$AGENT_BATCHES_DIR/$(newest)
  [ $how = pending ] || wait_for 10 phase_is "$dir" waits backoff
  leader=$(conductor "$dir") pid=$(agent_pid "$dir" runs.1)
  rm -rf "$dir"
  if [ $how = pending ]; then
    ok "D5, $how: the agent runs on" kill -0 "$pid"
    touch go
  fi
  ok "D5, $how: the conductor ends" wait_for 10 is_gone "$leader"
  wait $follower
  is "D5, $how: exit 5" "$?" 5
  [ $how = pending ] || ok "D5, $how: the agent runs on" kill -0 "$pid"
  touch go
  ok "D5, $how: to its end" wait_for 5 test -e was-here
  not test -e "$dir"
  is "D5, $how: no new directory was made" "$?" 0
  is "D5, $how: nothing more was started" "$(grep -c 'waits 2\|waits 1' count)" \
    "$([ $how = backoff ] && echo 1 || echo 0)"
done

# A batch whose conductor died while one ran: what is damaged now is met by resume.
cat >t.csv <<'X'
id,task,depends_on
done,. ./ran,
fails,. ./ran; [ $AGENT_BATCH_CYCLE = 1 ],
runs,. ./ran; until [ -e go ]; do sleep 0.02; done,
later,. ./ran,runs
X
rm -f go; : >"$COUNT"
dir=$("$AB" launch t.csv --agent shell --detach --auto-retry --max-retries 3 2>/dev/null)
wait_for 10 grep -q 'runs 1' count
wait_for 10 status_is "$dir" fails failed
kill_conductor "$dir"
name=$(basename "$dir")
batches=$AGENT_BATCHES_DIR
pid=$(agent_pid "$dir" runs.1)
touch go
wait_for 5 is_gone "$pid"

# damage NAME: a copy of that batch in a batches directory of its own
damage() {
  name_of=$1
  AGENT_BATCHES_DIR=$T/$1
  mkdir "$AGENT_BATCHES_DIR"
  cp -a "$batches/$name" "$AGENT_BATCHES_DIR/"
  dir=$AGENT_BATCHES_DIR/$name
  : >"$COUNT"
}
goes_on() {
  run timeout 20 "$AB" resume "$dir" --no-tui
  is "$name_of: resume carries it to its end" "$rc" 0
  is "$name_of: nothing ran twice" "$(ran)" '0 later 1,1 fails 1,'
  is "$name_of: the run is whole" "$(jq -c '[.agents[] | "\(.id):\(.status):\(.cycle)"]' "$dir/results.json")" \
    '["done:completed:0","fails:completed:1","runs:completed:0","later:completed:0"]'
}
for kind in empty cut garbage missing; do
  damage "D3-manifest-$kind"
  case $kind in
    empty) : >"$dir/manifest.json" ;;
    cut) head -c 300 "$batches/$name/manifest.json" >"$dir/manifest.json" ;;
    garbage) head -c 3000 /dev/urandom >"$dir/manifest.json" ;;
    missing) rm "$dir/manifest.json" ;;
  esac
  cp "$dir/manifest.json" was 2>/dev/null || rm -f was
  is "$name_of: read for what it was" "$(json "$dir" '[.counts.completed, .max_retries, .state] | @csv')" '1,3,"interrupted"'
  goes_on
  like "$name_of: rebuilt" "$(jq -c '[.batch, .retry_metadata.max_retries, .retry_metadata.retry_count, (.agents | length), (.retry_metadata.next_batches | length)]' "$dir/manifest.json")" \
    "^\\[\"$name\",3,0,4,1\\]$"
  if [ -e was ]; then
    cmp -s was "$dir/manifest.json.damaged"
    is "$name_of: the damaged one is kept beside it" "$?" 0
    like "$name_of: the log says so" "$(cat "$dir/logs/log.txt")" 'manifest.json was damaged'
  fi
done

damage D4
{
  head -4 "$batches/$name/events.jsonl"
  echo '{"t":1,"m":1,"ev":"telepathy","id":"done","n":7}'
  head -c 60 /dev/urandom | tr -d '\n\0'; echo
  echo '{"t":1,"ev":"exit","id":"done","n":1,"co'
  tail -n +5 "$batches/$name/events.jsonl"
  printf '{"t":1795312920.21,"m":6531411,"ev":"status","id":"runs","stat'
} >"$dir/events.jsonl"
cp "$dir/events.jsonl" was
run "$AB" status "$dir"
is "D4: a reader takes the rest" "$rc/$(json "$dir" '[.counts.completed, .counts.failed] | @csv')" '0/1,1'
cmp -s was "$dir/events.jsonl"
is "D4: and writes nothing" "$?" 0
goes_on
like "D4: how many were skipped is said" "$(cat "$dir/logs/log.txt")" '3 lines of the journal could not be read'
cmp -s -n "$(stat -c %s was)" was "$dir/events.jsonl"
is "D4: the file was not rewritten" "$?" 0
is "D4: the next append began with a newline" \
  "$(tail -c "+$(($(stat -c %s was) + 1))" "$dir/events.jsonl" | head -c 8 | tr '\n' /)" '/{"t":17'

damage D9
sed -i 's/"version":"[0-9.]*"/"version":"99.0.0","new_field":{"x":[1]}/' "$dir/events.jsonl"
jq '.version = "99.0.0"' "$batches/$name/manifest.json" >"$dir/manifest.json"
before=$(cd "$dir" && find . -type f | sort | xargs cksum)
is "D9: a newer batch is read" "$(json "$dir" .counts.completed)" 1
run "$AB" resume "$dir" --no-tui
is "D9: resume is refused" "$rc" 2
like "D9: with the reason" "$err" 'written by agent-batch 99.0.0'
run timeout 20 "$AB" retry "$dir" --launch --no-tui
unlike "D9: so is a child" "$rc" '^0$'
is "D9: nothing ran" "$(ran)" ''
is "D9: nothing was written" "$(cd "$dir" && find . -type f | sort | xargs cksum)" "$before"
AGENT_BATCHES_DIR=$batches
# D1 by a limit on the length of files: what writes beyond it gets a signal, unless it asks for an error.
if command -v prlimit >/dev/null; then
  : >"$COUNT"
  { echo id,task; for i in $(seq 60); do echo "r$i,. ./ran"; done; } >sixty.csv
  dir=$(prlimit --fsize=12288:unlimited "$AB" launch sixty.csv --agent shell --detach 2>err)
  ok "D1: a journal at the limit of its length is a disk that says no" \
    wait_for 20 grep -q 'nothing starts until the disk takes it: File too large' "$dir/logs/log.txt"
  ok "D1: the conductor lives through it" kill -0 "$(conductor "$dir")"
  prlimit --pid "$(conductor "$dir")" --fsize=unlimited
  run timeout 30 "$AB" wait "$dir"
  is "D1: it goes on when the limit is lifted" "$rc/$(json "$dir" .counts.completed)" 0/60
  is "D1: each ran once" "$(wc -l <count | tr -d ' ')/$(twice)" 60/
  printf 'id,task\nlong,exec yes\nshort,true\n' >yes.csv
  run timeout 30 prlimit --fsize=1048576:unlimited "$AB" launch yes.csv --agent shell --no-tui --backoff 0.01:1:1
  dir=$AGENT_BATCHES_DIR/$(newest)
  is "D1: a log at the limit is its agent's own trouble" \
    "$rc/$(json "$dir" '[.agents[] | [.status, .class, .attempts] | join(" ")] | join(", ")')" \
    '1/failed crash 2, completed success 1'
else
  skip "D1: the limit on the length of files" "no prlimit(1)"
fi
done_testing
