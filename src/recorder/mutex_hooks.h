// What pthread_mutex_lock and pthread_mutex_unlock jump to: libc's functions while nobody
// wants to know of waits, so that not even the question is asked.
#pragma once

#include <pthread.h>

#include "recorder/wait.h"

struct mutex_calls {
	int (*lock)(pthread_mutex_t *mutex);
	int (*unlock)(pthread_mutex_t *mutex);
};

// Follows the mode of waits, in recorder.mutex_calls. Needs a complete
// recorder.wait_next.
void mutex_hooks_update(enum wait_mode mode);

// What they are at first: they find out.
int mutex_hooks_first_lock(pthread_mutex_t *mutex);
int mutex_hooks_first_unlock(pthread_mutex_t *mutex);
