#!/bin/sh
# P1, P2, promises 1 to 3: the conductor is killed at random moments, again and again, while a batch
# with retries and cycles runs. In the end everything went exactly as scripted.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/faults/faults.sh"

# What a row does depends on how often it really ran in this cycle, so that an attempt number which
# a crash made void does not change the script.
cat >row <<'X'
. ./ran
echo "$AGENT_BATCH_ID $AGENT_BATCH_RUN_ATTEMPT" >>runs
n=$(grep -c "^$AGENT_BATCH_CYCLE $AGENT_BATCH_ID " "$COUNT")
sleep 0.08
case $AGENT_BATCH_CYCLE$1$n in
*t1) . ./trouble ;;
*c1) kill -KILL $$ ;;
0f*) exit 1 ;;
esac
X
{
  echo 'id,task,depends_on'
  for i in $(seq 1 8); do
    echo "o$i,sh ./row o,"
    echo "t$i,sh ./row t,"
    echo "f$i,sh ./row f,"
    echo "c$i,sh ./row c,"
    echo "d$i,sh ./row d,f$i"
  done
} >storm.csv
cat >expected <<'X'
c 0 2
d 1 1
f 0 1
f 1 1
o 0 1
t 0 2
X

rnd() { echo "0.$(od -An -N2 -tu2 /dev/urandom | awk -v from="$1" -v to="$2" '{ printf "%03d", from + $1 % (to - from) }')"; }
# The conductor, by the journals of the newest batches: after an exec it is the same process.
leaders() {
  for b in $(batches | tail -2); do
    p=$(conductor "$AGENT_BATCHES_DIR/$b")
    [ -n "$p" ] && tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | grep -q ' conduct ' && echo "$p"
  done | sort -u
}
none_leads() { [ -z "$(leaders)" ]; }
# In the moment of its exec a process shows no command line, and the kills pass it over: to be
# refused by a conductor that lives is right.
is_refused_by_the_living() {
  p=$(sed -n 's/.* holds .* (pid \([0-9]*\) on .*/\1/p' resume.out)
  [ -n "$p" ] && ! is_gone "$p"
}

for storm in $(seq 1 "${STORMS:-2}"); do
  AGENT_BATCHES_DIR=$T/storm$storm
  : >"$COUNT"
  : >runs
  dir=$("$AB" launch storm.csv --agent shell --detach --auto-retry --max-retries 2 -j 4 \
    --backoff 0.2:1:0.2 2>/dev/null)
  kills=0 refused=''
  while [ $kills -lt 60 ] && [ "$(json "$dir" .run_state)" != finished ]; do
    sleep "$(rnd 1 70)"
    for p in $(leaders); do kill -9 "$p" 2>/dev/null && kills=$((kills + 1)); done
    wait_for 5 none_leads
    "$AB" resume "$dir" --detach >resume.out 2>&1 || is_refused_by_the_living ||
      refused="$refused $(cat resume.out)"
  done
  run timeout 30 "$AB" wait "$dir"
  is "storm $storm: $kills kills, and every row completed" "$rc" 0
  is "storm $storm: no resume was refused" "$refused" ''
  is "storm $storm: no attempt number ran twice" "$(twice)" ''
  is "storm $storm: over the run, executions are counted without a gap" \
    "$(awk '$2 != ++n[$1] { print }' runs)" ''
  is "storm $storm: each row ran exactly as scripted" \
    "$(awk '{ n[substr($2, 1, 1) " " $1 " " $2]++ } END { for (k in n) { split(k, w, " "); c[w[1] " " w[2] " " n[k]]++ } for (k in c) print k, c[k] }' count | sort)" \
    "$(sed 's/$/ 8/' expected)"
  is "storm $storm: two batches and nothing else" "$(ls -A "$AGENT_BATCHES_DIR" | grep -vc 'csv$\|latest')" 2
  is "storm $storm: each one told as completed" \
    "$(jq -r '[.agents[] | .status] | group_by(.) | map("\(.[0]):\(length)") | join(" ")' "$dir/results.json")" completed:40
  lost=$(cat "$AGENT_BATCHES_DIR"/batch-*/events.jsonl | jq -rR 'fromjson? | select(.ev == "verdict" and .class == "lost") | .id')
  is "storm $storm: nothing was lost" "$lost" ''
  is "storm $storm: one exit an attempt" \
    "$(for b in $(batches); do journal "$AGENT_BATCHES_DIR/$b" 'select(.ev == "exit") | "\(.id) \(.n)"' | sort | uniq -d; done)" ''
done
AGENT_BATCHES_DIR=$T/batches
done_testing
