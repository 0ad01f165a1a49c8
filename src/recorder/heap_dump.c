// Stop, copy, go on: the rest happens in the copy, where nothing changes any more.
#include "recorder/heap_dump.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/pages.h"
#include "recorder/dump_content.h"
#include "recorder/heap_blocks.h"
#include "recorder/state.h"
#include "recorder/thread.h"
#include "recorder/world.h"
#include "recorder/write.h"

// In the copy. Its exit status is an errno, so that the parent can say what failed.
static __attribute__((noreturn)) void write_and_exit(int fd, struct dump_content *content)
{
	int errnum = dump_content_write(fd, content);

	for (;;)
		syscall(SYS_exit_group, errnum);
}

static bool wait_for_copy(int copy, struct error *err)
{
	int status;

	while (waitpid(copy, &status, __WALL) < 0) {
		if (errno != EINTR)
			return error_set_errno(err, errno, "waiting for the heap dump");
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	return error_set_errno(err, WIFEXITED(status) ? WEXITSTATUS(status) : EIO,
			       "writing the heap dump");
}

static int copy_process(int fd, struct dump_content *content)
{
	long copy = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);

	if (copy == 0)
		write_and_exit(fd, content);
	return (int)copy;
}

// The locks of the table are taken before the threads are stopped, so that none of them
// stands in the middle of changing it.
static bool stop_and_copy(int fd, struct dump_content *content, int *copy,
			  struct error *err)
{
	uint64_t start = (uint64_t)clock_now_ns();

	heap_blocks_lock();
	world_stop(content->world);
	*copy = copy_process(fd, content);
	world_resume(content->world);
	heap_blocks_unlock();
	atomic_store(&content->shared->pause_ns, (uint64_t)clock_now_ns() - start);
	return *copy > 0 ||
	       error_set_errno(err, errno, "copying the process for its heap dump");
}

static bool take(int fd, struct dump_content *content, struct error *err)
{
	sigset_t all, before;
	bool is_copied;
	int copy = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	is_copied = stop_and_copy(fd, content, &copy, err);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return is_copied && wait_for_copy(copy, err);
}

static bool check(struct error *err)
{
	if (state_recording() == NULL || atomic_load(&recorder.heap_rate) != 1)
		return error_set(err, ERROR_UNSUPPORTED,
				 "not every block is known: a heap dump wants the heap "
				 "profile at rate 1 from the start: GOPROF=heap=1, or "
				 "goprof run --memprofilerate 1");
	return true;
}

static bool prepare(struct dump_content *content, enum heap_dump_form form, uint64_t sp,
		    struct error *err)
{
	*content = (struct dump_content){ .form = form,
					  .sp = sp,
					  .world = pages_map(sizeof(struct world)) };
	content->shared = mmap(NULL, sizeof(*content->shared), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (content->world != NULL && content->shared != MAP_FAILED)
		return true;
	pages_unmap(content->world, sizeof(*content->world));
	return error_set(err, ERROR_SYSTEM, "no memory for a heap dump");
}

bool heap_dump_write(int fd, enum heap_dump_form form, uint64_t sp, struct error *err)
{
	bool was_inside = thread_state.is_inside, is_taken;
	struct dump_content content;
	int errnum = errno;

	if (!check(err) || !prepare(&content, form, sp, err))
		return false;
	while (atomic_flag_test_and_set_explicit(&recorder.dump_lock,
						 memory_order_acquire))
		sched_yield();
	thread_state.is_inside = true;
	is_taken = take(fd, &content, err);
	thread_state.is_inside = was_inside;
	atomic_flag_clear_explicit(&recorder.dump_lock, memory_order_release);
	munmap(content.shared, sizeof(*content.shared));
	pages_unmap(content.world, sizeof(*content.world));
	errno = errnum;
	return is_taken;
}

struct request {
	enum heap_dump_form form;
	uint64_t sp;
};

static bool write_dump(int fd, const void *context, struct error *err)
{
	const struct request *request = context;

	return heap_dump_write(fd, request->form, request->sp, err);
}

bool heap_dump_write_file(struct str path, enum heap_dump_form form, uint64_t sp,
			  struct error *err)
{
	const struct request request = { form, sp };

	return check(err) && write_file(path, write_dump, &request, err);
}
