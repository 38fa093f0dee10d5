#!/bin/sh
# S1, S2, S4, S5: what agents and CSVs hold reaches no terminal raw, files are the user's own, and
# secrets stay in the environment.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/faults/faults.sh"

# S1, S2: in the log, a task, an agent's name for its failure, tags, a model, a path, an error text.
esc=$(printf '\033')
hostile=$(printf 'x\033]0;owned\007\033]52;c;b3duZWQ=\007\033[2J\033[31m\033Pq\033\\\302\233\061m\b\b\ry\342\200\256z')
printf '%s\n' "$hostile" >hostile
echo 'printf "API Error: 503 %s\n" "$(cat hostile)"; exit 1' >api
# A path holds no semicolon: that parts several.
path=dir$(printf %s "$hostile" | tr -d ';')
mkdir "$path"
{
  echo 'id,task,tags,model,context_path,note'
  printf 'bad,"cat hostile; echo %s >&2; . ./ran; exit 7","%s","%s",,"%s"\n' "'$hostile'" "t$hostile" "m$hostile" "$hostile"
  printf 'gone,"touch .; exit 0",,,"%s",\n' "$path"
  printf 'fine,"cat hostile; true",,,,\n'
  echo 'api,sh ./api,,,,'
} >s.csv
# Bytes of each kind that must not come through: OSC, DCS, CSI that is not ours, C1, BEL, BS, bidi.
harmless() { # NAME FILE
  is "$1: nothing raw" "$(LC_ALL=C sed 's/\x1b\[[0-9;]*m//g' "$2" | LC_ALL=C grep -caP '\x1b|\x07|\x08|\xc2[\x80-\x9f]|\xe2\x80\xae|\r[^\n]')" 0
}
run "$AB" launch s.csv --agent shell --no-tui --attempts 2 --backoff 0.05:1:1 --auto-retry --max-retries 1
is "S1: it runs" "$rc" 1
harmless "S1: headless lines" .out
harmless "S1: what was said beside them" .err
if command -v script >/dev/null; then
  # seen FILE COMMAND...: as a terminal gets it, less its own line ends
  seen() { f=$1; shift; script -qec "$*" /dev/null </dev/null | sed 's/\r$//' >"$f"; }
  dir=$AGENT_BATCHES_DIR/$(batches | head -1)
  for c in "launch s.csv --agent shell --no-tui --attempts 1" "status $dir" "status --all $dir" "report $dir" \
    "lineage $dir" "list" "logs $dir bad" "logs $dir api" "monitor $dir --no-tui" \
    "monitor $dir --print overview --size 120x30" "monitor $dir --print log --size 120x30" \
    "monitor $dir --print details --size 120x30" "ctl $dir cancel $(printf '\033]0;x\007' | sed "s/'//g; s/.*/'&'/")" \
    "retry $dir" "check s.csv --agent '$hostile'" "launch '$hostile.csv'" "status '$hostile'" "classify hostile"; do
    seen tty "'$AB' $c"
    ok "S2: $(printf %s "$c" | tr -dc '[:alnum:] ./-' | sed "s,$dir,BATCH,; s,$T,,g" | cut -c1-40) says something" test -s tty
    harmless "S2: of that" tty
  done
  run "$AB" logs "$dir" bad
  like "S1: into a pipe it is as it was printed" "$out" "$esc\]0;owned"
else
  skip "S1, S2: on a terminal" "no script(1)"
fi
cp "$dir/logs/log.txt" log
harmless "S2: the conductor's own log" log
is "S2: JSON has no control bytes" \
  "$(LC_ALL=C grep -caP '[\x00-\x08\x0b-\x1f\x7f]' "$dir/manifest.json" "$dir/events.jsonl" | sed 's/.*://' | tr -d '\n')" 00
printf 'id,task\na\033]0;x\007,true\n' >id.csv
run "$AB" launch id.csv --agent shell --no-tui
is "S2: an id cannot hold such bytes" "$rc" 2
harmless "S2: and is not shown raw for it" .err

# S4: whatever the umask, from the first instant; a run with a cycle, so that all files are there.
printf 'id,task,output_file,validate\na,. ./ran; echo x >a.out,a.out,true\nb,. ./ran; [ $AGENT_BATCH_CYCLE = 1 ],,\nc,". ./ran; until [ -e go ]; do sleep 0.02; done",,\n' >u.csv
for mask in 000 777; do
  rm -f go; : >"$COUNT"
  AGENT_BATCHES_DIR=$T/umask-$mask
  : >a.out; chmod 600 a.out
  dir=$( (umask $mask; "$AB" launch u.csv --agent shell --detach --auto-retry 2>/dev/null) )
  wait_for 10 grep -q '0 c 1' count
  is "S4: umask $mask: the socket" "$(stat -c %a "$dir/ctl")" 600
  touch go
  run timeout 20 "$AB" wait "$dir"
  is "S4: umask $mask: it runs" "$rc" 0
  is "S4: umask $mask: directories" "$(find "$AGENT_BATCHES_DIR" -type d ! -perm 700 -printf '%P %m\n')" ''
  is "S4: umask $mask: files" "$(find "$AGENT_BATCHES_DIR" -type f ! -perm 600 -printf '%P %m\n')" ''
  ok "S4: umask $mask: all of them are there" test -s "$dir/results.json"
done
AGENT_BATCHES_DIR=$T/batches

# S5: a secret that agents need, in the environment that everything inherits.
printf 'id,task,validate\nok,". ./ran; [ $SECRET_KEY ]",true\nretried,. ./ran; [ $AGENT_BATCH_ATTEMPT = 2 ] || . ./trouble,\nfails,. ./ran; [ $AGENT_BATCH_CYCLE = 1 ],\n' >secret.csv
: >"$COUNT"
SECRET_KEY=hunter2-9f8e7d6c "$AB" launch secret.csv --agent shell --no-tui --auto-retry --backoff 0.05:1:1 >out 2>err
is "S5: agents have it" "$?" 0
dir=$AGENT_BATCHES_DIR/$(batches | tail -2 | head -1)
"$AB" report "$dir" >report; "$AB" status "$dir" --json >status
is "S5: it is written nowhere" "$(grep -rl hunter2 "$AGENT_BATCHES_DIR" out err report status)" ''
printf 'id,task\nholds,. ./ran; until [ -e go2 ]; do sleep 0.02; done\n' >hold.csv
SECRET_KEY=hunter2-9f8e7d6c "$AB" launch hold.csv --agent shell --detach >/dev/null 2>&1
wait_for 10 grep -q holds count
is "S5: nor in anybody's argv" \
  "$(for p in $(own_pids); do tr '\0' ' ' <"/proc/$p/cmdline"; done 2>/dev/null | grep -c 'hunter[2]')" 0
touch go2
"$AB" wait >/dev/null 2>&1
done_testing
