#!/bin/sh
# summon_agent: one agent in the foreground.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
SUMMON=$B/bin/summon_agent

run "$SUMMON" shell 'printf "a\033[31mb\n"; echo "$AGENT_BATCH_ID"; printf end'
is "it completed" "$rc" 0
is "its output byte for byte, and nothing else" "$(od -c "$T/.out" | tr -s ' ' | sed 's/^[0-9]* //' | tr -d '\n')" \
  "$(printf 'a\033[31mb\nshell\nend' | od -c | tr -s ' ' | sed 's/^[0-9]* //' | tr -d '\n')"
like "how it ended is on stderr" "$err" "^agent-batch: completed after 1 attempt, .*, $(newest)$"
is "a batch of one is underneath" "$(json "$(newest)" '[.agents[].id, .counts.completed] | join(" ")')" "shell 1"

run "$SUMMON" --backoff 0.2:1:1 sim 'fix it [[sim outcomes=500,429,ok retry-after=0.3 duration=0.1 lines=2]]'
is "layer 1: it is tried again" "$rc" 0
is "every attempt's output came, in order" "$(printf '%s\n' "$out" | grep -c '"type":"result"')" 3
unlike "without the log's marks" "$out" '=== attempt'
like "why, and when again" "$err" "attempt 1: transient: .*; again in 0:01"
like "and again" "$err" "attempt 2: rate_limit: "
like "in all" "$err" "completed after 3 attempts"
run "$SUMMON" --answer sim 'fix it [[sim duration=0]]'
is "--answer: only that" "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 1
unlike "as text" "$out" '^{'

run "$SUMMON" shell 'echo no; exit 3'
is "it failed: exit 1" "$rc" 1
like "with the class" "$err" "attempt 1: task_error"
like "and how to try again" "$err" "agent-batch retry $(newest) --launch"
run "$AB" logs "$(newest)" shell
like "its log is a log" "$out" '^no$'

mkdir sub
run "$SUMMON" -c sub -m large -t 7 shell 'pwd; echo x'
is "-c is its directory" "$(printf '%s\n' "$out" | head -1)" "$T/sub"
is "-m and -t are in the row" "$(sed -n 2p "$AGENT_BATCHES_DIR/$(newest)/tasks.csv")" "shell,shell,pwd; echo x,7,large,sub"
printf 'echo "one, ""two"\necho three' >task
"$SUMMON" shell - <task >got 2>/dev/null
is "a task from stdin, with everything in it" "$(cat got)" 'one, two
three'
is "a task that looks like an option" "$("$SUMMON" shell -- '-x' 2>&1 >/dev/null | grep -c "task_error\|config")" 1

run "$SUMMON" shell
is "no task: exit 2" "$rc" 2
run "$SUMMON" nosuch 'x'
is "no such profile: exit 2" "$rc" 2
like "it is named, and no place in a file" "$err" "^agent-batch: summon_agent: unknown profile 'nosuch'"
run "$SUMMON" -c nowhere shell x
is "no such directory: exit 2" "$rc" 2
run "$SUMMON" -t 0 shell x
is "no turns: exit 2" "$rc" 2
is "nothing was started" "$(nr_batches)" 7

# INT cancels; a hangup leaves it running.
"$SUMMON" --grace 0.2 shell 'echo begun; sleep 60' >out 2>err &
pid=$!
wait_for 30 grep -q begun out
kill -INT $pid
wait $pid
is "INT cancels it: exit 3" "$?" 3
is "it was" "$(json "$(newest)" .counts.cancelled)" 1
"$SUMMON" shell 'echo begun; until test -e go; do sleep 0.05; done' >out 2>err &
pid=$!
wait_for 30 grep -q begun out
kill -HUP $pid
wait $pid
is "a hangup leaves it: exit 6" "$?" 6
touch go
timeout 30 "$AB" wait "$(newest)"
is "and it ends by itself" "$?" 0

# On a terminal what it prints is harmless, and JSON is text.
if command -v script >/dev/null; then
  printf 'printf "\\033]0;pwned\\007ok\\n"; echo "{\\"type\\":\\"result\\",\\"result\\":\\"said it\\"}"' >task
  script -qec "$SUMMON shell - <task" typescript </dev/null >/dev/null 2>&1
  unlike "no title is set (S1)" "$(tr -d '\0' <typescript)" "$(printf '\033')]0"
  like "the text is there" "$(cat typescript)" 'ok'
  like "a JSON line is readable" "$(cat typescript)" '^result: said it'
else
  skip "on a terminal" "no script(1)"
fi
done_testing
