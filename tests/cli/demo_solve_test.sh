#!/bin/sh
# demo --solve: the loop of the second seed, played by simulated agents, and checked by itself.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
run timeout 120 "$AB" demo --solve --no-tui
is "it went as scripted" "$rc" 0
[ $rc = 0 ] || printf '%s\n' "$err" | sed 's/^/# /'
like "says what was to be seen" "$out" '^what you have just seen$'
like "in so many executions" "$out" 'passed: 6 executions of subtasks in all$'
original=$(batches | head -1)
is "a batch, one for what failed, one for what was missing" "$(nr_batches)" 3
is "what failed ran again, and nothing else" \
  "$(for b in $(batches); do grep -h '"ev":"start"' "$AGENT_BATCHES_DIR/$b/events.jsonl" | jq -r .id; done | sort | tr '\n' ' ')" \
  "step_1 step_2 step_2 step_3 step_4 step_5 "
log=$AGENT_BATCHES_DIR/$original/logs/log.txt
for line in "Found 1 failed subtask(s) to retry: ['step_2']" 'Successfully retried subtask: step_2' \
  'No failed subtasks found. Creating additional subtasks for missing requirements...' \
  '=== Phase 4 (RETRY): EXECUTE NEW PLAN ==='; do
  ok "the log says: $line" grep -qF -- "$line" "$log"
done
is "the answer was written three times" "$(ls -d "$AGENT_BATCHES_DIR/$original"/roles/synthesizer-* | wc -l)" 3
like "the last one is kept" "$(cat "$AGENT_BATCHES_DIR/$original/answer.md")" '^- step_5: '
run "$AB" wait "$original"
is "the run itself ended in 0" "$rc" 0
run "$AB" demo --solve x
is "it takes no word: exit 2" "$rc" 2

is "two validations said no" "$(grep -c '"is_complete":false' "$AGENT_BATCHES_DIR/$original/events.jsonl")" 2
run timeout 120 "$AB" demo --solve --output jsonl
is "with jsonl nothing is said behind" "$(printf '%s\n' "$out" | grep -vc '^{')" 0

# It does not believe what it wants to see.
mkdir -p "$HOME/.config/agent-batch/profiles"
cat >"$HOME/.config/agent-batch/profiles/sim.json" <<'EOF'
{"base": "sim", "command": ["sh", "-c", "[ \"$AGENT_BATCH_ROLE\" ] || exit 0; exec {libexec}/agent-batch-sim"]}
EOF
run timeout 120 "$AB" demo --solve --no-tui
is "where nothing fails it did not go as scripted: exit 1" "$rc" 1
like "it says what was otherwise" "$err" "did not go as scripted: 'step_2' is completed after 1 executions"
done_testing
