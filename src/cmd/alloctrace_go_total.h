// What the allocations of a Go program come to, for people and as JSON.
#pragma once

struct go_allocations;
struct go_code;
struct writer;

// By type and by stack, largest bytes first.
void alloctrace_go_total(const struct go_allocations *allocations, struct go_code *code,
			 double seconds, struct writer *w);
void alloctrace_go_total_json(const struct go_allocations *allocations,
			      struct go_code *code, double seconds, struct writer *w);
