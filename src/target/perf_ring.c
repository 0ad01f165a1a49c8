// The reader's side of the protocol described in linux/perf_event.h at data_head.
#include "target/perf_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"

enum {
	RECORD_BYTES_MAX = UINT16_MAX + 1,
};

static bool report_map_failure(int errnum, struct error *err)
{
	if (errnum == EPERM || errnum == ENOMEM)
		return error_set(err, ERROR_PERMISSION,
				 "no locked memory left for the ring buffers of perf "
				 "events: end other recordings, or sudo sysctl -w "
				 "kernel.perf_event_mlock_kb=2064");
	return error_set_errno(err, errnum, "mapping the ring buffer of a perf event");
}

bool perf_ring_open(struct perf_ring *out, int fd, size_t size, size_t least,
		    struct error *err)
{
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	void *memory = MAP_FAILED;

	for (; size >= least && size >= page_size; size /= 2) {
		memory = mmap(NULL, page_size + size, PROT_READ | PROT_WRITE, MAP_SHARED,
			      fd, 0);
		if (memory != MAP_FAILED || (errno != EPERM && errno != ENOMEM))
			break;
	}
	if (memory == MAP_FAILED)
		return report_map_failure(errno, err);
	*out = (struct perf_ring){
		.page = memory,
		.data = (const uint8_t *)memory + page_size,
		.size = size,
		.joined = malloc(RECORD_BYTES_MAX),
	};
	if (out->joined == NULL)
		arena_out_of_memory(RECORD_BYTES_MAX);
	return true;
}

void perf_ring_close(struct perf_ring *ring)
{
	if (ring->page != NULL)
		munmap(ring->page, (size_t)sysconf(_SC_PAGESIZE) + ring->size);
	free(ring->joined);
	*ring = (struct perf_ring){ 0 };
}

void perf_ring_refresh(struct perf_ring *ring)
{
	// Pairs with the kernel's store of data_head behind the records it covers.
	ring->head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
}

const struct perf_event_header *perf_ring_peek(struct perf_ring *ring)
{
	size_t at = (size_t)(ring->tail & (ring->size - 1));
	size_t until_end = ring->size - at;
	const struct perf_event_header *header = (const void *)(ring->data + at);

	if (ring->head - ring->tail < sizeof(*header))
		return NULL;
	// Records are multiples of 8 bytes, so a header is never split.
	if (header->size < sizeof(*header) || header->size > ring->head - ring->tail) {
		ring->tail = ring->head;
		return NULL;
	}
	if (header->size <= until_end)
		return header;
	memcpy(ring->joined, header, until_end);
	memcpy((uint8_t *)ring->joined + until_end, ring->data, header->size - until_end);
	return ring->joined;
}

void perf_ring_advance(struct perf_ring *ring)
{
	size_t at = (size_t)(ring->tail & (ring->size - 1));
	const struct perf_event_header *header = (const void *)(ring->data + at);

	ring->tail += header->size;
}

void perf_ring_release(struct perf_ring *ring)
{
	// Pairs with the kernel's load of data_tail: our reads come before it may reuse
	// the room.
	__atomic_store_n(&ring->page->data_tail, ring->tail, __ATOMIC_RELEASE);
}
