#!/bin/sh
# What a row can read of the rows that it depends on: {result:ID} and AGENT_BATCH_PARENT_RESULTS.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
dir() { printf '%s/%s' "$AGENT_BATCHES_DIR" "$1"; }

cat >t.csv <<'X'
id,task,depends_on,output_file
printed,"echo said; echo to stderr >&2",,
file,"echo written >f.txt; echo printed",,f.txt
none,"printf 'no newline {result:file}'",,
all,"cd ""$AGENT_BATCH_PARENT_RESULTS"" && for f in *; do echo ""[$f] $(cat ""$f"")""; done","printed, file;none",
text,"echo '<{result:file}|{result:none}|{result:all}|{result:}>'","file none",
alone,"echo ""<$AGENT_BATCH_PARENT_RESULTS>""",,
X
run timeout 60 "$AB" launch t.csv --agent shell --no-tui --attempts 1
is "all completed" "$rc" 0
like "a result that is not depended on is warned of" "$err" "t.csv:6:6: the agent gets '\{result:all\}' as it stands"
b=$(newest)
log() { "$AB" logs "$b" "$1" | grep -v '^==='; }
is "a file for each parent, by its name" "$(log all)" "[file] written
[none] no newline {result:file}
[printed] said
to stderr"
is "in the task, once, and only those depended on" "$(log text)" \
  "<written|no newline {result:file}|{result:all}|{result:}>"
is "without parents it is empty" "$(log alone)" "<>"
is "only results that somebody waits for are kept" "$(ls "$(dir "$b")/results" | tr '\n' ' ')" "file none printed "
is "for their owner alone" "$(stat -c %a "$(dir "$b")/results" "$(dir "$b")/parents/all" "$(dir "$b")/results/file" | tr '\n' ' ')" \
  "700 700 600 "

# ---- over cycles -----------------------------------------------------------------

cat >c.csv <<'X'
id,task,depends_on
a,echo from-a,
b,"test $AGENT_BATCH_CYCLE -ge 2 && echo 'got {result:a}'",a
c,"echo 'then {result:b}'; ls $AGENT_BATCH_PARENT_RESULTS",a b
X
run timeout 60 "$AB" launch c.csv --agent shell --no-tui --attempts 1 --auto-retry
is "healed in the second retry" "$rc/$(nr_batches)" "0/4"
b=$(newest)
is "a parent's result of an earlier cycle" "$(log b)" "got from-a"
is "and of this one" "$(log c)" "then got from-a
a
b"
run "$AB" status "$b" --json
is "each ran as often as it should" "$(starts "$(batches | sed -n 2p)")/$(starts "$(batches | sed -n 3p)")/$(starts "$b")" "2/1/2"

# ---- in commands -----------------------------------------------------------------

printf 'id,task,depends_on\na,one,\nb,two,a\n' >d.csv
run timeout 60 "$AB" launch d.csv --agent-command 'echo {id}:{result:a}' --no-tui
b=$(newest)
is "in a command: the row's parent" "$(log b)" "b:a:"
is "in a command: nothing for who does not depend on it" "$(log a)" "a:"
run "$AB" check d.csv --agent-command 'echo {result:nobody}'
is "an id that nobody has: exit 2" "$rc" 2
like "and says so" "$err" "unknown placeholder '\{result:nobody\}'"
cat >e.csv <<'X'
id,task,depends_on,validate
a,echo forty-two,,
b,echo x,a,"test {result:a} = forty-two"
X
run timeout 60 "$AB" launch e.csv --agent shell --no-tui
is "in a validation" "$rc" 0

# ---- sizes -----------------------------------------------------------------------

printf 'id,task,depends_on\na,"yes 123456789 | head -c 300000",\nb,"x{result:a}x",a\n' >big.csv
run timeout 60 "$AB" launch big.csv --agent shell --no-tui
is "too long for an argument: failed" "$rc" 1
like "and why" "$(json "$(newest)" '.agents[1].message')" 'one argument holds at most 131071'
run timeout 60 "$AB" launch big.csv --agent-command 'sh -c "cat | tail -c 120"' --no-tui
printf 'id,task,depends_on\na,"%s",\nb,"x{result:a}x",a\n' "$(yes 123456789 | head -c 300000)" >big.csv
run timeout 60 "$AB" launch big.csv --agent-command 'cat' --no-tui
b=$(newest)
like "by stdin it is cut, and says where the rest is" "$("$AB" logs "$b" b | tail -2)" \
  "^\.\.\. cut here, the whole is in $(dir "$b")/parents/b/ax$"
is "the file has all" "$(stat -c %s "$(dir "$b")/parents/b/a")" 299999
done_testing
