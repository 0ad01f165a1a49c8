// Heap, block and mutex profiles and MemStats over hostile memory: the input is what
// every address holds. The functions are those of a small pclntab, which another fuzzer
// attacks.
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/writer.h"
#include "binary/elf.h"
#include "binary/pclntab.h"
#include "golang/blockprofile.h"
#include "golang/code.h"
#include "golang/heap_profile.h"
#include "golang/layout.h"
#include "golang/memprofile.h"
#include "golang/memstats.h"
#include "golang/process.h"
#include "profile/profile.h"
#include "target/core_memory.h"

#include "go_program.h"

enum { READS_MAX = 1 << 12, VARIABLE_STEP = 24 };

// Every address is somewhere in the input; no list goes on for ever.
static const uint8_t *input;
static size_t input_size, reads;

static bool read_anywhere(const struct memory *memory, uint64_t address, void *buffer,
			  size_t size)
{
	(void)memory;
	if (++reads > READS_MAX)
		return false;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)buffer)[i] = input[(address + i) % input_size];
	return address != 0;
}

static void read_heap(struct go_process *process, const struct memstats *stats)
{
	struct memprofile profile;
	struct error err;
	struct writer w;

	if (!memprofile_read(process, MEMPROFILE_LIVE, &profile, &err))
		return;
	w = writer_to_memory();
	for (size_t i = 0; i < profile.count; i++)
		if (profile.records[i].frees < 0 ||
		    profile.records[i].frees > profile.records[i].allocs)
			abort();
	profile_destroy(heap_profile_create(process, &profile, HEAP_PROFILE_INUSE));
	heap_profile_write_text(process, &profile, stats, 0, &w);
	writer_deinit(&w);
	memprofile_deinit(&profile);
}

static void read_waits(struct go_process *process)
{
	struct writer w = writer_to_memory();
	struct blockprofile profile;
	struct error err;

	if (blockprofile_read(process, BLOCKPROFILE_MUTEX, &profile, &err)) {
		profile_destroy(blockprofile_create(process, &profile));
		blockprofile_write_text(process, &profile, &w);
		blockprofile_deinit(&profile);
	}
	writer_deinit(&w);
}

static void name_variables(struct go_symbols *symbols)
{
	static const struct str names[] = {
		STR("runtime.mbuckets"),     STR("runtime.xbuckets"),
		STR("runtime.mProfCycle"),   STR("runtime.MemProfileRate"),
		STR("runtime.memstats"),     STR("runtime.mutexprofilerate"),
		STR("runtime.gcController"), STR("runtime.mheap_"),
		STR("runtime.allp"),         STR("runtime.ticks"),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		go_symbols_add(symbols, names[i], 1 + VARIABLE_STEP * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory = { read_anywhere };
	struct core_memory core = { .memory = memory };
	struct go_process process = { .core = &core, .memory = &memory };
	struct memstats stats = { 0 };
	struct error err;

	if (size < 16)
		return 0;
	input = data + 1;
	input_size = size - 1;
	reads = 0;
	process.elf = go_program();
	process.version = (struct go_version){ .minor = (uint8_t)(19 + data[0] % 9) };
	process.layout = go_layout_find(process.version);
	process.pclntab = pclntab_open(process.elf);
	process.code = go_code_create(process.pclntab, 0, process.version);
	name_variables(&process.symbols);
	if (!memstats_read(&process, &stats, &err))
		stats = (struct memstats){ 0 };
	reads = 0;
	read_heap(&process, &stats);
	reads = 0;
	read_waits(&process);
	go_symbols_deinit(&process.symbols);
	go_code_destroy(process.code);
	pclntab_close(process.pclntab);
	return 0;
}
