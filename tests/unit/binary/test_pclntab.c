// The pclntab of real Go programs, when a Go toolchain is here to build one.
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "binary/elf.h"
#include "binary/pclntab.h"
#include "test.h"

static const char *const program = "package main\n"
				   "import \"os\"\n"
				   "//go:noinline\n"
				   "func leaf(n int) int {\n"
				   "	if n > 1000 {\n"
				   "		panic(n)\n"
				   "	}\n"
				   "	return n * n\n"
				   "}\n"
				   "func middle(n int) int {\n"
				   "	return leaf(n) + 1\n"
				   "}\n"
				   "//go:noinline\n"
				   "func outer(n int) int {\n"
				   "	return middle(n) + 2\n"
				   "}\n"
				   "func main() { os.Exit(outer(1) - 4) }\n";

struct fixture {
	struct elf *elf;
	struct pclntab *table;
};

// Builds the program with the flags given; skips the test without a toolchain.
static struct fixture fixture_build(const char *flags)
{
	struct fixture f = { 0 };
	char command[512], folder[] = "/tmp/goprof-test-XXXXXX", path[64];
	struct error err;

	if (system("go version >/dev/null 2>&1") != 0)
		test_skip("no Go toolchain");
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/main.go", folder);
	CHECK(file_write(path, str_from(program), &err));
	snprintf(
		command, sizeof(command),
		"cd %s && GOFLAGS= GO111MODULE=off GOCACHE=${GOCACHE:-/tmp/goprof-cache} "
		"go build %s -o out main.go",
		folder, flags);
	CHECK_INT(system(command), 0);
	snprintf(path, sizeof(path), "%s/out", folder);
	if (!elf_open(path, &f.elf, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
	f.table = pclntab_open(f.elf);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	CHECK_INT(system(command), 0);
	CHECK(f.table != NULL);
	return f;
}

static void fixture_close(struct fixture *f)
{
	pclntab_close(f->table);
	elf_close(f->elf);
}

static struct pclntab_function function_named(const struct pclntab *table,
					      const char *name)
{
	struct pclntab_function function;

	for (size_t i = 0; i < pclntab_function_count(table); i++) {
		if (pclntab_function_at(table, i, &function) &&
		    str_equal(function.name, str_from(name)))
			return function;
	}
	test_fail(__FILE__, __LINE__, "no function %s", name);
}

struct deltas {
	uint64_t expected;
	int32_t largest;
	size_t runs;
};

static bool note_delta(void *context, uint64_t start, uint64_t limit, int32_t delta)
{
	struct deltas *d = context;

	CHECK_INT(start, d->expected);
	CHECK(limit > start);
	d->expected = limit;
	d->runs++;
	if (delta > d->largest)
		d->largest = delta;
	return true;
}

// The frames do not depend on where the cursor stood.
static void check_cursor(const struct pclntab *table, struct pclntab_cursor *cursor,
			 uint64_t pc)
{
	struct pclntab_cursor fresh = { 0 };
	struct pclntab_frame moved[4], frames[4];
	size_t count = pclntab_frames(table, &fresh, pc, frames, 4);

	CHECK_INT(pclntab_frames(table, cursor, pc, moved, 4), count);
	for (size_t i = 0; i < count; i++) {
		CHECK(str_equal(moved[i].name, frames[i].name));
		CHECK(str_equal(moved[i].file, frames[i].file));
		CHECK_INT(moved[i].line, frames[i].line);
		CHECK_INT(moved[i].address, frames[i].address);
	}
}

static void check_cursors(const struct pclntab *table,
			  const struct pclntab_function *function)
{
	struct pclntab_cursor forward = { 0 }, backward = { 0 };
	uint64_t size = function->limit - function->start;

	for (uint64_t i = 0; i < size; i++) {
		check_cursor(table, &forward, function->start + i);
		check_cursor(table, &backward, function->limit - 1 - i);
		// Into another function and back.
		if (i % 16 == 0)
			check_cursor(table, &forward, function->limit);
	}
}

// Inside outer there is a call, inlined from middle, of leaf.
static void check_program(const char *flags)
{
	struct fixture f = fixture_build(flags);
	struct pclntab_function outer = function_named(f.table, "main.outer"), found;
	struct deltas deltas = { .expected = outer.start };
	bool is_inlined = false;

	CHECK_INT(outer.start_line, 14);
	for (uint64_t pc = outer.start; pc < outer.limit; pc++) {
		struct pclntab_cursor cursor = { 0 };
		struct pclntab_frame frames[4];
		size_t count = pclntab_frames(f.table, &cursor, pc, frames, 4);

		CHECK(pclntab_find(f.table, pc, &found));
		CHECK_INT(found.start, outer.start);
		CHECK(count == 1 || count == 2);
		CHECK_STR(frames[count - 1].name, "main.outer");
		if (frames[count - 1].line == 0) // padding
			continue;
		CHECK(str_ends_with(frames[count - 1].file, STR("main.go")));
		if (count == 1)
			continue;
		is_inlined = true;
		CHECK_STR(frames[0].name, "main.middle");
		CHECK_INT(frames[0].line, 11);
		CHECK_INT(frames[0].start_line, 10);
		CHECK_INT(frames[1].line, 15);
	}
	CHECK(is_inlined);
	check_cursors(f.table, &outer);
	pclntab_visit_pcsp(f.table, &outer, note_delta, &deltas);
	CHECK(deltas.runs >= 3);
	CHECK(deltas.expected <= outer.limit && deltas.expected + 32 > outer.limit);
	CHECK(deltas.largest >= 8 && deltas.largest % 8 == 0);
	CHECK(!pclntab_find(f.table, 16, &found));

	CHECK((function_named(f.table, "runtime.goexit").flag & 1) != 0);
	fixture_close(&f);
}

TEST(pclntab_plain)
{
	check_program("");
}

TEST(pclntab_stripped)
{
	check_program("-ldflags='-s -w'");
}

TEST(pclntab_position_independent)
{
	check_program("-buildmode=pie -ldflags='-s -w'");
}

TEST(pclntab_none_in_c)
{
	struct elf *elf;
	struct error err;

	CHECK(elf_open("/proc/self/exe", &elf, &err));
	CHECK(pclntab_open(elf) == NULL);
	elf_close(elf);
}
