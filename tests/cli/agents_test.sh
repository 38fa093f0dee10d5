#!/bin/sh
# Each profile that comes along, through a real batch, against a stand-in that behaves as the program
# was measured to (tests/support/standin.sh): where its text goes, what it exits with, what it says of
# its errors, its silence, its signals.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
agents='claude codex gemini qwen opencode aider goose cursor copilot grok amp llm pi cn'
mkdir bin
for a in $agents; do
  case $a in cursor) p=cursor-agent ;; *) p=$a ;; esac
  ln -s "$TESTS/support/standin.sh" "bin/$p"
done
PATH=$T/bin:$PATH
export PATH

# FILE WORD: a row for each agent (but those behind) whose task is "do WORD".
rows() {
  f=$1 w=$2
  shift 2
  echo 'id,task,agent,model,max_turns,output_file' >"$f"
  for a in $agents; do
    case " $* " in *" $a "*) continue ;; esac
    echo "$a,do $w,$a,m-1,5,out/$a.txt" >>"$f"
  done
}
of() { jq -r --arg id "$1" ".agents[] | select(.id == \$id) | $2" "$results"; }
find_results() { results=$AGENT_BATCHES_DIR/latest/results.json; }

# ---- all goes well ----
rows ok.csv ok
run "$AB" launch ok.csv --no-tui --attempts 1
is "all succeed: exit 0" "$rc" 0
[ "$rc" = 0 ] || echo "# $out $err"
find_results
for a in $agents; do
  case $a in cursor) p=cursor-agent ;; *) p=$a ;; esac
  is "$a: the answer is in its output file" "$(cat "out/$a.txt")" "$p did: do ok"
  is "$a: and in the results" "$(of "$a" .answer)" "$p did: do ok"
  case $a in
  cursor|copilot|grok|cn) ;; # they tell no tokens
  *) is "$a: its tokens are told" "$(of "$a" '[.tokens_in, .tokens_out] | map(tostring) | join("/")')" 100/10 ;;
  esac
done
is "the same with --unattended" "$("$AB" launch ok.csv --no-tui --attempts 1 --unattended >/dev/null 2>&1; echo $?)" 0

# ---- limited, and locked out: whatever the program exits with ----
rows limit.csv limit cn
run "$AB" launch limit.csv --no-tui --attempts 1
is "limited: exit 1" "$rc" 1
find_results
for a in $agents; do
  [ $a = cn ] || is "$a: limited" "$(of "$a" .class)" rate_limit
done
rows key.csv key
run "$AB" launch key.csv --no-tui --attempts 1
is "locked out: exit 1" "$rc" 1
find_results
for a in $agents; do
  is "$a: locked out" "$(of "$a" .class)" auth
  [ -e "out/$a.txt" ] || flunk "$a: an earlier output is left alone"
done

# ---- silence and signals ----
printf 'id,task,agent\na,do limit,cn\nb,do hang,gemini\nc,do hang,grok\n' >hang.csv
run "$AB" launch hang.csv --no-tui --attempts 1 --stall 1 --grace 0.3
is "silent and stuck: exit 1" "$rc" 1
find_results
for a in a b c; do
  is "$a: a status 0 behind our TERM is no success" "$(of $a .class)" timeout
done
is "nothing of them is left" "$(pgrep -f "child of $T" | wc -l)" 0
printf 'id,task,agent\na,do silence,opencode\nb,do silence,qwen\n' >silence.csv
run "$AB" launch silence.csv --no-tui --attempts 1 --stall 1 --grace 0.3
find_results
is "who waits by itself is not stalled" "$(of a .class)" success
is "another one is" "$(of b .class)" timeout
done_testing
