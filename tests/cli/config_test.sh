#!/bin/sh
# config.json: what is in force, whence, and what is refused.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
export XDG_CONFIG_HOME="$T/config"
mkdir -p config/agent-batch/profiles
CONFIG=config/agent-batch/config.json
printf 'id,task\nfine,true\n' >t.csv
printf 'id,agent,task\na,shell,true\nb,sim,"[[sim duration=0]]"\n' >mixed.csv
in_force() { "$AB" launch --dry-run "$@" 2>&1 | sed -n '/^in force/,/rows\{0,1\} would/p' | sed '1d;$d'; }

cat >$CONFIG <<'END'
{
  "defaults": {"agent": "shell", "jobs": 3, "auto-retry": true, "retry-on": ["auth"]},
  "profiles": {
    "shell": {"jobs": 2, "attempts": 4},
    "sim": {"attempts": 9}
  }
}
END
is "what is in force, and whence" "$(in_force t.csv | sed "s,$T/,,")" \
  "  --agent shell  (config/agent-batch/config.json:2)
  --auto-retry  (config/agent-batch/config.json:2)
  --retry-on auth  (config/agent-batch/config.json:2)
  --jobs 2  (config/agent-batch/config.json:4)
  --attempts 4  (config/agent-batch/config.json:4)"
is "what is given goes before it" "$(in_force t.csv -j 7 --auto-retry=false | grep -E 'jobs|auto-retry')" \
  "  --jobs 7  (given)
  --auto-retry=false  (given)"
is "another profile has its own" "$(in_force t.csv --agent sim | grep -cE 'attempts 9|jobs 3')" 2
is "rows of several profiles have what is for all" "$(in_force mixed.csv | grep -E 'attempts|jobs' | sed 's/  (.*//')" "  --jobs 3"
run "$AB" launch t.csv --no-tui
is "it launches so" "$rc" 0
is "the batch keeps it" "$(jq -c '.options | [.agent, .jobs, .attempts, .auto_retry, .retry_on]' "$AGENT_BATCHES_DIR/$(newest)/manifest.json")" \
  '["shell",2,4,true,["auth"]]'
run "$AB" help launch
like "help tells what is in force" "$(printf '%s' "$out" | tr -s ' \n' ' ')" 'in force: 3 \(config.json:2\); in force: 2 for shell'
like "and where it is from" "$out" "^defaults from $T/$CONFIG$"
run "$AB" check t.csv
is "check goes by it" "$rc" 0
"$B/bin/summon_agent" sim '[[sim duration=0]]' >/dev/null 2>&1
is "so does summon_agent, with the profile's section" "$(jq .options.attempts "$AGENT_BATCHES_DIR/$(newest)/manifest.json")" 9
"$AB" demo --help >/dev/null

# A retry by its name runs what its parent ran, whatever the file says.
run "$AB" launch t.csv --agent-command 'sh -c "exit 1"' --no-tui --auto-retry=false
csv=$("$AB" retry 2>/dev/null | head -1)
is "a retry CSV inherits its parent's command" \
  "$("$AB" launch "$csv" --dry-run 2>/dev/null | tail -1 | sed 's/.*: //')" "sh -c 'exit 1' < task"

echo '{"defaults": {"dir": "'"$T/elsewhere"'"}}' >$CONFIG
run "$AB" list
unlike "AGENT_BATCHES_DIR goes before dir" "$err" elsewhere
run env -u AGENT_BATCHES_DIR "$AB" launch t.csv --agent shell --detach
like "dir" "$out" "^$T/elsewhere/batch-"
run env -u AGENT_BATCHES_DIR timeout 30 "$AB" wait
is "which all commands go by" "$rc" 0

refused() { # NAME TEXT REGEX
  printf '%s\n' "$2" >$CONFIG
  run "$AB" launch t.csv --agent shell --no-tui
  is "$1: exit 2" "$rc" 2
  like "$1: where and what" "$err" "^agent-batch: $T/$CONFIG:$3"
}
before=$(nr_batches)
refused "no JSON" '{"defaults":
  {"jobs": three}}' '2:12: this is no valid JSON'
refused "an unknown option" '{"defaults": {"job": 3}}' "1:15: there is no option 'job' to set here"
refused "an option of the command line only" '{"defaults": {"dry-run": true}}' "1:15: there is no option 'dry-run'"
refused "a bad value" '{"defaults": {"jobs": "many"}}' "1:15: option '--jobs' wants a whole number, not 'many'"
refused "a flag with a value" '{"defaults": {"auto-retry": 1}}' "1:15: 'auto-retry' is true or false"
refused "true where a value belongs" '{"defaults": {"jobs": true}}' "1:15: 'jobs' wants a value"
refused "not by profile" '{"profiles": {"x": {"agent": "y"}}}' "1:21: 'agent' cannot be set by profile"
is "nothing was launched" "$(nr_batches)" "$before"
run "$AB" status
is "who launches nothing goes on" "$rc" 0
like "and tells it" "$err" 'cannot be set by profile'
run "$AB" help launch
is "help, too" "$rc" 0
mkdir -p "$T/sub/agent-batch/config.json"
run env XDG_CONFIG_HOME="$T/sub" "$AB" launch t.csv --agent shell --no-tui
is "a directory in its place: exit 2" "$rc" 2
done_testing
