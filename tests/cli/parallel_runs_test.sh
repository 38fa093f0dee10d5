#!/bin/sh
# Runs that end in the same moment: each makes a child of its own.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2

cat >t.csv <<'X'
id,task
a,"[[sim duration=0 cycles=fail,ok]]"
X
pids=
i=0
while [ "$i" -lt 12 ]; do
	timeout 60 "$AB" launch t.csv --agent sim --auto-retry --no-tui >"out.$i" 2>&1 &
	pids="$pids $!"
	i=$((i + 1))
done
codes=
for pid in $pids; do
	wait "$pid"
	codes="$codes $?"
done
is "each run heals its row" "$codes" " 0 0 0 0 0 0 0 0 0 0 0 0"
is "every batch is original or child" "$(ls -d "$AGENT_BATCHES_DIR"/batch-* | wc -l)" 24
is "no child has two parents" \
	"$(cat "$AGENT_BATCHES_DIR"/batch-*/manifest.json | jq -r '.retry_metadata.next_batches[]' | sort | uniq | wc -l)" 12
done_testing
