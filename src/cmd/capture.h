// goprof KIND SOURCE [report flags]: one implementation for all kinds that are taken from
// a process at once.
#pragma once

// The run of their struct command; argv[0] is the kind.
int capture_run(int argc, char **argv);
