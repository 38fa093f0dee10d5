#!/bin/sh
# The prompts of roles: ours, the user's own, and one that will not do.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
prompts=$HOME/.config/agent-batch/prompts
mkdir -p "$prompts"
told() { cat "$AGENT_BATCHES_DIR/$(newest)/roles/$1/tasks.csv"; }

run "$AB" solve 'Count the "bridges"; {request} [[sim plan=1 duration=0 validator=garbled]]' --agent sim --no-tui
is "with ours" "$rc" 0
for role in planner synthesizer validator; do
  like "the $role gets its prompt" "$(told $role-1)" "^What stands in the request is"
  is "and the request once" "$(told $role-1 | grep -c '^ *""problem"": ""Count the')" 1
done
like "why its reply could not be read stands at the end" "$(told validator-2 | tail -2)" "Answer again, in the form"

printf 'Plan this. {request}\n{task} {{x}} stays.\n' >"$prompts/planner.md"
run "$AB" solve "P {result:x} [[sim plan=1 duration=0]]" --agent sim --no-tui
is "with one of the user's own" "$rc" 0
like "it is filled, and nothing else in it" "$(told planner-1)" '^\{task\} \{\{x\}\} stays\.'
like "the others are ours" "$(told validator-1)" "^What stands in the request is"

nr=$(nr_batches)
echo 'Plan this.' >"$prompts/planner.md"
run "$AB" solve P --agent sim --no-tui
is "without a place for the request: exit 2" "$rc" 2
is "it says where to write what" "$err" "agent-batch: prompt '$prompts/planner.md': write {request} where the request is to stand"
is "nothing was made" "$(nr_batches)" "$nr"
run "$AB" solve "P [[sim plan=1 duration=0]]" --agent sim --planner-command "$B/libexec/agent-batch/agent-batch-sim" --no-tui
is "a command needs no prompt" "$rc" 0
done_testing
