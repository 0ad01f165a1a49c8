// The steps by which Go changes stacks. There the caller may be above or below.
#include "unwind/walk.h"

#include "base/reader.h"

enum { WORD = WALK_WORD, SCAN_SIZE = 2048 };

static enum step step_anywhere(struct walk *w, uint64_t cfa)
{
	uint64_t pc, fp;

	if (cfa % WORD != 0 || cfa == 0)
		return STEP_CONTRADICTION;
	if (!window_read(&w->window, cfa - WORD, &pc))
		return STEP_UNREADABLE;
	w->has_fp = window_read(&w->window, cfa - 2 * WORD, &fp);
	w->fp = fp;
	w->pc = pc;
	w->sp = cfa;
	w->is_exact = w->has_registers = false;
	return STEP_DONE;
}

static enum step step_switch(struct walk *w)
{
	return w->has_fp ? step_anywhere(w, w->fp + 2 * WORD) : STEP_CONTRADICTION;
}

// Before a call into C, asmcgocall notes the goroutine and how deep its stack pointer
// was below stack.hi, the second word of the goroutine; or no goroutine and the stack
// pointer itself. Up to 1.20 that stood 40 bytes higher.
static enum step step_cgo(struct walk *w)
{
	if (w->is_first)
		return step_anywhere(w, w->sp + WORD);
	for (unsigned note = 0; note <= 40; note += 40) {
		uint64_t depth, g, high = 0, fp = w->fp;
		bool has_fp = w->has_fp;

		if (!window_read(&w->window, w->sp + note, &depth) ||
		    !window_read(&w->window, w->sp + note + WORD, &g) || depth == 0 ||
		    depth % WORD != 0 || g % WORD != 0 ||
		    (g != 0 && !window_read(&w->window, g + WORD, &high)))
			continue;
		// Without a frame of its own RBP is the caller's.
		if (step_anywhere(w, (g == 0 ? depth : high - depth) + WORD) ==
			    STEP_DONE &&
		    walk_select_mapping(w)) {
			w->fp = fp;
			w->has_fp = has_fp;
			return STEP_DONE;
		}
	}
	return STEP_CONTRADICTION;
}

// Whether a return address stands behind a direct call of a function.
static bool follows_call(const struct walk *w, const struct unwind_range *callee)
{
	enum { CALL = 0xe8, CALL_SIZE = 5 };
	const struct unwind_table *table = w->mapping->table;
	uint64_t address = w->pc - w->mapping->bias;
	uint8_t code[CALL_SIZE] = { 0 };
	struct reader r = reader_from(code, sizeof(code));

	if (table->code == NULL ||
	    !memory_read(table->code, address - CALL_SIZE, code, sizeof(code)) ||
	    reader_u8(&r) != CALL)
		return false;

	uint64_t target = address + (uint64_t)(int64_t)(int32_t)reader_u32(&r);

	return target - table->base >= callee->start &&
	       target - table->base < callee->limit;
}

// Whether pc, read at a slot of the stack, is the point of the caller from which a call
// left it there: its frame must reach from the slot to its saved RBP exactly.
static bool is_caller(struct walk *w, uint64_t slot, const struct unwind_range *callee)
{
	if (!walk_select_mapping(w) || w->mapping->table == NULL)
		return false;

	struct unwind_row row = walk_find_row(w);
	uint64_t size = w->fp + WORD - slot;

	return row.kind == ROW_SP && row.fp == -2 && (uint64_t)row.cfa * WORD == size &&
	       follows_call(w, callee);
}

// RBP tells where the frame of the caller begins, but not what the caller is: the return
// address into it is somewhere below.
static enum step step_system(struct walk *w)
{
	const struct unwind_range *callee =
		row_find_range(w->mapping->table, w->pc - 1 - w->mapping->bias);

	if (w->is_first)
		return step_anywhere(w, w->sp + WORD);
	if (callee == NULL || !w->has_fp || w->fp % WORD != 0 || w->fp < SCAN_SIZE)
		return STEP_CONTRADICTION;
	w->is_exact = w->has_registers = false;
	for (uint64_t slot = w->fp - WORD; slot > w->fp - SCAN_SIZE; slot -= WORD) {
		if (!window_read(&w->window, slot, &w->pc))
			break;
		if (is_caller(w, slot, callee)) {
			w->sp = slot + WORD;
			return STEP_DONE;
		}
	}
	return step_switch(w);
}

static enum step step_callback(struct walk *w, const struct unwind_row *row)
{
	enum step result = step_anywhere(w, w->sp + (uint64_t)row->cfa * WORD);

	w->is_exact = result == STEP_DONE;
	return result;
}

enum step walk_go_step(struct walk *w, const struct unwind_row *row)
{
	if (row->kind == ROW_GO_CGO)
		return step_cgo(w);
	if (row->kind == ROW_GO_SYSTEM)
		return step_system(w);
	if (row->kind == ROW_GO_CALLBACK)
		return step_callback(w, row);
	return step_switch(w);
}
