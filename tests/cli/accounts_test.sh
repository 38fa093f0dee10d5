#!/bin/sh
# Accounts: several keys for one profile, with stand-in agents that say which one they got (never
# the key itself) and are limited, wrong or slow by key.
. "$(dirname "$0")/../lib.sh"
export XDG_STATE_HOME="$T/state" XDG_CONFIG_HOME="$T/config"
mkdir -p "$T/config/agent-batch" "$T/keys" "$T/at"
config() { cat >"$T/config/agent-batch/config.json"; }
hash() { printf %s "$1" | sha256sum | cut -c1-12; }

# The agent: $KEY's hash goes to its log and to $T/ran, a line a start; what the key's file says
# happens: "limited SECS", "wrong", "hold" (until it is said no more), or nothing.
cat >"$T/agent" <<'SH'
#!/bin/sh
key=$(printf %s "${THE_KEY-}" | sha256sum | cut -c1-12)
echo "key $key config ${THE_DIR-none} source ${WORK_KEY-hidden} ${HOME_KEY-hidden}"
echo "$AGENT_BATCH_ID $key" >>"$STANDIN/ran"
while read -r does secs <"$STANDIN/at/$key" && [ "$does" = hold ]; do sleep 0.05; done 2>/dev/null
case ${does-} in
  limited) echo "API Error: 429 {\"error\":{\"type\":\"rate_limit_error\"}} retry-after: $secs"; exit 1 ;;
  usage) echo "Claude AI usage limit reached|$(($(date +%s) + secs))"; exit 1 ;;
  wrong) echo 'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'; exit 1 ;;
  told) echo "API Error: 401 {\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"Incorrect API key provided: $THE_KEY\"}}"; exit 1 ;;
esac
sleep "${1:-0}"
echo "done"
SH
chmod +x "$T/agent"
export STANDIN="$T"
work=dummy-work-5f3a home=dummy-home-91c7 file=dummy-file-77e2
export WORK_KEY=$work HOME_KEY=$home
W=$(hash $work) H=$(hash $home) F=$(hash $file)
printf '%s\n' "$file" >"$T/keys/ci"
chmod 600 "$T/keys/ci"
config <<END
{"accounts": {
  "claude": {
    "work": {"THE_KEY": {"from": "WORK_KEY"}, "THE_DIR": {"value": "~/work-dir"}},
    "home": {"THE_KEY": {"from": "HOME_KEY"}},
    "ci": {"THE_KEY": {"file": "$T/keys/ci"}}},
  "codex": {"one": {"THE_KEY": {"from": "HOME_KEY"}}}}}
END
tasks() { { echo id,task; seq "$1" | sed 's/.*/a&,do &/'; } >"$T/tasks.csv"; }
# go NAME FLAGS...: a batch of claude's rows, in a directory of its own
go() {
  name=$1
  shift
  rm -f "$T/ran"
  run "$AB" launch "$T/tasks.csv" --agent claude --agent-command "$T/agent 0.1" --dir "$T/$name" \
    --no-tui "$@"
}
events() { cat "$T/$1"/batch-*/events.jsonl; }
keys() { cut -d' ' -f2 "$T/ran" | sort | uniq -c | awk '{ print $1 "x" $2 }' | tr '\n' ' '; }
nr_of() { grep -c " $1$" "$T/ran"; }

# ---- the load is shared ---------------------------------------------------------------------

tasks 12
go even -j 6
is "a pool of three: all completed" "$rc" 0
like "which they are is said" "$out" '^accounts: claude/work, claude/home, claude/ci$'
is "each key took as many" "$(keys)" "$(printf '4x%s\n4x%s\n4x%s\n' "$W" "$H" "$F" | sort -k1.3 | tr '\n' ' ')"
is "events name them" "$(events even | jq -r 'select(.ev == "start") | .account' | sort | uniq -c | tr -s ' \n' ' ')" \
  " 4 claude/ci 4 claude/home 4 claude/work "
is "the batch event tells the pool" "$(events even | jq -c 'select(.ev == "batch") | .accounts')" \
  '["claude/work","claude/home","claude/ci"]'
like "a plain value is in the environment, home in place of ~" \
  "$(cat "$T"/even/batch-*/agent-*.log)" "key $W config $HOME/work-dir "
unlike "other accounts' are not" "$(cat "$T"/even/batch-*/agent-*.log)" "key ($H|$F) config [^n]"
unlike "nor the variables that keys come from" "$(cat "$T"/even/batch-*/agent-*.log)" "source [^h]|hidden [^h]"
is "no value is anywhere in the batch" "$(grep -rlE "$work|$home|$file|work-dir" "$T/even" "$T/state" | grep -v 'agent-a[0-9]*.log')" ""
is "nor a key in any log" "$(grep -rlE "$work|$home|$file" "$T/even")" ""
run "$AB" status "$T"/even/batch-* --json
is "status: the profile, the account, the gates" \
  "$(echo "$out" | jq -c '[.agents[0].agent, (.agents[0].account | test("^claude/")), [.gates[].account]]')" \
  '["claude",true,["claude/work","claude/home","claude/ci"]]'

# ---- choosing -------------------------------------------------------------------------------

tasks 3
go chosen -j 3 --accounts ci,claude/home
is "--accounts chooses, in its order" "$(events chosen | jq -c 'select(.ev == "batch") | .accounts')" '["claude/ci","claude/home"]'
is "and starts on no other" "$(nr_of "$W")" 0
go off --accounts none
is "none: one account of the profile's name" "$(events off | jq -r 'select(.ev == "start") | .account' | sort -u)" claude
like "in the environment as it is" "$(cat "$T"/off/batch-*/agent-a1.log)" "source $work $home"
go unknown --accounts wrok
is "an unknown one is refused" "$rc" 2
like "with those that there are" "$err" "there is no account 'wrok': there are claude/work, claude/home, claude/ci, codex/one"

# ---- what is missing at the door ---------------------------------------------------------------

run env -u WORK_KEY "$AB" launch "$T/tasks.csv" --agent claude --agent-command "$T/agent" --dir "$T/missing" --no-tui
is "a variable that is not set is refused" "$rc $(ls "$T/missing" 2>/dev/null)" "2 "
is "in one line" "$err" "agent-batch: account claude/work: THE_KEY is taken from the variable WORK_KEY, which is not set: put that right, or choose others with --accounts"
run env -u WORK_KEY "$AB" check "$T/tasks.csv" --agent claude --agent-command "$T/agent"
is "check says the same" "$rc" 2
run env -u WORK_KEY "$AB" check "$T/tasks.csv" --agent claude --agent-command "$T/agent" --accounts home
is "but not of one that is left out" "$rc" 0
mv "$T/keys/ci" "$T/keys/away"
run "$AB" check "$T/tasks.csv" --agent claude --agent-command "$T/agent"
is "a file that cannot be read is refused" "$rc" 2
like "by its name" "$err" "account claude/ci: THE_KEY is taken from the file '$T/keys/ci', which cannot be read: No such file"
mv "$T/keys/away" "$T/keys/ci"
chmod 644 "$T/keys/ci"
run "$AB" check "$T/tasks.csv" --agent claude --agent-command "$T/agent"
like "a file that others can read is warned of" "$rc $err" "^0 .*warning: account claude/ci: others can read '$T/keys/ci'"
chmod 600 "$T/keys/ci"

# ---- a key that is limited, one that is wrong ------------------------------------------------------

tasks 12
echo "limited 60" >"$T/at/$W"
go limited -j 4 --accounts work,home
is "one key is limited for a minute: all completed by the other" "$rc" 0
ok "at once" test "$(events limited | jq -s '(.[-1].t - .[0].t) < 30')" = true
is "its gate closed" "$(events limited | jq -r 'select(.ev == "gate" and .account == "claude/work") | .state' | head -1)" closed
is "the other's did not" "$(events limited | jq -r 'select(.ev == "gate" and .account == "claude/home") | .state')" ""
ok "few met it" test "$(nr_of "$W")" -le 3
is "no row lost an attempt by it" "$(events limited | jq -s 'map(select(.ev == "verdict" and .class == "rate_limit" and .charged)) | length')" 0
is "its rows went on by the other at once" \
  "$(events limited | jq -rs '[.[] | select(.ev == "wait") | .account] | unique | join(" ")')" claude/work
echo "usage 3600" >"$T/at/$W"
rm -rf "$T/state"
go usage -j 4 --accounts work,home
is "the same of a usage limit" "$rc $(nr_of "$H")" "0 12"
rm -rf "$T/state"
echo wrong >"$T/at/$W"
go wrong -j 4 --accounts work,home
is "a wrong key: all completed by the other" "$rc" 0
like "its gate waits for a person" \
  "$(events wrong | jq -c 'select(.ev == "gate") | [.account, .state, .until]')" '\["claude/work","closed",null\]'
is "its rows went to the other" "$(events wrong | jq -r 'select(.ev == "status" and .status == "completed") | .id' | sort -u | wc -l | tr -d ' ')" 12
like "the report says that it needs a person" "$("$AB" report "$T"/wrong/batch-* | sed -n '/need you/,/^$/p' | tr '\n' '|')" \
  '^accounts that need you\|  claude/work: 401[^|]*\|\|$'
like "as JSON, too" "$("$AB" report --json "$T"/wrong/batch-* | jq -c '.accounts_closed[] | [.account, .why]')" '^\["claude/work","401[^"]*"\]$'
echo told >"$T/at/$W"
go told -j 2 --accounts work,home
is "a key that its agent prints is in its log" "$(grep -lr "$work" "$T"/told/batch-*/agent-*.log | wc -l | tr -d ' ')" 1
is "and nowhere else" "$(grep -lr "$work" "$T"/told/batch-* | grep -v '/agent-[^/]*.log')" ""
like "it is masked in the verdict" "$(events told | jq -r 'select(.class == "auth") | .message + " " + .evidence')" 'provided: \*\*\*'
echo wrong >"$T/at/$W"
echo wrong >"$T/at/$H"
go both -j 4 --accounts work,home
is "both wrong: it stops" "$rc" 3
like "and says on which" "$out$err" "nothing more starts on 'claude/work' and 1 more: 401"
ok "at most -j were started on each" test "$(wc -l <"$T/ran")" -le 8
rm -f "$T/at/$H"

# ---- trouble that comes later: that account's, not the batch's -----------------------------------------

tasks 8
echo hold >"$T/at/$F"
rm -f "$T/at/$W" "$T/ran"
"$AB" launch "$T/tasks.csv" --agent claude --agent-command "$T/agent 0.1" --dir "$T/later" --detach \
  -j 2 --accounts ci,home >/dev/null 2>&1
batch=$(ls -d "$T"/later/batch-*)
began() { [ "$(nr_of "$F")" -ge 1 ]; }
ok "one runs on the key of a file" wait_for 20 began
rm "$T/keys/ci"
rm "$T/at/$F"
run "$AB" wait "$batch"
is "the file is gone meanwhile: all completed" "$rc" 0
like "its gate says why" "$(events later | jq -r 'select(.ev == "gate" and .account == "claude/ci") | .why')" "keys/ci', which cannot be read"
is "no attempt was made without it" "$(events later | jq -s 'map(select(.ev == "verdict" and .class != "success")) | length')" 0
printf '%s' "$file" >"$T/keys/ci"

# ---- cycles and resume ------------------------------------------------------------------------------

cat >"$T/flaky" <<'SH'
#!/bin/sh
"$STANDIN/agent"
[ "$AGENT_BATCH_CYCLE" -gt 0 ] || { echo "error: not yet"; exit 1; }
SH
chmod +x "$T/flaky"
tasks 2
rm -f "$T/ran"
run "$AB" launch "$T/tasks.csv" --agent claude --agent-command "$T/flaky" --dir "$T/cycle" --no-tui --auto-retry \
  --accounts work,home -j 2
is "the next cycle has the keys, too" "$rc $(keys)" "0 $(printf '2x%s\n2x%s\n' "$W" "$H" | sort -k1.3 | tr '\n' ' ')"
is "and tells its pool" "$(cat "$(ls -d "$T"/cycle/batch-* | tail -1)"/events.jsonl | jq -c 'select(.ev == "batch") | .accounts')" '["claude/work","claude/home"]'

# A wrong key is not tried again by every cycle: a person acts first.
cat >"$T/fails" <<'SH'
#!/bin/sh
"$STANDIN/agent" && [ -e "$STANDIN/mended" ] || { echo "error: not yet"; exit 1; }
SH
chmod +x "$T/fails"
tasks 4
echo wrong >"$T/at/$W"
rm -f "$T/ran" "$T/mended"
run "$AB" launch "$T/tasks.csv" --agent claude --agent-command "$T/fails" --dir "$T/shut" --no-tui --auto-retry \
  --max-retries 2 --accounts work,home -j 2
shut() { ls -d "$T"/shut/batch-* | sed -n "$1p" | sed 's|$|/events.jsonl|' | xargs cat | jq -r "$2"; }
is "rows fail in each cycle" "$rc $(ls -d "$T"/shut/batch-* | wc -l | tr -d ' ')" "1 3"
ok "a wrong key is met in the first" test "$(shut 1 'select(.ev == "start" and .account == "claude/work") | .id' | wc -l)" -ge 1
is "and in no later one" "$(shut 2,3 'select(.ev == "start") | .account' | sort -u)" claude/home
is "whose gates say so at the start" \
  "$(shut 3 'select(.ev == "gate" or .ev == "start") | .ev + " " + (.account + " " + (.state // "")) + " " + ((.why // "") | test("401") | tostring)' | head -1)" \
  "gate claude/work closed true"
rm -f "$T/at/$W" "$T/ran"
touch "$T/mended"
run "$AB" retry "$(ls -d "$T"/shut/batch-* | tail -1)" --launch --no-tui
is "a retry by hand tries it again" "$rc $(keys)" "0 $(printf '2x%s\n2x%s\n' "$W" "$H" | sort -k1.3 | tr '\n' ' ')"

tasks 6
echo hold >"$T/at/$W"
echo hold >"$T/at/$H"
rm -f "$T/ran"
"$AB" launch "$T/tasks.csv" --agent claude --agent-command "$T/agent" --dir "$T/resume" --detach -j 2 \
  --accounts work,home >/dev/null 2>&1
batch=$(ls -d "$T"/resume/batch-*)
both_began() { [ "$(wc -l <"$T/ran")" = 2 ]; }
ok "two run" wait_for 20 both_began
pid=$(jq -r 'select(.ev == "batch") | .pid' "$batch/events.jsonl" | tail -1)
kill -9 "$pid"
gone() { [ ! -e "/proc/$pid/exe" ]; }
wait_for 20 gone # it may be writing to the disk
rm "$T/at/$W" "$T/at/$H"
run env -u WORK_KEY -u HOME_KEY "$AB" resume "$batch" --no-tui
is "resumed from a shell without any of the keys: refused" "$rc" 2
like "with what is missing" "$err" "account claude/work: THE_KEY is taken from the variable WORK_KEY, which is not set: put that right, then resume"
run env -u WORK_KEY "$AB" resume "$batch" --no-tui
is "from one with one of them: all completed" "$rc" 0
like "the other is warned of" "$err" "warning: account claude/work: .*not set: the others take over"
is "what started after that is on that one" \
  "$(jq -rs '(map(.ev == "batch") | rindex(true)) as $from | .[$from:] | map(select(.ev == "start").account) | unique | join(" ")' "$batch/events.jsonl")" claude/home
is "nothing ran twice" "$(cut -d' ' -f1 "$T/ran" | sort | uniq -d)" ""

# ---- the operator -------------------------------------------------------------------------------------

tasks 2
echo wrong >"$T/at/$W"
go ctl -j 1 --accounts work --detach
batch=$(ls -d "$T"/ctl/batch-*)
run "$AB" wait "$batch"
is "the only account is wrong: stopped" "$rc" 3
rm "$T/at/$W"
rm -rf "$T/state"
run "$AB" resume "$batch" --no-tui --accounts home
is "resume takes other accounts" "$(events ctl | jq -r 'select(.ev == "start") | .account' | tail -1)" claude/home

tasks 4
echo wrong >"$T/at/$W"
echo hold >"$T/at/$H"
go open -j 2 --accounts work,home --detach
batch=$(ls -d "$T"/open/batch-*)
closed() { "$AB" ctl "$batch" gate | grep -q 'claude/work closed until a person acts'; }
ok "ctl gate tells each" wait_for 20 closed
like "the header tells how many of them" "$("$AB" monitor "$batch" --print overview --size 80x24)" 'rate 1/2 CLOSED'
like "and at its width which" "$("$AB" monitor "$batch" --print overview --size 120x30)" 'rate 1/2 claude/work CLOSED'
like "the table which account a row is on" "$("$AB" monitor "$batch" --print overview --size 120x30)" 'RUNNING .* home '
like "details: the profile, and each attempt's account" \
  "$("$AB" monitor "$batch" a1 --print details --size 100x40 | tr '\n' ' ')" 'profile +claude .*account +claude/home .*attempt 1 +started [0-9: -]+ on claude/(work|home)'
rm "$T/at/$W"
run "$AB" ctl "$batch" gate open claude/work
is "gate open opens one" "$rc $out" "0 gate of claude/work opened"
"$AB" ctl "$batch" jobs 3 >/dev/null
opened() { [ "$(nr_of "$W")" -ge 2 ]; }
ok "which is used again" wait_for 20 opened
rm "$T/at/$H"
run "$AB" wait "$batch"
is "all completed" "$rc" 0

# One waits for a person, the other for its reset: what is closed, till when, and what to do.
tasks 4
echo wrong >"$T/at/$W"
echo "usage 3600" >"$T/at/$H"
rm -rf "$T/state"
go shown -j 2 --accounts work,home --detach
batch=$(ls -d "$T"/shown/batch-*)
both_shut() { "$AB" status "$batch" | grep -q ' 2/2 LIMITED, 1 CLOSED'; }
ok "both are closed" wait_for 20 both_shut
like "ctl gate tells until when" "$("$AB" ctl "$batch" gate)" \
  'work closed until a person acts.*home closed until 20[-0-9]+ [0-9:]+ '
for size in 80x24 120x40; do
  screen=$("$AB" monitor "$batch" --print overview --size $size)
  like "$size: the header tells that one of them is for a person" "$screen" 'rate 2/2 LIMITED, 1 CLOSED'
  like "$size: the message line, what to do" "$screen" \
    '^ claude/work needs you; then agent-batch ctl gate open claude/work: 401'
  like "$size: the details, each" "$("$AB" monitor "$batch" a1 --print details --size $size | tr '\n' ' ')" \
    'limit +claude/work CLOSED: .*limit +claude/home LIMITED (59:|1:00:)[0-9]+ \(to [0-9:]+\)'
done
like "so does status" "$("$AB" status "$batch" | tr '\n' ' ')" \
  "claude/work needs you: 401.*  then agent-batch ctl $(basename "$batch") gate open claude/work "
"$AB" ctl "$batch" stop >/dev/null
run "$AB" wait "$batch"
rm -f "$T/at/$W" "$T/at/$H"
unlike "stopped, resume is what to do" "$("$AB" status "$batch")" 'needs you'

# ---- two batches ------------------------------------------------------------------------------------------

rm -rf "$T/state"
tasks 4
echo "limited 20" >"$T/at/$W"
go first -j 2 --accounts work,home
before=$(events first | jq -s 'map(select(.ev == "gate" and .account == "claude/work" and .state == "closed")) | length')
ok "the first batch meets a limit" test "$before" -ge 1
rm "$T/at/$W"
go second -j 1 --accounts work,home
is "a second one on these keys hears of it" \
  "$(events second | jq -rs 'map(select(.ev == "gate" or .ev == "start")) | .[0] | [.account, .state] | join(" ")' | sed 's/probing/closed/')" "claude/work closed"
config <<END
{"accounts": {"claude": {"work": {"THE_KEY": {"file": "$T/keys/ci"}}}}}
END
go third -j 1
is "another key of the same name does not" "$rc $(events third | jq -s 'map(select(.ev == "gate")) | length')" "0 0"

# What limits of a declared key lasted is kept for later runs, also where a command is all there is.
cat >"$T/twice" <<'SH'
#!/bin/sh
echo >>"$STANDIN/asked"
[ "$(wc -l <"$STANDIN/asked")" -gt 2 ] && exit 0
echo 'API Error: 429 {"error":{"type":"rate_limit_error"}}'
exit 1
SH
chmod +x "$T/twice"
config <<END
{"accounts": {"command": {"mine": {"THE_KEY": {"file": "$T/keys/ci"}}}}}
END
tasks 1
rm -rf "$T/state"
run "$AB" launch "$T/tasks.csv" --agent-command "$T/twice" --dir "$T/learns" --no-tui --backoff 0.1:2:1
is "a command's own key" "$rc $(events learns | jq -r 'select(.ev == "start") | .account' | sort -u)" "0 command/mine"
is "what its limit lasted is kept" "$(jq '.lasted | length' "$T"/state/agent-batch/gates/command_mine-*.json)" 1

# ---- by config.json's defaults ---------------------------------------------------------------------------

config <<END
{"accounts": {"claude": {"work": {"THE_KEY": {"from": "WORK_KEY"}}, "home": {"THE_KEY": {"from": "HOME_KEY"}}}},
 "profiles": {"claude": {"accounts": ["home"]}}}
END
go default -j 1
is "a profile's default chooses" "$(events default | jq -r 'select(.ev == "start") | .account' | sort -u)" claude/home
go given -j 1 --accounts work
is "the command line goes before it" "$(events given | jq -r 'select(.ev == "start") | .account' | sort -u)" claude/work
mkdir "$T/bin"
printf '#!/bin/sh\nexec "%s/agent"\n' "$T" >"$T/bin/claude"
chmod +x "$T/bin/claude"
rm -f "$T/ran"
run env PATH="$T/bin:$PATH" "$AB" summon_agent --dir "$T/summon" --accounts work claude "say so"
is "summon_agent takes them, too" "$rc $(nr_of "$W")" "0 1"

# ---- profiles that only a plan names --------------------------------------------------------------------

config <<END
{"accounts": {"claude": {"work": {"THE_KEY": {"from": "WORK_KEY"}}, "ci": {"THE_KEY": {"file": "$T/keys/ci"}}},
 "codex": {"one": {"THE_KEY": {"from": "HOME_KEY"}}}, "gemini": {"two": {"THE_KEY": {"from": "NO_SUCH_KEY"}}}}}
END
printf 'id,task,agent\na,do a,\nb,do b,codex\n' >"$T/plan.csv"
printf '#!/bin/sh\necho %s\n' "'{\"is_complete\": true, \"data_quality\": \"good\"}'" >"$T/judge"
chmod +x "$T/judge"
rm -f "$T/ran"
run env -u HOME_KEY "$AB" solve 'a problem' --agent claude --agent-command "$T/agent" --accounts work \
  --planner-command "cat $T/plan.csv" --synthesizer-command 'echo so' --validator-command "$T/judge" \
  --dir "$T/solve" --no-tui
is "they are not asked for before there is a plan" "$rc $(cat "$T/ran")" "3 a $W"
like "then their account waits for its value" "$out" 'account codex/one.*HOME_KEY'
run "$AB" resume "$T"/solve/batch-* --no-tui
is "and the rows run on it" "$rc $(tail -1 "$T/ran")" "0 b $H"
is "not on the profile's own login" "$(events solve | jq -r 'select(.ev == "start") | .account' | sort -u | tr '\n' ' ')" \
  'claude/work codex/one '
done_testing
