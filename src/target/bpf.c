// Rings are mapped twice in a row by the kernel, so that no record is in two pieces.
#include "target/bpf.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"

static int call(int command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static int open_map(uint32_t type, uint32_t key_size, uint32_t value_size, uint32_t count)
{
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.map_type = type;
	attributes.key_size = key_size;
	attributes.value_size = value_size;
	attributes.max_entries = count;
	return call(BPF_MAP_CREATE, &attributes);
}

int bpf_map_open_ring(uint32_t size)
{
	return open_map(BPF_MAP_TYPE_RINGBUF, 0, 0, size);
}

int bpf_map_open_array(uint32_t value_size, uint32_t count)
{
	return open_map(BPF_MAP_TYPE_ARRAY, sizeof(uint32_t), value_size, count);
}

bool bpf_map_read(int fd, uint32_t key, void *value)
{
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.map_fd = (uint32_t)fd;
	attributes.key = (uint64_t)(uintptr_t)&key;
	attributes.value = (uint64_t)(uintptr_t)value;
	return call(BPF_MAP_LOOKUP_ELEM, &attributes) == 0;
}

static int load(const struct bpf_insn *instructions, uint32_t count, char *log,
		uint32_t log_size)
{
	union bpf_attr attributes;

	memset(&attributes, 0, sizeof(attributes));
	attributes.prog_type = BPF_PROG_TYPE_KPROBE;
	attributes.insns = (uint64_t)(uintptr_t)instructions;
	attributes.insn_cnt = count;
	// Reading the memory of user processes is open to such programs alone.
	attributes.license = (uint64_t)(uintptr_t) "Dual BSD/GPL";
	attributes.log_buf = (uint64_t)(uintptr_t)log;
	attributes.log_size = log_size;
	attributes.log_level = log == NULL ? 0 : 1;
	return call(BPF_PROG_LOAD, &attributes);
}

int bpf_program_open(const struct bpf_insn *instructions, uint32_t count, char *log,
		     uint32_t log_size)
{
	int fd = load(instructions, count, NULL, 0);

	log[0] = '\0';
	if (fd >= 0 || errno == EPERM)
		return fd;
	return load(instructions, count, log, log_size);
}

bool bpf_ring_open(int fd, size_t size, struct bpf_ring *out, struct error *err)
{
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	void *consumed = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	void *produced;

	if (consumed == MAP_FAILED)
		return error_set_errno(err, errno, "mapping the ring of a probe");
	produced = mmap(NULL, page_size + 2 * size, PROT_READ, MAP_SHARED, fd,
			(off_t)page_size);
	if (produced == MAP_FAILED) {
		int errnum = errno;

		munmap(consumed, page_size);
		return error_set_errno(err, errnum, "mapping the ring of a probe");
	}
	*out = (struct bpf_ring){
		.fd = fd,
		.consumed = consumed,
		.produced = produced,
		.data = (const uint8_t *)produced + page_size,
		.size = size,
		.page_size = page_size,
	};
	return true;
}

void bpf_ring_close(struct bpf_ring *ring)
{
	if (ring->consumed == NULL)
		return;
	munmap(ring->consumed, ring->page_size);
	munmap((void *)(uintptr_t)ring->produced, ring->page_size + 2 * ring->size);
	*ring = (struct bpf_ring){ 0 };
}

bool bpf_ring_next(struct bpf_ring *ring, struct str *out)
{
	for (;;) {
		const uint8_t *record;
		uint32_t header;
		size_t length;

		if (ring->next != ring->at) {
			ring->at = ring->next;
			// The kernel writes over the record only behind this.
			__atomic_store_n(ring->consumed, ring->at, __ATOMIC_RELEASE);
		}
		// Pairs with the kernel's release of what it has written.
		if (__atomic_load_n(ring->produced, __ATOMIC_ACQUIRE) == ring->at)
			return false;
		record = ring->data + (ring->at & (ring->size - 1));
		header = __atomic_load_n((const uint32_t *)(const void *)record,
					 __ATOMIC_ACQUIRE);
		if (header & BPF_RINGBUF_BUSY_BIT)
			return false;
		length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		ring->next =
			ring->at + ((length + BPF_RINGBUF_HDR_SZ + 7) & ~(uint64_t)7);
		if (header & BPF_RINGBUF_DISCARD_BIT)
			continue;
		*out = (struct str){ (const char *)record + BPF_RINGBUF_HDR_SZ, length };
		return true;
	}
}
