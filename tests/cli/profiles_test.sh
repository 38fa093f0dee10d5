#!/bin/sh
# profiles: what is listed, shown and found wrong; and a first launch that names no agent.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
bin=$T/bin
mkdir "$bin"
own=$HOME/.config/agent-batch/profiles
mkdir -p "$own"
program() { printf '#!/bin/sh\n%s\n' "${2:-cat}" >"$bin/$1" && chmod +x "$bin/$1"; }
names='aider amp claude cn codex copilot cursor gemini goose grok llm opencode pi qwen shell sim'

# ---- the list ----
run "$AB" profiles --json
is "all that come along are listed" "$(echo "$out" | jq -r '[.[].name] | join(" ")')" "$names"
is "all of them are shipped" "$(echo "$out" | jq '[.[] | select(.shipped)] | length')" 16
run "$AB" profiles
is "the list: exit 0" "$rc" 0
like "what is not installed is said so" "$out" '^claude +no +shipped +Claude Code$'
program claude
PATH=$bin:$PATH run "$AB" profiles
like "what is installed, too" "$out" '^claude +yes '
PATH=$bin:$PATH run "$AB" profiles --json
is "and where" "$(echo "$out" | jq -r '.[] | select(.name == "claude").program_path')" "$bin/claude"

# ---- one ----
run "$AB" profiles claude
like "one shows what it runs" "$out" '^runs .* claude -p .*\[--model \{model\}\] .*\[--add-dir \{context_dir\}\]\.\.\. --permission-mode acceptEdits < task$'
like "and with --unattended" "$out" '^unattended .*--dangerously-skip-permissions < task$'
like "and how it goes on" "$out" '^goes on .*--resume \{session\} < task$'
run "$AB" profiles nobody
is "an unknown one: exit 2" "$rc" 2
like "and those there are" "$err" "unknown profile 'nobody': there are aider, "

# ---- a user's own ----
run "$AB" profiles --check
is "all that come along are right" "$rc$err" 0
cat >"$own/mine.json" <<'END'
{
  "description": "our own agent",
  "command": ["mine", ["--model", "{model}"], "{task}"],
  "answer": {"skip": "^usage: "},
  "patterns": [{"class": "usage_limit", "regex": "^tank empty"}]
}
END
program mine 'echo "did $*"; echo "usage: 3"'
PATH=$bin:$PATH run "$AB" profiles
like "it is listed as the user's" "$out" '^mine +yes +yours +our own agent$'
printf 'id,task,model,output_file\na,dig,big,a.txt\nb,fill,,b.txt\n' >t.csv
PATH=$bin:$PATH run "$AB" launch t.csv --agent mine --no-tui
is "it runs from the page alone: exit 0" "$rc" 0
is "its answer is what the page says" "$(cat a.txt b.txt)" "$(printf 'did --model big dig\ndid fill')"
is "and stands in the results" "$(jq -r '.agents[0].answer' "$AGENT_BATCHES_DIR"/batch-*/results.json)" "did --model big dig"
is "its patterns classify" "$(echo 'tank empty' | "$AB" classify --agent mine | jq -r .class)" usage_limit
echo '{"base": "claude", "patterns": [{"class": "auth", "regex": "^badge expired"}]}' >"$own/claude.json"
is "a pattern is added to a shipped one" "$(echo 'badge expired' | "$AB" classify --agent claude | jq -r .class)" auth
run "$AB" profiles claude
like "the rest of it stays" "$out" '^runs .*claude -p '
like "the file is the user's, on top of ours" "$out" "^file .*$own/claude.json, on top of claude"

# ---- what is wrong ----
printf '{\n  "command": ["x"]\n  "task": "stdin"\n}\n' >"$own/broken.json"
echo '{"command": ["x"], "patterns": [{"class": "auth", "regex": "a("}]}' >"$own/regex.json"
run "$AB" profiles --check
is "a wrong one: exit 2" "$rc" 2
like "a syntax error has file, line and column" "$err" "profile '$own/broken.json': not valid JSON at line 3, column 3"
like "a wrong field has its path" "$err" "profile '$own/regex.json': \"patterns\[0\].regex\": cannot compile"
like "how many" "$err" '2 of 19 profiles are wrong'
like "the right ones are told, too" "$out" "$own/mine.json: ok"
run "$AB" profiles --check mine
is "only those named" "$rc" 0
run "$AB" launch t.csv --agent regex --no-tui
is "launch refuses a wrong one: exit 2" "$rc" 2
like "before anything starts" "$err" 'regex.json'
run "$AB" profiles
like "a wrong one does not hide the others" "$out" '^codex '
rm "$own/broken.json" "$own/regex.json" "$own/claude.json"

# ---- what all of them share ----
shared=$HOME/.config/agent-batch/patterns/base.json
mkdir -p "${shared%/*}"
class() { printf '%s\n' "$1" | "$AB" classify --exit "${2:-1}" | jq -r .class; }
is "an unknown sentence is the task's own failure" "$(class 'Error: kettle is dry')" task_error
cat >"$shared" <<'END'
{"base": "base",
 "parts": {"vessel": ["kettle", "pot"]},
 "errors": [{"about": "tea comes first", "class": "usage_limit", "regex": "^{{vessel}} is dry", "exit_0": true},
            {"class": "budget", "status": "418"}]}
END
is "a user adds one for all" "$(class 'Error: kettle is dry')" usage_limit
is "believed at exit 0 where it says so" "$(class 'Error: pot is dry' 0)" usage_limit
is "a status" "$(class 'API Error: 418 no coffee')" budget
is "and ours stay" "$(class 'API Error: 529 Overloaded')" rate_limit
run "$AB" profiles --check
like "--check tells the user's file" "$out" "^$shared: ok"
like "and ours below it" "$out" '^/.*/share/agent-batch/patterns/base.json: ok'
printf '{"base": "base",\n "errors": [{"class": "auth" "regex": "x"}]}\n' >"$shared"
run "$AB" profiles --check
is "a wrong one: exit 2" "$rc" 2
like "a syntax error has file, line and column" "$err" "patterns '$shared': not valid JSON at line 2, column 30"
echo '{"base": "base", "sentences": [{"class": "auth", "regex": "a"}, {"class": "auth", "regex": ["b", "c("]}]}' >"$shared"
run "$AB" profiles --check
like "a wrong expression, file and row" "$err" "patterns '$shared': \"sentences\[1\]\": cannot compile pattern 'b\|c\(': "
run "$AB" launch t.csv --agent shell --no-tui
is "launch refuses it: exit 2" "$rc" 2
like "with the same words" "$err" "patterns '$shared': \"sentences\[1\]\": cannot compile"
echo '{"base": "base", "errors": [{"class": "auth", "regex": "{{nothing}}"}]}' >"$shared"
run "$AB" profiles --check
like "an unknown part" "$err" "\"errors\[0\]\": there is no part 'nothing'"
echo '{"errors": [{"class": "auth", "regex": "a"}]}' >"$shared"
run "$AB" classify t.csv
is "one that stands for ours must be whole: exit 2" "$rc" 2
like "and says how to add instead" "$err" '"announcements" is missing or empty; with "base": "base" a file adds'
rm "$shared"

# Broken while a batch runs: nothing is judged without them.
printf 'task\none\n' >one.csv
batch=$("$AB" launch one.csv --dir "$T/other" --detach --attempts 1 \
  --agent-command "sh -c 'until [ -e go ]; do sleep 0.05; done; echo API Error: 529; exit 1' {task}")
echo '{' >"$shared"
: >go
gone() { grep -q 'not valid JSON' "$batch/logs/log.txt" && ! "$AB" status "$batch" --json | grep -q '"run_state":"running"'; }
ok "the conductor leaves, and says why" wait_for 20 gone
run "$AB" resume "$batch" --no-tui
is "resume refuses with the same words" "$rc$(echo "$err" | grep -c "patterns '$shared': not valid JSON")" 21
rm "$shared"
run "$AB" resume "$batch" --no-tui
is "put right, it is judged after all" "$(jq -r 'select(.ev == "verdict").class' "$batch/events.jsonl")" rate_limit

# ---- a program that nobody knows, by the profile of agent-batch-profile(5) ----
# Streams events of its own, with a session, answers, errors and exit statuses of its own.
awk '/^\.\\" file .*otter/ { found = 1 } found && /^\.Ed/ { exit } found && !/^\./' \
  "$TESTS/../man/agent-batch-profile.5" >"$own/otter.json"
is "it has under 20 lines" "$([ "$(wc -l <"$own/otter.json")" -lt 20 ]; echo $?)" 0
program otter '
task=$(cat)
case " $* " in *" --continue river-$AGENT_BATCH_ID "*) goes_on=yes ;; *" --continue "*) exit 9 ;; *) goes_on= ;; esac
echo "{\"type\":\"hello\",\"run\":{\"name\":\"river-$AGENT_BATCH_ID\"}}"
oops() { echo "{\"type\":\"oops\",\"why\":\"$1\"}"; }
case $task in
long) yes "{\"type\":\"fish\",\"weight\":1}" | head -n 9000 ;;
esac
case $task$goes_on in
swim | long) oops "too fast, retry after 0.1 seconds"; exit 75 ;;
stranger) oops "who are you"; exit 77 ;;
tired) oops "Your fish are used up."; exit 1 ;;
rest) exit 3 ;;
twice) oops "HTTP 503 Service Unavailable" ;;
lost) oops "cannot find the river"; exit 1 ;;
esac
echo "{\"type\":\"bye\",\"said\":\"$task $goes_on $*\"}"'
{
  echo 'id,agent,task,output_file'
  for t in swim long rest twice lost; do echo "$t,otter,$t,$([ $t != swim ] || echo swim.txt)"; done
} >otter.csv
PATH=$bin:$PATH run "$AB" launch otter.csv --no-tui --jobs 1 --backoff 0.1:1:1 --dir "$T/otters"
ended() { jq -r --arg id "$1" ".agents[] | select(.id == \$id) | $2" "$T/otters/latest/results.json"; }
is "its limits are waited for, and it goes on with its session" \
  "$(cat swim.txt)" "swim yes work --json --may edit --continue river-swim"
is "a session told at the beginning of a long output is found" "$(ended long '[.status, .attempts] | join(" ")')" "completed 2"
is "an exit status of its own is success" "$(ended rest .status)" completed
is "an error that an answer follows is none" "$(ended twice .status)" completed
is "an error in its own words" "$(ended lost '[.class, .message] | join(": ")')" "task_error: cannot find the river"
printf 'id,agent,task\nstranger,otter,stranger\n' >otter.csv
PATH=$bin:$PATH run "$AB" launch otter.csv --no-tui --dir "$T/otters"
is "an exit status that its profile knows" "$(ended stranger '[.class, .message] | join(": ")')" "auth: who are you"
printf 'id,agent,task\ntired,otter,tired\n' >otter.csv
PATH=$bin:$PATH run "$AB" launch otter.csv --no-tui --max-wait 0 --dir "$T/otters"
is "a pattern is asked of its own event, and that stops the run" "$rc/$(ended tired .class)" 3/usage_limit
run "$AB" profiles otter
like "profiles shows what its exit statuses mean" "$out" '^exit status  75 is rate_limit$'
like "and which are success" "$out" '^success      by exit status 0, 3$'
like "where its error is" "$out" '^error        in events of type oops, field why$'
like "and its session" "$out" '^session      in events of type hello, field run.name$'
run "$AB" profiles --json otter
is "the same as JSON" "$(echo "$out" | jq -c '.[0] | [.success_codes, .exit_codes]')" '[[3],{"75":"rate_limit","77":"auth"}]'
rm "$own/otter.json"

# ---- what a program cannot be told ----
program codex
program claude
printf 'id,task,agent,model,max_turns,context_path\na,x,codex,m,5,.\nb,x,codex,,6,.;bin\nc,x,claude,m,7,.;bin\n' >ask.csv
PATH=$bin:$PATH run "$AB" check ask.csv
is "a turn limit that codex does not take: no fault" "$rc" 0
like "but it is said" "$err" '^agent-batch: warning: profile codex has no way to take a turn limit: 2 rows run without it$'
unlike "what is taken is not" "$err" 'claude|a model|further'
rm "$bin/codex" "$bin/claude"

# ---- a first launch ----
printf 'task\nhello\n' >first.csv
rm -f "$own/mine.json"
PATH=/usr/bin:/bin run "$AB" launch first.csv --no-tui
is "no agent named: exit 2" "$rc" 2
like "none is installed: which are known, and what else there is" "$err" \
  "^agent-batch: no agent named, and none of those known is on the PATH \(claude, codex, .*\): .*'agent-batch demo'"
program claude
program codex
PATH=$bin:/usr/bin:/bin run "$AB" launch first.csv --no-tui
is "some are: exit 2" "$rc" 2
like "which, and the one command to go on" "$err" \
  "installed here: claude and codex; go on with 'agent-batch launch first.csv --agent claude'"
is "nothing was started" "$(ls "$AGENT_BATCHES_DIR" | grep -c '^batch-')" 1
done_testing
