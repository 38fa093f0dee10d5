#!/bin/sh
# --retry-on and --give-up-after: which rows the next cycle takes.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
row() { json "$1" ".agents[] | select(.id == \"$2\") | \"\(.status) \(.class) \(.set_aside // false)\""; }

# a fails alike each time (the number in it does not tell two apart), b each time another way, c
# heals in the third cycle.
cat >alike.csv <<'CSV'
id,task
a,"echo ""error: module $$ is missing""; exit 1"
b,"echo ""error: $(printf %$(($AGENT_BATCH_CYCLE + 1))s | tr ' ' x) is missing""; exit 1"
c,"[ $AGENT_BATCH_CYCLE = 2 ]"
d,"true"
CSV
run "$AB" launch alike.csv --agent shell --auto-retry --max-retries 3 --give-up-after 2
set -- $(batches)
is "rows are left: exit 1" "$rc" 1
is "the first cycle takes all that failed" "$(json "$2" '.agents | map(.id) | join(" ")')" "a b c"
is "in the second the same failure is set aside" "$(row "$2" a)" "failed task_error true"
is "another one is not" "$(row "$2" b)" "failed task_error false"
is "it is not in the third's CSV" "$(json "$3" '.agents | map(.id) | join(" ")')" "b"
like "the lines say so" "$out" ' a FAILED .*set aside: it failed alike in 2 cycles'
like "the report says so" "$out" '^      set aside: it failed alike in 2 cycles$'
is "and in JSON" "$("$AB" report --json | jq -r '.left[] | select(.set_aside) | .id' | tr '\n' ' ')" "a c "
like "status says so" "$("$AB" status "$2" --all)" '2 set aside'
run "$AB" retry "$1"
like "retry by hand takes it" "$(cat "$out")" '^a,'

# The text of a shell's task is code: what it prints is no echo of a prompt.
cat >code.csv <<'CSV'
id,task
limit,echo 'Error: 429 Too Many Requests'; exit 1
down,echo 'Error: 503 Service Unavailable'; exit 1
CSV
run "$AB" launch code.csv --agent shell --attempts 1
is "what a task of the shell prints counts" \
  "$(json "$(newest)" '.agents | map(.class) | join(" ")')" "rate_limit transient"

# Classes that end a row for good, unless they are named.
printf 'task\n"[[sim outcomes=refusal,ok]]"\n"[[sim outcomes=overflow,ok]]"\n' >refused.csv
run "$AB" launch refused.csv --agent sim --auto-retry
is "a refusal is not repeated as it is" "$rc/$(json "$(newest)" .cycle)" 1/0
run "$AB" launch refused.csv --agent sim --auto-retry --retry-on refusal
b=$(newest)
is "--retry-on takes it into the next cycle" "$rc/$(json "$b" '"\(.cycle) \(.agents[0].status)"')" "1/1 completed"
is "and only it" "$(json "$b" '.agents | map(.id) | join(" ")')" 1
done_testing
