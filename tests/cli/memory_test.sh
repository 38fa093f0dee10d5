#!/bin/sh
# --min-free-mem: nothing starts beside what runs while memory is short.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
# The most agents that ran at once, by the journal.
width() { jq -s '[.[] | if .ev == "start" then 1 elif .ev == "exit" then -1 else empty end]
  | reduce .[] as $d ({n: 0, max: 0}; .n += $d | .max = ([.n, .max] | max)) | .max' \
  "$AGENT_BATCHES_DIR/$1/events.jsonl"; }

printf 'task\nsleep 0.3\nsleep 0.3\nsleep 0.3\n' >three.csv
run "$AB" launch three.csv --agent shell -j 3 --min-free-mem 900T
b=$(newest)
is "nobody has that much: one after the other" "$rc/$(width "$b")" 0/1
is "and said once" "$(grep -c 'min-free-mem' "$AGENT_BATCHES_DIR/$b/logs/log.txt")" 1
run "$AB" launch three.csv --agent shell -j 3 --min-free-mem 1k
is "there is enough: all at once" "$rc/$(width "$(newest)")" 0/3
run "$AB" launch three.csv --agent shell --min-free-mem much
is "no size: exit 2" "$rc" 2
done_testing
