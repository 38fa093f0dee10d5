# What the fault tests share beside tests/lib.sh; source it second.
#
# An agent says itself how often it ran: a task that begins with ". ./ran" appends one line,
# "CYCLE ID ATTEMPT", to $COUNT. What agent-batch prints about it proves nothing.

cd "$T" || exit 2
COUNT=$T/count
export COUNT
: >"$COUNT"
cat >ran <<'X'
printf '%s %s %s\n' "$AGENT_BATCH_CYCLE" "$AGENT_BATCH_ID" "$AGENT_BATCH_ATTEMPT" >>"$COUNT"
X

# A passing trouble, said by a file: what the task itself says is no sign of any.
echo "echo 'HTTP 503 Service Unavailable'; exit 1" >trouble

# The pid that leads DIR by its journal.
conductor() { sed -n 's/.*"ev":"batch".*"pid":\([0-9]*\).*/\1/p' "$1/events.jsonl" | tail -1; }
# Gone, or a zombie that nobody has fetched yet, with no thread left that still waits for the disk.
is_gone() {
  [ ! -e "/proc/$1" ] ||
    { grep -q '^State:[[:space:]]*Z' "/proc/$1/status" && [ "$(ls "/proc/$1/task" | wc -l)" -le 1 ]; }
}
# kill_conductor DIR: as a crash does, and waits until it is gone
kill_conductor() {
  victim=$(conductor "$1")
  kill -9 "$victim" 2>/dev/null
  wait_for 5 is_gone "$victim"
}
agent_pid() { jq -r 'select(.ev == "start") | .pid' "$1/attempts/$2.jsonl"; } # DIR ID.N
state_is() { [ "$(json "$1" .state)" = "$2" ]; }
of_agent() { json "$1" ".agents[] | select(.id == \"$2\") | .$3"; } # DIR ID FIELD
phase_is() { [ "$(of_agent "$1" "$2" phase)" = "$3" ]; }
status_is() { [ "$(of_agent "$1" "$2" status)" = "$3" ]; }
# What the agents counted, sorted; and what of it happened twice.
ran() { sort "$COUNT" | tr '\n' ','; }
twice() { sort "$COUNT" | uniq -d | tr '\n' ','; }
# journal DIR FILTER: of the lines that are JSON
journal() { jq -rR "fromjson? | $2" "$1/events.jsonl"; }
