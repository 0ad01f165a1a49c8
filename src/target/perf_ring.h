// The ring buffer that the kernel fills with the records of the events of one CPU.
#pragma once

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

// Holds the mapping, not the descriptor. Records between tail and head are unread.
struct perf_ring {
	struct perf_event_mmap_page *page;
	const uint8_t *data;
	size_t size; // of data, a power of two
	uint64_t head, tail;
	uint64_t looked; // for who looks at records before they are due; not below tail
	void *joined;    // a record that wraps around, in one piece
};

// Maps the ring of an event. Where the kernel's limit of locked memory is in the way,
// halves the size as far as `least`. Sizes are powers of two of at least a page.
bool perf_ring_open(struct perf_ring *out, int fd, size_t size, size_t least,
		    struct error *err) __attribute__((warn_unused_result));
void perf_ring_close(struct perf_ring *ring);

// Notes how far the kernel has written by now.
void perf_ring_refresh(struct perf_ring *ring);

// The oldest unread record, or NULL; valid until it is released. Sees no further than
// the last refresh.
const struct perf_event_header *perf_ring_peek(struct perf_ring *ring);

// Steps over the record that peek returned.
void perf_ring_advance(struct perf_ring *ring);

// Gives the room of all records stepped over back to the kernel.
void perf_ring_release(struct perf_ring *ring);
