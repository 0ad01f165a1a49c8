// Hostile recordings: whatever a process left on the board becomes a profile or nothing.
#include <stdlib.h>
#include <string.h>

#include "base/writer.h"
#include "profile/recording_encode.h"
#include "profile/recording_kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const names[] = { "profile", "heap", "block", "threadcreate" };
	struct recording *recording = aligned_alloc(4096, (size + 8191) & ~(size_t)4095);

	memcpy(recording, bytes, size);
	for (size_t i = 0; recording_is_valid(recording, size) && i < 4; i++) {
		struct recording_encode_options options = {
			.profile = recording_find_profile(str_from(names[i])),
		};
		struct writer w = writer_to_pages();

		if (!recording_encode(recording, &options, &w))
			abort();
		writer_deinit(&w);
	}
	free(recording);
	return 0;
}
