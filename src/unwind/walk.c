// The walk: one row, one or two reads and a few checks for each frame.
#include "unwind/walk.h"

#include <string.h>

#include "unwind/full.h"

enum { WORD = WALK_WORD };

static const struct unwind_mapping *find_mapping(const struct unwind_space *space,
						 uint64_t pc)
{
	size_t low = 0, high = space->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->mappings[middle].start <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || pc >= space->mappings[low - 1].limit)
		return NULL;
	return &space->mappings[low - 1];
}

// The address inside the instruction that the frame executes: a return address may
// belong to the next function already.
static uint64_t lookup_address(const struct walk *w)
{
	return w->pc - !w->is_exact;
}

// The walk goes by something that no trail tells of.
static void lose_trail(struct walk *w)
{
	if (w->trail != NULL)
		w->trail->is_whole = false;
}

// It goes by RBP: by the word that it was read from, or as it was at the start.
static inline void note_fp(struct unwind_trail *trail, uint64_t fp_at, uint64_t fp)
{
	if (fp_at != 0)
		trail_add(trail, fp_at, fp);
	else
		trail->needs_fp = true;
}

bool walk_select_mapping(struct walk *w)
{
	uint64_t address = lookup_address(w);

	if (w->mapping == NULL || address < w->mapping->start ||
	    address >= w->mapping->limit)
		w->mapping = find_mapping(w->space, address);
	return w->mapping != NULL;
}

// Moves to the caller whose frame ends at cfa. fp_at is where RBP is saved.
static enum step step_to(struct walk *w, uint64_t cfa, bool fp_is_saved, uint64_t fp_at)
{
	uint64_t pc, fp = w->fp;

	if (cfa <= w->sp || cfa % WORD != 0 || cfa - w->sp > STEP_LIMIT)
		return STEP_CONTRADICTION;
	if (!window_read(&w->window, cfa - WORD, &pc))
		return STEP_UNREADABLE;
	if (w->trail != NULL)
		trail_add(w->trail, cfa - WORD, pc);
	// LLVM's tables go on naming the slot after the epilogue has popped it: it lies
	// below SP then, outside of a copied stack, and RBP is the caller's already.
	if (fp_is_saved) {
		bool is_read = window_read(&w->window, fp_at, &fp);

		w->has_fp = is_read || (w->has_fp && fp_at < w->sp);
		w->fp = fp;
		if (is_read)
			w->fp_at = fp_at;
		else
			lose_trail(w);
	}
	w->pc = pc;
	w->sp = cfa;
	w->is_exact = false;
	w->has_registers = false;
	return STEP_DONE;
}

static enum step step_by_cfa(struct walk *w, const struct unwind_row *row, uint64_t cfa)
{
	if (row->fp == ROW_FP_LOST)
		w->has_fp = false;
	return step_to(w, cfa, row->fp < 0, cfa + (uint64_t)(row->fp * WORD));
}

static enum step step_by_fp(struct walk *w, const struct unwind_row *row)
{
	if (!w->has_fp)
		return STEP_CONTRADICTION;
	if (w->trail != NULL)
		note_fp(w->trail, w->fp_at, w->fp);
	return step_by_cfa(w, row, w->fp + (uint64_t)(row->cfa * WORD));
}

static enum step step_realigned(struct walk *w, const struct unwind_row *row)
{
	uint64_t cfa;

	lose_trail(w);
	if (!w->has_fp)
		return STEP_CONTRADICTION;
	if (!window_read(&w->window, w->fp + (uint64_t)(row->cfa * WORD), &cfa))
		return STEP_UNREADABLE;
	return step_to(w, cfa, true, w->fp + (uint64_t)(row->fp * WORD));
}

// No rule: if RBP looks like a frame pointer it is taken for one.
static enum step step_by_guess(struct walk *w)
{
	lose_trail(w);
	if (!w->has_fp)
		return STEP_UNDESCRIBED;
	// The psABI's mark of the deepest frame.
	if (w->fp == 0 && !w->is_first)
		return STEP_OUTERMOST;
	if (w->fp < w->sp || w->fp % WORD != 0 || w->fp - w->sp > GUESS_LIMIT ||
	    step_to(w, w->fp + 2 * WORD, true, w->fp) != STEP_DONE ||
	    !walk_select_mapping(w))
		return STEP_UNDESCRIBED;
	return STEP_DONE;
}

// struct ucontext begins with 40 bytes, then come the registers in this order.
static enum step step_signal(struct walk *w)
{
	static const uint8_t order[] = { UNWIND_R8,  UNWIND_R9,  UNWIND_R10, UNWIND_R11,
					 UNWIND_R12, UNWIND_R13, UNWIND_R14, UNWIND_R15,
					 UNWIND_RDI, UNWIND_RSI, UNWIND_RBP, UNWIND_RBX,
					 UNWIND_RDX, UNWIND_RAX, UNWIND_RCX, UNWIND_RSP,
					 UNWIND_RIP };
	struct unwind_registers *registers = &w->registers;

	lose_trail(w);
	for (size_t i = 0; i < sizeof(order); i++) {
		if (!window_read(&w->window, w->sp + 40 + i * WORD,
				 &registers->value[order[i]]))
			return STEP_UNREADABLE;
	}
	registers->known = (1u << UNWIND_REGISTERS) - 1;
	w->pc = registers->value[UNWIND_RIP];
	w->sp = registers->value[UNWIND_RSP];
	w->fp = registers->value[UNWIND_RBP];
	w->has_fp = w->has_registers = w->is_exact = true;
	return STEP_DONE;
}

static void put(struct unwind_registers *registers, unsigned reg, uint64_t value)
{
	registers->value[reg] = value;
	registers->known |= 1u << reg;
}

static enum step step_from_full(enum full_result result)
{
	switch (result) {
	case FULL_DONE:
	case FULL_SIGNAL:
		return STEP_DONE;
	case FULL_OUTERMOST:
		return STEP_OUTERMOST;
	case FULL_UNKNOWN_REGISTER:
		return STEP_NEEDS_REGISTERS;
	case FULL_UNREADABLE:
		return STEP_UNREADABLE;
	case FULL_DAMAGED:
		return STEP_CONTRADICTION;
	}
	return STEP_CONTRADICTION;
}

static enum step step_full(struct walk *w)
{
	struct unwind_registers registers = { 0 };
	enum full_result result;

	lose_trail(w);
	if (w->has_registers)
		registers = w->registers;
	put(&registers, UNWIND_RIP, w->pc);
	put(&registers, UNWIND_RSP, w->sp);
	if (w->has_fp)
		put(&registers, UNWIND_RBP, w->fp);
	result = full_step(w->mapping->table, lookup_address(w) - w->mapping->bias,
			   &w->window, &registers);
	if (result != FULL_DONE && result != FULL_SIGNAL)
		return step_from_full(result);

	uint64_t cfa = registers.value[UNWIND_RSP];

	if (result == FULL_DONE && (cfa <= w->sp || cfa - w->sp > STEP_LIMIT))
		return STEP_CONTRADICTION;
	w->pc = registers.value[UNWIND_RIP];
	w->sp = cfa;
	w->fp = registers.value[UNWIND_RBP];
	w->has_fp = (registers.known >> UNWIND_RBP & 1) != 0;
	w->is_exact = result == FULL_SIGNAL;
	w->registers = registers;
	w->has_registers = true;
	return STEP_DONE;
}

struct unwind_row walk_find_row(const struct walk *w)
{
	const struct unwind_mapping *mapping = w->mapping;

	if (mapping->table == NULL)
		return (struct unwind_row){ .kind = ROW_NONE };
	return row_find(mapping->table, lookup_address(w) - mapping->bias);
}

static enum step step_by_row(struct walk *w, const struct unwind_row *row)
{
	uint64_t cfa = w->sp + (uint64_t)(row->cfa * WORD);

	switch ((enum row_kind)row->kind) {
	case ROW_SP:
		return step_by_cfa(w, row, cfa);
	case ROW_FP:
		return step_by_fp(w, row);
	case ROW_PLT:
		if ((int)(w->pc & 15) >= row->fp)
			cfa += WORD;
		return step_to(w, cfa, false, 0);
	case ROW_FP_DEREF:
		return step_realigned(w, row);
	case ROW_OUTERMOST:
		return STEP_OUTERMOST;
	case ROW_SIGNAL:
		return step_signal(w);
	case ROW_FULL:
		return step_full(w);
	case ROW_NONE:
	case ROW_INVALID:
		return step_by_guess(w);
	case ROW_GO_SWITCH:
	case ROW_GO_CGO:
	case ROW_GO_SYSTEM:
	case ROW_GO_CALLBACK:
		lose_trail(w);
		return walk_go_step(w, row);
	}
	return STEP_UNDESCRIBED;
}

static enum step step(struct walk *w, const struct unwind_row *row)
{
	if (w->is_full && row->kind >= ROW_SP && row->kind <= ROW_FP_DEREF) {
		enum step result = step_full(w);

		if (result == STEP_DONE)
			return result;
	}
	return step_by_row(w, row);
}

// A call through a bad pointer: the return address is still on top of the stack.
static enum step step_from_nowhere(struct walk *w)
{
	lose_trail(w);
	return w->is_first ? step_to(w, w->sp + WORD, false, 0) : STEP_UNDESCRIBED;
}

static enum unwind_end end_from_step(enum step result)
{
	switch (result) {
	case STEP_DONE:
	case STEP_OUTERMOST:
		return UNWIND_COMPLETE;
	case STEP_UNREADABLE:
		return UNWIND_STACK_CUT;
	case STEP_UNDESCRIBED:
		return UNWIND_NO_TABLE;
	case STEP_CONTRADICTION:
	case STEP_NEEDS_REGISTERS:
		return UNWIND_BAD_FRAME;
	}
	return UNWIND_BAD_FRAME;
}

static void start(struct walk *w, const struct unwind_registers *registers, bool is_full)
{
	w->pc = registers->value[UNWIND_RIP];
	w->sp = registers->value[UNWIND_RSP];
	w->fp = registers->value[UNWIND_RBP];
	w->has_fp = (registers->known >> UNWIND_RBP & 1) != 0;
	w->is_exact = !registers->is_return;
	w->is_first = w->has_registers = true;
	w->registers = *registers;
	w->is_full = is_full;
	w->fp_at = 0;
	w->trail = w->cache == NULL ? NULL : w->cache->trail;
	if (w->trail != NULL)
		trail_begin(w->trail, registers, w->cache->direct_start,
			    w->cache->direct_limit);
}

// Where the frames of a walk go.
struct output {
	uint64_t *pcs;
	bool *is_exact;
	size_t count, max;
};

// Rules that a step can follow without the mapping.
static bool is_cacheable(const struct unwind_row *row)
{
	return row->kind >= ROW_SP && row->kind <= ROW_OUTERMOST;
}

static struct unwind_cache_entry *entry_of(struct unwind_cache *cache, uint64_t address)
{
	return &cache->entries[(address ^ address >> 10) % UNWIND_CACHE_SIZE];
}

static struct unwind_cache_entry *cache_entry(const struct walk *w)
{
	return entry_of(w->cache, lookup_address(w));
}

static bool find_cached(const struct walk *w, struct unwind_row *row)
{
	const struct unwind_cache_entry *entry;

	if (w->cache == NULL || w->is_full)
		return false;
	entry = cache_entry(w);
	if (entry->address != lookup_address(w) || entry->rule == 0)
		return false;
	memcpy(row, &entry->rule, sizeof(*row));
	return true;
}

static void remember(const struct walk *w, const struct unwind_row *row)
{
	struct unwind_cache_entry *entry = cache_entry(w);

	entry->address = lookup_address(w);
	memcpy(&entry->rule, row, sizeof(entry->rule));
}

// The rule of the current pc; false where no code is mapped.
static bool find_rule(struct walk *w, struct unwind_row *row)
{
	if (find_cached(w, row))
		return true;
	if (!walk_select_mapping(w))
		return false;
	*row = walk_find_row(w);
	if (w->cache != NULL && is_cacheable(row))
		remember(w, row);
	return true;
}

// A frame in registers of the machine: most time is spent here.
struct frame {
	uint64_t pc, sp, fp;
	uint64_t fp_at; // where fp was read, 0: nowhere
	bool has_fp, is_exact;
};

// Moves to the caller by a rule of the two common kinds, when all it needs can be read
// directly; else the frame is as it was.
static inline bool step_directly(const struct unwind_cache *cache, struct frame *f,
				 const struct unwind_row *row)
{
	uint64_t size = cache->direct_limit - cache->direct_start - WORD;
	uint64_t base = row->kind == ROW_SP ? f->sp : f->fp;
	uint64_t cfa = base + (uint64_t)((int64_t)row->cfa * WORD);
	uint64_t fp_at = cfa + (uint64_t)((int64_t)row->fp * WORD);

	if ((row->kind != ROW_SP && (row->kind != ROW_FP || !f->has_fp)) ||
	    cfa <= f->sp || cfa % WORD != 0 || cfa - WORD - cache->direct_start > size)
		return false;
	if (row->fp < 0 && (fp_at < f->sp || fp_at - cache->direct_start > size))
		return false;
	if (cache->trail != NULL && row->kind == ROW_FP)
		note_fp(cache->trail, f->fp_at, f->fp);
	if (row->fp < 0) {
		f->fp = *(const uint64_t *)(uintptr_t)fp_at;
		f->fp_at = fp_at;
		f->has_fp = true;
	} else if (row->fp == ROW_FP_LOST) {
		f->has_fp = false;
	}
	f->pc = *(const uint64_t *)(uintptr_t)(cfa - WORD);
	if (cache->trail != NULL)
		trail_add(cache->trail, cfa - WORD, f->pc);
	f->sp = cfa;
	f->is_exact = false;
	return true;
}

// As many frames as are in the cache and on the directly readable stack. Up to the first
// that is not.
static void run_directly(struct walk *w, struct output *out)
{
	struct frame f = { w->pc, w->sp, w->fp, w->fp_at, w->has_fp, w->is_exact };
	size_t count = out->count;

	while (count < out->max) {
		uint64_t pc = f.pc;
		bool is_exact = f.is_exact;
		const struct unwind_cache_entry *entry =
			entry_of(w->cache, pc - !is_exact);
		struct unwind_row row;

		memcpy(&row, &entry->rule, sizeof(row));
		if (entry->address != pc - !is_exact ||
		    !step_directly(w->cache, &f, &row))
			break;
		out->pcs[count] = pc;
		out->is_exact[count++] = is_exact;
	}
	if (count == out->count)
		return;
	out->count = count;
	w->pc = f.pc;
	w->sp = f.sp;
	w->fp = f.fp;
	w->fp_at = f.fp_at;
	w->has_fp = f.has_fp;
	w->is_exact = w->is_first = w->has_registers = false;
}

static enum step run(struct walk *w, struct output *out, enum unwind_end *end)
{
	for (;; w->is_first = false) {
		struct unwind_row row;
		enum step result;
		bool is_mapped;

		if (w->cache != NULL && w->cache->direct_limit != 0 && !w->is_full)
			run_directly(w, out);
		is_mapped = find_rule(w, &row);

		// A thread starts with a return address of 0.
		if (!is_mapped && !w->is_first) {
			if (out->count < out->max)
				out->pcs[out->count] = w->pc;
			*end = w->pc == 0 ? UNWIND_COMPLETE : UNWIND_NO_TABLE;
			return STEP_DONE;
		}
		if (out->count == out->max) {
			*end = UNWIND_TOO_DEEP;
			return STEP_DONE;
		}
		out->pcs[out->count] = w->pc;
		out->is_exact[out->count++] = w->is_exact;
		result = is_mapped ? step(w, &row) : step_from_nowhere(w);
		if (result != STEP_DONE) {
			*end = end_from_step(result);
			return result;
		}
	}
}

size_t unwind_walk_cached(const struct unwind_space *space, const struct memory *stack,
			  struct unwind_cache *cache,
			  const struct unwind_registers *registers, uint64_t *pcs,
			  bool *is_exact, size_t max, enum unwind_end *end)
{
	struct walk w;
	struct output out = { pcs, is_exact, 0, max };

	w.space = space;
	w.mapping = NULL;
	w.cache = cache;
	w.window.memory = stack;
	w.window.start = 0;
	w.window.state = WINDOW_EMPTY;
	start(&w, registers, false);
	// Few stacks have a frame that needs more registers than RBP; they are walked
	// again with all of them.
	if (run(&w, &out, end) == STEP_NEEDS_REGISTERS) {
		out.count = 0;
		start(&w, registers, true);
		run(&w, &out, end);
	}
	return out.count;
}

size_t unwind_walk(const struct unwind_space *space, const struct memory *stack,
		   const struct unwind_registers *registers, uint64_t *pcs,
		   bool *is_exact, size_t max, enum unwind_end *end)
{
	return unwind_walk_cached(space, stack, NULL, registers, pcs, is_exact, max, end);
}
