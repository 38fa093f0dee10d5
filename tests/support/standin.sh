#!/bin/sh
# Stands in for an agent program: called by its name, it takes the task as that program does, and
# prints, retries, fails and exits as the program was measured to do without a terminal. The task says
# what is to happen: "do ok", "do limit", "do key", "do silence", "do hang".
# Which options it is given is not its business but one: what the program would refuse, it refuses.
name=${0##*/}

refuse() { echo "error: unknown option '$1'" >&2; exit 1; }

# ---- the task: an argument behind one of the program's own options, a file, or stdin ----
task='' answer_file=''
while [ $# -gt 0 ]; do
  case $name:$1 in
  codex:exec|codex:--json|codex:--skip-git-repo-check|codex:-) ;;
  codex:--output-last-message) answer_file=$2; shift ;;
  codex:resume) shift ;;
  claude:-p|claude:--verbose|amp:--execute|amp:--stream-json|pi:-p|cn:-p|opencode:run) ;;
  cursor-agent:-p|cursor-agent:--trust|llm:prompt|llm:--usage|llm:--no-stream|goose:run) ;;
  goose:--quiet|goose:--no-session|copilot:--no-auto-update|copilot:--no-color) ;;
  goose:--instructions) [ "$2" = - ] || refuse "$2"; shift ;;
  aider:--message-file) task=$(cat "$2"); shift ;;
  *:--model) shift ;;
  aider:--*|*:--dangerously*|*:--auto|*:--yolo|*:--force|*:--allow*=*|*:--allow-all-tools) ;;
  copilot:--prompt=*|grok:--prompt=*) task=${1#--prompt=} ;;
  cursor-agent:--|cn:--) task=$2; shift ;;
  *:--output-format|*:--format|*:--permission-mode|*:--approval-mode|*:--sandbox|*:--allow) shift ;;
  *:--add-dir|*:--include-directories|*:--max-*|*:--mode|*:--resume|*:--session) shift ;;
  *) refuse "$1" ;;
  esac
  shift
done
[ -n "$task" ] || task=$(cat)

ok="$name did: $task"
say() { printf '%s\n' "$1"; }
log() { printf '%s\n' "$1" >&2; }
dq='"'
result() { # IS_ERROR TEXT
  say "{${dq}type${dq}:${dq}result${dq},${dq}subtype${dq}:${dq}success${dq},${dq}is_error${dq}:$1,${dq}num_turns${dq}:2,${dq}result${dq}:${dq}$2${dq},${dq}session_id${dq}:${dq}s-$name${dq},${dq}total_cost_usd${dq}:0.5,${dq}usage${dq}:{${dq}input_tokens${dq}:100,${dq}output_tokens${dq}:10}}"
}

case $task in
*'do silence'*) sleep 3 ;;
*'do hang'*) # a parent and a child; TERM ends the parent with 0 and the child not at all
  sh -c 'trap "" TERM; while :; do sleep 1; done' "child of $AGENT_BATCH_DIR" &
  trap 'exit 0' TERM
  say 'working'
  while :; do sleep 1; done ;;
esac

case $name:$task in
claude:*limit*) result true 'API Error: 529 {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}'; exit 1 ;;
claude:*key*) result true 'Invalid API key · Fix external API key'; exit 1 ;;
claude:*) say '{"type":"system","subtype":"init","session_id":"s-claude"}'; result false "$ok" ;;

codex:*) # echoes the prompt on stderr, whatever comes of it
  log "user: $task"
  say '{"type":"thread.started","thread_id":"s-codex"}'
  case $task in
  *limit*) m='exceeded retry limit, last status: 429 Too Many Requests, request id: x' ;;
  *key*) m='unexpected status 401 Unauthorized: Incorrect API key provided: dummy.' ;;
  *) say '{"type":"item.completed","item":{"type":"agent_message","text":"in the stream"}}'
     say '{"type":"turn.completed","usage":{"input_tokens":100,"cached_input_tokens":0,"output_tokens":10}}'
     printf '%s' "$ok" >"$answer_file"
     exit 0 ;;
  esac
  say "{\"type\":\"error\",\"message\":\"$m\"}"
  say "{\"type\":\"turn.failed\",\"error\":{\"message\":\"$m\"}}"
  exit 1 ;;

gemini:*limit*) # the HTTP status, cut to eight bits
  log 'Attempt 1 failed with status 429. Max attempts reached'
  log '{"session_id":"s-gemini","error":{"type":"Error","message":"[API Error: Resource has been exhausted (e.g. check quota).]","code":429}}'
  exit 173 ;;
gemini:*key*) log 'Error when talking to Gemini API Full report available at: /tmp/x.json ApiError: API key not valid. Please pass a valid API key.'
  log 'An unexpected critical error occurred:[object Object]'; exit 144 ;;
gemini:*)
  log 'Loaded cached credentials.'
  say '{"type":"init","session_id":"s-gemini","model":"auto"}'
  say '{"type":"message","role":"assistant","content":"gemini did: ","delta":true}'
  say "{\"type\":\"message\",\"role\":\"assistant\",\"content\":\"$task\",\"delta\":true}"
  say '{"type":"result","status":"success","stats":{"total_tokens":110,"input_tokens":100,"output_tokens":10}}' ;;

qwen:*limit*) log '[API Error: 429 Requests rate limit exceeded, please try again later]'; exit 1 ;;
qwen:*key*) result false '[API Error: 401 Incorrect API key provided.]' ;; # and calls that a success
qwen:*) result false "$ok" ;;

opencode:*limit*) say '{"type":"error","sessionID":"ses_1","error":{"name":"APIError","data":{"message":"Too Many Requests","statusCode":429,"isRetryable":true}}}'; exit 1 ;;
opencode:*key*) say '{"type":"error","sessionID":"ses_1","error":{"name":"APIError","data":{"message":"invalid x-api-key","statusCode":401}}}'; exit 1 ;;
opencode:*)
  printf '\033[0m\n> build\033[0m\n' >&2
  say '{"type":"step_finish","sessionID":"ses_1","part":{"reason":"tool-calls","cost":0.25,"tokens":{"input":40,"output":4}}}'
  say "{\"type\":\"text\",\"sessionID\":\"ses_1\",\"part\":{\"type\":\"text\",\"text\":\"$ok\"}}"
  say '{"type":"step_finish","sessionID":"ses_1","part":{"reason":"stop","cost":0.25,"tokens":{"input":60,"output":6}}}' ;;

aider:*) # exits with 0 whatever came of it
  printf 'Aider v0.86.1\nModel: x with diff edit format\nGit repo: .git with 3 files\nRepo-map: using 4096 tokens, auto refresh\n\n'
  case $task in
  *limit*) say 'litellm.RateLimitError: AnthropicException - rate_limit_error'; say 'The API provider has rate limited you. Try again later or check your quotas.' ;;
  *key*) say 'litellm.AuthenticationError: AnthropicException - invalid x-api-key'; say 'The API provider is not able to authenticate you. Check your API key.' ;;
  *) say "$ok"; say ''; say 'Tokens: 100 sent, 10 received. Cost: $0.50 message, $0.50 session.' ;;
  esac ;;

goose:*) # exits with 0 whatever came of it
  case $task in
  *limit*) m='Ran into this error: Rate limit exceeded: Too Many Requests.' ;;
  *key*) m='Ran into this error: Authentication error: Authentication failed. Status: 401 Unauthorized.' ;;
  *) m=$ok ;;
  esac
  [ "$m" = "$ok" ] || m="$m\\n\\nPlease retry if you think this is a transient or recoverable error."
  say "{\"type\":\"message\",\"message\":{\"id\":\"m1\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"$m\"}]}}"
  say '{"type":"complete","total_tokens":110,"input_tokens":100,"output_tokens":10}' ;;

cursor-agent:*limit*) log 'Error: [resource_exhausted] Error'; exit 1 ;;
cursor-agent:*key*) log "Error: Authentication required. Please run 'cursor-agent login' first, or set CURSOR_API_KEY environment variable."; exit 1 ;;
cursor-agent:*) say "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"$ok\",\"session_id\":\"s-cursor\"}" ;;

copilot:*limit*) log '✗ Execution failed: Error: CAPIError: 429 429 Too Many Requests'; exit 1 ;;
copilot:*key*) log 'Error: No authentication information found.'; exit 1 ;;
copilot:*)
  say "{\"type\":\"assistant.message\",\"data\":{\"content\":\"$ok\"}}"
  say '{"type":"result","sessionId":"s-copilot","exitCode":0,"usage":{"premiumRequests":1}}' ;;

grok:*) # echoes the prompt, and exits with 0 whatever came of it
  say "{\"role\":\"user\",\"content\":\"$task\"}"
  case $task in
  *limit*) m='Sorry, I encountered an error: Grok API error: 429 Too many requests' ;;
  *key*) m='Sorry, I encountered an error: Grok API error: 400 Incorrect API key provided: dummy.' ;;
  *) m=$ok ;;
  esac
  say "{\"role\":\"assistant\",\"content\":\"$m\"}" ;;

amp:*limit*) say '{"type":"result","subtype":"error_during_execution","is_error":true,"num_turns":1,"error":"429 Too Many Requests","session_id":"T-1"}'; exit 1 ;;
amp:*key*) log "Error: Invalid or missing API key. Run 'amp login' or set AMP_API_KEY."; exit 1 ;;
amp:*)
  say '{"type":"assistant","message":{"role":"assistant","content":[{"type":"text","text":"x"}],"usage":{"input_tokens":100,"output_tokens":10}},"session_id":"T-1"}'
  say "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"num_turns\":1,\"result\":\"$ok\",\"session_id\":\"T-1\"}" ;;

llm:*limit*) log "Error: Error code: 429 - {'error': {'message': 'Rate limit reached for x', 'code': 'rate_limit_exceeded'}}"; exit 1 ;;
llm:*key*) log "Error: No key found - add one using 'llm keys set openai' or set the OPENAI_API_KEY environment variable"; exit 1 ;;
llm:*) say "$ok"; log 'Token usage: 100 input, 10 output' ;;

pi:*) # exits with 0 whatever came of it
  say '{"type":"session","version":3,"id":"s-pi"}'
  case $task in
  *limit*) m='429 {\"error\":{\"message\":\"Rate limit reached\"}}' ;;
  *key*) m='401 Incorrect API key provided' ;;
  *) say "{\"type\":\"turn_end\",\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"$ok\"}],\"usage\":{\"input\":100,\"output\":10,\"totalTokens\":110,\"cost\":{\"total\":0.5}},\"stopReason\":\"stop\"},\"toolResults\":[]}"
     exit 0 ;;
  esac
  say "{\"type\":\"agent_end\",\"messages\":[{\"role\":\"user\",\"content\":\"$task\"},{\"role\":\"assistant\",\"content\":[],\"stopReason\":\"error\",\"errorMessage\":\"$m\"}]}" ;;

cn:*limit*) sleep 600 ;; # retries by itself without end and without a word
cn:*key*) say '{"status":"error","message":"401 Incorrect API key provided: dummy."}'; exit 1 ;;
cn:*) say "{\"response\":\"$ok\",\"status\":\"success\"}" ;;

*) log "no such program: $name"; exit 127 ;;
esac
