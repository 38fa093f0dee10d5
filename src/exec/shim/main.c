/* agent-batch-shim: runs one attempt and writes its record (shim.h, formats/record.h).
 *
 * It is crash-only like everything here. Each step leaves the record in a state that says what is
 * true: no start line, the agent never ran; the lock free and no exit line, nobody knows; an exit
 * line, it is over. The exit is looked at without reaping, written, and reaped only then: if the
 * shim is killed in between, the next reaper gets the true status.
 *
 * All signals stay blocked for good; it takes those it wants by sigtimedwait. It never prints: its
 * stdout and stderr are the agent's log. */
#include "exec/procstat.h"
#include "exec/shim/agent.h"
#include "exec/shim/line.h"
#include "exec/shim/shim.h"
#include "exec/shim/sweep.h"
#include "exec/shim/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FLUSH_AFTER_MS 1000 /* a shorter attempt's record is not flushed: FAULTS.md, "Durability" */
#define START_TRIES 10
#define TERM_TICK_MS 100
#define KILL_TICK_MS 10
#define KILL_TICK_MAX_MS 1000

/* Values of enum kill_why (model/event.h), as requests carry them. */
static const char *const why_names[] = {"", "cancel", "timeout", "stall", "halt", "branch"};

/* What ends the processes of the attempt, each time after a look at all of them. */
enum phase {
	PHASE_CALM, /* they may run */
	PHASE_TERM, /* each has got TERM, and time until the deadline */
	PHASE_KILL
};

struct shim {
	char **argv;
	int record_fd;
	pid_t parent;
	int64_t grace_ms;
	pid_t agent;
	int64_t started_ms;
	bool has_ended; /* the agent; its exit is recorded */
	enum phase phase;
	int64_t deadline_ms;
	int64_t tick_ms;
	bool owes_notice;
	struct sweep sweep;
	int exit_status;
};

static struct shim shim;
static struct line line;

static bool has_conductor(const struct shim *s)
{
	return s->parent > 0 && getppid() == s->parent;
}

static _Noreturn void leave(int status)
{
	_exit(status > 0 && status < SHIM_TAKEN ? status : EIO);
}

/* ---- the record ---- */

/* Made exclusively and then locked. Whoever resumes a batch takes the lock of a record without a
 * start line, to write into it that the attempt is void: so either he has the lock, or we find
 * something in the file, or we are first. */
static int open_record(const char *name)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
	int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC;
	int fd = openat(SHIM_FD_ATTEMPTS, name, flags, 0600);
	struct stat st;

	if (fd < 0 && errno == EEXIST)
		_exit(SHIM_TAKEN);
	if (fd < 0 || fchmod(fd, 0600) < 0) /* the umask may have taken bits away */
		leave(errno);
	if (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
		if (errno == EAGAIN || errno == EACCES)
			_exit(SHIM_TAKEN);
		leave(errno);
	}
	if (fstat(fd, &st) < 0)
		leave(errno);
	if (st.st_size != 0)
		_exit(SHIM_TAKEN);
	return fd;
}

/* What was told must be on disk where nobody else knows it, and where it cost something. */
static void flush_record(struct shim *s)
{
	if (now_ms(CLOCK_MONOTONIC) - s->started_ms < FLUSH_AFTER_MS && has_conductor(s))
		return;
	if (fsync(s->record_fd) < 0)
		s->exit_status = errno;
}

/* The disk says no. A conductor reaps the agent in our place and keeps in memory what it was told;
 * without one we hold on to it until the disk heals. */
static void write_exit_line(struct shim *s)
{
	const struct timespec second = {1, 0};

	line_end(&line);
	while (line_write(&line, s->record_fd) < 0) {
		if (has_conductor(s))
			leave(errno);
		nanosleep(&second, NULL);
	}
	flush_record(s);
}

/* ---- starting ---- */

static pid_t start_agent(struct shim *s)
{
	const struct timespec pause = {0, 100 * 1000 * 1000};
	struct procstat self = {0};
	struct agent_spec spec = {
	    .argv = s->argv + SHIM_ARG_AGENT,
	    .cwd = s->argv[SHIM_ARG_CWD],
	    .nofile = s->argv[SHIM_ARG_NOFILE],
	    .oom = s->argv[SHIM_ARG_OOM],
	    .record_fd = s->record_fd,
	};
	struct agent_fault fault;
	char text[480];
	int tries = 0;
	pid_t pid;

	(void)procstat_read(0, &self); /* 0 where there is no /proc: matches nobody */
	spec.shim_start_ticks = self.start_ticks;
	s->started_ms = now_ms(CLOCK_MONOTONIC);
	while ((pid = agent_start(&spec, &fault)) < 0) {
		if (errno != EAGAIN || ++tries == START_TRIES)
			leave(errno);
		nanosleep(&pause, NULL);
	}
	if (fault.what == AGENT_RUNS)
		return pid;
	waitpid(pid, NULL, 0); /* its own status says nothing: it never became the program */
	if (fault.what == AGENT_NO_RECORD)
		leave(fault.errnum);
	agent_fault_text(&spec, &fault, text, sizeof(text));
	line_begin(&line, "failed");
	line_int(&line, "errno", fault.errnum);
	line_str(&line, "message", text);
	write_exit_line(s);
	_exit(s->exit_status);
}

/* ---- the end of the agent ---- */

/* As the kernel fills it, which is not always as libc declares it. */
struct kernel_rusage {
	long utime_s, utime_us, stime_s, stime_us, maxrss_kb, rest[13];
};

static void record_exit(struct shim *s, const siginfo_t *si, const struct kernel_rusage *ru)
{
	int64_t cpu_ms =
	    (int64_t)(ru->utime_s + ru->stime_s) * 1000 + (ru->utime_us + ru->stime_us) / 1000;

	line_begin(&line, "exit");
	line_int(&line, si->si_code == CLD_EXITED ? "code" : "signal", si->si_status);
	line_int(&line, "rss_kb", ru->maxrss_kb);
	line_int(&line, "cpu_ms", cpu_ms);
	write_exit_line(s);
	waitpid(s->agent, NULL, 0);
	s->has_ended = true;
}

/* Reaps all that has ended; strays come to us as their subreaper. Returns whether a child is left. */
static bool reap(struct shim *s)
{
	for (;;) {
		struct kernel_rusage ru;
		siginfo_t si;

		memset(&si, 0, sizeof(si));
		if (syscall(SYS_waitid, P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT, &ru) < 0)
			return errno != ECHILD;
		if (si.si_pid == 0)
			return true;
		if (si.si_pid == s->agent && !s->has_ended)
			record_exit(s, &si, &ru);
		else
			waitpid(si.si_pid, NULL, 0);
	}
}

/* ---- ending everything ---- */

static void enter_phase(struct shim *s, enum phase phase)
{
	s->phase = phase;
	s->sweep.is_kill = phase == PHASE_KILL;
	s->tick_ms = phase == PHASE_KILL ? KILL_TICK_MS : TERM_TICK_MS;
	s->deadline_ms = now_ms(CLOCK_MONOTONIC) + s->grace_ms;
}

static void notify(struct shim *s)
{
	char text[16] = "";

	text_add_uint(text, sizeof(text), (uint64_t)getpid(), 1);
	text_add(text, sizeof(text), "\n");
	s->owes_notice = write(SHIM_FD_NOTIFY, text, strlen(text)) < 0 && errno == EAGAIN;
}

static _Noreturn void finish(struct shim *s)
{
	char text[SWEEP_TEXT_SIZE];

	sweep_text(&s->sweep, text);
	if (text[0]) {
		line_begin(&line, "left");
		line_str(&line, "names", text);
		line_end(&line);
		if (line_write(&line, s->record_fd) < 0)
			s->exit_status = errno;
	}
	_exit(s->exit_status);
}

/* ---- requests ---- */

static void obey(struct shim *s, const siginfo_t *si)
{
	int why = si->si_value.sival_int;
	bool is_kill = si->si_signo == SHIM_SIG_KILL;

	if (si->si_code != SI_QUEUE || why < 1 ||
	    why >= (int)(sizeof(why_names) / sizeof(why_names[0])))
		return;
	/* An end that happened first wins: what goes on now is only the clearing up. */
	if (!s->has_ended && !s->sweep.spares_nobody) {
		s->sweep.spares_nobody = true;
		line_begin(&line, "kill");
		line_str(&line, "why", why_names[why]);
		line_end(&line);
		if (line_write(&line, s->record_fd) < 0)
			s->exit_status = errno; /* the conductor remembers why as well */
	}
	if (is_kill && s->phase != PHASE_KILL)
		enter_phase(s, PHASE_KILL);
	else if (s->phase == PHASE_CALM)
		enter_phase(s, PHASE_TERM);
}

/* Waits for something to happen, at most until the next look is due. */
static void wait_for_signal(struct shim *s)
{
	struct timespec tick = {s->tick_ms / 1000, s->tick_ms % 1000 * 1000000};
	bool has_tick = s->phase != PHASE_CALM;
	sigset_t set;
	siginfo_t si;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SHIM_SIG_TERM);
	sigaddset(&set, SHIM_SIG_KILL);
	sig = sigtimedwait(&set, &si, has_tick ? &tick : NULL);
	if (sig == SHIM_SIG_TERM || sig == SHIM_SIG_KILL) {
		reap(s);
		obey(s, &si);
	}
}

static void next_look(struct shim *s)
{
	size_t left;

	if (s->owes_notice)
		notify(s);
	if (s->phase == PHASE_TERM && now_ms(CLOCK_MONOTONIC) >= s->deadline_ms)
		enter_phase(s, PHASE_KILL);
	left = sweep_all(&s->sweep);
	/* Only what is kept is left. It is looked at twice, since a walk can miss one. */
	if (s->has_ended && s->sweep.kept.text[0] && left == 0 && sweep_all(&s->sweep) == 0)
		finish(s);
	if (s->phase == PHASE_KILL && s->tick_ms < KILL_TICK_MAX_MS)
		s->tick_ms *= 2; /* one that sleeps in the kernel may take its time */
}

static _Noreturn void watch(struct shim *s)
{
	bool was_ended = false;

	for (;;) {
		bool has_child;

		wait_for_signal(s);
		has_child = reap(s);
		if (s->has_ended && !has_child)
			finish(s);
		if (s->has_ended && !was_ended) {
			was_ended = true;
			notify(s);
			if (s->phase == PHASE_CALM)
				enter_phase(s, PHASE_TERM);
		}
		if (s->phase != PHASE_CALM)
			next_look(s);
	}
}

/* ---- main ---- */

/* Whatever the starter ignored, the agent shall not; and an ignored SIGCHLD would reap behind our
 * back. By system call, since libc keeps its own signals from us, and glibc's posix_spawn leaves
 * those ignored. All of "default" is zeros, in every layout. Blocked signals wait until they are
 * asked for. */
static void set_signals(void)
{
	static const unsigned char defaults[128];
	sigset_t all;
	int sig;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (sig = 1; sig < NSIG; sig++)
		(void)syscall(SYS_rt_sigaction, sig, defaults, NULL, NSIG / 8); /* KILL, STOP: no */
}

static bool read_args(struct shim *s, int argc, char **argv)
{
	const char *leftovers;

	if (argc <= SHIM_ARG_AGENT || strcmp(argv[SHIM_ARG_DASHES], "--") != 0)
		return false;
	s->argv = argv;
	s->parent = (pid_t)strtol(argv[SHIM_ARG_PARENT], NULL, 10);
	s->grace_ms = strtoll(argv[SHIM_ARG_GRACE_MS], NULL, 10);
	leftovers = argv[SHIM_ARG_LEFTOVERS];
	if (strncmp(leftovers, "kill", 4) == 0)
		s->sweep.keep = leftovers + 4 + (leftovers[4] == '\n');
	return true;
}

int main(int argc, char **argv)
{
	struct shim *s = &shim;

	set_signals();
	if (!read_args(s, argc, argv))
		return SHIM_USAGE;
	/* Descriptors that strangers left open to the conductor must not live as long as agents. */
	(void)syscall(SYS_close_range, SHIM_FD_NOTIFY + 1U, ~0U, 0U);
	(void)
	    setsid(); /* refused where we lead a group already: then by srun, for the same reason */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		leave(errno);
	s->record_fd = open_record(argv[SHIM_ARG_RECORD]);
	s->agent = start_agent(s);
	watch(s);
}
