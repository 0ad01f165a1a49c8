// signalfd(2), and who else got the signal.
#include "source/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

struct signals signals_open(void)
{
	static const int numbers[] = { SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
				       SIGUSR1, SIGUSR2, SIGCHLD };
	struct signals signals = { .command = 0 };
	sigset_t mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&mask, numbers[i]);
	sigprocmask(SIG_BLOCK, &mask, &signals.before);
	signals.fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	return signals;
}

static struct signals_event read_event(const struct signals *signals)
{
	struct signalfd_siginfo info;

	if (read(signals->fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return (struct signals_event){ 0 };
	return (struct signals_event){ (int)info.ssi_signo, info.ssi_code == SI_KERNEL };
}

struct signals_event signals_next(const struct signals *signals)
{
	struct signals_event event = read_event(signals);

	while (signals->command != 0 && event.number != 0 && event.number != SIGCHLD) {
		signals_forward(event, signals->command);
		event = read_event(signals);
	}
	return event;
}

void signals_close(struct signals *signals)
{
	// One that came last must not end the program before it has reported.
	while (signals_next(signals).number != 0)
		;
	if (signals->fd >= 0)
		close(signals->fd);
	sigprocmask(SIG_SETMASK, &signals->before, NULL);
}

void signals_forward(struct signals_event event, int pid)
{
	if (event.number != 0 && event.number != SIGCHLD && !event.is_from_terminal)
		kill(pid, event.number);
}
