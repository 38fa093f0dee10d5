#!/bin/sh
# doctor: what would hurt, on the machine and in a run.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
export TERM=xterm
printf 'id,task,context_path\nfine,true,\nbad,exit 1,work\n' >t.csv
mkdir work

run "$AB" doctor
is "a machine that is well: exit 0" "$rc" 0
like "locks were tried" "$out" "^ok +locks +the file system of .* keeps them"
like "profiles that can run" "$out" '^ok +profiles +ready to run: .*shell'
like "room" "$out" '^(ok|warning) +disk +[0-9]+ MiB free'
is "nothing was made" "$(ls "$T" | tr '\n' ' ')" "home t.csv work "
run sh -c "ulimit -n 40; '$AB' doctor"
is "something bad: exit 1" "$rc" 1
like "what" "$out" '^bad +limits +40 open files at most'
like "and what to do" "$out" '^ +do: ulimit -n 4096'
run env -u HOME TERM=dumb LC_ALL=C XDG_CONFIG_HOME=relative "$AB" doctor
like "no home" "$out" '^warning +home +HOME is not set'
like "a relative XDG directory" "$out" '^warning +home +XDG_CONFIG_HOME is relative'
like "a dumb terminal" "$out" '^note +terminal +TERM is dumb'
like "no UTF-8" "$out" '^note +terminal +the locale'
mkdir -p "$HOME/.config/agent-batch/profiles"
echo '{"defaults": {"job": 1}}' >"$HOME/.config/agent-batch/config.json"
echo '{' >"$HOME/.config/agent-batch/profiles/broken.json"
run "$AB" doctor
is "a broken config.json and profile: exit 1" "$rc" 1
like "the one" "$out" "^bad +config .*config.json:1:15: there is no option 'job'"
like "the other" "$out" "^bad +profiles .*broken"
rm -r "$HOME/.config"
run "$AB" doctor --json
is "--json" "$(printf '%s' "$out" | jq -r '[.[].level] | unique | map(select(. == "ok" or . == "note" or . == "warning")) | length > 0')" true
if [ "$(id -u)" != 0 ]; then
  mkdir locked
  chmod 500 locked
  run "$AB" doctor --dir "$T/locked"
  is "a place that cannot be written to: exit 1" "$rc" 1
else
  skip "a place that cannot be written to" "root writes everywhere"
fi

"$AB" launch t.csv --agent shell --no-tui >/dev/null 2>&1
first=$(newest)
dir=$AGENT_BATCHES_DIR/$first
run "$AB" doctor "$first"
is "a run that has ended" "$rc" 0
like "is told" "$out" "^ok +run +$first is finished"
unlike "without complaint" "$out" '^(warning|bad) +(run|manifest|journal|modes|context)'
chmod 755 "$dir"
rmdir work
printf 'no json\n' >>"$dir/events.jsonl"
echo '{' >"$dir/manifest.json"
run "$AB" doctor "$first"
like "open to others" "$out" "^warning +modes .*755"
like "lines of the journal" "$out" '^warning +journal .*1 line of the journal cannot be read'
like "the manifest" "$out" '^warning +manifest .*damaged'
printf 'id,task\nslow,until test -e go; do sleep 0.05; done\n' >s.csv
slow=$(basename "$("$AB" launch s.csv --agent shell --detach 2>/dev/null)")
wait_for 20 grep -q '"ev":"start"' "$AGENT_BATCHES_DIR/$slow/events.jsonl"
kill -9 "$(jq -r 'select(.ev == "batch").pid' "$AGENT_BATCHES_DIR/$slow/events.jsonl" | head -1)"
interrupted() { "$AB" status "$slow" --json | jq -e '.state == "interrupted"'; }
wait_for 20 interrupted
run "$AB" doctor "$slow"
like "interrupted" "$out" "^warning +run +$slow is interrupted: nobody conducts it"
like "how to go on" "$out" "do: agent-batch resume $slow"
like "what may still run" "$out" '^note +run +1 agent ran when its conductor went'
run "$AB" doctor
like "among all batches, too" "$out" "^warning +batches +1 interrupted, nobody conducts it: $slow"
rm "$dir/tasks.csv"
run "$AB" doctor
like "and what cannot be read" "$out" "^warning +batches +1 cannot be read: $first"
touch go
run "$AB" doctor nosuch
is "no such batch: exit 1" "$rc" 1
done_testing
