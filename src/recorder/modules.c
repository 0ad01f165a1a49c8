// A sorted array under a sequence lock. Writers are rare; readers never wait.
#include "recorder/modules.h"

#include <dlfcn.h>
#include <link.h>
#include <sched.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/pages.h"
#include "profile/recording.h"
#include "recorder/loaded.h"
#include "recorder/state.h"
#include "recorder/tracer.h"

enum { MODULES_MAX = 1024, PATH_SIZE = 512, RETIRED_MAX = 256, RECORDINGS = 2 };

// What is known of mapping i beyond what walks need.
struct module_identity {
	struct loaded_code code;
	uint32_t ids[RECORDINGS]; // of the module's bucket in each, 0: none
	char path[PATH_SIZE], build_id[LOADED_BUILD_ID_MAX + 1];
};

// Rules of a file that was unloaded, for when it comes back; they are of no other use,
// but somebody may still be reading them.
struct retired_table {
	char build_id[LOADED_BUILD_ID_MAX + 1];
	uint64_t size; // of the code
	const struct unwind_table *table;
};

struct module_map {
	struct retired_table retired[RETIRED_MAX];
	uint32_t retired_count;
	_Atomic uint32_t sequence;
	atomic_flag is_locked; // by a writer
	uint32_t count;
	struct unwind_mapping mappings[MODULES_MAX];
	struct module_identity identities[MODULES_MAX];
};

// The process's own, and that of the allocation trace; NULL where there is none.
static struct recording *recording_of(unsigned which)
{
	return which == 0 ? state_recording() : tracer_recording();
}

static struct module_map *map_of(void)
{
	return atomic_load_explicit(&recorder.modules, memory_order_acquire);
}

// Readers see an odd sequence, or a changed one when they are done.
static void begin_change(struct module_map *map)
{
	atomic_fetch_add_explicit(&map->sequence, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
}

static void end_change(struct module_map *map)
{
	atomic_fetch_add_explicit(&map->sequence, 1, memory_order_release);
}

struct modules_view modules_view(void)
{
	struct module_map *map = map_of();
	struct recording *recording = state_recording();
	struct modules_view view = { .sequence = 1 };

	if (map == NULL || recording == NULL)
		return view;
	// Acquire pairs with end_change.
	view.sequence = atomic_load_explicit(&map->sequence, memory_order_acquire);
	view.epoch = atomic_load_explicit(&recording->epoch, memory_order_relaxed);
	if (view.sequence % 2 == 0)
		view.space = (struct unwind_space){ map->mappings, map->count };
	return view;
}

bool modules_is_current(const struct modules_view *view)
{
	atomic_thread_fence(memory_order_acquire);
	return view->sequence % 2 == 0 &&
	       atomic_load_explicit(&map_of()->sequence, memory_order_relaxed) ==
		       view->sequence;
}

bool modules_is_own(uintptr_t address)
{
	// The linker's names for the ends of the section that all our code is in.
	extern const char __start_goprof_text[] __attribute__((visibility("hidden")));
	extern const char __stop_goprof_text[] __attribute__((visibility("hidden")));

	return address - (uintptr_t)__start_goprof_text <
	       (uintptr_t)__stop_goprof_text - (uintptr_t)__start_goprof_text;
}

static bool try_lock(struct module_map *map)
{
	return !atomic_flag_test_and_set_explicit(&map->is_locked, memory_order_acquire);
}

static void unlock(struct module_map *map)
{
	atomic_flag_clear_explicit(&map->is_locked, memory_order_release);
}

static size_t place_of(const struct module_map *map, uint64_t start)
{
	size_t low = 0, high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->mappings[middle].start < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_known(const struct module_map *map, const struct loaded_code *code)
{
	size_t at = place_of(map, code->start);

	return at < map->count && map->mappings[at].start == code->start &&
	       map->mappings[at].limit == code->limit;
}

// Whether addresses of a module belonged to another one before.
static bool reuses_addresses(struct recording *recording,
			     const struct recording_bucket *added)
{
	const struct recording_module *module =
		(const struct recording_module *)added->words;
	const struct recording_bucket *bucket;
	uint64_t cursor = 0;

	while ((bucket = recording_next(recording, RECORDING_MODULE, &cursor)) != NULL) {
		const struct recording_module *other =
			(const struct recording_module *)bucket->words;

		if (bucket != added && bucket->events[1] != 0 &&
		    other->start < module->limit && module->start < other->limit)
			return true;
	}
	return false;
}

// All is copied: the file may be unmapped at any time.
static void identify(const struct loaded_file *file, struct module_identity *out)
{
	struct str path = str_from(file->name);
	ssize_t length;

	loaded_build_id(file, out->build_id);
	if (path.n >= PATH_SIZE)
		path.n = PATH_SIZE - 1;
	memcpy(out->path, path.p, path.n);
	out->path[path.n] = '\0';
	if (path.n > 0)
		return;
	length = readlink("/proc/self/exe", out->path, PATH_SIZE - 1);
	out->path[length < 0 ? 0 : length] = '\0';
}

static struct recording_module describe(const struct module_identity *identity,
					struct recording *recording)
{
	return (struct recording_module){
		.start = identity->code.start,
		.limit = identity->code.limit,
		.offset = identity->code.offset,
		.path = recording_add_text(recording, str_from(identity->path)),
		.build_id = recording_add_text(recording, str_from(identity->build_id)),
	};
}

static uint32_t record_in(struct recording *recording,
			  const struct module_identity *identity)
{
	struct recording_module module = describe(identity, recording);
	struct recording_key key = {
		.kind = RECORDING_MODULE,
		.words = (const uint64_t *)&module,
		.count = sizeof(module) / sizeof(uint64_t),
	};
	struct recording_bucket *bucket;

	bucket = recording_add(recording, &key);
	if (bucket == NULL)
		return 0;
	// A module that comes back is as it was, unless another one was there meanwhile.
	if (bucket->events[0] != 0 && bucket->events[1] == 0)
		return recording_id(recording, bucket);
	if (reuses_addresses(recording, bucket))
		atomic_fetch_add(&recording->epoch, 1);
	if (bucket->events[0] == 0)
		atomic_store(&bucket->events[0], recording->epoch);
	atomic_store(&bucket->events[1], 0);
	return recording_id(recording, bucket);
}

static void record(struct module_identity *identity)
{
	for (unsigned i = 0; i < RECORDINGS; i++) {
		struct recording *recording = recording_of(i);

		identity->ids[i] = recording == NULL ? 0 : record_in(recording, identity);
	}
}

static void insert(struct module_map *map, struct unwind_mapping mapping,
		   struct module_identity identity)
{
	size_t at = place_of(map, mapping.start);
	size_t behind = map->count - at;

	begin_change(map);
	memmove(&map->mappings[at + 1], &map->mappings[at],
		behind * sizeof(map->mappings[0]));
	memmove(&map->identities[at + 1], &map->identities[at],
		behind * sizeof(map->identities[0]));
	map->mappings[at] = mapping;
	map->identities[at] = identity;
	map->count++;
	end_change(map);
}

static uint64_t size_of(const struct loaded_code *code)
{
	return code->limit - code->start;
}

static const struct unwind_table *find_retired(const struct module_map *map,
					       const struct module_identity *identity)
{
	for (size_t i = 0; i < RETIRED_MAX && i < map->retired_count; i++) {
		const struct retired_table *retired = &map->retired[i];

		if (retired->size == size_of(&identity->code) &&
		    strcmp(retired->build_id, identity->build_id) == 0)
			return retired->table;
	}
	return NULL;
}

static void retire(struct module_map *map, size_t at)
{
	const struct module_identity *identity = &map->identities[at];
	struct retired_table *retired = &map->retired[map->retired_count % RETIRED_MAX];

	if (identity->build_id[0] == '\0' || find_retired(map, identity) != NULL)
		return;
	memcpy(retired->build_id, identity->build_id, sizeof(retired->build_id));
	retired->size = size_of(&identity->code);
	retired->table = map->mappings[at].table;
	map->retired_count++;
}

static void record_end(const struct module_identity *identity)
{
	for (unsigned i = 0; i < RECORDINGS; i++) {
		struct recording *recording = recording_of(i);
		const struct recording_bucket *bucket =
			recording == NULL ? NULL
					  : recording_at(recording, identity->ids[i],
							 RECORDING_MODULE);

		if (bucket != NULL)
			atomic_store(&((struct recording_bucket *)(uintptr_t)bucket)
					      ->events[1],
				     recording->epoch);
	}
}

static void remove_at(struct module_map *map, size_t at)
{
	size_t behind = map->count - at - 1;

	record_end(&map->identities[at]);
	retire(map, at);
	begin_change(map);
	memmove(&map->mappings[at], &map->mappings[at + 1],
		behind * sizeof(map->mappings[0]));
	memmove(&map->identities[at], &map->identities[at + 1],
		behind * sizeof(map->identities[0]));
	map->count--;
	end_change(map);
}

// Whatever overlaps is gone: the loader says that this is there now.
static void remove_overlapping(struct module_map *map, const struct loaded_code *code)
{
	for (size_t i = map->count; i-- > 0;) {
		if (map->mappings[i].start < code->limit &&
		    code->start < map->mappings[i].limit)
			remove_at(map, i);
	}
}

static void add(struct module_map *map, const struct loaded_file *file)
{
	uint64_t entry = getauxval(AT_ENTRY);
	struct loaded_code code;
	struct module_identity identity = { 0 };
	const struct unwind_table *table;

	if (!loaded_find_code(file, &code) || is_known(map, &code))
		return;
	remove_overlapping(map, &code);
	if (map->count == MODULES_MAX)
		return;
	if (entry < code.start || entry >= code.limit)
		entry = 0;
	identity.code = code;
	identify(file, &identity);
	record(&identity);
	table = find_retired(map, &identity);
	if (table == NULL)
		table = loaded_compile(file, entry);
	insert(map, (struct unwind_mapping){ code.start, code.limit, file->bias, table },
	       identity);
}

static int add_listed(struct dl_phdr_info *info, size_t size, void *map)
{
	struct loaded_file file = { info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum,
				    info->dlpi_name };

	(void)size;
	add(map, &file);
	return 0;
}

void modules_refresh(void)
{
	struct module_map *map = map_of();

	if (map == NULL || !try_lock(map))
		return;
	dl_iterate_phdr(add_listed, map);
	unlock(map);
}

bool modules_init(void)
{
	struct module_map *map = map_of();

	if (map == NULL) {
		map = pages_map(sizeof(*map));
		if (map == NULL)
			return false;
		atomic_flag_clear(&map->is_locked);
		atomic_store_explicit(&recorder.modules, map, memory_order_release);
	}
	modules_refresh();
	return true;
}

bool modules_learn(uintptr_t address)
{
	struct module_map *map = map_of();
	struct dl_find_object found;
	struct loaded_file file;
	size_t count;

	if (map == NULL || !try_lock(map))
		return false;
	count = map->count;
	if (_dl_find_object((void *)address, &found) == 0 &&
	    found.dlfo_link_map != NULL &&
	    loaded_from_page((uintptr_t)found.dlfo_map_start, found.dlfo_link_map->l_addr,
			     found.dlfo_link_map->l_name, &file))
		add(map, &file);
	count = map->count - count;
	unlock(map);
	return count != 0;
}

static bool is_mapped(const struct module_map *map, size_t at)
{
	const struct unwind_mapping *mapping = &map->mappings[at];
	struct dl_find_object found;

	if (strncmp(map->identities[at].path, "linux-vdso", 10) == 0)
		return true;
	return _dl_find_object((void *)(uintptr_t)mapping->start, &found) == 0 &&
	       (found.dlfo_link_map == NULL ||
		found.dlfo_link_map->l_addr == mapping->bias);
}

void modules_prune(void)
{
	struct module_map *map = map_of();

	if (map == NULL || !try_lock(map))
		return;
	for (size_t i = map->count; i-- > 0;) {
		if (!is_mapped(map, i))
			remove_at(map, i);
	}
	unlock(map);
}

void modules_before_fork(void)
{
	struct module_map *map = map_of();

	while (map != NULL && !try_lock(map))
		sched_yield();
}

void modules_after_fork(void)
{
	struct module_map *map = map_of();

	if (map != NULL)
		unlock(map);
}

void modules_record(void)
{
	struct module_map *map = map_of();

	for (size_t i = 0; map != NULL && i < map->count; i++)
		record(&map->identities[i]);
}
