// Sums up the labels of samples at the nodes of their stacks.
#include "report/node_tags.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/measure.h"
#include "report/number.h"

// A distinct tag: a joined string, or a number beside one.
struct tag_kind {
	uint32_t label, text;
	int64_t number;
};

struct tag_builder {
	struct node_tags *tags;
	const struct graph *graph;
	const struct node_tags_options *options;
	struct map kind_rows; // label and text -> kind
	struct tag_kind *kinds;
	size_t kind_count, kind_capacity;
	uint32_t *set_kinds; // by label list: from set_first[i] up to set_first[i + 1]
	uint32_t *set_first;
	size_t set_kind_count, set_kind_capacity;
	struct map rows;    // node and kind -> row
	uint32_t *stamps;   // by node: the sample that was counted last, + 1
	uint8_t *is_wanted; // by node
	uint8_t *is_passed; // by location, where nodes are its lines: none is wanted
};

static void *zeroed(size_t count, size_t size)
{
	void *block = calloc(count + 1, size);

	if (block == NULL)
		arena_out_of_memory(count * size);
	return block;
}

static int compare_words(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

// "key:value" of all string labels, sorted and joined the way dot breaks lines.
static struct str join_labels(const struct profile *profile,
			      struct profile_labels_view view, uint32_t base_key,
			      struct arena *arena)
{
	struct str *words = arena_array(arena, view.count + 1, sizeof(*words));
	struct str text = STR("");
	size_t count = 0;

	for (size_t i = 0; i < view.count; i++) {
		struct str key = profile_string(profile, view.labels[i].key);
		struct str value = profile_string(profile, view.labels[i].string);

		if (view.labels[i].string != 0 && view.labels[i].key != base_key)
			words[count++] = str_format(arena, "%.*s:%.*s", (int)key.n, key.p,
						    (int)value.n, value.p);
	}
	qsort(words, count, sizeof(*words), compare_words);
	for (size_t i = 0; i < count; i++)
		text = str_format(arena, "%.*s%s%.*s", (int)text.n, text.p,
				  i == 0 ? "" : "\\n", (int)words[i].n, words[i].p);
	return text;
}

static void add_set_kind(struct tag_builder *builder, struct tag_kind kind)
{
	uint32_t *row =
		map_put(&builder->kind_rows, (uint64_t)kind.label << 32 | kind.text);

	if (*row == MAP_NONE) {
		*row = (uint32_t)builder->kind_count++;
		builder->kinds = table_reserve(builder->kinds, &builder->kind_capacity,
					       builder->kind_count, sizeof(kind));
		builder->kinds[*row] = kind;
	}
	builder->set_kinds =
		table_reserve(builder->set_kinds, &builder->set_kind_capacity,
			      builder->set_kind_count + 1, sizeof(*builder->set_kinds));
	builder->set_kinds[builder->set_kind_count++] = *row;
}

static void read_set(struct tag_builder *builder, uint32_t set, uint32_t base_key,
		     uint32_t bytes_key)
{
	const struct profile *profile = builder->graph->profile;
	struct node_tags *tags = builder->tags;
	struct profile_labels_view view = profile_labels(profile, set);
	struct str joined = join_labels(profile, view, base_key, &tags->arena);
	uint32_t label = interner_add(&tags->strings, NULL, joined);

	if (label != 0)
		add_set_kind(builder, (struct tag_kind){ .label = label });
	for (size_t i = 0; i < view.count; i++) {
		const struct profile_label *number = &view.labels[i];
		struct str text;

		if (number->string != 0 || number->key != bytes_key ||
		    (number->number == 0 && number->unit == 0))
			continue;
		text = measure_label(&tags->arena, number->number,
				     builder->options->bytes_unit,
				     builder->options->output_unit);
		add_set_kind(builder, (struct tag_kind){
					      label,
					      interner_add(&tags->strings, NULL, text),
					      number->number,
				      });
	}
}

// Equal for label lists whose string labels join to the same text.
static uint64_t hash_joined(const struct profile *profile, uint32_t set,
			    uint32_t base_key, struct writer *scratch)
{
	struct profile_labels_view view = profile_labels(profile, set);
	uint64_t hash = 0;

	for (size_t i = 0; i < view.count; i++) {
		if (view.labels[i].string == 0 || view.labels[i].key == base_key)
			continue;
		scratch->used = 0;
		writer_str(scratch, profile_string(profile, view.labels[i].key));
		writer_char(scratch, ':');
		writer_str(scratch, profile_string(profile, view.labels[i].string));
		hash += str_hash(writer_contents(scratch));
	}
	return hash;
}

// Whether any tag of the list can be heavy at any node: none weighs more than all samples
// with its text do, whose sizes are summed up here. Most lists have a text of their own
// (a request's, say), which is then never made.
static uint8_t *find_heavy_sets(const struct tag_builder *builder, uint32_t base_key)
{
	const struct profile *profile = builder->graph->profile;
	size_t count = profile->label_sets.count, value_index;
	uint8_t *is_heavy = zeroed(count, 1);
	CLEANUP_FREE uint32_t *groups = zeroed(count, sizeof(*groups));
	CLEANUP_FREE double *sizes = zeroed(count, sizeof(*sizes));
	struct writer scratch = writer_to_memory();
	struct map rows = { 0 };

	value_index = builder->options->value_index;
	for (uint32_t set = 0; set < count; set++) {
		uint32_t *row =
			map_put(&rows, hash_joined(profile, set, base_key, &scratch));

		if (*row == MAP_NONE)
			*row = set;
		groups[set] = *row;
	}
	for (size_t i = 0; i < profile->sample_count; i++)
		sizes[groups[profile->sample_labels[i]]] +=
			fabs((double)profile_values(profile, i)[value_index]);
	for (uint32_t set = 0; set < count; set++)
		is_heavy[set] = sizes[groups[set]] * (1 + 1e-9) >=
				(double)builder->graph->node_cutoff;
	writer_deinit(&scratch);
	map_deinit(&rows);
	return is_heavy;
}

static void read_sets(struct tag_builder *builder)
{
	const struct profile *profile = builder->graph->profile;
	uint32_t base_key = interner_find(&profile->strings, STR("pprof::base"));
	uint32_t bytes_key = interner_find(&profile->strings, STR("bytes"));
	CLEANUP_FREE uint8_t *is_heavy = find_heavy_sets(builder, base_key);
	size_t capacity = 0;

	builder->set_first = table_reserve(NULL, &capacity, profile->label_sets.count + 1,
					   sizeof(*builder->set_first));
	for (uint32_t set = 0; set < profile->label_sets.count; set++) {
		builder->set_first[set] = (uint32_t)builder->set_kind_count;
		if (is_heavy[set] != 0)
			read_set(builder, set, base_key, bytes_key);
	}
	builder->set_first[profile->label_sets.count] = (uint32_t)builder->set_kind_count;
}

static struct node_tag *find_or_add(struct tag_builder *builder, uint32_t node,
				    uint32_t kind)
{
	struct node_tags *tags = builder->tags;
	uint32_t *row = map_put(&builder->rows, (uint64_t)node << 32 | kind);

	if (*row != MAP_NONE)
		return &tags->tags[*row];
	*row = (uint32_t)tags->count++;
	tags->tags = table_reserve(tags->tags, &tags->capacity, tags->count,
				   sizeof(*tags->tags));
	tags->tags[*row] = (struct node_tag){
		.node = node,
		.label = builder->kinds[kind].label,
		.text = builder->kinds[kind].text,
		.number = builder->kinds[kind].number,
		.unit = builder->options->bytes_unit,
	};
	return &tags->tags[*row];
}

// A sample and what it adds to the tags of its nodes.
struct tagged_sample {
	const uint32_t *kinds;
	size_t kind_count;
	int64_t value, divisor;
};

static void add_flat(struct tag_builder *builder, const struct tagged_sample *sample,
		     uint32_t node)
{
	for (size_t i = 0; i < sample->kind_count; i++) {
		struct node_tag *tag = find_or_add(builder, node, sample->kinds[i]);

		tag->flat = number_add(tag->flat, sample->value);
		tag->flat_divisor = number_add(tag->flat_divisor, sample->divisor);
	}
}

static void add_cum(struct tag_builder *builder, const struct tagged_sample *sample,
		    uint32_t node)
{
	for (size_t i = 0; i < sample->kind_count; i++) {
		struct node_tag *tag = find_or_add(builder, node, sample->kinds[i]);

		tag->cum = number_add(tag->cum, sample->value);
		tag->cum_divisor = number_add(tag->cum_divisor, sample->divisor);
	}
}

static void add_sample(struct tag_builder *builder, size_t index,
		       const struct tagged_sample *sample)
{
	const struct graph *graph = builder->graph;
	const struct nodes *nodes = &graph->nodes;
	struct profile_stack_view view =
		profile_stack(graph->profile, graph->profile->sample_stacks[index]);
	uint32_t node = NODE_NONE;

	for (size_t i = view.count; i-- > 0;) {
		uint32_t from = nodes->first[view.locations[i]];

		if (builder->is_passed[view.locations[i]] != 0)
			continue;
		for (uint32_t j = nodes->first[view.locations[i] + 1]; j-- > from;) {
			node = graph_child(graph, node, nodes->list[j]);
			if (builder->is_wanted[node] == 0 ||
			    builder->stamps[node] == (uint32_t)index + 1)
				continue;
			builder->stamps[node] = (uint32_t)index + 1;
			add_cum(builder, sample, node);
		}
	}
	if (node != NODE_NONE && builder->is_passed[view.locations[0]] == 0 &&
	    builder->is_wanted[node] != 0)
		add_flat(builder, sample, node);
}

static void add_samples(struct tag_builder *builder)
{
	const struct profile *profile = builder->graph->profile;
	const struct node_tags_options *options = builder->options;

	for (size_t i = 0; i < profile->sample_count; i++) {
		uint32_t set = profile->sample_labels[i];
		uint32_t from = builder->set_first[set];
		const int64_t *row = profile_values(profile, i);
		struct tagged_sample sample = {
			.kinds = builder->set_kinds + from,
			.kind_count = builder->set_first[set + 1] - from,
			.value = row[options->value_index],
			.divisor = options->has_means ? row[0] : 0,
		};

		if (sample.kind_count > 0 && (sample.value != 0 || sample.divisor != 0))
			add_sample(builder, i, &sample);
	}
}

static int compare_tags(const void *left, const void *right)
{
	const struct node_tag *a = left, *b = right;

	if (a->node != b->node)
		return a->node < b->node ? -1 : 1;
	if (a->label != b->label)
		return a->label < b->label ? -1 : 1;
	return a->text < b->text ? -1 : a->text > b->text;
}

static void index_by_node(struct node_tags *tags, size_t node_count)
{
	size_t capacity = 0, row = 0;

	if (tags->count > 0)
		qsort(tags->tags, tags->count, sizeof(*tags->tags), compare_tags);
	tags->first =
		table_reserve(NULL, &capacity, node_count + 1, sizeof(*tags->first));
	for (size_t node = 0; node <= node_count; node++) {
		while (row < tags->count && tags->tags[row].node < node)
			row++;
		tags->first[node] = (uint32_t)row;
	}
}

// In a call tree a place in a stack is found from the root on, so none is passed over.
static void find_wanted(struct tag_builder *builder)
{
	const struct graph *graph = builder->graph;
	const struct nodes *nodes = &graph->nodes;

	builder->is_wanted = zeroed(graph->node_count, 1);
	builder->is_passed = zeroed(graph->profile->location_count, 1);
	for (size_t i = 0; i < graph->shown_count && i < builder->options->node_count;
	     i++)
		builder->is_wanted[graph->order[i]] = 1;
	if (graph->shape == GRAPH_CALL_TREE)
		return;
	for (size_t i = 0; i < graph->profile->location_count; i++) {
		builder->is_passed[i] = 1;
		for (uint32_t j = nodes->first[i]; j < nodes->first[i + 1]; j++)
			builder->is_passed[i] &= builder->is_wanted[nodes->list[j]] == 0;
	}
}

void node_tags_init(struct node_tags *tags, const struct graph *graph,
		    const struct node_tags_options *options)
{
	struct tag_builder builder = { .tags = tags, .graph = graph, .options = options };

	*tags = (struct node_tags){ 0 };
	interner_add(&tags->strings, NULL, STR(""));
	builder.stamps = zeroed(graph->node_count, sizeof(*builder.stamps));
	find_wanted(&builder);
	read_sets(&builder);
	if (builder.kind_count > 0)
		add_samples(&builder);
	index_by_node(tags, graph->node_count);
	free(builder.stamps);
	free(builder.is_wanted);
	free(builder.is_passed);
	free(builder.kinds);
	free(builder.set_kinds);
	free(builder.set_first);
	map_deinit(&builder.kind_rows);
	map_deinit(&builder.rows);
}

void node_tags_deinit(struct node_tags *tags)
{
	interner_deinit(&tags->strings);
	free(tags->tags);
	free(tags->first);
	arena_deinit(&tags->arena);
	*tags = (struct node_tags){ 0 };
}

size_t node_tags_count_boxes(const struct node_tags *tags, uint32_t node, int64_t cutoff)
{
	struct node_tag_list list;
	size_t count = 0;

	if (tags == NULL)
		return 0;
	list = node_tags_of(tags, node);
	for (size_t i = 0; i < list.count && count < NODE_TAGS_BOXES; i++)
		count += list.tags[i].flat != 0 &&
			 node_tag_is_heavy(&list.tags[i], cutoff);
	return count;
}
