// Deduplicates functions by name, system name, file and start line.
#include "binary/symbolize_names.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "binary/demangle_cache.h"
#include "binary/symbolize.h"
#include "profile/builder.h"

struct function_key {
	uint32_t name, system_name, filename, padding;
	int64_t start_line;
};

struct symbolize_names {
	struct profile *profile;
	struct profile_builder builder;
	struct demangle_cache names;
	struct arena arena;
	struct interner keys; // bytes of function_key
	uint32_t *rows;       // of functions, by key id
	size_t row_capacity;
	struct profile_line *lines; // of the frames added last
	size_t line_count, line_capacity;
};

static uint32_t *row_of_key(struct symbolize_names *names, const struct function_key *key)
{
	size_t known = names->keys.count;
	uint32_t id = interner_add(&names->keys, &names->arena,
				   (struct str){ (const char *)key, sizeof(*key) });

	if (id == known) {
		names->rows = table_reserve(names->rows, &names->row_capacity, known + 1,
					    sizeof(*names->rows));
		names->rows[id] = PROFILE_NONE;
	}
	return &names->rows[id];
}

static void reword(struct symbolize_names *names, struct profile_function *function)
{
	struct profile *profile = names->profile;
	struct str symbol = profile_string(profile, function->system_name);
	struct str name = demangle_cache_name(&names->names, symbol);

	if (symbol.n > 0)
		function->name = str_equal(name, symbol) ? function->system_name
							 : profile_intern(profile, name);
}

static void take_existing(struct symbolize_names *names,
			  const struct symbolize_options *options)
{
	struct profile *profile = names->profile;

	for (uint32_t i = 0; i < profile->function_count; i++) {
		struct profile_function *function = &profile->functions[i];

		if (options->force && function->name != 0 && function->system_name != 0)
			function->name = function->system_name;
		if (options->style != DEMANGLE_NONE &&
		    (function->name == 0 || function->name == function->system_name))
			reword(names, function);
		const struct function_key key = { function->name, function->system_name,
						  function->filename, 0,
						  function->start_line };

		*row_of_key(names, &key) = i;
	}
}

struct symbolize_names *symbolize_names_create(struct profile *profile,
					       const struct symbolize_options *options)
{
	struct symbolize_names *names = calloc(1, sizeof(*names));

	if (names == NULL)
		arena_out_of_memory(sizeof(*names));
	names->profile = profile;
	names->names.style = options->style;
	profile_builder_init(&names->builder, profile);
	take_existing(names, options);
	return names;
}

void symbolize_names_destroy(struct symbolize_names *names)
{
	profile_builder_deinit(&names->builder);
	demangle_cache_deinit(&names->names);
	interner_deinit(&names->keys);
	free(names->rows);
	free(names->lines);
	arena_deinit(&names->arena);
	free(names);
}

// Modules word names in the short style, once per symbol; other styles are rarer.
static struct str frame_name(struct symbolize_names *names,
			     const struct module_frame *frame)
{
	switch (names->names.style) {
	case DEMANGLE_SHORT:
		return frame->name;
	case DEMANGLE_NONE:
		return frame->symbol;
	case DEMANGLE_TEMPLATES:
	case DEMANGLE_FULL:
		break;
	}
	return demangle_cache_recorded(&names->names, frame->symbol);
}

static uint32_t function_row(struct symbolize_names *names,
			     const struct module_frame *frame)
{
	struct profile *profile = names->profile;
	const struct function_key key = {
		profile_intern(profile, frame_name(names, frame)),
		profile_intern(profile, frame->symbol),
		profile_intern(profile, frame->file),
		0,
		frame->start_line,
	};
	uint32_t *row = row_of_key(names, &key);

	if (*row == PROFILE_NONE)
		*row = profile_builder_add_function(
			&names->builder, (struct profile_function){
						 .name = key.name,
						 .system_name = key.system_name,
						 .filename = key.filename,
						 .start_line = key.start_line,
					 });
	return *row;
}

void symbolize_names_add(struct symbolize_names *names, const struct module_frame *frames,
			 size_t count)
{
	names->lines = table_reserve(names->lines, &names->line_capacity, count,
				     sizeof(*names->lines));
	names->line_count = count;
	for (size_t i = 0; i < count; i++)
		names->lines[i] = (struct profile_line){
			.function = function_row(names, &frames[i]),
			.line = frames[i].line,
			.column = frames[i].column,
		};
}

void symbolize_names_set(struct symbolize_names *names, uint32_t location)
{
	names->profile->locations[location].line_count = 0;
	profile_builder_set_lines(&names->builder, location, names->lines,
				  names->line_count);
}
