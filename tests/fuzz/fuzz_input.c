// All input formats, as they are recognised.
#include "base/error.h"
#include "profile/input.h"
#include "profile/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };
	struct profile *profile;
	struct error err;

	if (input_decode(bytes, &profile, &err))
		profile_destroy(profile);
	return 0;
}
