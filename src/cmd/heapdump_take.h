// goprof heapdump PID | CORE -o FILE.
#pragma once

#include <stdbool.h>

struct error;

// argv[0] is the process or core file.
bool heapdump_take(int argc, char **argv, struct error *err)
	__attribute__((warn_unused_result));
