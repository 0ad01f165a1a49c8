// Decoding perf records; layouts as in linux/perf_event.h (PERF_RECORD_SAMPLE, struct
// sample_id). Members behind the copy of the stack are not needed and not read.
#include "target/perf_record.h"

#include "base/reader.h"

enum {
	HEADER_BYTES = sizeof(struct perf_event_header),
	SAMPLE_TIME_OFFSET = HEADER_BYTES + 16, // behind ip and pid, tid
	TRAILER_BYTES = 32,                     // pid, tid; time; id; stream id
	NO_REGISTER = UNWIND_REGISTERS,
	ALL_REGISTERS = (1 << UNWIND_REGISTERS) - 1,
};

const struct perf_layout perf_record_counted_layout = {
	.sample_type = PERF_RECORD_SAMPLE_TYPE | PERF_SAMPLE_READ,
	.user_registers = PERF_RECORD_USER_REGISTERS,
	.has_trailer = true,
};

const struct perf_layout perf_record_plain_layout = {
	.sample_type = PERF_RECORD_SAMPLE_TYPE,
	.user_registers = PERF_RECORD_USER_REGISTERS,
	.has_trailer = true,
};

// By perf's register numbers (asm/perf_regs.h): the flags and segments are in between.
static const uint8_t register_order[] = {
	UNWIND_RAX,  UNWIND_RBX,  UNWIND_RCX,  UNWIND_RDX,  UNWIND_RSI,  UNWIND_RDI,
	UNWIND_RBP,  UNWIND_RSP,  UNWIND_RIP,  NO_REGISTER, NO_REGISTER, NO_REGISTER,
	NO_REGISTER, NO_REGISTER, NO_REGISTER, NO_REGISTER, UNWIND_R8,   UNWIND_R9,
	UNWIND_R10,  UNWIND_R11,  UNWIND_R12,  UNWIND_R13,  UNWIND_R14,  UNWIND_R15,
};

uint64_t perf_record_time(const struct perf_event_header *header)
{
	const uint8_t *bytes = (const uint8_t *)header;
	size_t offset = SAMPLE_TIME_OFFSET;
	uint64_t time;

	if (header->size < HEADER_BYTES + TRAILER_BYTES)
		return 0;
	if (header->type != PERF_RECORD_SAMPLE)
		offset = header->size - (size_t)(TRAILER_BYTES - 8);
	memcpy(&time, bytes + offset, sizeof(time));
	return time;
}

struct perf_part perf_record_part(const struct perf_sample *sample, uint64_t context)
{
	struct perf_part part = { NULL, 0 };

	for (size_t i = 0; i < sample->chain_count; i++) {
		if (sample->chain[i] < (uint64_t)PERF_CONTEXT_MAX) {
			// Nothing has called: the chain ran into a cleared stack.
			if (part.count > 0 && sample->chain[i] == 0)
				break;
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

static void read_registers(struct reader *r, uint64_t mask, struct perf_sample *out)
{
	uint32_t needed = 1u << UNWIND_RIP | 1u << UNWIND_RSP;
	uint64_t abi = reader_u64(r);

	if (abi == PERF_SAMPLE_REGS_ABI_NONE)
		return;
	for (size_t i = 0; i < 64; i++) {
		uint8_t to = i < sizeof(register_order) ? register_order[i] : NO_REGISTER;

		if ((mask >> i & 1) == 0)
			continue;
		uint64_t value = reader_u64(r);

		if (to == NO_REGISTER)
			continue;
		out->registers.value[to] = value;
		out->registers.known |= 1u << to;
	}
	out->has_user = abi == PERF_SAMPLE_REGS_ABI_64 &&
			(out->registers.known & needed) == needed;
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

// struct read_format; the counts of a group tell nothing of the event that fired.
static void read_counts(struct reader *r, uint64_t format, struct perf_sample *out)
{
	if ((format & PERF_FORMAT_GROUP) == 0) {
		struct reader ahead = *r;

		out->counted = reader_u64(&ahead);
	}

	uint64_t each = 8 + (format & PERF_FORMAT_ID ? 8 : 0) +
			(format & PERF_FORMAT_LOST ? 8 : 0);
	uint64_t times = (format & PERF_FORMAT_TOTAL_TIME_ENABLED ? 8 : 0) +
			 (format & PERF_FORMAT_TOTAL_TIME_RUNNING ? 8 : 0);
	uint64_t count = format & PERF_FORMAT_GROUP ? reader_u64(r) : 1;

	if (count > reader_left(r) / 8)
		reader_fail(r);
	else
		reader_skip(r, times + count * each);
}

static void skip_branches(struct reader *r, uint64_t branch_type)
{
	enum { BRANCH_BYTES = 24 };
	uint64_t count = reader_u64(r);

	if (branch_type & PERF_SAMPLE_BRANCH_HW_INDEX)
		reader_skip(r, 8);
	if (count > reader_left(r) / BRANCH_BYTES)
		reader_fail(r);
	else
		reader_skip(r, count * BRANCH_BYTES);
}

static void read_chain(struct reader *r, struct perf_sample *out)
{
	uint64_t count = reader_u64(r);

	if (count > reader_left(r) / sizeof(uint64_t)) {
		reader_fail(r);
		return;
	}
	out->chain = (const void *)reader_bytes(r, count * 8);
	out->chain_count = count;
}

// What follows the fixed members, in the order of the kernel.
static void read_parts(struct reader *r, const struct perf_layout *layout,
		       struct perf_sample *sample)
{
	uint64_t type = layout->sample_type;

	if (type & PERF_SAMPLE_READ)
		read_counts(r, layout->read_format, sample);
	if (type & PERF_SAMPLE_CALLCHAIN)
		read_chain(r, sample);
	if (type & PERF_SAMPLE_RAW)
		reader_skip(r, reader_u32(r));
	if (type & PERF_SAMPLE_BRANCH_STACK)
		skip_branches(r, layout->branch_type);
	if (type & PERF_SAMPLE_REGS_USER)
		read_registers(r, layout->user_registers, sample);
	if (type & PERF_SAMPLE_STACK_USER)
		read_stack(r, sample);
}

static void read_sample(struct reader *r, const struct perf_layout *layout,
			struct perf_record *out)
{
	uint64_t type = layout->sample_type;

	if (type & PERF_SAMPLE_IDENTIFIER)
		out->event_id = reader_u64(r);
	if (type & PERF_SAMPLE_IP)
		out->sample.ip = reader_u64(r);
	if (type & PERF_SAMPLE_TID) {
		out->pid = (int)reader_u32(r);
		out->tid = (int)reader_u32(r);
	}
	if (type & PERF_SAMPLE_TIME)
		out->time_ns = reader_u64(r);
	if (type & PERF_SAMPLE_ADDR)
		reader_skip(r, 8);
	if (type & PERF_SAMPLE_ID)
		out->event_id = reader_u64(r);
	if (type & PERF_SAMPLE_STREAM_ID)
		out->sample.stream_id = reader_u64(r);
	if (type & PERF_SAMPLE_CPU)
		reader_skip(r, 8);
	if (type & PERF_SAMPLE_PERIOD)
		out->sample.period = reader_u64(r);
	read_parts(r, layout, &out->sample);
}

// The end of all other records.
static void read_trailer(struct reader *r, const struct perf_layout *layout,
			 struct perf_record *out)
{
	uint64_t type = layout->sample_type;

	if (type & PERF_SAMPLE_TID) {
		out->pid = (int)reader_u32(r);
		out->tid = (int)reader_u32(r);
	}
	if (type & PERF_SAMPLE_TIME)
		out->time_ns = reader_u64(r);
	if (type & PERF_SAMPLE_ID)
		out->event_id = reader_u64(r);
	if (type & PERF_SAMPLE_STREAM_ID)
		reader_skip(r, 8);
	if (type & PERF_SAMPLE_CPU)
		reader_skip(r, 8);
	if (type & PERF_SAMPLE_IDENTIFIER)
		out->event_id = reader_u64(r);
}

static size_t trailer_bytes(const struct perf_layout *layout)
{
	uint64_t members = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ID |
			   PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU |
			   PERF_SAMPLE_IDENTIFIER;

	return layout->has_trailer
		       ? 8 * (size_t)__builtin_popcountll(layout->sample_type & members)
		       : 0;
}

// Which file it is: by inode, or by build id where perf was asked for that.
static void read_file_identity(struct reader *r, uint16_t misc, struct perf_mapping *out)
{
	enum { BUILD_ID_ROOM = 20 };

	if (misc & PERF_RECORD_MISC_MMAP_BUILD_ID) {
		uint8_t size = reader_u8(r);

		reader_skip(r, 3);
		out->build_id = (struct str){
			(const char *)reader_bytes(r, BUILD_ID_ROOM),
			size < BUILD_ID_ROOM ? size : BUILD_ID_ROOM,
		};
		return;
	}
	out->device_major = reader_u32(r);
	out->device_minor = reader_u32(r);
	out->inode = reader_u64(r);
	reader_skip(r, 8); // inode generation
}

static void read_mapping(struct reader *r, uint16_t misc, struct perf_record *record)
{
	enum { PROT_EXECUTE = 4 };
	struct perf_mapping *out = &record->mapping;

	out->start = reader_u64(r);
	out->size = reader_u64(r);
	out->offset = reader_u64(r);
	out->is_executable = (misc & PERF_RECORD_MISC_MMAP_DATA) == 0;
	if (record->type == PERF_RECORD_MMAP2) {
		read_file_identity(r, misc, out);
		out->is_executable = (reader_u32(r) & PROT_EXECUTE) != 0;
		reader_skip(r, 4); // flags
	}
	out->file = reader_cstr(r);
	record->type = PERF_RECORD_MMAP2;
	if (out->size == 0 || out->start + out->size < out->start)
		reader_fail(r);
}

// What perf itself writes into a file has a trailer of zeros: these say whose it is.
static void read_owner(struct reader *r, struct perf_record *out)
{
	out->pid = (int)reader_u32(r);
	out->tid = (int)reader_u32(r);
}

static void read_side_band(struct reader *r, uint16_t misc, struct perf_record *out)
{
	switch (out->type) {
	case PERF_RECORD_MMAP:
	case PERF_RECORD_MMAP2:
		read_owner(r, out);
		read_mapping(r, misc, out);
		break;
	case PERF_RECORD_COMM:
		read_owner(r, out);
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
		out->birth.is_found = (misc & PERF_RECORD_MISC_FORK_EXEC) != 0;
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

bool perf_record_decode(const struct perf_event_header *header,
			const struct perf_layout *layout, struct perf_record *out)
{
	struct perf_record record = { .type = header->type };
	size_t end = trailer_bytes(layout);
	struct reader r, trailer;

	if (header->size < HEADER_BYTES)
		return false;
	r = reader_from(header + 1, header->size - (size_t)HEADER_BYTES);
	if (header->type == PERF_RECORD_SAMPLE) {
		read_sample(&r, layout, &record);
	} else if (reader_left(&r) < end) {
		return false;
	} else {
		trailer = reader_from(r.end - end, end);
		r.end -= end;
		if (end > 0)
			read_trailer(&trailer, layout, &record);
		read_side_band(&r, header->misc, &record);
	}
	if (!reader_ok(&r))
		return false;
	*out = record;
	return true;
}
