// Timers, the signal handler, and what turns them on and off.
#include "recorder/cpu.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/pages.h"
#include "base/str.h"
#include "recorder/capture.h"
#include "recorder/directory.h"
#include "recorder/profile_signal.h"
#include "recorder/serve_thread.h"
#include "recorder/state.h"
#include "recorder/thread.h"
#include "recorder/walker.h"
#include "unwind/unwind.h"

enum {
	TIMERS = 16384,
	// A thread's timer is within so many places of where its id hashes to.
	NEIGHBOURS = 64,
	NS_A_SECOND = 1000000000,
};

// tid 0: free. The timer is the kernel's id + 1, 0 while it is being made. It is due at
// first_ns of the thread's CPU time and every period from then on; `periods` of them have
// been seen, the last in the bucket of that id. Signals carry a pointer to it.
struct cpu_timer {
	_Atomic uint32_t tid;
	_Atomic uint32_t timer;
	_Atomic uint64_t first_ns, period_ns;
	_Atomic uint64_t periods;
	_Atomic uint32_t bucket;
};

struct cpu_timers {
	struct cpu_timer timers[TIMERS];
};

static struct cpu_timers *pool(void)
{
	return atomic_load_explicit(&recorder.cpu_timers, memory_order_acquire);
}

// Our timer behind a signal; NULL where it is the program's.
static struct cpu_timer *timer_of(const siginfo_t *info)
{
	uintptr_t at = (uintptr_t)info->si_value.sival_ptr;
	uintptr_t offset = at - (uintptr_t)pool();

	if (info->si_code != SI_TIMER || pool() == NULL ||
	    offset >= sizeof(struct cpu_timers) || offset % sizeof(struct cpu_timer) != 0)
		return NULL;
	return (struct cpu_timer *)at;
}

static uint32_t own_tid(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

// The kernel's clock of a thread's CPU time, which no function of libc gives for a thread
// that is known by its id alone. Source: include/linux/posix-timers.h.
static clockid_t clock_of(uint32_t tid)
{
	enum { PER_THREAD = 4, SCHED = 2 };

	return (clockid_t)(~tid << 3 | PER_THREAD | SCHED);
}

static uint64_t cpu_time_ns(uint32_t tid)
{
	struct timespec now = { 0 };

	syscall(SYS_clock_gettime, clock_of(tid), &now);
	return (uint64_t)now.tv_sec * NS_A_SECOND + (uint64_t)now.tv_nsec;
}

static struct timespec to_timespec(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / NS_A_SECOND), (long)(ns % NS_A_SECOND) };
}

// The first signal comes after a random part of the period: a thread that lives for less
// is then sampled as often as it deserves.
static void arm(struct cpu_timer *timer, uint32_t tid, int id, uint64_t hz)
{
	uint64_t period = NS_A_SECOND / hz;
	struct itimerspec spec = { .it_interval = to_timespec(period) };

	timer->period_ns = period;
	timer->first_ns = cpu_time_ns(tid) + thread_random() % period + 1;
	spec.it_value = to_timespec(timer->first_ns);
	atomic_store(&timer->periods, 0);
	atomic_store(&timer->bucket, 0);
	// Now the signals of the timer are ours.
	atomic_store(&timer->timer, (uint32_t)id + 1);
	syscall(SYS_timer_settime, id, TIMER_ABSTIME, &spec, NULL);
}

static struct cpu_timer *find(uint32_t tid)
{
	struct cpu_timer *timers = pool()->timers;
	uint32_t first = tid * 0x9e3779b1u >> 18;

	for (uint32_t i = 0; i < NEIGHBOURS; i++) {
		if (atomic_load(&timers[(first + i) % TIMERS].tid) == tid)
			return &timers[(first + i) % TIMERS];
	}
	return NULL;
}

// NULL when there is no room, or when somebody else claims a place for the same thread:
// of two, whose place find comes to first has it.
static struct cpu_timer *claim(uint32_t tid)
{
	struct cpu_timer *timers = pool()->timers;
	uint32_t first = tid * 0x9e3779b1u >> 18;

	for (uint32_t i = 0; i < NEIGHBOURS; i++) {
		struct cpu_timer *timer = &timers[(first + i) % TIMERS];
		uint32_t nobody = 0;

		if (!atomic_compare_exchange_strong(&timer->tid, &nobody, tid))
			continue;
		if (find(tid) == timer)
			return timer;
		atomic_store(&timer->tid, 0);
		return NULL;
	}
	capture_lose(RECORDING_CPU, 1);
	return NULL;
}

static void count(struct recording_bucket *bucket, uint64_t periods, uint64_t period_ns)
{
	capture_count(bucket, 0, periods);
	capture_count(bucket, 1, periods * period_ns);
}

// Such timers go off at ticks of the kernel that find the thread running. What it has
// used since the last one counts where it was seen then.
static void settle(struct cpu_timer *timer, uint32_t tid)
{
	uint64_t now = cpu_time_ns(tid);
	uint64_t due = now < timer->first_ns
			       ? 0
			       : (now - timer->first_ns) / timer->period_ns + 1;
	uint64_t periods = atomic_load(&timer->periods);
	const struct recording_bucket *bucket = recording_at(
		state_recording(), atomic_load(&timer->bucket), RECORDING_CPU);

	if (due > periods && bucket != NULL)
		count((struct recording_bucket *)(uintptr_t)bucket, due - periods,
		      timer->period_ns);
	else if (due > periods)
		capture_lose(RECORDING_CPU, due - periods);
}

static void delete_timer(struct cpu_timer *timer)
{
	uint32_t id = atomic_exchange(&timer->timer, 0);

	if (id != 0) {
		syscall(SYS_timer_delete, (int)id - 1);
		settle(timer, atomic_load(&timer->tid));
	}
	atomic_store(&timer->tid, 0);
}

// Of a thread that is gone.
static void drop_timer(struct cpu_timer *timer)
{
	uint32_t id = atomic_exchange(&timer->timer, 0);

	if (id != 0)
		syscall(SYS_timer_delete, (int)id - 1);
	atomic_store(&timer->tid, 0);
}

static void begin_thread(uint32_t tid, uint64_t hz)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID,
				  .sigev_signo = recorder.signal };
	struct cpu_timer *timer = claim(tid);
	int id;

	if (timer == NULL)
		return;
	event.sigev_value.sival_ptr = timer;
	event._sigev_un._tid = (int)tid;
	if (syscall(SYS_timer_create, clock_of(tid), &event, &id) != 0) {
		// It has ended, which is no loss.
		atomic_store(&timer->tid, 0);
		return;
	}
	arm(timer, tid, id, hz);
}

void cpu_thread_begin(void)
{
	uint64_t hz = atomic_load(&recorder.cpu_hz);
	struct cpu_timer *stale;
	int errnum = errno;

	if (hz != 0 && pool() != NULL) {
		uint32_t tid = own_tid();

		// Of a thread that had the same id, or by cpu_set_rate just now.
		stale = find(tid);
		if (stale != NULL)
			drop_timer(stale);
		begin_thread(tid, hz);
	}
	errno = errnum;
}

void cpu_thread_end(void)
{
	struct cpu_timer *timer = pool() == NULL ? NULL : find(own_tid());

	if (timer != NULL)
		delete_timer(timer);
}

static void take_sample(struct cpu_timer *timer, const siginfo_t *info,
			const void *context)
{
	uint64_t periods = 1 + (uint64_t)(info->si_overrun > 0 ? info->si_overrun : 0);
	struct unwind_registers registers = walker_interrupted(context);
	struct recording_bucket *bucket;

	bucket = capture_stack(RECORDING_CPU, 0, &registers, periods);
	atomic_fetch_add_explicit(&timer->periods, periods, memory_order_relaxed);
	if (bucket == NULL)
		return;
	count(bucket, periods, timer->period_ns);
	// Release pairs with the load in settle: it reads the bucket.
	atomic_store_explicit(&timer->bucket, recording_id(state_recording(), bucket),
			      memory_order_release);
}

bool cpu_is_signal(const siginfo_t *info)
{
	return timer_of(info) != NULL;
}

bool cpu_take_signal(const siginfo_t *info, const void *context)
{
	struct cpu_timer *timer = timer_of(info);

	if (timer == NULL)
		return false;
	// Else it came too late.
	if (atomic_load(&timer->timer) != 0)
		take_sample(timer, info, context);
	return true;
}

static void begin_listed(void *hz, const char *name)
{
	uint64_t tid;

	if (str_to_u64(str_from(name), 10, &tid) && !serve_thread_is((int)tid) &&
	    find((uint32_t)tid) == NULL)
		begin_thread((uint32_t)tid, *(uint64_t *)hz);
}

static void stop_timers(void)
{
	for (size_t i = 0; pool() != NULL && i < TIMERS; i++) {
		if (atomic_load(&pool()->timers[i].tid) != 0)
			delete_timer(&pool()->timers[i]);
	}
}

static void clear(struct recording *recording, uint64_t hz)
{
	struct recording_state *state = &recording->states[RECORDING_CPU];
	const struct recording_bucket *bucket;
	uint64_t cursor = 0;

	while ((bucket = recording_next(recording, RECORDING_CPU, &cursor)) != NULL) {
		struct recording_bucket *cleared =
			(struct recording_bucket *)(uintptr_t)bucket;

		atomic_store(&cleared->events[0], 0);
		atomic_store(&cleared->events[1], 0);
	}
	atomic_store(&state->lost, 0);
	atomic_store(&state->period, hz);
	atomic_store(&state->started_ns, state_now_ns());
	atomic_store(&state->stopped_ns, 0);
}

static bool map_pool(void)
{
	if (pool() == NULL)
		atomic_store(&recorder.cpu_timers, pages_map(sizeof(struct cpu_timers)));
	return pool() != NULL;
}

static bool start(uint64_t hz)
{
	if (!state_begin() || !map_pool() || !profile_signal_install())
		return false;
	clear(state_recording(), hz);
	// First the rate, then the list: a thread that starts in between is in one of
	// both.
	atomic_store(&recorder.cpu_hz, hz);
	return directory_list("/proc/self/task", begin_listed, &hz);
}

bool cpu_set_rate(uint64_t hz)
{
	enum { HZ_MAX = 20000 };
	struct recording *recording = state_recording();

	if (atomic_exchange(&recorder.cpu_hz, 0) != 0) {
		stop_timers();
		atomic_store(&recording->states[RECORDING_CPU].stopped_ns,
			     state_now_ns());
	}
	return hz == 0 || start(hz > HZ_MAX ? HZ_MAX : hz);
}

void cpu_finish(void)
{
	if (atomic_load(&recorder.cpu_hz) != 0)
		stop_timers();
}

static void change_mask(int how, const uint64_t *mask, uint64_t *old)
{
	syscall(SYS_rt_sigprocmask, how, mask, old, sizeof(*mask));
}

void cpu_before_fork(void)
{
	const uint64_t mask = (uint64_t)1 << (recorder.signal - 1);
	uint64_t old;

	if (atomic_load(&recorder.cpu_hz) == 0)
		return;
	change_mask(SIG_BLOCK, &mask, &old);
	thread_state.fork_mask = mask & ~old;
}

void cpu_after_fork(void)
{
	if (thread_state.fork_mask != 0)
		change_mask(SIG_UNBLOCK, &thread_state.fork_mask, NULL);
	thread_state.fork_mask = 0;
}

void cpu_reset_child(void)
{
	uint64_t hz = atomic_exchange(&recorder.cpu_hz, 0);

	if (pool() != NULL)
		memset(pool(), 0, sizeof(struct cpu_timers));
	if (hz != 0)
		cpu_set_rate(hz);
}
