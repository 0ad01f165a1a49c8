// Reads runtime.waitReasonStrings and a few flags. Source: src/runtime/runtime2.go,
// traceback.go (goroutineheader, isSystemGoroutine), mfinal.go.
#include "golang/goroutine_facts.h"

#include <string.h>

#include "base/clock.h"
#include "golang/code.h"
#include "golang/goroutine.h"
#include "golang/layout.h"
#include "golang/process.h"

enum {
	REASON_LIMIT = 64, // bytes
	FING_RUNNING = 2,  // runtime.fingRunningFinalizer
	STRING_SIZE = 16,
};

static void read_reasons(struct goroutine_facts *facts)
{
	struct go_process *process = facts->process;
	uint64_t at = go_process_find(process, STR("runtime.waitReasonStrings"));
	uint64_t durable = go_process_find(process, STR("runtime.isIdleInSynctest"));

	for (unsigned i = 0; at != 0 && i < GOROUTINE_REASONS; i++) {
		facts->reasons[i] = go_process_read_string(process, at + i * STRING_SIZE,
							   REASON_LIMIT, &facts->arena);
		if (str_equal(facts->reasons[i], STR("coroutine")))
			facts->coroutine_reason = (uint8_t)i;
	}
	for (unsigned i = 0; durable != 0 && i < GOROUTINE_REASONS; i++)
		facts->is_durable[i] =
			go_process_read_number(process, durable + i, 1) == 1;
}

static uint64_t number_of(const struct go_process *process, struct str name, size_t size)
{
	uint64_t at = go_process_find(process, name);

	return at == 0 ? 0 : go_process_read_number(process, at, size);
}

static void read_finalizer(struct goroutine_facts *facts)
{
	const struct go_process *process = facts->process;
	bool is_old = process->version.minor <= 19;
	struct str name = is_old ? STR("runtime.fingRunning") : STR("runtime.fingStatus");
	uint64_t value = number_of(process, name, is_old ? 1 : 4);

	facts->knows_finalizer = go_process_find(process, name) != 0;
	facts->finalizer_runs = is_old ? value != 0 : (value & FING_RUNNING) != 0;
}

// What the finalizer goroutine waits for while it has nothing to do.
static bool waits_for_finalizers(const struct goroutine_facts *facts,
				 const struct goroutine *goroutine)
{
	return str_equal(goroutine_facts_state(facts, goroutine), STR("finalizer wait"));
}

static bool shows_labels(const struct go_process *process)
{
	int32_t field = process->layout->debug.tracebacklabels;
	uint64_t debug = go_process_find(process, STR("runtime.debug"));

	return field != GO_ABSENT && debug != 0 &&
	       go_process_read_number(process, debug + (uint64_t)field, 4) == 1;
}

// A core file does not tell its time; the runtime has looked at the clock shortly before.
static int64_t last_time(const struct go_process *process)
{
	const struct go_layout *l = process->layout;
	uint64_t sched = go_process_find(process, STR("runtime.sched"));
	uint64_t stats = go_process_find(process, STR("runtime.memstats"));
	uint64_t last = 0, gc = 0;

	if (sched != 0)
		last = go_process_read_number(process,
					      sched + (uint64_t)l->sched.lastpoll, 8);
	if (stats != 0)
		gc = go_process_read_number(
			process, stats + (uint64_t)l->memstats.last_gc_nanotime, 8);
	return (int64_t)(last > gc ? last : gc);
}

void goroutine_facts_read(struct go_process *process, struct goroutine_facts *out)
{
	*out = (struct goroutine_facts){ .process = process };
	read_reasons(out);
	out->shows_labels = shows_labels(process);
	goroutine_facts_refresh(out);
}

void goroutine_facts_refresh(struct goroutine_facts *facts)
{
	const struct go_process *process = facts->process;

	read_finalizer(facts);
	facts->now_ns = process->core == NULL ? clock_now_ns() : last_time(process);
}

void goroutine_facts_deinit(struct goroutine_facts *facts)
{
	arena_deinit(&facts->arena);
}

bool goroutine_facts_is_system(const struct goroutine_facts *facts,
			       const struct goroutine *goroutine)
{
	enum go_role role;
	struct str name =
		go_code_function(facts->process->code, goroutine->start_pc, &role);

	switch (role) {
	case GO_ROLE_MAIN:
	case GO_ROLE_COROSTART:
	case GO_ROLE_HANDLE_ASYNC_EVENT:
		return false;
	case GO_ROLE_RUN_FINALIZERS:
		return facts->knows_finalizer ? !facts->finalizer_runs
					      : waits_for_finalizers(facts, goroutine);
	case GO_ROLE_RUN_CLEANUPS:
		return !goroutine->runs_cleanups;
	case GO_ROLE_NONE:
	case GO_ROLE_GOPANIC:
	case GO_ROLE_SIGPANIC:
	case GO_ROLE_PANICWRAP:
	case GO_ROLE_CGOCALLBACK:
	case GO_ROLE_ASYNC_PREEMPT:
	case GO_ROLE_DEBUG_CALL:
	case GO_ROLE_SYSTEMSTACK:
	case GO_ROLE_MORESTACK:
	case GO_ROLE_MCALL:
	case GO_ROLE_GOEXIT:
		break;
	}
	return str_starts_with(name, STR("runtime."));
}

struct str goroutine_facts_state(const struct goroutine_facts *facts,
				 const struct goroutine *goroutine)
{
	bool has_reason = goroutine->wait_reason != 0 &&
			  goroutine->wait_reason < GOROUTINE_REASONS &&
			  facts->reasons[goroutine->wait_reason].n > 0;

	switch ((enum goroutine_status)goroutine->status) {
	case GOROUTINE_IDLE:
		return STR("idle");
	case GOROUTINE_RUNNABLE:
		return STR("runnable");
	case GOROUTINE_RUNNING:
		return STR("running");
	case GOROUTINE_SYSCALL:
		return STR("syscall");
	case GOROUTINE_WAITING:
		return has_reason ? facts->reasons[goroutine->wait_reason]
				  : STR("waiting");
	case GOROUTINE_DEAD:
		return STR("dead");
	case GOROUTINE_COPYSTACK:
		return STR("copystack");
	case GOROUTINE_PREEMPTED:
		return STR("preempted");
	case GOROUTINE_LEAKED:
		return has_reason ? facts->reasons[goroutine->wait_reason]
				  : STR("leaked");
	case GOROUTINE_DEAD_EXTRA:
		return STR("waiting for cgo callback");
	}
	return STR("???");
}

int64_t goroutine_facts_wait_ns(const struct goroutine_facts *facts,
				const struct goroutine *goroutine)
{
	bool is_blocked = goroutine->status == GOROUTINE_WAITING ||
			  goroutine->status == GOROUTINE_SYSCALL;
	int64_t since = goroutine->wait_since_ns;

	return is_blocked && since > 0 && since < facts->now_ns ? facts->now_ns - since
								: 0;
}
