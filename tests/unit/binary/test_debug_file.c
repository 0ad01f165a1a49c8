// Split debug files by link and checksum, by build id, and those of another program.
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "binary/build_id.h"
#include "binary/debug_file.h"
#include "binary/elf.h"
#include "test.h"

// A folder with `stripped`, a copy of this program that links to its debug file
// `split.debug` in `.debug/`.
struct split {
	struct arena arena;
	struct str folder, path;
	struct elf *elf;
};

static void run(struct split *split, const char *command)
{
	struct str text =
		str_format(&split->arena, "cd %s && %s", split->folder.p, command);

	if (system(text.p) != 0)
		test_skip("objcopy does not work here");
}

static void split_init(struct split *split)
{
	struct error err;
	struct str make;

	*split = (struct split){ 0 };
	split->folder = str_format(&split->arena, "/tmp/goprof-test-split-%d", getpid());
	split->path = str_format(&split->arena, "%s/stripped", split->folder.p);
	make = str_format(&split->arena,
			  "mkdir %s && cp /proc/%d/exe %s/whole && mkdir %s/.debug",
			  split->folder.p, getpid(), split->folder.p, split->folder.p);
	CHECK_INT(system(make.p), 0);
	run(split, "objcopy --only-keep-debug whole .debug/split.debug && "
		   "objcopy --strip-all --add-gnu-debuglink=.debug/split.debug whole "
		   "stripped");
	CHECK(elf_open(split->path.p, &split->elf, &err));
}

static void split_deinit(struct split *split)
{
	elf_close(split->elf);
	run(split, "rm -r $PWD");
	arena_deinit(&split->arena);
}

TEST(debug_file_follows_links)
{
	struct split split;
	struct debug_file found;

	split_init(&split);
	found = debug_file_find(split.elf, split.path, STR(""), NULL, &split.arena);
	CHECK(found.elf != NULL);
	CHECK(str_ends_with(found.path, STR("/.debug/split.debug")));
	CHECK(elf_find_section(found.elf, ".debug_info") != NULL);
	elf_close(found.elf);

	// Another file of that name is not taken, and the reader is told.
	run(&split, "cp whole .debug/split.debug");
	found = debug_file_find(split.elf, split.path, STR(""), NULL, &split.arena);
	CHECK(found.elf == NULL);
	CHECK(str_ends_with(found.hint, STR("split.debug is not the one of this file")));
	split_deinit(&split);
}

TEST(debug_file_goes_by_build_id_below_the_root)
{
	struct split split;
	struct debug_file found;
	struct str spread, command;

	split_init(&split);
	spread = build_id_path(&split.arena,
			       build_id_text(&split.arena, split.elf->build_id));
	command =
		str_format(&split.arena,
			   "mkdir -p root/usr/lib/debug/.build-id/%.2s && "
			   "cp .debug/split.debug root/usr/lib/debug/.build-id/%s.debug",
			   spread.p, spread.p);
	run(&split, command.p);
	found = debug_file_find(split.elf, STR("/usr/bin/x"),
				str_format(&split.arena, "%s/root", split.folder.p), NULL,
				&split.arena);
	CHECK(found.elf != NULL);
	CHECK(str_find(found.path, STR("/root/usr/lib/debug/.build-id/")) > 0);
	elf_close(found.elf);
	found = debug_file_find(split.elf, STR("/usr/bin/x"), STR(""), NULL,
				&split.arena);
	CHECK(found.elf == NULL);
	CHECK_STR(found.hint, "");
	split_deinit(&split);
}

TEST(debug_file_without_links)
{
	struct arena arena = { 0 };
	struct elf *elf;
	struct error err;

	CHECK(elf_open("/proc/self/exe", &elf, &err));
	CHECK(debug_file_find(elf, STR("/proc/self/exe"), STR(""), NULL, &arena).elf ==
	      NULL);
	CHECK(debug_file_find_alt(elf, STR("/proc/self/exe"), STR(""), NULL, &arena)
		      .elf == NULL);
	elf_close(elf);
	arena_deinit(&arena);
}
