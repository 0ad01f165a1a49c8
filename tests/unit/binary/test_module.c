// Names of this program's own functions, of its linkage stubs and of the vDSO.
#include <link.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/memory.h"
#include "binary/elf.h"
#include "binary/elf_symbols.h"
#include "binary/module.h"
#include "test.h"

struct recorder {
	struct module_sink sink;
	size_t calls, counts[4];
	struct module_frame last[4]; // the outermost frame of each address
};

static void record(struct module_sink *sink, size_t index,
		   const struct module_frame *frames, size_t count)
{
	struct recorder *recorder = (struct recorder *)sink;

	CHECK(index < 4);
	recorder->calls++;
	recorder->counts[index] = count;
	if (count > 0)
		recorder->last[index] = frames[count - 1];
}

// Found by name below; must not be inlined away.
__attribute__((noinline)) static int module_test_landmark(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

static uint64_t load_bias(void)
{
	extern const ElfW(Ehdr) __ehdr_start;

	return (uint64_t)&__ehdr_start;
}

static struct module *open_self(void)
{
	struct module *module = NULL;
	struct module_options options = { .no_cache = true };
	struct error err = { 0 };

	if (!module_open(STR("/proc/self/exe"), &options, &module, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return module;
}

TEST(module_names_own_function)
{
	struct module *module = open_self();
	uint64_t mapped = (uint64_t)module_test_landmark, address = 0;
	struct recorder recorder = { .sink = { record } };

	CHECK_INT(module_test_landmark(1), 2);
	CHECK(module_address(module, mapped, load_bias(), UINT64_MAX, 0, &address));
	CHECK_INT(address, mapped - load_bias());
	CHECK(!module_address(module, 5, load_bias(), UINT64_MAX, 0, &address));
	module_symbolize(module, (uint64_t[]){ 1, address }, 2, &recorder.sink);
	CHECK_INT(recorder.calls, 2);
	CHECK_INT(recorder.counts[0], 0);
	CHECK_INT(recorder.counts[1], 1);
	CHECK(str_ends_with(recorder.last[1].file, STR("test_module.c")));
	CHECK(recorder.last[1].line > 20);
	CHECK(module_has_lines(module));
	CHECK_STR(recorder.last[1].name, "module_test_landmark");
	CHECK_STR(recorder.last[1].symbol, "module_test_landmark");
	CHECK_INT(module_build_id(module).n, 40);
	module_close(module);
}

TEST(module_describes_itself)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct module *module = open_self();

	CHECK(str_starts_with(module_describe(module, &arena), STR("symbols, DWARF")));
	CHECK_STR(module_path(module), "/proc/self/exe");
	module_close(module);
}

// Builds a tiny Go program, stripped; skips where there is no Go.
TEST(module_names_stripped_go)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	struct str path = str_format(&arena, "/tmp/goprof-test-go-%d", getpid());
	struct str build = str_format(
		&arena,
		"mkdir %s && cd %s && printf 'package main\nfunc main() {}\n' >m.go && "
		"go build -ldflags='-s -w' -o m m.go >/dev/null 2>&1",
		path.p, path.p);
	struct str remove = str_format(&arena, "rm -r %s", path.p);
	struct recorder recorder = { .sink = { record } };
	struct module_options options = { .no_cache = true };
	struct module *module = NULL;
	struct error err;
	bool is_built = system(build.p) == 0;
	bool is_open = is_built && module_open(str_format(&arena, "%s/m", path.p),
					       &options, &module, &err);

	CHECK_INT(system(remove.p), 0);
	if (!is_built)
		test_skip("go build does not work here");
	CHECK(is_open);
	CHECK_STR(module_describe(module, &arena), "Go function table, stripped");
	module_symbolize(module, &module_elf(module)->entry, 1, &recorder.sink);
	CHECK_STR(recorder.last[0].name, "_rt0_amd64_linux");
	CHECK(str_ends_with(recorder.last[0].file, STR("rt0_linux_amd64.s")));
	CHECK(recorder.last[0].line > 0);
	module_close(module);
}

TEST(module_refuses_what_is_not_elf)
{
	struct module *module = NULL;
	struct module_options options = { 0 };
	struct error err;

	CHECK(!module_open(STR("/etc/passwd"), &options, &module, &err));
	CHECK_INT(err.code, ERROR_FORMAT);
	CHECK(!module_open(STR("/nonexistent"), &options, &module, &err));
	CHECK_INT(err.code, ERROR_NOT_FOUND);
	options.root = STR("/proc/self/root");
	CHECK(module_open(STR("/bin/sh"), &options, &module, &err));
	module_close(module);
}

TEST(module_reads_the_vdso_from_memory)
{
	uint64_t address = getauxval(AT_SYSINFO_EHDR);
	struct memory_bytes memory;
	struct module *module = NULL;
	struct error err;
	size_t named = 0;

	if (address == 0)
		test_skip("no vDSO here");
	memory = memory_from_bytes(address, (const void *)address, 8192);
	CHECK(module_open_memory(&memory.memory, address, 8192, STR("[vdso]"), &module,
				 &err));
	struct elf *elf = (struct elf *)module_elf(module);
	struct elf_symbols *symbols = elf_symbols_create(elf, elf);

	for (size_t i = 0; i < elf_symbols_count(symbols); i++)
		named += str_equal(elf_symbols_at(symbols, i).name, STR("clock_gettime"));
	CHECK_INT(named, 1);
	elf_symbols_destroy(symbols);
	module_close(module);
	CHECK(!module_open_memory(&memory.memory, address - 1, 8192, STR("[vdso]"),
				  &module, &err));
}

TEST(elf_symbols_names_linkage_stubs)
{
	struct elf *elf = NULL;
	struct error err;
	struct elf_symbol symbol;
	size_t stubs = 0;

	CHECK(elf_open("/proc/self/exe", &elf, &err));
	struct elf_symbols *symbols = elf_symbols_create(elf, elf);

	for (size_t i = 0; i < elf_symbols_count(symbols); i++) {
		struct elf_symbol each = elf_symbols_at(symbols, i);

		stubs += str_equal(each.name, STR("memcpy@plt")) ||
			 str_equal(each.name, STR("malloc@plt"));
		CHECK(elf_symbols_find(symbols, each.address, &symbol));
		CHECK(symbol.address == each.address);
	}
	CHECK(stubs > 0);
	CHECK(!elf_symbols_find(symbols, 0, &symbol));
	CHECK(!elf_symbols_find(symbols, UINT64_MAX, &symbol));
	elf_symbols_destroy(symbols);
	elf_close(elf);
}
