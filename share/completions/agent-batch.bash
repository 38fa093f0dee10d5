# bash completion for agent-batch, made by: agent-batch help --completions bash

_agent_batch_commands='launch monitor monitor-bg status list wait retry resume ctl lineage logs report collect check classify profiles graph score demo doctor solve summon_agent help'
_agent_batch_verbs='pause resume jobs cancel retry skip-wait gate stop'

_agent_batch_options() {
	case $1 in
	launch) echo '--auto-retry --max-retries --jobs -j --agent --agent-command --accounts --map --validate --planner --planner-command --synthesizer --synthesizer-command --validator --validator-command --max-validation-retries --attempts --backoff --jitter --timeout --stall --grace --max-wait --retry-on --halt --budget --budget-tokens --budget-hard --feedback --fresh-session --min-free-mem --give-up-after --branch --leftovers --exclusive-dir --unattended --dir --dry-run --detach --no-tui --monitor --output --ascii --color --plain --notify-term --help -h' ;;
	monitor) echo '--dir --no-tui --print --size --at --ascii --color --plain --notify-term --help -h' ;;
	monitor-bg) echo '--dir --detach --notify --help -h' ;;
	status) echo '--dir --json --all --watch --color --help -h' ;;
	list) echo '--dir --json --running --color --help -h' ;;
	wait) echo '--dir --help -h' ;;
	retry) echo '--auto-retry --max-retries --jobs -j --agent --agent-command --accounts --validate --attempts --backoff --jitter --timeout --stall --grace --max-wait --retry-on --halt --budget --budget-tokens --budget-hard --feedback --fresh-session --min-free-mem --give-up-after --branch --leftovers --exclusive-dir --unattended --dir --launch --detach --no-tui --output --ascii --color --plain --notify-term --help -h' ;;
	resume) echo '--max-retries --jobs -j --accounts --max-validation-retries --max-wait --halt --budget --budget-tokens --budget-hard --min-free-mem --give-up-after --dir --detach --no-tui --output --ascii --color --plain --notify-term --help -h' ;;
	ctl) echo '--dir --if-status --help -h' ;;
	lineage) echo '--dir --color --help -h' ;;
	logs) echo '--dir --follow -f --help -h' ;;
	report) echo '--dir --json --markdown --color --help -h' ;;
	collect) echo '--dir --outside --help -h' ;;
	check) echo '--auto-retry --max-retries --jobs -j --agent --agent-command --accounts --map --validate --planner --planner-command --synthesizer --synthesizer-command --validator --validator-command --max-validation-retries --attempts --backoff --jitter --timeout --stall --grace --max-wait --retry-on --halt --budget --budget-tokens --budget-hard --feedback --fresh-session --min-free-mem --give-up-after --branch --leftovers --exclusive-dir --unattended --dir --help -h' ;;
	classify) echo '--agent --exit --now --help -h' ;;
	profiles) echo '--json --check --help -h' ;;
	graph) echo '--map --dir --dot --mermaid --help -h' ;;
	score) echo '--dir --json --help -h' ;;
	demo) echo '--dir --solve --no-tui --output --ascii --color --plain --notify-term --help -h' ;;
	doctor) echo '--dir --json --color --help -h' ;;
	solve) echo '--auto-retry --max-retries --jobs -j --agent --agent-command --accounts --validate --planner --planner-command --synthesizer --synthesizer-command --validator --validator-command --max-validation-retries --attach --attempts --backoff --jitter --timeout --stall --grace --max-wait --retry-on --halt --budget --budget-tokens --budget-hard --feedback --fresh-session --min-free-mem --give-up-after --leftovers --exclusive-dir --unattended --dir --dry-run --detach --no-tui --monitor --output --ascii --color --plain --notify-term --help -h' ;;
	summon_agent) echo '--accounts --attempts --backoff --jitter --timeout --stall --grace --max-wait --budget --budget-tokens --budget-hard --leftovers --unattended --dir --max-turns -t --context -c --model -m --answer --help -h' ;;
	help) echo '--help -h' ;;
	esac
}

# COMMAND OPTION: what its value may be, or nothing where it takes none.
_agent_batch_value() {
	case $1:$2 in
	launch:--max-retries) echo 'open' ;;
	launch:--jobs | launch:-j) echo 'open' ;;
	launch:--agent) echo 'profile' ;;
	launch:--agent-command) echo 'open' ;;
	launch:--accounts) echo 'open' ;;
	launch:--map) echo 'open' ;;
	launch:--validate) echo 'open' ;;
	launch:--planner) echo 'profile' ;;
	launch:--planner-command) echo 'open' ;;
	launch:--synthesizer) echo 'profile' ;;
	launch:--synthesizer-command) echo 'open' ;;
	launch:--validator) echo 'profile' ;;
	launch:--validator-command) echo 'open' ;;
	launch:--max-validation-retries) echo 'open' ;;
	launch:--attempts) echo 'open' ;;
	launch:--backoff) echo 'open' ;;
	launch:--jitter) echo 'open' ;;
	launch:--timeout) echo 'open' ;;
	launch:--stall) echo 'open' ;;
	launch:--grace) echo 'open' ;;
	launch:--max-wait) echo 'open' ;;
	launch:--retry-on) echo 'list auth budget config refusal context_overflow' ;;
	launch:--halt) echo 'open' ;;
	launch:--budget) echo 'open' ;;
	launch:--budget-tokens) echo 'open' ;;
	launch:--min-free-mem) echo 'open' ;;
	launch:--give-up-after) echo 'open' ;;
	launch:--branch) echo 'open' ;;
	launch:--leftovers) echo 'word kill keep' ;;
	launch:--dir) echo 'dir' ;;
	launch:--output) echo 'word text jsonl' ;;
	launch:--color) echo 'word auto always never' ;;
	launch:--notify-term) echo 'word off osc9 osc777' ;;
	monitor:--dir) echo 'dir' ;;
	monitor:--print) echo 'word overview grid log lineage timeline failures details help' ;;
	monitor:--size) echo 'open' ;;
	monitor:--at) echo 'open' ;;
	monitor:--color) echo 'word auto always never' ;;
	monitor:--notify-term) echo 'word off osc9 osc777' ;;
	monitor-bg:--dir) echo 'dir' ;;
	monitor-bg:--notify) echo 'open' ;;
	status:--dir) echo 'dir' ;;
	status:--watch) echo 'open' ;;
	status:--color) echo 'word auto always never' ;;
	list:--dir) echo 'dir' ;;
	list:--color) echo 'word auto always never' ;;
	wait:--dir) echo 'dir' ;;
	retry:--max-retries) echo 'open' ;;
	retry:--jobs | retry:-j) echo 'open' ;;
	retry:--agent) echo 'profile' ;;
	retry:--agent-command) echo 'open' ;;
	retry:--accounts) echo 'open' ;;
	retry:--validate) echo 'open' ;;
	retry:--attempts) echo 'open' ;;
	retry:--backoff) echo 'open' ;;
	retry:--jitter) echo 'open' ;;
	retry:--timeout) echo 'open' ;;
	retry:--stall) echo 'open' ;;
	retry:--grace) echo 'open' ;;
	retry:--max-wait) echo 'open' ;;
	retry:--retry-on) echo 'list auth budget config refusal context_overflow' ;;
	retry:--halt) echo 'open' ;;
	retry:--budget) echo 'open' ;;
	retry:--budget-tokens) echo 'open' ;;
	retry:--min-free-mem) echo 'open' ;;
	retry:--give-up-after) echo 'open' ;;
	retry:--branch) echo 'open' ;;
	retry:--leftovers) echo 'word kill keep' ;;
	retry:--dir) echo 'dir' ;;
	retry:--output) echo 'word text jsonl' ;;
	retry:--color) echo 'word auto always never' ;;
	retry:--notify-term) echo 'word off osc9 osc777' ;;
	resume:--max-retries) echo 'open' ;;
	resume:--jobs | resume:-j) echo 'open' ;;
	resume:--accounts) echo 'open' ;;
	resume:--max-validation-retries) echo 'open' ;;
	resume:--max-wait) echo 'open' ;;
	resume:--halt) echo 'open' ;;
	resume:--budget) echo 'open' ;;
	resume:--budget-tokens) echo 'open' ;;
	resume:--min-free-mem) echo 'open' ;;
	resume:--give-up-after) echo 'open' ;;
	resume:--dir) echo 'dir' ;;
	resume:--output) echo 'word text jsonl' ;;
	resume:--color) echo 'word auto always never' ;;
	resume:--notify-term) echo 'word off osc9 osc777' ;;
	ctl:--dir) echo 'dir' ;;
	ctl:--if-status) echo 'word pending in_progress completed failed skipped cancelled running backoff validating' ;;
	lineage:--dir) echo 'dir' ;;
	lineage:--color) echo 'word auto always never' ;;
	logs:--dir) echo 'dir' ;;
	report:--dir) echo 'dir' ;;
	report:--color) echo 'word auto always never' ;;
	collect:--dir) echo 'dir' ;;
	check:--max-retries) echo 'open' ;;
	check:--jobs | check:-j) echo 'open' ;;
	check:--agent) echo 'profile' ;;
	check:--agent-command) echo 'open' ;;
	check:--accounts) echo 'open' ;;
	check:--map) echo 'open' ;;
	check:--validate) echo 'open' ;;
	check:--planner) echo 'profile' ;;
	check:--planner-command) echo 'open' ;;
	check:--synthesizer) echo 'profile' ;;
	check:--synthesizer-command) echo 'open' ;;
	check:--validator) echo 'profile' ;;
	check:--validator-command) echo 'open' ;;
	check:--max-validation-retries) echo 'open' ;;
	check:--attempts) echo 'open' ;;
	check:--backoff) echo 'open' ;;
	check:--jitter) echo 'open' ;;
	check:--timeout) echo 'open' ;;
	check:--stall) echo 'open' ;;
	check:--grace) echo 'open' ;;
	check:--max-wait) echo 'open' ;;
	check:--retry-on) echo 'list auth budget config refusal context_overflow' ;;
	check:--halt) echo 'open' ;;
	check:--budget) echo 'open' ;;
	check:--budget-tokens) echo 'open' ;;
	check:--min-free-mem) echo 'open' ;;
	check:--give-up-after) echo 'open' ;;
	check:--branch) echo 'open' ;;
	check:--leftovers) echo 'word kill keep' ;;
	check:--dir) echo 'dir' ;;
	classify:--agent) echo 'profile' ;;
	classify:--exit) echo 'open' ;;
	classify:--now) echo 'open' ;;
	graph:--map) echo 'open' ;;
	graph:--dir) echo 'dir' ;;
	score:--dir) echo 'dir' ;;
	demo:--dir) echo 'dir' ;;
	demo:--output) echo 'word text jsonl' ;;
	demo:--color) echo 'word auto always never' ;;
	demo:--notify-term) echo 'word off osc9 osc777' ;;
	doctor:--dir) echo 'dir' ;;
	doctor:--color) echo 'word auto always never' ;;
	solve:--max-retries) echo 'open' ;;
	solve:--jobs | solve:-j) echo 'open' ;;
	solve:--agent) echo 'profile' ;;
	solve:--agent-command) echo 'open' ;;
	solve:--accounts) echo 'open' ;;
	solve:--validate) echo 'open' ;;
	solve:--planner) echo 'profile' ;;
	solve:--planner-command) echo 'open' ;;
	solve:--synthesizer) echo 'profile' ;;
	solve:--synthesizer-command) echo 'open' ;;
	solve:--validator) echo 'profile' ;;
	solve:--validator-command) echo 'open' ;;
	solve:--max-validation-retries) echo 'open' ;;
	solve:--attach) echo 'file' ;;
	solve:--attempts) echo 'open' ;;
	solve:--backoff) echo 'open' ;;
	solve:--jitter) echo 'open' ;;
	solve:--timeout) echo 'open' ;;
	solve:--stall) echo 'open' ;;
	solve:--grace) echo 'open' ;;
	solve:--max-wait) echo 'open' ;;
	solve:--retry-on) echo 'list auth budget config refusal context_overflow' ;;
	solve:--halt) echo 'open' ;;
	solve:--budget) echo 'open' ;;
	solve:--budget-tokens) echo 'open' ;;
	solve:--min-free-mem) echo 'open' ;;
	solve:--give-up-after) echo 'open' ;;
	solve:--leftovers) echo 'word kill keep' ;;
	solve:--dir) echo 'dir' ;;
	solve:--output) echo 'word text jsonl' ;;
	solve:--color) echo 'word auto always never' ;;
	solve:--notify-term) echo 'word off osc9 osc777' ;;
	summon_agent:--accounts) echo 'open' ;;
	summon_agent:--attempts) echo 'open' ;;
	summon_agent:--backoff) echo 'open' ;;
	summon_agent:--jitter) echo 'open' ;;
	summon_agent:--timeout) echo 'open' ;;
	summon_agent:--stall) echo 'open' ;;
	summon_agent:--grace) echo 'open' ;;
	summon_agent:--max-wait) echo 'open' ;;
	summon_agent:--budget) echo 'open' ;;
	summon_agent:--budget-tokens) echo 'open' ;;
	summon_agent:--leftovers) echo 'word kill keep' ;;
	summon_agent:--dir) echo 'dir' ;;
	summon_agent:--max-turns | summon_agent:-t) echo 'open' ;;
	summon_agent:--context | summon_agent:-c) echo 'dir' ;;
	summon_agent:--model | summon_agent:-m) echo 'open' ;;
	esac
}

# What a command takes beside options.
_agent_batch_takes() {
	case $1 in
	launch) echo csv ;;
	monitor) echo batch ;;
	monitor-bg) echo batch ;;
	status) echo batch ;;
	wait) echo batch ;;
	retry) echo batch ;;
	resume) echo batch ;;
	ctl) echo verb ;;
	lineage) echo batch ;;
	logs) echo id ;;
	report) echo batch ;;
	collect) echo batch ;;
	check) echo csv ;;
	classify) echo file ;;
	profiles) echo profile ;;
	graph) echo csvbatch ;;
	score) echo batch ;;
	doctor) echo batch ;;
	summon_agent) echo agent ;;
	help) echo command ;;
	esac
}

# What stands behind an option in the line so far.
_agent_batch_given() {
	local i
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == "$1" ]]; then
			[[ ${COMP_WORDS[i + 1]} == = ]] && ((i++))
			printf '%s' "${COMP_WORDS[i + 1]}"
			return
		fi
	done
}

_agent_batch_dir() {
	local dir
	dir=$(_agent_batch_given --dir)
	dir=${dir:-${AGENT_BATCHES_DIR:-$HOME/agent-batches}}
	printf '%s' "${dir/#\~\//$HOME/}"
}

_agent_batch_batches() {
	local d
	for d in "$(_agent_batch_dir)"/batch-*/; do
		d=${d%/}
		[[ -d $d ]] && printf '%s\n' "${d##*/}"
	done
}

# Ids of a batch, or of the newest one.
_agent_batch_ids() {
	local batch=${1:-latest}
	[[ $batch == */* ]] || batch=$(_agent_batch_dir)/$batch
	sed -n 's/^ *{"id":"\([^"\\]*\)".*/\1/p' "$batch/manifest.json" 2>/dev/null
}

_agent_batch_profiles() {
	local program f
	program=$(command -v agent-batch) || program=/usr/local/bin/agent-batch
	for f in "${XDG_CONFIG_HOME:-$HOME/.config}"/agent-batch/profiles/*.json \
		"${program%/*}"/../share/agent-batch/profiles/*.json; do
		[[ -e $f ]] && basename "$f" .json
	done
}

# Offers those of the words that begin with what is typed. Names of batches and ids are data: compgen -W
# would expand them, and the shell what is put on its line, so they are quoted.
_agent_batch_offer() { # WORDS [PREFIX]
	local word
	while IFS= read -r word; do
		[[ -n $word && $word == "$_agent_batch_cur"* ]] || continue
		printf -v word %q "$word"
		COMPREPLY+=("${2-}$word")
	done <<<"${1// /$'\n'}"
}

_agent_batch_files() { # ACTION...: as compgen takes them
	local line
	compopt -o filenames 2>/dev/null
	while IFS= read -r line; do
		COMPREPLY+=("$line")
	done < <(compgen "$@" -- "$_agent_batch_cur")
}

_agent_batch_words() { # COMMAND: the words behind it that are no options
	local i last=
	for ((i = $2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) last=${COMP_WORDS[i]} ;;
		=) ;;
		*)
			if [[ -z $last || -z $(_agent_batch_value "$1" "$last") ]]; then
				printf '%s\n' "${COMP_WORDS[i]}"
			fi
			last=
			;;
		esac
	done
}

_agent_batch_behind() { # OPTION's kind and words: what may be its value
	local kind=${1%% *} words= before=
	[[ $1 == *' '* ]] && words=${1#* }
	case $kind in
	word) _agent_batch_offer "$words" ;;
	list)
		if [[ $_agent_batch_cur == *,* ]]; then
			before=${_agent_batch_cur%,*},
			_agent_batch_cur=${_agent_batch_cur##*,}
		fi
		_agent_batch_offer "$words" "$before"
		;;
	dir) _agent_batch_files -d ;;
	file) _agent_batch_files -f ;;
	profile) _agent_batch_offer "$(_agent_batch_profiles)" ;;
	esac
}

_agent_batch_batch() {
	_agent_batch_offer "$(_agent_batch_batches)"
	[[ $_agent_batch_cur == */* ]] && _agent_batch_files -d
}

_agent_batch_argument() { # COMMAND WORD...: the words before it
	local command=$1 batch=
	shift
	case $1 in batch-* | */*) batch=$1 ;; esac
	case $(_agent_batch_takes "$command") in
	csv) [[ $# = 0 ]] && _agent_batch_files -f -X '!*.csv' && _agent_batch_files -d ;;
	csvbatch)
		[[ $# = 0 ]] || return
		_agent_batch_files -f -X '!*.csv' && _agent_batch_files -d
		_agent_batch_offer "$(_agent_batch_batches)"
		;;
	file) [[ $# = 0 ]] && _agent_batch_files -f ;;
	command) [[ $# = 0 ]] && _agent_batch_offer "$_agent_batch_commands" ;;
	profile) _agent_batch_offer "$(_agent_batch_profiles)" ;;
	agent) [[ $# = 0 ]] && _agent_batch_offer "$(_agent_batch_profiles)" ;;
	batch) [[ $# = 0 ]] && _agent_batch_batch ;;
	id)
		[[ $# = 0 ]] && _agent_batch_batch
		[[ $# = 0 || ($# = 1 && -n $batch) ]] && _agent_batch_offer "$(_agent_batch_ids "$batch")"
		;;
	verb)
		[[ $# = 0 ]] && _agent_batch_batch
		[[ -n $batch ]] && shift
		case $#$1 in
		0) _agent_batch_offer "$_agent_batch_verbs" ;;
		1gate) _agent_batch_offer open ;;
		*cancel | *retry | *skip-wait) _agent_batch_offer "$(_agent_batch_ids "$batch")" ;;
		esac
		;;
	esac
}

_agent_batch() {
	local name=${COMP_WORDS[0]##*/} at=1 command option kind line IFS=$' \t\n'
	local -a before=()
	_agent_batch_cur=${COMP_WORDS[COMP_CWORD]}
	option=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	case $name in
	agent-batch-launch*) command=launch ;;
	agent-batch-*) command=${name#agent-batch-} ;;
	summon_agent) command=$name ;;
	*)
		if [[ $COMP_CWORD = 1 ]]; then
			_agent_batch_offer "$_agent_batch_commands --help --version"
			return
		fi
		command=${COMP_WORDS[1]} at=2
		;;
	esac
	# --name=value comes as three words.
	if [[ $_agent_batch_cur == = ]]; then
		_agent_batch_cur=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	kind=$(_agent_batch_value "$command" "$option")
	if [[ -n $kind ]]; then
		_agent_batch_behind "$kind"
	elif [[ $_agent_batch_cur == -* ]]; then
		_agent_batch_offer "$(_agent_batch_options "$command")"
	else
		while IFS= read -r line; do
			before+=("$line")
		done < <(_agent_batch_words "$command" "$at")
		_agent_batch_argument "$command" "${before[@]}"
	fi
}

complete -F _agent_batch agent-batch agent-batch-launch-v3 agent-batch-launch-v2 agent-batch-launch agent-batch-status agent-batch-retry agent-batch-monitor agent-batch-monitor-bg agent-batch-wait agent-batch-collect summon_agent
