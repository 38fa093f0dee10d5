#!/bin/sh
# --budget, --budget-tokens, --budget-hard and --halt: what ends a run before its time, and how it
# goes on.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
counts() { json "$1" '[.counts.completed, .counts.pending, .counts.failed] | join(" ")'; }
started() { [ "$(starts "$1")" -ge "$2" ]; }

{
  echo task
  for i in 1 2 3 4 5 6; do echo "do $i [[sim cost=0.1 tokens=1000 duration=0.02]]"; done
} >six.csv

run "$AB" launch six.csv --agent sim -j 1 --budget 0.3
is "a budget that is spent: exit 3" "$rc" 3
b=$(newest)
is "nothing has started beyond it" "$(counts "$b")" "3 3 0"
like "the report says cost and budget" "$out" '\$0\.30/\$0\.30'
like "and how to go on" "$out" "agent-batch resume $b: --budget: .*give more with resume --budget"
is "status --json has both" "$(json "$b" '"\(.budget_usd) \(.run_cost_usd) \(.run_state)"')" "0.3 0.3 stopped"
like "the screen has them" "$("$AB" monitor "$b" --print overview --size 120x40)" 'cost \$0\.30/\$0\.30 '
like "the narrow one, too" "$("$AB" monitor "$b" --print overview)" ' \$0\.30/\$0\.30 '
run "$AB" resume "$b" --no-tui
is "resumed with no more it stops again" "$rc" 3
is "and starts nothing" "$(starts "$b")" 3
run "$AB" resume "$b" --no-tui --budget 0.5
is "with a little more" "$rc/$(counts "$b")" "3/5 1 0"
run "$AB" resume "$b" --no-tui --budget 0
is "without any bound" "$rc/$(counts "$b")" "0/6 0 0"

run "$AB" launch six.csv --agent sim -j 1 --budget-tokens 2k
is "tokens: exit 3" "$rc/$(counts "$(newest)")" "3/2 4 0"
like "and said so" "$out" '2\.0k/2\.0k tokens'

# Over all cycles: each costs 0.2, the third is not begun.
printf 'task\n[[sim outcomes=fail cost=0.1]]\n[[sim outcomes=fail cost=0.1]]\n' >fails.csv
run "$AB" launch fails.csv --agent sim --auto-retry --budget 0.4
is "the budget is the run's" "$rc" 3
b=$(newest)
is "two batches have spent it" "$(json "$b" '"\(.cycle) \(.run_cost_usd) \(.run_state)"')" "1 0.4 stopped"
is "the second knows what the first cost" \
  "$(sed -n 's/.*"ev":"batch".*"spent_usd":\([0-9.]*\).*/\1/p' "$AGENT_BATCHES_DIR/$b/events.jsonl")" 0.2
run "$AB" resume --no-tui --budget 0.5 --max-retries 9
is "with more the next cycle comes" "$rc/$(json "$(newest)" '"\(.cycle) \(.run_cost_usd)"')" "3/2 0.6"
# A child by hand goes on with the same purse.
run "$AB" retry --launch --no-tui --budget 0.6
is "retry --launch: nothing starts" "$rc/$(counts "$(newest)")" "3/0 2 0"

# What runs ends by itself; --budget-hard does not wait for it, and no row loses a try.
printf 'task\n[[sim cost=1 duration=0.05]]\n[[sim cost=1 duration=60]]\nx\n' >mixed.csv
dir=$("$AB" launch mixed.csv --agent sim -j 2 --budget 1 --detach 2>/dev/null)
b=$(basename "$dir")
wait_for 30 grep -q '"by":"--budget"' "$dir/events.jsonl"
is "what runs goes on" "$(json "$b" '"\(.run_state) \(.agents[1].phase)"')" "draining running"
"$AB" ctl "$b" cancel 2 >/dev/null
"$AB" wait "$b" >/dev/null
run "$AB" launch mixed.csv --agent sim -j 2 --budget 1 --budget-hard
is "--budget-hard ends it" "$rc/$(counts "$(newest)")" "3/1 2 0"
is "as nobody's fault" "$(json "$(newest)" '.agents[1] | "\(.status) \(.class)"')" "pending cancelled"
is "uncharged" "$(sed -n 's/.*"class":"cancelled","charged":\([a-z]*\).*/\1/p' \
  "$AGENT_BATCHES_DIR/$(newest)/events.jsonl")" false

# Tokens that a program tells without money cost what its profile says.
mkdir -p "$HOME/.config/agent-batch/profiles"
cat >"$HOME/.config/agent-batch/profiles/teller.json" <<'JSON'
{"command": ["sh", "-c", "{task}"],
 "price": [{"model": "dear", "input": 1000, "output": 2000}, {"input": 1, "output": 2}]}
JSON
echo '{"type":"result","subtype":"success","is_error":false,"result":"x","usage":{"input_tokens":1000,"output_tokens":500}}' >told.json
cat >told.csv <<'CSV'
id,model,task
a,dear-2,cat told.json
b,cheap,cat told.json
c,dear-2,cat told.json
CSV
run "$AB" launch told.csv --agent teller -j 1 --budget 2
b=$(newest)
is "a price makes money of tokens" "$(json "$b" '[.agents[].cost_usd] | join(" ")')" "2 0 0"
is "and it counts" "$rc/$(json "$b" .tokens)" 3/1500
run "$AB" resume --no-tui --budget 9
is "by the row's model" "$(json "$b" '[.agents[].cost_usd] | join(" ")')" "2 0.002 2"

# --halt
{
  echo task
  for i in 1 2 3 4 5 6 7 8 9 10; do echo "exit 1"; done
} >bad.csv
run "$AB" launch bad.csv --agent shell -j 1 --halt soon,fail=3 --auto-retry
is "--halt soon,fail=3: exit 3" "$rc/$(counts "$(newest)")" "3/0 7 3"
like "one clear message" "$out" 'limit stop: --halt soon,fail=3: 3 of 10 agents failed'
is "no cycle comes" "$(json "$(newest)" .cycle)" 0
run "$AB" resume --no-tui --halt soon,fail=20%
is "resumed with another rule it counts anew" "$rc/$(counts "$(newest)")" "3/0 5 5"
run "$AB" resume --no-tui --halt never --max-retries 0
is "without any it ends by itself" "$rc/$(counts "$(newest)")" "1/0 0 10"
printf 'task\nsleep 60\ntrue\ntrue\n' >now.csv
run "$AB" launch now.csv --agent shell -j 2 --halt now,success=1
is "--halt now ends what runs" "$rc/$(counts "$(newest)")" "3/1 2 0"
printf 'task\nfalse\n' >all.csv
run "$AB" launch all.csv --agent shell --halt soon,fail=1
is "where every row has ended by itself: 1" "$rc" 1

# A wrong key.
{
  echo task
  i=0
  while [ $i -lt 300 ]; do echo "do $i [[sim outcomes=auth duration=0.01]]"; i=$((i + 1)); done
} >key.csv
run "$AB" launch key.csv --agent sim -j 6
b=$(newest)
is "a wrong key: exit 3" "$rc" 3
ok "at most -j were started" [ "$(starts "$b")" -le 6 ]
like "and the message says what to do" "$out" "resume"
# What is told of a sum is what people reckon.
printf 'id,task\na,"x [[sim cycles=fail,fail,ok cost=0.1 duration=0]]"\n' >dimes.csv
run "$AB" launch dimes.csv --agent sim --auto-retry
run "$AB" collect
is "three dimes are 0.3" \
  "$(jq '.agents[0].cost_usd' "${out%%/extracted*}/results.json")/$("$AB" status --json | jq .run_cost_usd)" 0.3/0.3
like "in results.csv too" "$(cat "${out%%/extracted*}/results.csv")" ',0\.3,'
done_testing
