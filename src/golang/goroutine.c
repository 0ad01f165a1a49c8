// Decodes runtime.g and unwinds by pcsp, as src/runtime/traceback.go does.
#include "golang/goroutine.h"

#include <string.h>

#include "base/arena.h"
#include "golang/code.h"
#include "golang/layout.h"
#include "golang/process.h"

enum {
	STATUS_SCAN = 0x1000,
	FRAMES_LIMIT = 1 << 22,
};

// A field of up to eight bytes, 0 where the release has none.
static uint64_t field(const uint8_t *bytes, int32_t offset, size_t size)
{
	uint64_t value = 0;

	if (offset != GO_ABSENT)
		memcpy(&value, bytes + offset, size);
	return value;
}

void goroutine_decode(const struct go_process *process, uint64_t address,
		      const uint8_t *bytes, struct goroutine *out)
{
	const struct go_layout *l = process->layout;
	uint64_t status = field(bytes, l->g.atomicstatus, 4);
	uint64_t syscall_sp = field(bytes, l->g.syscallsp, 8);

	*out = (struct goroutine){
		.address = address,
		.id = field(bytes, l->g.goid, 8),
		.parent_id = field(bytes, l->g.parent_goid, 8),
		.stack_low = field(bytes, l->g.stack_lo, 8),
		.stack_high = field(bytes, l->g.stack_hi, 8),
		.m = field(bytes, l->g.m, 8),
		.locked_m = field(bytes, l->g.lockedm, 8),
		.labels = field(bytes, l->g.labels, 8),
		.bubble = field(bytes, l->g.bubble, 8),
		.ancestors = field(bytes, l->g.ancestors, 8),
		.waiting = field(bytes, l->g.waiting, 8),
		.created_pc = field(bytes, l->g.gopc, 8),
		.start_pc = field(bytes, l->g.startpc, 8),
		.wait_since_ns = (int64_t)field(bytes, l->g.waitsince, 8),
		.status = (uint8_t)(status & ~(uint64_t)STATUS_SCAN),
		.wait_reason = (uint8_t)field(bytes, l->g.waitreason, 1),
		.tracking_seq = (uint8_t)field(bytes, l->g.tracking_seq, 1),
		.is_scanned = (status & STATUS_SCAN) != 0,
		.runs_cleanups = field(bytes, l->g.running_cleanups, 1) != 0,
	};
	out->is_in_syscall = out->status == GOROUTINE_SYSCALL || syscall_sp != 0;
	out->sp = out->is_in_syscall ? syscall_sp : field(bytes, l->g.sched_sp, 8);
	out->pc = field(bytes, out->is_in_syscall ? l->g.syscallpc : l->g.sched_pc, 8);
}

// Whether what was called could be anywhere in its caller: then pc is the instruction
// itself, not the one behind a call.
static bool is_trap(enum go_role role)
{
	return role == GO_ROLE_SIGPANIC || role == GO_ROLE_ASYNC_PREEMPT ||
	       role == GO_ROLE_DEBUG_CALL;
}

// Go's own unwinding ends at functions that change the stack pointer in ways no table
// describes, unless it was saved before they did.
static bool is_end(const struct go_point *point, bool is_saved)
{
	if ((point->flag & GO_FLAG_TOP_FRAME) != 0)
		return true;
	return (point->flag & GO_FLAG_SP_WRITE) != 0 && !is_saved &&
	       point->role != GO_ROLE_CGOCALLBACK;
}

static void add_frame(struct go_frames *frames, struct go_frame frame)
{
	frames->items = table_reserve(frames->items, &frames->capacity, frames->count + 1,
				      sizeof(frame));
	frames->items[frames->count++] = frame;
}

bool goroutine_unwind(struct go_code *code, const struct goroutine *goroutine,
		      struct go_frames *frames)
{
	const struct memory *stack = &goroutine->stack.memory;
	uint64_t pc = goroutine->pc, sp = goroutine->sp;
	enum go_role callee = GO_ROLE_NONE;

	if (pc == 0) {
		if (!memory_read_u64(stack, sp, &pc))
			return false;
		sp += 8;
	}
	for (size_t i = 0; i < FRAMES_LIMIT; i++) {
		const struct go_point *point =
			is_trap(callee) || (i == 0 && goroutine->is_exact)
				? go_code_exact(code, pc)
				: go_code_at(code, pc);
		uint64_t fp = sp + (uint64_t)point->delta + 8;

		if (point->entry == 0 || point->delta < 0)
			return false;
		add_frame(frames, (struct go_frame){ point, sp, fp });
		if (is_end(point, i == 0 && goroutine->is_in_syscall))
			return true;
		if (!memory_read_u64(stack, fp - 8, &pc))
			return false;
		callee = point->role;
		sp = fp;
	}
	return false;
}
