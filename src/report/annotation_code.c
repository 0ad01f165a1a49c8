// Disassembles whole functions around the marked addresses.
#include "report/annotation_code.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "binary/disassemble.h"
#include "binary/module.h"
#include "profile/profile.h"
#include "report/annotation.h"
#include "report/interest.h"
#include "report/mapped_code.h"
#include "report/number.h"
#include "report/options.h"
#include "report/report.h"
#include "report/weights.h"

// A page of more instructions is slow to read and slow to show.
enum { CODE_BYTES_MAX = 512 << 10 };

// A function, and where its instructions are: codes[from] up to codes[to].
struct extent {
	struct module *module;
	uint64_t start, limit, weight;
	size_t from, to;
};

struct builder {
	struct annotation *annotation;
	const struct report *report;
	const struct profile *profile;
	const struct interest *interest;
	struct extent *extents;
	size_t extent_count, code_capacity;
	uint32_t *location_codes;
	struct arena scratch;
};

static int compare_extents(const void *left, const void *right)
{
	const struct extent *a = left, *b = right;

	if (a->module != b->module) {
		int order = str_compare(module_path(a->module), module_path(b->module));

		return order != 0 ? order : (a->module < b->module ? -1 : 1);
	}
	return a->start < b->start ? -1 : a->start > b->start;
}

static int compare_weights(const void *left, const void *right)
{
	const struct extent *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return compare_extents(left, right);
}

static uint64_t *weigh_locations(const struct builder *builder,
				 const struct weights *weights, struct arena *arena)
{
	uint64_t *sums =
		arena_array(arena, builder->profile->location_count + 1, sizeof(*sums));

	for (uint32_t stack = 0; stack < weights->count; stack++) {
		struct profile_stack_view view = profile_stack(builder->profile, stack);
		int64_t value = weights->values[stack];

		for (size_t i = 0; i < view.count; i++)
			sums[view.locations[i]] += (uint64_t)number_abs(value);
	}
	return sums;
}

static bool locate(const struct builder *builder, size_t index, struct module **module,
		   uint64_t *address)
{
	const struct profile_location *location = &builder->profile->locations[index];

	return mapped_code_find(builder->annotation->programs, location->mapping,
				location->address, module, address);
}

static void merge_extents(struct builder *builder)
{
	struct extent *extents = builder->extents;
	size_t count = 0;

	qsort(extents, builder->extent_count, sizeof(*extents), compare_extents);
	for (size_t i = 0; i < builder->extent_count; i++) {
		if (count > 0 && extents[count - 1].module == extents[i].module &&
		    extents[count - 1].start == extents[i].start)
			extents[count - 1].weight += extents[i].weight;
		else
			extents[count++] = extents[i];
	}
	builder->extent_count = count;
}

// The heaviest come first where there is too much code.
static void cut_extents(struct builder *builder)
{
	struct extent *extents = builder->extents;
	uint64_t bytes = 0;
	size_t count = 0;

	qsort(extents, builder->extent_count, sizeof(*extents), compare_weights);
	for (size_t i = 0; i < builder->extent_count; i++) {
		uint64_t size = extents[i].limit - extents[i].start;

		if (size > CODE_BYTES_MAX - bytes)
			continue;
		bytes += size;
		extents[count++] = extents[i];
	}
	builder->annotation->is_cut = count < builder->extent_count;
	builder->extent_count = count;
	qsort(extents, count, sizeof(*extents), compare_extents);
}

static void find_extents(struct builder *builder, const struct weights *weights)
{
	size_t count = builder->profile->location_count;
	uint64_t *sums = weigh_locations(builder, weights, &builder->scratch);

	builder->extents =
		arena_array(&builder->scratch, count + 1, sizeof(*builder->extents));
	for (size_t i = 0; i < count; i++) {
		struct module_function function;
		struct module *module;
		uint64_t address;

		if (builder->interest->is_marked[i] == 0 ||
		    !locate(builder, i, &module, &address) ||
		    !module_find_function(module, address, &function))
			continue;
		builder->extents[builder->extent_count++] = (struct extent){
			.module = module,
			.start = function.start,
			.limit = function.limit,
			.weight = sums[i],
		};
	}
	merge_extents(builder);
	cut_extents(builder);
}

static struct annotation_code *add_code(struct builder *builder)
{
	struct annotation *annotation = builder->annotation;
	size_t wanted = annotation->code_count + 1;

	annotation->codes = table_reserve(annotation->codes, &builder->code_capacity,
					  wanted, sizeof(*annotation->codes));
	annotation->codes[wanted - 1] = (struct annotation_code){ .text = STR("") };
	annotation->code_count = wanted;
	return &annotation->codes[wanted - 1];
}

struct frame_sink {
	struct module_sink sink; // first: the callback casts back
	struct annotation *annotation;
	size_t from; // the code of address 0
};

// Compilers leave some instructions without a line; the code before them tells it.
static void inherit_frames(struct annotation_code *code,
			   const struct annotation_code *before)
{
	bool is_known = code->frame_count > 0 && code->frames[0].line != 0;

	if (is_known || before->frame_count == 0)
		return;
	code->frames = before->frames;
	code->frame_count = before->frame_count;
}

static void take_frames(struct module_sink *sink, size_t index,
			const struct module_frame *frames, size_t count)
{
	struct frame_sink *own = (struct frame_sink *)sink;
	struct annotation_code *code = &own->annotation->codes[own->from + index];

	code->frames =
		arena_array(&own->annotation->arena, count + 1, sizeof(*code->frames));
	code->frame_count = count;
	for (size_t i = 0; i < count; i++)
		code->frames[i] = (struct annotation_frame){
			.name = frames[i].name,
			.symbol = frames[i].symbol,
			.file = frames[i].file,
			.line = frames[i].line,
		};
	if (index > 0)
		inherit_frames(code, code - 1);
}

static void read_extent(struct builder *builder, struct extent *extent)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct annotation *annotation = builder->annotation;
	enum disassemble_syntax syntax = builder->report->options.intel_syntax
						 ? DISASSEMBLE_INTEL
						 : DISASSEMBLE_ATT;
	struct frame_sink sink = { { take_frames }, annotation, annotation->code_count };
	struct disassembly code;
	struct error unused;
	uint64_t *addresses;

	extent->from = extent->to = annotation->code_count;
	if (!disassemble(extent->module, extent->start, extent->limit, syntax,
			 &annotation->arena, &code, &unused))
		return;
	addresses = arena_array(&scratch, code.count + 1, sizeof(*addresses));
	for (size_t i = 0; i < code.count; i++) {
		struct annotation_code *row = add_code(builder);

		addresses[i] = row->address = code.instructions[i].address;
		row->size = code.instructions[i].size;
		row->text = code.instructions[i].text;
	}
	extent->to = annotation->code_count;
	module_symbolize(extent->module, addresses, code.count, &sink.sink);
}

// Extents are sorted and do not overlap.
static const struct extent *extent_of(const struct builder *builder,
				      struct module *module, uint64_t address)
{
	const struct extent wanted = { .module = module, .start = address };
	const struct extent *found;
	size_t low = 0, high = builder->extent_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_extents(&builder->extents[middle], &wanted) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	found = &builder->extents[low - 1];
	return found->module == module && address < found->limit ? found : NULL;
}

static uint32_t code_at(const struct builder *builder, const struct extent *extent,
			uint64_t address)
{
	const struct annotation_code *codes = builder->annotation->codes;
	size_t low = extent->from, high = extent->to;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (codes[middle].address + codes[middle].size <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < extent->to ? (uint32_t)low : PROFILE_NONE;
}

static bool has_interest(const struct builder *builder, uint32_t code)
{
	const struct annotation_code *row = &builder->annotation->codes[code];

	for (size_t i = 0; i < row->frame_count; i++) {
		if (interest_has(builder->interest, row->frames[i].name) ||
		    interest_has(builder->interest, row->frames[i].symbol))
			return true;
	}
	return false;
}

// A marked address without code counts at the lines that the profile states.
static uint32_t code_of_profile(struct builder *builder, size_t index)
{
	const struct profile *profile = builder->profile;
	const struct profile_location *location = &profile->locations[index];
	struct annotation_code *code = add_code(builder);

	code->address = location->address;
	code->size = 1;
	code->frames = arena_array(&builder->annotation->arena, location->line_count + 1,
				   sizeof(*code->frames));
	for (uint32_t i = 0; i < location->line_count; i++) {
		const struct profile_line *line =
			&profile->lines[location->first_line + i];
		const struct profile_function *function;

		if (line->function == PROFILE_NONE)
			continue;
		function = &profile->functions[line->function];
		code->frames[code->frame_count++] = (struct annotation_frame){
			.name = profile_string(profile, function->name),
			.symbol = profile_string(profile, function->system_name),
			.file = profile_string(profile, function->filename),
			.line = line->line,
		};
	}
	return (uint32_t)(builder->annotation->code_count - 1);
}

// Mappings without a marked address cannot hold code of interest.
static uint8_t *marked_mappings(struct builder *builder)
{
	const struct profile *profile = builder->profile;
	uint8_t *is_marked =
		arena_array(&builder->scratch, profile->mapping_count + 1, 1);

	for (size_t i = 0; i < profile->location_count; i++) {
		uint32_t mapping = profile->locations[i].mapping;

		if (mapping != PROFILE_NONE)
			is_marked[mapping] |= builder->interest->is_marked[i];
	}
	return is_marked;
}

static void place_locations(struct builder *builder)
{
	const struct profile *profile = builder->profile;
	const struct interest *interest = builder->interest;
	const uint8_t *is_mapped = marked_mappings(builder);

	for (size_t i = 0; i < profile->location_count; i++) {
		uint32_t mapping = profile->locations[i].mapping;
		uint32_t *code = &builder->location_codes[i];
		const struct extent *extent = NULL;
		struct module *module;
		uint64_t address;

		*code = PROFILE_NONE;
		if (interest->is_used[i] == 0)
			continue;
		if (mapping != PROFILE_NONE && is_mapped[mapping] != 0 &&
		    locate(builder, i, &module, &address))
			extent = extent_of(builder, module, address);
		if (extent != NULL)
			*code = code_at(builder, extent, address);
		if (interest->is_marked[i] != 0 &&
		    (*code == PROFILE_NONE || !has_interest(builder, *code)))
			*code = code_of_profile(builder, i);
	}
}

uint32_t *annotation_code_read(struct annotation *annotation, const struct report *report,
			       const struct interest *interest,
			       const struct weights *weights)
{
	struct builder builder = {
		.annotation = annotation,
		.report = report,
		.profile = report->profile,
		.interest = interest,
	};

	builder.location_codes =
		arena_array(&annotation->arena, report->profile->location_count + 1,
			    sizeof(*builder.location_codes));
	find_extents(&builder, weights);
	for (size_t i = 0; i < builder.extent_count; i++)
		read_extent(&builder, &builder.extents[i]);
	place_locations(&builder);
	arena_deinit(&builder.scratch);
	return builder.location_codes;
}
