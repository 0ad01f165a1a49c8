// The signals that end a recording or belong to the command under it, taken in turn
// instead of by handlers.
#pragma once

#include <signal.h>
#include <stdbool.h>

// Owns a descriptor, readable when a signal waits; `before` is the mask that the rest of
// the program, and a command, must have.
struct signals {
	int fd;
	sigset_t before;
	int command; // a process of ours that signals are for: they are passed on. 0:
		     // none
};

// Blocks SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 and SIGCHLD.
struct signals signals_open(void);
void signals_close(struct signals *signals);

// The next waiting signal, 0 when there is none. With a command, SIGCHLD alone is ours.
struct signals_event {
	int number;
	bool is_from_terminal; // the whole foreground group got it
};

struct signals_event signals_next(const struct signals *signals);

// Passes a signal on to a process that did not get it itself.
void signals_forward(struct signals_event event, int pid);
