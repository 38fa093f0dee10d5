#!/bin/sh
# T1, T2, T4 to T7: the terminal goes, is none, or nobody reads it. Neither conductor nor agents care.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/faults/faults.sh"

cat >t.csv <<'X'
id,task,depends_on
one,. ./ran; until [ -e go1 ]; do sleep 0.02; done,
two,. ./ran; until [ -e go2 ]; do sleep 0.02; done,one
X
begin() { rm -f go1 go2; : >"$COUNT"; }
ends_well() { # NAME
  touch go1 go2
  run timeout 20 "$AB" wait "$dir"
  is "$1: the batch ends well" "$rc" 0
  is "$1: each ran once" "$(ran)" '0 one 1,0 two 1,'
}

# T1: the whole terminal server is killed under a launch with its screen.
if command -v tmux >/dev/null; then
  TERM=tmux-256color
  infocmp "$TERM" >/dev/null 2>&1 || TERM=screen-256color
  export TERM
  tm() { tmux -S "$T/tmux" -f /dev/null "$@"; }
  screen() { tm capture-pane -p -t ui; }
  shows() { screen | grep -qE -- "$1"; }
  for how in kill-server KILL-viewer; do
    begin
    tm new-session -d -s ui -x 100 -y 30 "exec '$AB' launch t.csv --agent shell"
    ok "T1, $how: a screen is there" wait_for 10 shows '^[> ] +one +. RUNNING'
    dir=$AGENT_BATCHES_DIR/$(newest)
    leader=$(conductor "$dir") pid=$(agent_pid "$dir" one.1)
    viewer=$(tm display-message -p -t ui '#{pane_pid}')
    if [ $how = kill-server ]; then tm kill-server; else kill -9 "$viewer"; fi
    ok "T1, $how: the viewer is gone" wait_for 10 is_gone "$viewer"
    ok "T1, $how: the conductor is not" kill -0 "$leader"
    ok "T1, $how: the agent is not" kill -0 "$pid"
    wait_for 5 not tm has-session -t ui 2>/dev/null
    touch go1
    ok "T1, $how: the next agent starts" wait_for 10 grep -q two count
    tm new-session -d -s ui -x 100 -y 30 "exec '$AB' monitor '$dir'"
    ok "T1, $how: monitor attaches again" wait_for 10 shows '^[> ] +two +. RUNNING'
    tm kill-server
    ends_well "T1, $how"
  done

  # T7: several viewers, one of them stopped, one that nobody reads.
  begin
  dir=$("$AB" launch t.csv --agent shell --detach 2>/dev/null)
  tm new-session -d -s ui -x 100 -y 30 "exec '$AB' monitor '$dir'"
  ok "T7: a viewer" wait_for 10 shows 'one +. RUNNING'
  viewer=$(tm display-message -p -t ui '#{pane_pid}')
  tm new-session -d -s ui2 -x 100 -y 30 "exec '$AB' monitor '$dir'"
  kill -STOP "$viewer"
  mkfifo nobody
  "$AB" monitor "$dir" --output jsonl >nobody 2>/dev/null &
  exec 3<nobody
  touch go1
  ok "T7: a stopped viewer does not hold the conductor up" wait_for 5 grep -q two count
  "$AB" ctl "$dir" pause >/dev/null
  ok "T7: verbs are served" wait_for 5 state_is "$dir" paused
  "$AB" ctl "$dir" resume >/dev/null
  ends_well "T7"
  kill -CONT "$viewer"
  ok "T7: it catches up" wait_for 10 shows 'COMPLETED'
  exec 3<&-
  tm kill-server
else
  skip "T1, T7: the terminal is closed" "no tmux here"
fi

# T2: the reader of the lines leaves.
begin
{ "$AB" launch t.csv --agent shell --no-tui; echo $? >rc; } 2>/dev/null | head -n 1 >first &
wait_for 10 grep -q one count
dir=$AGENT_BATCHES_DIR/$(newest)
ends_well "T2"
wait_for 10 test -s rc
is "T2: the exit code is the run's" "$(cat rc)" 0
begin
"$AB" launch t.csv --agent shell --no-tui >/dev/full 2>/dev/null &
follower=$!
wait_for 10 grep -q one count
dir=$AGENT_BATCHES_DIR/$(newest)
ends_well "T2: a full device as stdout"
wait $follower

# T4: an agent that asks a question. fd 0 is at its end, and there is no terminal to open.
cat >asks.csv <<'X'
id,task
asks,". ./ran; if read answer; then exit 9; fi; (: </dev/tty) 2>/dev/null && exit 8; ps -o tty= -p $$ >tty; exit 0"
X
: >"$COUNT"
if command -v script >/dev/null; then
  script -qec "'$AB' launch asks.csv --agent shell --no-tui" /dev/null >out </dev/null
  dir=$AGENT_BATCHES_DIR/$(newest)
  is "T4: it reads end of file, it reaches no terminal" "$(of_agent "$dir" asks status)" completed
  is "T4: it has none" "$(tr -d ' \n' <tty)" '?'
else
  skip "T4: an agent that asks" "no script(1)"
fi

# D1 of our own output: the batch goes on, and what it printed is not called whole.
if [ -w /dev/full ]; then
  printf 'id,task\none,. ./ran\n' >one.csv
  for options in --no-tui '--output jsonl' --plain; do
    : >"$COUNT"
    # shellcheck disable=SC2086
    "$AB" launch one.csv --agent shell $options >/dev/full 2>err </dev/null
    is "a full disk under launch $options: it is said" \
      "$?/$(grep -c 'cannot write to stdout: No space left on device' err)" 5/1
    is "a full disk under launch $options: the batch goes on" \
      "$(ran)/$("$AB" wait >/dev/null; echo $?)" '0 one 1,/0'
  done
  "$AB" summon_agent shell '. ./ran' >/dev/full 2>err </dev/null
  is "a full disk under summon_agent" "$?" 0
  "$AB" summon_agent shell 'echo hi' >/dev/full 2>err </dev/null
  is "a full disk under summon_agent that prints" "$?/$(grep -c 'cannot write' err)" 5/1
else
  skip "a full disk under our own output" "no /dev/full"
fi
"$AB" retry 2>&- >&-
is "closed descriptors are no fault" "$?" 0

# T5, T6: no screen to be had.
printf 'id,task\none,. ./ran\n' >one.csv
for term in dumb '' no-such-terminal; do
  command -v script >/dev/null || { skip "T5: TERM=$term" "no script(1)"; continue; }
  : >"$COUNT"
  TERM=$term script -qec "'$AB' launch one.csv --agent shell" /dev/null >out </dev/null
  is "T5: TERM='$term': exit" "$?" 0
  like "T5: TERM='$term': lines" "$(tr -d '\r' <out)" '^[0-9:]+ one .*COMPLETED'
  is "T5: TERM='$term': said once" "$(grep -c 'in place of the screen' out)" 1
  unlike "T5: TERM='$term': no screen" "$(cat out)" "$(printf '\033')\[\?1049h"
done
: >"$COUNT"
setsid "$AB" launch one.csv --agent shell </dev/null >out 2>err
is "T6: no terminal at all" "$?" 0
like "T6: as --no-tui" "$(cat out)" '^[0-9:]+ one COMPLETED'
: >"$COUNT"
# Not even descriptors: a service may be started with 0, 1 and 2 closed.
"$AB" launch one.csv --agent shell --no-tui <&- >&- 2>&-
is "T6: without descriptors" "$?/$(ran)" '0/0 one 1,'
is "T6: nothing went into the journal that is none of it" \
  "$(journal "$AGENT_BATCHES_DIR/$(newest)" .ev | wc -l | tr -d ' ')" \
  "$(wc -l <"$AGENT_BATCHES_DIR/$(newest)/events.jsonl" | tr -d ' ')"
done_testing
