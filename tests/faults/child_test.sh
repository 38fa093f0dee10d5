#!/bin/sh
# P2: the conductor is killed between the end of a batch and the start of its child, at each stage:
# resume makes exactly one child, and what is written already is used.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/faults/faults.sh"

cat >t.csv <<'X'
id,task,note
a,. ./ran,x
b,. ./ran; [ $AGENT_BATCH_CYCLE = 1 ],y
c,. ./ran; [ $AGENT_BATCH_CYCLE = 1 ],"z, ""q"""
X
run "$AB" launch t.csv --agent shell --no-tui --auto-retry
is "a run with one cycle" "$rc" 0
is "as a whole" "$(ran)" '0 a 1,0 b 1,0 c 1,1 b 1,1 c 1,'
set -- $(batches)
parent=$1 child=$2
csv=$(journal "$AGENT_BATCHES_DIR/$parent" 'select(.ev == "cycle") | .csv')
mv "$AGENT_BATCHES_DIR" whole

# stage NAME: a batches directory as it was when the parent's end was on disk
stage() {
  name=$1
  AGENT_BATCHES_DIR=$T/$name
  mkdir "$AGENT_BATCHES_DIR"
  cp -a "whole/$parent" "$AGENT_BATCHES_DIR/"
  dir=$AGENT_BATCHES_DIR/$parent
  rm -f "$dir/results.json"
  jq '.retry_metadata.next_batches = []' "whole/$parent/manifest.json" >"$dir/manifest.json"
  : >"$COUNT"
}
# healed NAME: resume, and exactly one child with the two rows
healed() {
  is "$name: not finished" "$(json "$dir" .run_state)" interrupted
  run timeout 20 "$AB" resume "$dir" --no-tui
  is "$name: resume ends well" "$rc" 0
  is "$name: exactly one child" "$(nr_batches)" 2
  is "$name: one retry CSV" "$(ls "$AGENT_BATCHES_DIR" | grep -c '\.csv$')" 1
  is "$name: which the parent names" "$(jq -c .retry_metadata.next_batches "$dir/manifest.json")" \
    "[\"$(newest)\"]"
  is "$name: its rows ran once, nothing else did" "$(ran)" '1 b 1,1 c 1,'
  is "$name: the run is told as a whole" \
    "$(jq -c '[.agents[] | "\(.id):\(.status):\(.cycle)"]' "$dir/results.json")" \
    '["a:completed:0","b:completed:1","c:completed:1"]'
  run "$AB" resume "$dir"
  is "$name: nothing is left to resume" "$rc/$(nr_batches)" 0/2
}

stage no-csv
healed
is "no-csv: the name that was journalled is used" "$(newest)" "$child"
cmp -s "whole/$csv" "$AGENT_BATCHES_DIR/$csv"
is "no-csv: and the CSV's" "$?" 0

# A mark in the CSV tells whether it is the one that was used.
stage csv-only
sed 's/,y,/,marked,/' "whole/$csv" >"$AGENT_BATCHES_DIR/$csv"
inode=$(stat -c %i "$AGENT_BATCHES_DIR/$csv")
healed
is "csv-only: the CSV is the one that was there" "$(stat -c %i "$AGENT_BATCHES_DIR/$csv")" "$inode"
is "csv-only: and was used" "$(grep -c marked "$AGENT_BATCHES_DIR/$child/tasks.csv")" 1

stage empty-directory
cp "whole/$csv" "$AGENT_BATCHES_DIR/"
mkdir "$AGENT_BATCHES_DIR/$child"
healed

stage no-manifest
cp "whole/$csv" "$AGENT_BATCHES_DIR/"
mkdir -m 700 "$AGENT_BATCHES_DIR/$child" "$AGENT_BATCHES_DIR/$child/attempts" "$AGENT_BATCHES_DIR/$child/logs"
cp "whole/$child/tasks.csv" "$AGENT_BATCHES_DIR/$child/"
healed

stage no-journal
cp "whole/$csv" "$AGENT_BATCHES_DIR/"
cp -a "whole/$child" "$AGENT_BATCHES_DIR/"
(cd "$AGENT_BATCHES_DIR/$child" && rm -rf events.jsonl attempts/* agent-*.log logs/* results.json)
healed

# The first event of the child is there, its conductor died before the first start.
stage journal-begun
cp "whole/$csv" "$AGENT_BATCHES_DIR/"
cp -a "whole/$child" "$AGENT_BATCHES_DIR/"
(cd "$AGENT_BATCHES_DIR/$child" && rm -rf attempts/* agent-*.log logs/* results.json)
head -1 "whole/$child/events.jsonl" >"$AGENT_BATCHES_DIR/$child/events.jsonl"
jq '.retry_metadata.next_batches = ["'"$child"'"]' "whole/$parent/manifest.json" >"$dir/manifest.json"
healed

# The power went while the end was written: the plan is there, the end is not.
stage torn-end
grep -v '"ev":"end"' "whole/$parent/events.jsonl" >"$dir/events.jsonl"
printf '{"t":1,"ev":"en' >>"$dir/events.jsonl"
healed

# The child's directory had its name, and no event told of it yet.
stage reserved
grep -v '"ev":"end"\|"ev":"cycle"' "whole/$parent/events.jsonl" >"$dir/events.jsonl"
mkdir -m 700 "$AGENT_BATCHES_DIR/$child"
printf %s "$parent" >"$AGENT_BATCHES_DIR/$child/lock"
healed
is "reserved: the name is used" "$(newest)" "$child"

stage hidden
grep -v '"ev":"end"\|"ev":"cycle"' "whole/$parent/events.jsonl" >"$dir/events.jsonl"
mkdir -m 700 "$AGENT_BATCHES_DIR/.$parent.child"
healed
is "hidden: nothing of it stays" "$(ls -d "$AGENT_BATCHES_DIR"/.b* 2>/dev/null)" ''

# Somebody else's directory has the name: it is left alone.
stage foreign
mkdir "$AGENT_BATCHES_DIR/$child"
jq '.retry_metadata.parent_batch = "batch-20000101-000000"' "whole/$child/manifest.json" \
  >"$AGENT_BATCHES_DIR/$child/manifest.json"
before=$(cksum <"$AGENT_BATCHES_DIR/$child/manifest.json")
run timeout 20 "$AB" resume "$dir" --no-tui
unlike "foreign: a directory of another batch is no child of this one" "$rc" '^0$'
is "foreign: nothing ran" "$(ran)" ''
is "foreign: it is untouched" "$(cksum <"$AGENT_BATCHES_DIR/$child/manifest.json")" "$before"
AGENT_BATCHES_DIR=$T/batches
done_testing
