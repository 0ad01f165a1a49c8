// The names of saved profiles.
#include "source/saved.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "profile/builder.h"
#include "profile/profile.h"
#include "test.h"

TEST(saved_counts_up_and_stays_in_its_folder)
{
	char folder[] = "/tmp/test_saved.XXXXXX";
	struct profile *profile = profile_create();
	struct profile_builder builder;
	struct arena arena = { 0 };
	struct str first, second;
	struct error err;

	CHECK(mkdtemp(folder) != NULL);
	setenv("PPROF_TMPDIR", folder, 1);
	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("a/../b"), STR("count"));
	profile_builder_add_mapping(
		&builder, (struct profile_mapping){
				  .file = profile_intern(profile, STR("/bin/prog")) });
	profile_builder_deinit(&builder);

	bool is_written = saved_write(profile, &arena, &first, &err) &&
			  saved_write(profile, &arena, &second, &err);

	unsetenv("PPROF_TMPDIR");
	CHECK(is_written);
	CHECK_INT(unlink(first.p) + unlink(second.p) + rmdir(folder), 0);
	CHECK_STR(str_basename(first), "pprof.prog.a_.._b.001.pb.gz");
	CHECK_STR(str_basename(second), "pprof.prog.a_.._b.002.pb.gz");
	profile_destroy(profile);
	arena_deinit(&arena);
}
