// Which functions belong to the profiler or allocator rather than to the program.
#include "profile/legacy_drop.h"

#include "profile/profile.h"

// Alternatives of a regular expression for whole names, as drop_frames has them. They are
// pprof's, so that the same frames go.
static const char allocators[] =
	"calloc|cfree|malloc|free|memalign|do_memalign|(__)?posix_memalign|pvalloc|"
	"valloc|realloc|tcmalloc::.*|tc_calloc|tc_cfree|tc_malloc|tc_free|tc_memalign|"
	"tc_posix_memalign|tc_pvalloc|tc_valloc|tc_realloc|tc_new|tc_delete|tc_newarray|"
	"tc_deletearray|tc_new_nothrow|tc_newarray_nothrow|malloc_zone_malloc|"
	"malloc_zone_calloc|malloc_zone_valloc|malloc_zone_realloc|malloc_zone_memalign|"
	"malloc_zone_free|runtime\\..*|BaseArena::.*|(::)?do_malloc_no_errno|"
	"(::)?do_malloc_pages|(::)?do_malloc|DoSampledAllocation|"
	"MallocedMemBlock::MallocedMemBlock|_M_allocate|__builtin_(vec_)?delete|"
	"__builtin_(vec_)?new|__gnu_cxx::new_allocator::allocate|__libc_malloc|"
	"__malloc_alloc_template::allocate|allocate|cpp_alloc|operator new(\\[\\])?|"
	"simple_alloc::allocate";

static const char kept_of_go[] = "runtime\\.panic|runtime\\.reflectcall|"
				 "runtime\\.call[0-9]*";

static const char locks[] =
	"RecordLockProfileData|(base::)?RecordLockProfileData.*|"
	"(base::)?SubmitMutexProfileData.*|(base::)?SubmitSpinLockProfileData.*|"
	"(base::Mutex::)?AwaitCommon.*|(base::Mutex::)?Unlock.*|"
	"(base::Mutex::)?UnlockSlow.*|(base::Mutex::)?ReaderUnlock.*|"
	"(base::MutexLock::)?~MutexLock.*|(Mutex::)?AwaitCommon.*|(Mutex::)?Unlock.*|"
	"(Mutex::)?UnlockSlow.*|(Mutex::)?ReaderUnlock.*|(MutexLock::)?~MutexLock.*|"
	"(SpinLock::)?Unlock.*|(SpinLock::)?SlowUnlock.*|(SpinLockHolder::)?~"
	"SpinLockHolder.*";

static const char profilers[] = "ProfileData::Add|ProfileData::prof_handler|"
				"CpuProfiler::prof_handler|__pthread_sighandler|"
				"__restore";

struct drop_rule {
	const char *types; // by space
	const char *drop, *keep;
};

static const struct drop_rule rules[] = {
	{ "allocations size", allocators, kept_of_go },
	{ "objects space", allocators, kept_of_go },
	{ "inuse_objects inuse_space", allocators, kept_of_go },
	{ "alloc_objects alloc_space", allocators, kept_of_go },
	{ "alloc_objects alloc_space inuse_objects inuse_space", allocators, kept_of_go },
	{ "contentions delay", locks, "" },
};

static bool has_types(const struct profile *profile, struct str types)
{
	struct str type;
	size_t i = 0;

	while (str_cut(&types, ' ', &type)) {
		if (i == profile->type_count ||
		    !str_equal(profile_string(profile, profile->types[i].type), type))
			return false;
		i++;
	}
	return i == profile->type_count;
}

void legacy_drop_frames(struct profile *profile)
{
	const char *drop = profilers, *keep = "";

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (has_types(profile, str_from(rules[i].types))) {
			drop = rules[i].drop;
			keep = rules[i].keep;
		}
	}
	profile->drop_frames = profile_intern(profile, str_from(drop));
	profile->keep_frames = profile_intern(profile, str_from(keep));
}
