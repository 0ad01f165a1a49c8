// Functions that take the place of those of the C library, and the ones behind them.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <threads.h>

#define HOOK __attribute__((visibility("default"), noinline))

// What our hooks pass calls on to; NULL until they are first called. The functions of
// malloc are in allocator.h.
struct hook_next {
	int (*pthread_create)(pthread_t *thread, const pthread_attr_t *attributes,
			      void *(*run)(void *), void *argument);
	int (*thrd_create)(thrd_t *thread, thrd_start_t run, void *argument);
	int (*sigaction)(int number, const struct sigaction *action,
			 struct sigaction *old);
	sighandler_t (*signal)(int number, sighandler_t handler);
	int (*sigtimedwait)(const sigset_t *set, siginfo_t *info,
			    const struct timespec *timeout);
	int (*dlclose)(void *handle);
	void (*_exit)(int status) __attribute__((noreturn));
};

// The next definition of a function in the order of the loader's lookup, libc's own in
// programs without a loader; NULL: there is none.
void *hook_find(const char *name);

// Whether a function is libc's own, and not of a sanitizer or another library that stands
// before it. Takes the loader's lock. False in programs without a loader.
bool hook_is_of_libc(void *function);

// Finds the next definition of a function, unless `next` (a pointer to it) has it.
void hook_resolve(void *next, const char *name);
