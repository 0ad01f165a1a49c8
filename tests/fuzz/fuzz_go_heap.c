// Leaked goroutines, heap dumps, what made threads and how a runtime is set, over hostile
// memory: the input is what every address of its GiB holds.
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/writer.h"
#include "binary/elf.h"
#include "binary/pclntab.h"
#include "golang/code.h"
#include "golang/info.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "golang/threadcreate.h"
#include "heapdump/go_take.h"
#include "heapdump/goroutine_leaks.h"
#include "target/core_memory.h"

#include "go_program.h"

enum {
	COUNT_ADDRESS = 1, // of runtime.allglen
	READ_MAX = 1 << 16,
	MEMORY = 1 << 30,
	READS_MAX = 1 << 12, // no list goes on for ever
	VARIABLE_STEP = 24,
};

static const uint8_t *input;
static size_t input_size, reads;

static bool read_anywhere(const struct memory *memory, uint64_t address, void *buffer,
			  size_t size)
{
	(void)memory;
	if (++reads > READS_MAX || size > READ_MAX || address > MEMORY - size)
		return false;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)buffer)[i] = input[(address + i) % input_size];
	if (address == COUNT_ADDRESS && size == 8)
		memcpy(buffer, &(uint64_t){ 1 + input[0] % 16 }, 8);
	return address != 0;
}

static void find_leaks(struct go_process *process)
{
	struct goroutine_leaks_options options = { 0 };
	struct goroutine_leaks leaks = { 0 };
	struct error err;

	if (goroutine_leaks_find(process, &options, &leaks, &err) &&
	    leaks.leaked + leaks.unknown > leaks.blocked)
		abort();
	goroutine_leaks_deinit(&leaks);
}

static void dump(struct go_process *process)
{
	struct writer w = writer_to_memory();
	struct go_take_options options = { 0 };
	struct go_take_counts counts = { 0 };
	struct go_take *take = NULL;
	struct error err;

	if (go_take_begin(process, &options, &w, &take, &counts, &err))
		go_take_finish(take, 0);
	writer_deinit(&w);
}

static void visit_nothing(struct threadcreate_visitor *visitor,
			  const struct go_point *const *points, size_t count)
{
	(void)visitor;
	(void)points;
	(void)count;
}

static void name_variables(struct go_symbols *symbols)
{
	static const struct str names[] = {
		STR("runtime.allglen"),
		STR("runtime.allgptr"),
		STR("runtime.allm"),
		STR("runtime.mheap_"),
		STR("runtime.allp"),
		STR("runtime.firstmoduledata"),
		STR("runtime.sched"),
		STR("runtime.gcController"),
		STR("runtime.memstats"),
		STR("runtime.gomaxprocs"),
		STR("runtime.lastmoduledatap"),
		STR("runtime.waitReasonStrings"),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		go_symbols_add(symbols, names[i], COUNT_ADDRESS + VARIABLE_STEP * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory = { read_anywhere };
	struct core_memory core = { .memory = memory };
	struct go_process process = { .core = &core, .memory = &memory };
	struct threadcreate_visitor visitor = { visit_nothing };
	struct go_info info;
	struct error err;

	if (size < 16)
		return 0;
	input = data + 1;
	input_size = size - 1;
	process.elf = go_program();
	process.version = (struct go_version){ .minor = (uint8_t)(19 + data[0] % 9) };
	process.layout = go_layout_find(process.version);
	process.pclntab = pclntab_open(process.elf);
	process.code = go_code_create(process.pclntab, 0, process.version);
	page_cache_init(&process.kept, process.memory);
	name_variables(&process.symbols);
	reads = 0;
	find_leaks(&process);
	reads = 0;
	dump(&process);
	reads = 0;
	(void)!threadcreate_read(&process, &visitor, &err);
	reads = 0;
	(void)!go_info_read(&process, &info, &err);
	page_cache_deinit(&process.kept);
	go_symbols_deinit(&process.symbols);
	go_code_destroy(process.code);
	pclntab_close(process.pclntab);
	return 0;
}
