/*
 * libgoprof: Go's profilers for C and C++ programs.
 *
 * Link with -lgoprof, or preload libgoprof.so into a program that knows nothing of it.
 * Nothing runs until it is asked for: by these functions, by `goprof run`, or by the
 * environment variable GOPROF ("cpu=100,heap=512k"; see docs/recorder.md).
 *
 * All functions may be called by any thread at any time after main has begun; none may be
 * called from a signal handler. Those that return int return 0, or -1 with errno set.
 * None of them uses the program's heap.
 *
 * Profiles are known by the names of Go's runtime/pprof:
 *
 *   profile       where CPU time is spent; the rate is samples a second of CPU time
 *   heap          live memory by where it was allocated; the rate is the mean number of
 *                 bytes from one sample to the next: 524288 is Go's choice, 1 is all
 *   allocs        the same data, of all memory ever allocated
 *   block         where threads wait for locks, conditions and each other; the rate
 *                 is the mean number of nanoseconds of waiting from one sample to the
 *                 next, as of runtime.SetBlockProfileRate: 1 is all
 *   mutex         who held the locks that others waited for; one in `rate` contended
 *                 unlocks is sampled, as of runtime.SetMutexProfileFraction: 1 is all
 *   threadcreate  where threads were created
 *   threads       where all threads are now and what they wait for, as labels; also as
 *                 goroutine, its name in Go. No thread is stopped or signalled for it
 *
 * and those that goprof_profile_new makes. They are written as gzipped profile.proto,
 * which goprof, `go tool pprof` and others read.
 */
#ifndef GOPROF_H
#define GOPROF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GOPROF_API __attribute__((visibility("default")))

/*
 * Starts the CPU profile at `hz` samples a second of CPU time (0: 100) for all threads.
 * EBUSY: it is running already.
 */
GOPROF_API int goprof_start_cpu_profile(unsigned hz);

/*
 * Stops it and writes it to a file or an open descriptor; NULL or -1 writes nothing, and
 * the profile can be written later, until the next start. EINVAL: it was not running.
 */
GOPROF_API int goprof_stop_cpu_profile(const char *path);
GOPROF_API int goprof_stop_cpu_profile_fd(int fd);

/*
 * Writes a profile as it is now. A file appears complete or not at all. ENOENT: nothing
 * has been profiled yet.
 */
GOPROF_API int goprof_write_profile(const char *name, const char *path);
GOPROF_API int goprof_write_profile_fd(const char *name, int fd);

/*
 * Writes a heap dump: every live block with its contents and where it was allocated, and
 * all memory that may point to it; for goprof heapdump to read. All other threads stand
 * still for a moment, in which the process is copied; the copy writes the dump, and this
 * call waits for it. ENOTSUP: not every block is known, because the heap profile does not
 * run at rate 1. Turn it on before anything is allocated: GOPROF=heap=1.
 */
GOPROF_API int goprof_write_heapdump(int fd);

/*
 * Serves the endpoints of Go's net/http/pprof, /debug/pprof/..., from a thread of its
 * own: "127.0.0.1:6060", or "unix:PATH" for the owner alone. EINVAL: it listens already,
 * or that is no address; EACCES, EIO: the system refuses it.
 */
GOPROF_API int goprof_listen(const char *address);

/*
 * Turns a profile on, changes its rate, or turns it off with 0. ENOENT: there is none of
 * that name, or it has no rate.
 */
GOPROF_API int goprof_set_rate(const char *name, uint64_t rate);

/*
 * Labels on the calling thread: samples taken from now on carry them, as those of Go's
 * pprof.Do do. Labels nest; the newest value of a key counts. Keys and values are copied.
 * Up to 32 at a time (ENOSPC). goprof_label_pop takes off the newest one; without any it
 * does nothing. New threads start without labels.
 */
GOPROF_API int goprof_label_push(const char *key, const char *value);
GOPROF_API void goprof_label_pop(void);

/*
 * Profiles of one's own, as pprof.NewProfile: places in the program that hold something
 * which add has been called for and remove has not. `value` tells them apart; it is never
 * looked into. add replaces an earlier one of the same value. Profiles are never freed;
 * the same name gives the same profile. NULL: no memory.
 */
struct goprof_profile;
GOPROF_API struct goprof_profile *goprof_profile_new(const char *name);
GOPROF_API int goprof_profile_add(struct goprof_profile *profile, const void *value);
GOPROF_API void goprof_profile_remove(struct goprof_profile *profile, const void *value);

/*
 * What is known of the process's memory, in bytes. Heap figures are estimates from the
 * samples of the heap profile, exact at rate 1, and 0 without one; they count since the
 * profile was turned on.
 */
struct goprof_memory_stats {
	uint64_t heap_alloc;    /* live blocks */
	uint64_t heap_objects;  /* how many they are */
	uint64_t total_alloc;   /* allocated ever */
	uint64_t total_objects; /* how many those were */
	uint64_t resident;      /* of the whole process, by the kernel */
	uint64_t peak_resident;
	uint64_t recorder;     /* taken by the recorder's own tables */
	uint64_t samples_lost; /* for lack of room in them */
};

GOPROF_API int goprof_memory_stats(struct goprof_memory_stats *stats);

/*
 * Go's MemStats as far as they have a meaning here, in bytes; docs/memory.md says where
 * each comes from. The heap is the allocator's: glibc's, jemalloc's or tcmalloc's. EIO:
 * the kernel does not tell.
 */
struct goprof_memstats {
	const char *allocator;  /* "glibc", "jemalloc", "tcmalloc", "unknown" */
	uint64_t heap_alloc;    /* in blocks that are in use; also Alloc */
	uint64_t heap_sys;      /* address space of the heap */
	uint64_t heap_inuse;    /* of that, what holds blocks */
	uint64_t heap_idle;     /* the rest */
	uint64_t heap_released; /* of the idle part, what was given back; 0 with glibc */
	uint64_t sys;           /* private writable memory of the process */
	uint64_t stack_sys;     /* of the main thread's stack */
	uint64_t resident;
	int is_counted;       /* the heap profile is on: else the next four are 0 */
	uint64_t total_alloc; /* as in struct goprof_memory_stats */
	uint64_t mallocs, frees, heap_objects;
	int has_collector;      /* libgc is there, and watched: else what follows is 0 */
	uint64_t gc_heap_alloc; /* in its blocks, garbage that it has not met included */
	uint64_t gc_heap_sys;   /* its heap; sys has it too, heap_sys does not */
	uint64_t gc_heap_released; /* of that, given back to the system */
	uint64_t gc_total_alloc;   /* allocated ever */
	uint64_t num_gc;           /* collections */
	uint64_t pause_total_ns;   /* for which they stopped the world */
	uint64_t last_pause_ns;
};

GOPROF_API int goprof_read_memstats(struct goprof_memstats *stats);

#ifdef __cplusplus
}
#endif

#endif
