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

# ---- why a row is held back ----
mkdir shared
printf 'id,task,context_path,depends_on\nfirst,while test ! -e go; do sleep 0.05; done,shared,\nnext,true,shared,\nelsewhere,true,one,\nchild,true,shared,first\n' >turn.csv
"$AB" launch turn.csv --agent shell --exclusive-dir --detach >/dev/null 2>&1
turn=$(newest)
elsewhere_is_done() { [ "$(json "$turn" '.agents[] | select(.id == "elsewhere").status')" = completed ]; }
wait_for 10 elsewhere_is_done
is "status --json says whose turn it is" \
  "$(json "$turn" '.agents[] | [.id, .status, .message, .directory_used_by] | map(. // "-") | join(" ")' | tr '\n' '|')" \
  "first in_progress - -|next pending directory in use by agent first first|elsewhere completed - -|child pending - -|"
run "$AB" status "$turn"
like "and so does status" "$out" '^ *next +PENDING .*dir in use by first'
run "$AB" monitor --print overview --size 100x20 "$turn" next
like "the screen" "$out" 'PENDING .*dir in use by first \('
like "the pane of a row without a log" "$out" '^  dir in use by first \(running'
run "$AB" monitor --print details --size 100x20 "$turn" next
like "and the details" "$out" 'held up by +dir in use by first \('
touch shared/go
timeout 20 "$AB" wait "$turn"
is "then it is its turn" "$?" 0
unlike "and nothing is in use any more" "$("$AB" status "$turn" --json)" 'in use'

# ---- rows that name no directory ----
mkdir bin
printf '#!/bin/sh\ncat\n' >bin/claude && chmod +x bin/claude && cp bin/claude bin/llm && cp bin/claude bin/goose
crowd() { PATH=$T/bin:$PATH run "$AB" check "$@"; }
warning='warning: 3 rows name no context_path: they work side by side where launch was called, .*--exclusive-dir$'
printf 'id,task,context_path\na,x,\nb,x,\nc,x,\nd,x,one\n' >none.csv
crowd none.csv --agent claude
is "they are no fault" "$rc" 0
is "but one line, once" "$(printf '%s\n' "$err" | grep -c -E "$warning")/$(printf '%s\n' "$err" | grep -c warning)" 1/1
for quiet in '--agent claude --exclusive-dir' '--agent claude -j 1' '--agent shell' '--agent sim' '--agent llm' \
  '--agent goose' '--agent-command cat'; do
  # shellcheck disable=SC2086
  crowd none.csv $quiet
  is "not with $quiet" "$err" ""
done
crowd none.csv --agent goose --unattended
like "goose edits with --unattended" "$err" "$warning"
printf 'id,task,depends_on\na,x,\nb,x,a\nc,x,b\n' >chain.csv
crowd chain.csv --agent claude
is "nor where each waits for the one before" "$err" ""

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
