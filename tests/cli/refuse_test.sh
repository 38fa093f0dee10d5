#!/bin/sh
# The CSV section of DESIGN.md, refusal by refusal: exit 2, file, line and column, and no batch
# directory; check and launch say the same.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2

refused() { # NAME 'LINE:COL' REGEX [OPTION...]: of t.csv
  name=$1 place=$2 regex=$3
  shift 3
  run "$AB" check t.csv "$@"
  is "$name: check exits 2" "$rc" 2
  like "$name: where and what" "$err" "^t.csv:$place: .*$regex"
  said=$err
  run "$AB" launch t.csv --no-tui "$@"
  is "$name: launch exits 2" "$rc" 2
  is "$name: launch says the same" "$err" "$said"
}
csv() { printf "$1" >t.csv; }

csv 'task\nab\0c\n'
refused "NUL" 2:3 'NUL' --agent shell
csv 'id,task\n1,"unclosed\n2,x\n'
refused "unclosed quote" 2:3 'quote' --agent shell
csv 'id,task\n1,a,b\n'
refused "too many fields" '2:[0-9]+' 'field' --agent shell
csv 'id,task\n1\n'
refused "too few fields" '2:[0-9]+' 'field' --agent shell
csv 'id,task\n1,"a"b\n'
refused "text behind a quote" '2:[0-9]+' '' --agent shell
csv 'id,task\na,x\nb,x\na,x\n'
refused "duplicate id at its second place" 4:1 "a" --agent shell
csv 'id,task\n../x,x\n'
refused "an id with a slash" 2:1 '' --agent shell
csv 'id,task\n..,x\n'
refused "an id that is .." 2:1 '' --agent shell
csv 'id,task\n"a\nb",x\n'
refused "an id with a newline" 2:1 '' --agent shell
csv 'id,agent,task\n1,nosuch,x\n'
refused "unknown profile" 2:3 'nosuch'
csv 'id,task,timeout\n1,x,soon\n'
refused "bad timeout" 2:5 'timeout' --agent shell
csv 'id,task,max_turns\n1,x,-3\n'
refused "bad max_turns" 2:5 'max_turns' --agent shell
csv 'id,task,priority\n1,x,high\n'
refused "bad priority" 2:5 'priority' --agent shell
csv 'id,task,context_path\n1,x,/no/such/place\n'
refused "missing context_path" 2:5 '/no/such/place' --agent shell
csv 'id,task,depends_on\n1,x,2\n'
refused "unknown dependency" 2:5 '2' --agent shell
csv 'id,task,depends_on\na,x,b\nb,x,c\nc,x,a\n'
refused "dependency cycle, spelled out" '[0-9]+:[0-9]+' 'a.*b.*c' --agent shell
csv 'id,task\n'
refused "no rows" '[0-9]+:[0-9]+' '' --agent shell
csv 'id,agent\n1,shell\n'
refused "no task column" '1:[0-9]+' 'task' --agent shell
csv 'id,task,validate\na,x,"  "\n'
refused "a validation of blanks" 2:5 'empty' --agent shell
for path in / . .. sub/ sub/.. ; do
  printf 'id,task,output_file\na,x,%s\n' "$path" >t.csv
  refused "output_file $path" 2:5 'directory' --agent shell
done
long() { head -c "$1" /dev/zero | tr '\0' x; } # BYTES
printf 'id,task,output_file\na,x,d/%s\n' "$(long 256)" >t.csv
refused "an output_file that no directory takes" 2:5 '255' --agent shell
printf 'id,task,output_file\na,x,%s\n' "$(long 254 | sed 's|x|x/|g' | head -c 8192)$(long 3900 | sed 's|x|x/|g')" >t.csv
refused "an output_file that no system call takes" 2:5 '4095' --agent shell
# What would only be found when the row starts: no argument and no variable holds more than 131,071
# bytes, and all of them together are bounded, too.
{ printf 'id,tags,task\na,x,x\nb,'; long 131055; echo ',x'; } >t.csv
refused "tags too long for the environment" 3:3 '131055.*AGENT_BATCH_TAGS.*131054' --agent shell
{ printf 'id,task,zz\na,x,'; long 131067; echo; } >t.csv
refused "another column too long for its placeholder" 2:5 "'zz' of 131067 bytes" \
  --agent-command 'true zz={zz}y{id} {task}'
{ printf 'id,task\na,'; long 131070; echo; } >t.csv
refused "a task too long for what stands beside it" 2:3 'task_file' --agent-command 'true x={task}'
{ printf 'id,task,validate\na,x,true '; long 131072; echo; } >t.csv
refused "a validation with a word too long" 2:5 'validate: .*131072' --agent shell
{ echo id,task; printf 'a,'; long 120000; echo; } >t.csv
refused "a command too long as a whole" 2:3 'takes at most' \
  --agent-command "true$(printf '%0100d' 0 | sed 's/0/ {task}/g')"
: >t.csv
refused "an empty file" '[0-9]+:[0-9]+' '' --agent shell

# Beyond the CSV.
refused_anyhow() { # NAME REGEX ARG...
  name=$1 regex=$2
  shift 2
  for c in check launch; do
    run "$AB" "$c" "$@"
    is "$name: $c exits 2" "$rc" 2
    like "$name: $c says why" "$err" "$regex"
  done
}
csv 'task\ntrue\n'
refused_anyhow "no agent named anywhere" '--agent' t.csv
refused_anyhow "unknown --agent" 'nosuch' t.csv --agent nosuch
refused_anyhow "a program that is not there" 'no-such-program' t.csv --agent-command 'no-such-program {task}'
echo 'not a program' >plain; chmod 644 plain
refused_anyhow "a program that may not run" 'plain' t.csv --agent-command "$T/plain {task}"
refused_anyhow "an unknown placeholder" 'nosuch' t.csv --agent-command 'true {nosuch}'
refused_anyhow "an unclosed quote in a command" 'quote' t.csv --agent-command "true 'x"
refused_anyhow "a program of --validate that is not there" '^agent-batch: --validate: .*no-such-program' \
  t.csv --agent shell --validate 'no-such-program {id}'
refused_anyhow "a --validate of blanks" 'validate' t.csv --agent shell --validate ' '
refused_anyhow "a missing file" 'gone.csv' gone.csv --agent shell
mkdir dir.csv
refused_anyhow "a directory" 'dir.csv.*directory' dir.csv --agent shell
: >afile
for dir in afile afile/below; do
  for c in check launch; do
    run "$AB" "$c" t.csv --agent shell --dir "$dir"
    is "no batches can be made in $dir: $c exits 5" "$rc" 5
    like "no batches can be made in $dir: $c says why" "$err" "afile.*: Not a directory"
  done
done
if [ "$(id -u)" = 0 ]; then skip "an unreadable file" "root reads everything"; else
  cp t.csv closed.csv; chmod 000 closed.csv
  refused_anyhow "an unreadable file" 'closed.csv' closed.csv --agent shell
fi
{ echo 'id,task'; echo 'a,short'; printf 'b,'; head -c 131072 /dev/zero | tr '\0' x; echo; } >long.csv
refused_anyhow "a task too long for {task}" '^long.csv:3:3: ' long.csv --agent-command 'true {task}'
run "$AB" check long.csv --agent-command 'true {task_file}'
is "the same by {task_file} is taken" "$rc" 0
run "$AB" check long.csv --agent-command 'cat'
is "the same on stdin is taken" "$rc" 0
{ echo 'id,task'; printf 'b,'; head -c 131071 /dev/zero | tr '\0' x; echo; } >fits.csv
run "$AB" check fits.csv --agent-command 'true {task}'
is "131,071 bytes fit" "$rc" 0
{ printf 'id,task,tags,zz\na,"'; head -c 3000000 /dev/zero | tr '\0' x; printf '",'
  long 131054; printf ','; long 131068; echo; } >fits.csv2
run "$AB" check fits.csv2 --agent-command 'cat zz={zz}'
is "tags, a placeholder and a task on stdin that just fit" "$rc/$out$err" "0/1 task ok"
run "$AB" check fits.csv --agent-command 'true {task}' --no-tui --detach --output jsonl --dry-run --plain
is "a line that launches is checked as it is" "$rc/$out" "0/1 task ok"
run "$AB" check fits.csv --agent-command 'true {task}' --output xml
is "and a wrong one is found" "$rc" 2

# What is taken.
accepted() { # NAME COUNT [OPTION...]
  name=$1 count=$2
  shift 2
  run "$AB" check t.csv "$@"
  is "$name" "$out/$rc" "$count/0"
}
csv 'task\ntrue\n'
accepted "one column" "1 task ok" --agent shell
csv '\357\273\277id,task\r\n1,true\r\n2,"a\r\nb"'
accepted "BOM, CRLF, newline in a field, no last newline" "2 tasks ok" --agent shell
csv 'agent_id,prompt,other\nx,"say ""hi""",1\n'
accepted "aliases and a column of one's own" "1 task ok" --agent-command 'echo {other} {prompt}'
csv 'task\nna\357ve\n'
run "$AB" check t.csv --agent shell
is "bytes that are not UTF-8 are taken" "$rc" 0
like "with a warning" "$err" 'warning: .*UTF-8'
printf 'task\ntrue\n' | "$AB" check - --agent shell >"$T/out" 2>&1
is "- reads stdin" "$?/$(cat "$T/out")" "0/1 task ok"
printf 'task\n"true\n' | "$AB" check - --agent shell 2>"$T/out"
like "stdin has a name in messages" "$(cat "$T/out")" '^<stdin>:2:1: '

# What does not fit into the first event would be in none.
long=$(head -c 90000 /dev/zero | tr '\0' x)
set --
for i in 1 2 3 4; do set -- "$@" --branch "b$i: --task-template '{task} $long'"; done
for command in check 'launch --no-tui'; do
  # shellcheck disable=SC2086
  run "$AB" $command t.csv --agent shell --auto-retry -j 8 "$@"
  is "$command: options that are too long" "$rc" 2
  like "$command: say so" "$err" 'the options have .* bytes, more than'
done

is "no batch directory was made by any of it" "$(ls "$AGENT_BATCHES_DIR" 2>/dev/null | wc -l | tr -d ' ')" 0
done_testing
