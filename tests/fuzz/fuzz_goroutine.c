// Goroutines over hostile memory: the input is what every address holds. The functions
// are those of a small pclntab, which another fuzzer attacks.
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/writer.h"
#include "binary/elf.h"
#include "binary/pclntab.h"
#include "golang/code.h"
#include "golang/goroutine_facts.h"
#include "golang/goroutine_text.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "target/core_memory.h"

#include "go_program.h"

enum {
	COUNT_ADDRESS = 1,  // of runtime.allglen
	READ_MAX = 1 << 16, // lest the fuzzer be slow
};

// Every address is somewhere in the input.
static const uint8_t *input;
static size_t input_size;

static bool read_anywhere(const struct memory *memory, uint64_t address, void *buffer,
			  size_t size)
{
	(void)memory;
	if (size > READ_MAX)
		return false;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)buffer)[i] = input[(address + i) % input_size];
	if (address == COUNT_ADDRESS && size == 8)
		memcpy(buffer, &(uint64_t){ 1 + input[0] % 16 }, 8);
	return address != 0;
}

static const struct pclntab *functions(void)
{
	static struct pclntab *table;

	if (table == NULL)
		table = pclntab_open(go_program());
	if (table == NULL)
		abort();
	return table;
}

static void show(struct go_process *process, struct goroutine_facts *facts)
{
	struct writer w = writer_to_memory();
	struct goroutine_text text = goroutine_text_to(&w, process, facts);
	struct goroutine_options options = { .with_system = true };
	struct goroutine_counts counts;
	struct error err;

	if (goroutines_read(process, &options, &text.visitor, &counts, &err) &&
	    counts.shown > counts.user + counts.system)
		abort();
	goroutine_text_deinit(&text);
	writer_deinit(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory memory = { read_anywhere };
	struct core_memory core = { .memory = memory }; // reads one range at a time
	struct go_process process = { .core = &core, .memory = &memory };
	struct goroutine_facts facts;
	uint8_t minor;

	if (size < 16)
		return 0;
	minor = (uint8_t)(19 + data[0] % 9);
	input = data + 1;
	input_size = size - 1;
	process.version = (struct go_version){ .minor = minor };
	process.layout = go_layout_find(process.version);
	if (process.layout == NULL)
		return 0;
	process.code = go_code_create(functions(), 0, process.version);
	go_symbols_add(&process.symbols, STR("runtime.allglen"), COUNT_ADDRESS);
	go_symbols_add(&process.symbols, STR("runtime.allgptr"), 9);
	go_symbols_add(&process.symbols, STR("runtime.waitReasonStrings"), 17);
	goroutine_facts_read(&process, &facts);
	show(&process, &facts);
	goroutine_facts_deinit(&facts);
	go_symbols_deinit(&process.symbols);
	go_code_destroy(process.code);
	return 0;
}
