// The few calls of bpf(2) that probes need: maps, programs, and reading a ring of
// records. Source: linux/bpf.h; Documentation/bpf/ringbuf.rst.
#pragma once

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;

// Descriptors, close-on-exec; -1 with errno. Sizes of rings are powers of two of at least
// a page.
int bpf_map_open_ring(uint32_t size);
int bpf_map_open_array(uint32_t value_size, uint32_t count);
bool bpf_map_read(int fd, uint32_t key, void *value);

// Loads a program for probes. On a refusal `log` has the verifier's last words.
int bpf_program_open(const struct bpf_insn *instructions, uint32_t count, char *log,
		     uint32_t log_size);

// Our side of a ring: records in the order in which the program reserved them.
struct bpf_ring {
	int fd; // of the map, not owned
	uint64_t *consumed;
	const uint64_t *produced;
	const uint8_t *data;
	size_t size, page_size;
	uint64_t at, next; // in front of and behind the record given last
};

bool bpf_ring_open(int fd, size_t size, struct bpf_ring *out, struct error *err)
	__attribute__((warn_unused_result));
void bpf_ring_close(struct bpf_ring *ring);

// The next record, valid until the next call; false when there is none. Its room is given
// back by that next call.
bool bpf_ring_next(struct bpf_ring *ring, struct str *out);
