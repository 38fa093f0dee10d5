#!/bin/sh
# How a run of solve is shown while it goes on: the phase, the role at work, its log, what was found.
. "$(dirname "$0")/../lib.sh"
"$AB" solve --help >/dev/null 2>&1 || { skip "a run of solve" "no such command"; done_testing; exit; }
mkdir "$T/w"
cd "$T/w" || exit 2
W=$T/w
export W
cat >role <<'X'
#!/bin/sh
cd "$W" || exit 9
cat >/dev/null
n=$AGENT_BATCH_ROLE-$AGENT_BATCH_ROUND
echo "thinking of round $AGENT_BATCH_ROUND" >&2
touch "at-$n"
while [ -e "hold-$n" ]; do sleep 0.02; done
case $n in
planner-0) printf 'id,task\nstep_1,read\nstep_2,write\n' ;;
planner-*) echo '{"subtasks": [{"id": "step_3", "task": "name the sources"}]}' ;;
synthesizer-*) echo "an answer" ;;
validator-0) echo '{"is_complete": false, "data_quality": "fair", "missing_requirements": ["the sources"], "warnings": []}' ;;
validator-*) echo '{"is_complete": true, "data_quality": "good", "missing_requirements": [], "warnings": []}' ;;
esac
X
chmod +x role
status() { COLUMNS=120 LINES=40 "$AB" status; }
shows() { status | grep -qF -- "$1"; }

touch hold-planner-0 hold-validator-0
ok "a run begins" "$AB" solve "Who was the first?" --agent-command "sh -c 'echo done'" --planner-command "$W/role" \
  --synthesizer-command "$W/role" --validator-command "$W/role" --detach

# ---- before there are rows ---------------------------------------------------
ok "the planner is at work" wait_for 10 shows 'thinking of round 0'
ok "the status says which, and how" shows 'round 0/2  PLAN  planner-1'
ok "there are no rows yet" shows 'no rows yet'
ok "the run is named by its problem" shows '"Who was the first?"'
run "$AB" monitor --print overview --size 120x30 --ascii
like "the screen says so too" "$out" 'planning: the planner has run'
like "and shows the planner's log" "$out" '^-- planner-1 '
run "$AB" logs planner
like "logs has it" "$out" 'thinking of round 0'

# ---- a role between batches ---------------------------------------------------
rm hold-planner-0
ok "the validator is at work" wait_for 10 test -e at-validator-0
ok "the status says so" wait_for 10 shows 'round 0/2  VALIDATE  validator-1'
run "$AB" logs validator-1
like "its log is there under its number" "$out" 'thinking of round 0'
run "$AB" logs validator-2
is "a call that was not made has none" "$rc" 1
run "$AB" monitor --print log --size 100x24 --ascii "$("$AB" list --json | jq -r '.[0].batch')" validator
like "the screen has it" "$out" 'RUNNING  validator-1'

# ---- the end -------------------------------------------------------------------
rm hold-validator-0
run "$AB" wait
is "it is done" "$rc" 0
run "$AB" lineage
like "the lineage has the validations" "$out" 'validation of round 0: not complete, fair, 1 missing: the sources'
like "the last one below the extension" "$(printf '%s' "$out" | grep -A1 'cycle 1 extension')" 'validation of round 1: complete, good'
run "$AB" report
like "the report tells what the roles did" "$out" '^  planner: 2 calls, 2 attempts'
is "and its JSON" "$("$AB" report --json | jq -c '[.total, .executions, [.solve.validations[].passed], [.solve.roles[] | .role, .calls]]')" \
  '[3,3,[false,true],["planner",2,"synthesizer",2,"validator",2]]'
done_testing
