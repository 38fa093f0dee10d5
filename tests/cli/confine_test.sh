#!/bin/sh
# A plan that an agent program has made may not do more than agents may: what it says is told back.
. "$(dirname "$0")/../lib.sh"
mkdir -p "$HOME/.config/agent-batch/profiles" "$T/work"
cd "$T/work" || exit 2
cat >"$HOME/.config/agent-batch/profiles/thinker.json" <<'EOF'
{"command": ["sh", "-c", "exec ./think"], "task": "stdin", "answer": {"until": "^never$"}}
EOF
# The plan in plan.json; once it was told that it will not do, the one in better.json.
cat >think <<'EOF'
#!/bin/sh
if grep -q '"feedback": *"'; then cat better.json; else cat plan.json; fi
EOF
chmod +x think
echo '[{"task": "Do A [[sim duration=0]]"}]' >better.json

# solve NAME PLAN [FLAG...]
solve() {
  name=$1
  printf '%s\n' "$2" >plan.json
  shift 2
  run "$AB" solve "P [[sim duration=0]]" --agent sim --no-tui --backoff 0.1:1:1 "$@"
  is "$name: solved" "$rc" 0
  calls=$(ls "$AGENT_BATCHES_DIR/$(newest)/roles" | grep -c planner)
}

solve "a command to validate" '[{"task": "Do A [[sim duration=0]]", "validate": "touch '"$T"'/ran"}]' --planner thinker
is "it was told back" "$calls" 2
ok "in the words of the fault" grep -q "subtask '1': 'validate' would run a command" "$AGENT_BATCHES_DIR/$(newest)/roles/planner-2/tasks.csv"
ok "and did not run" [ ! -e "$T/ran" ]
solve "a script as a task" '[{"task": "touch '"$T"'/ran", "agent": "shell"}]' --planner thinker
is "it was told back" "$calls" 2
ok "and did not run" [ ! -e "$T/ran" ]
solve "a file elsewhere" '[{"task": "Do A [[sim duration=0]]", "output_file": "../a.md"}]' --planner thinker
is "it was told back" "$calls" 2
ok "and was not written" [ ! -e "$T/a.md" ]
solve "a file below" '[{"task": "Do A [[sim duration=0]]", "output_file": "out/a.md", "validate": "nonempty:out/a.md"}]' --planner thinker
is "that will do" "$calls" 1
ok "and is there" [ -s out/a.md ]

plan='[{"task": "Do A [[sim duration=0]]", "validate": "touch '"$T"'/ran"}]'
solve "a command of the user's own" "$plan" --planner-command ./think
is "its plan is taken" "$calls" 1
ok "and runs what it wants" [ -e "$T/ran" ]
rm "$T/ran"
solve "with --unattended" "$plan" --planner thinker --unattended
is "so is that of an agent" "$calls" 1
ok "and it runs what it wants" [ -e "$T/ran" ]
done_testing
