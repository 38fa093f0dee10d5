/* The shared tables of patterns.h. Written from what the programs are known to print; a new
 * sentence goes to the class it means, before any wider pattern that would also match it. */
#include "policy/patterns.h"

/* A pattern is cut between its alternatives, not at a column. */
/* clang-format off */

/* A status code where one stands: at the start, or behind a word that announces it. */
#define STATUS(codes) \
	"(?:^|status(?:[ _]?code)?\\W{0,4}|\\bcode\\W{1,4}|\\berror\\W{1,3}|HTTP/[\\d.]+ " \
	"|\\(|request failed with )(?:" codes ")\\b(?!\\.\\d)"

const struct pattern_row pattern_errors[] = {
    /* The agent's own work, whatever words its message holds. */
    {CLASS_TASK_ERROR, 0, "^error executing tool"},
    {CLASS_TASK_ERROR, 0, "^hook (?:script )?(?:failed|error)|^execution error$"},
    {CLASS_TASK_ERROR, PATTERN_EXIT_0, "^empty response received from llm"},
    {CLASS_TASK_ERROR, 0,
	"\\b\\d+ (?:tests?|specs?|examples?|assertions?|checks?) (?:have |has )?fail"
	"|\\b(?:tests?|specs?|assertions?) fail(?:ed|ure)|^assert(?:ion)?\\b"
	"|expected .{0,80} (?:to (?:be|equal|match|have|contain)|but (?:got|was|received))"},
    /* git, at work for the agent: another login than the agent's own. */
    {CLASS_TASK_ERROR, 0,
	"^(?:authentication failed for '|could not read (?:username|password|from remote)"
	"|unable to access 'http|repository '[^']*' not found)"},

    /* The machine's files, not the service. */
    {CLASS_CONFIG, 0, "\\bspawn \\S+ (?:ENOENT|EACCES)|\\b(?:EACCES|EPERM|EROFS)\\b"},
    {CLASS_TASK_ERROR, 0, "\\b(?:ENOSPC|ENOENT)\\b|no space left on device"},

    {CLASS_CONFIG, 0,
	"(?:cannot|could not|unable to|failed to) (?:access|open|read|write|create)\\b.{0,120}/"
	".{0,160}permission denied"},

    {CLASS_CRASH, 0, "heap out of memory|heap limit|allocation failed"},
    {CLASS_CRASH, 0,
	"maximum call stack|std::bad_alloc|agent loop died|bun has crashed"
	"|this indicates a bug in bun"},

    {CLASS_MAX_TURNS, PATTERN_EXIT_0,
	"(?:reached|exceeded|hit) (?:the )?max(?:imum)? (?:number of )?(?:session |agent |tool "
	")?(?:turns|rounds|iterations|steps|actions)"},
    {CLASS_MAX_TURNS, PATTERN_EXIT_0,
	"max(?:imum)? (?:number of )?(?:session |tool )?(?:execution )?(?:turns|rounds"
	"|iterations|steps)(?: limit)? (?:has been |was |were )?(?:reached|exceeded|hit)"},
    {CLASS_MAX_TURNS, PATTERN_EXIT_0,
	"TurnLimitedError|\\berror_max_|turn limit (?:reached|exceeded)"},
    {CLASS_MAX_TURNS, 0,
	"(?:exceeded|reached)(?: the)?(?: max(?:imum)?)? (?:usd|cost|session) budget"
	"|max[ -]budget(?:-usd)? (?:of \\S+ )?(?:reached|exceeded)"},

    /* The way to the service is set up wrong: no retry will mend a certificate. */
    {CLASS_CONFIG, PATTERN_EXIT_0,
	"certificate (?:verif\\w+|has expired|is not|chain|signed)|CERTIFICATE_VERIFY"
	"|self[- _]signed|UNABLE_TO_(?:VERIFY|GET)|\\bCERT_\\w+|ssl certificate"},

    {CLASS_REFUSAL, PATTERN_EXIT_0,
	"content[ _-]?filter|content[ _]policy|content management policy|ContentPolicyViolation"},
    {CLASS_REFUSAL, PATTERN_EXIT_0,
	"(?:response|request|output|prompt|content|message|input) (?:was |has been |is |were "
	")?(?:blocked|rejected|flagged|refused) (?:due to|because of|because|by|for|as|under)"
	"\\b.{0,40}(?:safety|recitation|polic|copyright|prohibit|content|moderation|guardrail"
	"|filter|cyber|biolog|\\brisk|sensitive|harm|blocklist|abuse)"},
    {CLASS_REFUSAL, PATTERN_EXIT_0,
	"safeguards? flagged|flagged (?:this|your) (?:message|request|prompt)"
	"|safety measures that flagged|triggered .{0,30}safeguards?"},
    {CLASS_REFUSAL, PATTERN_EXIT_0,
	"violat\\w+ (?:\\w+ ){0,4}(?:usage |content |safety |use )?(?:policy|policies|guidelines)"
	"|refused (?:the request|to \\w+) due to|safety (?:policy|settings|filter|system|reasons)"},
    {CLASS_REFUSAL, PATTERN_EXIT_0,
	"PROHIBITED_CONTENT|\\bRECITATION\\b|recitation/copyright|inappropriate content"
	"|data_inspection_failed|cyber_policy"
	"|stopped due to (?:safety|recitation|prohibited|blocklist|spii)"
	"|stop_?reason\\W{1,4}refusal|limited access to this content"
	"|against (?:\\w+'s )?usage polic"},

    {CLASS_CONTEXT_OVERFLOW, PATTERN_EXIT_0,
	"(?:prompt|input|conversation|context|request|message|transcript)(?: is| was)? too "
	"(?:long|large|big)\\b"},
    {CLASS_CONTEXT_OVERFLOW, PATTERN_EXIT_0,
	"context[_ ]length[_ ]exceeded|Context(?:Window|Overflow|Length)\\w*(?:Error|Exceeded)"
	"|request_too_large|payload too large|request entity too large|prompt_too_long"
	"|model_context_window_exceeded"},
    {CLASS_CONTEXT_OVERFLOW, PATTERN_EXIT_0,
	"maximum (?:context|prompt|input) (?:length|size|tokens?)"
	"|(?:exceed\\w*|beyond|over|out of room in|exhausted) (?:the |this |your |available "
	"|model'?s? |maximum |allowed )*(?:context|input)\\b.{0,20}(?:window|length|size|limit)"
	"|context (?:window|length|size)(?: limit)? (?:has been |was |is )?(?:exceed|reached"
	"|full)"},
    {CLASS_CONTEXT_OVERFLOW, PATTERN_EXIT_0,
	"ran out of room in the model's context|greater than the context length"
	"|tokens? to keep from the initial prompt"},
    {CLASS_CONTEXT_OVERFLOW, PATTERN_EXIT_0,
	"token (?:count|limit|length)\\b.{0,40}exceed"
	"|exceed\\w* (?:\\w+ ){0,3}(?:token limit|maximum number of (?:input )?tokens|limit of "
	"\\d[\\d,]* ?(?:tokens)?$)"
	"|exceeds the [\\d,]+ token|tokens exceeds?\\b|hit a token limit"
	"|input length and .?max_tokens"},
    {CLASS_CONTEXT_OVERFLOW, PATTERN_EXIT_0,
	"reduce the length of (?:the|your) (?:messages|prompt|input)|exceeds \\d+ ?[MK]B\\b"
	"|max \\d+ ?MB\\b|range of input length|too large for model"
	"|pdf (?:too large|has too many pages)"},
    {CLASS_CONTEXT_OVERFLOW, 0, STATUS("413")},

    /* Google answers a rate limit, a daily quota and a missing plan with the same first sentence;
     * what follows it decides. */
    {CLASS_BUDGET, PATTERN_EXIT_0, "\\blimit: 0\\b|free quota tier"},
    {CLASS_USAGE_LIMIT, PATTERN_EXIT_0,
	"per[_ -]?day|daily (?:\\w+ )?(?:quota|limit|allowance)|TerminalQuotaError|QUOTA_EXHAUSTED"
	"|unified-(?:status: rejected|representative-claim)|limit_rpd|\\bRPD\\b"},
    {CLASS_RATE_LIMIT, PATTERN_EXIT_0,
	"RetryableQuotaError"
	"|exceeded your current quota.{0,400}(?:PerMinute|please retry in|ai\\.google\\.dev"
	"|googleapis)"},

    {CLASS_USAGE_LIMIT, PATTERN_EXIT_0,
	"spend(?:ing)? (?:limit|cap) reached (?:\\((?:daily|weekly|monthly|hourly)?[^)]*)?resets"},
    {CLASS_BUDGET, PATTERN_EXIT_0,
	"credit balance|insufficient[ _]?(?:\\w+[ _])?(?:quota|balance|credits?|funds)"
	"|out of (?:\\w+ )?credits|credits? exhausted"
	"|(?:extra usage|usage credits) (?:is |are )?required|no credits"
	"|credits? (?:are|is|have been|has been) (?:depleted|exhausted|used up)"
	"|used all (?:available |your )?credits"},
    {CLASS_BUDGET, PATTERN_EXIT_0,
	"spend(?:ing)?[ _]cap|spending limit"
	"|billing[ _](?:error|hard[ _]limit|not[ _]active|account|is disabled)"
	"|payment (?:required|method)|CreditsError|requires more credits"
	"|budget (?:has been )?exceeded|ExceededBudget|BudgetExceeded"},
    {CLASS_BUDGET, PATTERN_EXIT_0,
	"membership expired|recharge your|arrearage|overdue[ -]payment"
	"|account (?:is |has been )?(?:suspended|deactivated) due to|insufficient_quota"
	"|add (?:more )?(?:credits|funds) (?:to|at|in) "},
    {CLASS_BUDGET, PATTERN_EXIT_0, STATUS("402")},

    {CLASS_RATE_LIMIT, PATTERN_EXIT_0, "temporarily limiting requests|\\(not your usage limit\\)"},
    {CLASS_USAGE_LIMIT, PATTERN_EXIT_0,
	"usage[ _-]?limit|usage cap"
	"|(?:session|weekly|monthly|hourly|\\d+[- ]?hour|opus|sonnet|fable) (?:usage |rate "
	")?limit\\b"
	"|limit reached\\|\\d{10}"},
    {CLASS_USAGE_LIMIT, PATTERN_EXIT_0,
	"(?:hit|reached|exceeded|used up|exhausted) (?:your|the|all of your) "
	"(?!(?:per-\\w+ )?(?:rate|context|output|current))[\\w .'-]{0,40}(?:limit|allowance|allocation)\\b"
	"|(?:monthly|weekly|free) (?:usage |requests? |request )?(?:quota|allowance|limit)"},
    {CLASS_USAGE_LIMIT, PATTERN_EXIT_0,
	"free usage exceeded"
	"|(?:oauth|api|allocated|plan|premium \\w+) quota (?:has been )?(?:exceeded|exhausted)"
	"|quota has been exhausted|quota_exceeded|out of extra usage|wait for your quota to reset"
	"|free-models"
	"|(?:premium|monthly|weekly|daily) (?:\\w+ ){0,2}(?:quota|requests)"
	"\\b.{0,40}(?:exhausted|exceeded|used)"
	"|exhausted your (?:\\w+ ){0,3}(?:quota|requests)"},
    {CLASS_BUDGET, PATTERN_EXIT_0,
	"check your plan and billing|quota exceeded\\. check your plan"
	"|exceeded your current quota"},

    {CLASS_RATE_LIMIT, PATTERN_EXIT_0,
	"rate[- _]?limit|too many requests|too many tokens|throttl(?:ed|ing)|rate exceeded"
	"|slow down|requests? per (?:min|sec|hour)|tokens per min|limit_rpm"},
    {CLASS_RATE_LIMIT, PATTERN_EXIT_0,
	"overloaded(?! with)|overloaded_error|overloaded with other|\\bat capacity|no capacity"
	"|capacity (?:issue|on this model|constraints|exceeded)|exhausted your capacity"
	"|waiting for api capacity|resource[ _-]?exhausted|has been exhausted"
	"|no deployments available"},
    {CLASS_RATE_LIMIT, PATTERN_EXIT_0,
	"concurren\\w+ (?:requests|connections|limit)|request limit"
	"|quota (?:exceeded|limit|will reset)|model is (?:currently )?busy"},
    {CLASS_RATE_LIMIT, PATTERN_EXIT_0, STATUS("429|529")},

    {CLASS_CONFIG, PATTERN_EXIT_0,
	"model\\b.{0,100}(?:not found|does not exist|doesn't exist|is not (?:supported|available"
	"|valid|a known)|not available|is unavailable with|not supported|is deprecated|has been "
	"retired)"
	"|ModelNotFound|model\\b.{0,60}does not support"},
    {CLASS_CONFIG, PATTERN_EXIT_0,
	"(?:unknown|invalid|unsupported|unrecognized|no such) (?:\\w+ )?model"
	"|issue with the (?:selected )?model|may not exist or you may not have"
	"|is not a known model|cannot use this model|model_not_found|not found for api version"
	"|not available (?:with|on|in) (?:the|your) [\\w ]{0,30}plan|\"message\\W{1,4}model: "},
    {CLASS_CONFIG, PATTERN_EXIT_0,
	"not_found_error|NotFoundError|llm provider not provided|no endpoints found"
	"|no allowed providers"},

    {CLASS_AUTH, PATTERN_EXIT_0,
	"unauthori[sz]ed|unauthenticated|authentication|authenticate\\b|invalid x-api-key"
	"|(?:access|refresh|auth|oauth|session|bearer) token"},
    {CLASS_AUTH, PATTERN_EXIT_0,
	"api[- _]?key\\b.{0,60}(?:invalid|not valid|incorrect|required|missing|expired|not found"
	"|not set|disabled|revoked|belongs)"
	"|(?:invalid|incorrect|missing|no|bad|wrong|expired|disabled|set (?:a|the|an|your)) "
	"(?:\\w+ )?(?:api[- _]?)?key\\b"
	"|API_KEY_INVALID|[A-Z]+_API_KEY"},
    {CLASS_AUTH, PATTERN_EXIT_0,
	"not logged in|not signed in|log ?in (?:is )?(?:required|expired|again|first)"
	"|please (?:run )?.{0,30}(?:/login|log ?in|sign in|re-?authenticate)|sign in again"
	"|login expired|logged out"},
    {CLASS_AUTH, PATTERN_EXIT_0,
	"has disabled .{0,40}access|disabled organization|organization has been disabled"
	"|api has not been used in project|SERVICE_DISABLED|does not have access to|not entitled"
	"|entitlement|permission[ _]?(?:denied|error)|must be a named user"
	"|subscription (?:is )?required|no (?:active )?subscription|auth method|apikeyhelper"
	"|no key found|access denied|no auth type|failed to log ?in"
	"|to use \\w+ with your .{0,30}plan, upgrade"
	"|(?:missing|set) (?:these |the |this |one of the following |required )*environment "
	"variables?"
	"|invalid_grant|credentials (?:are|have|were|not)"
	"|could not (?:load|find|resolve) .{0,30}credentials|reauth"},
    {CLASS_AUTH, PATTERN_EXIT_0, STATUS("401|403")},
    {CLASS_AUTH, PATTERN_EXIT_0, "forbidden"},

    {CLASS_CONFIG, 0,
	"(?:unknown|unexpected|unrecogni[sz]ed|invalid|missing(?: required)?|unsupported|too "
	"many) (?:\\w+ )?(?:option|argument|flag|parameter|command|subcommand|value|setting)"
	"|a value is required for|required arguments?|no such (?:option|command)|bad option"},
    {CLASS_CONFIG, 0,
	"^(?:option|argument|flag) '?-"
	"|^-{1,2}\\w[\\w-]* (?:cannot|requires|must|is not|can only|conflicts)"
	"|cannot be used with|requires (?:a valid|--\\w)"},
    {CLASS_CONFIG, 0,
	"^spawn \\S+ (?:ENOENT|EACCES)|command not found|exec format error|workspace trust"
	"|not inside a trusted|(?:un|not a? ?)trusted (?:folder|directory|workspace)"
	"|(?:folder|directory|workspace) is not trusted"},
    {CLASS_CONFIG, 0,
	"(?:no|invalid|unknown) (?:\\w+ ){0,2}(?:session|thread|rollout|conversation|chat)s? "
	"(?:id|found|with)"
	"|(?:session|thread|conversation)\\b.{0,60}(?:not found|does not exist|not a uuid|already in "
	"use)"
	"|thread/resume failed|no (?:previous |saved )?(?:session|conversation)s? (?:found|to)"},
    {CLASS_CONFIG, 0,
	"not valid json|config(?:uration)?(?:\\.\\w+)? (?:file|error|is invalid|could not)"
	"|(?:error|failed|unable|invalid)\\b.{0,40}\\bconfig|settings\\.json"
	"|config\\.(?:toml|json|ya?ml)"
	"|failed to (?:parse|load|initialize) (?:\\w+ ){0,2}(?:config|settings|provider|model)"
	"|provider not found|unknown provider|no provider configured|goose configure"
	"|failed to create provider|ProviderInitError"},
    {CLASS_CONFIG, 0,
	"(?:input|prompt|message|task) (?:must be|is required|is empty|contained only|cannot be "
	"empty)"
	"|no (?:input|prompt|message)\\b.{0,20}(?:provided|given)|provide a prompt"
	"|mcp (?:tool|server)\\b.{0,80}not found|is not supported with this model"
	"|(?:directory|file|path) (?:\\w+ ){0,3}(?:does not exist|no longer exists|not found)"
	"|cannot find module|not supported when using"},

    {CLASS_TRANSIENT, PATTERN_EXIT_0,
	"\\[(?:unavailable|internal|aborted|deadline_exceeded|unknown|canceled)\\] "
	"|API(?:Connection|Timeout)Error\\b|\\.Timeout:"
	"|\\bE(?:CONN\\w+|TIMEDOUT|AI_AGAIN|PIPE|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN"
	"|NETRESET)\\b"
	"|ENOTFOUND|UND_ERR_\\w+|getaddrinfo|fetch failed|socket (?:hang up|closed|error)"
	"|other side closed|network (?:error|issue|failure|is unreachable|connection)"
	"|name resolution|name or service not known|\\bdns\\b|error trying to connect"
	"|connect error|could not resolve host"},
    {CLASS_TRANSIENT, PATTERN_EXIT_0,
	"connection (?:was )?(?:error|refused|reset|closed|lost|dropped|failed|timed? ?out"
	"|aborted|interrupted|terminated)"
	"|(?:cannot|unable to|could not|couldn't|failed to) (?:connect|reach)|no internet"
	"|internet (?:connection|route)|server disconnected|disconnected before"
	"|client network socket"},
    {CLASS_TRANSIENT, PATTERN_EXIT_0,
	"timed? ?out|time-out|deadline exceeded|mid-(?:response|stream)"
	"|stream (?:error|closed|ended|stalled|idle|disconnected|was)|premature close"
	"|unexpected (?:eof|end of)|incomplete (?:json|response|stream|chunked)"
	"|error sending request|error decoding response|^terminated$|response stalled"
	"|invalid_stream"},
    {CLASS_TRANSIENT, PATTERN_EXIT_0,
	"(?:internal|upstream|model|origin)(?: server)?(?: error| failure)|internal error"
	"|server[_ ](?:had an )?error|server error|bad gateway"
	"|service (?:temporarily )?unavailable|temporarily unavailable|gateway time|api_error"
	"|high demand|may be a transient|model stream"},
    {CLASS_TRANSIENT, PATTERN_EXIT_0,
	"(?-i:\\bUNAVAILABLE\\b|\\bINTERNAL\\b)|ServiceUnavailable|InternalServerError"
	"|(?:returned|received) (?:an )?empty (?:response|reply)|empty (?:response|reply) from"
	"|no (?:response|content) (?:from|was)|servers? (?:is|are) (?:down|busy|unavailable)"},
    {CLASS_TRANSIENT, PATTERN_EXIT_0, STATUS("408|425|50[0-9]|52[0-7]|530")},

    {CLASS_CONFIG, 0,
	"invalid_request_error|invalid (?:request|params)|bad request|" STATUS("400|404|405|422")},
    {CLASS_TRANSIENT, PATTERN_EXIT_0 | PATTERN_WEAK,
	"failed to get (?:a )?response|provider returned error|try again (?:later|in a)"},
    {CLASS_NONE, 0, NULL},
};

const struct pattern_row pattern_sentences[] = {
    {CLASS_CRASH, 0,
	"(?:fatal error: .{0,80}(?:heap|memory|allocation)|panic(?:\\(|: )|thread '[^']*' "
	"(?:\\(\\d+\\) )?panicked at|oh no: bun has crashed|illegal instruction|segmentation "
	"fault|bus error|abort(?:ed)?(?: \\(core|$)|trace/breakpoint trap|killed$|floating point "
	"exception|out of memory$|terminate called after|fatal python error|fatal runtime error"
	"|memoryerror\\b|std::bad_alloc|double free|malloc\\(\\)|\\*\\*\\* stack smashing)"},
    {CLASS_CRASH, 0,
	"\\S+: line \\d+:\\s+\\d+ (?:segmentation fault|killed|aborted|illegal instruction|bus "
	"error)"},

    {CLASS_USAGE_LIMIT, PATTERN_EXIT_0,
	"claude(?: \\w+)? usage limit reached"
	"|you(?:'ve| have)? (?:hit|reached) your (?:[\\w.-]+ ){0,4}limit (?:.{1,4} )?resets "},
    {CLASS_USAGE_LIMIT, 0,
	"you(?:'ve| have| are)?(?: now)? (?:hit|reached|exceeded|exhausted|used up|used all of) "
	"(?:your|the) (?!rate|context|current quota|capacity)[\\w .'-]{0,50}(?:limit|quota"
	"|allowance|usage|requests)\\b"},
    {CLASS_USAGE_LIMIT, 0,
	"(?:[\\w-]+ ){0,4}(?:usage|session|weekly|daily|monthly|opus|(?:\\d+[- ])?hour) limit "
	"(?:reached|exceeded|hit)\\b"
	"|free usage exceeded|spend limit reached \\(|you're out of extra usage"
	"|(?:\\w+ )?(?:oauth |api |allocated |daily |monthly )quota (?:exceeded|exhausted)"
	"|the usage limit has been reached|your (?:\\w+ ){0,3}quota has been exhausted"},
    {CLASS_BUDGET, PATTERN_EXIT_0,
	"insufficient (?:credits|balance|funds)|your team \\S+ has either used all"
	"|your prepayment credits|(?:your )?credit balance is too low(?: to access|$|\\.$)"},
    {CLASS_BUDGET, 0,
	"credit balance (?:is )?too low|you(?:'re| are) out of (?:usage )?credits"
	"|your (?:account|workspace|organization)\\b.{0,80}(?:out of credits|suspended"
	"|insufficient)"
	"|you hit your spend cap|quota exceeded\\. check|membership expired"},
    {CLASS_CONTEXT_OVERFLOW, PATTERN_EXIT_0,
	"model \\S+ has hit a token limit|your estimated chat context"
	"|the model's context window has been exceeded\\.?$"},
    {CLASS_CONTEXT_OVERFLOW, 0,
	"(?:prompt|input|conversation|context|request) (?:is )?too (?:long|large)\\b"
	"|(?:your |the |this )(?:input|prompt|request|conversation)\\b.{0,30}exceeds? (?:the"
	"|this|your)"
	"|(?:this model's|the model's) maximum (?:context|prompt)"
	"|(?:the )?(?:input|prompt) token count|tokens to keep from the initial prompt"
	"|invalid params, context|codex ran out of room"
	"|context (?:window|limit) (?:exceeded|reached)"
	"|error during compaction: (?:conversation|prompt) too"
	"|(?:invalid request: )?your request exceeded model token limit"},
    {CLASS_REFUSAL, PATTERN_EXIT_0,
	"the api provider has refused the request"
	"|claude code is unable to respond to this request, which appears to violate"},
    {CLASS_REFUSAL, 0,
	"(?:this|your) (?:content|request|message|prompt) (?:was|has been) (?:flagged|blocked"
	"|rejected)"
	"|output blocked by content"},
    {CLASS_MAX_TURNS, PATTERN_EXIT_0,
	"i've reached the maximum number of actions i can do without user input"
	"|max(?:imum)? (?:number of )?(?:tool )?(?:execution )?(?:rounds|steps|turns|iterations)"
	"(?: limit)? (?:has been )?reached\\b"
	"|reached max(?:imum)? (?:session |number of )?turns"},
    {CLASS_RATE_LIMIT, PATTERN_EXIT_0 | PATTERN_WEAK, "the api provider has rate limited you"},
    {CLASS_AUTH, PATTERN_EXIT_0 | PATTERN_WEAK, "the api provider is not able to authenticate you"},
    {CLASS_TRANSIENT, PATTERN_EXIT_0 | PATTERN_WEAK,
	"the api provider'?s servers are down|the api provider timed out"
	"|the api provider'?s? (?:cannot|could not|is unable)"},
    {CLASS_RATE_LIMIT, 0,
	"rate limit(?:ed)? (?:exceeded|reached|is exceeded)|rate limited(?=$|[.:;,!]| \\[| by\\b)"
	"|(?:sorry, )?you(?:'ve| have)? (?:hit|exceeded|reached) (?:a|the|your) .{0,40}limit"
	"|too many (?:requests|tokens)\\b|no capacity available|\\w+ rate limit exceeded"
	"|server is temporarily limiting|selected model is at capacity"
	"|\\[qwen-code\\] waiting for api capacity"
	"|(?:the |that )?(?:model|engine|server) is (?:currently )?overloaded"},
    {CLASS_TASK_ERROR, PATTERN_EXIT_0,
	"empty response received from llm|warning: no last agent message"
	"|only \\d+ reflections allowed, stopping"},
    {CLASS_AUTH, PATTERN_EXIT_0, "authentication failed\\. your api key"},
    {CLASS_AUTH, 0,
	"(?:not logged in|login expired|invalid api key|invalid x-api-key|api key (?:not valid"
	"|not found|required|is )|authentication (?:failed|required|error)|failed to "
	"authenticate|please (?:log ?in|sign in|run /login|set an auth method)|your "
	"(?:\\w+_api_key|apikeyhelper|access token|organization has disabled|session has expired)"
	"|could not resolve authentication|missing (?:api key|environment variable)|no (?:api "
	")?key found|incorrect api key|you (?:must|need to) (?:be|log ?in|sign in)|unauthorized"
	"|oauth (?:token|session)|when using vertex ai|no auth type|failed to log ?in|to use "
	"codex with|your (?:\\w+ )?account does not have access|missing these environment|the "
	"enforced authentication|missing authentication)\\b"},
    {CLASS_AUTH, 0,
	".{1,160} please (?:run|log ?in|sign in|re-?auth)\\S* ?(?:/login|`?[\\w-]+ (?:auth "
	")?login`?)?\\.?$"},
    {CLASS_TRANSIENT, 0,
	".{1,120}\\((?:ECONN\\w+|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|E(?:HOST|NET)\\w+"
	"|UND_ERR_\\w+)\\)\\.?$"},
    {CLASS_CONFIG, 0,
	"there's an issue with the (?:selected )?model|(?:\\S+: )?bad option: "
	"|workspace trust required|error: no such option"},
    {CLASS_CONFIG, 0,
	"(?:\\S+: )?(?:line )?(?:\\d+: )?\\S+: (?:command )?not found$"
	"|\\S+: \\S+: (?:permission denied|no such file or directory|cannot execute.*|bad "
	"interpreter.*|exec format error)$"},
    {CLASS_CONFIG, 0,
	"(?:unknown|unexpected|unrecogni[sz]ed|invalid) (?:option|argument|flag|command)s?\\b"
	"|--[a-z][\\w-]+ (?:cannot|requires|must|can only)|cannot use this model|unknown model"
	"|invalid values:$|model not found|not inside a trusted|no input provided"
	"|(?:message|instruction|config|input|prompt) file (?:at |not found)"
	"|please fix the configuration|the current directory no longer"
	"|unable to connect to api: ssl|claude (?:\\w+ )is not available with"
	"|(?:gemini|claude|codex|\\w+) is not running in a trusted"
	"|error (?:in|loading|parsing|reading) .{0,160}(?:settings|config)\\S*"},
    {CLASS_CONFIG, PATTERN_WEAK, "(?:-h, ?)?--help\\s|usage: [\\w.-]+ .{0,60}[\\[<]"},
    {CLASS_TRANSIENT, PATTERN_EXIT_0, "the request timed out\\. please try again"},
    {CLASS_TRANSIENT, 0,
	"(?:unable to connect to|could not connect to|cannot connect to|failed to connect to) "
	"|connection (?:dropped|error|reset|refused|lost|closed|failed|timed out)\\b(?! (?:is"
	"|are|handling|now))"
	"|request timed out|no internet (?:route|connection)|fetch failed"
	"|network (?:error|connection)[:.]|the server had an error|internal server error"
	"|socket hang up|we're currently experiencing high demand|service unavailable|bad gateway"
	"|overloaded$|stream disconnected before"},
    {CLASS_NONE, 0, NULL},
};

/* Signs of a person's or model's report; a tool's own message has none of them. */
const struct pattern_row pattern_prose[] = {
    {CLASS_NONE, 0,
	"(?-i:\\bI\\b)"
	"|\\b(?:we|now|tests?|fixed|added|implemented|updated|changed|refactored|documented|done"
	"|pass(?:es|ed)|assert\\w*|expected|build|function|handler|file|line \\d+)\\b"},
    {CLASS_NONE, PATTERN_WEAK, "`|\\w\\(\\)"}, /* errors quote names, too */
    {CLASS_NONE, 0, NULL},
};

const struct pattern_row pattern_trailers[] = {
    {CLASS_NONE, 0,
	"$|[\\]\\[{}(),;]+$|-{3,}|at \\S|at async |node\\.js v\\d|https?://\\S+$|\\.{3}$"},
    {CLASS_NONE, 0, "an unexpected critical error occurred"},
    {CLASS_NONE, 0, "reading (?:additional input|prompt) from stdin|tokens used\\b|[\\d,]+$"},
    {CLASS_NONE, 0,
	"possible quota limitations"
	"|please (?:wait and try|retry if you think|retry in|check|review)|suggested retry after"
	"|see log:|to (?:reduce|use|increase)\\b|- (?:use|switch|start|try) "
	"|(?:input|output|total) tokens: |token counts below|for more information|visit "
	"|\\* quota exceeded"},
    {CLASS_NONE, 0,
	"tokens: [\\d.]+k? sent|total (?:usage|duration|code|session)|api time|usage by model"
	"|breakdown by|[\\w.-]+\\s+[\\d.]+k? (?:in|input),|session (?:saved|id)|to resume"
	"|request id"},
    {CLASS_NONE, 0, NULL},
};

const struct pattern_row pattern_notices[] = {
    {CLASS_NONE, 0,
	"retrying (?:in|after|with|\\d)|reconnecting\\b|waiting for api capacity|will retry"
	"|\\[retrying|retry attempt \\d|attempt \\d+ failed(?!.*max attempts reached)"
	"|level=(?:error|warn)|service=llm"},
    {CLASS_NONE, 0, NULL},
};

/* Each row is tried at the start of what is left of a line. */
const struct prefix_row pattern_prefixes[] = {
    /* A time, or the marks that screens put in front; neither announces anything. */
    {PREFIX_NONE,
	"\\[?\\d{4}-\\d\\d-\\d\\d[T ][\\d:.,]+(?:Z|[+-]\\d\\d:?\\d\\d)?\\]?:?\\s+"
	"|[\\x80-\\xff\\s|]+"},
    {PREFIX_ERROR,
	"(?:unhandled |uncaught |unexpected |cursor )?(?:fatal |internal )?"
	"(?:error|fatal|panic|exception)(?: \\[[\\w .-]*\\])?:\\s*"
	"|\\[(?:error|fatal)\\]:?\\s*"
	"|\\w+ \\[error\\]:\\s*"},
    {PREFIX_ERROR,
	"\\[?(?:[\\w.-]+ )?api error(?::\\s*|\\s+(?=\\d{3}\\b|\\())"
	"|error code:\\s*(?=\\d)"
	"|error when talking to [\\w ]+? api\\b(?: full report available at: \\S+)?:?\\s*"},
    {PREFIX_ERROR,
	"(?:ran into this error"
	"|(?:request|model call|execution|prompt|generation) failed|failed to run prompt"
	"|last error|sorry, i encountered an error"
	"|(?:[\\w-]+ )?provider error|codex error|llm error"
	"|stream (?:disconnected before completion|error)):\\s*"
	"|failed to authenticate\\.\\s*(?=api error)"
	"|got status:\\s*|unexpected status (?=\\d{3})|exceeded retry limit, (?=last status)"},
    {PREFIX_ERROR, "litellm\\.\\w+:\\s*|curl: \\(\\d+\\)\\s+"},
    /* Goose's second half; alone it may be the heading of a report ("Network error: now ..."). */
    {PREFIX_EXCEPTION,
	"(?:authentication|network|server|connection|rate limit|context length|usage"
	"|credits?|provider|llm|model) (?:error|exceeded):\\s*(?=\\S)"
	"|bad request (?=\\(\\d{3}\\))"},
    {PREFIX_ERROR,
	"attempt \\d+ failed(?: with status \\d+)?[:.]\\s*(?=.*max attempts reached)"},
    {PREFIX_EXCEPTION,
	"(?-i:(?:[\\w$]+\\.)*[A-Z_]?[\\w$]*(?:Error|Exception|Exceeded)(?: \\[[^\\]]*\\])?:\\s*)"},
    {PREFIX_STATUS,
	"(?-i:HTTP/[\\d.]+ [45]\\d\\d\\b|[45]\\d\\d (?=[A-Z{<\"'])|[45]\\d\\d status code)"
	"|provider\\.\\w+:\\s*(?=\\d{3})"
	"|message: ['\"]|reason: '"},
    {PREFIX_NONE, NULL},
};

#define UNIT \
	"(?:milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|min|m|hours?|hrs?|hr|h" \
	"|days?|d|weeks?|w)(?![a-z])"
#define SPAN \
	"\\d[\\d,]*(?:\\.\\d+)?\\s*" UNIT "(?:(?:,? and |,\\s*|\\s*)\\d+(?:\\.\\d+)?\\s*" UNIT ")" \
	"*"
#define MONTH "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\\.?"
#define DATE \
	"(?:\\d{4}-\\d\\d-\\d\\d|\\d{1,2}/\\d{1,2}/\\d{2,4}" \
	"|" MONTH "\\s+\\d{1,2}(?:st|nd|rd|th)?(?:,?\\s+\\d{4}\\b)?" \
	"|\\d{1,2}\\s+" MONTH "(?:\\s+\\d{4}\\b)?" \
	"|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\\.?|today|tomorrow)"
#define CLOCK "(?:\\d{1,2}(?::\\d\\d){0,2}\\s*(?:[ap]m\\b|[ap]\\.m\\.)|\\d{1,2}:\\d\\d(?::\\d\\d)?)"
#define ZONE \
	"(?:\\s*\\([A-Za-z_]+(?:/[A-Za-z_+-]+)*[\\d+:-]*\\)" \
	"|\\s*(?-i:UTC|GMT|Z|[PMCE][SD]T|CET|CEST|BST|JST|IST)\\b(?:[+-]\\d{1,2}(?::?\\d\\d)?)?" \
	"|\\s*[+-]\\d\\d:?\\d\\d\\b)?"

const char *const pattern_shapes[SHAPE__COUNT] = {
    [SHAPE_TOLD_WAIT] = "(?:try again|retry|resets?|resetting|available|wait|renews?)"
			"(?: the request| your request| again)?(?: in| after| for)?:?\\s+"
			"(?:about |approximately |another |~\\s*)?(" SPAN ")",
    /* Only the bracketed form: a tool's own ladder says "Retrying in 32 seconds...". */
    [SHAPE_RETRYING] = "\\[retrying in\\s+(?:~\\s*)?(" SPAN ")",
    [SHAPE_TOLD_FIELD] =
	"(retry[-_ ]?(?:after|delay)[-_ ]?ms|retry[-_ ]?after(?:[-_ ]?seconds)?|retry[-_ ]?delay"
	"|resets?_in_seconds|reset_after_seconds)"
	"\\\\?[\"']?\\s*[:=]\\s*\\\\?[\"']?(\\d+(?:\\.\\d+)?)\\s*(ms|s|m|h|seconds?)?\\b",
    [SHAPE_EPOCH] = "(?:limit reached\\||resets?_?at\\\\?[\"']?\\s*[:=]\\s*\\\\?[\"']?|-reset:\\s*)"
		    "(\\d{13}|\\d{10})\\b",
    [SHAPE_RESET] = "(?:\\bresets?(?: at| on| by)?:?|(?:try|available) again(?: at| on)"
		    "|regain access(?: at| on)?"
		    "|(?:cycle|period|window) (?:ends|resets|renews)(?: at| on)?|until)\\s+"
		    "((?:" DATE "(?:,?\\s+(?:at\\s+)?" CLOCK "|T\\d\\d:\\d\\d(?::\\d\\d)?)?"
		    "|" CLOCK "(?:\\s+(?:on\\s+)?" DATE ")?)" ZONE ")",
};

/* clang-format on */
