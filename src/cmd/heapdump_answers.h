// The questions of goprof heapdump: each opens its dumps, computes and writes the answer.
#pragma once

#include <stdbool.h>

struct error;
struct heapdump_request;

bool heapdump_answers_top(const struct heapdump_request *request, struct error *err)
	__attribute__((warn_unused_result));
bool heapdump_answers_diff(const struct heapdump_request *request, struct error *err)
	__attribute__((warn_unused_result));
bool heapdump_answers_dominators(const struct heapdump_request *request,
				 struct error *err) __attribute__((warn_unused_result));
bool heapdump_answers_paths(const struct heapdump_request *request, struct error *err)
	__attribute__((warn_unused_result));
bool heapdump_answers_unreachable(const struct heapdump_request *request,
				  struct error *err) __attribute__((warn_unused_result));

// Writes a gzipped profile.proto to the request's output.
bool heapdump_answers_profile(const struct heapdump_request *request, struct error *err)
	__attribute__((warn_unused_result));

// Serves pages until a signal ends it.
bool heapdump_answers_web(const struct heapdump_request *request, struct error *err)
	__attribute__((warn_unused_result));
