// The kernel tells what is resident by mapping, the runtime what it holds its memory for.
// Without cgo all anonymous memory is the runtime's; with it, a mapping is where a span,
// what describes one, or the stack of a bucket is in it.
#include "golang/memory_parts.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/writer.h"
#include "binary/elf.h"
#include "golang/layout.h"
#include "golang/memstats.h"
#include "golang/process.h"
#include "target/smaps.h"

enum { SPANS_LIMIT = 1 << 20 };

// Resident bytes by what the mapping is.
struct resident {
	uint64_t go, binary, files, c_heap, stack, other;
};

struct survey {
	const struct go_process *process;
	struct smaps smaps;
	bool *is_go; // by entry
};

static size_t entry_at(const struct smaps *smaps, uint64_t address)
{
	size_t low = 0, high = smaps->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (smaps->entries[middle].map.limit <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < smaps->count && smaps->entries[low].map.start <= address
		       ? low
		       : smaps->count;
}

static void mark(struct survey *survey, uint64_t address)
{
	size_t entry = entry_at(&survey->smaps, address);

	if (address != 0 && entry < survey->smaps.count)
		survey->is_go[entry] = true;
}

static uint64_t word_at(const struct survey *survey, uint64_t address)
{
	return go_process_read_number(survey->process, address, sizeof(uint64_t));
}

static void mark_spans(struct survey *survey)
{
	const struct go_layout *layout = survey->process->layout;
	uint64_t spans = go_process_find(survey->process, STR("runtime.mheap_")) +
			 (uint64_t)layout->mheap.allspans;
	uint64_t array = word_at(survey, spans), count = word_at(survey, spans + 8);

	mark(survey, array);
	for (uint64_t i = 0; i < count && i < SPANS_LIMIT; i++) {
		uint64_t span = word_at(survey, array + 8 * i);

		mark(survey, span);
		mark(survey, word_at(survey, span + (uint64_t)layout->mspan.start_addr));
		mark(survey, word_at(survey, span + (uint64_t)layout->mspan.alloc_bits));
		mark(survey, word_at(survey, span + (uint64_t)layout->mspan.gcmark_bits));
	}
}

static void mark_lists(struct survey *survey)
{
	static const struct str variables[] = {
		STR("runtime.mbuckets"), STR("runtime.bbuckets"), STR("runtime.xbuckets"),
		STR("runtime.allgptr"),  STR("runtime.allp"),     STR("runtime.allm"),
	};
	uint64_t arenas = go_process_find(survey->process, STR("runtime.mheap_")) +
			  (uint64_t)survey->process->layout->mheap.arenas;

	mark(survey, word_at(survey, arenas));
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		mark(survey,
		     word_at(survey, go_process_find(survey->process, variables[i])));
}

static bool is_of_binary(const struct go_process *process, const struct maps_entry *map)
{
	for (size_t i = 0; i < process->elf->segment_count; i++) {
		const Elf64_Phdr *segment = &process->elf->segments[i];
		uint64_t start = segment->p_vaddr + process->bias;

		if (segment->p_type == PT_LOAD && map->start < start + segment->p_memsz &&
		    map->limit > start)
			return true;
	}
	return false;
}

// Since 1.25 the runtime names its mappings where the kernel lets it.
static bool is_anonymous(struct str name)
{
	return name.n == 0 || str_starts_with(name, STR("[anon:"));
}

static void add_entry(const struct survey *survey, size_t index, bool is_pure,
		      struct resident *out)
{
	const struct smaps_entry *entry = &survey->smaps.entries[index];
	const struct maps_entry *map = &entry->map;

	if (is_of_binary(survey->process, map))
		out->binary += entry->rss;
	else if (is_anonymous(map->file) &&
		 (is_pure || survey->is_go[index] ||
		  str_starts_with(map->file, STR("[anon: Go"))))
		out->go += entry->rss;
	else if (is_anonymous(map->file) || str_equal(map->file, STR("[heap]")))
		out->c_heap += entry->rss;
	else if (str_equal(map->file, STR("[stack]")))
		out->stack += entry->rss;
	else if (str_starts_with(map->file, STR("[")))
		out->other += entry->rss;
	else
		out->files += entry->rss;
}

static void take_stock(struct survey *survey, struct memory_parts *parts,
		       struct resident *out)
{
	uint64_t cgo = go_process_find(survey->process, STR("runtime.iscgo"));
	bool is_pure = cgo != 0 && go_process_read_number(survey->process, cgo, 1) == 0;

	if (!is_pure) {
		mark_spans(survey);
		mark_lists(survey);
	}
	for (size_t i = 0; i < survey->smaps.count; i++) {
		add_entry(survey, i, is_pure, out);
		parts->rss += survey->smaps.entries[i].rss;
		parts->swap += survey->smaps.entries[i].swap;
	}
}

static uint64_t controller_word(const struct go_process *process, int32_t offset)
{
	return go_process_read_number(
		process,
		go_process_find(process, STR("runtime.gcController")) + (uint64_t)offset,
		sizeof(uint64_t));
}

static void fill_in(struct memory_parts *out, const struct memstats *stats,
		    const struct resident *resident, uint64_t marked)
{
	uint64_t live = marked < stats->heap_alloc ? marked : stats->heap_alloc;
	uint64_t own = stats->mspan_sys + stats->mcache_sys + stats->buck_hash_sys +
		       stats->gc_sys + stats->other_sys;
	uint64_t counted = stats->sys - stats->heap_released;
	const struct memory_part parts[MEMORY_PARTS] = {
		{ "live heap", "objects that the last collection found in use",
		  (int64_t)live },
		{ "garbage", "and what was allocated since then",
		  (int64_t)(stats->heap_alloc - live) },
		{ "gaps", "room in spans with objects",
		  (int64_t)(stats->heap_inuse - stats->heap_alloc) },
		{ "free spans", "kept for later, not given back",
		  (int64_t)(stats->heap_idle - stats->heap_released) },
		{ "stacks", "of goroutines, and of threads that Go made",
		  (int64_t)stats->stack_sys },
		{ "runtime", "tables of allocator, collector and profiles",
		  (int64_t)own },
		{ "untouched", "counted above, but no page of memory yet",
		  (int64_t)resident->go - (int64_t)counted },
		{ "binary", "code and data of the program", (int64_t)resident->binary },
		{ "C heap", "malloc and other anonymous memory not of Go",
		  (int64_t)resident->c_heap },
		{ "files", "libraries and other mapped files", (int64_t)resident->files },
		{ "other", "first stack, vdso and the like",
		  (int64_t)(resident->stack + resident->other) },
	};

	for (size_t i = 0; i < MEMORY_PARTS; i++)
		out->parts[i] = parts[i];
	out->released = stats->heap_released;
}

bool memory_parts_read(const struct go_process *process, struct memory_parts *out,
		       struct error *err)
{
	struct survey survey = { .process = process };
	struct memory_parts parts = { .rss = 0 };
	struct resident resident = { 0 };
	struct memstats stats;
	uint64_t limit;

	if (process->core != NULL)
		return error_set(err, ERROR_USAGE,
				 "a core file does not tell what was resident: goprof "
				 "memstats reads it");
	if (!memstats_read(process, &stats, err) ||
	    !smaps_read(process->pid, &survey.smaps, err))
		return false;
	survey.is_go = table_zeroed(survey.smaps.count + 1, sizeof(bool));
	take_stock(&survey, &parts, &resident);
	fill_in(&parts, &stats, &resident,
		controller_word(process, process->layout->gc_controller.heap_marked));
	limit = controller_word(process, process->layout->gc_controller.memory_limit);
	parts.go_limit = limit < INT64_MAX ? limit : 0;
	parts.cgroup_limit = smaps_cgroup_limit(process->pid);
	smaps_deinit(&survey.smaps);
	free(survey.is_go);
	*out = parts;
	return true;
}

static void write_mib(struct writer *w, const char *name, int64_t bytes,
		      const char *meaning)
{
	writer_format(w, "%-12s %12.1f MiB  %s\n", name, (double)bytes / (1 << 20),
		      meaning);
}

void memory_parts_write_text(const struct memory_parts *parts, struct writer *w)
{
	for (size_t i = 0; i < MEMORY_PARTS; i++)
		if (parts->parts[i].bytes != 0)
			write_mib(w, parts->parts[i].name, parts->parts[i].bytes,
				  parts->parts[i].meaning);
	write_mib(w, "resident", (int64_t)parts->rss, "all of it, as the kernel has it");
	if (parts->swap > 0)
		write_mib(w, "swapped", (int64_t)parts->swap, "besides, on disk");
	write_mib(w, "released", (int64_t)parts->released,
		  "address space given back, no memory");
	if (parts->go_limit > 0)
		write_mib(w, "GOMEMLIMIT", (int64_t)parts->go_limit,
			  "for what the runtime has");
	if (parts->cgroup_limit > 0)
		write_mib(w, "cgroup", (int64_t)parts->cgroup_limit,
			  "limit for all of it");
}

void memory_parts_write_json(const struct memory_parts *parts, struct writer *w)
{
	struct json j = json_to(w);

	json_object_begin(&j);
	json_key(&j, "parts");
	json_array_begin(&j);
	for (size_t i = 0; i < MEMORY_PARTS; i++) {
		json_object_begin(&j);
		json_key_string(&j, "name", str_from(parts->parts[i].name));
		json_key_i64(&j, "bytes", parts->parts[i].bytes);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_key_i64(&j, "resident", (int64_t)parts->rss);
	json_key_i64(&j, "swapped", (int64_t)parts->swap);
	json_key_i64(&j, "released", (int64_t)parts->released);
	json_key_i64(&j, "gomemlimit", (int64_t)parts->go_limit);
	json_key_i64(&j, "cgroup_limit", (int64_t)parts->cgroup_limit);
	json_object_end(&j);
	writer_char(w, '\n');
}
