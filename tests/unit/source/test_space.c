// Mappings of processes as records change them; the processes exist only here.
#include "source/space.h"

#include <linux/perf_event.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "target/maps.h"
#include "target/perf_record.h"
#include "test.h"

enum {
	PARENT = 0x3ffffff1, // beyond all process ids
	CHILD = 0x3ffffff2,
};

struct fixture {
	struct code_set codes;
	struct space_set spaces;
};

static void set_up(struct fixture *f)
{
	code_set_init(&f->codes, CODE_LIVE);
	space_set_init(&f->spaces, &f->codes);
}

static void tear_down(struct fixture *f)
{
	space_set_deinit(&f->spaces);
	code_set_deinit(&f->codes);
}

static void map_file(struct fixture *f, int pid, uint64_t start, uint64_t limit,
		     uint64_t offset, const char *file)
{
	struct perf_record record = {
		.type = PERF_RECORD_MMAP2,
		.pid = pid,
		.mapping = { .start = start,
			     .size = limit - start,
			     .offset = offset,
			     .inode = 7,
			     .is_executable = true,
			     .file = str_from(file) },
	};

	space_note(&f->spaces, &record);
}

static struct str file_at(struct fixture *f, int pid, uint64_t address)
{
	struct space_mapping *mapping = space_find(space_of(&f->spaces, pid), address);

	return mapping == NULL ? STR("nothing") : f->codes.codes[mapping->code].file;
}

TEST(space_finds_mappings_by_address)
{
	struct fixture f;

	set_up(&f);
	map_file(&f, PARENT, 0x3000, 0x4000, 0, "/b");
	map_file(&f, PARENT, 0x1000, 0x2000, 0, "/a");
	CHECK_STR(file_at(&f, PARENT, 0xfff), "nothing");
	CHECK_STR(file_at(&f, PARENT, 0x1000), "/a");
	CHECK_STR(file_at(&f, PARENT, 0x1fff), "/a");
	CHECK_STR(file_at(&f, PARENT, 0x2000), "nothing");
	CHECK_STR(file_at(&f, PARENT, 0x3abc), "/b");
	CHECK_STR(file_at(&f, PARENT, UINT64_MAX), "nothing");
	tear_down(&f);
}

TEST(space_new_mapping_splits_an_older_one)
{
	struct fixture f;
	struct space_mapping *right;

	set_up(&f);
	map_file(&f, PARENT, 0x1000, 0x9000, 0x5000, "/old");
	map_file(&f, PARENT, 0x3000, 0x4000, 0, "/new");
	CHECK_STR(file_at(&f, PARENT, 0x2fff), "/old");
	CHECK_STR(file_at(&f, PARENT, 0x3000), "/new");
	CHECK_STR(file_at(&f, PARENT, 0x4000), "/old");
	right = space_find(space_of(&f.spaces, PARENT), 0x8000);
	CHECK_INT(right->start, 0x4000);
	CHECK_INT(right->offset, 0x8000);
	tear_down(&f);
}

TEST(space_new_mapping_covers_several)
{
	struct fixture f;

	set_up(&f);
	map_file(&f, PARENT, 0x1000, 0x2000, 0, "/a");
	map_file(&f, PARENT, 0x2000, 0x3000, 0, "/b");
	map_file(&f, PARENT, 0x3000, 0x4000, 0, "/c");
	map_file(&f, PARENT, 0x1800, 0x3800, 0, "/new");
	CHECK_INT(space_of(&f.spaces, PARENT)->count, 3);
	CHECK_STR(file_at(&f, PARENT, 0x17ff), "/a");
	CHECK_STR(file_at(&f, PARENT, 0x2000), "/new");
	CHECK_STR(file_at(&f, PARENT, 0x3800), "/c");
	tear_down(&f);
}

TEST(space_child_inherits_and_goes_its_own_way)
{
	struct fixture f;
	struct perf_record fork = { .type = PERF_RECORD_FORK, .pid = CHILD };
	struct perf_record exec = { .type = PERF_RECORD_COMM, .pid = CHILD };

	set_up(&f);
	map_file(&f, PARENT, 0x1000, 0x2000, 0, "/a");
	fork.birth.parent = PARENT;
	space_note(&f.spaces, &fork);
	map_file(&f, PARENT, 0x3000, 0x4000, 0, "/late");
	CHECK_STR(file_at(&f, CHILD, 0x1000), "/a");
	CHECK_STR(file_at(&f, CHILD, 0x3000), "nothing");
	exec.name.is_exec = true;
	space_note(&f.spaces, &exec);
	map_file(&f, CHILD, 0x8000, 0x9000, 0, "/program");
	CHECK_STR(file_at(&f, CHILD, 0x1000), "nothing");
	CHECK_STR(file_at(&f, CHILD, 0x8000), "/program");
	CHECK_STR(file_at(&f, PARENT, 0x1000), "/a");
	tear_down(&f);
}

TEST(space_threads_and_names_change_nothing)
{
	struct fixture f;
	struct perf_record thread = { .type = PERF_RECORD_FORK, .pid = PARENT };
	struct perf_record name = { .type = PERF_RECORD_COMM, .pid = PARENT };

	set_up(&f);
	map_file(&f, PARENT, 0x1000, 0x2000, 0, "/a");
	thread.birth.parent = PARENT;
	space_note(&f.spaces, &thread);
	space_note(&f.spaces, &name);
	CHECK_STR(file_at(&f, PARENT, 0x1000), "/a");
	tear_down(&f);
}

TEST(space_generated_code_is_each_process_its_own)
{
	struct fixture f;
	struct space_mapping *mine, *theirs;

	set_up(&f);
	map_file(&f, PARENT, 0x1000, 0x2000, 0, "//anon");
	map_file(&f, CHILD, 0x1000, 0x2000, 0, "//anon");
	mine = space_find(space_of(&f.spaces, PARENT), 0x1000);
	theirs = space_find(space_of(&f.spaces, CHILD), 0x1000);
	CHECK(mine->code != theirs->code);
	CHECK_INT(f.codes.codes[mine->code].state, CODE_ANONYMOUS);
	tear_down(&f);
}

// The mapping of this program's own code.
static struct perf_record map_ourselves(const struct maps *maps)
{
	struct perf_record record = { .type = PERF_RECORD_MMAP2 };
	uint64_t here = (uint64_t)(uintptr_t)map_ourselves;

	for (size_t i = 0; i < maps->count; i++) {
		const struct maps_entry *entry = &maps->entries[i];

		if (here < entry->start || here >= entry->limit)
			continue;
		record.mapping = (struct perf_mapping){
			.start = entry->start,
			.size = entry->limit - entry->start,
			.offset = entry->offset,
			.inode = entry->inode,
			.is_executable = true,
			.file = entry->file,
		};
	}
	return record;
}

// A file that is first needed by another process: rules made before that must not go on
// without it.
TEST(space_rules_follow_files_opened_for_others)
{
	struct space_stack *stack = malloc(sizeof(*stack));
	uint64_t words[8] = { 0 };
	struct perf_sample sample = { .has_user = true,
				      .stack = (const uint8_t *)words,
				      .stack_size = sizeof(words) };
	struct perf_record record;
	struct fixture f;
	struct error err;
	struct maps maps;
	struct space *space;

	CHECK(stack != NULL && maps_read(getpid(), &maps, &err));
	record = map_ourselves(&maps);
	sample.registers.known = (1u << UNWIND_REGISTERS) - 1;
	set_up(&f);
	record.pid = PARENT;
	space_note(&f.spaces, &record);
	record.pid = CHILD;
	space_note(&f.spaces, &record);
	space = space_of(&f.spaces, PARENT);
	space_walk(&f.spaces, space, &sample, stack);
	CHECK(space->has_rules && space->rules[0].table == NULL);
	space = space_of(&f.spaces, CHILD);
	CHECK_INT(space_code(&f.spaces, space, &space->mappings[0])->state, CODE_OPEN);
	space = space_of(&f.spaces, PARENT);
	sample.registers.value[UNWIND_RIP] = record.mapping.start + 16;
	space_walk(&f.spaces, space, &sample, stack);
	CHECK(space->rules[0].table != NULL);
	tear_down(&f);
	maps_deinit(&maps);
	free(stack);
}
