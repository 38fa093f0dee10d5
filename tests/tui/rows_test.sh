#!/bin/sh
# Choosing rows on a real terminal: tags, sorts, filters, searches and the mouse, by keys and bytes.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/screen.sh"
cd "$T" || exit 2

cat >rows.csv <<'EOF'
id,task,tags
a1,work on the parser [[sim outcomes=ok duration=300 lines=40]],night core
a2,work on the lexer [[sim outcomes=ok duration=300 lines=40]],night
b1,"wait for it [[sim outcomes=500,ok duration=0.1]]",core
b2,"wait as well [[sim outcomes=500,ok duration=0.1]]",core
c1,be quick [[sim outcomes=ok duration=0.1]],day
c10,be quick too [[sim outcomes=ok duration=0.1]],day
c2,fail once [[sim outcomes=fail duration=0.1]],day
EOF
"$AB" launch rows.csv --agent sim --jobs 0 --backoff 900:1:900 --detach >/dev/null 2>&1
batch=$(newest)
settled() { [ "$(json "$batch" '.counts|"\(.completed) \(.failed)"')" = "2 1" ]; }
waiting() { [ "$(json "$batch" '[.agents[]|select(.phase=="backoff")]|length')" = "$1" ]; }
ok "rows in all states" wait_for 30 settled
ok "and two that wait" wait_for 30 waiting 2

open_screen 120 40
type_line "clear; '$AB' monitor $batch; echo rc=\$?"
see "the order of states, told in the titles" '^  ID +STATE v +TRY .* 1-7 of 7  sort: state'

keys -l '<'
see "< sorts by the column before" '^  ID v +STATE +TRY .*sort: id'
is "c2 stands before c10" "$(screen | grep -oE '^[> ] c[0-9]+' | tr -d '> ' | tr '\n' ' ')" "c1 c2 c10 "
keys I
see "I turns it round" '^  ID \^ '
keys -l '>'
see "and > goes back to the state" 'sort: state'

keys -l '&state:backoff'
see "& keeps rows as it is typed" '1-2 of 2'
keys Enter
see "and says so" '^ &state:backoff'
see_no "others are not there" '^[> ] a1 '
keys g Space Space
see "Space tags" '^[> ]\*b1 '
see "as many as were tagged" '^ 2 tagged +&state:backoff'
keys Escape
see "Esc ends the filter" '1-7 of 7'
see "tags stay" '^[> ]\*b2 '
keys s
ok "s skips the wait of all that are tagged" wait_for 30 waiting 0
is "by one verb" "$(grep -c '"verb":"skip-wait"' "$AGENT_BATCHES_DIR/$batch/events.jsonl")" 1
keys U
see_no "U untags all" ' tagged'

keys -l '/lexer'
keys Enter
see "/ finds a row by what it shows" '^> a2 |/lexer'
keys Escape
keys -l ':c10'
keys Enter
see ":ID goes there" '^> c10 '

keys M
see "M switches the mouse on" 'mouse on'
is "the terminal knows" "$(tm display-message -p -t ui '#{mouse_any_flag}')" 1
press 5 "$(row_of '^[> ] a1 ')"
see "a click selects" '^> a1 '
press 5 "$(row_of '^> a1 ')"
see "a click on what is selected opens it" 'agent a1 sim'
keys q
see "back in the table" '^> a1 '
wheel down 5 6
see "the wheel goes three rows" "^> $(screen | grep -E '^[> ] [abc][0-9]+ ' | sed -n 4p | cut -c3- | cut -d' ' -f1) "
press 4 4
see "a click on a title sorts" 'sort: id'
label=$(screen | tail -1 | grep -bo 'p pause' | cut -d: -f1)
press $((label + 1)) 40
see "a click on a key presses it" ' PAUSED '
keys M
see "off again" 'mouse off'
is "and the terminal has it back" "$(tm display-message -p -t ui '#{mouse_any_flag}')" 0

tm set-option -s set-clipboard on
keys -l ':a2'
keys Enter
see "a2 is selected" '^> a2 '
keys c
see "c says what it copied" 'copied a2'
copied() { [ "$(tm show-buffer)" = "$1" ]; }
ok "and it is in the clipboard" wait_for 30 copied a2

keys l l
see "l scrolls columns away" '^  ID v +TIME +LAST CLASS'
keys h h
see "and h back" '^  ID v +STATE '
keys ?
see "help says of which view" '^ Help: overview'
keys -l '/jobs 12'
see "and is searched" '^ /jobs 12'
keys Enter Escape Escape
see "closed" '^> a2 '
keys =
see "= freezes, and says so" ' FROZEN '
keys =
see_no "and thaws" ' FROZEN '
keys -l ':q'
keys Enter
see ":q leaves" 'rc=0'
"$AB" ctl "$batch" cancel >/dev/null 2>&1
done_testing
