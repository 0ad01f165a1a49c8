// Reads a hostile answer of .../symbol as names of a small profile.
#include "profile/builder.h"
#include "profile/profile.h"
#include "source/remote_symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;

	profile_builder_init(&builder, profile);
	for (uint64_t address = 1; address < 16; address++)
		profile_builder_location(&builder, PROFILE_NONE, address);
	profile_builder_deinit(&builder);
	remote_symbols_apply(profile, PROFILE_NONE, 0,
			     (struct str){ (const char *)data, size }, DEMANGLE_SHORT);
	profile_destroy(profile);
	return 0;
}
