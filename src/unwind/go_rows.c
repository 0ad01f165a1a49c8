// Compiles stack deltas into rows. Go on amd64 keeps a frame pointer in every function
// that has a frame: RBP is saved right below the return address.
#include "unwind/go_rows.h"

#include <string.h>

#include "binary/elf.h"
#include "binary/pclntab.h"
#include "unwind/build.h"

enum { WORD = 8, FLAG_TOP_FRAME = 1, FLAG_WRITES_SP = 2 };

// How the stack of a function is to be walked.
enum shape {
	SHAPE_PLAIN,
	SHAPE_OUTERMOST,
	SHAPE_SIGNAL,   // the restorer of signal handlers
	SHAPE_SWITCH,   // changes stacks, RBP leads back
	SHAPE_CGO,      // the same, or a note it left on the other stack
	SHAPE_SYSTEM,   // the same, or what RBP says of the caller
	SHAPE_CALLBACK, // the caller was not called from, but saved its pc
};

// Flags exist since 1.17; names do for older ones and for where a flag says too little.
static enum shape shape_of(const struct pclntab_function *function)
{
	static const struct {
		const char *name;
		enum shape shape;
	} special[] = {
		{ "runtime.goexit", SHAPE_OUTERMOST },
		{ "runtime.mstart", SHAPE_OUTERMOST },
		{ "runtime.rt0_go", SHAPE_OUTERMOST },
		// They leave the goroutine for good: another thread may run it by now.
		{ "runtime.mcall", SHAPE_OUTERMOST },
		{ "runtime.morestack", SHAPE_OUTERMOST },
		{ "runtime.sigreturn", SHAPE_SIGNAL },
		{ "runtime.sigreturn__sigaction", SHAPE_SIGNAL },
		{ "runtime.sigtramp", SHAPE_PLAIN },
		{ "runtime.asmcgocall", SHAPE_CGO },
		{ "runtime.systemstack", SHAPE_SYSTEM },
		{ "runtime.cgocallback", SHAPE_CALLBACK },
		{ "runtime.gogo", SHAPE_PLAIN },
	};
	struct str name = function->name;

	if (str_ends_with(name, STR(".abi0")))
		name.n -= sizeof(".abi0") - 1;
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if (str_equal(name, str_from(special[i].name)))
			return special[i].shape;
	}
	if ((function->flag & FLAG_TOP_FRAME) != 0)
		return SHAPE_OUTERMOST;
	return (function->flag & FLAG_WRITES_SP) != 0 ? SHAPE_SWITCH : SHAPE_PLAIN;
}

struct compiler {
	struct table_builder *builder;
	const struct elf *elf;
	enum shape shape;
	uint64_t start, limit;
	size_t runs;
	// Whether RBP is saved, and from which address on: known after the first run with
	// a frame.
	bool is_known, is_saved;
	uint64_t saved_from;
};

// Up to 1.20 the stack pointer moves first and then RBP is stored:
// mov %rbp,disp8(%rsp) or mov %rbp,disp32(%rsp). Since 1.21 RBP is pushed.
static void find_saving(struct compiler *c, uint64_t run)
{
	static const uint8_t store8[] = { 0x48, 0x89, 0x6c, 0x24 };
	static const uint8_t store32[] = { 0x48, 0x89, 0xac, 0x24 };
	struct str code = elf_at_address(c->elf, run - 1, 5);

	c->is_known = true;
	c->is_saved = code.n > 0;
	c->saved_from = run;
	if (code.n == 0 || (uint8_t)code.p[0] == 0x55)
		return;
	if (memcmp(code.p + 1, store8, sizeof(store8)) == 0)
		c->saved_from = run + 5;
	else if (memcmp(code.p + 1, store32, sizeof(store32)) == 0)
		c->saved_from = run + 8;
	else
		c->is_saved = false;
}

static void add(struct compiler *c, uint64_t address, struct unwind_row row)
{
	if (address < c->start)
		address = c->start;
	if (address >= c->limit)
		return;
	row.pc = (uint32_t)(address - c->builder->base);
	build_row(c->builder, row);
}

static void add_frameless(struct compiler *c, uint64_t start)
{
	struct unwind_row row = { .cfa = 1, .kind = ROW_SP };

	if (c->shape == SHAPE_CGO)
		row.kind = ROW_GO_CGO;
	else if (c->shape == SHAPE_SYSTEM)
		row.kind = ROW_GO_SYSTEM;
	add(c, start, row);
}

static void add_framed(struct compiler *c, uint64_t start, uint64_t limit, int32_t delta)
{
	struct unwind_row row = { .fp = -2, .kind = ROW_SP };
	int32_t words = delta / WORD + 1;

	if (!c->is_known)
		find_saving(c, start);
	row.cfa = (int16_t)words;
	if (c->shape == SHAPE_CALLBACK) {
		row.kind = ROW_GO_CALLBACK;
	} else if (c->shape != SHAPE_PLAIN && c->is_saved) {
		row.kind = ROW_GO_SWITCH;
	} else if (words > INT16_MAX) {
		row.kind = ROW_FP;
		row.cfa = 2;
	}
	if (c->is_saved && c->saved_from <= start) {
		add(c, start, row);
		return;
	}
	struct unwind_row unsaved = { .cfa = (int16_t)words, .kind = ROW_SP };

	add(c, start, unsaved);
	if (c->is_saved && c->saved_from < limit)
		add(c, c->saved_from, row);
}

static bool add_run(void *context, uint64_t start, uint64_t limit, int32_t delta)
{
	struct compiler *c = context;

	c->runs++;
	if (limit <= c->start)
		return true;
	if (delta < 0 || delta % WORD != 0)
		add(c, start, (struct unwind_row){ .kind = ROW_INVALID });
	else if (delta == 0)
		add_frameless(c, start);
	else
		add_framed(c, start, limit, delta);
	return start < c->limit;
}

void go_rows_collect(struct table_builder *builder, const struct pclntab *table)
{
	size_t count = pclntab_function_count(table);

	for (size_t i = 0; i < count; i++) {
		struct pclntab_function function;

		if (pclntab_function_at(table, i, &function))
			build_range(builder, function.start, function.limit, RANGE_GO, i);
	}
}

bool go_rows_compile(struct table_builder *builder, const struct elf *elf,
		     const struct pclntab *table, const struct unwind_range *range)
{
	struct compiler c = {
		.builder = builder,
		.elf = elf,
		.start = builder->base + range->start,
		.limit = builder->base + range->limit,
	};
	struct pclntab_function function;

	if (!pclntab_function_at(table, range->source, &function))
		return false;
	c.shape = shape_of(&function);
	if (c.shape == SHAPE_OUTERMOST || c.shape == SHAPE_SIGNAL) {
		add(&c, c.start,
		    (struct unwind_row){ .kind = c.shape == SHAPE_SIGNAL
							 ? ROW_SIGNAL
							 : ROW_OUTERMOST });
		return true;
	}
	pclntab_visit_pcsp(table, &function, add_run, &c);
	return c.runs > 0;
}
