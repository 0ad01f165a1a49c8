// Profiles of this very program get their names back, or the reason why not.
#include <link.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "binary/module.h"
#include "binary/symbolize.h"
#include "profile/builder.h"
#include "test.h"

static uint64_t load_bias(void)
{
	extern const ElfW(Ehdr) __ehdr_start;

	return (uint64_t)&__ehdr_start;
}

struct fixture {
	struct arena arena;
	struct profile *profile;
	struct profile_builder builder;
	struct symbolize_options options;
};

static void fixture_init(struct fixture *fixture)
{
	*fixture = (struct fixture){ .options = { .modules = { .no_cache = true } } };
	fixture->profile = profile_create();
	profile_builder_init(&fixture->builder, fixture->profile);
}

static void fixture_deinit(struct fixture *fixture)
{
	profile_builder_deinit(&fixture->builder);
	profile_destroy(fixture->profile);
	arena_deinit(&fixture->arena);
}

static uint32_t add_mapping(struct fixture *fixture, const char *file,
			    const char *build_id, uint64_t start)
{
	return profile_builder_add_mapping(
		&fixture->builder,
		(struct profile_mapping){
			.start = start,
			.limit = start + (1u << 30),
			.file = profile_intern(fixture->profile, str_from(file)),
			.build_id = profile_intern(fixture->profile, str_from(build_id)),
		});
}

static struct symbolize_finding symbolize_one(struct fixture *fixture)
{
	struct symbolize_result result =
		symbolize_profile(fixture->profile, &fixture->options, &fixture->arena);

	CHECK_INT(result.finding_count, 1);
	return result.findings[0];
}

// The name of the outermost function at a location.
static struct str name_at(const struct fixture *fixture, uint32_t location)
{
	const struct profile *profile = fixture->profile;
	const struct profile_location *row = &profile->locations[location];

	if (row->line_count == 0)
		return STR("");
	uint32_t function =
		profile->lines[row->first_line + row->line_count - 1].function;

	return profile_string(profile, profile->functions[function].name);
}

TEST(symbolize_names_own_functions_once)
{
	struct fixture fixture;
	uint64_t code = (uint64_t)profile_create;

	fixture_init(&fixture);
	uint32_t mapping = add_mapping(&fixture, "/proc/self/exe", "", load_bias());
	uint32_t first = profile_builder_location(&fixture.builder, mapping, code);
	uint32_t second = profile_builder_location(&fixture.builder, mapping, code + 1);
	uint32_t outside =
		profile_builder_location(&fixture.builder, mapping, load_bias() + 1);
	struct symbolize_finding finding = symbolize_one(&fixture);

	CHECK_STR(name_at(&fixture, first), "profile_create");
	CHECK_STR(name_at(&fixture, second), "profile_create");
	CHECK_STR(name_at(&fixture, outside), "");
	CHECK_STR(finding.file, "/proc/self/exe");
	CHECK_INT(finding.addresses, 3);
	CHECK_INT(finding.unnamed, 1);
	CHECK(fixture.profile->mappings[mapping].has_functions);
	fixture_deinit(&fixture);
}

TEST(symbolize_refuses_another_build)
{
	struct fixture fixture;

	fixture_init(&fixture);
	uint32_t mapping =
		add_mapping(&fixture, "/proc/self/exe", "0123abcd", load_bias());
	uint32_t location = profile_builder_location(&fixture.builder, mapping,
						     (uint64_t)profile_create);
	struct symbolize_finding finding = symbolize_one(&fixture);

	CHECK_STR(name_at(&fixture, location), "");
	CHECK(str_starts_with(finding.text,
			      STR("binary replaced since start: the profile has build id "
				  "0123abcd, /proc/self/exe has ")));
	CHECK_INT(finding.unnamed, 1);
	CHECK(!fixture.profile->mappings[mapping].has_functions);
	fixture_deinit(&fixture);
}

TEST(symbolize_finds_a_deleted_program_of_a_live_process)
{
	struct fixture fixture;

	fixture_init(&fixture);
	uint32_t mapping =
		add_mapping(&fixture, "/nonexistent/x (deleted)", "", load_bias());

	(void)profile_builder_location(&fixture.builder, mapping,
				       (uint64_t)profile_create);
	CHECK_STR(symbolize_one(&fixture).text,
		  "/nonexistent/x: deleted or replaced since the program started");
	fixture_deinit(&fixture);
}

TEST(symbolize_looks_below_pprof_binary_path)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	const char *folder =
		str_format(&arena, "/tmp/goprof-test-symbolize-%d", getpid()).p;
	struct module_options options = { .no_cache = true };
	struct module *self = NULL;
	struct fixture fixture;
	struct error err;

	CHECK(module_open(STR("/proc/self/exe"), &options, &self, &err));
	struct str id = str_copy(&arena, module_build_id(self));
	struct str command =
		str_format(&arena,
			   "mkdir -p %s/%.*s && cp -f /proc/%d/exe %s/%.*s/program",
			   folder, (int)id.n, id.p, getpid(), folder, (int)id.n, id.p);

	module_close(self);
	CHECK_INT(system(command.p), 0);
	setenv("PPROF_BINARY_PATH", folder, 1);
	fixture_init(&fixture);
	uint32_t mapping = add_mapping(&fixture, "/elsewhere/bin", id.p, load_bias());
	uint32_t location = profile_builder_location(&fixture.builder, mapping,
						     (uint64_t)profile_create);

	(void)symbolize_one(&fixture);
	CHECK_STR(name_at(&fixture, location), "profile_create");
	fixture_deinit(&fixture);
	unsetenv("PPROF_BINARY_PATH");
	command = str_format(&arena, "rm -r %s", folder);
	CHECK_INT(system(command.p), 0);
}

TEST(symbolize_leaves_named_mappings_alone_unless_forced)
{
	struct fixture fixture;
	struct symbolize_result result;

	fixture_init(&fixture);
	uint32_t mapping = add_mapping(&fixture, "/proc/self/exe", "", load_bias());
	uint32_t location = profile_builder_location(&fixture.builder, mapping,
						     (uint64_t)profile_create);

	fixture.profile->mappings[mapping].has_functions = true;
	result = symbolize_profile(fixture.profile, &fixture.options, &fixture.arena);
	CHECK_INT(result.finding_count, 0);
	CHECK_STR(name_at(&fixture, location), "");
	fixture.options.force = true;
	(void)symbolize_one(&fixture);
	CHECK_STR(name_at(&fixture, location), "profile_create");
	fixture_deinit(&fixture);
}

TEST(symbolize_rewords_names_in_the_profile)
{
	struct fixture fixture;
	uint32_t mangled;

	fixture_init(&fixture);
	mangled = profile_intern(fixture.profile, STR("_ZN3foo3barEi"));
	profile_builder_add_function(&fixture.builder,
				     (struct profile_function){ .name = mangled,
								.system_name = mangled });
	fixture.options.style = DEMANGLE_NONE;
	(void)symbolize_profile(fixture.profile, &fixture.options, &fixture.arena);
	CHECK_INT(fixture.profile->functions[0].name, mangled);
	fixture.options.style = DEMANGLE_SHORT;
	(void)symbolize_profile(fixture.profile, &fixture.options, &fixture.arena);
	CHECK_STR(profile_string(fixture.profile, fixture.profile->functions[0].name),
		  "foo::bar");
	fixture_deinit(&fixture);
}

TEST(symbolize_uses_the_kernel_symbols_given)
{
	CLEANUP_ARENA struct arena arena = { 0 };
	const char *path = str_format(&arena, "/tmp/goprof-test-kallsyms-%d", getpid()).p;
	struct fixture fixture;
	struct error err;

	CHECK(file_write(path, STR("ffffffff81000000 T do_idle\n"), &err));
	fixture_init(&fixture);
	fixture.options.kallsyms = path;
	uint32_t mapping = add_mapping(&fixture, "[kernel.kallsyms]", "", 1ull << 63);
	uint32_t location =
		profile_builder_location(&fixture.builder, mapping, 0xffffffff81000010);

	CHECK_STR(symbolize_one(&fixture).text, "kernel symbols");
	CHECK_STR(name_at(&fixture, location), "do_idle");
	fixture_deinit(&fixture);
	unlink(path);
}
