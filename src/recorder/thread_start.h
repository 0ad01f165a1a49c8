// Makes the hooks of thread_hooks.c watch threads begin and end.
#pragma once

#include <stdbool.h>

// From now on; before, they only pass calls on. False for lack of memory.
bool thread_start_init(void);
