#!/bin/sh
# What a retry is told of the attempt before it: {feedback}, AGENT_BATCH_FEEDBACK_FILE, --feedback;
# within a batch and over cycles.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
mode() { stat -c %a "$1"; }

# Fails until it is told why; what it is told lands in told.ID.ATTEMPT.CYCLE.
cat >agent.sh <<'SH'
cp "$AGENT_BATCH_TASK_FILE" "prompt.$AGENT_BATCH_ID.$AGENT_BATCH_CYCLE.$AGENT_BATCH_ATTEMPT"
printf '%s' "$1" >"told.$AGENT_BATCH_ID.$AGENT_BATCH_CYCLE.$AGENT_BATCH_ATTEMPT"
printf '%s' "$AGENT_BATCH_FEEDBACK_FILE" >"file.$AGENT_BATCH_ID.$AGENT_BATCH_CYCLE.$AGENT_BATCH_ATTEMPT"
[ -n "$1" ] || exit 0
echo good >good
SH
cat >check.sh <<'SH'
[ -e good ] && exit 0
echo "row 3: %s %n {task} \$(date) expected 4 fields"
printf 'a \033[31mred\033[m word\000\n'
exit 1
SH
printf 'id,task,validate\nx,make it good,sh check.sh\n' >tasks.csv
run "$AB" launch tasks.csv --agent-command 'sh agent.sh {feedback}' --auto-retry --max-retries 2
is "the second cycle heals it" "$rc/$(nr_batches)" 0/2
is "the first attempt is told nothing" "$(cat told.x.0.1)$(cat file.x.0.1)" ""
told=$(cat told.x.1.1)
like "the next cycle is told the class" "$told" '^The last attempt at this task did not succeed: invalid$'
like "the message" "$told" '^Message: validation failed with exit code 1: a .*word$'
like "and what the validation printed, as it is" "$told" '^row 3: %s %n \{task\} \$\(date\) expected 4 fields$'
like "without control bytes" "$told" '^a \[31mred\[m word$'
unlike "nor our own lines" "$told" '==='
f=$(cat file.x.1.1)
is "the same is in the file" "$(cat "$f")" "$told"
is "which only the user can read" "$(mode "$f")" 600
is "the prompt is the task alone" "$(cat prompt.x.1.1)" "make it good"

# --feedback: in a batch, on stdin.
rm good
printf 'id,task\ny,do it\n' >one.csv
cat >stdin.sh <<'SH'
cat >"stdin.$AGENT_BATCH_ATTEMPT"
[ "$AGENT_BATCH_ATTEMPT" = 2 ] && exit 0
echo "Error: 503 Service Unavailable"
exit 1
SH
run "$AB" launch one.csv --agent-command 'sh stdin.sh' --feedback --backoff 0.1:1:1
is "the second attempt succeeds" "$rc" 0
is "the first has the task alone" "$(cat stdin.1)" "do it"
is "the second's begins with it" "$(head -1 stdin.2)" "do it"
like "and ends with why the first failed" "$(cat stdin.2)" '^The last attempt at this task did not succeed: transient$'
cat >word.sh <<'SH'
printf '%s' "$1" >"word.$AGENT_BATCH_ATTEMPT"
[ "$AGENT_BATCH_ATTEMPT" = 2 ] && { echo "$1"; exit 0; }
echo "Error: 503 Service Unavailable"
exit 1
SH
run "$AB" launch one.csv --agent-command 'sh word.sh {task}' --feedback --backoff 0.1:1:1
is "{task} has it too" "$rc/$(head -1 word.2)" "0/do it"
like "with the message" "$(cat word.2)" '503 Service Unavailable'

# What a retry is told quotes the line that failed; the same line is a failure the next time too.
printf 'echo "Error: 503 Service Unavailable"\nexit 1\n' >same.sh
run "$AB" launch one.csv --agent-command 'sh same.sh' --attempts 3 --backoff 0.05:1:1
is "the same failure is of the same class each time" \
  "$(jq -r 'select(.ev == "verdict") | .class' "$AGENT_BATCHES_DIR/$(newest)/events.jsonl" | tr '\n' ' ')" \
  "transient transient transient "

# A task that fills its argument goes without it, and without feedback nothing is unknown.
{
  echo id,task
  printf 'z,'
  head -c 131000 /dev/zero | tr '\0' x
  echo
} >long.csv
run "$AB" launch long.csv --agent-command 'sh word.sh {task}' --feedback --backoff 0.1:1:1
is "a task that fills its argument goes without" "$rc/$(wc -c <word.2)" 0/131000
run "$AB" launch one.csv --agent-command 'echo {feedback}' --dry-run
is "--dry-run knows {feedback}" "$rc" 0
done_testing
