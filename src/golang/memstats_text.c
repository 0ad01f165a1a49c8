// runtime.MemStats for people and programs: one table of names behind all of it.
#include "golang/memstats_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/writer.h"
#include "golang/memstats.h"

struct field {
	const char *name; // Go's
	const char *unit; // "bytes", "", "ns", "unix ns"
	const char *meaning;
	size_t offset; // of a uint64_t
};

#define AT(member) offsetof(struct memstats, member)

// In the order of Go's structure.
static const struct field fields[] = {
	{ "Alloc", "bytes", "live and not yet swept objects", AT(alloc) },
	{ "TotalAlloc", "bytes", "all objects ever allocated", AT(total_alloc) },
	{ "Sys", "bytes", "address space had from the system", AT(sys) },
	{ "Mallocs", "", "objects ever allocated", AT(mallocs) },
	{ "Frees", "", "objects freed", AT(frees) },
	{ "HeapAlloc", "bytes", "the same as Alloc", AT(heap_alloc) },
	{ "HeapSys", "bytes", "address space of the heap", AT(heap_sys) },
	{ "HeapIdle", "bytes", "spans without objects", AT(heap_idle) },
	{ "HeapInuse", "bytes", "spans with objects", AT(heap_inuse) },
	{ "HeapReleased", "bytes", "idle and given back", AT(heap_released) },
	{ "HeapObjects", "", "Mallocs less Frees", AT(heap_objects) },
	{ "StackInuse", "bytes", "stacks of goroutines", AT(stack_inuse) },
	{ "StackSys", "bytes", "those and stacks of threads", AT(stack_sys) },
	{ "MSpanInuse", "bytes", "what describes spans", AT(mspan_inuse) },
	{ "MSpanSys", "bytes", "room for that", AT(mspan_sys) },
	{ "MCacheInuse", "bytes", "caches of processors", AT(mcache_inuse) },
	{ "MCacheSys", "bytes", "room for those", AT(mcache_sys) },
	{ "BuckHashSys", "bytes", "tables of profiles", AT(buck_hash_sys) },
	{ "GCSys", "bytes", "tables of the collector", AT(gc_sys) },
	{ "OtherSys", "bytes", "the rest of the runtime", AT(other_sys) },
	{ "NextGC", "bytes", "heap at which a collection is due", AT(next_gc) },
	{ "LastGC", "unix ns", "end of the last collection", AT(last_gc) },
	{ "PauseTotalNs", "ns", "the world was stopped", AT(pause_total_ns) },
};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static uint64_t value_of(const struct memstats *stats, const struct field *field)
{
	uint64_t value;

	memcpy(&value, (const char *)stats + field->offset, sizeof(value));
	return value;
}

// The fewest digits that read back as the same number, as Go's %v has it.
static void write_double(struct writer *w, double value)
{
	char text[32];

	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	writer_text(w, text);
}

static void write_list(struct writer *w, const char *name, const uint64_t *values)
{
	writer_format(w, "# %s = [", name);
	for (int i = 0; i < MEMSTATS_PAUSES; i++)
		writer_format(w, "%s%llu", i > 0 ? " " : "",
			      (unsigned long long)values[i]);
	writer_text(w, "]\n");
}

static void write_line(struct writer *w, const char *name, uint64_t value)
{
	writer_format(w, "# %s = %llu\n", name, (unsigned long long)value);
}

static void write_pair(struct writer *w, const char *name, uint64_t inuse, uint64_t sys)
{
	writer_format(w, "# %s = %llu / %llu\n", name, (unsigned long long)inuse,
		      (unsigned long long)sys);
}

void memstats_text_foot(const struct memstats *stats, uint64_t max_rss, struct writer *w)
{
	writer_text(w, "\n# runtime.MemStats\n");
	write_line(w, "Alloc", stats->alloc);
	write_line(w, "TotalAlloc", stats->total_alloc);
	write_line(w, "Sys", stats->sys);
	write_line(w, "Lookups", 0);
	write_line(w, "Mallocs", stats->mallocs);
	write_line(w, "Frees", stats->frees);
	write_line(w, "HeapAlloc", stats->heap_alloc);
	write_line(w, "HeapSys", stats->heap_sys);
	write_line(w, "HeapIdle", stats->heap_idle);
	write_line(w, "HeapInuse", stats->heap_inuse);
	write_line(w, "HeapReleased", stats->heap_released);
	write_line(w, "HeapObjects", stats->heap_objects);
	write_pair(w, "Stack", stats->stack_inuse, stats->stack_sys);
	write_pair(w, "MSpan", stats->mspan_inuse, stats->mspan_sys);
	write_pair(w, "MCache", stats->mcache_inuse, stats->mcache_sys);
	write_line(w, "BuckHashSys", stats->buck_hash_sys);
	write_line(w, "GCSys", stats->gc_sys);
	write_line(w, "OtherSys", stats->other_sys);
	write_line(w, "NextGC", stats->next_gc);
	write_line(w, "LastGC", stats->last_gc);
	write_list(w, "PauseNs", stats->pause_ns);
	write_list(w, "PauseEnd", stats->pause_end);
	write_line(w, "NumGC", stats->num_gc);
	write_line(w, "NumForcedGC", stats->num_forced_gc);
	writer_text(w, "# GCCPUFraction = ");
	write_double(w, stats->gc_cpu_fraction);
	writer_text(w, "\n# DebugGC = false\n");
	if (max_rss > 0)
		write_line(w, "MaxRSS", max_rss);
}

static void write_sizes(const struct memstats *stats, struct writer *w)
{
	writer_text(w, "\nobjects by size    allocated        freed         live\n");
	for (int i = 1; i < MEMSTATS_SIZES; i++) {
		const struct memstats_size *size = &stats->by_size[i];

		if (size->mallocs == 0)
			continue;
		writer_i64_wide(w, size->size, 15);
		writer_i64_wide(w, (int64_t)size->mallocs, 13);
		writer_i64_wide(w, (int64_t)size->frees, 13);
		writer_i64_wide(w, (int64_t)(size->mallocs - size->frees), 13);
		writer_char(w, '\n');
	}
}

void memstats_text_table(const struct memstats *stats, struct writer *w)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *field = &fields[i];

		writer_format(w, "%-14s %20llu %-8s %s\n", field->name,
			      (unsigned long long)value_of(stats, field), field->unit,
			      field->meaning);
	}
	writer_format(w, "%-14s %20u %-8s %s\n", "NumGC", stats->num_gc, "",
		      "collections");
	writer_format(w, "%-14s %20u %-8s %s\n", "NumForcedGC", stats->num_forced_gc, "",
		      "those that the program asked for");
	writer_format(w, "%-14s %20.6f %-8s %s\n", "GCCPUFraction",
		      stats->gc_cpu_fraction, "",
		      "share of processor time spent collecting");
	write_sizes(stats, w);
}

static void write_json_list(struct json *j, const char *name, const uint64_t *values)
{
	json_key(j, name);
	json_array_begin(j);
	for (int i = 0; i < MEMSTATS_PAUSES; i++)
		json_u64(j, values[i]);
	json_array_end(j);
}

static void write_json_sizes(struct json *j, const struct memstats *stats)
{
	json_key(j, "BySize");
	json_array_begin(j);
	for (int i = 0; i < MEMSTATS_SIZES; i++) {
		json_object_begin(j);
		json_key_i64(j, "Size", stats->by_size[i].size);
		json_key(j, "Mallocs");
		json_u64(j, stats->by_size[i].mallocs);
		json_key(j, "Frees");
		json_u64(j, stats->by_size[i].frees);
		json_object_end(j);
	}
	json_array_end(j);
}

void memstats_text_json(const struct memstats *stats, struct writer *w)
{
	struct json j = json_to(w);

	json_object_begin(&j);
	for (size_t i = 0; i < FIELDS; i++) {
		json_key(&j, fields[i].name);
		json_u64(&j, value_of(stats, &fields[i]));
	}
	json_key_i64(&j, "Lookups", 0);
	write_json_list(&j, "PauseNs", stats->pause_ns);
	write_json_list(&j, "PauseEnd", stats->pause_end);
	json_key_i64(&j, "NumGC", stats->num_gc);
	json_key_i64(&j, "NumForcedGC", stats->num_forced_gc);
	json_key_double(&j, "GCCPUFraction", stats->gc_cpu_fraction);
	json_key_bool(&j, "EnableGC", true);
	json_key_bool(&j, "DebugGC", false);
	write_json_sizes(&j, stats);
	json_object_end(&j);
	writer_char(w, '\n');
}
