#!/bin/sh
# collect: output files into extracted/, and results.csv.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
mkdir a b inside
cat >t.csv <<'END'
id,task,context_path,output_file,note
one,printf 1 >report.md,a,report.md,=1+1
two,printf 2 >report.md,b,./report.md,-rf
deep,mkdir -p out/x; printf d >out/x/d.txt,a,out/x/../x/d.txt,"a, ""quoted""
note"
up,printf up >../up.txt,a,../up.txt,@x
abs,printf abs >TMP/abs.txt,a,TMP/abs.txt,plain
home,printf in >inside/own.txt,inside,TMP/inside/inside/own.txt,plain
link,printf s >TMP/secret; ln -sf TMP/secret pw,b,pw,plain
dirlink,mkdir -p TMP/sec; printf s >TMP/sec/f; ln -sfn TMP/sec sec,b,sec/f,plain
fails,printf half >half.txt; exit 1,b,half.txt,plain
none,true,a,,plain
END
mkdir inside/inside
sed -i "s,TMP,$T,g" t.csv
run "$AB" launch t.csv --agent shell --no-tui --attempts 1
dir=$AGENT_BATCHES_DIR/$(newest)
run "$AB" collect
is "collect" "$rc" 0
like "it says where" "$out" "^$dir/extracted: 5 of 9 output files"
like "and how many" "$out" "^$dir/results.csv: 9 of 10 rows completed"
have() { (cd "$dir/extracted" && find . -type f | sort | tr '\n' ' '); }
is "files keep their paths; taken ones get the id" "$(have)" \
  "./half.txt ./inside/own.txt ./out/x/d.txt ./report.md ./two/report.md "
is "whose is whose" "$(cat "$dir/extracted/report.md" "$dir/extracted/two/report.md")" 12
like "S7: .. is not read" "$err" "'up' has no copy: '../up.txt' is outside"
like "S7: an absolute path is not read" "$err" "'abs' has no copy: .*outside"
like "S7: a symlink is not read" "$err" "'link' has no copy: .*symlink"
like "S7: nor a way by one" "$err" "'dirlink' has no copy: .*symlink"

head -1 "$dir/results.csv" >header
is "columns" "$(tr -d '\r' <header)" \
  "id,task,context_path,output_file,note,status,class,batch,cycle,attempts,answer,cost_usd,tokens_in,tokens_out,duration_s,session,message,extracted"
is "CRLF" "$(od -c header | grep -c '\\r  *\\n')" 1
if command -v python3 >/dev/null; then
  cat >rows.py <<'END'
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
assert len(rows) == 10, len(rows)
by = {r["id"]: r for r in rows}
assert [r["id"] for r in rows][:3] == ["one", "two", "deep"]
assert by["one"]["note"] == "'=1+1" and by["two"]["note"] == "'-rf" and by["up"]["note"] == "'@x"
assert by["deep"]["note"] == 'a, "quoted"\nnote'
assert by["two"]["extracted"] == "extracted/two/report.md"
assert by["fails"]["status"] == "failed" and by["fails"]["class"] == "task_error"
assert by["none"]["status"] == "completed" and by["none"]["extracted"] == ""
assert by["one"]["attempts"] == "1" and by["one"]["cycle"] == "0"
END
  ok "results.csv reads back, and no cell is a formula (S6)" python3 rows.py "$dir/results.csv"
else
  skip "results.csv reads back" "no python3"
fi

run "$AB" collect --outside "$dir"
is "--outside" "$rc" 0
is "what was asked for stays inside" \
  "$(cd "$dir/extracted" && cat up.txt "${T#/}/abs.txt" pw sec/f)" "upabsss"

# S3: what is planted is not written through.
rm -rf "$dir/extracted"
mkdir victim
ln -s "$T/victim" "$dir/extracted"
run "$AB" collect
is "extracted/ as a symlink is refused" "$rc" 5
is "nothing behind it is touched" "$(ls victim)" ""
rm "$dir/extracted"
mkdir "$dir/extracted"
ln -s "$T/victim" "$dir/extracted/out"
echo mine >victim/file
ln -s "$T/victim/file" "$dir/extracted/report.md"
run "$AB" collect
is "a directory in it, too" "$rc" 5
is "a file in it is replaced, not followed" "$(cat victim/file "$dir/extracted/report.md")" "mine
1"
rm -r "$dir/extracted"
is "modes" "$("$AB" collect >/dev/null 2>&1; cd "$dir" && stat -c %a extracted extracted/report.md results.csv | tr '\n' ' ')" "700 600 600 "
ino=$(stat -c %i "$dir/extracted/report.md")
"$AB" collect >/dev/null 2>&1
is "what has not changed is not copied again" "$(stat -c %i "$dir/extracted/report.md")" "$ino"
printf new >a/report.md
"$AB" collect >/dev/null 2>&1
is "what has, is" "$(cat "$dir/extracted/report.md")" new

# While it runs, without an id column, over cycles.
cat >r.csv <<'END'
task,output_file
printf done >done.txt,done.txt
printf half >slow.txt; sleep 60,slow.txt
END
run "$AB" launch r.csv --agent shell --detach
dir=$out
wait_for 30 sh -c "[ \"\$('$AB' status '$dir' --json | jq .counts.completed)\" = 1 ] && [ -s slow.txt ]"
run "$AB" collect "$dir"
is "while it runs" "$rc/$(ls "$dir/extracted")" "0/done.txt"
like "it says that it does" "$err" "1 row is not through yet"
is "ids where the file has none" "$(cut -d, -f1,3,16 "$dir/results.csv" | tr -d '\r')" \
  "task,status,id
printf done >done.txt,completed,1
printf half >slow.txt; sleep 60,in_progress,2"
"$AB" ctl "$dir" cancel >/dev/null
timeout 30 "$AB" wait "$dir"
run "$AB" collect nosuch
is "no such batch: exit 1" "$rc" 1
run "$B/bin/agent-batch-collect" one two
is "the seeds' name; two batches: exit 2" "$rc" 2
done_testing
