#!/bin/sh
# classify: the policy's judgement as JSON.
. "$(dirname "$0")/../lib.sh"
cd "$T" || exit 2
judge() { printf '%s' "$1" | "$AB" classify --exit "$2" | jq -c .; }

is "429 with its wait" "$(judge 'API Error: 429 Too Many Requests. retry-after: 30' 1 | jq -c '[.class,.retry_after_s]')" '["rate_limit",30]'
is "success" "$(judge 'all done' 0 | jq -r .class)" success
is "what is not told is null" "$(judge 'all done' 0 | jq -c '[.retry_after_s,.reset_at]')" '[null,null]'
is "a task error" "$(judge 'could not do it' 1 | jq -r .class)" task_error
is "an epoch" "$(judge 'Claude AI usage limit reached|1795266000' 1 | jq -c '[.class,.reset_at]')" '["usage_limit",1795266000]'
is "a clock time, reckoned from --now" "$(echo "You've hit your limit · resets 1pm (Europe/Lisbon)" | "$AB" classify --now 1795262400 | jq -c '[.class,.reset_at]')" '["usage_limit",1795266000]'
is "all keys are there" "$(judge x 1 | jq -c 'keys')" '["class","evidence","reason","reset_at","retry_after_s","usage"]'
echo 'Error: 401 invalid api key' >out.txt
is "a FILE" "$("$AB" classify out.txt --exit 1 | jq -r .class)" auth
is "an unknown agent is judged by the shared patterns" "$("$AB" classify --agent nosuch out.txt | jq -r .class)" auth
is "a known agent" "$("$AB" classify --agent sim out.txt | jq -r .class)" auth
is "usage of a result" "$(judge '{"type":"result","subtype":"success","is_error":false,"num_turns":6,"result":"done","session_id":"s1","total_cost_usd":0.02,"usage":{"input_tokens":960,"output_tokens":240}}' 0 | jq -c '[.usage.cost_usd,.usage.tokens_in,.usage.tokens_out]')" '[0.02,960,240]'
{ head -c 3000000 /dev/zero | tr '\0' 'x'; printf '\nAPI Error: 529 Overloaded\n'; } >big.txt
is "only the end of a large file counts" "$("$AB" classify big.txt | jq -r .class)" rate_limit
run "$AB" classify gone.txt
is "a missing file: exit 2" "$rc" 2
run "$AB" classify a b
is "two files: exit 2" "$rc" 2
run "$AB" classify --exit 256 out.txt
is "an exit status above 255: exit 2" "$rc" 2
# In Turkish the small letter of I is another one. No text of ours or a service's is Turkish for that.
mkdir locales
if localedef -i tr_TR -f UTF-8 "$T/locales/tr_TR.UTF-8" >/dev/null 2>&1; then
  is "capitals, in a Turkish locale" \
    "$(export LOCPATH="$T/locales" LC_ALL=tr_TR.UTF-8; judge 'API ERROR: 429 RATE LIMIT. TRY AGAIN IN 1.5 MINUTES' 1 | jq -c '[.class,.retry_after_s]')" \
    '["rate_limit",90]'
else
  skip "capitals, in a Turkish locale" "no localedef(1), or no source of it"
fi
done_testing
