// Serves the pages on a heap dump to browsers on this machine.
#pragma once

#include <stdbool.h>

struct error;
struct opened_dump;

struct dump_site_options {
	const char *listen; // for http_listen: a loopback address or a Unix socket
	// Told once when clients may come.
	void (*is_ready)(void *context, const char *url);
	void *context;
};

// Serves until SIGINT or SIGTERM.
bool dump_site_run(struct opened_dump *dump, const struct dump_site_options *options,
		   struct error *err) __attribute__((warn_unused_result));
