// The tables of names and how names are matched with them.
#include "report/hint_match.h"

#include "test.h"

static enum hint_topic cpu_topic(const char *name)
{
	return hint_match_name(&hint_sets_cpu, str_from(name), false);
}

TEST(topics_of_go)
{
	CHECK_INT(cpu_topic("runtime.mallocgc"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("runtime.mallocgcTiny"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("runtime.gcBgMarkWorker.func2"), HINT_COLLECTION);
	CHECK_INT(cpu_topic("sync.(*Mutex).lockSlow"), HINT_SYNCHRONIZATION);
	CHECK_INT(cpu_topic("runtime.findRunnable"), HINT_SCHEDULER);
	CHECK_INT(cpu_topic("internal/runtime/syscall.Syscall6"), HINT_SYSTEM_CALLS);
	CHECK_INT(cpu_topic("runtime.mapassign_faststr"), HINT_HASHING);
	CHECK_INT(cpu_topic("compress/flate.(*compressor).deflate"), HINT_COMPRESSION);
	CHECK_INT(cpu_topic("main.mallocgc"), HINT_NO_TOPIC);
}

// They run what their caller gives them, which is the program's own work.
TEST(no_topic_for_what_calls_back)
{
	CHECK_INT(cpu_topic("sync.(*Once).doSlow"), HINT_NO_TOPIC);
	CHECK_INT(cpu_topic("sync.(*WaitGroup).Go.func1"), HINT_NO_TOPIC);
	CHECK_INT(cpu_topic("pthread_once"), HINT_NO_TOPIC);
	CHECK_INT(cpu_topic("qsort"), HINT_NO_TOPIC);
}

TEST(topics_of_native_libraries)
{
	CHECK_INT(cpu_topic("_int_malloc"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("__libc_malloc"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("__GI___libc_free"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("malloc@plt"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("je_arena_malloc_hard"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("tcmalloc::CentralFreeList::Populate"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("_mi_page_malloc"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("operator new(unsigned long)"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("alloc::raw_vec::finish_grow"), HINT_ALLOCATION);
	CHECK_INT(cpu_topic("__memmove_avx_unaligned_erms"), HINT_COPYING);
	CHECK_INT(cpu_topic("___pthread_mutex_lock"), HINT_SYNCHRONIZATION);
	CHECK_INT(cpu_topic("malloc_my_things"), HINT_NO_TOPIC);
	CHECK_INT(cpu_topic("reader"), HINT_NO_TOPIC);
	CHECK_INT(cpu_topic(""), HINT_NO_TOPIC);
	CHECK_INT(cpu_topic("_"), HINT_NO_TOPIC);
}

TEST(kernel_names_count_in_kernel_frames_only)
{
	struct str fault = STR("asm_exc_page_fault"), schedule = STR("schedule");

	CHECK_INT(hint_match_name(&hint_sets_cpu, fault, true), HINT_PAGE_FAULTS);
	CHECK_INT(hint_match_name(&hint_sets_cpu, fault, false), HINT_NO_TOPIC);
	CHECK_INT(hint_match_name(&hint_sets_cpu, schedule, true), HINT_SCHEDULER);
	CHECK_INT(hint_match_name(&hint_sets_cpu, schedule, false), HINT_NO_TOPIC);
}

TEST(star_behind_parenthesis_is_a_star)
{
	static const char *const names[] = { "a.(*T).f*z", NULL };
	static const struct hint_set set = { HINT_COPYING, "test", false, names };
	struct hint_set_list list = { &set, 1 };

	CHECK_INT(hint_match_name(&list, STR("a.(*T).fz"), false), HINT_COPYING);
	CHECK_INT(hint_match_name(&list, STR("a.(*T).fzz.z"), false), HINT_COPYING);
	CHECK_INT(hint_match_name(&list, STR("a.(xT).fz"), false), HINT_NO_TOPIC);
	CHECK_INT(hint_match_name(&list, STR("a.(*T).fzy"), false), HINT_NO_TOPIC);
}
