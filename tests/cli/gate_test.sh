#!/bin/sh
# The rate gate with real processes, against a service with a limit on a local socket. What is
# asserted is how often it refused; how long it took is measured by tests/bench/gate.
. "$(dirname "$0")/../lib.sh"
limited=$B/tests/support/limited
[ -x "$limited" ] || { echo "Bail out! $limited is not built"; exit 2; }
export XDG_STATE_HOME="$T/state"
services=

# serve NAME KIND...: a service of that name
serve() {
  name=$1
  shift
  "$limited" serve "$T/$name.socket" "$@" &
  services="$services $!"
  wait_for 10 test -S "$T/$name.socket"
}
# launch NAME ROWS VERB SECONDS FLAGS...: agents that ask it; its exit status goes to NAME.rc
launch() {
  name=$1 rows=$2 verb=$3 secs=$4
  shift 4
  { echo task; seq "$rows"; } >"$T/$name.csv"
  "$AB" launch "$T/$name.csv" --dir "$T/$name" --no-tui \
    --agent-command "$limited $verb $T/$name.socket $secs {task}" "$@" >"$T/$name.out" 2>&1
  echo $? >"$T/$name.rc"
}
rc_of() { cat "$T/$1.rc"; }
served() { "$limited" count "$T/$1.socket" | cut -d' ' -f1; }
refused() { "$limited" count "$T/$1.socket" | cut -d' ' -f2; }
at_most() { [ "$1" -le "$2" ]; }
events() { cat "$T/$1"/batch-*/events.jsonl; }

serve rate rate 4 4 tells
serve shared rate 4 4 tells
serve at-once at-once 5
serve window window 40 3000 tells
serve usage usage 8 8000 tells
"$limited" use "$T/shared.socket" 1000 &
services="$services $!"
launch rate 60 ask 0 -j 16 &
launch shared 40 ask 0 -j 16 &
launch at-once 40 ask 1 -j 16 &
launch window 200 ask 0 -j 16 --auto-retry --max-retries 3 &
launch usage 40 ask-usage 0.3 -j 4 &
for name in rate shared at-once window usage; do
  wait_for 120 test -s "$T/$name.rc" || flunk "$name ends" "$(cat "$T/$name.out")"
done

is "4 a second: all completed" "$(rc_of rate) $(served rate)" "0 60"
ok "with at most 15 refused" at_most "$(refused rate)" 15
is "its pace was learned and journalled" \
  "$(events rate | jq -s 'map(select(.ev == "gate" and .pace > 0.1 and .pace < 0.6)) | length > 0')" true
is "beside somebody else: all completed" "$(rc_of shared) $(served shared)" "0 40"
ok "with at most 15 refused, too" at_most "$(refused shared)" 15

is "5 at once: all completed" "$(rc_of at-once) $(served at-once)" "0 40"
ok "no more than 15 were one too many" at_most "$(refused at-once)" 15
is "its width was learned and journalled" \
  "$(events at-once | jq -s 'map(select(.ev == "gate" and .state == "narrowed" and .width >= 1 and .width <= 15)) | length > 0')" true

is "a window of 40 in 3 s: all of 200 completed" "$(rc_of window) $(served window)" "0 200"
ok "within 3 cycles" at_most "$(ls -d "$T"/window/batch-* | wc -l)" 4

is "a usage limit: all completed" "$(rc_of usage) $(served usage)" "0 40"
ok "only those in flight met it" at_most "$(refused usage)" 4
is "it closed, one probed, it opened" \
  "$(events usage | jq -r 'select(.ev == "gate") | .state' | uniq | tr '\n' ' ')" "closed probing open "
is "one started until it opened" "$(events usage | jq -s '
  (map(.ev == "gate" and .state == "closed") | index(true)) as $from |
  (map(.ev == "gate" and .state == "open") | index(true)) as $to |
  .[$from:$to] | map(select(.ev == "start")) | length')" 1
is "no row has lost an attempt" \
  "$(events usage | jq -s 'map(select(.ev == "verdict" and .class == "usage_limit" and .charged)) | length')" 0
is "and status knows" "$("$AB" status --dir "$T/usage" --json | jq -c '[.agents[].charged] | unique')" "[1]"
like "it was said until when" "$(cat "$T/usage.out")" 'limit .*closed'

# Two batches on one account: the second hears of the limit that the first one has met.
serve both usage 6 6000 tells
{ echo task; seq 20; } >"$T/both.csv"
ask="$limited ask-usage $T/both.socket 0.2 {task}"
"$AB" launch "$T/both.csv" --dir "$T/first" --no-tui -j 4 --agent-command "$ask" >"$T/first.out" 2>&1 &
first=$!
has_closed() { grep -q '"state":"closed"' "$T/first"/batch-*/events.jsonl; }
ok "the first meets its limit" wait_for 30 has_closed
before=$(refused both)
"$AB" launch "$T/both.csv" --dir "$T/second" --no-tui -j 4 --agent-command "$ask" >"$T/second.out" 2>&1
is "the second completes" "$?" 0
wait $first
is "and so does the first" "$?" 0
is "what it took over is journalled before any start" \
  "$(events second | jq -rs 'map(select(.ev == "gate" or .ev == "start")) | .[0] | .state')" closed
ok "both together were hardly refused any more" at_most "$(refused both)" $((before + 3))
is "files are the user's own" \
  "$(stat -c %a "$T/state/agent-batch" "$T/state/agent-batch/gates" "$T/state/agent-batch/gates"/*.json | sort | uniq | tr '\n' ' ')" "600 700 "

# Whatever stands there, and where nothing can: batches run.
for f in "$T/state/agent-batch/gates"/*.json; do head -c 200000 /dev/urandom >"$f"; done
printf 'task\n1\n' >"$T/one.csv"
run "$AB" launch "$T/one.csv" --dir "$T/garbage" --no-tui --agent-command "$ask"
is "garbage is no hint" "$rc" 0
run env XDG_STATE_HOME=/dev/null "$AB" launch "$T/one.csv" --dir "$T/nowhere" --no-tui --agent-command "$ask"
is "without a place for hints batches run" "$rc" 0
is "which is said once" "$(grep -c 'limits are not shared' "$T/nowhere"/batch-*/logs/log.txt)" 1

# Simulated limits, and those of shell tasks, are no hint to anybody.
rm -rf "$T/state"
echo "echo 'HTTP 429 Too Many Requests. retry-after: 60'; exit 1" >"$T/limits"
printf 'agent,task\nsim,[[sim outcomes=429 retry-after=60]]\nshell,. %s/limits\n' "$T" >"$T/own.csv"
"$AB" launch "$T/own.csv" --dir "$T/own" --detach --attempts 2 >/dev/null 2>&1
both_closed() { [ "$(grep -c '"state":"closed"' "$T"/own/batch-*/events.jsonl)" = 2 ]; }
ok "both are limited" wait_for 30 both_closed
is "and nobody else is told" "$(ls "$T/state/agent-batch/gates" | grep -c json)" 0
"$AB" ctl "$T"/own/batch-* cancel >/dev/null 2>&1

# A wrong key, in a batch of 1,000.
cat >"$T/wrong-key" <<'SH'
#!/bin/sh
echo "$1" >>"$0.ran"
[ -e "$0.mended" ] && exit 0
echo 'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'
exit 1
SH
chmod +x "$T/wrong-key"
{ echo task; seq 1000; } >"$T/key.csv"
run "$AB" launch "$T/key.csv" --no-tui -j 8 --agent-command "$T/wrong-key {task}"
is "a wrong key: stopped" "$rc" 3
ok "at most -j agents were started" at_most "$(wc -l <"$T/wrong-key.ran")" 8
nr=$(wc -l <"$T/wrong-key.ran")
like "it says what to do" "$out$err" 'put that right, then resume'
like "and that those it ended run again" "$out$err" "the $nr that it ended runs? again, too"
like "by which command" "$out$err" 'carry on with agent-batch resume batch-'
touch "$T/wrong-key.mended"
run "$AB" resume --no-tui
is "mended and resumed, every row completes" "$rc" 0
is "those that met the wrong key ran twice" "$(wc -l <"$T/wrong-key.ran")" $((1000 + nr))

# Where every row has met it there is nothing to resume.
rm "$T/wrong-key.mended" "$T/wrong-key.ran"
{ echo task; echo 1; } >"$T/sole.csv"
run "$AB" launch "$T/sole.csv" --no-tui -j 8 --agent-command "$T/wrong-key {task}"
is "every row ended by it: over" "$rc" 1
run "$AB" resume --no-tui
like "resume names what runs them again" "$err" "'agent-batch retry batch-.* --launch'"

# Opening the gate by hand is acting, too.
printf '#!/bin/sh\n[ "$1" = 1 ] && exec sleep 30\nexec "%s" "$1"\n' "$T/wrong-key" >"$T/slow-one"
chmod +x "$T/slow-one"
{ echo task; seq 6; } >"$T/six.csv"
batch=$("$AB" launch "$T/six.csv" --detach -j 2 --agent-command "$T/slow-one {task}" 2>/dev/null)
closed() { grep -q '"state":"closed"' "$batch/events.jsonl" && grep -q '"status":"failed"' "$batch/events.jsonl"; }
ok "one runs on, the other met the wrong key" wait_for 30 closed
touch "$T/wrong-key.mended"
run "$AB" ctl "$batch" gate open command
like "ctl gate open" "$out" 'gate of command opened, 1 agent tried again'
five_done() { [ "$("$AB" status "$batch" --json | jq .counts.completed)" = 5 ]; }
ok "it completes with the others" wait_for 30 five_done
"$AB" ctl "$batch" cancel >/dev/null 2>&1

# shellcheck disable=SC2086
kill $services
done_testing
