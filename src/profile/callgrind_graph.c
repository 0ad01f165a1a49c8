// Reads the lines of a callgrind file: headers, names, positions, costs and calls.
#include "profile/callgrind_graph.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/lines.h"
#include "base/scan.h"

// Names that are written once and numbered: files, functions and objects each have their
// own numbers.
struct callgrind_names {
	struct map rows;
	struct str *names;
	size_t count, capacity;
};

enum position {
	POSITION_INSTR,
	POSITION_BB,
	POSITION_LINE,
	POSITIONS,
};

// A name as it is written: with its number, if it has one.
struct callgrind_name {
	struct str text;
	uint64_t number;
	bool is_numbered;
};

struct callgrind_reader {
	struct callgrind_graph *graph;
	struct callgrind_names files, functions, objects;
	bool has_position[POSITIONS];
	uint64_t at[POSITIONS]; // where the last line of costs was
	struct str object, file, callee_object, callee_file;
	bool has_callee_object, has_callee_file;
	uint32_t function, callee;
	bool is_call; // the next line of costs is that of a call
};

void callgrind_graph_deinit(struct callgrind_graph *graph)
{
	free(graph->functions);
	free(graph->places);
	free(graph->costs);
	free(graph->values);
	free(graph->order);
	map_deinit(&graph->function_rows);
	map_deinit(&graph->place_rows);
	map_deinit(&graph->cost_rows);
	arena_deinit(&graph->arena);
}

static void names_deinit(struct callgrind_names *names)
{
	map_deinit(&names->rows);
	free(names->names);
}

// "(12) name" gives a number to the name, "(12)" means that name, "name" is one without.
static struct callgrind_name read_name(struct callgrind_names *names, struct str text)
{
	struct callgrind_name name = { .text = str_trim(text) };
	ptrdiff_t close = str_find_char(name.text, ')');
	uint32_t *row;

	if (name.text.n > 1 && name.text.p[0] == '(' && close > 0)
		name.is_numbered = str_to_u64(str_slice(name.text, 1, (size_t)close), 10,
					      &name.number);
	if (!name.is_numbered)
		return name;
	name.text = str_trim(str_after(name.text, (size_t)close + 1));
	row = map_put(&names->rows, name.number);
	if (*row == MAP_NONE) {
		names->names = table_reserve(names->names, &names->capacity,
					     names->count + 1, sizeof(*names->names));
		*row = (uint32_t)names->count++;
		names->names[*row] = name.text;
	} else if (name.text.n > 0) {
		names->names[*row] = name.text;
	}
	name.text = names->names[*row];
	return name;
}

static struct str known(struct str name)
{
	return str_equal(name, STR("???")) ? STR("") : name;
}

// "fib'2" is fib called by itself.
static struct str without_level(struct str name)
{
	ptrdiff_t quote = str_find_last_char(name, '\'');
	uint64_t level;

	return quote > 0 && str_to_u64(str_after(name, (size_t)quote + 1), 10, &level)
		       ? str_slice(name, 0, (size_t)quote)
		       : name;
}

// Functions of one name are told apart by their numbers, or by their objects.
static uint32_t function_row(struct callgrind_reader *reader, struct callgrind_name name,
			     struct str object, struct str file)
{
	struct callgrind_graph *graph = reader->graph;
	uint64_t key = name.is_numbered ? hash_u64(name.number)
					: hash_mix(str_hash(name.text), str_hash(object));
	uint32_t *row = map_put(&graph->function_rows, key);

	if (*row != MAP_NONE)
		return *row;
	graph->functions =
		table_reserve(graph->functions, &graph->function_capacity,
			      graph->function_count + 1, sizeof(*graph->functions));
	graph->functions[graph->function_count] = (struct callgrind_function){
		.name = known(without_level(name.text)),
		.object = known(object),
		.file = known(file),
	};
	*row = (uint32_t)graph->function_count++;
	return *row;
}

static uint32_t place_row(struct callgrind_reader *reader)
{
	struct callgrind_graph *graph = reader->graph;
	uint64_t line = reader->at[POSITION_LINE];
	struct callgrind_place place = {
		.function = reader->function,
		.file = known(reader->file),
		.address = reader->at[POSITION_INSTR],
		.line = line <= INT32_MAX ? (int64_t)line : 0,
	};
	uint64_t key = hash_mix(hash_mix(place.function, str_hash(place.file)),
				hash_mix(place.address, (uint64_t)place.line));
	uint32_t *row = map_put(&graph->place_rows, key);

	if (*row != MAP_NONE)
		return *row;
	graph->places = table_reserve(graph->places, &graph->place_capacity,
				      graph->place_count + 1, sizeof(place));
	graph->places[graph->place_count] = place;
	*row = (uint32_t)graph->place_count++;
	return *row;
}

static int64_t *cost_values(struct callgrind_reader *reader, uint32_t callee)
{
	struct callgrind_graph *graph = reader->graph;
	uint32_t place = place_row(reader);
	uint32_t *row = map_put(&graph->cost_rows, (uint64_t)place << 32 | callee);
	int64_t *values;

	if (*row != MAP_NONE)
		return graph->values + *row * graph->event_count;
	*row = (uint32_t)graph->cost_count;
	graph->costs = table_reserve(graph->costs, &graph->cost_capacity,
				     graph->cost_count + 1, sizeof(*graph->costs));
	graph->costs[graph->cost_count++] = (struct callgrind_cost){ place, callee };
	graph->values = table_reserve(graph->values, &graph->value_capacity,
				      graph->cost_count * graph->event_count,
				      sizeof(*graph->values));
	values = graph->values + *row * graph->event_count;
	memset(values, 0, graph->event_count * sizeof(*values));
	return values;
}

// "Ir Dr Dw", or as pprof writes, "cpu(nanoseconds)".
static bool read_events(struct callgrind_graph *graph, struct str text, struct error *err)
{
	struct scan scan = scan_from(text);
	struct str word;
	size_t count = 0;

	while (scan_blanks(&scan) && scan_word(&scan, &word)) {
		ptrdiff_t open = str_find_char(word, '(');
		struct callgrind_event event = { word, STR("count") };

		if (count == CALLGRIND_EVENTS_MAX)
			return error_set(err, ERROR_LIMIT, "more than %d events",
					 CALLGRIND_EVENTS_MAX);
		if (open > 0 && str_ends_with(word, STR(")"))) {
			event.name = str_slice(word, 0, (size_t)open);
			event.unit = str_slice(word, (size_t)open + 1, word.n - 1);
		}
		if (graph->cost_count > 0 &&
		    (count >= graph->event_count ||
		     !str_equal(graph->events[count].name, event.name)))
			return error_set(err, ERROR_FORMAT,
					 "its parts count different events");
		graph->events[count++] = event;
	}
	if (graph->cost_count > 0 && count != graph->event_count)
		return error_set(err, ERROR_FORMAT, "its parts count different events");
	graph->event_count = count;
	return true;
}

static void read_positions(struct callgrind_reader *reader, struct str text)
{
	static const struct str words[POSITIONS] = { STR("instr"), STR("bb"),
						     STR("line") };

	for (size_t i = 0; i < POSITIONS; i++)
		reader->has_position[i] = str_find(text, words[i]) != STR_NOT_FOUND;
}

static bool read_header(struct callgrind_reader *reader, struct str key, struct str value,
			struct error *err)
{
	if (str_equal(key, STR("events")))
		return read_events(reader->graph, value, err);
	if (str_equal(key, STR("positions")))
		read_positions(reader, value);
	else if (str_equal(key, STR("cmd")))
		reader->graph->command = str_trim(value);
	else if (str_equal(key, STR("part")))
		memset(reader->at, 0, sizeof(reader->at));
	return true;
}

static void take_function(struct callgrind_reader *reader, struct str value)
{
	struct callgrind_name name = read_name(&reader->functions, value);
	struct callgrind_function *function;

	reader->function = function_row(reader, name, reader->object, reader->file);
	// What called it before may not have known where it is.
	function = &reader->graph->functions[reader->function];
	function->object = known(reader->object);
	function->file = known(reader->file);
}

static void take_callee(struct callgrind_reader *reader, struct str value)
{
	struct callgrind_name name = read_name(&reader->functions, value);

	reader->callee = function_row(
		reader, name,
		reader->has_callee_object ? reader->callee_object : reader->object,
		reader->has_callee_file ? reader->callee_file : reader->file);
	reader->has_callee_object = reader->has_callee_file = false;
}

// Lines of the form key=value; those that say nothing to us are passed over.
static bool read_setting(struct callgrind_reader *reader, struct str key,
			 struct str value, struct error *err)
{
	if (str_equal(key, STR("fn"))) {
		take_function(reader, value);
	} else if (str_equal(key, STR("fl")) || str_equal(key, STR("fi")) ||
		   str_equal(key, STR("fe"))) {
		reader->file = read_name(&reader->files, value).text;
	} else if (str_equal(key, STR("ob"))) {
		reader->object = read_name(&reader->objects, value).text;
	} else if (str_equal(key, STR("cfn"))) {
		take_callee(reader, value);
	} else if (str_equal(key, STR("cfl")) || str_equal(key, STR("cfi"))) {
		reader->callee_file = read_name(&reader->files, value).text;
		reader->has_callee_file = true;
	} else if (str_equal(key, STR("cob"))) {
		reader->callee_object = read_name(&reader->objects, value).text;
		reader->has_callee_object = true;
	} else if (str_equal(key, STR("calls"))) {
		if (reader->callee == CALLGRIND_NONE)
			return error_set(err, ERROR_FORMAT, "calls= without a cfn=");
		reader->is_call = true;
	}
	return true;
}

// "12", "0x1f", "+3", "-3" or "*", as far as the last line of costs.
static bool read_position(struct str word, uint64_t *at)
{
	uint64_t number;

	if (str_equal(word, STR("*")))
		return true;
	if (word.p[0] != '+' && word.p[0] != '-')
		return str_to_u64(word, 0, at);
	if (!str_to_u64(str_after(word, 1), 0, &number))
		return false;
	*at = word.p[0] == '+' ? *at + number : *at - number;
	return true;
}

// Positions, then a cost for each event; those at the end that are zero may be missing.
static bool read_costs(struct callgrind_reader *reader, struct str line,
		       struct error *err)
{
	struct scan scan = scan_from(line);
	uint32_t callee = reader->is_call ? reader->callee : CALLGRIND_NONE;
	struct str word;
	int64_t *values, value;

	if (reader->function == CALLGRIND_NONE)
		return error_set(err, ERROR_FORMAT, "costs before the first fn=");
	if (reader->graph->event_count == 0)
		return error_set(err, ERROR_FORMAT, "costs before the events: line");
	for (size_t i = 0; i < POSITIONS; i++) {
		if (!reader->has_position[i])
			continue;
		scan_blanks(&scan);
		if (!scan_word(&scan, &word) || !read_position(word, &reader->at[i]))
			return error_set(err, ERROR_FORMAT, "not a position and costs");
	}
	values = cost_values(reader, callee);
	reader->is_call = false;
	for (size_t i = 0; i < reader->graph->event_count; i++) {
		scan_blanks(&scan);
		if (!scan_word(&scan, &word))
			break;
		if (!str_to_i64(word, 0, &value))
			return error_set(err, ERROR_FORMAT, "not a cost: %.*s",
					 (int)(word.n < 40 ? word.n : 40), word.p);
		if (__builtin_add_overflow(values[i], value, &values[i]))
			return error_set(err, ERROR_LIMIT, "costs beyond 64 bits");
	}
	return true;
}

static bool read_line(struct callgrind_reader *reader, struct str line, struct error *err)
{
	size_t n = 0;

	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return true;
	if (scan_is_digit(line.p[0]) || line.p[0] == '+' || line.p[0] == '-' ||
	    line.p[0] == '*')
		return read_costs(reader, line, err);
	while (n < line.n && line.p[n] >= 'a' && line.p[n] <= 'z')
		n++;
	if (n < line.n && line.p[n] == '=')
		return read_setting(reader, str_slice(line, 0, n), str_after(line, n + 1),
				    err);
	if (n < line.n && line.p[n] == ':')
		return read_header(reader, str_slice(line, 0, n), str_after(line, n + 1),
				   err);
	return error_set(err, ERROR_FORMAT, "neither costs nor a name nor a header");
}

// Puts the costs of each function side by side.
static void sort_by_function(struct callgrind_graph *graph)
{
	size_t at = 0;

	graph->order = table_zeroed(graph->cost_count + 1, sizeof(*graph->order));
	for (size_t i = 0; i < graph->cost_count; i++)
		graph->functions[graph->places[graph->costs[i].place].function].count++;
	for (size_t i = 0; i < graph->function_count; i++) {
		graph->functions[i].first = at;
		at += graph->functions[i].count;
		graph->functions[i].count = 0;
	}
	for (uint32_t i = 0; i < graph->cost_count; i++) {
		struct callgrind_function *function =
			&graph->functions[graph->places[graph->costs[i].place].function];

		graph->order[function->first + function->count++] = i;
	}
}

bool callgrind_graph_read(struct str bytes, struct callgrind_graph *out,
			  struct error *err)
{
	struct callgrind_graph graph = { .command = STR("") };
	struct callgrind_reader reader = {
		.graph = &graph,
		.has_position = { [POSITION_LINE] = true },
		.object = STR(""),
		.file = STR(""),
		.function = CALLGRIND_NONE,
		.callee = CALLGRIND_NONE,
	};
	struct lines lines = { .rest = bytes };
	bool is_read = true;

	while (is_read && lines_next(&lines))
		is_read = read_line(&reader, lines.line, err);
	names_deinit(&reader.files);
	names_deinit(&reader.functions);
	names_deinit(&reader.objects);
	if (!is_read) {
		callgrind_graph_deinit(&graph);
		return error_wrap(err, "line %zu", lines.number);
	}
	sort_by_function(&graph);
	*out = graph;
	return true;
}
