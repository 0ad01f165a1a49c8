// Asks .../symbol and .../symbolz as pprof does, and reads their answers.
#include "source/remote_symbols.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/writer.h"
#include "profile/builder.h"
#include "profile/profile.h"
#include "source/fetch.h"

// One mapping to ask about.
struct question {
	uint32_t mapping;
	uint64_t offset;
	struct url url;
	struct writer addresses;
};

struct questions {
	struct arena arena;
	struct question *items;
	size_t count;
};

void remote_sources_deinit(struct remote_sources *sources)
{
	free(sources->items);
	arena_deinit(&sources->arena);
	*sources = (struct remote_sources){ 0 };
}

static struct str key_of(const struct profile *profile, uint32_t mapping)
{
	const struct profile_mapping *row;

	if (mapping == PROFILE_NONE)
		return STR("");
	row = &profile->mappings[mapping];
	return profile_string(profile, row->build_id != 0 ? row->build_id : row->file);
}

static void note(struct remote_sources *sources, struct remote_source source)
{
	source.key = str_copy(&sources->arena, source.key);
	sources->items = table_reserve(sources->items, &sources->capacity,
				       sources->count + 1, sizeof(struct remote_source));
	sources->items[sources->count++] = source;
}

void remote_sources_note(struct remote_sources *sources, const struct profile *profile,
			 const struct url *url)
{
	for (uint32_t i = 0; i < profile->mapping_count; i++)
		note(sources, (struct remote_source){ key_of(profile, i),
						      profile->mappings[i].start, url });
	if (profile->mapping_count == 0)
		note(sources, (struct remote_source){ .key = STR(""), .url = url });
}

static const struct remote_source *find_source(const struct remote_sources *sources,
					       struct str key)
{
	for (size_t i = 0; i < sources->count; i++) {
		if (str_equal(sources->items[i].key, key))
			return &sources->items[i];
	}
	return NULL;
}

static bool is_asked(const struct profile_location *location)
{
	return location->line_count == 0 && location->address != 0;
}

// One question for each mapping that a server may know; the last row is that of
// locations without a mapping.
static struct questions prepare(const struct profile *profile,
				const struct remote_sources *sources,
				const struct remote_symbols_options *options)
{
	struct questions questions = { 0 };

	questions.items =
		table_zeroed(profile->mapping_count + 1, sizeof(struct question));
	questions.count = profile->mapping_count + 1;
	for (size_t i = 0; i < questions.count; i++) {
		bool is_none = i == profile->mapping_count;
		uint32_t mapping = is_none ? PROFILE_NONE : (uint32_t)i;
		const struct remote_source *source =
			find_source(sources, key_of(profile, mapping));
		struct question *question = &questions.items[i];

		question->mapping = mapping;
		question->addresses = writer_to_memory();
		if (source == NULL ||
		    (!is_none && profile->mappings[i].has_functions && !options->force))
			continue;
		question->url = url_of_symbols(source->url, &questions.arena);
		question->offset =
			source->start - (is_none ? 0 : profile->mappings[i].start);
	}
	return questions;
}

static void write_addresses(const struct profile *profile, struct questions *questions)
{
	for (size_t i = 0; i < profile->location_count; i++) {
		const struct profile_location *location = &profile->locations[i];
		size_t at = location->mapping == PROFILE_NONE ? questions->count - 1
							      : location->mapping;
		struct question *question = &questions->items[at];

		if (question->url.request.n == 0 || !is_asked(location))
			continue;
		writer_format(&question->addresses, "%s0x%" PRIx64,
			      question->addresses.used > 0 ? "+" : "",
			      location->address + question->offset);
	}
}

static void keep_real(struct questions *questions)
{
	size_t kept = 0;

	for (size_t i = 0; i < questions->count; i++) {
		if (questions->items[i].addresses.used > 0)
			questions->items[kept++] = questions->items[i];
		else
			writer_deinit(&questions->items[i].addresses);
	}
	questions->count = kept;
}

static void warn_of(struct remote_symbols_sink *sink, const struct question *question,
		    const struct fetch *fetch)
{
	char text[sizeof(fetch->err.text) + 256];

	snprintf(text, sizeof(text), "http post %.*s: %s",
		 (int)(question->url.text.n < 200 ? question->url.text.n : 200),
		 question->url.text.p, fetch->err.text);
	sink->warn(sink, text);
}

static void ask(struct profile *profile, struct questions *questions,
		const struct remote_symbols_options *options,
		struct remote_symbols_sink *sink)
{
	struct fetch *fetches = table_zeroed(questions->count, sizeof(struct fetch));

	for (size_t i = 0; i < questions->count; i++) {
		fetches[i].url = &questions->items[i].url;
		fetches[i].post = writer_contents(&questions->items[i].addresses);
	}
	fetch_all(fetches, questions->count, options->fetch, NULL);
	for (size_t i = 0; i < questions->count; i++) {
		const struct question *question = &questions->items[i];
		struct str answer = { (const char *)fetches[i].bytes, fetches[i].size };

		if (fetches[i].is_done)
			remote_symbols_apply(profile, question->mapping, question->offset,
					     answer, options->style);
		else
			warn_of(sink, question, &fetches[i]);
	}
	fetch_deinit(fetches, questions->count);
	free(fetches);
}

void remote_symbols_add(struct profile *profile, const struct remote_sources *sources,
			const struct remote_symbols_options *options,
			struct remote_symbols_sink *sink)
{
	struct questions questions;

	if (sources->count == 0)
		return;
	questions = prepare(profile, sources, options);
	write_addresses(profile, &questions);
	keep_real(&questions);
	if (questions.count > 0)
		ask(profile, &questions, options, sink);
	for (size_t i = 0; i < questions.count; i++)
		writer_deinit(&questions.items[i].addresses);
	free(questions.items);
	arena_deinit(&questions.arena);
}

static size_t hex_length(struct str s)
{
	size_t n = 0;

	while (n < s.n &&
	       ((s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] >= 'a' && s.p[n] <= 'f') ||
		(s.p[n] >= 'A' && s.p[n] <= 'F')))
		n++;
	return n;
}

// "0xADDRESS NAME", whatever stands before it.
static bool parse_line(struct str line, uint64_t *address, struct str *name)
{
	ptrdiff_t at = str_find(line, STR("0x"));
	struct str digits;

	if (at == STR_NOT_FOUND)
		return false;
	digits = str_after(line, (size_t)at + 2);
	*name = str_after(digits, hex_length(digits));
	digits = str_slice(digits, 0, hex_length(digits));
	if (name->n == 0 || (name->p[0] != ' ' && name->p[0] != '\t'))
		return false;
	*name = str_trim(*name);
	return name->n > 0 && str_to_u64(digits, 16, address);
}

// From addresses of the profile to the names of an answer.
struct answer {
	struct map names; // address -> id in `strings`
	struct interner strings;
	uint32_t *functions; // by that id: row, or PROFILE_NONE
};

static void read_answer(struct answer *answer, struct str text, uint64_t offset)
{
	struct str line, name;
	uint64_t address;

	while (str_cut(&text, '\n', &line)) {
		if (parse_line(line, &address, &name))
			*map_put(&answer->names, address - offset) =
				interner_add(&answer->strings, NULL, name);
	}
}

static uint32_t add_function(struct profile_builder *builder, struct str symbol,
			     enum demangle_style style)
{
	struct arena arena = { 0 };
	struct str name = demangle(&arena, symbol, style);
	struct profile_function function = {
		.name = profile_intern(builder->profile, name),
		.system_name = profile_intern(builder->profile, symbol),
	};

	arena_deinit(&arena);
	return profile_builder_add_function(builder, function);
}

static void name_location(struct profile_builder *builder, uint32_t location,
			  const struct answer *answer, enum demangle_style style)
{
	uint64_t address = builder->profile->locations[location].address;
	uint32_t name = map_get(&answer->names, address);
	struct profile_line line = { 0 };

	if (name == MAP_NONE)
		return;
	if (answer->functions[name] == PROFILE_NONE)
		answer->functions[name] =
			add_function(builder, answer->strings.strings[name], style);
	line.function = answer->functions[name];
	profile_builder_set_lines(builder, location, &line, 1);
}

void remote_symbols_apply(struct profile *profile, uint32_t mapping, uint64_t offset,
			  struct str text, enum demangle_style style)
{
	struct answer answer = { 0 };
	struct profile_builder builder;

	read_answer(&answer, text, offset);
	answer.functions = table_zeroed(answer.strings.count + 1, sizeof(uint32_t));
	for (size_t i = 0; i < answer.strings.count; i++)
		answer.functions[i] = PROFILE_NONE;
	profile_builder_init(&builder, profile);
	for (uint32_t i = 0; i < profile->location_count; i++) {
		if (profile->locations[i].mapping == mapping &&
		    is_asked(&profile->locations[i]))
			name_location(&builder, i, &answer, style);
	}
	profile_builder_deinit(&builder);
	if (mapping != PROFILE_NONE && answer.strings.count > 0)
		profile->mappings[mapping].has_functions = true;
	free(answer.functions);
	map_deinit(&answer.names);
	interner_deinit(&answer.strings);
}
