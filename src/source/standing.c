// Copies what the readers of a Go runtime want to know of threads.
#include "source/standing.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "golang/goroutines.h"
#include "target/core_memory.h"
#include "target/process.h"

static struct standing standing_with(size_t count)
{
	struct standing standing = { .count = count };

	standing.threads = table_zeroed(count + 1, sizeof(*standing.threads));
	standing.registers = table_zeroed(count + 1, sizeof(*standing.registers));
	return standing;
}

struct standing standing_of_pause(const struct pause *pause)
{
	struct standing standing = standing_with(pause->count);

	for (size_t i = 0; i < pause->count; i++) {
		const struct pause_thread *thread = &pause->threads[i];

		standing.threads[i] = (struct goroutine_thread){
			.tid = process_namespace_tid(thread->tid),
			.pc = thread->pc,
			.sp = thread->sp,
		};
		if (!pause_read_registers(pause, i, standing.registers[i]))
			memset(standing.registers[i], 0, sizeof(standing.registers[i]));
	}
	return standing;
}

struct standing standing_of_core(const struct core_memory *core)
{
	struct standing standing = standing_with(core->thread_count);

	for (size_t i = 0; i < core->thread_count; i++) {
		const struct core_thread *thread = &core->threads[i];

		standing.threads[i] = (struct goroutine_thread){
			.tid = thread->tid,
			.pc = thread->registers.rip,
			.sp = thread->registers.rsp,
		};
		pause_pick_registers(&thread->registers, standing.registers[i]);
	}
	return standing;
}

void standing_deinit(struct standing *standing)
{
	free(standing->threads);
	free(standing->registers);
	*standing = (struct standing){ 0 };
}
