// Events, their names, build ids and the clock.
#include "target/perf_file_parts.h"

#include <linux/perf_event.h>
#include <string.h>

#include "base/reader.h"
#include "target/perf_file.h"

enum { EVENTS_MAX = 4096 };

void perf_file_add_event(struct perf_file *file, struct str attributes,
			 struct reader *ids)
{
	struct perf_event_attr attr = { 0 };
	struct perf_file_event event = { .name = STR("") };

	memcpy(&attr, attributes.p,
	       attributes.n < sizeof(attr) ? attributes.n : sizeof(attr));
	if (file->event_count == EVENTS_MAX)
		return;
	event.type = attr.type;
	event.config = attr.config;
	event.period = attr.freq ? 0 : attr.sample_period;
	event.rate_hz = attr.freq ? attr.sample_freq : 0;
	event.layout = (struct perf_layout){
		.sample_type = attr.sample_type,
		.read_format = attr.read_format,
		.branch_type = attr.branch_sample_type,
		.user_registers = attr.sample_regs_user,
		.has_trailer = attr.sample_id_all,
	};
	file->events = table_reserve(file->events, &file->event_capacity,
				     file->event_count + 1, sizeof(event));
	file->events[file->event_count] = event;
	while (reader_left(ids) >= sizeof(uint64_t))
		*map_put(&file->event_rows, reader_u64(ids)) =
			(uint32_t)file->event_count;
	file->event_count++;
}

// perf pads its strings with zeros.
static struct str text_of(struct str bytes)
{
	size_t size = 0;

	while (size < bytes.n && bytes.p[size] != '\0')
		size++;
	return str_slice(bytes, 0, size);
}

//   u32 size; char text[size]
static struct str read_text(struct reader *r)
{
	uint32_t size = reader_u32(r);
	const uint8_t *text = reader_bytes(r, size);

	return text == NULL ? STR("") : text_of((struct str){ (const char *)text, size });
}

// One event after the other, in the order of the attributes:
//   u32 count, attr_size; { attr[attr_size]; u32 id_count; text; u64 ids[id_count] }
static void take_event_names(struct perf_file *file, struct reader *r)
{
	uint32_t count = reader_u32(r), attr_size = reader_u32(r);

	for (uint32_t i = 0; i < count && i < file->event_count && reader_ok(r); i++) {
		uint32_t ids;
		struct str name;

		reader_skip(r, attr_size);
		ids = reader_u32(r);
		name = read_text(r);
		reader_skip(r, (uint64_t)ids * sizeof(uint64_t));
		if (reader_ok(r))
			file->events[i].name = str_copy(&file->arena, name);
	}
}

void perf_file_take_build_id(struct perf_file *file, uint16_t misc, struct reader *r)
{
	enum { SIZE_IS_TOLD = 1 << 15, ROOM = 20, ROOM_PADDED = 24 };
	struct perf_file_build_id *row;
	const uint8_t *bytes;
	uint8_t size = ROOM;
	struct str name;

	reader_skip(r, 4); // pid: of a guest's host, or -1
	bytes = reader_bytes(r, ROOM_PADDED);
	name = text_of((struct str){ (const char *)r->p, reader_left(r) });
	if (bytes == NULL || name.n == 0)
		return;
	if ((misc & SIZE_IS_TOLD) != 0 && bytes[ROOM] < ROOM)
		size = bytes[ROOM];
	file->build_ids = table_reserve(file->build_ids, &file->build_id_capacity,
					file->build_id_count + 1, sizeof(*row));
	row = &file->build_ids[file->build_id_count++];
	row->file = str_copy(&file->arena, name);
	row->build_id = str_copy(&file->arena, (struct str){ (const char *)bytes, size });
	row->is_kernel =
		(misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL;
}

static void take_build_ids(struct perf_file *file, struct reader *r)
{
	while (reader_left(r) >= sizeof(struct perf_event_header)) {
		uint16_t misc, size;
		struct reader one;

		reader_skip(r, 4); // type
		misc = reader_u16(r);
		size = reader_u16(r);
		if (size < sizeof(struct perf_event_header))
			return;
		one = reader_sub(r, size - sizeof(struct perf_event_header));
		perf_file_take_build_id(file, misc, &one);
	}
}

//   u32 version, clock; u64 wall clock, the clock of records at the same moment
static void take_clock(struct perf_file *file, struct reader *r)
{
	uint64_t wall, clock;

	reader_skip(r, 8);
	wall = reader_u64(r);
	clock = reader_u64(r);
	if (!reader_ok(r))
		return;
	file->wall_clock_ns = wall;
	file->clock_ns = clock;
}

void perf_file_take_feature(struct perf_file *file, uint64_t feature, struct str bytes)
{
	struct reader r = reader_from_str(bytes);

	switch (feature) {
	case PERF_FILE_BUILD_IDS:
		take_build_ids(file, &r);
		break;
	case PERF_FILE_ARCH:
		file->arch = str_copy(&file->arena, read_text(&r));
		break;
	case PERF_FILE_EVENT_NAMES:
		take_event_names(file, &r);
		break;
	case PERF_FILE_CLOCK:
		take_clock(file, &r);
		break;
	default:
		break;
	}
}

//   u64 what, id; char text[]
void perf_file_take_name(struct perf_file *file, struct reader *r)
{
	enum { IS_NAME = 2 };
	uint64_t what = reader_u64(r);
	uint32_t row = map_get(&file->event_rows, reader_u64(r));
	struct str name = text_of((struct str){ (const char *)r->p, reader_left(r) });

	if (what == IS_NAME && row != MAP_NONE && name.n > 0)
		file->events[row].name = str_copy(&file->arena, name);
}

// As `perf list` calls them, by PERF_COUNT_HW_* and PERF_COUNT_SW_*.
static struct str known_name(const struct perf_file_event *event)
{
	static const char *const hardware[] = {
		"cycles",
		"instructions",
		"cache-references",
		"cache-misses",
		"branches",
		"branch-misses",
		"bus-cycles",
		"stalled-cycles-frontend",
		"stalled-cycles-backend",
		"ref-cycles",
	};
	static const char *const software[] = {
		"cpu-clock",        "task-clock",   "page-faults",  "context-switches",
		"cpu-migrations",   "minor-faults", "major-faults", "alignment-faults",
		"emulation-faults", "dummy",        "bpf-output",   "cgroup-switches",
	};

	if (event->type == PERF_TYPE_HARDWARE &&
	    event->config < sizeof(hardware) / sizeof(*hardware))
		return str_from(hardware[event->config]);
	if (event->type == PERF_TYPE_SOFTWARE &&
	    event->config < sizeof(software) / sizeof(*software))
		return str_from(software[event->config]);
	return STR("event");
}

void perf_file_name_events(struct perf_file *file)
{
	for (size_t i = 0; i < file->event_count; i++) {
		if (file->events[i].name.n == 0)
			file->events[i].name = known_name(&file->events[i]);
	}
}
