#!/bin/sh
# The demo, as make demo and a first-time user see it.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
began=$(date +%s)
run env TMPDIR="$T" timeout 120 "$AB" demo --no-tui
is "it went as scripted" "$rc" 0
[ $rc = 0 ] || printf '%s\n' "$err" | sed 's/^/# /'
ok "within two minutes" test $(($(date +%s) - began)) -lt 120
like "says what was to be seen" "$out" '^what you have just seen$'
is "three batches" "$(nr_batches)" 3
like "all healed but one" "$out" '23/24 succeeded after 2 retries'
ok "its folder is in TMPDIR" ls "$T"/agent-batch-demo-*/demo.csv
ok "agents left their notes" ls "$T"/agent-batch-demo-*/orders-pagination/notes.md
run "$AB" wait
is "the run itself ended in 1" "$rc" 1
done_testing
