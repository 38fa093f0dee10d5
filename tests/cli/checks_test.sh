#!/bin/sh
# Built-in checks of column validate, --validate, and column expect.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
mkdir sub

cat >t.csv <<'X'
id,task,validate,expect,output_file,context_path
there,echo x >there.txt,file:there.txt,,,
gone,true,file:{id}.txt,,,
dir,true,file:sub,,,
in-sub,echo x >y,nonempty:y,,,sub
empty,: >e,nonempty:e,,,
json,"echo '[1,{""a"":null}]' >j",json:j,,,
no-json,"echo '[1,' >nj",json:{output_file},,nj,
match,echo code 1234,regex:\d{4}$,,,
no-match,"echo ""it is $(printf '\033[31m')red""",regex:^code,,,
number,"echo 'FINAL ANSWER: $1,234.50'",equals:1234.5,,,
list,"echo 'Paris , TEXAS'",,"paris,texas",,
wrong,echo 41,,42,,
silent,true,,42,,
both,echo 42,test -e there.txt,42,,
neither,echo 41,touch ran,42,,
failed,exit 3,file:there.txt,,,
X
run timeout 60 "$AB" launch t.csv --agent shell --no-tui -j 1
b=$(newest)
of() { json "$b" ".agents[] | select(.id == \"$1\") | [.status,.class,.attempts,.message] | map(. // \"\" | tostring) | join(\"/\")"; }
for id in there in-sub json match number list both; do
  like "$id completes" "$(of $id)" '^completed/success/1/'
done
is "file: not there" "$(of gone)" "failed/invalid/1/expected a file 'gone.txt': it is not there"
is "file: a directory is none" "$(of dir)" "failed/invalid/1/expected a file 'sub', but it is none"
is "nonempty: empty" "$(of empty)" "failed/invalid/1/expected something in the file 'e', but it is empty"
is "json: cut off" "$(of no-json)" "failed/invalid/1/expected JSON in 'nj', but it is not"
like "regex: what was said" "$(of no-match)" "^failed/invalid/1/expected an answer that matches '\^code', got 'it is .*red'"
is "expect: wrong" "$(of wrong)" "failed/invalid/1/expected the answer '42', got '41'"
is "expect: nothing said" "$(of silent)" "failed/invalid/1/expected the answer '42', but there is no answer"
like "expect vetoes before a command runs" "$(of neither)/$(ls ran 2>/dev/null)" "^failed/invalid/1/expected .*/$"
answer() { jq -r ".agents[] | select(.id == \"$1\") | .answer" "$AGENT_BATCHES_DIR/$b/results.json"; }
is "what was compared is told as the answer" \
  "$(answer number)/$(answer list)/$(answer wrong)/$(answer silent)/$(answer match)" \
  '$1,234.50/Paris , TEXAS/41/null/null'
like "a failed attempt is not checked" "$(of failed)" '^failed/task_error/1/'

# An agent's own answer, not the noise around it.
printf 'id,task,expect\na,x,42\n' >a.csv
cat >agent.sh <<'X'
echo 'thinking of 41'
echo '{"type":"result","subtype":"success","is_error":false,"result":"42","num_turns":1,"total_cost_usd":0.1}'
X
run timeout 60 "$AB" launch a.csv --agent-command 'sh agent.sh' --no-tui
is "the answer is what counts" "$rc" 0

printf 'id,task,validate\na,echo x >a.out,\nb,true,\nown,true,true\n' >o.csv
run timeout 60 "$AB" launch o.csv --agent shell --no-tui --validate 'nonempty:{id}.out' --auto-retry --max-retries 1 --backoff 0:1:0
b=$(batches | tail -2 | head -1)
is "--validate goes for rows that say nothing" "$(json "$b" '[.agents[].status] | join(" ")')" "completed failed completed"
b=$(newest)
is "and for the next cycle" "$(json "$b" '[.agents[] | .id + " " + .class] | join(" ")')" "b invalid"
is "it stands in the manifest" "$(jq -r .options.validate "$AGENT_BATCHES_DIR/$b/manifest.json")" 'nonempty:{id}.out'

refused() {
  printf 'id,task,validate\nok,t,\nbad,t,%s\n' "$2" >bad.csv
  run "$AB" check bad.csv --agent shell
  is "$1: exit 2" "$rc" 2
  like "$1: with its line" "$err" "^bad.csv:3:7: validate: $3"
}
refused "a regex that does not compile" 'regex:(' "cannot compile 'regex:\('"
refused "nothing behind the colon" file: "a check wants something"
refused "an unknown placeholder" 'json:{nobody}' "unknown placeholder '\{nobody\}'"
done_testing
