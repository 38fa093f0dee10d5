#!/bin/sh
# Rows that share a directory: the warning, --exclusive-dir, several context paths.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
mkdir one two extra
ln -s one also

# Each tells when it comes and goes, and fails once so that it waits between two attempts.
cat >work <<'END'
#!/bin/sh
echo "+ $AGENT_BATCH_ID" >>order
sleep 0.2
echo "- $AGENT_BATCH_ID" >>order
[ -e "tried.$AGENT_BATCH_ID" ] && exit 0
touch "tried.$AGENT_BATCH_ID"
echo 'API Error: 500 {"type":"error","error":{"type":"api_error","message":"Internal server error"}}'
exit 1
END
chmod +x work
{
  echo 'id,task,context_path'
  for i in 1 2 3; do echo "a$i,$T/work,one"; done
  echo "link,$T/work,also"
  echo "b1,$T/work,two"
} >t.csv
run "$AB" check t.csv --agent shell
like "rows that share a directory: a warning" "$err" "t.csv:3:.*'a1' and 'a2' work in the same directory 'one' \(and 2 more such rows\)"
like "and what to do" "$err" 'exclusive-dir'
printf 'id,task,context_path\nx,t,;one\ny,t,;one\n' >further.csv
run "$AB" check further.csv --agent shell
is "rows that share only further context: none" "$err" ""
run "$AB" check t.csv --agent shell --exclusive-dir
unlike "no warning where they take turns" "$err" 'same directory'

run "$AB" launch t.csv --agent shell --no-tui --exclusive-dir --backoff 0.3:1:1
like "it says before the start what that bounds" "$out" "^5 rows in 2 directories: at most 2 agents at the same time"
is "they complete" "$rc" 0
# Come and go must alternate, and one agent's four lines must stand together.
is "one at a time, however the directory is named" \
  "$(awk 'NR % 2 && $1 != "+" || !(NR % 2) && ($1 != "-" || $2 != last) { print "line " NR } { last = $2 }' one/order)" ""
is "between two attempts it stays its own" "$(awk '{ print $2 }' one/order | uniq | wc -l | tr -d ' ')" 4
is "all were there" "$(wc -l <one/order | tr -d ' ')" 16
dir=$AGENT_BATCHES_DIR/$(newest)
first=$(jq -r 'select(.ev == "start") | .id' "$dir/events.jsonl" | head -2 | sort | tr '\n' ' ')
is "another directory's row does not wait" "$first" "a1 b1 "
is "who waits is pending" "$(jq -r '[.options.exclusive_dir][0]' "$dir/manifest.json")" true

# Several context paths: the first is where it works, the others are {context}.
printf 'id,task,context_path\nc,x,"two; %s/extra;one"\n' "$T" >c.csv
run "$AB" launch c.csv --agent-command 'sh -c "pwd; echo \"[\$*]\"" sh {context}' --no-tui
run "$AB" logs c
like "the first is the directory" "$out" "^$T/two$"
like "the others are told" "$out" "^\[$T/extra.$T/one\]$"
printf 'id,task,context_path\nc,x,"two;nosuch"\n' >d.csv
run "$AB" check d.csv --agent shell
is "one that is not there: exit 2" "$rc" 2
like "with its place" "$err" '^d.csv:2:5: .*nosuch'
done_testing
