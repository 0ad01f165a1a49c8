// Applies the rules of an FDE to all registers.
#include "unwind/full.h"

#include "unwind/cfi.h"
#include "unwind/expression.h"
#include "unwind/rows.h"
#include "unwind/unwind.h"
#include "unwind/window.h"

// What the psABI lets a function keep for its caller, when no rule says otherwise.
enum {
	CALLEE_SAVED = 1 << UNWIND_RBX | 1 << UNWIND_RBP | 1 << UNWIND_R12 |
		       1 << UNWIND_R13 | 1 << UNWIND_R14 | 1 << UNWIND_R15,
};

struct frame {
	const struct eh_section *section;
	const struct cfi_state *state;
	const struct unwind_registers *registers;
	struct window *memory;
	uint64_t cfa;
};

static enum full_result full_from_expression(enum expression_result result)
{
	switch (result) {
	case EXPRESSION_DONE:
		return FULL_DONE;
	case EXPRESSION_UNKNOWN_REGISTER:
		return FULL_UNKNOWN_REGISTER;
	case EXPRESSION_UNREADABLE:
		return FULL_UNREADABLE;
	case EXPRESSION_DAMAGED:
		return FULL_DAMAGED;
	}
	return FULL_DAMAGED;
}

static enum full_result evaluate(const struct frame *frame, uint32_t block,
				 struct expression_start start, uint64_t *value)
{
	struct reader r = reader_from(frame->section->bytes, frame->section->size);

	reader_seek(&r, block);
	return full_from_expression(expression_evaluate(reader_sub(&r, reader_uleb(&r)),
							frame->registers, frame->memory,
							start, value));
}

static bool is_known(const struct unwind_registers *registers, unsigned reg)
{
	return reg < UNWIND_REGISTERS && (registers->known >> reg & 1) != 0;
}

static enum full_result compute_cfa(struct frame *frame)
{
	const struct cfi_state *state = frame->state;
	struct expression_start empty = { 0 };

	if (state->cfa_expression != 0)
		return evaluate(frame, state->cfa_expression, empty, &frame->cfa);
	if (!is_known(frame->registers, state->cfa_register))
		return FULL_UNKNOWN_REGISTER;
	frame->cfa = frame->registers->value[state->cfa_register] +
		     (uint64_t)state->cfa_offset;
	return FULL_DONE;
}

static enum full_result load(const struct frame *frame, uint64_t address, uint64_t *value)
{
	return window_read(frame->memory, address, value) ? FULL_DONE : FULL_UNREADABLE;
}

// The caller's value of one register.
static enum full_result recover(const struct frame *frame, unsigned reg, uint64_t *value)
{
	const struct cfi_rule *rule = &frame->state->rules[reg];
	struct expression_start cfa = { true, frame->cfa };
	enum full_result result;

	switch ((enum cfi_rule_kind)rule->kind) {
	case CFI_UNDEFINED:
		return FULL_UNKNOWN_REGISTER;
	case CFI_SAME:
		*value = frame->registers->value[reg];
		return is_known(frame->registers, reg) ? FULL_DONE
						       : FULL_UNKNOWN_REGISTER;
	case CFI_OFFSET:
		return load(frame, frame->cfa + (uint64_t)(int64_t)rule->value, value);
	case CFI_VALUE_OFFSET:
		*value = frame->cfa + (uint64_t)(int64_t)rule->value;
		return FULL_DONE;
	case CFI_REGISTER:
		if (!is_known(frame->registers, (unsigned)rule->value))
			return FULL_UNKNOWN_REGISTER;
		*value = frame->registers->value[rule->value];
		return FULL_DONE;
	case CFI_EXPRESSION:
		result = evaluate(frame, (uint32_t)rule->value, cfa, value);
		return result == FULL_DONE ? load(frame, *value, value) : result;
	case CFI_VALUE_EXPRESSION:
		return evaluate(frame, (uint32_t)rule->value, cfa, value);
	}
	return FULL_DAMAGED;
}

static enum full_result apply(struct frame *frame, bool is_signal,
			      struct unwind_registers *caller)
{
	enum full_result result = compute_cfa(frame);

	*caller = (struct unwind_registers){ 0 };
	if (result != FULL_DONE)
		return result;
	if (frame->state->rules[UNWIND_RIP].kind == CFI_UNDEFINED)
		return FULL_OUTERMOST;
	for (unsigned reg = 0; reg < UNWIND_REGISTERS; reg++) {
		bool is_same = frame->state->rules[reg].kind == CFI_SAME;

		if (is_same && !is_signal && (CALLEE_SAVED >> reg & 1) == 0)
			continue;
		result = recover(frame, reg, &caller->value[reg]);
		if (result == FULL_DONE)
			caller->known |= 1u << reg;
		else if (reg == UNWIND_RIP)
			return result;
	}
	// By definition, but for signal frames, which save it.
	if (frame->state->rules[UNWIND_RSP].kind == CFI_SAME)
		caller->value[UNWIND_RSP] = frame->cfa;
	caller->known |= 1u << UNWIND_RSP;
	return is_signal ? FULL_SIGNAL : FULL_DONE;
}

static enum full_result apply_fde(const struct unwind_table *table,
				  const struct unwind_range *range, uint64_t address,
				  struct frame *frame, struct unwind_registers *caller)
{
	struct eh_cursor cursor = { .section = &table->sections[range->origin] };
	struct cfi_machine machine;
	struct cfi_state initial;
	struct eh_fde fde;

	if (!eh_fde_at(&cursor, range->source, &fde) ||
	    !cfi_initial(cursor.section, fde.cie, &initial))
		return FULL_DAMAGED;
	cfi_start(&machine, cursor.section, &fde, &initial);
	while (cfi_next(&machine)) {
		if (address >= machine.limit)
			continue;
		frame->section = cursor.section;
		frame->state = &machine.state;
		return apply(frame, fde.cie->is_signal_frame, caller);
	}
	return FULL_DAMAGED;
}

enum full_result full_step(const struct unwind_table *table, uint64_t address,
			   struct window *memory, struct unwind_registers *registers)
{
	const struct unwind_range *range = row_find_range(table, address);
	struct frame frame = { .registers = registers, .memory = memory };
	struct unwind_registers caller;
	enum full_result result;

	if (range == NULL || range->origin > RANGE_DEBUG_FRAME)
		return FULL_DAMAGED;
	result = apply_fde(table, range, address, &frame, &caller);
	if (result == FULL_DONE || result == FULL_SIGNAL)
		*registers = caller;
	return result;
}
