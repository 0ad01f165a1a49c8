// The table row of one command; main.c holds the table.
#pragma once

struct command {
	const char *name;
	const char *summary; // one line for `goprof help`
	const char *usage;   // full text for `goprof help NAME`
	// argv[0] is the command's name; returns the exit status. -h and --help have
	// been answered before, from usage.
	int (*run)(int argc, char **argv);
};

extern const struct command command_cpu;
extern const struct command command_doctor;
extern const struct command command_dumptodot;
extern const struct command command_dumptohprof;
extern const struct command command_heapdump;
extern const struct command command_gctrace;
extern const struct command command_schedtrace;
extern const struct command command_set;
extern const struct command command_goroutine;
extern const struct command command_threadcreate;
extern const struct command command_wall;
extern const struct command command_leaks;
extern const struct command command_info;
extern const struct command command_ps;
extern const struct command command_heap;
extern const struct command command_allocs;
extern const struct command command_block;
extern const struct command command_mutex;
extern const struct command command_memstats;
extern const struct command command_memory;
extern const struct command command_help;
extern const struct command command_hints;
extern const struct command command_run;
extern const struct command command_alloctrace;
extern const struct command command_serve;
extern const struct command command_modules;
extern const struct command command_web;

// All of them in the order of `goprof help`, ended by NULL; main.c.
extern const struct command *const command_table[];

// The pprof grammar: flags and sources without a command word.
int pprof_run(int argc, char **argv);
