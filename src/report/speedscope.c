// Writes the merged tree as stacks with weights, in the order of their names.
#include "report/speedscope.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/version.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/flame.h"

static struct str type_name(const struct flame *flame, size_t type)
{
	return profile_string(flame->profile, flame->profile->types[type].type);
}

// Speedscope knows six units; a profile's own unit is told in the one nearest to it.
static const char *unit_name(struct str unit)
{
	static const struct {
		const char *profile, *speedscope;
	} units[] = {
		{ "nanoseconds", "nanoseconds" },
		{ "microseconds", "microseconds" },
		{ "milliseconds", "milliseconds" },
		{ "seconds", "seconds" },
		{ "bytes", "bytes" },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (str_equal(unit, str_from(units[i].profile)))
			return units[i].speedscope;
	}
	return "none";
}

static void write_frames(struct json *j, const struct flame *flame)
{
	json_key(j, "shared");
	json_object_begin(j);
	json_key(j, "frames");
	json_array_begin(j);
	for (size_t i = 0; i < flame->frame_count; i++) {
		const struct flame_frame *frame = &flame->frames[i];

		json_object_begin(j);
		json_key_string(j, "name", frame->name);
		if (frame->file.n > 0)
			json_key_string(j, "file", frame->file);
		if (frame->first_line > 0)
			json_key_i64(j, "line", frame->first_line);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void write_stack(struct json *j, const struct flame *flame, uint32_t node,
			uint32_t *path)
{
	size_t depth = 0;

	for (; node != 0; node = flame->nodes[node].parent)
		path[depth++] = flame->nodes[node].frame;
	json_array_begin(j);
	while (depth-- > 0)
		json_u64(j, path[depth]);
	json_array_end(j);
}

static size_t max_depth(const struct flame *flame)
{
	size_t capacity = 0, deepest = 0;
	uint32_t *depths =
		table_reserve(NULL, &capacity, flame->node_count, sizeof(*depths));

	depths[0] = 0;
	for (size_t i = 1; i < flame->node_count; i++) {
		depths[i] = depths[flame->nodes[i].parent] + 1;
		if (depths[i] > deepest)
			deepest = depths[i];
	}
	free(depths);
	return deepest;
}

// Only positive values: speedscope has no picture for a negative one.
static void write_samples(struct json *j, const struct flame *flame, size_t type)
{
	size_t capacity = 0;
	uint32_t *path =
		table_reserve(NULL, &capacity, max_depth(flame) + 1, sizeof(*path));
	int64_t end = 0;

	json_key(j, "samples");
	json_array_begin(j);
	for (uint32_t i = 1; i < flame->node_count; i++) {
		if (flame_self(flame, i)[type] > 0)
			write_stack(j, flame, i, path);
	}
	json_array_end(j);
	json_key(j, "weights");
	json_array_begin(j);
	for (uint32_t i = 1; i < flame->node_count; i++) {
		int64_t value = flame_self(flame, i)[type];

		if (value <= 0)
			continue;
		json_i64(j, value);
		if (__builtin_add_overflow(end, value, &end))
			end = INT64_MAX;
	}
	json_array_end(j);
	json_key_i64(j, "startValue", 0);
	json_key_i64(j, "endValue", end);
	free(path);
}

static void write_type(struct json *j, const struct flame *flame, size_t type)
{
	struct str unit =
		profile_string(flame->profile, flame->profile->types[type].unit);

	json_object_begin(j);
	json_key_string(j, "type", STR("sampled"));
	json_key_string(j, "name", type_name(flame, type));
	json_key_string(j, "unit", str_from(unit_name(unit)));
	write_samples(j, flame, type);
	json_object_end(j);
}

bool speedscope_render(const struct profile *profile,
		       const struct report_options *options, struct writer *w,
		       struct error *err)
{
	const struct flame_shape shape = { .has_all_types = true };
	struct json j = json_to(w);
	struct flame flame;

	if (!flame_init(&flame, profile, options, &shape, err))
		return false;
	json_object_begin(&j);
	json_key_string(&j, "$schema",
			STR("https://www.speedscope.app/file-format-schema.json"));
	json_key_string(&j, "exporter", str_from(version_text));
	json_key_i64(&j, "activeProfileIndex", (int64_t)flame.type);
	write_frames(&j, &flame);
	json_key(&j, "profiles");
	json_array_begin(&j);
	for (size_t type = 0; type < flame.type_count; type++)
		write_type(&j, &flame, type);
	json_array_end(&j);
	json_object_end(&j);
	writer_char(w, '\n');
	flame_deinit(&flame);
	return true;
}
