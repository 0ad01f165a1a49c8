// Kinds of profiles from Go's own endpoints, /debug/pprof/KIND.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct fetch_options;
struct writer;

struct capture_url_request {
	const char *word; // "host:6060", or a URL with or without a path
	const char *kind;
	int debug;      // 0: a profile
	double seconds; // 0: at once
	const struct fetch_options *options;
};

// Whether the word could be a URL at all.
bool capture_url_is(const char *word);

// What the server answers, for free().
bool capture_url_fetch(const struct capture_url_request *request, uint8_t **bytes,
		       size_t *size, struct error *err)
	__attribute__((warn_unused_result));

// The same to a writer, whatever its size; finishes it.
bool capture_url_save(const struct capture_url_request *request, struct writer *out,
		      struct error *err) __attribute__((warn_unused_result));
