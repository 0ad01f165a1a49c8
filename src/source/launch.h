// Starting a command under measurement: it waits before its first instruction until the
// events are in place.
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct error;

// A child process. Owns the two pipe ends until launch_go.
struct launch {
	int pid;
	int go_fd;      // written to: the child may go on
	int failure_fd; // read from: errno of a failed exec, or end of file
};

// Forks; the child has the signal mask given. The words are a NULL-terminated argv.
bool launch_prepare(struct launch *out, char *const *words, const sigset_t *mask,
		    struct error *err) __attribute__((warn_unused_result));

// Lets the child become the command. What exec refuses is an error, ERROR_NOT_FOUND for a
// command that does not exist; the child is gone then.
bool launch_go(struct launch *launch, const char *name, struct error *err)
	__attribute__((warn_unused_result));

// Ends a child that was prepared but not let go.
void launch_cancel(struct launch *launch);

// A wait status as a shell reports it.
int launch_exit_status(int wait_status);
