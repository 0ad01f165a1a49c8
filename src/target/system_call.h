// Names of the system calls that threads wait in (x86-64).
#pragma once

#include <stddef.h>
#include <stdint.h>

// "futex", or "syscall 318" for one that is not known by name; "" for a negative number.
void system_call_name(int64_t number, char *out, size_t size);
