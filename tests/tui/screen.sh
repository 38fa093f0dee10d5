# What tests of the screen in tmux share; source it behind tests/lib.sh. A server of its own, on a
# socket in the test's folder; cleanup knows it by its environment.
#
#   open_screen COLS ROWS     a shell in a terminal of that size
#   keys ARG...               as tmux send-keys has them
#   type_line LINE            to the shell in the pane
#   see NAME REGEX            until the screen has it; a failure prints the screen
#   see_no NAME REGEX
#   press COL ROW, wheel up|down COL ROW   the mouse, from 1

command -v tmux >/dev/null || { skip "the screen in tmux" "no tmux here"; done_testing; exit 0; }
TERM=tmux-256color
infocmp "$TERM" >/dev/null 2>&1 || TERM=screen-256color
export TERM

tm() { tmux -S "$T/tmux" -f /dev/null "$@"; }
keys() { tm send-keys -t ui "$@"; }
screen() { tm capture-pane -p -t ui; }
shows() { screen | grep -qE -- "$1"; }
hides() { ! shows "$1"; }
see() {
  if wait_for 30 shows "$2"; then pass "$1"; else flunk "$1" "wanted: /$2/" "$(screen)"; fi
}
see_no() {
  if wait_for 30 hides "$2"; then pass "$1"; else flunk "$1" "unwanted: /$2/" "$(screen)"; fi
}
type_line() { keys -l "$1"; keys Enter; }
open_screen() {
  tm new-session -d -s ui -x "$1" -y "$2" "env PS1='ready\$ ' sh -i"
  tm set-option -s escape-time 0
  see "a shell is there" 'ready\$'
}

# As xterm tells it of old: ESC [ M, then button, column and row behind an offset of 32.
mouse() { keys -l "$(printf "\\033[M\\$(printf %o $((32 + $1)))\\$(printf %o $((32 + $2)))\\$(printf %o $((32 + $3)))")"; }
press() { mouse 0 "$1" "$2"; mouse 3 "$1" "$2"; }
wheel() { if [ "$1" = up ]; then mouse 64 "$2" "$3"; else mouse 65 "$2" "$3"; fi; }
# The row of the screen (from 1) that has it.
row_of() { screen | grep -nE -- "$1" | head -1 | cut -d: -f1; }
