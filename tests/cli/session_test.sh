#!/bin/sh
# A retry goes on with the agent's own session, where its profile can.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
events() { jq -r "$2" "$AGENT_BATCHES_DIR/$1/events.jsonl"; }

# Tells a session and fails as the file `fails` says, a class a line, until that is used up.
cat >agent.sh <<'SH'
echo "$AGENT_BATCH_CYCLE.$AGENT_BATCH_ATTEMPT: $*" >>calls
why=$(head -1 fails)
sed -i 1d fails
result() { echo '{"type":"result","subtype":"'"$1"'","is_error":'"$2"',"session_id":"s-'"$AGENT_BATCH_ATTEMPT"'","result":"'"$3"'"}'; }
case $why in
limit) result success true 'API Error: 529 {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}'; exit 1 ;;
turns) result error_max_turns true ''; exit 1 ;;
gone) echo "unknown session $2"; exit 1 ;;
error) result success true 'I could not do it'; exit 1 ;;
*) result success false done ;;
esac
SH
mkdir -p "$HOME/.config/agent-batch/profiles"
cat >"$HOME/.config/agent-batch/profiles/resumer.json" <<'JSON'
{"command": ["sh", "agent.sh", "{resume}", "work"], "resume": ["--resume", "{session}"],
 "task": "stdin", "patterns": [{"class": "config", "regex": "^unknown session"}]}
JSON
printf 'id,task\na,do it\n' >tasks.csv
launch() {
  rm -f calls
  printf '%s\n' "$1" | tr ' ' '\n' >fails
  shift
  run "$AB" launch tasks.csv --agent resumer --backoff 0.05:1:1 "$@"
}

launch "limit turns ok"
is "the third try succeeds" "$rc" 0
is "each goes on with the session before" "$(tr '\n' ';' <calls)" \
  "0.1: work;0.2: --resume s-1 work;0.3: --resume s-2 work;"
is "the journal names it" "$(events "$(newest)" 'select(.ev == "start") | .session // "-"' | tr '\n' ' ')" "- s-1 s-2 "
launch "limit ok" --fresh-session
is "--fresh-session starts over" "$rc/$(tail -1 calls)" "0/0.2: work"
launch "turns ok" --fresh-session
is "and then turns are not tried again" "$rc/$(wc -l <calls)" 1/1
launch "limit gone ok"
is "an unknown session: it starts over" "$rc/$(tr '\n' ';' <calls)" \
  "0/0.1: work;0.2: --resume s-1 work;0.3: work;"
is "the try that met it is not charged" "$(events "$(newest)" 'select(.ev == "verdict") | .charged' | tr '\n' ' ')" "true false true "
launch "limit gone ok" --attempts 2
is "so that the last charged one is still there" "$rc" 0
launch "error ok" --auto-retry
is "after a task error nothing is gone on with" "$rc/$(tail -1 calls)" "0/1.1: work"
launch "limit ok" --auto-retry --attempts 1
is "over cycles it goes on, too" "$rc/$(tail -1 calls)" "0/1.1: --resume s-1 work"

# Of two accounts the next cycle goes on where the session is, though that is not the first in turn.
mkdir -p "$HOME/.config/agent-batch"
cat >"$HOME/.config/agent-batch/config.json" <<'JSON'
{"accounts": {"resumer": {"one": {"WHO": {"value": "one"}}, "two": {"WHO": {"value": "two"}}}}}
JSON
printf 'id,task,priority\nfirst,do it,1\na,do it,0\n' >two.csv
printf '%s\n' ok limit ok >fails
cat >"$T/waits.sh" <<'SH'
# The first row ends when the second has begun, on the other account.
[ "$AGENT_BATCH_ID" != first ] || while [ ! -e second ]; do sleep 0.02; done
[ "$AGENT_BATCH_ID" = first ] && { echo '{"type":"result","subtype":"success","is_error":false,"result":"done"}'; exit 0; }
touch second
SH
: >calls
sed 's/"agent.sh"/"-c", ". .\/waits.sh; . .\/agent.sh", "x"/' "$HOME/.config/agent-batch/profiles/resumer.json" >p &&
  mv p "$HOME/.config/agent-batch/profiles/resumer.json"
echo limit >fails
run "$AB" launch two.csv --agent resumer --no-tui -j 2 --auto-retry --attempts 1 --backoff 0.05:1:1
last=$(newest)
is "two accounts: the next cycle starts on the one that has the session" \
  "$rc $(events "$last" 'select(.ev == "start") | .account + " " + (.session // "-")')" "0 resumer/two s-1"
rm -f "$HOME/.config/agent-batch/config.json"
sed -i 's/"-c", ". .\/waits.sh; . .\/agent.sh", "x"/"agent.sh"/' "$HOME/.config/agent-batch/profiles/resumer.json"

rm -f calls
echo limit >fails
run "$AB" launch tasks.csv --agent resumer --agent-command 'sh agent.sh own' --backoff 0.05:1:1
is "a command of one's own is not the profile's" "$rc/$(tail -1 calls)" "0/0.2: own"

# A program that tells what its whole session used.
cat >sums.sh <<'SH'
case $1 in --resume) ;; *) rm -f used ;; esac
used=$(($(cat used 2>/dev/null || echo 0) + 100))
echo $used >used
turn() { echo '{"type":"turn.'"$1"'","usage":{"input_tokens":'$used',"output_tokens":'$((used / 10))'}}'; }
echo '{"type":"thread.started","thread_id":"t-1"}'
why=$(head -1 fails)
sed -i 1d fails
echo "$*" >>calls
[ "$why" = ok ] && { echo '{"type":"item.completed","item":{"type":"agent_message","text":"done"}}'; turn completed; exit 0; }
turn completed
echo '{"type":"turn.failed","error":{"message":"429 Too Many Requests"}}'
exit 1
SH
cat >"$HOME/.config/agent-batch/profiles/resumer.json" <<'JSON'
{"command": ["sh", "sums.sh", "{resume}", "work"], "resume": ["--resume", "{session}"],
 "task": "stdin", "usage": "session"}
JSON
tokens() { jq -s -c '[.[] | select(.ev == "verdict") | [.tokens_in, .tokens_out]]' "$AGENT_BATCHES_DIR"/$1/events.jsonl; }
launch "limit limit ok"
is "each attempt is told what it used itself" "$(tokens "$(newest)")" "[[100,10],[100,10],[100,10]]"
launch "limit ok" --auto-retry --attempts 1
is "over cycles, too" "$(tokens "$(newest)")" "[[100,10]]"
launch "limit limit ok" --fresh-session
is "afresh there is nothing to take off" "$(tokens "$(newest)")" "[[100,10],[100,10],[100,10]]"
done_testing
