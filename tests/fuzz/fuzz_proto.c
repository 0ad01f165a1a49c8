// profile.proto from anywhere: decoding, and encoding of what was accepted.
#include "base/error.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "profile/proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };
	struct profile *profile, *again;
	struct error err;

	(void)proto_is_likely(bytes);
	if (!proto_decode(bytes, &profile, &err))
		return 0;

	struct writer w = writer_to_memory();

	proto_encode(profile, &w);
	if (!proto_decode(writer_contents(&w), &again, &err) ||
	    again->sample_count != profile->sample_count)
		__builtin_trap();
	profile_destroy(again);
	profile_destroy(profile);
	writer_deinit(&w);
	return 0;
}
