// Writes a tree in columns.
#include "report/flame_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/map.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/flame.h"
#include "report/flame_facts.h"
#include "report/flame_labels.h"
#include "report/flame_numbers.h"
#include "report/flame_sources.h"
#include "report/options.h"

// Longer names are cut: nobody reads that far.
enum { NAME_BYTES_MAX = 10000 };

struct flame_data {
	const struct flame *flame;
	struct writer *w;
	struct json json;
	uint32_t *frame_numbers; // by frame: its number in the page, or NOT_SHOWN
	uint32_t *order;         // of the frames in the page
	size_t order_count;
	struct interner strings;
	uint32_t *string_ranks; // by id: its number in the page
};

#define NOT_SHOWN UINT32_MAX

static void *zeroed(size_t count, size_t size)
{
	void *block = calloc(count + 1, size);

	if (block == NULL)
		arena_out_of_memory(count * size);
	return block;
}

static uint64_t magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

// Whether the frame is worth a row of the table.
static bool frame_is_large(const struct flame *flame, size_t frame)
{
	size_t types = flame->type_count;

	for (size_t t = 0; t < types; t++) {
		uint64_t cum = magnitude(flame->cum[frame * types + t]);

		if (cum > 0 && cum >= flame->weights[t] / flame->share)
			return true;
	}
	return false;
}

static void choose_frame(struct flame_data *data, uint32_t frame)
{
	if (data->frame_numbers[frame] != NOT_SHOWN)
		return;
	data->frame_numbers[frame] = (uint32_t)data->order_count;
	data->order[data->order_count++] = frame;
}

static void choose_frames(struct flame_data *data)
{
	const struct flame *flame = data->flame;
	size_t count = flame->frame_count;

	data->frame_numbers = zeroed(count, sizeof(*data->frame_numbers));
	data->order = zeroed(count, sizeof(*data->order));
	memset(data->frame_numbers, 0xff, count * sizeof(*data->frame_numbers));
	for (size_t i = 1; i < flame->node_count; i++) {
		if (flame->nodes[i].frame != FLAME_HEAP)
			choose_frame(data, flame->nodes[i].frame);
	}
	for (uint32_t i = 0; i < count; i++) {
		if (frame_is_large(flame, i))
			choose_frame(data, i);
	}
}

static uint32_t string_id(struct flame_data *data, struct str s)
{
	return interner_add(&data->strings, NULL, str_slice(s, 0, NAME_BYTES_MAX));
}

struct string_key {
	struct str text;
	uint32_t id;
};

static int compare_strings(const void *a, const void *b)
{
	return str_compare(((const struct string_key *)a)->text,
			   ((const struct string_key *)b)->text);
}

// In order of their bytes, so that those of one module or package stand together and
// compress well. Whole, so that a search in the page's source finds a name.
static void write_strings(struct flame_data *data)
{
	size_t count = data->strings.count;
	CLEANUP_FREE struct string_key *keys = zeroed(count, sizeof(*keys));

	for (uint32_t i = 0; i < count; i++)
		keys[i] = (struct string_key){ data->strings.strings[i], i };
	qsort(keys, count, sizeof(*keys), compare_strings);
	data->string_ranks = zeroed(count, sizeof(*data->string_ranks));
	json_key(&data->json, "strings");
	json_array_begin(&data->json);
	for (uint32_t i = 0; i < count; i++) {
		data->string_ranks[keys[i].id] = i;
		json_string(&data->json, keys[i].text);
	}
	json_array_end(&data->json);
}

static void write_frame(struct flame_data *data, uint32_t row)
{
	const struct flame_frame *frame = &data->flame->frames[row];
	size_t at = row * data->flame->type_count;

	flame_numbers_write(data->w, data->string_ranks[string_id(data, frame->name)]);
	flame_numbers_write(data->w, data->string_ranks[string_id(data, frame->file)]);
	flame_numbers_write(data->w, data->string_ranks[string_id(data, frame->module)]);
	flame_numbers_write(data->w, (uint64_t)frame->first_line);
	flame_numbers_write(data->w, (uint64_t)(frame->last_line - frame->first_line));
	flame_numbers_write(data->w, frame->kind);
	flame_numbers_write_values(data->w, data->flame, data->flame->flat + at);
	flame_numbers_write_values(data->w, data->flame, data->flame->cum + at);
}

static void write_frames(struct flame_data *data)
{
	for (size_t i = 0; i < data->order_count; i++) {
		const struct flame_frame *frame = &data->flame->frames[data->order[i]];

		string_id(data, frame->name);
		string_id(data, frame->file);
		string_id(data, frame->module);
	}
	write_strings(data);
	json_key_i64(&data->json, "frameCount", (int64_t)data->order_count);
	json_key(&data->json, "frames");
	writer_char(data->w, '"');
	for (size_t i = 0; i < data->order_count; i++)
		write_frame(data, data->order[i]);
	writer_char(data->w, '"');
	data->json.needs_comma = true;
}

static bool has_values(const int64_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (values[i] != 0)
			return true;
	}
	return false;
}

static void write_node(const struct flame_data *data, uint32_t i, size_t up)
{
	const struct flame *flame = data->flame;
	const struct flame_node *node = &flame->nodes[i];
	bool is_heap = node->frame == FLAME_HEAP;
	bool has_self = has_values(flame_self(flame, i), flame->type_count);

	flame_numbers_write(data->w,
			    up * 16 + is_heap * 8u + node->inlining * 2u + has_self);
	flame_numbers_write(data->w,
			    is_heap ? node->heaped : data->frame_numbers[node->frame]);
	if (has_self)
		flame_numbers_write_values(data->w, data->flame, flame_self(flame, i));
}

static void write_nodes(struct flame_data *data)
{
	const struct flame *flame = data->flame;

	json_key(&data->json, "nodes");
	writer_char(data->w, '"');
	for (uint32_t i = 1; i < flame->node_count; i++) {
		size_t up = 0;

		for (uint32_t above = i - 1; above != flame->nodes[i].parent;
		     above = flame->nodes[above].parent)
			up++;
		write_node(data, i, up);
	}
	writer_char(data->w, '"');
	data->json.needs_comma = true;
	json_key_i64(&data->json, "nodeCount", (int64_t)flame->node_count - 1);
}

static void write_root_values(struct flame_data *data)
{
	json_key(&data->json, "root");
	writer_char(data->w, '"');
	flame_numbers_write_values(data->w, data->flame, flame_self(data->flame, 0));
	writer_char(data->w, '"');
	data->json.needs_comma = true;
}

static size_t count_heaped(const struct flame *flame)
{
	size_t count = 0;

	for (size_t i = 0; i < flame->node_count; i++)
		count += flame->nodes[i].heaped;
	return count;
}

void flame_data_write(const struct flame *flame, const struct report_options *options,
		      struct writer *w)
{
	struct flame_data data = { .flame = flame, .w = w, .json = json_to(w) };

	choose_frames(&data);
	json_object_begin(&data.json);
	flame_facts_write(flame, options, &data.json);
	json_key_i64(&data.json, "share", (int64_t)flame->share);
	json_key_i64(&data.json, "heaped", (int64_t)count_heaped(flame));
	json_key_i64(&data.json, "framesLeftOut",
		     (int64_t)(flame->frame_count - data.order_count));
	write_frames(&data);
	write_root_values(&data);
	write_nodes(&data);
	if (flame->stacks != NULL) {
		flame_labels_write(flame, options->unit, &data.json);
		flame_sources_write(flame, options, data.frame_numbers, &data.json);
	}
	json_object_end(&data.json);
	free(data.frame_numbers);
	free(data.order);
	free(data.string_ranks);
	interner_deinit(&data.strings);
}
