// Prunes what cannot be seen and writes the rest in columns.
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
#include "report/options.h"

enum {
	SHARE_MAX = 20000,     // boxes below 1/SHARE_MAX of the total are drawn as one
	NODES_MAX = 80000,     // ... and larger ones, as long as there are more than this
	NAME_BYTES_MAX = 10000 // no reader gets further than that
};

struct flame_data {
	struct flame *flame;
	struct writer *w;
	struct json json;
	int64_t *times;    // by type: what the first column is multiplied with; 0: stored
	uint64_t *weights; // by node and type: sum of absolute own values at and below
	uint8_t *is_kept;  // by node
	uint64_t share;
	size_t kept, left_out, frames_left_out;

	int64_t *flat, *cum;
	uint32_t *frame_numbers; // by frame: its number in the page, or FLAME_NONE
	uint32_t *order;         // of the frames in the page
	size_t order_count;

	struct interner strings;
	uint32_t *string_ranks; // by id: its number in the page
};

static void *zeroed(size_t count, size_t size)
{
	void *block = calloc(count + 1, size);

	if (block == NULL)
		arena_out_of_memory(count * size);
	return block;
}

static void write_varint(struct writer *w, uint64_t value)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; value >= 32; value >>= 5)
		writer_char(w, digits[32 + (value & 31)]);
	writer_char(w, digits[value]);
}

static void write_zigzag(struct writer *w, int64_t value)
{
	write_varint(w, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

static uint64_t magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

// A CPU profile counts samples and nanoseconds: one is a multiple of the other.
static int64_t multiple_of_first(const struct flame *flame, size_t type)
{
	int64_t times = 0, product;

	for (uint32_t i = 0; i < flame->node_count; i++) {
		int64_t first = flame_self(flame, i)[0],
			value = flame_self(flame, i)[type];

		if (times == 0 && first != 0)
			times = value / first;
		if (__builtin_mul_overflow(first, times, &product) || product != value)
			return 0;
	}
	return times;
}

static void find_multiples(struct flame_data *data)
{
	data->times = zeroed(data->flame->type_count, sizeof(*data->times));
	for (size_t t = 1; t < data->flame->type_count; t++)
		data->times[t] = multiple_of_first(data->flame, t);
}

static void weigh(struct flame_data *data)
{
	const struct flame *flame = data->flame;
	size_t types = flame->type_count;

	data->weights = zeroed(flame->node_count * types, sizeof(*data->weights));
	for (size_t node = flame->node_count; node-- > 0;) {
		size_t at = node * types, parent = flame->parents[node] * types;

		for (size_t t = 0; t < types; t++) {
			data->weights[at + t] += magnitude(flame->self[at + t]);
			if (node > 0)
				data->weights[parent + t] += data->weights[at + t];
		}
	}
}

// Whether the node is seen in the picture of some value type.
static bool is_large(const struct flame_data *data, size_t node)
{
	size_t types = data->flame->type_count;

	for (size_t t = 0; t < types; t++) {
		uint64_t weight = data->weights[node * types + t];

		if (weight > 0 && weight >= data->weights[t] / data->share)
			return true;
	}
	return false;
}

static void prune(struct flame_data *data)
{
	const struct flame *flame = data->flame;

	data->is_kept = zeroed(flame->node_count, 1);
	for (data->share = SHARE_MAX;; data->share -= data->share / 4) {
		data->kept = 0;
		for (size_t i = 1; i < flame->node_count; i++) {
			uint32_t parent = flame->parents[i];

			data->is_kept[i] = (parent == 0 || data->is_kept[parent]) &&
					   is_large(data, i);
			data->kept += data->is_kept[i];
		}
		if (data->kept <= NODES_MAX || data->share < 100)
			break;
	}
	data->left_out = flame->node_count - 1 - data->kept;
}

static bool frame_is_large(const struct flame_data *data, size_t frame)
{
	size_t types = data->flame->type_count;

	for (size_t t = 0; t < types; t++) {
		uint64_t cum = magnitude(data->cum[frame * types + t]);

		if (cum > 0 && cum >= data->weights[t] / data->share)
			return true;
	}
	return false;
}

static void choose_frames(struct flame_data *data)
{
	const struct flame *flame = data->flame;
	size_t count = flame->frame_count, values = count * flame->type_count;

	data->flat = zeroed(values, sizeof(*data->flat));
	data->cum = zeroed(values, sizeof(*data->cum));
	flame_sums(flame, data->flat, data->cum);
	data->frame_numbers = zeroed(count, sizeof(*data->frame_numbers));
	data->order = zeroed(count, sizeof(*data->order));
	memset(data->frame_numbers, 0xff, count * sizeof(*data->frame_numbers));
	// In order of first use, so that what is used most has short numbers.
	for (size_t i = 1; i < flame->node_count; i++) {
		uint32_t frame = flame->node_frames[i];

		if (!data->is_kept[i] || data->frame_numbers[frame] != FLAME_NONE)
			continue;
		data->frame_numbers[frame] = (uint32_t)data->order_count;
		data->order[data->order_count++] = frame;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (data->frame_numbers[i] != FLAME_NONE || !frame_is_large(data, i))
			continue;
		data->frame_numbers[i] = (uint32_t)data->order_count;
		data->order[data->order_count++] = i;
	}
	data->frames_left_out = count - data->order_count;
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

// Only ASCII is shared, so that bytes here and UTF-16 units there count alike.
static size_t shared_prefix(struct str a, struct str b)
{
	size_t i = 0;

	while (i < a.n && i < b.n && a.p[i] == b.p[i] && (unsigned char)a.p[i] < 0x80)
		i++;
	return i;
}

static void write_strings(struct flame_data *data)
{
	size_t count = data->strings.count;
	CLEANUP_FREE struct string_key *keys = zeroed(count, sizeof(*keys));
	struct str before = STR("");

	for (uint32_t i = 0; i < count; i++)
		keys[i] = (struct string_key){ data->strings.strings[i], i };
	qsort(keys, count, sizeof(*keys), compare_strings);
	data->string_ranks = zeroed(count, sizeof(*data->string_ranks));
	json_key(&data->json, "strings");
	json_array_begin(&data->json);
	for (uint32_t i = 0; i < count; i++) {
		size_t shared = shared_prefix(before, keys[i].text);

		data->string_ranks[keys[i].id] = i;
		json_string(&data->json, str_after(keys[i].text, shared));
		before = keys[i].text;
	}
	json_array_end(&data->json);
	json_key(&data->json, "prefixes");
	writer_char(data->w, '"');
	before = STR("");
	for (uint32_t i = 0; i < count; i++) {
		write_varint(data->w, shared_prefix(before, keys[i].text));
		before = keys[i].text;
	}
	writer_char(data->w, '"');
	data->json.needs_comma = true;
}

static void write_values(const struct flame_data *data, const int64_t *values)
{
	for (size_t t = 0; t < data->flame->type_count; t++) {
		if (data->times[t] == 0)
			write_zigzag(data->w, values[t]);
	}
}

static void write_frame(struct flame_data *data, uint32_t row)
{
	const struct flame_frame *frame = &data->flame->frames[row];
	size_t at = row * data->flame->type_count;

	write_varint(data->w, data->string_ranks[string_id(data, frame->name)]);
	write_varint(data->w, data->string_ranks[string_id(data, frame->file)]);
	write_varint(data->w, data->string_ranks[string_id(data, frame->module)]);
	write_varint(data->w, (uint64_t)frame->first_line);
	write_varint(data->w, (uint64_t)(frame->last_line - frame->first_line));
	write_varint(data->w, frame->kind);
	write_values(data, data->flat + at);
	write_values(data, data->cum + at);
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

// How deep the node before was, so that a record can say how many levels to go up.
static void write_head(struct flame_data *data, size_t *before, size_t depth,
		       unsigned flags)
{
	write_varint(data->w, (*before + 1 - depth) * 16 + flags);
	*before = depth;
}

static void write_node(struct flame_data *data, size_t *before, size_t depth,
		       uint32_t node)
{
	const struct flame *flame = data->flame;
	const int64_t *self = flame_self(flame, node);
	bool has_self = has_values(self, flame->type_count);

	write_head(data, before, depth, (unsigned)flame->inlining[node] * 2 + has_self);
	write_varint(data->w, data->frame_numbers[flame->node_frames[node]]);
	if (has_self)
		write_values(data, self);
}

// What the children of a node that are left out come to.
static void write_small(struct flame_data *data, size_t *before, size_t depth,
			uint32_t parent, int64_t *sums)
{
	const struct flame *flame = data->flame;
	size_t types = flame->type_count, count = 0;

	memset(sums, 0, types * sizeof(*sums));
	for (uint32_t i = flame->first_child[parent]; i != FLAME_NONE;
	     i = flame->next_sibling[i]) {
		if (data->is_kept[i])
			continue;
		count++;
		for (size_t t = 0; t < types; t++)
			sums[t] += flame->total[i * types + t];
	}
	if (count == 0 || !has_values(sums, types))
		return;
	write_head(data, before, depth, 8 + 1);
	write_varint(data->w, count);
	write_values(data, sums);
	data->kept++;
}

static void write_nodes(struct flame_data *data)
{
	const struct flame *flame = data->flame;
	CLEANUP_FREE int64_t *sums = zeroed(flame->type_count, sizeof(*sums));
	size_t depth = 1, before = 0;
	uint32_t node = flame->first_child[0];

	json_key(&data->json, "nodes");
	writer_char(data->w, '"');
	write_small(data, &before, 1, 0, sums);
	while (node != FLAME_NONE) {
		bool is_entered = data->is_kept[node];

		if (is_entered) {
			write_node(data, &before, depth, node);
			write_small(data, &before, depth + 1, node, sums);
		}
		if (is_entered && flame->first_child[node] != FLAME_NONE) {
			node = flame->first_child[node];
			depth++;
			continue;
		}
		for (; node != 0 && flame->next_sibling[node] == FLAME_NONE; depth--)
			node = flame->parents[node];
		node = node == 0 ? FLAME_NONE : flame->next_sibling[node];
	}
	writer_char(data->w, '"');
	data->json.needs_comma = true;
	json_key_i64(&data->json, "nodeCount", (int64_t)data->kept);
}

static void write_root_values(struct flame_data *data)
{
	json_key(&data->json, "root");
	writer_char(data->w, '"');
	write_values(data, flame_self(data->flame, 0));
	writer_char(data->w, '"');
	data->json.needs_comma = true;
}

void flame_data_write(struct flame *flame, const struct report_options *options,
		      struct writer *w)
{
	struct flame_data data = { .flame = flame, .w = w, .json = json_to(w) };

	find_multiples(&data);
	weigh(&data);
	prune(&data);
	choose_frames(&data);
	flame_sort(flame, FLAME_BY_VALUE);
	json_object_begin(&data.json);
	flame_facts_write(flame, options, data.times, &data.json);
	json_key_i64(&data.json, "share", (int64_t)data.share);
	json_key_i64(&data.json, "nodesLeftOut", (int64_t)data.left_out);
	json_key_i64(&data.json, "framesLeftOut", (int64_t)data.frames_left_out);
	write_frames(&data);
	write_root_values(&data);
	write_nodes(&data);
	json_object_end(&data.json);
	free(data.times);
	free(data.weights);
	free(data.is_kept);
	free(data.flat);
	free(data.cum);
	free(data.frame_numbers);
	free(data.order);
	free(data.string_ranks);
	interner_deinit(&data.strings);
}
