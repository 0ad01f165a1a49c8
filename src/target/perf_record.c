// Decoding perf records; layouts as in linux/perf_event.h, for PERF_RECORD_SAMPLE_TYPE.
#include "target/perf_record.h"

#include "base/reader.h"

enum {
	HEADER_BYTES = sizeof(struct perf_event_header),
	SAMPLE_TIME_OFFSET = HEADER_BYTES + 16, // behind ip and pid, tid
	TRAILER_BYTES = 24,                     // pid, tid; time; id
};

// perf's register numbers (asm/perf_regs.h) in the order the kernel writes them.
static const uint8_t register_order[] = {
	UNWIND_RAX, UNWIND_RBX, UNWIND_RCX, UNWIND_RDX, UNWIND_RSI, UNWIND_RDI,
	UNWIND_RBP, UNWIND_RSP, UNWIND_RIP, UNWIND_R8,  UNWIND_R9,  UNWIND_R10,
	UNWIND_R11, UNWIND_R12, UNWIND_R13, UNWIND_R14, UNWIND_R15,
};

uint64_t perf_record_time(const struct perf_event_header *header)
{
	const uint8_t *bytes = (const uint8_t *)header;
	size_t offset = SAMPLE_TIME_OFFSET;
	uint64_t time;

	if (header->size < HEADER_BYTES + TRAILER_BYTES)
		return 0;
	if (header->type != PERF_RECORD_SAMPLE)
		offset = header->size - (size_t)16;
	memcpy(&time, bytes + offset, sizeof(time));
	return time;
}

struct perf_part perf_record_part(const struct perf_sample *sample, uint64_t context)
{
	struct perf_part part = { NULL, 0 };

	for (size_t i = 0; i < sample->chain_count; i++) {
		if (sample->chain[i] < (uint64_t)PERF_CONTEXT_MAX) {
			part.count += part.addresses != NULL;
			continue;
		}
		if (part.addresses != NULL)
			break;
		if (sample->chain[i] == context)
			part.addresses = sample->chain + i + 1;
	}
	return part;
}

static void read_registers(struct reader *r, struct perf_sample *out)
{
	uint64_t abi = reader_u64(r);

	if (abi == PERF_SAMPLE_REGS_ABI_NONE)
		return;
	for (size_t i = 0; i < sizeof(register_order); i++)
		out->registers.value[register_order[i]] = reader_u64(r);
	out->registers.known = (1u << UNWIND_REGISTERS) - 1;
	out->has_user = abi == PERF_SAMPLE_REGS_ABI_64;
}

//   u64 size; char data[size]; u64 copied, the last only where size != 0
static void read_stack(struct reader *r, struct perf_sample *out)
{
	uint64_t size = reader_u64(r), copied;

	if (size == 0)
		return;
	out->stack = reader_bytes(r, size);
	copied = reader_u64(r);
	out->stack_size = copied < size ? copied : size;
	out->has_hole = copied < size;
}

static void read_sample(struct reader *r, struct perf_record *out)
{
	struct perf_sample *sample = &out->sample;
	uint64_t count;

	sample->ip = reader_u64(r);
	out->pid = (int)reader_u32(r);
	out->tid = (int)reader_u32(r);
	out->time_ns = reader_u64(r);
	out->event_id = reader_u64(r);
	count = reader_u64(r);
	if (count > reader_left(r) / sizeof(uint64_t))
		reader_fail(r);
	else
		sample->chain = (const void *)reader_bytes(r, count * 8);
	sample->chain_count = count;
	read_registers(r, sample);
	read_stack(r, sample);
}

static void read_mapping(struct reader *r, struct perf_mapping *out)
{
	enum { PROT_EXECUTE = 4 };

	out->start = reader_u64(r);
	out->size = reader_u64(r);
	out->offset = reader_u64(r);
	out->device_major = reader_u32(r);
	out->device_minor = reader_u32(r);
	out->inode = reader_u64(r);
	reader_skip(r, 8); // inode generation
	out->is_executable = (reader_u32(r) & PROT_EXECUTE) != 0;
	reader_skip(r, 4); // flags
	out->file = reader_cstr(r);
	if (out->size == 0 || out->start + out->size < out->start)
		reader_fail(r);
}

static void read_side_band(struct reader *r, uint16_t misc, struct perf_record *out)
{
	switch (out->type) {
	case PERF_RECORD_MMAP2:
		reader_skip(r, 8); // pid, tid: the trailer has them
		read_mapping(r, &out->mapping);
		break;
	case PERF_RECORD_COMM:
		reader_skip(r, 8);
		out->name.text = reader_cstr(r);
		out->name.is_exec = (misc & PERF_RECORD_MISC_COMM_EXEC) != 0;
		break;
	case PERF_RECORD_FORK:
	case PERF_RECORD_EXIT:
		// The trailer names who forked; these name who was born.
		out->pid = (int)reader_u32(r);
		out->birth.parent = (int)reader_u32(r);
		out->tid = (int)reader_u32(r);
		out->birth.parent_tid = (int)reader_u32(r);
		break;
	case PERF_RECORD_LOST:
		reader_skip(r, 8); // event id
		out->lost = reader_u64(r);
		break;
	case PERF_RECORD_LOST_SAMPLES:
		out->lost = reader_u64(r);
		break;
	default:
		reader_fail(r);
	}
}

bool perf_record_decode(const struct perf_event_header *header, struct perf_record *out)
{
	struct perf_record record = { .type = header->type };
	struct reader r, trailer;

	if (header->size < HEADER_BYTES + TRAILER_BYTES)
		return false;
	if (header->type == PERF_RECORD_SAMPLE) {
		r = reader_from(header + 1, header->size - (size_t)HEADER_BYTES);
		read_sample(&r, &record);
	} else {
		size_t body = header->size - (size_t)HEADER_BYTES - TRAILER_BYTES;

		r = reader_from(header + 1, body);
		trailer = reader_from(r.end, TRAILER_BYTES);
		record.pid = (int)reader_u32(&trailer);
		record.tid = (int)reader_u32(&trailer);
		record.time_ns = reader_u64(&trailer);
		record.event_id = reader_u64(&trailer);
		read_side_band(&r, header->misc, &record);
	}
	if (!reader_ok(&r))
		return false;
	*out = record;
	return true;
}
