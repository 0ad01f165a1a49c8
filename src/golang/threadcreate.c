// m.createstack [32]uintptr of each m. Source: src/runtime/mprof.go, ThreadCreateProfile.
#include "golang/threadcreate.h"

#include "base/error.h"
#include "golang/layout.h"
#include "golang/pc_stack.h"
#include "golang/process.h"

enum { STACK_MAX = 32, THREADS_LIMIT = 1 << 20 };

static void visit_thread(struct go_process *process, uint64_t m,
			 struct threadcreate_visitor *visitor)
{
	uint64_t pcs[STACK_MAX], at = m + (uint64_t)process->layout->m.createstack;
	const struct go_point *points[STACK_MAX];
	size_t count = 0;

	if (memory_read(process->memory, at, pcs, sizeof(pcs))) {
		while (count < STACK_MAX && pcs[count] != 0)
			count++;
	}
	count = pc_stack_points(process->code, pcs, count, points);
	visitor->visit(visitor, points, count);
}

bool threadcreate_read(struct go_process *process, struct threadcreate_visitor *visitor,
		       struct error *err)
{
	uint64_t list, m;

	if (!go_process_need(process, STR("runtime.allm"), &list, err))
		return false;
	m = go_process_read_number(process, list, 8);
	if (m == 0)
		return error_set(err, ERROR_FORMAT,
				 "its list of threads (runtime.allm) cannot be read: the "
				 "process has just ended, or its memory is damaged");
	for (size_t i = 0; m != 0 && i < THREADS_LIMIT; i++) {
		visit_thread(process, m, visitor);
		m = go_process_read_number(process,
					   m + (uint64_t)process->layout->m.alllink, 8);
	}
	return true;
}
