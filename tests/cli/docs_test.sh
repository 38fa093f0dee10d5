#!/bin/sh
# Manual pages and completions say what the program is: every command has its page, and every flag
# stands where it is looked for. What the pages show as examples: examples_test.sh.
. "$(dirname "$0")/../lib.sh"
TOP=$(cd "$TESTS/.." && pwd)
MAN=$TOP/man
BASH_SCRIPT=$TOP/share/completions/agent-batch.bash

# ---- pages ------------------------------------------------------------------

flags() { "$AB" help "$1" | sed -n 's/^ *\(-., \)\{0,1\}--\([a-z-]*\).*/\2/p'; }

commands=$("$AB" help --names)
ok "there are commands" [ "$(printf '%s\n' "$commands" | wc -l)" -gt 10 ]
for c in $commands; do
  [ "$c" = help ] && continue
  page=$MAN/agent-batch-$c.1
  ok "$c has a page" [ -e "$page" ]
  like "$c is listed in agent-batch(1)" "$(cat "$MAN/agent-batch.1")" "^\.It Xr agent-batch-$c 1$"
  missing=
  for f in $(flags "$c"); do
    grep -qE "Fl (.* , )?-$f( |\$)" "$page" || missing="$missing --$f"
  done
  is "every flag of $c is in its page" "$missing" ""
done
ok "launch's flags were looked for" [ "$(flags launch | wc -l)" -gt 20 ]
for page in "$MAN"/*.[15]; do
  missing=
  for x in $(sed -n 's/^\.\(It \)\{0,1\}Xr \(agent-batch[a-z-]*\) \([15]\).*/\2.\3/p' "$page"); do
    [ -e "$MAN/$x" ] || missing="$missing $x"
  done
  is "what ${page##*/} refers to is there" "$missing" ""
  if command -v mandoc >/dev/null; then
    is "${page##*/} is well-formed" "$(mandoc -T lint -W warning "$page" 2>&1)" ""
    is "${page##*/} fits into 80 columns" "$(mandoc -T ascii -O width=80 "$page" | sed "s,.$(printf '\b'),,g" | awk 'length($0) > 80')" ""
  else
    skip "${page##*/} is well-formed" "no mandoc"
  fi
done

# What an agent finds in its environment is what the page says.
printf 'task\n"env | sed -n ""s/^\(AGENT_BATCH_[A-Z_]*\)=.*/\\1/p"" | sort"\n' >"$T/env.csv"
"$AB" launch "$T/env.csv" --agent shell --no-tui >/dev/null 2>&1
is "agent-batch(1) names the variables that an agent gets" \
  "$(sed -n '/^An agent.s process gets/,/^\.Sh FILES/s/^\.It Ev \(AGENT_BATCH_[A-Z_]*\).*/\1/p' "$MAN/agent-batch.1" | sort | tr '\n' ' ')" \
  "$("$AB" logs 1 | grep '^AGENT_BATCH_' | tr '\n' ' ')"
rm -r "$AGENT_BATCHES_DIR"

# ---- completions ------------------------------------------------------------

for s in bash:agent-batch.bash zsh:_agent-batch fish:agent-batch.fish; do
  "$AB" help --completions "${s%%:*}" | cmp -s - "$TOP/share/completions/${s#*:}"
  is "share/completions/${s#*:} is up to date" "$?" 0
done
run "$AB" help --completions tcsh
is "a shell that is not known: exit 2" "$rc" 2
for s in zsh:_agent-batch fish:agent-batch.fish; do
  if command -v "${s%%:*}" >/dev/null; then
    ok "${s%%:*} reads its completions" "${s%%:*}" -n "$TOP/share/completions/${s#*:}"
  else
    skip "${s%%:*} reads its completions" "no ${s%%:*}"
  fi
done

if command -v fish >/dev/null; then
  # What fish would offer behind this line.
  fish_offers() { HOME=$T PATH=$B/bin:$PATH fish -c "source $TOP/share/completions/agent-batch.fish; complete -C '$1'" 2>/dev/null | cut -f1; }
  is "fish: a flag" "$(fish_offers 'agent-batch collect --out')" --outside
  is "fish: the agent that is summoned" "$(fish_offers 'agent-batch summon_agent she')" shell
  is "fish: a seed's name is its command" "$(fish_offers 'summon_agent --an')" --answer
else
  skip "fish's completions" "no fish"
fi

# What bash would offer behind these words, the last of which is being typed.
offers() {
  bash -c '. "$0"; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _agent_batch; echo "${COMPREPLY[*]}"' \
    "$BASH_SCRIPT" "$@" 2>&1
}
if command -v bash >/dev/null; then
  is "bash: commands" "$(offers agent-batch '')" "$(echo $commands) --help --version"
  is "bash: a beginning" "$(offers agent-batch sta)" status
  for c in $commands; do
    got=" $(offers agent-batch "$c" -) "
    missing=
    for f in $(flags "$c"); do
      case $got in *" --$f "*) ;; *) missing="$missing --$f" ;; esac
    done
    is "bash: every flag of $c" "$missing" ""
  done
  is "bash: words behind a flag" "$(offers agent-batch launch --leftovers '')" "kill keep"
  is "bash: --flag=word" "$(offers agent-batch launch --leftovers = k)" "kill keep"
  is "bash: classes, one after the other" "$(offers agent-batch launch --retry-on auth,con)" \
    "auth,config auth,context_overflow"
  is "bash: nothing for a number" "$(offers agent-batch launch --jobs '')" ""
  mkdir "$T/csv"
  touch "$T/csv/a.csv" "$T/csv/a.txt"
  is "bash: files for a flag that wants one" "$(cd "$T/csv" && offers agent-batch solve --attach '' | tr ' ' '\n' | grep -x a.csv)" a.csv
  is "bash: tasks files" "$(cd "$T/csv" && offers agent-batch check -j 4 '')" a.csv
  is "bash: profiles" "$(PATH=$B/bin:$PATH offers agent-batch launch --agent s)" "shell sim"
  is "bash: the agent that is summoned" "$(PATH=$B/bin:$PATH offers summon_agent -t 3 s)" "shell sim"
  is "bash: its task is the user's own" "$(PATH=$B/bin:$PATH offers agent-batch summon_agent sim s)" ""

  mkdir -p "$AGENT_BATCHES_DIR/batch-20260101-000000" "$T/other/batch-20260102-000000"
  ln -s batch-20260101-000000 "$AGENT_BATCHES_DIR/latest"
  printf '  "agents": [\n    {"id":"one","agent":"x"},\n    {"id":"$(touch${IFS}pwned)","agent":"x"}\n' \
    >"$AGENT_BATCHES_DIR/latest/manifest.json"
  is "bash: batches" "$(offers agent-batch status b)" batch-20260101-000000
  is "bash: batches of --dir" "$(offers agent-batch status --dir "$T/other" '')" batch-20260102-000000
  is "bash: ids of the newest batch" "$(offers agent-batch logs -f on)" one
  is "bash: ids of a batch that is named" "$(offers agent-batch ctl batch-20260101-000000 cancel on)" one
  is "bash: an id that is a command is quoted, and does not run" \
    "$(cd "$T" && offers agent-batch logs '$')/$(ls "$T" | grep pwned)" '\$\(touch\$\{IFS\}pwned\)/'
  is "bash: verbs" "$(offers agent-batch ctl batch-20260101-000000 s)" "skip-wait stop"
  is "bash: gate open" "$(offers agent-batch ctl gate '')" open
  is "bash: a seed's name is its command" "$(offers agent-batch-status --j)" --json
  rm -r "$AGENT_BATCHES_DIR"
else
  skip "bash completions" "no bash"
fi

done_testing
