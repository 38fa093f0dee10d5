#!/bin/sh
# graph: what waits for what, as text, DOT and Mermaid; and the order that comes of it.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2

cat >d.csv <<'X'
id,task,depends_on,priority
d,true,"b, c",
b,true,a,
c,test -e go,a,
a,true,,
alone,true,,
X
run "$AB" graph d.csv
is "text" "$rc/$out" "0/5 tasks, 4 dependencies
longest chain 3: a > b > d
level 1
  a
  alone
level 2
  b  waits for a
  c  waits for a
level 3
  d  waits for b, c"
run "$AB" graph --dot d.csv
like "DOT: a node" "$out" '^	"a" \[label="a"\];$'
like "DOT: an edge" "$out" '^	"a" -> "b";$'
is "DOT: all edges" "$(printf '%s\n' "$out" | grep -c -- '->')" 4
run "$AB" graph --mermaid d.csv
is "Mermaid" "$out" 'flowchart LR
	d["d"]
	b["b"]
	c["c"]
	a["a"]
	alone["alone"]
	b --> d
	c --> d
	a --> b
	a --> c'
printf 'id,task,depends_on\nend,x,\nstep-1,y,end\n' >word.csv
is "Mermaid: numbers where an id is a word of its own" "$("$AB" graph --mermaid word.csv)" 'flowchart LR
	n1["end"]
	n2["step-1"]
	n1 --> n2'
run "$AB" graph --dot --mermaid d.csv
is "not both" "$rc" 2
is "from stdin" "$("$AB" graph - <d.csv | head -1)" "5 tasks, 4 dependencies"
printf 'id,task,depends_on\na,x,b\nb,x,c\nc,x,a\n' >cycle.csv
run "$AB" graph cycle.csv
is "a cycle is refused" "$rc" 2
like "and spelled out" "$err" "cycle.csv:2:5: dependency cycle a -> b -> c -> a: "
printf 'id,agent,task,context_path\na,no-such-profile,x,/no/such/dir\n' >look.csv
run "$AB" graph look.csv
is "profiles and directories need not be there" "$rc" 0
run "$AB" graph no-such.csv
is "no such file: exit 2" "$rc" 2
like "and why" "$err" "no-such.csv"

# An id may hold everything but what ids must not.
printf 'id,task\n"a""]|x-->y|[""\\&<b>`#{%%",t\n' >evil.csv
run "$AB" graph --dot evil.csv
ok "DOT: no id ends its quotes" grep -qxF \
  '	"a\"]|x-->y|[\"\\&<b>`#{%" [label="a\"]|x-->y|[\"\\&amp;<b>`#{%"];' "$T/.out"
run "$AB" graph --mermaid evil.csv
ok "Mermaid: no id ends its quotes" grep -qxF \
  '	n1["a#34;#93;#124;x--#62;y#124;#91;#34;#92;#38;#60;b#62;#96;#35;#123;#37;"]' "$T/.out"
printf 'id,task\na\342\200\256b,t\n' >bidi.csv
run "$AB" graph bidi.csv
unlike "nothing invisible is printed" "$out" "$(printf '\342\200\256')"

# ---- a diamond with a failing arm ------------------------------------------------

run timeout 60 "$AB" launch d.csv --agent shell --no-tui --attempts 1 -j 1
is "an arm fails" "$rc" 1
order() { jq -r 'select(.ev == "start") | .id' "$AGENT_BATCHES_DIR/$1/events.jsonl" | tr '\n' ' '; }
first=$(newest)
is "the longer chain first" "$(order "$first")" "a b c alone "
run "$AB" graph
like "the status of a row" "$out" '^  FAILED      c  waits for a$'
like "what could not start" "$out" '^  SKIPPED     d  waits for b, c$'
run "$AB" graph --dot "$first"
like "DOT tells it too" "$out" 'label="d", fillcolor="#ffeeaa", tooltip="skipped"'
touch go
run timeout 60 "$AB" retry --launch --no-tui
is "it is healed" "$rc" 0
is "only the arm and what hangs on it ran again, in order" "$(order "$(newest)")" "c d "
is "the child's CSV holds no completed row" \
  "$(cut -d, -f1 "$AGENT_BATCHES_DIR/$(newest)/tasks.csv" | tr '\n' ' ')" "id d c "
run "$AB" graph "$first"
like "the status is the run's" "$out" '^  COMPLETED   d  waits for b, c$'

# What hangs on a cancelled row is no use to retry, however far below, and wherever it stands.
printf 'id,task,depends_on\nc,true,b\nb,true,a\na,sleep 60,\nx,exit 1,\ny,true,x\n' >s.csv
"$AB" launch s.csv --agent shell --attempts 1 --grace 0.2 --detach >/dev/null 2>&1
b=$(newest)
ok "it runs" wait_for 30 sh -c "'$AB' status $b --json | jq -e '.counts.in_progress == 1 and .counts.failed == 1'"
run "$AB" ctl "$b" cancel a
run timeout 30 "$AB" wait "$b"
run "$AB" retry "$b"
is "only what can run is taken" "$(cut -d, -f1 "$out" | tr '\n' ' ')" "id x y "
like "and the rest is told" "$err" "2 rows are not taken: what they depend on is neither completed nor taken"

# ---- size --------------------------------------------------------------------------

rows() { awk -v nr="$1" "BEGIN { print \"id,task,depends_on\"; for (i = 0; i < nr; i++) print \"r\" i \",t,\" $2 }"; }
rows 100000 '(i ? "r" (i % 2 ? i - 1 : 0) : "")' >big.csv
ok "100,000 rows are checked" "$AB" check big.csv --agent shell
rows 10000 '(i < 9999 ? "r" i + 1 : "")' >chain.csv
run "$AB" graph chain.csv
like "a chain of 10,000" "$out" '^longest chain 10000: r9999 > r9998 > .* > \.\.\. 9990 more \.\.\. > r0$'
{ rows 100000 '""'; printf 'join,t,"'; seq -f 'r%.0f' 0 99999 | tr '\n' ' '; echo '"'; } >wide.csv
run "$AB" graph wide.csv
like "a row with 100,000 parents" "$out" '^  join  waits for r0, .* r11 and 99988 more$'
done_testing
