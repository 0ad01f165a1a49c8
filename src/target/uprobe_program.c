// Assembles the program by hand: a record is reserved, filled and submitted. r6 holds the
// registers of the thread that hit the probe, r7 the record, r8 what failed.
#include "target/uprobe_program.h"

#include <asm/ptrace.h>
#include <assert.h>

struct assembler {
	struct bpf_insn *code;
	uint32_t count;
};

static struct bpf_insn *emit(struct assembler *a, unsigned code, unsigned to,
			     unsigned from, int32_t value)
{
	struct bpf_insn *place = &a->code[a->count++];

	assert(a->count <= UPROBE_PROGRAM_MAX);
	*place = (struct bpf_insn){
		.code = (uint8_t)code,
		.dst_reg = to & 0xf,
		.src_reg = from & 0xf,
		.imm = value,
	};
	return place;
}

static void move(struct assembler *a, unsigned to, unsigned from)
{
	emit(a, BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0);
}

static void set(struct assembler *a, unsigned to, int32_t value)
{
	emit(a, BPF_ALU64 | BPF_MOV | BPF_K, to, 0, value);
}

static void add(struct assembler *a, unsigned to, int32_t value)
{
	emit(a, BPF_ALU64 | BPF_ADD | BPF_K, to, 0, value);
}

// With BPF_PSEUDO_MAP_FD as kind a map's descriptor, with 0 a number.
static void set_wide(struct assembler *a, unsigned to, unsigned kind, uint64_t value)
{
	emit(a, BPF_LD | BPF_DW | BPF_IMM, to, kind, (int32_t)(uint32_t)value);
	emit(a, 0, 0, 0, (int32_t)(uint32_t)(value >> 32));
}

static void load(struct assembler *a, unsigned to, unsigned base, size_t offset)
{
	emit(a, BPF_LDX | BPF_MEM | BPF_DW, to, base, 0)->off = (int16_t)offset;
}

static void store(struct assembler *a, size_t offset, unsigned from)
{
	emit(a, BPF_STX | BPF_MEM | BPF_DW, BPF_REG_7, from, 0)->off = (int16_t)offset;
}

static void call(struct assembler *a, int32_t function)
{
	emit(a, BPF_JMP | BPF_CALL, 0, 0, function);
}

static void leave(struct assembler *a)
{
	set(a, BPF_REG_0, 0);
	emit(a, BPF_JMP | BPF_EXIT, 0, 0, 0);
}

// When there is no room: (*lost)++.
static void count_lost(struct assembler *a, const struct uprobe_record *record)
{
	emit(a, BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, 0)->off = -4;
	set_wide(a, BPF_REG_1, BPF_PSEUDO_MAP_FD, (uint32_t)record->lost_fd);
	move(a, BPF_REG_2, BPF_REG_10);
	add(a, BPF_REG_2, -4);
	call(a, BPF_FUNC_map_lookup_elem);
	emit(a, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 0)->off = 2;
	set(a, BPF_REG_1, 1);
	emit(a, BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, BPF_ADD);
	leave(a);
}

static void reserve(struct assembler *a, const struct uprobe_record *record)
{
	struct bpf_insn *branch;

	move(a, BPF_REG_6, BPF_REG_1);
	set_wide(a, BPF_REG_1, BPF_PSEUDO_MAP_FD, (uint32_t)record->ring_fd);
	set(a, BPF_REG_2, (int32_t)uprobe_program_record_bytes(record));
	set(a, BPF_REG_3, 0);
	call(a, BPF_FUNC_ringbuf_reserve);
	branch = emit(a, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_0, 0, 0);
	count_lost(a, record);
	branch->off = (int16_t)(a->code + a->count - branch - 1);
	move(a, BPF_REG_7, BPF_REG_0);
}

// Leaves 0 in r0, or a negative error; the bytes are zero then.
static void copy(struct assembler *a, size_t to, uint32_t size)
{
	move(a, BPF_REG_1, BPF_REG_7);
	add(a, BPF_REG_1, (int32_t)to);
	set(a, BPF_REG_2, (int32_t)size);
	call(a, BPF_FUNC_probe_read_user);
}

static void fill_head(struct assembler *a)
{
	static const struct {
		size_t from, to;
	} registers[] = {
		{ offsetof(struct pt_regs, rip), offsetof(struct uprobe_head, ip) },
		{ offsetof(struct pt_regs, rax), offsetof(struct uprobe_head, ax) },
		{ offsetof(struct pt_regs, rbx), offsetof(struct uprobe_head, bx) },
		{ offsetof(struct pt_regs, rsp), offsetof(struct uprobe_head, sp) },
		{ offsetof(struct pt_regs, r14), offsetof(struct uprobe_head, r14) },
		{ offsetof(struct pt_regs, eflags), offsetof(struct uprobe_head, flags) },
	};

	call(a, BPF_FUNC_ktime_get_ns);
	store(a, offsetof(struct uprobe_head, time_ns), BPF_REG_0);
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		load(a, BPF_REG_1, BPF_REG_6, registers[i].from);
		store(a, registers[i].to, BPF_REG_1);
	}
	load(a, BPF_REG_3, BPF_REG_6, offsetof(struct pt_regs, rsp));
	copy(a, offsetof(struct uprobe_head, caller), 8);
}

// 0 where there is nothing.
static void fill_word(struct assembler *a, const struct uprobe_record *record)
{
	if (record->word_at == 0) {
		set(a, BPF_REG_0, 0);
		store(a, offsetof(struct uprobe_head, word), BPF_REG_0);
		return;
	}
	load(a, BPF_REG_3, BPF_REG_6, offsetof(struct pt_regs, r14));
	add(a, BPF_REG_3, (int32_t)record->word_at);
	copy(a, offsetof(struct uprobe_head, word), 8);
}

static void fill_stack(struct assembler *a, const struct uprobe_record *record)
{
	set(a, BPF_REG_0, -1);
	if (record->has_stack) {
		move(a, BPF_REG_1, BPF_REG_6);
		move(a, BPF_REG_2, BPF_REG_7);
		add(a, BPF_REG_2, sizeof(struct uprobe_head));
		set(a, BPF_REG_3, UPROBE_STACK_DEPTH * 8);
		set(a, BPF_REG_4, BPF_F_USER_STACK);
		call(a, BPF_FUNC_get_stack);
	}
	store(a, offsetof(struct uprobe_head, stack_bytes), BPF_REG_0);
}

static size_t fixed_bytes(const struct uprobe_record *record)
{
	return sizeof(struct uprobe_head) +
	       (record->has_stack ? UPROBE_STACK_DEPTH * 8 : 0);
}

static size_t padded(uint32_t size)
{
	return ((size_t)size + 7) & ~(size_t)7;
}

static void fill_copies(struct assembler *a, const struct uprobe_record *record)
{
	size_t to = fixed_bytes(record);

	set(a, BPF_REG_8, 0);
	for (size_t i = 0; i < record->copy_count; i++) {
		set_wide(a, BPF_REG_3, 0, record->copies[i].address);
		copy(a, to, record->copies[i].size);
		emit(a, BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_8, BPF_REG_0, 0);
		to += padded(record->copies[i].size);
	}
	store(a, offsetof(struct uprobe_head, copies_failed), BPF_REG_8);
}

size_t uprobe_program_record_bytes(const struct uprobe_record *record)
{
	size_t size = fixed_bytes(record);

	for (size_t i = 0; i < record->copy_count; i++)
		size += padded(record->copies[i].size);
	return size;
}

uint32_t uprobe_program_build(const struct uprobe_record *record,
			      struct bpf_insn code[UPROBE_PROGRAM_MAX])
{
	struct assembler a = { code, 0 };

	reserve(&a, record);
	fill_head(&a);
	fill_word(&a, record);
	fill_stack(&a, record);
	fill_copies(&a, record);
	move(&a, BPF_REG_1, BPF_REG_7);
	set(&a, BPF_REG_2, record->wakes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
	call(&a, BPF_FUNC_ringbuf_submit);
	leave(&a);
	return a.count;
}
