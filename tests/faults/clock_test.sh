#!/bin/sh
# C1, C3: the wall clock is set while a batch waits and runs. Setting the machine's clock is nobody's to
# do in a test: the journal is told in another hour instead, as if the clock had been set since.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/faults/faults.sh"

cat >t.csv <<'X'
id,task,timeout
waits,". ./ran; [ $AGENT_BATCH_ATTEMPT = 1 ] && . ./trouble; exit 0",
runs,. ./ran; until [ -e go ]; do sleep 0.02; done,60
ticks,. ./ran; while :; do sleep 0.02; done,3
X
# shifted NAME SECONDS: as if the clock had been set by that much while nobody conducted
shifted() {
  how=$1 by=$2
  rm -f go; : >"$COUNT"
  dir=$("$AB" launch t.csv --agent shell --detach --backoff 2:1:2 --grace 0.2 --attempts 2 2>/dev/null)
  wait_for 10 phase_is "$dir" waits backoff
  wait_for 10 sh -c '[ $(wc -l <count) = 3 ]'
  kill_conductor "$dir"
  began=$(journal "$dir" 'select(.ev == "wait") | .m')
  jq -c --argjson by "$((-by))" '.t += $by | if has("until") then .until += $by else . end' \
    "$dir/events.jsonl" >shifted && cat shifted >"$dir/events.jsonl"
  for r in "$dir"/attempts/*.jsonl; do
    jq -c --argjson by "$((-by))" '.t += $by' "$r" >shifted && cat shifted >"$r"
  done
  "$AB" resume "$dir" --detach >/dev/null 2>&1
  ok "C1, $how: the wait ends" wait_for 10 status_is "$dir" waits completed
  took=$(($(journal "$dir" 'select(.ev == "start" and .id == "waits" and .n == 2) | .m') - began))
  ok "C1, $how: neither sooner nor much later (${took} ms of 2000)" [ $((took >= 1990 && took < 5000)) = 1 ]
  is "C1, $how: the one that runs was not ended" "$(of_agent "$dir" runs phase)" running
  out=$("$AB" status "$dir"; "$AB" report "$dir"; "$AB" monitor "$dir" --print overview --ascii --size 120x30)
  unlike "C1, $how: no negative duration" "$out" '(^|[ (])-[0-9]'
  ok "C1, $how: a timeout is the time it ran" wait_for 10 grep -q '"class":"timeout"' "$dir/events.jsonl"
  touch go
  "$AB" ctl "$dir" cancel ticks >/dev/null 2>&1
  run timeout 20 "$AB" wait "$dir"
  is "C1, $how: it ends" "$(json "$dir" '[.agents[] | "\(.id):\(.status)"] | join(" ")')" \
    'waits:completed runs:completed ticks:cancelled'
  is "C1, $how: each attempt ran once" "$(twice)" ''
}
shifted "set back an hour" -3600
shifted "set ahead an hour" 3600

# C3: an hour that comes twice, as the zone is told an hour further west.
printf 'id,task\na,true\n' >one.csv
export AGENT_BATCHES_DIR="$T/twice"
made=
for zone in EET-2 CET-1 WET0; do
  TZ=$zone "$AB" launch one.csv --agent shell --no-tui >/dev/null 2>&1
  last=$(basename "$(readlink "$AGENT_BATCHES_DIR/latest")")
  made="$last $made"
  is "C3: the newest is the last one made, $zone" "$("$AB" status --json | jq -r .batch)" "$last"
done
is "C3: three names" "$(echo "$made" | tr ' ' '\n' | sort -u | grep -c batch-)" 3
is "C3: a list in order of creation" "$("$AB" list | awk '{ printf "%s ", $1 }')" "$made"
done_testing
