// Recognises which states of an FDE fit a compact row.
#include "unwind/rows.h"

#include "base/str.h"
#include "unwind/unwind.h"

enum { WORD = 8 };

const struct unwind_range *row_find_range(const struct unwind_table *table,
					  uint64_t address)
{
	uint64_t offset = address - table->base;
	size_t low = 0, high = table->range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->ranges[middle].start <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || offset >= table->ranges[low - 1].limit)
		return NULL;
	return &table->ranges[low - 1];
}

static bool fits(int64_t offset, int64_t low, int64_t high)
{
	return offset % WORD == 0 && offset / WORD >= low && offset / WORD <= high;
}

static struct reader expression(const struct eh_section *section, uint32_t offset)
{
	struct reader r = reader_from(section->bytes, section->size);

	reader_seek(&r, offset);
	return reader_sub(&r, reader_uleb(&r));
}

enum { DW_OP_DEREF = 0x06, DW_OP_LIT0 = 0x30, DW_OP_BREG0 = 0x70 };

// DW_OP_breg<reg> offset [DW_OP_deref], and nothing else.
static bool is_register_offset(struct reader r, unsigned reg, bool *is_deref,
			       int64_t *offset)
{
	if (reader_u8(&r) != DW_OP_BREG0 + reg)
		return false;
	*offset = reader_sleb(&r);
	*is_deref = reader_left(&r) == 1 && reader_u8(&r) == DW_OP_DEREF;
	return reader_ok(&r) && reader_left(&r) == 0;
}

static bool rule_is_address(const struct eh_section *section, const struct cfi_rule *rule,
			    unsigned reg, int64_t *offset)
{
	bool is_deref;

	return rule->kind == CFI_EXPRESSION &&
	       is_register_offset(expression(section, (uint32_t)rule->value), reg,
				  &is_deref, offset) &&
	       !is_deref;
}

// What binutils writes for a PLT entry: rsp + 8 + ((rip & 15) >= N) << 3.
static bool is_plt(struct reader r, int *threshold)
{
	static const uint8_t head[] = { 0x77, 0x08, 0x80, 0x00, 0x3f, 0x1a };
	static const uint8_t tail[] = { 0x2a, 0x33, 0x24, 0x22 };
	const uint8_t *p = r.p;

	if (reader_left(&r) != sizeof(head) + 1 + sizeof(tail) ||
	    memcmp(p, head, sizeof(head)) != 0 ||
	    memcmp(p + sizeof(head) + 1, tail, sizeof(tail)) != 0)
		return false;
	*threshold = p[sizeof(head)] - DW_OP_LIT0;
	return *threshold >= 0 && *threshold < 16;
}

// Where struct rt_sigframe keeps the interrupted registers, seen from the restorer.
enum { SIGNAL_RBP = 120, SIGNAL_RSP = 160, SIGNAL_RIP = 168 };

static bool is_kernel_frame(const struct eh_section *section,
			    const struct cfi_state *state)
{
	int64_t cfa, fp, ra;
	bool is_deref;

	return is_register_offset(expression(section, state->cfa_expression), UNWIND_RSP,
				  &is_deref, &cfa) &&
	       is_deref && cfa == SIGNAL_RSP &&
	       rule_is_address(section, &state->rules[UNWIND_RBP], UNWIND_RSP, &fp) &&
	       rule_is_address(section, &state->rules[UNWIND_RIP], UNWIND_RSP, &ra) &&
	       fp == SIGNAL_RBP && ra == SIGNAL_RIP;
}

// Of a CFA that is an expression.
static struct unwind_row row_from_expression(const struct eh_section *section,
					     const struct cfi_state *state)
{
	const struct cfi_rule *fp = &state->rules[UNWIND_RBP];
	struct reader r = expression(section, state->cfa_expression);
	int64_t cfa_offset, fp_offset;
	bool is_deref;
	int threshold;

	if (is_plt(r, &threshold) && fp->kind == CFI_SAME)
		return (struct unwind_row){ 0, 1, (int8_t)threshold, ROW_PLT };
	if (is_register_offset(r, UNWIND_RBP, &is_deref, &cfa_offset) && is_deref &&
	    rule_is_address(section, fp, UNWIND_RBP, &fp_offset) &&
	    fits(cfa_offset, INT16_MIN, INT16_MAX) && fits(fp_offset, INT8_MIN, INT8_MAX))
		return (struct unwind_row){ 0, (int16_t)(cfa_offset / WORD),
					    (int8_t)(fp_offset / WORD), ROW_FP_DEREF };
	return (struct unwind_row){ .kind = ROW_FULL };
}

static bool compact_fp(const struct cfi_rule *rule, int8_t *out)
{
	if (rule->kind == CFI_SAME || rule->kind == CFI_UNDEFINED) {
		*out = rule->kind == CFI_SAME ? ROW_FP_SAME : ROW_FP_LOST;
		return true;
	}
	if (rule->kind != CFI_OFFSET || !fits(rule->value, INT8_MIN, -1))
		return false;
	*out = (int8_t)(rule->value / WORD);
	return true;
}

struct unwind_row row_from_state(const struct eh_section *section,
				 const struct eh_cie *cie, const struct cfi_state *state)
{
	const struct cfi_rule *ra = &state->rules[UNWIND_RIP];
	struct unwind_row row = { .kind = ROW_FULL };

	if (cie->is_signal_frame) {
		if (state->cfa_expression != 0 && is_kernel_frame(section, state))
			row.kind = ROW_SIGNAL;
		return row;
	}
	if (ra->kind == CFI_UNDEFINED)
		return (struct unwind_row){ .kind = ROW_OUTERMOST };
	if (ra->kind != CFI_OFFSET || ra->value != -WORD)
		return row;
	if (state->cfa_expression != 0)
		return row_from_expression(section, state);
	if ((state->cfa_register != UNWIND_RSP && state->cfa_register != UNWIND_RBP) ||
	    !fits(state->cfa_offset, INT16_MIN, INT16_MAX) ||
	    !compact_fp(&state->rules[UNWIND_RBP], &row.fp))
		return row;
	row.cfa = (int16_t)(state->cfa_offset / WORD);
	row.kind = state->cfa_register == UNWIND_RSP ? ROW_SP : ROW_FP;
	return row;
}
