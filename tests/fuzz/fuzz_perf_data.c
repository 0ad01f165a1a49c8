// Reads hostile perf.data files to the finished profile.
#include "base/error.h"
#include "profile/profile.h"
#include "source/perf_data.h"
#include "target/perf_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };
	struct profile *profile;
	struct error err;

	if (perf_file_is_likely(bytes) && perf_data_decode(bytes, &profile, &err))
		profile_destroy(profile);
	return 0;
}
