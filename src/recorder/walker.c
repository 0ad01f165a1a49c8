// A pool of walkers around unwind_walk.
#include "recorder/walker.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>

#include "base/memory.h"
#include "base/pages.h"
#include "recorder/modules.h"
#include "recorder/state.h"
#include "recorder/thread.h"
#include "unwind/trail.h"

enum {
	WALKERS = 256,
	PAGE = 4096,
	// Pages that one walk may add to the known part of a stack.
	GROW_MAX = 256,
	// How often, and how long each time, walkers are awaited.
	AWAIT_TIMES = 1000,
	AWAIT_NS = 1000000,
	// Modules that one walk may make known.
	LEARN_MAX = 4,
	// Stacks that a walker knows again, each at most so deep.
	KNOWN_STACKS = 64,
	KNOWN_FRAMES_MAX = 96,
	NOTES = 1024,
};

// Readable memory around the stack walked. The part from low to high is the thread's own
// stack, which stays readable; other pages are probed whenever they are come to.
struct stack_memory {
	struct memory memory;
	uintptr_t low, high;
	uintptr_t probed; // the last page found readable outside of that
};

// A stack that may come again.
struct known_stack {
	struct unwind_trail trail;
	const struct recording *recording; // that the notes of its serial are about
	uint32_t serial, sequence, epoch, count;
	uint32_t traced; // its id in the allocation trace, 0: none yet
	uint64_t addresses[KNOWN_FRAMES_MAX];
};

struct walker {
	_Alignas(64) atomic_flag is_taken;
	uint32_t sequence; // of the modules that the cache is about
	struct stack_memory stack;
	uint64_t pcs[WALKER_FRAMES_MAX];
	bool is_exact[WALKER_FRAMES_MAX];
	struct unwind_cache cache;
	uint32_t last_serial;
	struct known_stack known[KNOWN_STACKS];
	struct walker_note notes[NOTES];
};

bool walker_init(void)
{
	struct walker *walkers = atomic_load(&recorder.walkers);

	if (walkers != NULL)
		return true;
	walkers = pages_map(WALKERS * sizeof(*walkers));
	if (walkers == NULL)
		return false;
	atomic_store_explicit(&recorder.walkers, walkers, memory_order_release);
	return true;
}

// Every thread comes back to the walker it had, so that its cache stays its own.
struct walker *walker_acquire(void)
{
	struct walker *walkers =
		atomic_load_explicit(&recorder.walkers, memory_order_acquire);
	unsigned first = thread_state.walker;

	if (walkers == NULL)
		return NULL;
	if (first == 0)
		first = (unsigned)((uintptr_t)&thread_state >> 12);
	for (unsigned i = 0; i < WALKERS; i++) {
		struct walker *walker = &walkers[(first + i) % WALKERS];

		// Sequentially consistent for the sake of walker_await_all.
		if (!atomic_flag_test_and_set(&walker->is_taken)) {
			thread_state.walker = (uint16_t)(WALKERS + (first + i) % WALKERS);
			return walker;
		}
	}
	return NULL;
}

void walker_release(struct walker *walker)
{
	atomic_flag_clear_explicit(&walker->is_taken, memory_order_release);
}

const void *walker_pool(size_t *size)
{
	*size = WALKERS * sizeof(struct walker);
	return atomic_load(&recorder.walkers);
}

bool walker_await_all(void)
{
	static const struct timespec pause = { .tv_nsec = AWAIT_NS };
	struct walker *walkers = atomic_load(&recorder.walkers);
	unsigned left = AWAIT_TIMES;

	for (unsigned i = 0; walkers != NULL && i < WALKERS; i++) {
		while (atomic_flag_test_and_set(&walkers[i].is_taken)) {
			if (left-- == 0)
				return false;
			nanosleep(&pause, NULL);
		}
		// Pages of walkers that were never used stay untouched.
		for (unsigned j = 0; walkers[i].last_serial != 0 && j < KNOWN_STACKS; j++)
			walkers[i].known[j].serial = 0;
		atomic_flag_clear(&walkers[i].is_taken);
	}
	return true;
}

// Whether 8 bytes can be read, without a fault: the kernel reads a signal set from there
// before it finds that there is no such way to change the mask. Leaves errno alone.
static bool is_readable(uintptr_t address)
{
	enum { NO_SUCH_WAY = -1, EFAULT_RETURNED = -14 };
	register long size __asm__("r10") = 8;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(SYS_rt_sigprocmask), "D"((long)NO_SUCH_WAY), "S"(address),
			   "d"(0L), "r"(size)
			 : "rcx", "r11", "memory");
	return result != EFAULT_RETURNED;
}

// Adds pages below the known part of the thread's own stack, down to an address.
static bool grow(struct stack_memory *stack, uintptr_t address)
{
	uintptr_t page = address & ~(uintptr_t)(PAGE - 1);

	if (address >= stack->high || stack->low - page > GROW_MAX * PAGE)
		return false;
	while (stack->low > page) {
		if (!is_readable(stack->low - PAGE))
			return false;
		stack->low -= PAGE;
	}
	thread_state.stack_low = stack->low;
	return true;
}

// Called with sizes that do not reach over the end of a page.
// Not memcpy: that may be the address sanitizer's, for which a stack is full of errors.
static void copy_stack(void *to, uintptr_t from, size_t size)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

static bool read_stack(const struct memory *memory, uint64_t address, void *buffer,
		       size_t size)
{
	struct stack_memory *stack = (struct stack_memory *)(uintptr_t)memory;
	uintptr_t page = address & ~(uintptr_t)(PAGE - 1);

	if (address < stack->low || address >= stack->high) {
		if (page != stack->probed && !grow(stack, address)) {
			if (!is_readable(page))
				return false;
			stack->probed = page;
		}
		// A word may lie across two pages.
		if (((address + size - 1) & ~(uintptr_t)(PAGE - 1)) != page &&
		    !is_readable(page + PAGE))
			return false;
	}
	copy_stack(buffer, address, size);
	return true;
}

// Where a stack ends above sp: glibc puts the control block of a thread, which FS points
// to, at the end of its stack; that of the main thread is elsewhere.
static uintptr_t find_high(uintptr_t sp)
{
	uintptr_t self = (uintptr_t)__builtin_thread_pointer();
	uintptr_t end = recorder.stack_end;

	if (end > sp && (self < sp || end - sp < self - sp))
		return end;
	return self > sp ? self : sp;
}

static void find_stack(struct stack_memory *stack, uintptr_t sp)
{
	stack->memory.read = read_stack;
	stack->high = thread_state.stack_high;
	if (stack->high == 0) {
		thread_state.stack_high = stack->high = find_high(sp);
		thread_state.stack_low = stack->high & ~(uintptr_t)(PAGE - 1);
	}
	stack->low = thread_state.stack_low;
	stack->probed = 1; // no page
	if (sp < stack->low)
		grow(stack, sp);
}

static size_t walk(struct walker *walker, const struct modules_view *view,
		   const struct memory *memory, const struct unwind_registers *registers,
		   enum unwind_end *end)
{
	bool is_own = memory == &walker->stack.memory;

	if (walker->sequence != view->sequence) {
		memset(walker->cache.entries, 0, sizeof(walker->cache.entries));
		walker->sequence = view->sequence;
	}
	walker->cache.direct_start = is_own ? walker->stack.low : 0;
	walker->cache.direct_limit = is_own ? walker->stack.high & ~(uintptr_t)7 : 0;
	return unwind_walk_cached(&view->space, memory, &walker->cache, registers,
				  walker->pcs, walker->is_exact, WALKER_FRAMES_MAX, end);
}

// Whether there are so many bytes of stack below this frame, wherever it is.
static bool has_room(size_t size)
{
	uintptr_t top = (uintptr_t)__builtin_frame_address(0);

	for (uintptr_t page = top - size; page < top; page += PAGE) {
		if (!is_readable(page & ~(uintptr_t)(PAGE - 1)))
			return false;
	}
	return true;
}

// Whether the walk stopped at a module that was not known but is now.
static bool learn(const struct walker *walker, size_t count)
{
	uint64_t pc = walker->pcs[count < WALKER_FRAMES_MAX ? count : count - 1];

	if (count == 1 && modules_learn(walker->pcs[0]))
		return true;
	return modules_learn(pc);
}

// Leaves out the library's own frames and moves return addresses into their calls.
static size_t to_addresses(struct walker *walker, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t address = walker->pcs[i] - !walker->is_exact[i];

		if (!modules_is_own(address))
			walker->pcs[kept++] = address;
	}
	return kept;
}

struct walker_stack walker_walk_memory(struct walker *walker, const struct memory *memory,
				       const struct unwind_registers *registers)
{
	struct modules_view view = modules_view();
	enum unwind_end end;
	size_t count;

	count = walk(walker, &view, memory, registers, &end);
	for (int i = 0; i < LEARN_MAX && end == UNWIND_NO_TABLE &&
			has_room(MODULES_LEARN_STACK) && learn(walker, count);
	     i++) {
		view = modules_view();
		count = walk(walker, &view, memory, registers, &end);
	}
	// The map changed meanwhile: what was found by it may be wrong.
	if (!modules_is_current(&view)) {
		count = count > 0;
		end = UNWIND_NO_TABLE;
	}
	return (struct walker_stack){
		.addresses = walker->pcs,
		.count = to_addresses(walker, count),
		.epoch = view.epoch,
		.is_truncated = end != UNWIND_COMPLETE,
	};
}

struct walker_stack walker_walk(struct walker *walker,
				const struct unwind_registers *registers)
{
	find_stack(&walker->stack, registers->value[UNWIND_RSP]);
	return walker_walk_memory(walker, &walker->stack.memory, registers);
}

static struct known_stack *known_of(struct walker *walker,
				    const struct unwind_registers *registers)
{
	uint64_t hash = (registers->value[UNWIND_RIP] ^ registers->value[UNWIND_RSP]) *
			0x9e3779b97f4a7c15;

	return &walker->known[hash >> 32 & (KNOWN_STACKS - 1)];
}

static bool is_as_known(const struct walker *walker, const struct known_stack *known,
			const struct unwind_registers *registers)
{
	struct modules_view view = modules_view();

	return known->serial != 0 && known->recording == state_recording() &&
	       known->sequence == view.sequence && known->epoch == view.epoch &&
	       trail_holds(&known->trail, registers, walker->stack.low,
			   walker->stack.high & ~(uintptr_t)7);
}

// Takes in a stack that was walked with a trail.
static void know(struct walker *walker, struct known_stack *known,
		 struct walker_stack *stack)
{
	if (stack->is_truncated || !known->trail.is_whole ||
	    stack->count > KNOWN_FRAMES_MAX)
		return;
	memcpy(known->addresses, stack->addresses,
	       stack->count * sizeof(*stack->addresses));
	known->recording = state_recording();
	known->count = (uint32_t)stack->count;
	known->epoch = stack->epoch;
	known->sequence = walker->sequence;
	// A note of 2^32 stacks ago would be wrong.
	if (++walker->last_serial == 0) {
		memset(walker->notes, 0, sizeof(walker->notes));
		walker->last_serial = 1;
	}
	known->serial = stack->serial = walker->last_serial;
	known->traced = 0;
	stack->traced = &known->traced;
}

struct walker_stack walker_walk_again(struct walker *walker,
				      const struct unwind_registers *registers)
{
	struct known_stack *known = known_of(walker, registers);
	struct walker_stack stack;

	find_stack(&walker->stack, registers->value[UNWIND_RSP]);
	if (is_as_known(walker, known, registers))
		return (struct walker_stack){ .addresses = known->addresses,
					      .count = known->count,
					      .epoch = known->epoch,
					      .serial = known->serial,
					      .traced = &known->traced };
	known->serial = 0;
	walker->cache.trail = &known->trail;
	stack = walker_walk_memory(walker, &walker->stack.memory, registers);
	walker->cache.trail = NULL;
	know(walker, known, &stack);
	return stack;
}

struct walker_note *walker_note_of(struct walker *walker, uint32_t serial, uint64_t other)
{
	uint64_t hash = (serial ^ other << 20) * 0x9e3779b97f4a7c15;

	return &walker->notes[hash >> 32 & (NOTES - 1)];
}

struct unwind_registers walker_interrupted(const void *context)
{
	static const uint8_t order[UNWIND_REGISTERS] = {
		REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
		REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
		REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
	};
	const ucontext_t *interrupted = context;
	struct unwind_registers registers = { .known = (1u << UNWIND_REGISTERS) - 1 };

	for (unsigned i = 0; i < UNWIND_REGISTERS; i++)
		registers.value[i] = (uint64_t)interrupted->uc_mcontext.gregs[order[i]];
	return registers;
}
