// Instructions of this program's own code.
#include "binary/disassemble.h"

#include <link.h>

#include "base/arena.h"
#include "base/error.h"
#include "binary/module.h"
#include "test.h"

// Of known bytes: xor %eax,%eax; mov 8(%rdi),%rcx; no instruction; call to the landmark
// itself; ret.
__asm__(".text\n"
	".globl disassemble_test_landmark\n"
	".type disassemble_test_landmark, @function\n"
	"disassemble_test_landmark:\n"
	".byte 0x31, 0xc0\n"
	".byte 0x48, 0x8b, 0x4f, 0x08\n"
	".byte 0x06\n"
	"call disassemble_test_landmark\n"
	"ret\n"
	".size disassemble_test_landmark, . - disassemble_test_landmark\n");
extern const char disassemble_test_landmark[];

static struct module *open_self(void)
{
	const struct module_options options = { .no_cache = true };
	struct module *module = NULL;
	struct error err;

	if (!module_open(STR("/proc/self/exe"), &options, &module, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return module;
}

static uint64_t landmark_address(void)
{
	extern const ElfW(Ehdr) __ehdr_start;
	uint64_t address = (uint64_t)disassemble_test_landmark;

	return address - (uint64_t)&__ehdr_start;
}

TEST(disassemble_words_and_gaps)
{
	struct module *module = open_self();
	uint64_t start = landmark_address();
	struct module_function function;
	struct arena arena = { 0 };
	struct disassembly code;
	struct error err;

	CHECK(module_find_function(module, start + 3, &function));
	CHECK_STR(function.name, "disassemble_test_landmark");
	CHECK_INT(function.start, start);
	CHECK_INT(function.limit, start + 13);
	CHECK(disassemble(module, start, function.limit, DISASSEMBLE_ATT, &arena, &code,
			  &err));
	CHECK_INT(code.count, 5);
	CHECK_STR(code.instructions[0].text, "xorl %eax, %eax");
	CHECK_STR(code.instructions[1].text, "movq 8(%rdi), %rcx");
	CHECK_STR(code.instructions[2].text, ".byte 0x06");
	CHECK_STR(code.instructions[4].text, "retq");
	for (size_t i = 1; i < code.count; i++)
		CHECK_INT(code.instructions[i].address,
			  code.instructions[i - 1].address +
				  code.instructions[i - 1].size);
	arena_deinit(&arena);
	module_close(module);
}

TEST(disassemble_intel_and_names)
{
	struct module *module = open_self();
	uint64_t start = landmark_address();
	struct arena arena = { 0 };
	struct disassembly code;
	struct error err;

	// A range that ends before the function does: the call leaves it, by name.
	CHECK(disassemble(module, start + 2, start + 12, DISASSEMBLE_INTEL, &arena, &code,
			  &err));
	CHECK_INT(code.count, 3);
	CHECK_STR(code.instructions[0].text, "mov rcx, qword ptr [rdi + 8]");
	CHECK(str_starts_with(code.instructions[2].text, STR("call 0x")));
	CHECK(str_ends_with(code.instructions[2].text,
			    STR(" <disassemble_test_landmark>")));
	arena_deinit(&arena);
	module_close(module);
}

TEST(disassemble_refuses)
{
	struct module *module = open_self();
	uint64_t start = landmark_address();
	struct arena arena = { 0 };
	struct disassembly code;
	struct error err;

	CHECK(!disassemble(module, start, start, DISASSEMBLE_ATT, &arena, &code, &err));
	CHECK(!disassemble(module, UINT64_MAX - 9, UINT64_MAX, DISASSEMBLE_ATT, &arena,
			   &code, &err));
	CHECK(!disassemble(module, 0, UINT64_MAX, DISASSEMBLE_ATT, &arena, &code, &err));
	arena_deinit(&arena);
	module_close(module);
}
