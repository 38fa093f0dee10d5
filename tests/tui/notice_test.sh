#!/bin/sh
# What reaches somebody who does not look: title, bell and notices, as bytes to the terminal.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/screen.sh"
cd "$T" || exit 2

cat >night.csv <<'EOF'
id,task
a,"wait [[sim outcomes=ok duration=1]]"
b,"fail [[sim outcomes=fail duration=0.2]]"
EOF
tell() { LC_ALL=C grep -caP "$1" "$T/bytes"; }
# How often, also within a line.
count() { LC_ALL=C grep -oaP "$1" "$T/bytes" | wc -l | tr -d ' '; }

open_screen 100 30
tm set-option -g bell-action none
tm pipe-pane -t ui "cat >'$T/bytes'"
type_line "clear; '$AB' launch night.csv --agent sim --notify-term osc9"
see "the run ends with a failure" ' FAILED +up '
see "and what failed is shown to who touched no key" '^  AGENTS '
ok "osc9 tells of it" wait_for 30 tell '\x1b\]9;night\.csv: ended, 1 of 2 completed, 1 failed\x07'
is "once" "$(count '\x1b\]9;')" 1
is "the bell rings once" "$(LC_ALL=C sed 's/\x1b\][^\x07]*\x07//g' "$T/bytes" | LC_ALL=C grep -oaP '\x07' | wc -l | tr -d ' ')" 1
ok "the title says so" tell '\x1b\]2;agent-batch 1/2 1 fail\x07'
keys q
see "q goes back to the table" 'LAST LINE'
keys q
see "left" 'FAILED  b '

: >"$T/bytes"
printf 'id,task\nk,"no key [[sim outcomes=auth duration=0.2]]"\nw,"[[sim outcomes=ok duration=300]]"\n' >key.csv
type_line "clear; '$AB' launch key.csv --agent sim --notify-term osc777 --jobs 2"
ok "osc777 tells who is needed" wait_for 30 tell '\x1b\]777;notify;agent-batch;key\.csv: sim needs you'
is "and nothing of an end" "$(count 'key\.csv: (done|ended)')" 0
keys q
see "left, it runs" 'still running'
"$AB" ctl cancel >/dev/null 2>&1

: >"$T/bytes"
printf 'id,task\nq,"[[sim outcomes=ok duration=0.5]]"\n' >quiet.csv
type_line "clear; '$AB' launch quiet.csv --agent sim"
see "without the option" ' DONE +up '
is "no notice is sent" "$(count '\x1b\](9|777);')" 0
keys q
run "$AB" monitor --notify-term osc8
is "what is none is refused" "$rc" 2
done_testing
