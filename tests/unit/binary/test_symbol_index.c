// The symbol index against addr2line, on programs that the test compiles.
#include "binary/symbol_index.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/writer.h"
#include "binary/dwarf.h"
#include "binary/dwarf_line.h"
#include "binary/elf.h"
#include "test.h"

enum { FRAMES_MAX = 64 };

static bool run(const char *command)
{
	return system(command) == 0;
}

// A folder of this test's own, removed by remove_folder.
static const char *make_folder(char *path)
{
	strcpy(path, "/tmp/goprof-test-dwarf.XXXXXX");
	CHECK(mkdtemp(path) != NULL);
	return path;
}

static void remove_folder(const char *folder)
{
	struct arena arena = { 0 };

	CHECK(run(str_format(&arena, "rm -rf %s", folder).p));
	arena_deinit(&arena);
}

// Compiles tests/data/dwarf/SOURCE to FOLDER/program; false when the compiler is missing
// or does not know a flag.
static bool compile(const char *folder, const char *compiler, const char *source)
{
	struct arena arena = { 0 };
	CLEANUP_FREE char *absolute = realpath(test_path(source), NULL);
	struct str command =
		str_format(&arena, "cd %s && %s -O2 -o program %s >compile.log 2>&1",
			   folder, compiler, absolute);
	bool done = run(command.p);

	arena_deinit(&arena);
	return done;
}

static int compare_addresses(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

// Every address that starts a line row of the file, ascending.
static uint64_t *row_addresses(struct elf *elf, size_t *count)
{
	struct dwarf dwarf;
	struct dwarf_rows rows = { 0 };

	dwarf_init(&dwarf, elf, NULL);
	for (size_t i = 0; i < dwarf.unit_count; i++) {
		struct dwarf_line_table table;

		if (dwarf_line_init(&table, &dwarf, &dwarf.units[i]))
			dwarf_line_run(&table, &rows);
		dwarf_line_deinit(&table);
	}
	uint64_t *addresses = calloc(rows.count + 1, sizeof(*addresses));

	*count = 0;
	for (size_t i = 0; i < rows.count; i++)
		if (!rows.items[i].is_end && rows.items[i].line > 0)
			addresses[(*count)++] = rows.items[i].address;
	qsort(addresses, *count, sizeof(*addresses), compare_addresses);
	free(rows.items);
	dwarf_deinit(&dwarf);
	return addresses;
}

static void print_frames(const struct symbol_index *index, uint64_t address,
			 struct writer *w)
{
	struct symbol_index_frame frames[FRAMES_MAX];
	size_t count = symbol_index_frames(index, symbol_index_find(index, address),
					   frames, FRAMES_MAX);

	writer_format(w, "0x%016" PRIx64 "\n", address);
	for (size_t i = 0; i < count; i++) {
		writer_str(w, frames[i].name);
		writer_char(w, '\n');
		writer_str(w, frames[i].file);
		writer_format(w, ":%u\n", frames[i].line);
	}
}

// What `addr2line -ifa` prints for all row addresses of the program, from our index.
static struct str describe(const char *folder, const char *cache, struct arena *arena,
			   struct symbol_index_counts *counts)
{
	struct symbol_index_options options = { .cache_path = cache };
	struct writer w = writer_to_memory();
	struct error err;
	size_t count;

	CHECK(elf_open(str_format(arena, "%s/program", folder).p, &options.elf, &err));
	if (elf_find_section(options.elf, ".gnu_debugaltlink") != NULL)
		CHECK(elf_open(str_format(arena, "%s/common", folder).p, &options.alt,
			       &err));
	options.build_id = options.elf->build_id;
	uint64_t *addresses = row_addresses(options.elf, &count);
	struct symbol_index *index = symbol_index_open(&options);

	CHECK(index != NULL);
	CHECK(count > 20);
	symbol_index_prepare(index, addresses, count);
	for (size_t i = 0; i < count; i++)
		print_frames(index, addresses[i], &w);
	*counts = symbol_index_counts(index);
	symbol_index_close(index);
	elf_close(options.elf);
	if (options.alt != NULL)
		elf_close(options.alt);
	free(addresses);
	struct str text = str_copy(arena, writer_contents(&w));

	writer_deinit(&w);
	return text;
}

// The suffixes that addr2line takes from the symbol table are no part of a function's
// name.
static struct str without_suffix(struct str line)
{
	static const char *const suffixes[] = { ".cold", ".isra.", ".part.",
						".constprop.", " (discriminator" };

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		ptrdiff_t at = str_find(line, str_from(suffixes[i]));

		if (at != STR_NOT_FOUND)
			line = str_slice(line, 0, (size_t)at);
	}
	return line;
}

// Asks addr2line about the addresses of our text and compares line by line; addresses
// outside of any function, which it names from the symbol table, are left out.
static void check_against_addr2line(const char *folder, struct str ours,
				    struct arena *arena)
{
	struct file_view view;
	struct error err;
	struct str ours_line, theirs_line;
	size_t compared = 0;

	CHECK(file_write(str_format(arena, "%s/ours", folder).p, ours, &err));
	CHECK(run(
		str_format(arena,
			   "cd %s && grep ^0x ours | addr2line -ifa -e program > theirs",
			   folder)
			.p));
	CHECK(file_view_open(str_format(arena, "%s/theirs", folder).p, &view, &err));
	struct str theirs = { (const char *)view.bytes, view.size };
	bool is_unnamed = false, is_cc = str_find(ours, STR("_Z")) != STR_NOT_FOUND;
	size_t line = 0; // of those behind an address: a name, a place, a name, ...

	while (str_cut(&ours, '\n', &ours_line) && str_cut(&theirs, '\n', &theirs_line)) {
		if (str_starts_with(ours_line, STR("0x")))
			line = 0;
		is_unnamed = line == 0 ? false : is_unnamed || ours_line.n == 0;
		// Where C++ has no linkage name, addr2line takes one from the symbol
		// table.
		bool is_local =
			is_cc && line % 2 == 1 && !str_starts_with(ours_line, STR("_Z"));

		line++;
		if (is_unnamed || is_local)
			continue;
		CHECK_STR(ours_line, str_terminated(arena, without_suffix(theirs_line)));
		compared++;
	}
	CHECK(compared > 60);
	file_view_close(&view);
}

static void check_compiler(const char *compiler, const char *source)
{
	struct arena arena = { 0 };
	struct symbol_index_counts counts;
	char folder[64];

	make_folder(folder);
	if (!compile(folder, compiler, source)) {
		remove_folder(folder);
		test_skip(compiler);
	}
	struct str ours = describe(folder, NULL, &arena, &counts);

	check_against_addr2line(folder, ours, &arena);
	remove_folder(folder);
	arena_deinit(&arena);
}

// The same code described by another version of the format must read the same.
static void check_same(const char *compiler, const char *flags, const char *source)
{
	struct arena arena = { 0 };
	struct symbol_index_counts counts;
	char folder[64];

	make_folder(folder);
	if (!compile(folder, str_format(&arena, "%s -gdwarf-4", compiler).p, source)) {
		remove_folder(folder);
		test_skip(compiler);
	}
	struct str expected = describe(folder, NULL, &arena, &counts);

	CHECK(compile(folder, str_format(&arena, "%s %s", compiler, flags).p, source));
	CHECK_STR(describe(folder, NULL, &arena, &counts),
		  str_terminated(&arena, expected));
	remove_folder(folder);
	arena_deinit(&arena);
}

TEST(gcc_c_is_read_as_addr2line_does)
{
	check_compiler("gcc -gdwarf-4", "data/dwarf/calls.c");
}

TEST(gcc_cc_is_read_as_addr2line_does)
{
	check_compiler("g++ -gdwarf-4", "data/dwarf/templates.cc");
}

TEST(clang_c_is_read_as_addr2line_does)
{
	check_compiler("clang -gdwarf-4", "data/dwarf/calls.c");
}

TEST(clang_cc_is_read_as_addr2line_does)
{
	check_compiler("clang++ -gdwarf-4", "data/dwarf/templates.cc");
}

TEST(old_versions_are_read)
{
	check_compiler("gcc -gdwarf-2", "data/dwarf/calls.c");
	check_compiler("gcc -gdwarf-3 -gstrict-dwarf", "data/dwarf/calls.c");
}

TEST(gcc_version_5_equals_version_4)
{
	check_same("gcc", "-gdwarf-5", "data/dwarf/calls.c");
	check_same("g++", "-gdwarf-5", "data/dwarf/templates.cc");
}

TEST(gcc_compressed_equals_plain)
{
	check_same("g++", "-gdwarf-5 -gz", "data/dwarf/templates.cc");
}

TEST(gcc_64_bit_offsets_equal_32_bit_ones)
{
	check_same("g++", "-gdwarf-5 -gdwarf64", "data/dwarf/templates.cc");
}

TEST(clang_version_5_equals_version_4)
{
	check_same("clang", "-gdwarf-5", "data/dwarf/calls.c");
	check_same("clang++", "-gdwarf-5", "data/dwarf/templates.cc");
}

TEST(cache_gives_the_same_answer)
{
	struct arena arena = { 0 };
	struct symbol_index_counts counts;
	char folder[64];

	make_folder(folder);
	if (!compile(folder, "g++ -g", "data/dwarf/templates.cc")) {
		remove_folder(folder);
		test_skip("g++");
	}
	const char *cache = str_format(&arena, "%s/cache/one.symbols", folder).p;
	struct str first = describe(folder, cache, &arena, &counts);

	CHECK_INT(counts.units_from_cache, 0);
	struct str second = describe(folder, cache, &arena, &counts);

	CHECK_STR(second, str_terminated(&arena, first));
	CHECK_INT(counts.units_from_cache, counts.units_read);
	CHECK(counts.units_from_cache > 0);
	remove_folder(folder);
	arena_deinit(&arena);
}

// Two programs share what dwz moved to a third file, as Debian's -dbgsym packages do.
static void check_dwz(const char *compiler)
{
	struct arena arena = { 0 };
	struct symbol_index_counts counts;
	char folder[64];

	make_folder(folder);
	if (!run("command -v dwz >/dev/null") ||
	    !compile(folder, compiler, "data/dwarf/templates.cc")) {
		remove_folder(folder);
		test_skip("dwz or the compiler is not installed");
	}
	struct str before = describe(folder, NULL, &arena, &counts);

	CHECK(run(str_format(&arena,
			     "cd %s && cp program other && dwz -m common program other "
			     "2>dwz.log && readelf -SW program | grep -q altlink",
			     folder)
			  .p));
	CHECK_STR(describe(folder, NULL, &arena, &counts),
		  str_terminated(&arena, before));
	remove_folder(folder);
	arena_deinit(&arena);
}

TEST(names_in_an_alternate_file_are_found)
{
	check_dwz("g++ -gdwarf-4");
	check_dwz("g++ -gdwarf-5");
}
