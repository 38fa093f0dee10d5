#!/bin/sh
# monitor-bg: monitor.log, --notify, and what it survives.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
cat >notify <<'END'
#!/bin/sh
env | grep '^AGENT_BATCH_' | sort >"$1.env"
cat >"$1.json"
echo "notified $1"
END
chmod +x notify
printf 'id,task\ngood,true\nbad,exit 1\n' >t.csv

"$AB" launch t.csv --agent shell --no-tui --auto-retry --max-retries 1 >/dev/null 2>&1
first=$(batches | head -1)
dir=$AGENT_BATCHES_DIR/$first
run "$AB" monitor-bg --notify './notify "a b"'
is "a run that has ended: its exit status" "$rc" 1
is "nothing on stdout" "$out" ""
like "monitor.log has the lines" "$(cat "$dir/monitor.log")" "^[0-9:]+ bad FAILED"
like "and the report" "$(cat "$dir/monitor.log")" "^t.csv: 1/2 succeeded after 1 retry"
like "and what the command printed" "$(cat "$dir/monitor.log")" "^notified a b"
is "mode" "$(stat -c %a "$dir/monitor.log")" 600
is "the summary in the environment" "$(grep -E '_(RUN|STATE|EXIT|TOTAL|COMPLETED|FAILED|CYCLES|HEALED)=' 'a b.env' | tr '\n' ' ')" \
  "AGENT_BATCH_COMPLETED=1 AGENT_BATCH_CYCLES=2 AGENT_BATCH_EXIT=1 AGENT_BATCH_FAILED=1 AGENT_BATCH_HEALED=0 AGENT_BATCH_RUN=$first AGENT_BATCH_STATE=finished AGENT_BATCH_TOTAL=2 "
like "in one line, too" "$(cat 'a b.env')" '^AGENT_BATCH_SUMMARY=t.csv: 1 of 2 completed, 1 failed: finished$'
is "JSON on stdin" "$(jq -r '.run, .causes[0].ids[0]' 'a b.json' | tr '\n' ' ')" "$first bad "
told=$(grep -c " bad FAILED" "$dir/monitor.log")
run "$AB" monitor-bg --notify 'true $HOME ; touch pwned'
is "no shell reads the command" "$(ls pwned 2>/dev/null)" ""
is "what was told is not told again" "$(grep -c " bad FAILED" "$dir/monitor.log")" "$told"
is "the report is" "$(grep -c "succeeded after 1 retry" "$dir/monitor.log")" 2

run "$AB" monitor-bg --notify ./nosuch
is "a program that is not there: exit 2" "$rc" 2
like "it is named" "$err" "cannot run './nosuch'"
run "$AB" monitor-bg --notify "sh -c 'exit 3'"
is "a command that fails changes no exit status" "$rc" 1
like "it is told" "$err" "'sh' ended with status 3"
run "$AB" monitor-bg nosuch
is "no such batch: exit 1" "$rc" 1

# A run that goes on: in the background, over a hangup, and of two that watch one writes.
printf 'id,task\nslow,until test -e go; do sleep 0.05; done\n' >s.csv
dir=$("$AB" launch s.csv --agent shell --detach 2>/dev/null)
run "$AB" monitor-bg --detach "$dir" --notify './notify detached'
is "--detach returns at once" "$rc" 0
like "and says where" "$out" "background, process [0-9]+: $dir/monitor.log"
pid=$(printf '%s' "$out" | sed -n 's/.*process \([0-9]*\):.*/\1/p')
wait_for 20 grep -q 'slow RUNNING' "$dir/monitor.log"
is "it is in a session of its own" "$(ps -o sid= -p "$pid" | tr -d ' ')" "$pid"
"$AB" monitor-bg "$dir" --notify './notify second' &
second=$!
wait_for 20 sh -c "grep -qs SigIgn /proc/$second/status"
kill -HUP "$pid"
wait_for 20 test -e "/proc/$pid"
"$AB" monitor-bg "$dir" --notify './notify third' &
third=$!
wait_for 20 sh -c "ls -l /proc/$third/fd | grep -q inotify"
kill -TERM $third
wait $third
is "TERM ends the watch, not the run: exit 6" "$?" 6
touch go
wait $second
is "the second ends with the run" "$?" 0
ok "the first, too, over the hangup" wait_for 30 test -s detached.json
is "both have told" "$(jq -r .state detached.json second.json | tr '\n' ' ')" "finished finished "
is "who was ended has not" "$(ls third.json 2>/dev/null)" ""
is "one of them wrote" "$(grep -c 'slow COMPLETED' "$dir/monitor.log")" 1

# Interrupted.
rm go
dir=$("$AB" launch s.csv --agent shell --detach 2>/dev/null)
"$AB" monitor-bg "$dir" --notify './notify gone' &
watcher=$!
wait_for 20 grep -q 'slow RUNNING' "$dir/monitor.log"
kill -9 "$(jq -r 'select(.ev == "batch").pid' "$dir/events.jsonl" | head -1)"
wait $watcher
is "a conductor that died: exit 7" "$?" 7
like "and it is told" "$(cat gone.env)" '^AGENT_BATCH_STATE=interrupted$'
touch go
done_testing
