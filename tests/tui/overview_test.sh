#!/bin/sh
# The screen on a real terminal: keys in by tmux, what is seen out. A batch of simulated agents runs
# behind it and must not notice.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/screen.sh"
cd "$T" || exit 2

state() { tm display-message -p -t ui "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"; }
has_state() { [ "$(state)" = "$1" ]; }
viewer() { pgrep -P "$(tm display-message -p -t ui '#{pane_pid}')" -f 'agent-batch (launch|monitor)' | head -1; }

cat >night.csv <<'EOF'
id,task
long1,work on the parser [[sim outcomes=ok duration=300 lines=40]]
long2,work on the lexer [[sim outcomes=ok duration=300 lines=40]]
waits,"wait for it [[sim outcomes=500,ok duration=0.3]]"
quick,be quick [[sim outcomes=ok duration=0.2]]
after,come later [[sim outcomes=ok duration=0.2]]
EOF

open_screen 120 40
tm pipe-pane -t ui "cat >'$T/bytes'"
type_line "clear; stty -g >before; '$AB' launch night.csv --agent sim --jobs 3 --backoff 600:1:600; echo rc=\$?"
see "row 1 tells source, cycle and state" '^ night\.csv +batch-[0-9-]+ +cycle 0 +RUNNING +up [0-9:]+ +ETA '
see "an agent that runs" '^[> ] +long1 +. RUNNING +1/5 '
see "one that waits, with its countdown" '^[> ] +waits +. BACKOFF +2/5 +in (9:|10:)[0-9]+ +transient '
see "one that is through" ' +quick +. COMPLETED +1/5 '
see "the log of the selected agent" 'agent long1 +sim +"work on the parser'
see "keys, with the ways out" 'Enter log .*\? help +q leave$'
batch=$(newest)

keys p
see "p pauses" ' PAUSED '
keys p
see "and resumes" ' RUNNING '
keys +
see "+ is one job more" 'jobs [0-9]+/4 '
keys -l ':waits'
keys Enter
see "a name goes to an agent" '^> +waits '
keys s
see_no "s skips the wait" ' waits +. BACKOFF'
see "and the agent completes" ' waits +. COMPLETED '
keys -l ':long2'
keys Enter
keys x
see "x asks first" 'cancel long2, running [0-9:]+.*\? y/N'
keys Escape
see_no "Esc is no" 'y/N'
is "nothing was cancelled" "$(json "$batch" '[.agents[]|select(.id=="long2")][0].status')" in_progress
keys X
see "X asks what to stop" 'd drain .* c cancel all'
keys Escape
see_no "Esc is nothing" 'd drain'
keys f
see "f shows active agents" 'only: active'
see_no "and hides the others" ' quick '
keys Escape
see "Esc shows all again" ' quick '

keys Enter
see_no "Enter gives the log all the room" 'LAST LINE'
see "with its own keys" 'q back$'
keys q
see "q is back" 'LAST LINE'
keys '?'
see "help" '^ Help: overview'
see "help tells states" 'VALIDATING'
keys q
keys i
see "details" '^ task +work on the lexer'
keys q
see "back again" 'LAST LINE'

tm resize-window -t ui -x 80 -y 24
see "80 columns drop COST and AGENT" '^  ID +STATE v +TRY TIME +LAST CLASS LAST LINE'
tm resize-window -t ui -x 50 -y 12
see "50 columns drop LAST LINE" '^  ID +STATE +TRY TIME *$'
tm resize-window -t ui -x 30 -y 4
see "the smallest has four lines" '^ \? help  q leave'
is "and no more" "$(screen | grep -c .)" 4
tm resize-window -t ui -x 120 -y 40
see "and back" 'AGENT +LAST LINE'
keys x
see "a question" '^ cancel .*\? y/N'
tm resize-window -t ui -x 80 -y 24
see "is asked on at another size" '^  ID +STATE v +TRY TIME +LAST CLASS LAST LINE'
keys n
see "and answered by keys alone" '^ nothing was done'
tm resize-window -t ui -x 120 -y 40
see "which changes nothing of the rest" 'AGENT +LAST LINE'

# Whatever an agent prints, the terminal stays ours.
printf 'x\033]0;owned\007\033]52;c;aGk=\007\033[2J\033[?1049l\033Pq\033\\\233\061m\302\233\061m\342\200\256evil\n' \
  >>"$AGENT_BATCHES_DIR/$batch/agent-long2.log"
see "hostile output is shown inert" 'x1?m?1?m?evil'
like "the screen is still there" "$(state)" '^1 '

keys C-c
see "Ctrl-C tells the ways out" 'X stops the batch'
keys C-z
see "Ctrl-Z suspends" 'Stopped|ready\$ $'
ok "the terminal is given back" wait_for 5 has_state "0 1 0"
type_line fg
see "fg brings it back" 'LAST LINE'
is "agents went on" "$(json "$batch" .state)" running
# STOP cannot be caught: the shell takes the terminal, and sets it as it likes.
kill -STOP "$(viewer)"
see "STOP stops it" 'Stopped'
stty -F "$(tm display-message -p -t ui '#{pane_tty}')" sane
type_line fg
see "fg brings it back, too" 'q leave$'
keys '?'
see "and it has its keys" '^ Help: overview'
keys q

keys q
see "q leaves, the batch goes on" 'still running, nothing was stopped'
type_line 'echo rc=$?'
see "exit code 6" '(^|ready\$ )rc=6$'
ok "cursor and screen are restored" wait_for 5 has_state "0 1 0"
type_line 'stty -g >after; cmp before after && echo "same modes"'
see "and the terminal's modes" '^same modes'
is "the run was not touched" "$(json "$batch" .state)" running

type_line "clear; '$AB' monitor; echo rc=\$?"
see "monitor attaches again" ' RUNNING +up '
kill -TERM "$(viewer)"
see "TERM leaves" 'still running, nothing was stopped'
ok "with everything restored" wait_for 5 has_state "0 1 0"
type_line "clear; '$AB' monitor; echo rc=\$?"
see "and again" ' RUNNING +up '
kill -ABRT "$(viewer)"
see "a crash is told by the shell" 'rc=134'
ok "with everything restored, too" wait_for 5 has_state "0 1 0"
type_line 'clear; stty -g >after; cmp before after && echo "same modes"'
see "and the modes" '^same modes'
is "the run was not touched by that" "$(json "$batch" .state)" running

# In the terminal's own bytes: ours only. The title is the one OSC that we send.
bytes() { LC_ALL=C sed 's/\x1b\]2;agent-batch [0-9a-z\/ ]*\x07//g' "$T/bytes" | LC_ALL=C grep -caP "$1"; }
is "no foreign OSC" "$(bytes '\x1b\][^2]|owned')" 0
is "no DCS" "$(bytes '\x1bP')" 0
is "no C1 control" "$(bytes '\xc2[\x80-\x9f]')" 0
is "no bidi control" "$(bytes '\xe2\x80\xae')" 0
ok "all of it is UTF-8" iconv -f UTF-8 -t UTF-8 -o /dev/null "$T/bytes"

# Without a terminal.
run "$AB" monitor "$batch" --print overview --ascii --size 80x24 --at "$(date +%s)"
is "--print needs no terminal" "$rc" 0
like "it draws the overview" "$out" '^  ID +STATE v +TRY TIME'
is "in its size" "$(printf '%s\n' "$out" | awk 'NR <= 24 && length($0) > 80' | wc -l | tr -d ' ')" 0
is "twice 24 rows and a blank between" "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 49
run "$AB" monitor "$batch" --print nonsense
is "an unknown view is refused" "$rc" 2
run "$AB" monitor "$batch" --print overview --size 80by24
is "so is a size that is none" "$rc" 2

tm resize-window -t ui -x 80 -y 5
type_line "clear; '$AB' status $batch"
see "status leaves a line for the prompt" '^ready\$'
like "its first line is still there" "$(screen | head -1)" 'night\.csv +cycle 0 '
like "and says how much is not" "$(screen)" '^ and [0-9]+ more'
tm resize-window -t ui -x 120 -y 40

type_line "clear; TERM=dumb '$AB' monitor $batch; echo rc=\$?"
see "a dumb terminal gets lines" 'lines of text in place of the screen'
"$AB" ctl "$batch" cancel >/dev/null 2>&1
see "to the end" '^rc=0'
printf 'id,task\nsoon,be quick [[sim outcomes=ok duration=0.1]]\n' >soon.csv
type_line "clear; ACCESSIBLE=1 '$AB' launch soon.csv --agent sim; echo rc=\$?"
see "ACCESSIBLE: lines in place of the screen" 'ACCESSIBLE is set: lines of text'
see "with the end" 'soon\.csv: 1 of 1 completed in 1 cycle'
see "and no fault" '^rc=0'
ok "milestones only, as with --plain" hides ' soon (RUNNING|COMPLETED) '
type_line "clear; '$AB' monitor $batch; echo rc=\$?"
see "an ended run is shown as it ended" ' STOPPED '
keys q
see "and its summary stays" '[0-9] of 5 completed in 1 cycle'
see "with no fault" '^rc=0'
done_testing
