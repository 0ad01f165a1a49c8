// Files that are large enough to be inflated while they are decoded.
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/writer.h"
#include "profile/builder.h"
#include "profile/proto.h"
#include "test.h"

enum { SAMPLES = 100000, LOCATIONS = 5000, DEPTH = 20, PACKED_MIN = 1 << 20 };

static uint32_t next_random(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 8;
}

// Stacks that hardly compress, so that the file is large.
static struct profile *make_profile(void)
{
	struct profile *profile = profile_create();
	struct profile_builder builder;
	uint32_t random = 1, stack[DEPTH];

	profile_builder_init(&builder, profile);
	profile_builder_add_type(&builder, STR("cpu"), STR("nanoseconds"));
	for (uint32_t i = 0; i < LOCATIONS; i++)
		profile_builder_add_location(&builder, PROFILE_NONE, 0x1000 + i);
	for (int64_t i = 0; i < SAMPLES; i++) {
		for (size_t j = 0; j < DEPTH; j++)
			stack[j] = next_random(&random) % LOCATIONS;
		profile_builder_append(
			&builder, profile_builder_stack(&builder, stack, DEPTH), 0, &i);
	}
	profile_builder_deinit(&builder);
	return profile;
}

// A mapped file with these bytes.
static struct str map_file(struct str bytes)
{
	char path[] = "/tmp/goprof-unit-XXXXXX";
	int fd = mkstemp(path);
	void *pages;

	CHECK(fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
	pages = mmap(NULL, bytes.n, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(pages != MAP_FAILED);
	unlink(path);
	close(fd);
	return (struct str){ pages, bytes.n };
}

static bool is_same(const struct profile *a, const struct profile *b)
{
	struct writer left = writer_to_memory(), right = writer_to_memory();
	bool is_equal;

	proto_encode(a, &left);
	proto_encode(b, &right);
	is_equal = str_equal(writer_contents(&left), writer_contents(&right));
	writer_deinit(&left);
	writer_deinit(&right);
	return is_equal;
}

static void check_file(struct str bytes, const struct profile *made)
{
	struct str mapped = map_file(bytes);
	struct profile *profile = NULL;
	bool is_whole = made != NULL && sysconf(_SC_NPROCESSORS_ONLN) > 1;

	CHECK(proto_decode_large_file(mapped, &profile) == is_whole);
	CHECK(profile == NULL || is_same(profile, made));
	profile_destroy(profile);
	munmap((void *)mapped.p, mapped.n);
}

TEST(proto_large_files_are_decoded_as_they_are_inflated)
{
	struct profile *made = make_profile(), *profile = NULL;
	struct writer w = writer_to_memory();
	struct error err;
	struct str bytes;

	proto_encode_gzip(made, &w);
	bytes = writer_contents(&w);
	CHECK(bytes.n > PACKED_MIN);
	CHECK(proto_decode(bytes, &profile, &err));
	CHECK(is_same(profile, made));
	profile_destroy(profile);
	check_file(bytes, made);
	// The sum, then the middle.
	w.buffer[bytes.n - 8] ^= 1;
	check_file(bytes, NULL);
	CHECK(!proto_decode(bytes, &profile, &err));
	CHECK(strstr(err.text, "not valid gzip data") != NULL);
	check_file((struct str){ bytes.p, bytes.n / 2 }, NULL);
	writer_deinit(&w);
	profile_destroy(made);
}
