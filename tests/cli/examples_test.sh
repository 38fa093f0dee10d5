#!/bin/sh
# Every example of the manual pages, the README and the guides runs and prints what they show. How
# each is marked: tests/support/examples.awk. One without a mark fails; those that are not run are
# counted and listed.
. "$(dirname "$0")/../lib.sh"
TOP=$(cd "$TESTS/.." && pwd)
if ! command -v jq >/dev/null; then
  skip "examples" "no jq"
  done_testing
  exit
fi

# As a reader has it: the program on the PATH, and agents beside it (stand-ins, which say what they
# were asked); a desktop that takes messages.
mkdir "$T/bin" "$T/examples"
for a in claude codex opencode qwen; do ln -s "$TESTS/support/standin.sh" "$T/bin/$a"; done
printf '#!/bin/sh\nprintf "%%s\\n" "$*" >>"%s/messages"\n' "$T" >"$T/bin/notify-send"
chmod +x "$T/bin/notify-send"
ln -s notify-send "$T/bin/mail"
PATH=$B/bin:$T/bin:$PATH
export AGENT_BATCHES_DIR="$HOME/agent-batches"

# Some tasks, and a run that has ended: what most pages speak of.
prepare() {
  rm -rf "$T/play" "$HOME/.config"
  mkdir -p "$T/play"
  cd "$T/play" || exit 2
  printf 'id,task\nkernel,uname -sr\nflaky,test -e ready || { touch ready; exit 1; }\nbroken,ls /no/such/place\n' >tasks.csv
  case $1 in
  agent-batch-ctl.1)
    printf 'id,task\nslow,sleep 60\nother,sleep 60\n' >slow.csv
    "$AB" launch slow.csv --agent shell --grace 0.2 --detach >/dev/null 2>&1
    wait_for 10 sh -c "\"$AB\" status --json | jq -e '.counts.in_progress == 2'"
    ;;
  *.md | agent-batch-launch.1) ;;
  *) "$AB" launch tasks.csv --agent shell --auto-retry --max-retries 1 >/dev/null 2>&1 ;;
  esac
}

finish() {
  "$AB" ctl cancel >/dev/null 2>&1
  timeout 20 "$AB" wait >/dev/null 2>&1
}

# perform NAME TEXT STATUS: what it prints is in $T/printed
perform() {
  timeout 120 sh -c "$2" >"$T/printed" 2>&1 </dev/null
  rc=$?
  title=$(printf '%s\n' "$1" | tr -d '\\') # echo would obey it
  if [ "$rc" = "$3" ]; then
    pass "$title"
  else
    flunk "$title" "exit $rc, not $3" "$(tail -n 20 "$T/printed")"
  fi
}

compare() {
  if difference=$(awk -f "$TESTS/support/same_text.awk" "$T/text" "$T/printed"); then
    pass "$1"
  else
    flunk "$1" "$difference" "all that is printed:" "$(cat "$T/printed")"
  fi
}

put_file() {
  path=$1
  case $path in '~/'*) path=$HOME/${path#'~/'} ;; esac
  mkdir -p "$(dirname "$path")" && cp "$T/text" "$path"
}

# The same line need not run twice, unless what it prints is looked at: the demo takes its time.
is_seen() {
  case $next_mark in output) return 1 ;; esac
  for seen in "$T"/seen.*; do cmp -s "$seen" "$T/text" && return 0; done
  cp "$T/text" "$T/seen.$nr_tests"
  return 1
}

meet() { # DOC MARK: the display is $T/text
  first=$(head -n 1 "$T/text")
  case $2 in
  run\ if\ *)
    if ! command -v "${2#run if }" >/dev/null; then
      skip "$1: $first" "no ${2#run if }"
    else
      perform "$1: $first" "$(cat "$T/text")" 0
    fi ;;
  run*) is_seen || { status=${2#run}; perform "$1: $first" "$(cat "$T/text")" $((${status:-0})); } ;;
  output) compare "$1: what is printed: $first" ;;
  output\ of\ *)
    sh -c "${2#output of }" >"$T/printed" 2>&1 </dev/null
    compare "$1: what is printed: $first" ;;
  file\ *) put_file "${2#file }" ;;
  form) ;;
  try\ *) perform "$1: (not shown) ${2#try }" "${2#try }" 0 ;;
  not\ run:*) printf '%s: %s\t%s\n' "$1" "$first" "${2#not run: }" >>"$T/not_run" ;;
  none) flunk "$1: a display has a mark" "$first" ;;
  escape*) flunk "$1: roff shows a line as it is typed" "$2" ;;
  esac
}

: >"$T/not_run"
for doc in ${EXAMPLES_OF:-"$TOP/README.md" "$TOP"/share/doc/*.md "$TOP"/man/*.[15]}; do
  name=${doc##*/}
  awk -v prefix="$T/examples/$name" -f "$TESTS/support/examples.awk" "$doc"
  set -- "$T/examples/$name".*
  [ -e "$1" ] || continue
  prepare "$name"
  while [ $# -gt 0 ]; do
    mark=$(head -n 1 "$1") next_mark=
    [ $# -lt 2 ] || next_mark=$(head -n 1 "$2")
    tail -n +2 "$1" >"$T/text"
    meet "$name" "$mark"
    shift
  done
  finish
done
[ ! -e "$T/messages" ] || like "a message on the desktop has its words" "$(cat "$T/messages")" '^agent-batch .*[a-z]'
nr=$(ls "$T/examples" | wc -l)
[ -n "${EXAMPLES_OF:-}" ] || ok "there are examples ($nr)" [ "$nr" -gt 80 ]
while IFS='	' read -r example why; do skip "not run: $example" "$why"; done <"$T/not_run"
pass "$(wc -l <"$T/not_run" | tr -d ' ') of them are not run"
done_testing
