// What the program of a probe looks like; whether the kernel takes it, tests/golang
// shows.
#include "target/uprobe_program.h"

#include "test.h"

static const struct uprobe_record copying = {
	.ring_fd = 5,
	.lost_fd = 6,
	.copy_count = 2,
	.copies = { { 0x123456789a, 13 }, { 0x2000, 8 } },
	.wakes = 1,
};

TEST(uprobe_program_pads_copies)
{
	struct uprobe_record stacks = { .has_stack = 1 };

	CHECK_INT(uprobe_program_record_bytes(&copying),
		  sizeof(struct uprobe_head) + 16 + 8);
	CHECK_INT(uprobe_program_record_bytes(&stacks),
		  sizeof(struct uprobe_head) + (size_t)UPROBE_STACK_DEPTH * 8);
}

// Every jump lands on an instruction that is no second half of another one.
TEST(uprobe_program_jumps_inside_itself)
{
	struct bpf_insn code[UPROBE_PROGRAM_MAX];
	uint32_t count = uprobe_program_build(&copying, code);

	CHECK(count > 0 && count <= UPROBE_PROGRAM_MAX);
	CHECK_INT(code[count - 1].code, BPF_JMP | BPF_EXIT);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t to = i + 1 + (uint32_t)code[i].off;

		if (code[i].code != (BPF_JMP | BPF_JNE | BPF_K) &&
		    code[i].code != (BPF_JMP | BPF_JEQ | BPF_K))
			continue;
		CHECK(to > i && to < count);
		CHECK(code[to].code != 0);
	}
}

TEST(uprobe_program_has_whole_addresses)
{
	struct bpf_insn code[UPROBE_PROGRAM_MAX];
	uint32_t count = uprobe_program_build(&copying, code);
	uint32_t found = 0;

	for (uint32_t i = 0; i + 1 < count; i++)
		found += code[i].code == (BPF_LD | BPF_DW | BPF_IMM) &&
			 (uint32_t)code[i].imm == 0x3456789a && code[i + 1].imm == 0x12;
	CHECK_INT(found, 1);
}
