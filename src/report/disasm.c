// Lists the instructions of functions beside their values.
#include "report/disasm.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/regexp.h"
#include "base/writer.h"
#include "binary/disassemble.h"
#include "binary/module.h"
#include "profile/profile.h"
#include "report/mapped_code.h"
#include "report/number.h"
#include "report/report.h"

enum {
	TEXT_WIDTH = 40,   // of an instruction that shares its line with its place
	PLACE_COLUMN = 74, // of the place on a line of its own
};

// A node of the graph: an address with a value.
struct place {
	struct module *module;
	struct module_function function;
	uint64_t address; // the file's own
	uint32_t node;
};

// The places of one function: places[from] up to places[to].
struct routine {
	const struct module_function *function;
	struct module *module;
	size_t from, to;
	int64_t flat, cum;
};

// What the user asks for.
struct query {
	struct regexp *regexp;
	bool has_address;
	uint64_t address;
};

struct listing {
	const struct report *report;
	struct mapped_code *code;
	struct query query;
	struct place *places;
	size_t place_count;
	struct routine *routines;
	size_t routine_count;
	struct arena arena;
};

static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int order = str_compare(a->function.name, b->function.name);

	if (order != 0)
		return order;
	if (a->function.start != b->function.start)
		return a->function.start < b->function.start ? -1 : 1;
	if (a->module != b->module)
		return str_compare(module_path(a->module), module_path(b->module));
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

static bool covers(const struct place *place, uint64_t address)
{
	return address >= place->function.start && address < place->function.limit;
}

// Whether the address, of the process or of the file, is in the function of the place.
static bool has_address(struct listing *listing, const struct place *place)
{
	const struct profile *profile = listing->report->profile;
	uint64_t address = listing->query.address, own;
	struct module *module;

	if (covers(place, address))
		return true;
	for (uint32_t i = 0; i < profile->mapping_count; i++) {
		if (address >= profile->mappings[i].start &&
		    address < profile->mappings[i].limit &&
		    mapped_code_find(listing->code, i, address, &module, &own) &&
		    module == place->module && covers(place, own))
			return true;
	}
	return false;
}

static bool is_wanted(struct listing *listing, const struct place *place)
{
	const struct query *query = &listing->query;

	if (query->has_address && has_address(listing, place))
		return true;
	return regexp_matches(query->regexp, place->function.name) ||
	       regexp_matches(query->regexp, place->function.symbol);
}

static void find_places(struct listing *listing)
{
	const struct graph *graph = &listing->report->graph;
	const struct profile *profile = graph->profile;
	uint8_t *is_done = arena_array(&listing->arena, graph->nodes.count + 1, 1);

	listing->places = arena_array(&listing->arena, graph->nodes.count + 1,
				      sizeof(*listing->places));
	for (size_t i = 0; i < profile->location_count; i++) {
		const struct profile_location *location = &profile->locations[i];
		uint32_t node = graph->nodes.list[graph->nodes.first[i]];
		const struct graph_value *value = &graph->values[node];
		struct place *place = &listing->places[listing->place_count];

		if (is_done[node] != 0 || (value->flat == 0 && value->cum == 0))
			continue;
		is_done[node] = 1;
		place->node = node;
		if (mapped_code_find(listing->code, location->mapping, location->address,
				     &place->module, &place->address) &&
		    module_find_function(place->module, place->address, &place->function))
			listing->place_count++;
	}
	qsort(listing->places, listing->place_count, sizeof(*listing->places),
	      compare_places);
}

// A sample that goes through a function several times counts once in its cum
// (docs/differences.md, "recursion").
static void sum_routines(struct listing *listing)
{
	const struct graph *graph = &listing->report->graph;
	uint32_t *groups =
		arena_array(&listing->arena, graph->nodes.count + 1, sizeof(*groups));
	struct graph_value *sums =
		arena_array(&listing->arena, listing->routine_count + 1, sizeof(*sums));

	memset(groups, 0xff, graph->nodes.count * sizeof(*groups));
	for (size_t i = 0; i < listing->routine_count; i++) {
		const struct routine *routine = &listing->routines[i];

		for (size_t j = routine->from; j < routine->to; j++)
			groups[listing->places[j].node] = (uint32_t)i;
	}
	graph_sum_groups(graph, groups, listing->routine_count, sums);
	for (size_t i = 0; i < listing->routine_count; i++) {
		listing->routines[i].flat = sums[i].flat;
		listing->routines[i].cum = sums[i].cum;
	}
}

static void make_routines(struct listing *listing)
{
	const struct place *places = listing->places;
	size_t from = 0, to;

	listing->routines = arena_array(&listing->arena, listing->place_count + 1,
					sizeof(*listing->routines));
	for (; from < listing->place_count; from = to) {
		for (to = from + 1; to < listing->place_count; to++) {
			if (places[to].module != places[from].module ||
			    places[to].function.start != places[from].function.start)
				break;
		}
		if (!is_wanted(listing, &places[from]))
			continue;
		listing->routines[listing->routine_count++] = (struct routine){
			.function = &places[from].function,
			.module = places[from].module,
			.from = from,
			.to = to,
		};
	}
	sum_routines(listing);
}

// Where an instruction comes from; "" and 0 are unknown.
struct origin {
	struct str function, file;
	int64_t line;
};

struct origin_sink {
	struct module_sink sink; // first: the callback casts back
	struct origin *origins;
	bool is_go;
};

// Go's disassembler knows no functions: in its programs only samples name them.
static void take_origin(struct module_sink *sink, size_t index,
			const struct module_frame *frames, size_t count)
{
	struct origin_sink *own = (struct origin_sink *)sink;

	if (count == 0)
		return;
	own->origins[index] = (struct origin){
		.function = own->is_go ? STR("") : frames[0].name,
		.file = str_basename(frames[0].file),
		.line = frames[0].line,
	};
}

static struct origin *find_origins(struct module *module, const struct disassembly *code,
				   struct arena *arena)
{
	uint64_t *addresses = arena_array(arena, code->count + 1, sizeof(*addresses));
	struct origin_sink sink = {
		.sink = { take_origin },
		.origins = arena_array(arena, code->count + 1, sizeof(*sink.origins)),
		.is_go = module_is_go(module),
	};

	for (size_t i = 0; i < code->count; i++)
		addresses[i] = code->instructions[i].address;
	module_symbolize(module, addresses, code->count, &sink.sink);
	return sink.origins;
}

static void complete_origin(struct origin *origin, const struct nodes *nodes,
			    uint32_t node)
{
	if (origin->file.n == 0)
		origin->file = str_basename(nodes_file(nodes, node));
	if (origin->line == 0)
		origin->line = nodes->keys[node].line;
	if (origin->function.n == 0)
		origin->function = nodes_name(nodes, node);
}

static bool is_same_origin(const struct origin *a, const struct origin *b)
{
	return a->line == b->line && str_equal(a->file, b->file) &&
	       str_equal(a->function, b->function);
}

static struct str origin_text(const struct origin *origin, struct arena *arena)
{
	const char *blank = origin->function.n > 0 ? " " : "";
	struct str function = origin->function, file = origin->file;

	if (file.n > 0 && origin->line != 0)
		return str_format(arena, "%.*s%s%.*s:%" PRId64, (int)function.n,
				  function.p, blank, (int)file.n, file.p, origin->line);
	return str_format(arena, "%.*s%s%.*s", (int)function.n, function.p, blank,
			  (int)file.n, file.p);
}

static void print_instruction(const struct report *report,
			      const struct instruction *instruction,
			      const struct graph_value *value, struct str origin,
			      struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct str text = instruction->text;
	struct str flat = report_value_or_dot(
		report, &scratch, number_mean(value->flat, value->flat_divisor));
	struct str cum = report_value_or_dot(report, &scratch,
					     number_mean(value->cum, value->cum_divisor));
	bool is_long = text.n >= TEXT_WIDTH;

	if (origin.n > 0 && is_long)
		writer_format(w, "%*s;%.*s\n", PLACE_COLUMN, "", (int)origin.n, origin.p);
	writer_format(w, "%10.*s %10.*s %10" PRIx64 ": ", (int)flat.n, flat.p, (int)cum.n,
		      cum.p, instruction->address);
	writer_str(w, text);
	if (origin.n > 0 && !is_long)
		writer_format(w, "%*s;%.*s", (int)(TEXT_WIDTH - text.n), "",
			      (int)origin.n, origin.p);
	writer_char(w, '\n');
}

static void add_value(struct graph_value *sum, const struct graph_value *value)
{
	sum->flat = number_add(sum->flat, value->flat);
	sum->cum = number_add(sum->cum, value->cum);
	sum->flat_divisor = number_add(sum->flat_divisor, value->flat_divisor);
	sum->cum_divisor = number_add(sum->cum_divisor, value->cum_divisor);
}

// Samples in the middle of an instruction, such as return addresses less one, are its.
static void print_code(const struct listing *listing, const struct routine *routine,
		       const struct disassembly *code, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct graph *graph = &listing->report->graph;
	struct origin *origins = find_origins(routine->module, code, &scratch);
	struct origin last = { 0 };
	size_t next = routine->from;

	for (size_t i = 0; i < code->count; i++) {
		const struct instruction *instruction = &code->instructions[i];
		uint64_t limit = instruction->address + instruction->size;
		struct graph_value value = { 0 };
		struct str text = STR("");

		for (; next < routine->to && listing->places[next].address < limit;
		     next++) {
			uint32_t node = listing->places[next].node;

			add_value(&value, &graph->values[node]);
			complete_origin(&origins[i], &graph->nodes, node);
		}
		if (!is_same_origin(&origins[i], &last))
			text = origin_text(&origins[i], &scratch);
		last = origins[i];
		print_instruction(listing->report, instruction, &value, text, w);
	}
}

static bool print_routine(const struct listing *listing, const struct routine *routine,
			  struct writer *w, struct error *err)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct report *report = listing->report;
	const struct module_function *function = routine->function;
	enum disassemble_syntax syntax =
		report->options.intel_syntax ? DISASSEMBLE_INTEL : DISASSEMBLE_ATT;
	struct str flat = report_value(report, &scratch, routine->flat);
	struct str cum = report_value(report, &scratch, routine->cum);
	struct measure_percent share = measure_percentage(routine->cum, report->total);
	struct disassembly code;

	if (!disassemble(routine->module, function->start, function->limit, syntax,
			 &scratch, &code, err))
		return false;
	writer_text(w, "ROUTINE ======================== ");
	writer_str(w, function->name);
	writer_format(w, "\n%10.*s %10.*s (flat, cum) %s of Total\n", (int)flat.n, flat.p,
		      (int)cum.n, cum.p, share.text);
	print_code(listing, routine, &code, w);
	return true;
}

static bool is_address_in_file(struct listing *listing)
{
	const struct profile *profile = listing->report->profile;
	uint64_t address = listing->query.address, own;
	struct module_function function;
	struct module *module;

	for (uint32_t i = 0; i < profile->mapping_count; i++) {
		if (address >= profile->mappings[i].start &&
		    address < profile->mappings[i].limit &&
		    mapped_code_find(listing->code, i, address, &module, &own) &&
		    module_find_function(module, own, &function))
			return true;
	}
	return false;
}

static bool explain_nothing(struct listing *listing, struct error *err)
{
	struct str symbol = listing->report->options.symbol;

	if (!listing->query.has_address)
		return error_set(err, ERROR_NOT_FOUND, "no matches found for regexp %.*s",
				 (int)symbol.n, symbol.p);
	if (!is_address_in_file(listing))
		return error_set(err, ERROR_NOT_FOUND,
				 "no matches found for address 0x%" PRIx64,
				 listing->query.address);
	return error_set(err, ERROR_NOT_FOUND,
			 "address 0x%" PRIx64
			 " found in binary, but the corresponding symbols do not have "
			 "samples in the profile",
			 listing->query.address);
}

static bool print(struct listing *listing, struct writer *w, struct error *err)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	const struct report *report = listing->report;

	find_places(listing);
	make_routines(listing);
	if (listing->routine_count == 0)
		return explain_nothing(listing, err);
	writer_text(w, "Total: ");
	writer_str(w, report_value(report, &scratch, report->total));
	writer_char(w, '\n');
	for (size_t i = 0; i < listing->routine_count; i++) {
		if (!print_routine(listing, &listing->routines[i], w, err))
			return false;
	}
	return true;
}

bool disasm_render(struct report *report, struct writer *w, struct error *err)
{
	struct listing listing = { .report = report };
	struct query *query = &listing.query;
	struct str symbol = report->options.symbol;
	bool is_done;

	if (!regexp_create(symbol, &query->regexp, err))
		return error_wrap(err, "parsing argument regexp %.*s", (int)symbol.n,
				  symbol.p);
	query->has_address = str_to_u64(symbol, 0, &query->address);
	listing.code = mapped_code_create(report->profile);
	is_done = print(&listing, w, err);
	mapped_code_destroy(listing.code);
	regexp_destroy(query->regexp);
	arena_deinit(&listing.arena);
	return is_done;
}
