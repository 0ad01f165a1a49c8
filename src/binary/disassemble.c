// Drives capstone over the code of one function.
#include "binary/disassemble.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "binary/capstone_library.h"
#include "binary/elf.h"
#include "binary/module.h"

enum { CODE_MAX = 16 << 20 };

// What is being read, for the names of targets.
struct code {
	struct module *module;
	uint64_t start, limit;
	struct arena *arena;
};

static bool is_branch(const cs_insn *insn)
{
	return insn->mnemonic[0] == 'j' || strncmp(insn->mnemonic, "call", 4) == 0;
}

// " <name+0x12>" of a branch out of the code, else "".
static struct str target_name(const struct code *code, const cs_insn *insn)
{
	struct module_function function;
	uint64_t target;

	if (!is_branch(insn) || !str_to_u64(str_from(insn->op_str), 0, &target) ||
	    (target >= code->start && target < code->limit) ||
	    !module_find_function(code->module, target, &function))
		return STR("");
	if (target == function.start)
		return str_format(code->arena, " <%.*s>", (int)function.name.n,
				  function.name.p);
	return str_format(code->arena, " <%.*s+0x%" PRIx64 ">", (int)function.name.n,
			  function.name.p, target - function.start);
}

static struct str instruction_text(const struct code *code, const cs_insn *insn)
{
	struct str target = target_name(code, insn);
	const char *blank = insn->op_str[0] == '\0' ? "" : " ";

	return str_format(code->arena, "%s%s%s%.*s", insn->mnemonic, blank, insn->op_str,
			  (int)target.n, target.p);
}

static void read_all(const struct capstone_library *capstone, csh handle,
		     const struct code *code, struct str bytes, struct disassembly *out)
{
	const uint8_t *at = (const uint8_t *)bytes.p;
	size_t left = bytes.n, capacity = 0;
	uint64_t address = code->start;
	struct instruction *found = NULL;
	cs_insn *insn = capstone->malloc(handle);

	if (insn == NULL)
		arena_out_of_memory(sizeof(*insn));
	out->count = 0;
	while (capstone->disasm_iter(handle, &at, &left, &address, insn)) {
		found = table_reserve(found, &capacity, out->count + 1, sizeof(*found));
		found[out->count++] = (struct instruction){
			.address = insn->address,
			.size = insn->size,
			.text = instruction_text(code, insn),
		};
	}
	capstone->free(insn, 1);
	out->instructions = arena_array(code->arena, out->count + 1, sizeof(*found));
	if (out->count > 0)
		memcpy(out->instructions, found, out->count * sizeof(*found));
	free(found);
}

static bool check(const struct code *code, struct str bytes, struct error *err)
{
	struct str path = module_path(code->module);

	if (module_elf(code->module)->machine != EM_X86_64)
		return error_set(err, ERROR_UNSUPPORTED,
				 "%.*s: only x86-64 code can be disassembled",
				 (int)path.n, path.p);
	if (bytes.n == 0)
		return error_set(err, ERROR_NOT_FOUND,
				 "%.*s: no code at 0x%" PRIx64 " to 0x%" PRIx64,
				 (int)path.n, path.p, code->start, code->limit);
	return true;
}

bool disassemble(struct module *module, uint64_t start, uint64_t limit,
		 enum disassemble_syntax syntax, struct arena *arena,
		 struct disassembly *out, struct error *err)
{
	const struct code code = { module, start, limit, arena };
	struct capstone_library capstone;
	struct str bytes = { 0 };
	csh handle;

	if (limit > start && limit - start <= CODE_MAX)
		bytes = elf_at_address(module_elf(module), start, limit - start);
	if (!check(&code, bytes, err) || !capstone_library_load(&capstone, err))
		return false;
	if (capstone.open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK)
		return error_set(err, ERROR_UNSUPPORTED,
				 "libcapstone of this machine cannot read x86-64 code");
	capstone.option(handle, CS_OPT_SYNTAX,
			syntax == DISASSEMBLE_INTEL ? CS_OPT_SYNTAX_INTEL
						    : CS_OPT_SYNTAX_ATT);
	capstone.option(handle, CS_OPT_SKIPDATA, CS_OPT_ON);
	read_all(&capstone, handle, &code, bytes, out);
	capstone.close(&handle);
	return true;
}
