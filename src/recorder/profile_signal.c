// Our handler stays for ever: a signal may be on its way when the profile stops, and
// without a handler it would end the program. So would a program that sets the default
// back while timers run, as interpreters do at their start.
#include "recorder/profile_signal.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "recorder/cpu.h"
#include "recorder/hook.h"
#include "recorder/state.h"
#include "recorder/talk.h"
#include "recorder/thread_ask.h"

static int real_sigaction(const struct sigaction *action, struct sigaction *old)
{
	hook_resolve(&recorder.next.sigaction, "sigaction");
	return recorder.next.sigaction(recorder.signal, action, old);
}

// The default is the end of the program: it has asked for that signal itself.
static void end_by_default(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	real_sigaction(&action, NULL);
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), recorder.signal);
}

static void pass_on(int number, siginfo_t *info, void *context)
{
	const struct sigaction *action = &recorder.program_action;

	if (action->sa_handler == SIG_IGN)
		return;
	if (action->sa_handler == SIG_DFL)
		end_by_default();
	else if ((action->sa_flags & SA_SIGINFO) != 0)
		action->sa_sigaction(number, info, context);
	else
		action->sa_handler(number);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	int errnum = errno;

	thread_ask_answer(context);
	if (!cpu_take_signal(info, context) && !thread_ask_is_ours(info))
		pass_on(number, info, context);
	errno = errnum;
}

bool profile_signal_is_ours(const siginfo_t *info)
{
	return cpu_is_signal(info) || thread_ask_is_ours(info);
}

static bool is_free(int number)
{
	struct sigaction action;

	return recorder.next.sigaction(number, NULL, &action) == 0 &&
	       (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN);
}

// Where the program has a handler for SIGPROF before the first profile starts, it has a
// profiler of its own.
static void choose(void)
{
	hook_resolve(&recorder.next.sigaction, "sigaction");
	if (recorder.settings.signal != 0)
		recorder.signal = (int)recorder.settings.signal;
	if (recorder.settings.signal != 0 || is_free(SIGPROF))
		return;
	for (int number = SIGRTMAX; number >= SIGRTMIN; number--) {
		if (!is_free(number))
			continue;
		talk("the program uses SIGPROF itself: signal %d is taken in its place",
		     number);
		recorder.signal = number;
		return;
	}
}

bool profile_signal_install(void)
{
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK };

	if (recorder.has_signal)
		return true;
	choose();
	sigemptyset(&action.sa_mask);
	recorder.has_signal = true;
	if (real_sigaction(NULL, &recorder.program_action) == 0 &&
	    real_sigaction(&action, NULL) == 0)
		return true;
	recorder.has_signal = false;
	return false;
}

HOOK int sigaction(int number, const struct sigaction *restrict action,
		   struct sigaction *restrict old)
{
	struct sigaction before = recorder.program_action;

	hook_resolve(&recorder.next.sigaction, "sigaction");
	if (number != recorder.signal || !recorder.has_signal)
		return recorder.next.sigaction(number, action, old);
	if (action != NULL)
		recorder.program_action = *action;
	if (old != NULL)
		*old = before;
	return 0;
}

HOOK sighandler_t signal(int number, sighandler_t handler)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART }, old;

	hook_resolve(&recorder.next.signal, "signal");
	if (number != recorder.signal || !recorder.has_signal)
		return recorder.next.signal(number, handler);
	sigemptyset(&action.sa_mask);
	sigaction(number, &action, &old);
	return old.sa_handler;
}
