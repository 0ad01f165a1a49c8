// The interpreter of call frame instructions.
#include "unwind/cfi.h"

enum cfi_opcode {
	OP_NOP = 0x00,
	OP_SET_LOCATION = 0x01,
	OP_ADVANCE_1 = 0x02,
	OP_ADVANCE_2 = 0x03,
	OP_ADVANCE_4 = 0x04,
	OP_OFFSET_EXTENDED = 0x05,
	OP_RESTORE_EXTENDED = 0x06,
	OP_UNDEFINED = 0x07,
	OP_SAME_VALUE = 0x08,
	OP_REGISTER = 0x09,
	OP_REMEMBER = 0x0a,
	OP_RESTORE_STATE = 0x0b,
	OP_DEF_CFA = 0x0c,
	OP_DEF_CFA_REGISTER = 0x0d,
	OP_DEF_CFA_OFFSET = 0x0e,
	OP_DEF_CFA_EXPRESSION = 0x0f,
	OP_EXPRESSION = 0x10,
	OP_OFFSET_EXTENDED_SF = 0x11,
	OP_DEF_CFA_SF = 0x12,
	OP_DEF_CFA_OFFSET_SF = 0x13,
	OP_VALUE_OFFSET = 0x14,
	OP_VALUE_OFFSET_SF = 0x15,
	OP_VALUE_EXPRESSION = 0x16,
	OP_GNU_ARGS_SIZE = 0x2e,
	OP_GNU_NEGATIVE_OFFSET = 0x2f,
	OP_ADVANCE = 0x40,
	OP_OFFSET = 0x80,
	OP_RESTORE = 0xc0,
};

static void set_rule(struct cfi_machine *m, uint64_t reg, unsigned kind, int64_t value)
{
	if (value != (int32_t)value)
		m->failed = true;
	// Vector registers and the like are of no use for stacks.
	else if (reg < CFI_REGISTERS)
		m->state.rules[reg] = (struct cfi_rule){ (uint8_t)kind, (int32_t)value };
}

static int64_t scaled(const struct cfi_machine *m, uint64_t factor)
{
	return (int64_t)(factor * (uint64_t)m->cie->data_align);
}

static void set_offset(struct cfi_machine *m, uint64_t reg, unsigned kind,
		       uint64_t factor)
{
	set_rule(m, reg, kind, scaled(m, factor));
}

// Skips a block and returns where it begins, with its length.
static uint32_t block(struct cfi_machine *m)
{
	uint32_t offset = (uint32_t)reader_offset(&m->r);

	reader_skip(&m->r, reader_uleb(&m->r));
	return offset;
}

static void set_block(struct cfi_machine *m, unsigned kind)
{
	uint64_t reg = reader_uleb(&m->r);

	set_rule(m, reg, kind, block(m));
}

static void define_cfa(struct cfi_machine *m, uint64_t reg, int64_t offset)
{
	if (reg >= CFI_REGISTERS)
		m->failed = true;
	m->state.cfa_register = (uint32_t)reg;
	m->state.cfa_offset = offset;
	m->state.cfa_expression = 0;
}

static void restore(struct cfi_machine *m, uint64_t reg)
{
	if (reg < CFI_REGISTERS)
		m->state.rules[reg] = m->initial.rules[reg];
}

static void remember(struct cfi_machine *m)
{
	if (m->depth == CFI_DEPTH)
		m->failed = true;
	else
		m->stack[m->depth++] = m->state;
}

static void recall(struct cfi_machine *m)
{
	if (m->depth == 0)
		m->failed = true;
	else
		m->state = m->stack[--m->depth];
}

static void advance(struct cfi_machine *m, uint64_t units)
{
	uint64_t delta = units * m->cie->code_align;

	m->limit = delta < m->end - m->limit ? m->limit + delta : m->end;
}

// Rare: some assemblers write it for .debug_frame.
static void set_location(struct cfi_machine *m)
{
	uint64_t location = reader_u64(&m->r);

	if (m->cie->pointer_encoding != 0 || location < m->limit)
		m->failed = true;
	else
		m->limit = location < m->end ? location : m->end;
}

// What rarely occurs in compiled code.
static void run_uncommon(struct cfi_machine *m, unsigned opcode)
{
	struct reader *r = &m->r;
	uint64_t reg;

	switch (opcode) {
	case OP_OFFSET_EXTENDED:
		reg = reader_uleb(r);
		set_offset(m, reg, CFI_OFFSET, reader_uleb(r));
		break;
	case OP_RESTORE_EXTENDED:
		restore(m, reader_uleb(r));
		break;
	case OP_UNDEFINED:
		set_rule(m, reader_uleb(r), CFI_UNDEFINED, 0);
		break;
	case OP_SAME_VALUE:
		set_rule(m, reader_uleb(r), CFI_SAME, 0);
		break;
	case OP_REGISTER:
		reg = reader_uleb(r);
		set_rule(m, reg, CFI_REGISTER, (int64_t)(reader_uleb(r) & 0xff));
		break;
	case OP_OFFSET_EXTENDED_SF:
		reg = reader_uleb(r);
		set_offset(m, reg, CFI_OFFSET, (uint64_t)reader_sleb(r));
		break;
	case OP_DEF_CFA_SF:
		reg = reader_uleb(r);
		define_cfa(m, reg, scaled(m, (uint64_t)reader_sleb(r)));
		break;
	case OP_DEF_CFA_OFFSET_SF:
		m->state.cfa_offset = scaled(m, (uint64_t)reader_sleb(r));
		break;
	case OP_VALUE_OFFSET:
		reg = reader_uleb(r);
		set_offset(m, reg, CFI_VALUE_OFFSET, reader_uleb(r));
		break;
	case OP_VALUE_OFFSET_SF:
		reg = reader_uleb(r);
		set_offset(m, reg, CFI_VALUE_OFFSET, (uint64_t)reader_sleb(r));
		break;
	case OP_EXPRESSION:
		set_block(m, CFI_EXPRESSION);
		break;
	case OP_VALUE_EXPRESSION:
		set_block(m, CFI_VALUE_EXPRESSION);
		break;
	case OP_GNU_ARGS_SIZE:
		reader_uleb(r);
		break;
	case OP_GNU_NEGATIVE_OFFSET:
		reg = reader_uleb(r);
		set_offset(m, reg, CFI_OFFSET, -reader_uleb(r));
		break;
	default:
		m->failed = true;
	}
}

static void run_one(struct cfi_machine *m)
{
	struct reader *r = &m->r;
	unsigned opcode = reader_u8(r);
	uint64_t reg;

	if (opcode >= OP_ADVANCE) {
		unsigned operand = opcode & 0x3f;

		if (opcode < OP_OFFSET)
			advance(m, operand);
		else if (opcode < OP_RESTORE)
			set_offset(m, operand, CFI_OFFSET, reader_uleb(r));
		else
			restore(m, operand);
		return;
	}
	switch (opcode) {
	case OP_NOP:
		break;
	case OP_SET_LOCATION:
		set_location(m);
		break;
	case OP_ADVANCE_1:
		advance(m, reader_u8(r));
		break;
	case OP_ADVANCE_2:
		advance(m, reader_u16(r));
		break;
	case OP_ADVANCE_4:
		advance(m, reader_u32(r));
		break;
	case OP_REMEMBER:
		remember(m);
		break;
	case OP_RESTORE_STATE:
		recall(m);
		break;
	case OP_DEF_CFA:
		reg = reader_uleb(r);
		define_cfa(m, reg, (int64_t)reader_uleb(r));
		break;
	case OP_DEF_CFA_REGISTER:
		define_cfa(m, reader_uleb(r), m->state.cfa_offset);
		break;
	case OP_DEF_CFA_OFFSET:
		m->state.cfa_offset = (int64_t)reader_uleb(r);
		break;
	case OP_DEF_CFA_EXPRESSION:
		m->state.cfa_expression = block(m);
		break;
	default:
		run_uncommon(m, opcode);
	}
}

static struct reader instructions(const struct eh_section *section, uint32_t start,
				  uint32_t limit)
{
	return (struct reader){ section->bytes, section->bytes + start,
				section->bytes + limit, false };
}

bool cfi_initial(const struct eh_section *section, const struct eh_cie *cie,
		 struct cfi_state *out)
{
	struct cfi_machine m = { .section = section, .cie = cie };

	m.r = instructions(section, cie->instructions, cie->limit);
	while (reader_left(&m.r) > 0 && !m.failed)
		run_one(&m);
	*out = m.state;
	return !m.failed && reader_ok(&m.r) && cie->return_register == CFI_REGISTERS - 1;
}

void cfi_start(struct cfi_machine *m, const struct eh_section *section,
	       const struct eh_fde *fde, const struct cfi_state *initial)
{
	m->section = section;
	m->cie = fde->cie;
	m->r = instructions(section, fde->instructions, fde->limit);
	m->start = m->limit = fde->start;
	m->end = fde->start + fde->size;
	m->initial = m->state = *initial;
	m->depth = 0;
	m->failed = false;
}

bool cfi_next(struct cfi_machine *m)
{
	if (m->failed || m->limit >= m->end)
		return false;
	m->start = m->limit;
	while (m->limit == m->start) {
		if (reader_left(&m->r) == 0) {
			m->limit = m->end;
			break;
		}
		run_one(m);
		if (m->failed || !reader_ok(&m->r)) {
			m->failed = true;
			return false;
		}
	}
	return true;
}
