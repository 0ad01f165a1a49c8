// The stack deltas of a function (pcsp) tell where instructions begin: the one that makes
// the frame ends the first run of delta 0, and each return begins a later one.
#include "golang/alloc_places.h"

#include <string.h>

#include "base/error.h"
#include "binary/elf.h"
#include "binary/pclntab.h"
#include "golang/process.h"

struct scan {
	const struct elf *elf;
	struct alloc_function *function;
	bool has_unknown; // the run before has no frame and does not begin with a return
	bool is_strange;  // and is not the last one, which calls for more stack
};

static bool has_bytes(const struct elf *elf, uint64_t address, const char *bytes,
		      size_t size)
{
	struct str code = elf_at_address(elf, address, size);

	return code.n == size && memcmp(code.p, bytes, size) == 0;
}

// The instruction that makes the frame ends at `limit`: push %rbp, or up to Go 1.20
// sub $N,%rsp or add $-128,%rsp behind jbe (in its long form, as the function is long).
static void take_entry(const struct elf *elf, uint64_t limit,
		       struct alloc_function *function)
{
	uint64_t frame = 0;

	if (has_bytes(elf, limit - 1, "\x55", 1)) {
		function->entry = limit - 1;
		return;
	}
	if (has_bytes(elf, limit - 4, "\x48\x83\xec", 3) ||
	    has_bytes(elf, limit - 4, "\x48\x83\xc4\x80", 4))
		frame = limit - 4;
	else if (has_bytes(elf, limit - 7, "\x48\x81\xec", 3))
		frame = limit - 7;
	if (frame != 0 && has_bytes(elf, frame - 6, "\x0f\x86", 2)) {
		function->entry = frame - 6;
		function->is_check = true;
	}
}

// ret, also behind a nop that moves it off a boundary (since Go 1.15, for Intel's erratum
// of jumps).
static bool is_return(const struct elf *elf, uint64_t address)
{
	static const struct {
		const char *bytes;
		size_t size;
	} forms[] = {
		{ "\xc3", 1 },
		{ "\x90\xc3", 2 },
		{ "\x66\x90\xc3", 3 },
		{ "\x0f\x1f\x00\xc3", 4 },
		{ "\x0f\x1f\x40\x00\xc3", 5 },
		{ "\x0f\x1f\x44\x00\x00\xc3", 6 },
		{ "\x66\x0f\x1f\x44\x00\x00\xc3", 7 },
		{ "\x0f\x1f\x80\x00\x00\x00\x00\xc3", 8 },
		{ "\x0f\x1f\x84\x00\x00\x00\x00\x00\xc3", 9 },
		{ "\x66\x0f\x1f\x84\x00\x00\x00\x00\x00\xc3", 10 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (has_bytes(elf, address, forms[i].bytes, forms[i].size))
			return true;
	}
	return false;
}

static bool visit_run(void *context, uint64_t start, uint64_t limit, int32_t delta)
{
	struct scan *scan = context;
	struct alloc_function *function = scan->function;

	scan->is_strange = scan->has_unknown;
	if (delta != 0)
		return true;
	if (start == function->start) {
		take_entry(scan->elf, limit, function);
		return true;
	}
	if (is_return(scan->elf, start) && function->return_count < ALLOC_RETURNS_MAX)
		function->returns[function->return_count++] = start;
	else
		scan->has_unknown = true;
	return true;
}

static bool ends_with_number(struct str name, struct str prefix)
{
	if (!str_starts_with(name, prefix) || name.n == prefix.n)
		return false;
	for (size_t i = prefix.n; i < name.n; i++) {
		if (name.p[i] < '0' || name.p[i] > '9')
			return false;
	}
	return true;
}

// mallocgc, and since 1.26 those for one size each that compiled code calls directly.
// What these call in turn (mallocgcLarge, mallocgcSmallScanSlowPath, ...) nobody else
// calls.
static bool is_allocator(struct str name)
{
	return str_equal(name, STR("runtime.mallocgc")) ||
	       ends_with_number(name, STR("runtime.mallocgcSmallScanNoHeaderSC")) ||
	       ends_with_number(name, STR("runtime.mallocgcSmallNoScanSC")) ||
	       ends_with_number(name, STR("runtime.mallocgcTinySC")) ||
	       ends_with_number(name, STR("runtime.mallocgcTinySize"));
}

static bool add_function(const struct go_process *process,
			 const struct pclntab_function *function,
			 struct alloc_places *out, struct error *err)
{
	struct alloc_function *place = &out->functions[out->count];
	struct scan scan = { process->elf, place, false, false };

	if (out->count == ALLOC_FUNCTIONS_MAX)
		return error_set(err, ERROR_UNSUPPORTED,
				 "it has more than %d functions that allocate",
				 ALLOC_FUNCTIONS_MAX);
	*place = (struct alloc_function){ .start = function->start,
					  .limit = function->limit };
	pclntab_visit_pcsp(process->pclntab, function, visit_run, &scan);
	if (place->entry < place->start || place->return_count == 0 || scan.is_strange)
		return error_set(err, ERROR_UNSUPPORTED,
				 "the code of %.*s is not as goprof knows it",
				 (int)function->name.n, function->name.p);
	out->count++;
	return true;
}

bool alloc_places_find(const struct go_process *process, struct alloc_places *out,
		       struct error *err)
{
	size_t count = pclntab_function_count(process->pclntab);
	struct pclntab_function function;

	out->count = 0;
	for (size_t i = 0; i < count; i++) {
		if (pclntab_function_at(process->pclntab, i, &function) &&
		    is_allocator(function.name) &&
		    !add_function(process, &function, out, err))
			return false;
	}
	return out->count > 0 ||
	       error_set(err, ERROR_UNSUPPORTED,
			 "its table of functions does not name runtime.mallocgc");
}
