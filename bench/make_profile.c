// make_profile SAMPLES OUT: writes a synthetic CPU profile, the same for every run, as
// the load of the decoding and report benchmarks: calls fall off by a power law, stacks
// are 10 to 60 deep with inlined frames, and labels range from few values to one per
// request.
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/writer.h"
#include "profile/builder.h"
#include "profile/proto.h"

enum {
	FUNCTIONS = 20000,
	LOCATIONS = 60000,
	FILES = 2500,
	ENDPOINTS = 40,
	TENANTS = 400,
	DEPTH_MIN = 10,
	DEPTH_MAX = 60,
	CALLEES_MAX = 24,
	PERIOD_NS = 10000000,
};

struct generator {
	uint64_t random;
	struct profile *profile;
	struct profile_builder builder;
	uint32_t endpoint_key, tenant_key, request_key, bytes_key, bytes_unit;
	uint32_t endpoints[ENDPOINTS], tenants[TENANTS];
	uint32_t request;
};

// xorshift64*: small and good enough for a load.
static uint64_t next_random(struct generator *g)
{
	g->random ^= g->random >> 12;
	g->random ^= g->random << 25;
	g->random ^= g->random >> 27;
	return g->random * 0x2545f4914f6cdd1du;
}

static double next_share(struct generator *g)
{
	return (double)(next_random(g) >> 11) * 0x1p-53;
}

static uint32_t next_below(struct generator *g, uint32_t limit)
{
	return (uint32_t)(next_share(g) * limit);
}

// Below the limit, small numbers far more often than large ones.
static uint32_t next_skewed(struct generator *g, uint32_t limit, double skew)
{
	return (uint32_t)(pow(next_share(g), skew) * limit);
}

static uint32_t intern(struct generator *g, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static uint32_t intern(struct generator *g, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return profile_intern(g->profile, str_from(text));
}

static void make_functions(struct generator *g)
{
	static const char *const names[] = {
		"example.com/store/index.(*Reader).seek",
		"example.com/store/cache.(*Shard).lookup",
		"example.com/api/render.encodeField",
		"runtime.scan",
		"example.com/api/query.(*Planner).visit",
		"encoding/json.(*decodeState).value",
	};
	enum { NAME_COUNT = sizeof(names) / sizeof(names[0]) };

	for (uint32_t i = 0; i < FUNCTIONS; i++) {
		uint32_t name = intern(g, "%s%u", names[i % NAME_COUNT], i);

		profile_builder_add_function(
			&g->builder, (struct profile_function){
					     .name = name,
					     .system_name = name,
					     .filename = intern(g, "/src/store/part%u.go",
								next_below(g, FILES)),
					     .start_line = 1 + next_below(g, 2000),
				     });
	}
}

static void make_locations(struct generator *g)
{
	uint32_t mapping = profile_builder_add_mapping(
		&g->builder, (struct profile_mapping){
				     .start = 0x400000,
				     .limit = 0x2400000,
				     .file = intern(g, "/usr/bin/server"),
				     .build_id = intern(g, "%040x", 0x5eed),
				     .has_functions = true,
				     .has_filenames = true,
				     .has_line_numbers = true,
				     .has_inline_frames = true,
			     });

	for (uint32_t i = 0; i < LOCATIONS; i++) {
		uint32_t location = profile_builder_location(
			&g->builder, mapping, 0x401000 + (uint64_t)i * 413);
		struct profile_line lines[4];
		size_t count = 1;

		while (count < 4 && next_below(g, 5) == 0)
			count++;
		for (size_t j = 0; j < count; j++)
			lines[j] = (struct profile_line){
				.function = next_below(g, FUNCTIONS),
				.line = 1 + next_below(g, 4000),
			};
		profile_builder_set_lines(&g->builder, location, lines, count);
	}
}

static void make_label_values(struct generator *g)
{
	g->endpoint_key = intern(g, "endpoint");
	g->tenant_key = intern(g, "tenant");
	g->request_key = intern(g, "request");
	g->bytes_key = intern(g, "allocation");
	g->bytes_unit = intern(g, "bytes");
	for (uint32_t i = 0; i < ENDPOINTS; i++)
		g->endpoints[i] = intern(g, "/v1/resource%u/list", i);
	for (uint32_t i = 0; i < TENANTS; i++)
		g->tenants[i] = intern(g, "tenant-%05u", i * 37);
}

// The call graph needs no memory: callee number `choice` of a location follows from both.
static uint32_t callee(uint32_t location, uint32_t choice)
{
	uint64_t mixed =
		(location * 0x9e3779b97f4a7c15u) ^ (choice * 0xd6e8feb86659fd93u);

	mixed = (mixed ^ (mixed >> 29)) * 0xbf58476d1ce4e5b9u;
	mixed ^= mixed >> 32;
	return (uint32_t)(pow((double)(mixed >> 11) * 0x1p-53, 1.6) * LOCATIONS);
}

static uint32_t next_stack(struct generator *g)
{
	uint32_t stack[DEPTH_MAX];
	uint32_t depth = DEPTH_MIN + next_skewed(g, DEPTH_MAX - DEPTH_MIN + 1, 4.0);
	uint32_t location = next_skewed(g, 8, 3.0);

	for (uint32_t i = depth; i-- > 0;) {
		stack[i] = location;
		location = callee(location, next_skewed(g, CALLEES_MAX, 2.0));
	}
	return profile_builder_stack(&g->builder, stack, depth);
}

static uint32_t next_labels(struct generator *g)
{
	struct profile_label labels[3];
	size_t count = 0;

	if (next_below(g, 10) < 6) {
		// A request takes a few samples before the next one begins.
		if (next_below(g, 4) == 0)
			g->request = intern(g, "%016" PRIx64, next_random(g));
		labels[count++] = (struct profile_label){
			.key = g->endpoint_key,
			.string = g->endpoints[next_skewed(g, ENDPOINTS, 3.0)],
		};
		labels[count++] = (struct profile_label){ .key = g->request_key,
							  .string = g->request };
	} else if (next_below(g, 2) == 0) {
		labels[count++] = (struct profile_label){
			.key = g->tenant_key,
			.string = g->tenants[next_skewed(g, TENANTS, 2.0)],
		};
	}
	if (next_below(g, 10) == 0)
		labels[count++] = (struct profile_label){
			.key = g->bytes_key,
			.number = (int64_t)1 << next_below(g, 20),
			.unit = g->bytes_unit,
		};
	return profile_builder_labels(&g->builder, labels, count);
}

static void make_samples(struct generator *g, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint32_t stack = next_stack(g);
		uint32_t labels = next_labels(g);
		int64_t samples = 1 + next_skewed(g, 20, 8.0);

		profile_builder_append(&g->builder, stack, labels,
				       (int64_t[]){ samples, samples * PERIOD_NS });
	}
}

static struct profile *make(uint64_t sample_count)
{
	struct generator g = { .random = 0x9e3779b97f4a7c15u,
			       .profile = profile_create() };
	struct profile *profile = g.profile;

	profile_builder_init(&g.builder, profile);
	profile_builder_add_type(&g.builder, STR("samples"), STR("count"));
	profile_builder_add_type(&g.builder, STR("cpu"), STR("nanoseconds"));
	profile->period_type = profile->types[1];
	profile->period = PERIOD_NS;
	profile->time_ns = 1700000000000000000;
	profile->duration_ns = 60000000000;
	make_functions(&g);
	make_locations(&g);
	make_label_values(&g);
	g.request = intern(&g, "%016x", 1);
	make_samples(&g, sample_count);
	profile_builder_deinit(&g.builder);
	return profile;
}

// Gzipped, unless the name ends in .pb.
static bool write_profile(const struct profile *profile, const char *path,
			  struct error *err)
{
	struct writer w = writer_to_memory();
	bool is_ok;

	if (str_ends_with(str_from(path), STR(".pb")))
		proto_encode(profile, &w);
	else
		proto_encode_gzip(profile, &w);
	is_ok = file_write(path, writer_contents(&w), err);
	writer_deinit(&w);
	return is_ok;
}

int main(int argc, char **argv)
{
	struct profile *profile;
	struct error err;
	uint64_t count;
	bool is_ok;

	if (argc != 3 || !str_to_u64(str_from(argv[1]), 10, &count) ||
	    count > 100000000) {
		fprintf(stderr, "usage: make_profile SAMPLES OUT.pb[.gz]\n");
		return 2;
	}
	profile = make(count);
	is_ok = write_profile(profile, argv[2], &err);
	profile_destroy(profile);
	if (!is_ok)
		fprintf(stderr, "make_profile: %s\n", err.text);
	return is_ok ? 0 : 1;
}
