# fish completion for agent-batch, made by: agent-batch help --completions fish

function __agent_batch_dir
	set -l words (commandline -opc)
	set -l at (contains -i -- --dir $words)
	and set -q words[(math $at + 1)]
	and echo $words[(math $at + 1)]
	and return
	set -q AGENT_BATCHES_DIR
	and echo $AGENT_BATCHES_DIR
	or echo $HOME/agent-batches
end

function __agent_batch_batches
	for d in (__agent_batch_dir)/batch-*/
		basename $d
	end
end

function __agent_batch_ids
	set -l batch (__agent_batch_dir)/latest
	for word in (commandline -opc)[2..-1]
		string match -q 'batch-*' -- $word
		and set batch (__agent_batch_dir)/$word
		string match -q '*/*' -- $word
		and set batch $word
	end
	string match -rg '^ *\{"id":"([^"\\\\]*)"' <$batch/manifest.json 2>/dev/null
end

function __agent_batch_profiles
	set -l config $HOME/.config
	set -q XDG_CONFIG_HOME
	and set config $XDG_CONFIG_HOME
	set -l share (dirname (command -s agent-batch))/../share
	for f in $config/agent-batch/profiles/*.json $share/agent-batch/profiles/*.json
		basename $f .json
	end
end

complete -c agent-batch -f
complete -c agent-batch -n __fish_use_subcommand -l version -d 'print the version'
set -g __agent_batch_commands launch monitor monitor-bg status list wait retry resume ctl lineage logs report collect check classify profiles graph score demo doctor summon_agent help

complete -c agent-batch -n __fish_use_subcommand -a launch -d 'run a batch: one agent per row (- reads stdin)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l auto-retry -d 'when the batch has ended, launch what failed again, until all is done or retries are spent'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l max-retries -x -d 'retry cycles at most, with --auto-retry (5)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l jobs -s j -x -d 'agents at the same time (8; 0: all at once)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l agent -x -a '(__agent_batch_profiles)' -d 'profile of rows that name no agent'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l agent-command -x -d 'the command of every row; the task on stdin where neither {task} nor {task_file} is used'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l map -x -d 'which keys of JSON tasks are which columns; attachments=KEY names files beside it'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l validate -x -d 'must agree before an agent counts as completed, of rows whose column validate is empty'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l attempts -x -d 'attempts at most per agent and batch (5)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l backoff -x -d 'seconds between attempts where the service names none (5:3:300)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l jitter -x -d 'lengthen waits by up to this much, so that agents do not come back together (0)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l timeout -x -d 'end an attempt after this long (by profile; 0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l stall -x -d 'end an attempt after this long without output (by profile; 0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l grace -x -d 'between TERM and KILL (10)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l max-wait -x -d 'wait for usage windows at most this long per row (24h)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l retry-on -x -a '(__fish_append , auth budget config refusal context_overflow)' -d 'take these into the next cycle too: auth, budget, config, refusal, context_overflow'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l halt -x -d 'stop the batch by how its agents end, as GNU parallel does: soon,fail=10%, now,fail=1 (never)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l budget -x -d 'start nothing more once the run has cost this much (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l budget-tokens -x -d 'start nothing more once the run has used this many tokens (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l budget-hard -d 'end what runs when a budget is spent'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l feedback -d 'end the prompt of a retry with why the last attempt failed'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l fresh-session -d 'let retries start over where they could go on with the agent\'s own session'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l min-free-mem -x -d 'start nothing beside what runs while less memory than this is free (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l give-up-after -x -d 'set rows aside that failed by the same class and message in K cycles (0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l leftovers -x -a 'kill keep' -d 'what becomes of processes that an agent leaves behind (kill)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l exclusive-dir -d 'one agent at a time in a directory: rows that share one take turns'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l unattended -d 'let agents act without asking: the profile\'s flags that bypass permissions'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l dry-run -d 'print what would start; start nothing'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l detach -d 'return once the batch runs; print its directory'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l no-tui -d 'lines of text in place of the screen'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l monitor -d 'the screen, whatever else says no to it'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l output -x -a 'text jsonl' -d 'without a screen: text, or the journal\'s own lines'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l ascii -d 'no glyphs beyond ASCII'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l color -x -a 'auto always never' -d 'colours (auto: on a terminal, unless NO_COLOR is set)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l plain -d 'milestones as plain lines'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l notify-term -x -a 'off osc9 osc777' -d 'let the terminal tell of the end, and of what needs you (off)'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from launch' -a '(__fish_complete_suffix .csv)'

complete -c agent-batch -n __fish_use_subcommand -a monitor -d 'the screen, on a run that runs or has ended'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -l no-tui -d 'lines of text in place of the screen'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -l print -x -a 'overview grid log lineage timeline failures details help' -d 'draw one frame as text; an ID behind the BATCH selects its agent'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -l size -x -d 'the size of that frame (80x24)'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -l at -x -d 'the time that frame takes for now'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -l ascii -d 'no glyphs beyond ASCII'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -l color -x -a 'auto always never' -d 'colours (auto: on a terminal, unless NO_COLOR is set)'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -l plain -d 'milestones as plain lines'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -l notify-term -x -a 'off osc9 osc777' -d 'let the terminal tell of the end, and of what needs you (off)'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a monitor-bg -d 'watch without a screen into monitor.log; --notify tells the end'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor-bg' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor-bg' -l detach -d 'go into the background, as it does by itself on a terminal'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor-bg' -l notify -x -d 'run this at the end: the summary in its environment, the report as JSON on its stdin'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor-bg' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from monitor-bg' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a status -d 'one screen of text, for watch -n 5; or JSON'
complete -c agent-batch -n '__fish_seen_subcommand_from status' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from status' -l json -d 'print JSON'
complete -c agent-batch -n '__fish_seen_subcommand_from status' -l all -d 'every agent, on as many lines as it takes'
complete -c agent-batch -n '__fish_seen_subcommand_from status' -l watch -x -d 'print it again this often, until the run has ended'
complete -c agent-batch -n '__fish_seen_subcommand_from status' -l color -x -a 'auto always never' -d 'colours (auto: on a terminal, unless NO_COLOR is set)'
complete -c agent-batch -n '__fish_seen_subcommand_from status' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from status' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a list -d 'batches and runs, newest first'
complete -c agent-batch -n '__fish_seen_subcommand_from list' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from list' -l json -d 'print JSON'
complete -c agent-batch -n '__fish_seen_subcommand_from list' -l running -d 'only runs that run now'
complete -c agent-batch -n '__fish_seen_subcommand_from list' -l color -x -a 'auto always never' -d 'colours (auto: on a terminal, unless NO_COLOR is set)'
complete -c agent-batch -n '__fish_seen_subcommand_from list' -l help -s h -d 'this text'

complete -c agent-batch -n __fish_use_subcommand -a wait -d 'wait until the whole run has ended; exits as launch does'
complete -c agent-batch -n '__fish_seen_subcommand_from wait' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from wait' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from wait' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a retry -d 'write a CSV of what failed and no child has healed; --launch runs it'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l auto-retry -d 'when the batch has ended, launch what failed again, until all is done or retries are spent'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l max-retries -x -d 'retry cycles at most, with --auto-retry (5)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l jobs -s j -x -d 'agents at the same time (8; 0: all at once)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l agent -x -a '(__agent_batch_profiles)' -d 'profile of rows that name no agent'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l agent-command -x -d 'the command of every row; the task on stdin where neither {task} nor {task_file} is used'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l validate -x -d 'must agree before an agent counts as completed, of rows whose column validate is empty'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l attempts -x -d 'attempts at most per agent and batch (5)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l backoff -x -d 'seconds between attempts where the service names none (5:3:300)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l jitter -x -d 'lengthen waits by up to this much, so that agents do not come back together (0)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l timeout -x -d 'end an attempt after this long (by profile; 0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l stall -x -d 'end an attempt after this long without output (by profile; 0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l grace -x -d 'between TERM and KILL (10)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l max-wait -x -d 'wait for usage windows at most this long per row (24h)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l retry-on -x -a '(__fish_append , auth budget config refusal context_overflow)' -d 'take these into the next cycle too: auth, budget, config, refusal, context_overflow'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l halt -x -d 'stop the batch by how its agents end, as GNU parallel does: soon,fail=10%, now,fail=1 (never)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l budget -x -d 'start nothing more once the run has cost this much (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l budget-tokens -x -d 'start nothing more once the run has used this many tokens (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l budget-hard -d 'end what runs when a budget is spent'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l feedback -d 'end the prompt of a retry with why the last attempt failed'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l fresh-session -d 'let retries start over where they could go on with the agent\'s own session'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l min-free-mem -x -d 'start nothing beside what runs while less memory than this is free (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l give-up-after -x -d 'set rows aside that failed by the same class and message in K cycles (0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l leftovers -x -a 'kill keep' -d 'what becomes of processes that an agent leaves behind (kill)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l exclusive-dir -d 'one agent at a time in a directory: rows that share one take turns'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l unattended -d 'let agents act without asking: the profile\'s flags that bypass permissions'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l launch -d 'run it, with the batch\'s own options and what is given here'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l detach -d 'return once the batch runs; print its directory'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l no-tui -d 'lines of text in place of the screen'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l output -x -a 'text jsonl' -d 'without a screen: text, or the journal\'s own lines'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l ascii -d 'no glyphs beyond ASCII'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l color -x -a 'auto always never' -d 'colours (auto: on a terminal, unless NO_COLOR is set)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l plain -d 'milestones as plain lines'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l notify-term -x -a 'off osc9 osc777' -d 'let the terminal tell of the end, and of what needs you (off)'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from retry' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a resume -d 'carry on a run whose conductor died or was stopped, and follow it'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l max-retries -x -d 'retry cycles at most, with --auto-retry (5)'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l jobs -s j -x -d 'agents at the same time (8; 0: all at once)'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l halt -x -d 'stop the batch by how its agents end, as GNU parallel does: soon,fail=10%, now,fail=1 (never)'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l budget -x -d 'start nothing more once the run has cost this much (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l budget-tokens -x -d 'start nothing more once the run has used this many tokens (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l budget-hard -d 'end what runs when a budget is spent'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l min-free-mem -x -d 'start nothing beside what runs while less memory than this is free (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l give-up-after -x -d 'set rows aside that failed by the same class and message in K cycles (0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l detach -d 'return once the batch runs; print its directory'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l no-tui -d 'lines of text in place of the screen'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l output -x -a 'text jsonl' -d 'without a screen: text, or the journal\'s own lines'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l ascii -d 'no glyphs beyond ASCII'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l color -x -a 'auto always never' -d 'colours (auto: on a terminal, unless NO_COLOR is set)'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l plain -d 'milestones as plain lines'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l notify-term -x -a 'off osc9 osc777' -d 'let the terminal tell of the end, and of what needs you (off)'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from resume' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a ctl -d 'steer a run'
complete -c agent-batch -n '__fish_seen_subcommand_from ctl' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from ctl' -l if-status -x -a 'pending in_progress completed failed skipped cancelled running backoff validating' -d 'refuse when an agent has another status by now'
complete -c agent-batch -n '__fish_seen_subcommand_from ctl' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from ctl' -a 'pause resume jobs cancel retry skip-wait gate stop open'
complete -c agent-batch -n '__fish_seen_subcommand_from ctl' -a '(__agent_batch_batches; __agent_batch_ids)'

complete -c agent-batch -n __fish_use_subcommand -a lineage -d 'the tree of cycles, and what each healed'
complete -c agent-batch -n '__fish_seen_subcommand_from lineage' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from lineage' -l color -x -a 'auto always never' -d 'colours (auto: on a terminal, unless NO_COLOR is set)'
complete -c agent-batch -n '__fish_seen_subcommand_from lineage' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from lineage' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a logs -d 'an agent\'s log: made harmless on a terminal, byte for byte otherwise'
complete -c agent-batch -n '__fish_seen_subcommand_from logs' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from logs' -l follow -s f -d 'go on as the log grows'
complete -c agent-batch -n '__fish_seen_subcommand_from logs' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from logs' -a '(__agent_batch_batches; __agent_batch_ids)'

complete -c agent-batch -n __fish_use_subcommand -a report -d 'what became of a run'
complete -c agent-batch -n '__fish_seen_subcommand_from report' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from report' -l json -d 'print JSON'
complete -c agent-batch -n '__fish_seen_subcommand_from report' -l markdown -d 'print Markdown'
complete -c agent-batch -n '__fish_seen_subcommand_from report' -l color -x -a 'auto always never' -d 'colours (auto: on a terminal, unless NO_COLOR is set)'
complete -c agent-batch -n '__fish_seen_subcommand_from report' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from report' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a collect -d 'bring the agents\' output files and a results.csv together'
complete -c agent-batch -n '__fish_seen_subcommand_from collect' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from collect' -l outside -d 'take output files outside of the agent\'s directory, and by symlinks, too'
complete -c agent-batch -n '__fish_seen_subcommand_from collect' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from collect' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a check -d 'read everything, launch nothing; takes launch\'s options'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l auto-retry -d 'when the batch has ended, launch what failed again, until all is done or retries are spent'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l max-retries -x -d 'retry cycles at most, with --auto-retry (5)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l jobs -s j -x -d 'agents at the same time (8; 0: all at once)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l agent -x -a '(__agent_batch_profiles)' -d 'profile of rows that name no agent'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l agent-command -x -d 'the command of every row; the task on stdin where neither {task} nor {task_file} is used'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l map -x -d 'which keys of JSON tasks are which columns; attachments=KEY names files beside it'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l validate -x -d 'must agree before an agent counts as completed, of rows whose column validate is empty'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l attempts -x -d 'attempts at most per agent and batch (5)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l backoff -x -d 'seconds between attempts where the service names none (5:3:300)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l jitter -x -d 'lengthen waits by up to this much, so that agents do not come back together (0)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l timeout -x -d 'end an attempt after this long (by profile; 0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l stall -x -d 'end an attempt after this long without output (by profile; 0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l grace -x -d 'between TERM and KILL (10)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l max-wait -x -d 'wait for usage windows at most this long per row (24h)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l retry-on -x -a '(__fish_append , auth budget config refusal context_overflow)' -d 'take these into the next cycle too: auth, budget, config, refusal, context_overflow'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l halt -x -d 'stop the batch by how its agents end, as GNU parallel does: soon,fail=10%, now,fail=1 (never)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l budget -x -d 'start nothing more once the run has cost this much (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l budget-tokens -x -d 'start nothing more once the run has used this many tokens (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l budget-hard -d 'end what runs when a budget is spent'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l feedback -d 'end the prompt of a retry with why the last attempt failed'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l fresh-session -d 'let retries start over where they could go on with the agent\'s own session'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l min-free-mem -x -d 'start nothing beside what runs while less memory than this is free (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l give-up-after -x -d 'set rows aside that failed by the same class and message in K cycles (0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l leftovers -x -a 'kill keep' -d 'what becomes of processes that an agent leaves behind (kill)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l exclusive-dir -d 'one agent at a time in a directory: rows that share one take turns'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l unattended -d 'let agents act without asking: the profile\'s flags that bypass permissions'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from check' -a '(__fish_complete_suffix .csv)'

complete -c agent-batch -n __fish_use_subcommand -a classify -d 'what the retry policy makes of an agent\'s output (stdin without FILE): JSON'
complete -c agent-batch -n '__fish_seen_subcommand_from classify' -l agent -x -a '(__agent_batch_profiles)' -d 'judge by this profile\'s patterns too; an unknown one has none'
complete -c agent-batch -n '__fish_seen_subcommand_from classify' -l exit -x -d 'the exit status to judge by (1)'
complete -c agent-batch -n '__fish_seen_subcommand_from classify' -l now -x -d 'the time that resets are reckoned from'
complete -c agent-batch -n '__fish_seen_subcommand_from classify' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from classify' -a '(__fish_complete_path)'

complete -c agent-batch -n __fish_use_subcommand -a profiles -d 'the agents there are, whether they are installed, and what one of them runs'
complete -c agent-batch -n '__fish_seen_subcommand_from profiles' -l json -d 'print JSON'
complete -c agent-batch -n '__fish_seen_subcommand_from profiles' -l check -d 'read them all, or those named; tell what is wrong and where'
complete -c agent-batch -n '__fish_seen_subcommand_from profiles' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from profiles' -a '(__agent_batch_profiles)'

complete -c agent-batch -n __fish_use_subcommand -a graph -d 'which rows wait for which, as text, DOT or Mermaid'
complete -c agent-batch -n '__fish_seen_subcommand_from graph' -l map -x -d 'which keys of JSON tasks are which columns; attachments=KEY names files beside it'
complete -c agent-batch -n '__fish_seen_subcommand_from graph' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from graph' -l dot -d 'print DOT, for Graphviz'
complete -c agent-batch -n '__fish_seen_subcommand_from graph' -l mermaid -d 'print a Mermaid flowchart'
complete -c agent-batch -n '__fish_seen_subcommand_from graph' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from graph' -a '(__fish_complete_suffix .csv; __agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a score -d 'the answers of a run against the expected ones, by level'
complete -c agent-batch -n '__fish_seen_subcommand_from score' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from score' -l json -d 'print JSON'
complete -c agent-batch -n '__fish_seen_subcommand_from score' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from score' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a demo -d 'a batch of simulated agents that shows all of it; no key needed'
complete -c agent-batch -n '__fish_seen_subcommand_from demo' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from demo' -l no-tui -d 'lines of text in place of the screen'
complete -c agent-batch -n '__fish_seen_subcommand_from demo' -l output -x -a 'text jsonl' -d 'without a screen: text, or the journal\'s own lines'
complete -c agent-batch -n '__fish_seen_subcommand_from demo' -l ascii -d 'no glyphs beyond ASCII'
complete -c agent-batch -n '__fish_seen_subcommand_from demo' -l color -x -a 'auto always never' -d 'colours (auto: on a terminal, unless NO_COLOR is set)'
complete -c agent-batch -n '__fish_seen_subcommand_from demo' -l plain -d 'milestones as plain lines'
complete -c agent-batch -n '__fish_seen_subcommand_from demo' -l notify-term -x -a 'off osc9 osc777' -d 'let the terminal tell of the end, and of what needs you (off)'
complete -c agent-batch -n '__fish_seen_subcommand_from demo' -l help -s h -d 'this text'

complete -c agent-batch -n __fish_use_subcommand -a doctor -d 'what on this machine, or in a run, would hurt'
complete -c agent-batch -n '__fish_seen_subcommand_from doctor' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from doctor' -l json -d 'print JSON'
complete -c agent-batch -n '__fish_seen_subcommand_from doctor' -l color -x -a 'auto always never' -d 'colours (auto: on a terminal, unless NO_COLOR is set)'
complete -c agent-batch -n '__fish_seen_subcommand_from doctor' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from doctor' -a '(__agent_batch_batches)'

complete -c agent-batch -n __fish_use_subcommand -a summon_agent -d 'one agent in the foreground, with a batch\'s retries (TASK - reads stdin)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l attempts -x -d 'attempts at most per agent and batch (5)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l backoff -x -d 'seconds between attempts where the service names none (5:3:300)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l jitter -x -d 'lengthen waits by up to this much, so that agents do not come back together (0)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l timeout -x -d 'end an attempt after this long (by profile; 0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l stall -x -d 'end an attempt after this long without output (by profile; 0: never)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l grace -x -d 'between TERM and KILL (10)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l max-wait -x -d 'wait for usage windows at most this long per row (24h)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l budget -x -d 'start nothing more once the run has cost this much (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l budget-tokens -x -d 'start nothing more once the run has used this many tokens (0: no bound)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l budget-hard -d 'end what runs when a budget is spent'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l leftovers -x -a 'kill keep' -d 'what becomes of processes that an agent leaves behind (kill)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l unattended -d 'let agents act without asking: the profile\'s flags that bypass permissions'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l dir -x -a '(__fish_complete_directories)' -d 'the batches directory ($AGENT_BATCHES_DIR, else ~/agent-batches)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l max-turns -s t -x -d 'turns it may take, where its profile can say so'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l context -s c -x -a '(__fish_complete_directories)' -d 'its working directory; others behind it, with ; between, are its further context (.)'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l model -s m -x -d 'the model it uses'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l answer -d 'print only its final answer'
complete -c agent-batch -n '__fish_seen_subcommand_from summon_agent' -l help -s h -d 'this text'

complete -c agent-batch -n __fish_use_subcommand -a help -d 'this list, or a command\'s options'
complete -c agent-batch -n '__fish_seen_subcommand_from help' -l help -s h -d 'this text'
complete -c agent-batch -n '__fish_seen_subcommand_from help' -a '$__agent_batch_commands'

complete -c agent-batch-launch-v3 -w 'agent-batch launch'
complete -c agent-batch-launch-v2 -w 'agent-batch launch'
complete -c agent-batch-launch -w 'agent-batch launch'
complete -c agent-batch-status -w 'agent-batch status'
complete -c agent-batch-retry -w 'agent-batch retry'
complete -c agent-batch-monitor -w 'agent-batch monitor'
complete -c agent-batch-monitor-bg -w 'agent-batch monitor-bg'
complete -c agent-batch-wait -w 'agent-batch wait'
complete -c agent-batch-collect -w 'agent-batch collect'
complete -c summon_agent -w 'agent-batch summon_agent'
