#!/bin/sh
# The simulated agent as planner, synthesizer and validator: as a command, which gets the request and
# nothing else, and as a profile, whose prompt has the request in it.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
SIM=$B/libexec/agent-batch/agent-batch-sim
TOP=$(cd "$TESTS/.." && pwd)

# play ROLE ROUND DIRECTIVE [JQ...]: its reply to a request, as the filter over an empty one makes it
play() {
  role=$1 round=$2 directive=$3
  shift 3
  jq -nc --arg p "Which bridges are older than the railway? [[sim duration=0 $directive]]" \
    "{problem: \$p, previous_plan: [], plan: [], results: {}} | ${1:-.}" >request.json
  AGENT_BATCH_ROLE=$role AGENT_BATCH_ROUND=$round "$SIM" <request.json 2>log
}
fenced() { sed -n '/^```json$/,/^```$/{/^```/!p}'; }
ids='map(.id) | join(" ")'

# ---- planner ------------------------------------------------------------------------------
play planner 0 "" >reply
is "a plan of four, if nothing else is said" "$(fenced <reply | jq -r "$ids")" "step_1 step_2 step_3 step_4"
ok "in prose" grep -q '^I see 4 parts' reply
like "the log goes to stderr" "$(cat log)" '"type":"result"'
plan=$(play planner 0 "plan=3 fails=2,3:2 lines=1 cost=0.5" | fenced)
is "a plan of three" "$(echo "$plan" | jq -r "$ids")" "step_1 step_2 step_3"
is "what fails, and how often" "$(echo "$plan" | jq -r '.[].task' | sed -n 's/.*outcomes=\([a-z,]*\).*/\1/p' | tr '\n' ' ')" \
  "fail,ok fail,fail,ok "
is "each costs what the problem says" "$(echo "$plan" | jq -r '.[].task' | grep -c 'duration=0 lines=1 cost=0.5')" 3
echo "$plan" >plan.json
run "$AB" check plan.json --agent sim
is "it is a tasks file" "$rc" 0
plan=$(play planner 1 "plan=3 fails=4" '.previous_plan = [{id: "a"}, {id: "b"}, {id: "c"}]
  | .missing_requirements = ["Say when.", "Say where."]' | fenced)
is "what is missing becomes new subtasks" "$(echo "$plan" | jq -r '.[] | .id + ": " + .task')" \
  "step_4: Say when. [[sim outcomes=fail,ok duration=0]]
step_5: Say where. [[sim duration=0]]"

# ---- validator ----------------------------------------------------------------------------
four='.plan = [range(4) | {id: "step_\(. + 1)"}] | .results = ([.plan[] | {(.id): {status: "completed", output: "X"}}] | add)'
verdict='[.is_complete, .data_quality, (.missing_requirements | length)] | join(" ")'
is "all completed is good" "$(play validator 0 "" "$four" | fenced | jq -r "$verdict")" "true good 0"
is "what failed is missing" \
  "$(play validator 0 missing=1 "$four | .results.step_2.status = \"failed\"" | fenced | jq -r "($verdict), .missing_requirements[0]" | tr '\n' ' ')" \
  "false poor 1 Do what step_2 was to do. "
is "then what the plan forgot" "$(play validator 1 missing=2 "$four" | fenced | jq -r "$verdict")" "false fair 2"
is "until it was added" \
  "$(play validator 2 missing=1 "$four | .plan += [{id: \"step_5\"}]" | fenced | jq -r "$verdict")" "true good 0"
for round in 0 1 2 3; do play validator $round verdicts=poor,poor,fair "$four" | fenced | jq -r "$verdict"; done >got
is "verdicts by round" "$(paste -sd, got)" "false poor 1,false poor 1,true fair 0,true fair 0"

# ---- synthesizer --------------------------------------------------------------------------
play synthesizer 0 "" "$four | .results.step_2 = {status: \"failed\"}" >reply
is "the answer has a line a result" "$(grep -c '^- step_' reply)" 4
like "it says what is open" "$(cat reply)" '^- step_2 is not there'

# ---- attempts, feedback -------------------------------------------------------------------
AGENT_BATCH_ATTEMPT=1 play planner 0 planner=529,ok >reply
is "a role may fail, attempt by attempt" "$? $(wc -c <reply)" "1 0"
ok "in the words of a service" grep -qi overloaded log
AGENT_BATCH_ATTEMPT=2 play planner 0 planner=529,ok >reply
is "and then not" "$? $(fenced <reply | jq length)" "0 4"
play planner 0 planner=garbled >reply
is "or say what cannot be read" "$? $(fenced <reply | wc -l)" "0 0"
is "until it is told so" "$(play planner 0 planner=garbled '.feedback = "no plan"' | fenced | jq length)" 4

# ---- as a profile -------------------------------------------------------------------------
play planner 0 plan=2 >/dev/null
awk 'NR == FNR { request = request $0; next } { i = index($0, "{request}"); if (i) print request; else print }' \
  request.json "$TOP/share/agent-batch/prompts/planner.md" >prompt
out=$(AGENT_BATCH_ROLE=planner "$SIM" <prompt)
is "its answer is the reply" "$(printf '%s\n' "$out" | tail -1 | jq -r .result | fenced | jq length)" 2
run env AGENT_BATCH_ROLE=planner "$SIM" "no request"
is "a prompt without a request: exit 2" "$rc" 2
like "it says so" "$err" 'no request with a "problem"'
run "$SIM" '[[sim fails=0]]'
like "subtasks count from 1" "$err" "invalid value '0' of option 'fails'"
done_testing
