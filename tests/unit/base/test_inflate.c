// Round trips, truncation and the limit of inflation.
#include "base/cleanup.h"
#include "base/error.h"
#include "base/inflate.h"
#include "test.h"

static struct str repeated(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * i >> 5);
	return (struct str){ (char *)bytes, size };
}

TEST(inflate_gzip_joins_members)
{
	CLEANUP_FREE uint8_t *plain = malloc(300000), *packed = NULL, *twice = NULL,
			     *back = NULL;
	struct str text = repeated(plain, 300000);
	struct error err;
	size_t size, back_size;

	inflate_make_gzip(text, 6, &packed, &size);
	twice = malloc(2 * size);
	memcpy(twice, packed, size);
	memcpy(twice + size, packed, size);
	CHECK(inflate_is_gzip((struct str){ (char *)twice, 2 * size }));
	CHECK(inflate_gzip((struct str){ (char *)twice, 2 * size }, &back, &back_size,
			   &err));
	CHECK_INT(back_size, 600000);
	CHECK(memcmp(back + 300000, plain, 300000) == 0);
}

TEST(inflate_gzip_refuses_every_truncation)
{
	CLEANUP_FREE uint8_t *plain = malloc(2000), *packed = NULL;
	struct str text = repeated(plain, 2000);
	struct error err;
	size_t size;

	inflate_make_gzip(text, 6, &packed, &size);
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *back;
		size_t back_size;

		CHECK(!inflate_gzip((struct str){ (char *)packed, cut }, &back,
				    &back_size, &err));
	}
}

TEST(inflate_gzip_takes_redundant_files_of_moderate_size)
{
	CLEANUP_FREE uint8_t *zeros = calloc(1, 128 << 20), *packed = NULL, *back = NULL;
	struct error err;
	size_t size, back_size;

	inflate_make_gzip((struct str){ (char *)zeros, 128 << 20 }, 6, &packed, &size);
	CHECK(inflate_gzip((struct str){ (char *)packed, size }, &back, &back_size,
			   &err));
	CHECK(back_size == 128 << 20);
}

TEST(inflate_gzip_stops_at_its_limit)
{
	size_t plain_size = (size_t)300 << 20;
	CLEANUP_FREE uint8_t *zeros = calloc(1, plain_size), *packed = NULL, *back = NULL;
	struct error err;
	size_t size, back_size;

	inflate_make_gzip((struct str){ (char *)zeros, plain_size }, 6, &packed, &size);
	CHECK(!inflate_gzip((struct str){ (char *)packed, size }, &back, &back_size,
			    &err));
	CHECK(err.code == ERROR_LIMIT);
}
