// The stack machine of DWARF expressions.
#include "unwind/expression.h"

#include "unwind/unwind.h"
#include "unwind/window.h"

enum { STACK_DEPTH = 32, STEPS = 1000 };

enum opcode {
	OP_ADDR = 0x03,
	OP_DEREF = 0x06,
	OP_CONST1U = 0x08,
	OP_CONST1S,
	OP_CONST2U,
	OP_CONST2S,
	OP_CONST4U,
	OP_CONST4S,
	OP_CONST8U,
	OP_CONST8S,
	OP_CONSTU,
	OP_CONSTS,
	OP_DUP = 0x12,
	OP_DROP,
	OP_OVER,
	OP_PICK,
	OP_SWAP,
	OP_ROT,
	OP_ABS = 0x19,
	OP_AND,
	OP_DIV,
	OP_MINUS,
	OP_MOD,
	OP_MUL,
	OP_NEG,
	OP_NOT,
	OP_OR,
	OP_PLUS,
	OP_PLUS_UCONST,
	OP_SHL,
	OP_SHR,
	OP_SHRA,
	OP_XOR,
	OP_BRA,
	OP_EQ,
	OP_GE,
	OP_GT,
	OP_LE,
	OP_LT,
	OP_NE,
	OP_SKIP,
	OP_LIT0 = 0x30,
	OP_LIT31 = 0x4f,
	OP_BREG0 = 0x70,
	OP_BREG31 = 0x8f,
	OP_BREGX = 0x92,
	OP_DEREF_SIZE = 0x94,
	OP_NOP = 0x96,
};

struct machine {
	struct reader r;
	const struct unwind_registers *registers;
	struct window *memory;
	uint64_t stack[STACK_DEPTH];
	unsigned depth;
	enum expression_result result;
};

static void push(struct machine *m, uint64_t value)
{
	if (m->depth == STACK_DEPTH)
		m->result = EXPRESSION_DAMAGED;
	else
		m->stack[m->depth++] = value;
}

// The value n below the top.
static uint64_t peek(struct machine *m, unsigned n)
{
	if (n >= m->depth) {
		m->result = EXPRESSION_DAMAGED;
		return 0;
	}
	return m->stack[m->depth - 1 - n];
}

static uint64_t pop(struct machine *m)
{
	uint64_t value = peek(m, 0);

	if (m->depth > 0)
		m->depth--;
	return value;
}

static void push_register(struct machine *m, uint64_t reg)
{
	int64_t offset = reader_sleb(&m->r);

	if (reg >= UNWIND_REGISTERS || (m->registers->known >> reg & 1) == 0)
		m->result = EXPRESSION_UNKNOWN_REGISTER;
	else
		push(m, m->registers->value[reg] + (uint64_t)offset);
}

static void dereference(struct machine *m, unsigned size)
{
	uint64_t value;

	if (size == 0 || size > sizeof(value))
		m->result = EXPRESSION_DAMAGED;
	else if (!window_read(m->memory, pop(m), &value))
		m->result = EXPRESSION_UNREADABLE;
	else
		push(m, size == sizeof(value) ? value
					      : value & (((uint64_t)1 << size * 8) - 1));
}

static void rotate(struct machine *m)
{
	uint64_t first = pop(m), second = pop(m), third = pop(m);

	push(m, first);
	push(m, third);
	push(m, second);
}

static void branch(struct machine *m, bool is_taken)
{
	int64_t distance = (int16_t)reader_u16(&m->r);

	if (is_taken)
		reader_seek(&m->r, reader_offset(&m->r) + (uint64_t)distance);
}

static int64_t divide(struct machine *m, int64_t a, int64_t b)
{
	if (b == 0 || (a == INT64_MIN && b == -1)) {
		m->result = EXPRESSION_DAMAGED;
		return 0;
	}
	return a / b;
}

static uint64_t modulo(struct machine *m, uint64_t a, uint64_t b)
{
	if (b == 0) {
		m->result = EXPRESSION_DAMAGED;
		return 0;
	}
	return a % b;
}

static uint64_t shift(unsigned opcode, uint64_t value, uint64_t count)
{
	if (opcode == OP_SHRA)
		return (uint64_t)((int64_t)value >> (count < 63 ? count : 63));
	if (count > 63)
		return 0;
	return opcode == OP_SHL ? value << count : value >> count;
}

static void run_comparison(struct machine *m, unsigned opcode)
{
	int64_t b = (int64_t)pop(m), a = (int64_t)pop(m);
	bool is_true = (opcode == OP_EQ && a == b) || (opcode == OP_GE && a >= b) ||
		       (opcode == OP_GT && a > b) || (opcode == OP_LE && a <= b) ||
		       (opcode == OP_LT && a < b) || (opcode == OP_NE && a != b);

	push(m, is_true);
}

static void run_binary(struct machine *m, unsigned opcode)
{
	uint64_t b = pop(m), a = pop(m);

	switch (opcode) {
	case OP_AND:
		push(m, a & b);
		break;
	case OP_DIV:
		push(m, (uint64_t)divide(m, (int64_t)a, (int64_t)b));
		break;
	case OP_MINUS:
		push(m, a - b);
		break;
	case OP_MOD:
		push(m, modulo(m, a, b));
		break;
	case OP_MUL:
		push(m, a * b);
		break;
	case OP_OR:
		push(m, a | b);
		break;
	case OP_PLUS:
		push(m, a + b);
		break;
	case OP_SHL:
	case OP_SHR:
	case OP_SHRA:
		push(m, shift(opcode, a, b));
		break;
	case OP_XOR:
		push(m, a ^ b);
		break;
	default:
		m->result = EXPRESSION_DAMAGED;
	}
}

static void push_constant(struct machine *m, unsigned opcode)
{
	struct reader *r = &m->r;

	switch (opcode) {
	case OP_CONST1U:
		push(m, reader_u8(r));
		break;
	case OP_CONST1S:
		push(m, (uint64_t)(int64_t)(int8_t)reader_u8(r));
		break;
	case OP_CONST2U:
		push(m, reader_u16(r));
		break;
	case OP_CONST2S:
		push(m, (uint64_t)(int64_t)(int16_t)reader_u16(r));
		break;
	case OP_CONST4U:
		push(m, reader_u32(r));
		break;
	case OP_CONST4S:
		push(m, (uint64_t)(int64_t)(int32_t)reader_u32(r));
		break;
	case OP_CONSTU:
		push(m, reader_uleb(r));
		break;
	case OP_CONSTS:
		push(m, (uint64_t)reader_sleb(r));
		break;
	default:
		push(m, reader_u64(r));
	}
}

static void run_unary(struct machine *m, unsigned opcode)
{
	uint64_t first, second;

	switch (opcode) {
	case OP_DEREF:
		dereference(m, sizeof(uint64_t));
		break;
	case OP_DEREF_SIZE:
		dereference(m, reader_u8(&m->r));
		break;
	case OP_DUP:
		push(m, peek(m, 0));
		break;
	case OP_DROP:
		pop(m);
		break;
	case OP_OVER:
		push(m, peek(m, 1));
		break;
	case OP_PICK:
		push(m, peek(m, reader_u8(&m->r)));
		break;
	case OP_SWAP:
		first = pop(m);
		second = pop(m);
		push(m, first);
		push(m, second);
		break;
	case OP_ROT:
		rotate(m);
		break;
	case OP_ABS:
		first = pop(m);
		push(m, (int64_t)first < 0 ? -first : first);
		break;
	case OP_NEG:
		push(m, -pop(m));
		break;
	case OP_NOT:
		push(m, ~pop(m));
		break;
	case OP_PLUS_UCONST:
		push(m, pop(m) + reader_uleb(&m->r));
		break;
	case OP_SKIP:
		branch(m, true);
		break;
	case OP_BRA:
		branch(m, pop(m) != 0);
		break;
	case OP_BREGX:
		push_register(m, reader_uleb(&m->r));
		break;
	case OP_NOP:
		break;
	default:
		run_binary(m, opcode);
	}
}

static void run_one(struct machine *m)
{
	unsigned opcode = reader_u8(&m->r);

	if (opcode >= OP_LIT0 && opcode <= OP_LIT31)
		push(m, opcode - OP_LIT0);
	else if (opcode >= OP_BREG0 && opcode <= OP_BREG31)
		push_register(m, opcode - OP_BREG0);
	else if (opcode == OP_ADDR || (opcode >= OP_CONST1U && opcode <= OP_CONSTS))
		push_constant(m, opcode);
	else if (opcode >= OP_EQ && opcode <= OP_NE)
		run_comparison(m, opcode);
	else
		run_unary(m, opcode);
}

enum expression_result expression_evaluate(struct reader code,
					   const struct unwind_registers *registers,
					   struct window *memory,
					   struct expression_start start, uint64_t *value)
{
	struct machine m = { .r = code, .registers = registers, .memory = memory };

	if (start.has_value)
		push(&m, start.value);
	for (unsigned step = 0; reader_left(&m.r) > 0; step++) {
		if (step == STEPS)
			return EXPRESSION_DAMAGED;
		run_one(&m);
		if (m.result != EXPRESSION_DONE)
			return m.result;
	}
	if (!reader_ok(&m.r) || m.depth == 0)
		return EXPRESSION_DAMAGED;
	*value = pop(&m);
	return EXPRESSION_DONE;
}
