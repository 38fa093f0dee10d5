#!/bin/sh
# X8: the control socket meets garbage, a megabyte without a newline, peers that hang, and 200 of
# them at once. The conductor's loop goes on, and ctl is answered.
. "$(dirname "$0")/../lib.sh"
. "$TESTS/faults/faults.sh"
command -v perl >/dev/null || { skip "X8" "no perl to be a bad peer"; done_testing; exit 0; }

cat >t.csv <<'X'
id,task,depends_on
one,. ./ran; until [ -e go ]; do sleep 0.02; done,
two,. ./ran; until [ -e end ]; do sleep 0.02; done,one
X
dir=$("$AB" launch t.csv --agent shell --detach 2>/dev/null)
wait_for 10 grep -q one count
leader=$(conductor "$dir")

# answered NAME: within two seconds, and it did what was asked
jobs=1
answered() {
  jobs=$((jobs + 1))
  before=$(date +%s%N)
  run timeout 10 "$AB" ctl "$dir" jobs $jobs
  is "X8: $1: ctl is answered" "$rc/$(json "$dir" .jobs)" "0/$jobs"
  took=$((($(date +%s%N) - before) / 1000000))
  ok "X8: $1: within 2 s (${took} ms)" [ $took -lt 2000 ]
}
nr_fds() { ls "/proc/$leader/fd" | wc -l; }
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$leader/status"; }
answered "nobody else"
fds=$(nr_fds) rss=$(rss_kb)

# One peer for each request; each prints what it was told.
cat >peer.pl <<'X'
use IO::Socket::UNIX;
chdir shift or die;
my $s = IO::Socket::UNIX->new(Peer => "ctl") or die "no socket: $!";
$SIG{PIPE} = "IGNORE";
local $/;
my $text = eval shift;
syswrite $s, $text;
shutdown $s, 1 if !@ARGV;
print scalar <$s>;
X
peer() { timeout 15 perl peer.pl "$dir" "$@" 2>/dev/null; }
like "X8: garbage is refused" "$(peer 'join("", map { chr(int(rand(9)) + 128) } 1..300) . "\n"')" '"ok":false'
like "X8: JSON that is no request" "$(peer '"[1,2,3]\n"')" '"ok":false'
like "X8: an unknown verb" "$(peer '"{\"verb\":\"explode\"}\n"')" '"ok":false'
like "X8: 100,000 levels" "$(peer '("[" x 60000) . "\n"')" '"ok":false'
like "X8: numbers beyond all bounds" "$(peer '"{\"verb\":\"jobs\",\"n\":1e999}\n"')" '"ok":false'
like "X8: the wrong type everywhere" "$(peer '"{\"verb\":\"cancel\",\"ids\":{\"a\":1},\"by\":[]}\n"')" '"ok":false'
like "X8: a megabyte without a newline" "$(peer '"x" x 1048576' stay)" 'too long'
is "X8: an empty request" "$(peer '""')" ''
answered "after garbage"
is "X8: none of it cancelled anything" "$(of_agent "$dir" one phase)" running
is "X8: the one that leads is the same" "$(conductor "$dir")" "$leader"

# 200 that connect and say nothing, some of them half a request; all stay.
cat >crowd.pl <<'X'
use IO::Socket::UNIX;
chdir shift or die;
my @all;
for my $i (1..200) {
	my $s = IO::Socket::UNIX->new(Peer => "ctl", Timeout => 2) or next;
	syswrite $s, "{\"verb\":" if $i % 3 == 0;
	push @all, $s;
}
open my $f, ">", shift; print $f scalar @all; close $f;
sleep 60;
X
perl crowd.pl "$dir" "$T/crowd" &
crowd=$!
ok "X8: 200 peers" wait_for 10 test -s crowd
answered "200 peers that hang"
touch go
ok "X8: 200 peers: the next agent starts at once" wait_for 2 grep -q two count
ok "X8: 200 peers: descriptors are bounded" [ "$(nr_fds)" -lt $((fds + 150)) ]
kill $crowd
wait $crowd 2>/dev/null
few_fds() { [ "$(nr_fds)" -le $((fds + 2)) ]; }
ok "X8: when they have gone, nothing of them is left" wait_for 5 few_fds

# Ten that ask as fast as they can and never read the answer.
cat >flood.pl <<'X'
use IO::Socket::UNIX;
chdir shift or die;
$SIG{PIPE} = "IGNORE";
while (1) {
	my $s = IO::Socket::UNIX->new(Peer => "ctl", Timeout => 1) or next;
	syswrite $s, "{\"verb\":\"gate\"}\n" x 50;
}
X
flood=''
for i in 1 2 3; do perl flood.pl "$dir" & flood="$flood $!"; done
answered "a flood"
kill $flood
wait $flood 2>/dev/null
if grep -qa __asan_init "$AB"; then
  skip "X8: memory is bounded" "a sanitizer keeps what was freed"
else
  ok "X8: memory is bounded" [ "$(rss_kb)" -lt $((rss + 30000)) ]
fi
touch end
run timeout 20 "$AB" wait "$dir"
is "X8: the batch ends well" "$rc/$(ran)" '0/0 one 1,0 two 1,'

# No socket can be made: told, and nothing is broken by it.
rm -f go
printf 'id,task\nalone,until [ -e go ]; do sleep 0.02; done\n' >u.csv
dir=$("$AB" launch u.csv --agent shell --detach 2>/dev/null)
wait_for 10 phase_is "$dir" alone running
kill_conductor "$dir"
rm -f "$dir/ctl"
mkdir "$dir/ctl"
run timeout 20 "$AB" resume "$dir" --detach
is "X8: a socket that cannot be made is a refusal" "$rc" 5
like "X8: which says what it is" "$err" 'control socket'
rmdir "$dir/ctl"
touch go
run timeout 20 "$AB" resume "$dir" --no-tui
is "X8: and the batch is carried on without harm" "$rc/$(status_is "$dir" alone completed && echo done)" 0/done
done_testing
