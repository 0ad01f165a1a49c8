// Where recordings live: in a place on the board that `goprof run` made, or in pages of
// this process alone.
#include "recorder/state.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/pages.h"
#include "profile/recording.h"
#include "recorder/modules.h"
#include "recorder/walker.h"

struct recorder recorder = {
	.allocator = { allocator_first_malloc, allocator_first_free,
		       allocator_first_calloc, allocator_first_realloc,
		       allocator_first_memalign, allocator_first_posix_memalign,
		       allocator_first_aligned_alloc, allocator_first_valloc,
		       allocator_first_pvalloc },
	.mutex_calls = { mutex_hooks_first_lock, mutex_hooks_first_unlock },
	.wait_next = { .pthread_rwlock_unlock = wait_next_first_rwlock_unlock,
		       .mtx_unlock = wait_next_first_mtx_unlock,
		       .syscall = wait_next_first_syscall },
	.signal = SIGPROF,
	.begin_lock = ATOMIC_FLAG_INIT,
	.serve_lock = ATOMIC_FLAG_INIT,
};

uint64_t state_now_ns(void)
{
	return (uint64_t)clock_date_ns();
}

// The descriptor is open only here: programs close what they do not know.
static struct recording *claim(int fd)
{
	struct stat status;
	struct recording_board *board = mmap(NULL, RECORDING_BOARD_SIZE,
					     PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	struct recording *recording = NULL;

	if (board == MAP_FAILED)
		return NULL;
	if (fstat(fd, &status) == 0 &&
	    recording_board_is_valid(board, (uint64_t)status.st_size)) {
		size_t size = board->recording_size;
		uint32_t place = atomic_fetch_add(&board->claimed, 1);
		off_t at = RECORDING_BOARD_SIZE + (off_t)(place * size);

		if (place < board->count)
			recording = mmap(NULL, size, PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_NORESERVE, fd, at);
		if (recording == MAP_FAILED)
			recording = NULL;
		if (recording != NULL)
			recording_init(recording, size);
	}
	munmap(board, RECORDING_BOARD_SIZE);
	return recording;
}

static struct recording *from_board(struct str path)
{
	char terminated[256];
	struct recording *recording;
	int fd;

	if (path.n == 0 || path.n >= sizeof(terminated))
		return NULL;
	memcpy(terminated, path.p, path.n);
	terminated[path.n] = '\0';
	fd = open(terminated, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	recording = claim(fd);
	close(fd);
	return recording;
}

static struct recording *map_recording(void)
{
	struct recording *recording = from_board(recorder.settings.board);
	size_t size = recorder.settings.memory & ~(uint64_t)4095;

	if (recording == NULL) {
		recording = pages_map(size);
		if (recording != NULL)
			recording_init(recording, size);
	}
	return recording;
}

void state_describe(struct recording *recording)
{
	char path[1024];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path));

	if (length > 0)
		recording->program = recording_add_text(
			recording, (struct str){ path, (size_t)length });
}

static void publish(struct recording *recording)
{
	state_describe(recording);
	atomic_store_explicit(&recorder.recording, recording, memory_order_release);
	modules_record();
	// Whoever finds a pid finds the rest complete.
	atomic_store_explicit(&recording->pid, (uint32_t)getpid(), memory_order_release);
}

bool state_begin(void)
{
	struct recording *recording;

	while (atomic_flag_test_and_set_explicit(&recorder.begin_lock,
						 memory_order_acquire))
		;
	recording = state_recording();
	if (recording == NULL && walker_init() && modules_init()) {
		recording = map_recording();
		if (recording != NULL)
			publish(recording);
	}
	atomic_flag_clear_explicit(&recorder.begin_lock, memory_order_release);
	return recording != NULL;
}

bool state_begin_child(void)
{
	struct recording *recording = map_recording();

	// Nothing more of ours goes into the parent's.
	atomic_store(&recorder.trace, NULL);
	atomic_flag_clear(&recorder.begin_lock);
	if (recording != NULL)
		publish(recording);
	else
		atomic_store(&recorder.recording, NULL);
	return recording != NULL;
}
