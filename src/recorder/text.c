// Collects the buckets, orders them, names their addresses, prints.
#include "recorder/text.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/pages.h"
#include "base/writer.h"
#include "binary/radix.h"
#include "goprof.h"
#include "profile/recording.h"
#include "profile/recording_kinds.h"
#include "recorder/statistics.h"
#include "recorder/text_names.h"

struct text {
	const struct recording *recording;
	const struct recording_profile *profile;
	struct str name; // of a custom profile
	struct text_names names;
	const struct recording_bucket **rows; // in the order to print
	size_t count, capacity;
	struct writer *w;
};

static uint64_t events(const struct recording_bucket *bucket, unsigned i)
{
	return atomic_load_explicit(&bucket->events[i], memory_order_relaxed);
}

static uint64_t in_use(const struct recording_bucket *bucket)
{
	uint64_t added = events(bucket, 0), removed = events(bucket, 1);

	return removed < added ? added - removed : 0;
}

static bool is_wanted(const struct text *text, const struct recording_bucket *bucket)
{
	if (text->profile->kind == RECORDING_CUSTOM)
		return in_use(bucket) > 0 && bucket->size <= UINT32_MAX &&
		       str_equal(recording_text(text->recording, (uint32_t)bucket->size),
				 text->name);
	return events(bucket, 0) > 0;
}

// What the rows are ordered by, largest first.
static uint64_t weight(const struct text *text, const struct recording_bucket *bucket)
{
	if (text->profile->kind == RECORDING_HEAP)
		return in_use(bucket) * bucket->size;
	if (text->profile->kind == RECORDING_BLOCK ||
	    text->profile->kind == RECORDING_MUTEX)
		return events(bucket, 1);
	return events(bucket, 0);
}

static struct str find_label(const struct text *text, uint32_t set, const char *key)
{
	const struct recording_bucket *labels =
		recording_at(text->recording, set, RECORDING_LABELS);

	for (size_t i = 0; labels != NULL && i + 1 < labels->count; i += 2) {
		if (str_equal(recording_text(text->recording, (uint32_t)labels->words[i]),
			      str_from(key)))
			return recording_text(text->recording,
					      (uint32_t)labels->words[i + 1]);
	}
	return STR("");
}

// The innermost frame of whoever made a thread, 0: not known.
static uint64_t creator(const struct text *text, const struct recording_bucket *bucket)
{
	struct str addresses = find_label(text, bucket->labels, "created_by"), first;
	uint64_t address;

	return str_cut(&addresses, ' ', &first) && str_starts_with(first, STR("0x")) &&
			       str_to_u64(str_after(first, 2), 16, &address)
		       ? address
		       : 0;
}

static bool note(struct text *text, const struct recording_bucket *bucket)
{
	const struct recording_bucket **rows = pages_reserve(
		text->rows, &text->capacity, text->count + 1, sizeof(*rows));

	if (rows == NULL)
		return false;
	text->rows = rows;
	rows[text->count++] = bucket;
	for (size_t i = 0; i < bucket->count; i++)
		text_names_note(&text->names, bucket->words[i], bucket->epoch);
	if (text->profile->kind == RECORDING_THREADS && creator(text, bucket) != 0)
		text_names_note(&text->names, creator(text, bucket), bucket->epoch);
	return true;
}

static bool collect(struct text *text)
{
	const struct recording_bucket *bucket;
	uint64_t cursor = 0;

	while ((bucket = recording_next(text->recording, text->profile->kind, &cursor)) !=
	       NULL) {
		if (is_wanted(text, bucket) && !note(text, bucket))
			return false;
	}
	return text_names_look_up(&text->names);
}

static bool sort(struct text *text)
{
	size_t size = (text->count + 1) * sizeof(struct radix_item);
	struct radix_item *items = pages_map(size), *spare = pages_map(size);
	const struct recording_bucket **rows =
		pages_map((text->count + 1) * sizeof(*rows));
	bool has_room = items != NULL && spare != NULL && rows != NULL;

	for (size_t i = 0; has_room && i < text->count; i++)
		items[i] =
			(struct radix_item){ ~weight(text, text->rows[i]), (uint32_t)i };
	if (has_room)
		radix_sort(items, spare, text->count);
	for (size_t i = 0; has_room && i < text->count; i++)
		rows[i] = text->rows[items[i].value];
	for (size_t i = 0; has_room && i < text->count; i++)
		text->rows[i] = rows[i];
	if (items != NULL)
		pages_unmap(items, size);
	if (spare != NULL)
		pages_unmap(spare, size);
	if (rows != NULL)
		pages_unmap(rows, (text->count + 1) * sizeof(*rows));
	return has_room;
}

// Readers take the addresses of a text for return addresses, and step back into the call.
static void put_addresses(struct text *text, const struct recording_bucket *bucket)
{
	writer_text(text->w, " @");
	for (size_t i = 0; i < bucket->count; i++)
		writer_format(text->w, " 0x%" PRIx64, bucket->words[i] + 1);
	writer_char(text->w, '\n');
}

static void put_place(struct text *text, const struct text_name *name)
{
	if (name->file.n > 0)
		writer_format(text->w, "%.*s:0", (int)name->file.n, name->file.p);
}

static void put_frames(struct text *text, const struct recording_bucket *bucket)
{
	for (size_t i = 0; i < bucket->count; i++) {
		struct text_name name =
			text_names_of(&text->names, bucket->words[i], bucket->epoch);

		writer_format(text->w, "#\t0x%" PRIx64, bucket->words[i]);
		if (name.function.n > 0) {
			writer_format(text->w, "\t%.*s+0x%" PRIx64 "\t",
				      (int)name.function.n, name.function.p, name.offset);
			put_place(text, &name);
		}
		writer_char(text->w, '\n');
	}
	writer_char(text->w, '\n');
}

static void put_labels(struct text *text, uint32_t set)
{
	const struct recording_bucket *labels =
		recording_at(text->recording, set, RECORDING_LABELS);

	if (labels == NULL)
		return;
	writer_text(text->w, "# labels: {");
	for (size_t i = 0; i + 1 < labels->count; i += 2) {
		struct str key =
			recording_text(text->recording, (uint32_t)labels->words[i]);
		struct str value =
			recording_text(text->recording, (uint32_t)labels->words[i + 1]);

		writer_format(text->w, "%s\"%.*s\":\"%.*s\"", i == 0 ? "" : ", ",
			      (int)key.n, key.p, (int)value.n, value.p);
	}
	writer_text(text->w, "}\n");
}

static void put_counts(struct text *text)
{
	uint64_t total = 0;

	for (size_t i = 0; i < text->count; i++)
		total += in_use(text->rows[i]);
	if (text->name.n > 0)
		writer_str(text->w, text->name);
	else
		writer_text(text->w, text->profile->name);
	writer_format(text->w, " profile: total %" PRIu64 "\n", total);
	for (size_t i = 0; i < text->count; i++) {
		writer_u64(text->w, in_use(text->rows[i]));
		put_addresses(text, text->rows[i]);
		put_labels(text, text->rows[i]->labels);
		put_frames(text, text->rows[i]);
	}
}

static void put_statistics(struct text *text)
{
	struct goprof_memory_stats stats;

	if (!statistics_read(&stats))
		return;
	writer_format(text->w,
		      "\n# runtime.MemStats\n# Alloc = %" PRIu64
		      "\n# TotalAlloc = %" PRIu64 "\n# Sys = %" PRIu64
		      "\n# Mallocs = %" PRIu64 "\n# Frees = %" PRIu64
		      "\n# HeapAlloc = %" PRIu64 "\n# HeapObjects = %" PRIu64
		      "\n# BuckHashSys = %" PRIu64 "\n# MaxRSS = %" PRIu64 "\n",
		      stats.heap_alloc, stats.total_alloc, stats.resident,
		      stats.total_objects, stats.total_objects - stats.heap_objects,
		      stats.heap_alloc, stats.heap_objects, stats.recorder,
		      stats.peak_resident);
}

static void put_heap_row(struct text *text, uint64_t live, uint64_t live_bytes,
			 uint64_t all, uint64_t all_bytes)
{
	writer_format(text->w, "%" PRIu64 ": %" PRIu64 " [%" PRIu64 ": %" PRIu64 "]",
		      live, live_bytes, all, all_bytes);
}

// As sampled: readers scale by the rate, of which the head has the double.
static void put_heap(struct text *text)
{
	uint64_t sums[4] = { 0 };
	uint64_t period = text->recording->states[RECORDING_HEAP].period;

	for (size_t i = 0; i < text->count; i++) {
		const struct recording_bucket *bucket = text->rows[i];

		sums[0] += in_use(bucket);
		sums[1] += in_use(bucket) * bucket->size;
		sums[2] += events(bucket, 0);
		sums[3] += events(bucket, 0) * bucket->size;
	}
	writer_text(text->w, "heap profile: ");
	// Readers take equal columns for a profile that has only two.
	put_heap_row(text, sums[0], sums[1], sums[2], sums[3] + (sums[3] == sums[1]));
	writer_format(text->w, " @ heap/%" PRIu64 "\n", 2 * period);
	for (size_t i = 0; i < text->count; i++) {
		const struct recording_bucket *bucket = text->rows[i];

		put_heap_row(text, in_use(bucket), in_use(bucket) * bucket->size,
			     events(bucket, 0), events(bucket, 0) * bucket->size);
		put_addresses(text, bucket);
		put_frames(text, bucket);
	}
	put_statistics(text);
}

// A cycle is a nanosecond.
static void put_waits(struct text *text)
{
	bool is_mutex = text->profile->kind == RECORDING_MUTEX;

	writer_format(text->w, "--- %s:\ncycles/second=1000000000\n",
		      is_mutex ? "mutex" : "contention");
	if (is_mutex)
		writer_text(text->w, "sampling period=1\n");
	for (size_t i = 0; i < text->count; i++) {
		const struct recording_bucket *bucket = text->rows[i];

		writer_format(text->w, "%" PRIu64 " %" PRIu64, events(bucket, 1),
			      events(bucket, 0));
		put_addresses(text, bucket);
		put_frames(text, bucket);
	}
}

static void put_call(struct text *text, const char *before, uint64_t address,
		     uint32_t epoch, const char *behind)
{
	struct text_name name = text_names_of(&text->names, address, epoch);

	writer_text(text->w, before);
	if (name.function.n > 0)
		writer_str(text->w, name.function);
	else
		writer_format(text->w, "0x%" PRIx64, address);
	writer_text(text->w, behind);
	writer_text(text->w, "\n\t");
	put_place(text, &name);
	writer_format(text->w, " +0x%" PRIx64 "\n", name.offset);
}

static void put_thread(struct text *text, const struct recording_bucket *bucket)
{
	const uint64_t minute = (uint64_t)60 * 1000000000;
	struct str tid = find_label(text, bucket->labels, "tid");
	struct str state = find_label(text, bucket->labels, "state");
	struct str thread = find_label(text, bucket->labels, "thread");

	writer_format(text->w, "goroutine %.*s [%.*s", (int)tid.n, tid.p, (int)state.n,
		      state.p);
	if (bucket->size >= minute)
		writer_format(text->w, ", %" PRIu64 " minutes", bucket->size / minute);
	writer_format(text->w, ", %.*s]:\n", (int)thread.n, thread.p);
	for (size_t i = 0; i < bucket->count; i++)
		put_call(text, "", bucket->words[i], bucket->epoch, "(...)");
	if (creator(text, bucket) != 0)
		put_call(text, "created by ", creator(text, bucket), bucket->epoch, "");
	writer_char(text->w, '\n');
}

// What is mapped, for readers that look for names and lines by themselves.
static void put_mappings(struct text *text)
{
	char buffer[4096];
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	ssize_t size;

	writer_text(text->w, "\n--- Memory map: ---\n");
	while (fd >= 0 && (size = read(fd, buffer, sizeof(buffer))) > 0)
		writer_bytes(text->w, buffer, (size_t)size);
	if (fd >= 0)
		close(fd);
}

static void put(struct text *text, enum text_level level)
{
	bool is_threads = text->profile->kind == RECORDING_THREADS;

	if (is_threads && level == TEXT_STACKS) {
		for (size_t i = 0; i < text->count; i++)
			put_thread(text, text->rows[i]);
		return;
	}
	if (text->profile->kind == RECORDING_HEAP)
		put_heap(text);
	else if (text->profile->kind == RECORDING_BLOCK ||
		 text->profile->kind == RECORDING_MUTEX)
		put_waits(text);
	else
		put_counts(text);
	put_mappings(text);
}

// A number of addresses, as pprof asks for them: "0x1+0x2".
static void each_symbol(struct str words, struct text *text,
			void (*each)(struct text *text, uint64_t address))
{
	struct str word;
	uint64_t address;

	while (str_cut(&words, '+', &word)) {
		if (str_starts_with(word, STR("0x")))
			word = str_after(word, 2);
		if (str_to_u64(word, 16, &address))
			each(text, address);
	}
}

static void note_symbol(struct text *text, uint64_t address)
{
	text_names_note(&text->names, address, atomic_load(&text->recording->epoch));
}

static void put_symbol(struct text *text, uint64_t address)
{
	struct text_name name = text_names_of(&text->names, address,
					      atomic_load(&text->recording->epoch));

	if (name.function.n > 0)
		writer_format(text->w, "0x%" PRIx64 " %.*s\n", address,
			      (int)name.function.n, name.function.p);
}

bool text_write_symbols(const struct recording *recording, struct str addresses,
			struct writer *out)
{
	struct text text = { .recording = recording, .w = out };
	bool has_room;

	// Any number but 0 says that there are symbols.
	writer_text(out, "num_symbols: 1\n");
	text_names_init(&text.names, recording);
	each_symbol(addresses, &text, note_symbol);
	has_room = text_names_look_up(&text.names);
	if (has_room)
		each_symbol(addresses, &text, put_symbol);
	text_names_deinit(&text.names);
	return has_room;
}

bool text_write(const struct recording *recording,
		const struct recording_profile *profile, struct str name,
		enum text_level level, struct writer *out)
{
	struct text text = {
		.recording = recording, .profile = profile, .name = name, .w = out
	};
	bool has_room;

	text_names_init(&text.names, recording);
	has_room = collect(&text) && sort(&text);
	if (has_room)
		put(&text, level);
	text_names_deinit(&text.names);
	pages_release(text.rows, text.capacity, sizeof(*text.rows));
	return has_room;
}
