#!/bin/sh
# A run without a screen: lines, JSON lines, milestones; signals, closed pipes, lost terminals.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
state_is() { [ "$(json "$1" .state)" = "$2" ]; }

cat >t.csv <<'X'
id,agent,task
smooth,sim,"[[sim duration=0.1]]"
limited,sim,"[[sim outcomes=429,ok retry-after=1 duration=0.1]]"
healed,sim,"[[sim cycles=fail,ok duration=0.1]]"
X
run "$AB" launch t.csv --auto-retry
is "exit" "$rc" 0
like "says once why there is no screen" "$err" '^agent-batch: this is no terminal'
time='[0-9]{2}:[0-9]{2}:[0-9]{2}'
like "begin" "$out" "^$time batch batch-[0-9-]+ begins: 3 agents, 8 at a time$"
like "running" "$out" "^$time smooth RUNNING try 1/5$"
like "completed" "$out" "^$time smooth COMPLETED try 1/5 success$"
like "backoff, with class, wait, clock, why and message" "$out" "^$time limited BACKOFF try 1/5 rate_limit in 0:01 \($time\) told .*429"
like "second try" "$out" "^$time limited RUNNING try 2/5$"
like "limit on" "$out" "^$time limit sim closed in 0:01"
like "failed" "$out" "^$time healed FAILED try 1/5 task_error "
like "cycle" "$out" "^$time cycle 1 of 5: 1 of 3 agents again, batch-[0-9-]+ auto-retry-[0-9-]+\.csv$"
like "counts have a constant shape" "$out" "^$time counts completed 2 running 0 backoff 0 validating 0 pending 0 failed 1 skipped 0 cancelled 0 of 3, cycle 0/5$"
is "one end" "$(printf '%s\n' "$out" | grep -cE "^$time end finished")" 1
like "the report closes it" "$out" '^t.csv: 3/3 succeeded after 1 retry$'
is "a state is told once" "$(printf '%s\n' "$out" | grep -c ' smooth RUNNING')" 1
esc=$(printf '\033')
unlike "no colour into a pipe" "$out" "$esc"
unlike "no carriage return" "$out" "$(printf '\r')"

run "$AB" launch t.csv --auto-retry --output jsonl
is "jsonl: exit" "$rc" 0
ok "every line is JSON" sh -c "jq -e . <'$T/.out' >/dev/null"
cat "$AGENT_BATCHES_DIR/$(batches | tail -2 | head -1)/events.jsonl" "$AGENT_BATCHES_DIR/$(newest)/events.jsonl" >journals
cmp -s journals "$T/.out"
is "they are the journals' lines as they are" "$?" 0
like "the worst case is on stderr then" "$err" 'at most 30 attempts a row'

run "$AB" launch t.csv --auto-retry --plain
unlike "--plain: no line an agent's start" "$out" ' RUNNING '
like "--plain: the first failure of a kind" "$out" ' healed FAILED '
like "--plain: limits" "$out" ' limit sim closed'
like "--plain: the end" "$out" '3 of 3 completed in 2 cycles'
run "$AB" launch t.csv --no-tui --color always
like "colour when it is asked for" "$out" "$esc\[32mCOMPLETED$esc\[m"
is "--no-tui is asked for: no word about it" "$(printf '%s' "$err")" ""

# S1, S2: what is not ours is harmless.
printf 'id,agent,task\nx,shell,"printf ""\\033]0;title\\007\\033[2Jerror: \\033[31mred\\n""; exit 1"\n' >esc.csv
run "$AB" launch esc.csv --no-tui
unlike "no escape reaches the lines" "$out" "$esc"
run "$AB" logs x
like "logs into a pipe: byte for byte" "$out" "$esc\]0;title"
if command -v script >/dev/null; then
  seen=$(script -qec "$AB logs x" /dev/null </dev/null | cat)
  unlike "logs on a terminal: no title" "$seen" "$esc\]0"
  printf '\302\2332J\2350;x\234\342\200\256\033P1\033\\\001\r10%%\rthe end\n' \
    >>"$AGENT_BATCHES_DIR/$(newest)/agent-x.log"
  seen=$(script -qec "$AB logs -f x" /dev/null </dev/null | tail -n 1 | tr -d '\r')
  is "logs -f on a terminal: nothing but text" "$seen" 'the end'
  seen=$(script -qec "$AB logs -f x" /dev/null </dev/null | tr -d '\r\n' | LC_ALL=C tr -d ' -~')
  is "and nothing else before it" "$seen" ''
else
  skip "logs on a terminal" "no script(1)"
fi

# A log that is not the one it was is read from its beginning.
printf 'id,agent,task\nx,shell,"echo one; until [ -e go ]; do sleep 0.02; done"\n' >cut.csv
dir=$("$AB" launch cut.csv --detach 2>/dev/null)
log=$dir/agent-x.log
wait_for 10 grep -q one "$log"
"$AB" logs -f "$dir/" x >seen 2>said &
reader=$!
wait_for 10 grep -q one seen
printf 'two %0200d\n' 0 >"$log.new" && mv "$log.new" "$log"
ok "logs -f goes on with another file" wait_for 10 grep -q two seen
echo three >"$log"
ok "and with one that was cut" wait_for 10 grep -q three seen
is "and says so" "$(grep -c "the log of 'x' was cut or replaced" said)" 2
touch go
wait "$reader"
is "logs -f ends with the agent" "$?" 0

# T2: a reader that leaves.
printf 'id,agent,task\n1,sim,"[[sim duration=0.5]]"\n2,sim,"[[sim duration=1]]"\n' >pipe.csv
{ "$AB" launch pipe.csv --no-tui; echo $? >"$T/rc"; } 2>/dev/null | head -1 >/dev/null
is "T2: the follower stays for the exit code" "$(cat "$T/rc")" 0
is "T2: the batch went on" "$(json "$(newest)" .counts.completed)" 2

# P13: TERM is handed on: first drain, then cancel.
printf 'id,agent,task\n1,sim,"[[sim duration=60]]"\n2,sim,"[[sim duration=0]]"\n' >sig.csv
"$AB" launch sig.csv --no-tui -j 1 --grace 0.5 >"$T/sig.out" 2>"$T/sig.err" &
pid=$!
wait_for 10 grep -q ' 1 RUNNING' "$T/sig.out"
kill -TERM $pid
ok "TERM drains" wait_for 10 state_is "$(newest)" draining
like "says what still runs" "$(cat "$T/sig.err")" '1 agent still runs'
like "and how to get back" "$(cat "$T/sig.err")" "agent-batch monitor $(newest)"
kill -TERM $pid
wait $pid
is "a second one cancels: exit 3" "$?" 3
is "the row that had not started never ran" "$(starts "$(newest)")" 1
is "the directory is consistent" "$(json "$(newest)" .state)" stopped

# The follower is killed: the batch does not notice.
"$AB" launch pipe.csv --no-tui >/dev/null 2>&1 &
pid=$!
wait_for 10 sh -c "[ \"\$($AB status --json | jq .counts.in_progress)\" = 2 ]"
kill -9 $pid
run timeout 20 "$AB" wait
is "killed follower, living batch" "$rc/$(json "$(newest)" .counts.completed)" 0/2

# monitor without a terminal follows what somebody else conducts; its INT is its own.
dir=$("$AB" launch pipe.csv --detach 2>/dev/null)
run timeout 20 "$AB" monitor "$dir"
is "monitor: 0 when the run has ended" "$rc" 0
like "with the report" "$out" '2/2 succeeded'
# A directory whose conductor is on its way: nobody was interrupted.
printf 'id,task\na,true\n' >born.csv
"$AB" launch born.csv --agent shell --no-tui >/dev/null 2>&1
born=$AGENT_BATCHES_DIR/$(newest)
(cd "$born" && rm -rf events.jsonl results.json agent-* attempts/* logs/*)
"$AB" wait "$born" >wait.out 2>&1 &
pid=$!
run timeout 20 "$AB" resume "$born" --no-tui
wait "$pid"
is "wait for a batch that is being made" "$?" 0
(cd "$born" && rm -rf events.jsonl results.json agent-* attempts/* logs/*)
touch -d '10 seconds ago' "$born"
run timeout 20 "$AB" wait "$born"
is "one that never came is interrupted" "$rc" 7
done_testing
