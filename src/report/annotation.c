// Sorts instructions below the lines they were made for and sums the samples up.
#include "report/annotation.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "profile/profile.h"
#include "report/annotation_code.h"
#include "report/interest.h"
#include "report/mapped_code.h"
#include "report/number.h"
#include "report/options.h"
#include "report/report.h"
#include "report/source_path.h"
#include "report/weights.h"

enum {
	MARGIN = 5,     // lines shown around those with instructions
	GAP_LINES = 20, // within one routine
};

// An entry while it is sorted.
struct draft {
	struct str file, function;
	int64_t line;
	struct annotation_entry entry;
};

// By file; where none is known, by function.
static int compare_places(const struct draft *a, const struct draft *b)
{
	if (a->file.n == 0 && b->file.n == 0)
		return str_compare(a->function, b->function);
	return str_compare(a->file, b->file);
}

static int compare_drafts(const void *left, const void *right)
{
	const struct draft *a = left, *b = right;
	int order = compare_places(a, b);

	if (order != 0)
		return order;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->entry.code != b->entry.code)
		return a->entry.code < b->entry.code ? -1 : 1;
	return a->entry.depth < b->entry.depth ? -1 : a->entry.depth > b->entry.depth;
}

static struct draft *make_drafts(struct annotation *annotation,
				 const struct interest *interest, size_t *count)
{
	struct draft *drafts = NULL;
	size_t capacity = 0;

	*count = 0;
	for (uint32_t i = 0; i < annotation->code_count; i++) {
		const struct annotation_code *code = &annotation->codes[i];

		for (uint32_t depth = 0; depth < code->frame_count; depth++) {
			const struct annotation_frame *frame = &code->frames[depth];
			struct str file = source_path_trim(frame->file, STR(""), STR(""));

			if (file.n > 0)
				file = source_path_clean(&annotation->arena, file);
			if (!interest_has(interest, frame->name) &&
			    !interest_has(interest, frame->symbol))
				continue;
			drafts = table_reserve(drafts, &capacity, *count + 1,
					       sizeof(*drafts));
			drafts[(*count)++] = (struct draft){
				.file = file,
				.function = frame->name,
				.line = frame->line,
				.entry = { i, depth },
			};
		}
	}
	if (*count > 0)
		qsort(drafts, *count, sizeof(*drafts), compare_drafts);
	return drafts;
}

static void make_rows(struct annotation *annotation, const struct interest *interest)
{
	size_t count;
	CLEANUP_FREE struct draft *drafts = make_drafts(annotation, interest, &count);
	struct arena *arena = &annotation->arena;

	annotation->entry_count = count;
	annotation->entries = arena_array(arena, count + 1, sizeof(*annotation->entries));
	annotation->rows = arena_array(arena, count + 1, sizeof(*annotation->rows));
	for (size_t i = 0; i < count; i++) {
		const struct draft *draft = &drafts[i];
		bool is_new = i == 0 || draft->line != drafts[i - 1].line ||
			      compare_places(draft, &drafts[i - 1]) != 0;

		annotation->entries[i] = draft->entry;
		if (is_new)
			annotation->rows[annotation->row_count++] =
				(struct annotation_row){
					.file = draft->file,
					.function = draft->function,
					.line = draft->line,
					.from = i,
				};
		annotation->rows[annotation->row_count - 1].to = i + 1;
	}
}

static bool continues(const struct annotation_routine *routine,
		      const struct annotation_row *row)
{
	return str_equal(routine->file, row->file) &&
	       str_equal(routine->name, row->function) &&
	       (uint64_t)row->line - (uint64_t)routine->limit < GAP_LINES;
}

// Shows the lines around; two routines divide what is between them. Line 0, where the
// compiler states none, has no neighbours.
static void widen(struct annotation_routine *routine, struct annotation_routine *before)
{
	uint64_t gap;

	if (before == NULL || !str_equal(before->file, routine->file)) {
		if (before != NULL)
			before->limit = number_add(before->limit, MARGIN);
		if (routine->first > MARGIN)
			routine->first -= MARGIN;
		else if (routine->first > 1)
			routine->first = 1;
		return;
	}
	gap = ((uint64_t)routine->first - (uint64_t)before->limit) / 2;
	gap = gap < MARGIN ? gap : MARGIN;
	before->limit = number_add(before->limit, (int64_t)gap);
	routine->first = number_add(routine->first, -(int64_t)gap);
}

static void make_routines(struct annotation *annotation)
{
	struct annotation_routine *routines = arena_array(
		&annotation->arena, annotation->row_count + 1, sizeof(*routines));
	size_t count = 0;

	for (size_t i = 0; i < annotation->row_count; i++) {
		const struct annotation_row *row = &annotation->rows[i];

		if (count == 0 || !continues(&routines[count - 1], row))
			routines[count++] = (struct annotation_routine){
				.name = row->function,
				.file = row->file,
				.first = row->line,
				.from = i,
			};
		routines[count - 1].limit = number_add(row->line, 1);
		routines[count - 1].to = i + 1;
	}
	for (size_t i = 0; i < count; i++)
		widen(&routines[i], i == 0 ? NULL : &routines[i - 1]);
	if (count > 0)
		routines[count - 1].limit = number_add(routines[count - 1].limit, MARGIN);
	annotation->routines = routines;
	annotation->routine_count = count;
}

// Which rows and routines an instruction belongs to: items[first[i]] up to
// items[first[i + 1]].
struct owners {
	size_t *first;
	struct owner {
		uint32_t row, routine;
	} * items;
};

static struct owners find_owners(const struct annotation *annotation, struct arena *arena)
{
	size_t count = annotation->code_count;
	struct owners owners = {
		.first = arena_array(arena, count + 2, sizeof(*owners.first)),
		.items = arena_array(arena, annotation->entry_count + 1,
				     sizeof(*owners.items)),
	};

	for (size_t i = 0; i < annotation->entry_count; i++)
		owners.first[annotation->entries[i].code + 2]++;
	for (size_t i = 2; i < count + 2; i++)
		owners.first[i] += owners.first[i - 1];
	for (uint32_t i = 0; i < annotation->routine_count; i++) {
		const struct annotation_routine *routine = &annotation->routines[i];

		for (size_t row = routine->from; row < routine->to; row++) {
			const struct annotation_row *line = &annotation->rows[row];

			for (size_t j = line->from; j < line->to; j++) {
				uint32_t code = annotation->entries[j].code;

				owners.items[owners.first[code + 1]++] =
					(struct owner){ (uint32_t)row, i };
			}
		}
	}
	return owners;
}

enum position { POSITION_LEAF, POSITION_CALLER };

// One stack with its weight, while it is added.
struct addition {
	uint32_t stamp;
	int64_t value, divisor;
};

static void add(struct annotation_value *sum, const struct addition *addition,
		enum position position)
{
	if (sum->cum_stamp != addition->stamp) {
		sum->cum_stamp = addition->stamp;
		sum->cum = number_add(sum->cum, addition->value);
		sum->cum_divisor = number_add(sum->cum_divisor, addition->divisor);
	}
	if (position == POSITION_LEAF && sum->flat_stamp != addition->stamp) {
		sum->flat_stamp = addition->stamp;
		sum->flat = number_add(sum->flat, addition->value);
		sum->flat_divisor = number_add(sum->flat_divisor, addition->divisor);
	}
}

static void sum_up(struct annotation *annotation, const struct profile *profile,
		   const struct weights *weights, const uint32_t *location_codes)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct owners owners = find_owners(annotation, &scratch);

	for (uint32_t stack = 0; stack < weights->count; stack++) {
		struct profile_stack_view view = profile_stack(profile, stack);
		struct addition addition = {
			.stamp = stack + 1,
			.value = weights->values[stack],
			.divisor =
				weights->divisors != NULL ? weights->divisors[stack] : 0,
		};

		for (size_t i = 0; weights->is_seen[stack] != 0 && i < view.count; i++) {
			enum position position = i == 0 ? POSITION_LEAF : POSITION_CALLER;
			uint32_t code = location_codes[view.locations[i]];

			if (code == PROFILE_NONE)
				continue;
			add(&annotation->codes[code].value, &addition, position);
			for (size_t j = owners.first[code]; j < owners.first[code + 1];
			     j++) {
				const struct owner *owner = &owners.items[j];

				add(&annotation->rows[owner->row].value, &addition,
				    position);
				add(&annotation->routines[owner->routine].value,
				    &addition, position);
			}
		}
	}
}

bool annotation_init(struct annotation *annotation, const struct report *report,
		     struct error *err)
{
	const struct profile *profile = report->profile;
	struct interest interest;
	struct weights weights;
	uint32_t *location_codes;

	*annotation = (struct annotation){ 0 };
	weights_init(&weights, profile, report->value_index, report->options.mean);
	if (!interest_init(&interest, profile, &weights, report->options.symbol, err)) {
		weights_deinit(&weights);
		return false;
	}
	annotation->programs = mapped_code_create(profile);
	location_codes = annotation_code_read(annotation, report, &interest, &weights);
	make_rows(annotation, &interest);
	make_routines(annotation);
	sum_up(annotation, profile, &weights, location_codes);
	interest_deinit(&interest);
	weights_deinit(&weights);
	return true;
}

void annotation_deinit(struct annotation *annotation)
{
	free(annotation->codes);
	mapped_code_destroy(annotation->programs);
	arena_deinit(&annotation->arena);
	*annotation = (struct annotation){ 0 };
}
