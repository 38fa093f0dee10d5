#!/bin/sh
# Tasks in JSON and JSONL, the GAIA benchmark's metadata, and score.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2

mkdir gaia
printf x >gaia/32102e3e.xlsx
cat >gaia/metadata.jsonl <<'X'
{"task_id": "c61d22de", "Question": "echo '{\"type\":\"result\",\"is_error\":false,\"result\":\"Egalitarian!\"}'; : \u00e9\ud83d\ude00\n", "Level": 2, "Final answer": "egalitarian", "file_name": "", "Annotator Metadata": {"Steps": "1. a\n2. b"}}
{"task_id": "32102e3e", "Question": "echo 17.0", "Level": 1, "Final answer": "17", "file_name": "32102e3e.xlsx", "Annotator Metadata": {}}

{"task_id": "t3", "Question": "echo no", "Level": 1, "Final answer": "yes, no", "file_name": ""}
{"task_id": "t4", "Question": "test $AGENT_BATCH_CYCLE = 1 && echo 3", "Level": "10", "Final answer": "3", "file_name": null}
{"task_id": "t5", "Question": "echo held back", "Level": 1, "Final answer": "?", "file_name": ""}
X
run "$AB" check gaia/metadata.jsonl --agent shell
is "the metadata is taken as it is" "$rc/$out" "0/5 tasks ok"
run timeout 60 "$AB" launch gaia/metadata.jsonl --agent shell --no-tui --auto-retry --max-retries 1 --backoff 0:1:0
b=$(batches | head -1)
is "tasks.csv is made of it" "$(head -1 "$AGENT_BATCHES_DIR/$b/tasks.csv")" \
  '"id","task","Level","expect","Annotator Metadata","context_path"'
ok "an attachment is a further context path" grep -qF "\";$T/gaia/32102e3e.xlsx\"" "$AGENT_BATCHES_DIR/$b/tasks.csv"
is "escapes are read" "$(json "$b" '.agents[0].task' | grep -c 'é😀')" 1
is "statuses" "$(json "$b" '[.agents[].status] | join(" ")')" "completed completed failed failed completed"
is "the source is named" "$(jq -r .source_csv "$AGENT_BATCHES_DIR/$b/manifest.json" | sed 's,.*/,,')" metadata.jsonl
run "$AB" score
is "score: by level, over all cycles" "$rc/$out" "0/level            rows  correct  accuracy
1                   2        1    50.0 %
2                   1        1   100.0 %
10                  1        1   100.0 %
all                 4        3    75.0 %
1 row has no expected answer"
run "$AB" score --json
is "score: JSON" "$(printf '%s' "$out" | jq -c '[.scored, .correct, .accuracy, .unscored, (.levels | length), .agents[2].correct, .agents[0].answer]')" \
  '[4,3,0.75,1,3,false,"Egalitarian!"]'
run "$AB" check gaia/metadata.jsonl --map task=Question,id=task_id,expect='Final answer' --agent shell
is "--map says the same" "$rc" 0

mkdir gaia/work
printf y >gaia/b.txt
cat >gaia/m.jsonl <<'X'
{"q":"pwd","files":"32102e3e.xlsx"}
{"q":"pwd","files":["work","b.txt"]}
{"q":"pwd","files":""}
X
run timeout 60 "$AB" launch gaia/m.jsonl --map task=q,context_path=files --agent shell --no-tui
is "files by --map context_path= lie beside the JSON" "$rc/$(sed 1d "$AGENT_BATCHES_DIR/$(newest)/tasks.csv")" \
  "0/\"pwd\",\";$T/gaia/32102e3e.xlsx\"
\"pwd\",\"$T/gaia/work;$T/gaia/b.txt\"
\"pwd\",\"\""
like "and a directory is worked in" "$("$AB" logs 2)" "^$T/gaia/work$"

# ---- other shapes ----------------------------------------------------------------

cat >a.json <<'X'
[
  {"prompt": "echo \"a, b\"", "id": "a", "tags": ["x", "y"], "extra": [1, {"k": null}], "n": -1.5e3, "yes": true},
  {"depends_on": ["a"], "id": "b", "prompt": "echo ${n:-none}", "extra": null}
]
X
run timeout 60 "$AB" launch a.json --agent shell --no-tui
is "an array" "$rc" 0
is "cells" "$(cat "$AGENT_BATCHES_DIR/$(newest)/tasks.csv")" '"prompt","id","tags","extra","n","yes","depends_on"
"echo ""a, b""","a","x y","[1, {""k"": null}]","-1.5e3","true",""
"echo ${n:-none}","b","","","","","a"'
run "$AB" graph a.json
like "graph reads it" "$out" '^  b  waits for a$'
is "stdin" "$("$AB" check - --agent shell <a.json)" "2 tasks ok"
printf '\357\273\277{"task":"x"}{"task":"y"}' >bom.jsonl
is "a BOM, and no newline between" "$("$AB" check bom.jsonl --agent shell)" "2 tasks ok"

# ---- refusals --------------------------------------------------------------------

refused() { # NAME TEXT REGEX [OPTION...]
  name=$1 want=$3
  printf '%b' "$2" >bad.jsonl
  shift 3
  run "$AB" check bad.jsonl --agent shell "$@"
  is "$name: exit 2" "$rc" 2
  like "$name: with its place" "$err" "$want"
}
refused "not JSON" '{"task":"x"}\n{"task": x}\n' "bad.jsonl:2:1?[0-9]: not JSON"
refused "cut off" '{"task":"x"}\n{"task":"y' "bad.jsonl:2:[0-9]*: not JSON"
refused "no object" '{"task":"x"}\n["y"]\n' "bad.jsonl:2:1: not an object"
refused "an open array" '[{"task":"x"},\n' "bad.jsonl:2:1: not JSON: the array is not closed"
refused "behind the array" '[{"task":"x"}]\n x' "bad.jsonl:2:2: something stands behind"
refused "nothing" '[]' "bad.jsonl:1:3: no tasks"
refused "no task" '{"question":"x","b":1}' "bad.jsonl:1:1: no key 'task': .*--map task=KEY \(there are: question, b\)"
refused "an empty task" '{"task":"x"}\n{"id":"b",\n "task":" "}' "bad.jsonl:3:9: the task is empty"
refused "a record without a task" '{"task":"x"}\n{"id":"b"}' "bad.jsonl:2:1: the task is empty"
refused "a duplicate id" '{"id":"a","task":"x"}\n{"id":"a","task":"y"}' "bad.jsonl:2:7: duplicate id 'a', first on line 1"
refused "an unknown dependency" '{"task":"x"}\n{"task":"y","depends_on":["z"]}' "bad.jsonl:2:26: unknown dependency 'z'"
refused "a word that would be two" '{"task":"y","tags":["a b"]}' "bad.jsonl:1:21: 'a b' holds a space, .*: use '-' or '_'"
refused "a list of what are no words" '{"task":"y","depends_on":[null]}' "bad.jsonl:1:27: no word of a list: write"
refused "a key twice" '{"task":"x",\n"task":"y"}' "bad.jsonl:2:1: key 'task' stands twice"
refused "a NUL" '{"task":"a\\u0000b"}' "bad.jsonl:1:9: a NUL"
refused "a mapped key that nobody has" '{"task":"x"}' "bad.jsonl:1:1: no record has the key 'Q'" --map id=Q
refused "a map that is none" '{"task":"x"}' "--map wants COLUMN=KEY" --map id
refused "two keys for one column" '{"q":"x","task":"y"}' "bad.jsonl:1:1: two keys are column 'task'" --map task=q
refused "a missing attachment" '{"task":"x","f":"gone.txt"}' "bad.jsonl:1:[0-9]*: missing context path '$T/gone.txt'" --map attachments=f
printf '[{"id":1,"task":"x"},{"id":2,"task":"y","depends_on":[1]}]' >numbers.json
is "ids may be numbers, and so may dependencies" "$("$AB" graph numbers.json | tail -1)" "  2  waits for 1"
printf 'task\nx\n' >t.csv
run "$AB" check t.csv --map task=x --agent shell
is "--map is for JSON" "$rc" 2
done_testing
