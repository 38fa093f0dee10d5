#!/bin/sh
# Log and grid on a real terminal: a growing file, a search, errors, panes, the way back.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/screen.sh"
cd "$T" || exit 2

cat >views.csv <<'CSV'
id,task
one,work on the parser [[sim outcomes=ok duration=300 lines=3]]
two,work on the lexer [[sim outcomes=ok duration=300 lines=3]]
waits,"wait for it [[sim outcomes=500,ok duration=0.3]]"
CSV

open_screen 120 40
type_line "clear; '$AB' launch views.csv --agent sim --jobs 3 --backoff 600:1:600; echo rc=\$?"
see "the overview" ' one +. RUNNING '
see "one waits" ' waits +. BACKOFF '
batch=$(newest)
log=$AGENT_BATCHES_DIR/$batch/agent-two.log

keys -l ':two'
keys Enter
see "the agent is selected" '^> +two '
keys 3
see "3 is its log" '^ . RUNNING +agent two sim '
see "it is followed" 'FOLLOW$'
seq -f 'row %g' 1 200000 >>"$log"
see "what is written comes" '^ +[0-9]+  row 200000$'
keys g
see "g is the first line" '^ +1  '
see "follow is off" 'follow OFF'
echo 'an ERROR here' >>"$log"
see "new lines are counted, the text stays" 'follow OFF, 1 new line below: F to follow$'
keys -l '/row 1234'
see "a search is made as it is typed" '\* row 1234$'
keys Enter
see "and says where it is" '/row 1234 +match 1 of 111 '
keys n
see "n is the next one" '\* row 12340$'
keys N
see "N the one before" 'match 1 of 111 '
keys Escape
see_no "Esc ends it" '/row 1234'
keys e
see "e is the next error" '\* an ERROR here$'
keys -l '&9999'
keys Enter
see "& keeps lines" '  row 199999$'
see_no "and no others" '  row 199989$'
keys Escape
see "Esc shows all" 'an ERROR here$'
printf 'x\033]0;owned\007\033[2Jy\n' >>"$log"
keys G
see "hostile output is inert" '  xy$'
echo '{"type":"item.started","item":{"command":"cargo \u001b[2Jtest"}}' >>"$log"
keys v
see "v shows what JSON says" '  tool: shell  cargo test$'
keys v
see "v again shows the controls" 'x\^\[\]0;owned\^G\^\[\[2Jy'
keys v
seq -s ' ' -f 'word%g' 1 40 >>"$log"
see_no "a long line is cut" 'word40$'
keys w
see "w wraps it" 'word40$'
keys w
keys g
keys -l '//^row 1?77$'
keys Enter
see "// is for an expression" '//\^row 1\?77\$ +match 1 of 2 '
keys m m m
see "m marks one line below the other" '^ +[0-9]+m +row 79$'
see "and says what to do with them" '3 marked, c copies'
tm set-option -s set-clipboard on
keys c
see "c copies them" ' copied 3 lines$'
clipboard() { tm show-buffer 2>/dev/null | tr '\n' '|'; }
copied() { [ "$(clipboard)" = 'row 77|row 78|row 79' ]; }
if wait_for 10 copied; then pass "to the terminal's clipboard"; else flunk "to the terminal's clipboard" "$(clipboard)"; fi
keys U
see_no "U forgets them" '[0-9]m +row '
keys y
see "y prints the page, and nothing else" '^row 79$'
see "and waits" '^\(any key returns\)'
keys x
see "any key returns" 'match 1 of 2 '
see_no "and does nothing else" 'cancel .*\?'
keys Escape
keys -l '&!0'
keys Enter
see "&! keeps the others" '  row 199999$'
see_no "and not those" '  row 199990$'
keys Escape
keys t
see "t tells when lines came" '^ +[0-9]+ [ <][0-9][0-9]:[0-9][0-9]:[0-9][0-9]  row '
keys t
echo short >"$log"
see "a file that was cut is told" 'the log was cut or replaced'
keys ']'
see "] is the next agent" '^ . [A-Z]+ +agent (one|waits) sim '
tm resize-window -t ui -x 60 -y 20
see "it fits a small screen" '^ n/N match .*\? help  q back$'
tm resize-window -t ui -x 120 -y 40
keys q
see "q is back in the overview" 'LAST LINE'
keys Enter
see "Enter opens the log, too" '^ . [A-Z]+ +agent '
keys 1
see "1 is the overview" 'LAST LINE'

keys 2
see "2 is the grid" '^. . one sim .* . two sim 1/5 '
see "with why one waits" ' backoff [0-9]+m'
keys z
see_no "z gives one pane all the room" 'one sim'
keys z
see "and back" 'waits sim 2/5 next in '
keys G
keys s
see "s acts on the pane in focus" 'waits sim 2/5 COMPLETED'
see_no "the pane is freed after the end" 'waits sim'
keys g
keys Enter
see "Enter opens the log" '^ . RUNNING +agent one sim '
keys q
see "and q is back in the grid" '^. . one sim .* . two sim 1/5 '
keys 1
see "the overview again" 'LAST LINE'

run "$AB" monitor "$batch" --print grid --ascii --size 80x24 --at "$(date +%s)"
like "--print draws the grid" "$out" '. > one sim 1/5 .* > two sim 1/5 '
run "$AB" monitor "$batch" --print log one --ascii --size 80x24 --at "$(date +%s)"
is "--print draws the log" "$rc" 0
like "of the agent that is named" "$out" 'agent one sim'
run "$AB" ctl "$batch" cancel
is "the batch was there all the time" "$rc" 0
keys q
see "and is left" 'rc='
done_testing
