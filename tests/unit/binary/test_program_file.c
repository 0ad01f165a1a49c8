// Every place below PPROF_BINARY_PATH that pprof looks in, and stores by build id.
#include "binary/program_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "binary/build_id.h"
#include "binary/debug_server.h"
#include "binary/module.h"
#include "test.h"

// A folder with nothing in it, and what this program is called there.
struct fixture {
	struct arena arena;
	struct str folder, build_id;
	struct program_file_query query;
};

static void set_up(struct fixture *f)
{
	struct module_options options = { .no_cache = true };
	struct module *self = NULL;
	struct error err;

	*f = (struct fixture){ 0 };
	f->folder = str_format(&f->arena, "/tmp/goprof-test-program-%d", getpid());
	CHECK(module_open(STR("/proc/self/exe"), &options, &self, &err));
	f->build_id = str_copy(&f->arena, module_build_id(self));
	module_close(self);
	f->query = (struct program_file_query){ .file = STR("/no/such/folder/program"),
						.build_id = f->build_id };
	setenv("PPROF_BINARY_PATH", str_format(&f->arena, "/no/such:%s", f->folder.p).p,
	       1);
}

static void run(struct fixture *f, struct str command)
{
	CHECK_INT(system(str_terminated(&f->arena, command)), 0);
}

static void put(struct fixture *f, struct str place)
{
	run(f, str_format(&f->arena, "mkdir -p $(dirname %s/%s) && cp /proc/%d/exe %s/%s",
			  f->folder.p, place.p, getpid(), f->folder.p, place.p));
}

static bool is_found(struct fixture *f, struct debug_server *server)
{
	struct module_options options = { .no_cache = true, .server = server };
	struct module *module = NULL;
	struct str reason;
	bool found = program_file_open(&f->query, &options, &f->arena, &module, &reason);

	if (found) {
		CHECK_STR(module_build_id(module), f->build_id.p);
		module_close(module);
	} else {
		CHECK(reason.n > 0);
	}
	return found;
}

static void tear_down(struct fixture *f)
{
	unsetenv("PPROF_BINARY_PATH");
	run(f, str_format(&f->arena, "rm -rf %s", f->folder.p));
	arena_deinit(&f->arena);
}

TEST(program_file_in_each_layout_of_pprof)
{
	struct fixture f;

	set_up(&f);
	const char *id = f.build_id.p, *spread = build_id_path(&f.arena, f.build_id).p;
	struct str places[] = {
		str_format(&f.arena, "%s/program", id),
		str_format(&f.arena, "%s/other-name", id),
		str_format(&f.arena, "no/such/folder/program/%s", id),
		str_format(&f.arena, "%s.debug", spread),
		STR("program"),
		STR("no/such/folder/program"),
		STR("no/such/folder/program.debug"),
		STR("no/such/folder/.debug/program.debug"),
		STR("usr/lib/debug/no/such/folder/program.debug"),
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		CHECK(!is_found(&f, NULL));
		put(&f, places[i]);
		CHECK(is_found(&f, NULL));
		run(&f, str_format(&f.arena, "rm -r %s", f.folder.p));
	}
	tear_down(&f);
}

TEST(program_file_of_another_build_is_not_taken)
{
	struct fixture f;

	set_up(&f);
	put(&f, STR("program"));
	f.query.build_id = STR("0123456789abcdef");
	CHECK(!is_found(&f, NULL));
	tear_down(&f);
}

TEST(program_file_in_the_store_of_perf)
{
	struct fixture f;

	set_up(&f);
	put(&f, str_format(&f.arena, ".build-id/%s/elf",
			   build_id_path(&f.arena, f.build_id).p));
	CHECK(!is_found(&f, NULL));
	setenv("PERF_BUILDID_DIR", f.folder.p, 1);
	CHECK(is_found(&f, NULL));
	unsetenv("PERF_BUILDID_DIR");
	tear_down(&f);
}

static struct str find_self(struct debug_server *server, enum debug_server_kind kind,
			    struct str build_id, struct arena *arena, struct str *reason)
{
	(void)server;
	(void)arena;
	(void)reason;
	CHECK_INT(kind, DEBUG_SERVER_EXECUTABLE);
	CHECK(build_id.n > 0);
	return STR("/proc/self/exe");
}

TEST(program_file_from_a_server)
{
	struct debug_server server = { find_self };
	struct fixture f;

	set_up(&f);
	CHECK(is_found(&f, &server));
	tear_down(&f);
}
