// Writes nodes and calls with callgrind's compressed names and positions.
#include "report/callgrind.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/writer.h"
#include "profile/unit.h"
#include "report/number.h"
#include "report/report.h"

// Names are written once and then known by number, each kind for itself.
struct callgrind {
	struct report *report;
	struct writer *w;
	struct interner objects, files, names;
	struct str *callee_names; // by node: what tells equal names in one file apart
	// By node: the numbers of its file and name in calls, + 1; 0 is not looked up
	// yet.
	uint32_t *callee_files, *callee_numbers;
	const struct node_key *previous;
	struct arena arena;
};

static void print_number(struct writer *w, uint32_t number)
{
	writer_char(w, '(');
	writer_u64(w, number);
	writer_char(w, ')');
}

// Its number, or 0 for no name.
static uint32_t print_name(struct callgrind *callgrind, struct interner *names,
			   const char *prefix, struct str name)
{
	size_t known = names->count;
	uint32_t id = 0;

	writer_text(callgrind->w, prefix);
	if (name.n > 0) {
		id = interner_add(names, &callgrind->arena, name) + 1;
		print_number(callgrind->w, id);
		if (id > known) {
			writer_char(callgrind->w, ' ');
			writer_str(callgrind->w, name);
		}
	}
	writer_char(callgrind->w, '\n');
	return id;
}

// The same for a name whose number may be known.
static void print_known(struct callgrind *callgrind, struct interner *names,
			uint32_t *number, const char *prefix, struct str name)
{
	if (*number == 0) {
		*number = print_name(callgrind, names, prefix, name);
		return;
	}
	writer_text(callgrind->w, prefix);
	print_number(callgrind->w, *number);
	writer_char(callgrind->w, '\n');
}

// Relative to the node before, where that is shorter.
static void print_address(struct callgrind *callgrind, uint64_t address)
{
	char absolute[32], relative[32];
	int length;

	if (callgrind->previous != NULL && callgrind->previous->address == address) {
		writer_char(callgrind->w, '*');
		return;
	}
	length = snprintf(absolute, sizeof(absolute), address == 0 ? "0x0" : "%#" PRIx64,
			  address);
	if (callgrind->previous == NULL) {
		writer_text(callgrind->w, absolute);
		return;
	}
	if (snprintf(relative, sizeof(relative), "%+" PRId64,
		     (int64_t)(address - callgrind->previous->address)) < length)
		writer_text(callgrind->w, relative);
	else
		writer_text(callgrind->w, absolute);
}

static int64_t scaled(const struct report *report, int64_t value)
{
	return number_from_double(
		unit_scale(value, report->unit, report->output_unit).value);
}

static void print_call(struct callgrind *callgrind, const struct edge *edge)
{
	struct report *report = callgrind->report;
	const struct node_key *key = graph_node_key(&report->graph, edge->target);

	print_known(callgrind, &callgrind->files, &callgrind->callee_files[edge->target],
		    "cfl=",
		    nodes_file(&report->graph.nodes,
			       graph_key(&report->graph, edge->target)));
	print_known(callgrind, &callgrind->names,
		    &callgrind->callee_numbers[edge->target],
		    "cfn=", callgrind->callee_names[edge->target]);
	writer_text(callgrind->w, "calls=0 ");
	print_address(callgrind, key->address);
	writer_char(callgrind->w, ' ');
	writer_i64(callgrind->w, key->line);
	writer_text(callgrind->w, "\n* * ");
	writer_i64(callgrind->w, scaled(report, edge->weight));
	writer_char(callgrind->w, '\n');
}

static void print_node(struct callgrind *callgrind, const struct report_row *row)
{
	struct report *report = callgrind->report;
	const struct graph *graph = &report->graph;
	uint32_t index = graph_key(graph, row->node);
	const struct node_key *key = &graph->nodes.keys[index];
	const struct node_key *previous = callgrind->previous;
	struct edge_list out = edges_out(&graph->edges, row->node);

	if (previous == NULL || key->object != previous->object ||
	    key->file != previous->file || key->name != previous->name) {
		writer_char(callgrind->w, '\n');
		print_name(callgrind, &callgrind->objects,
			   "ob=", nodes_object(&graph->nodes, index));
		print_name(callgrind, &callgrind->files,
			   "fl=", nodes_file(&graph->nodes, index));
		print_name(callgrind, &callgrind->names,
			   "fn=", nodes_name(&graph->nodes, index));
	}
	print_address(callgrind, key->address);
	writer_format(callgrind->w, " %" PRId64 " %" PRId64 "\n", key->line,
		      scaled(report, row->flat));
	for (size_t i = 0; i < out.count; i++)
		print_call(callgrind, &graph->edges.edges[out.rows[i]]);
	callgrind->previous = key;
}

// The function around a node: equal but for address and line. In a call tree that is a
// function below one parent.
struct around {
	uint32_t name, file, object, parent;
	int64_t start_line;
};

static struct around around_of(const struct graph *graph, uint32_t node)
{
	const struct node_key *key = graph_node_key(graph, node);
	struct edge_list in = { 0 };

	if (graph->shape == GRAPH_CALL_TREE)
		in = edges_in(&graph->edges, node);
	return (struct around){
		.name = key->name,
		.file = key->file,
		.object = key->object,
		.parent =
			in.count == 0 ? NODE_NONE : graph->edges.edges[in.rows[0]].source,
		.start_line = key->start_line,
	};
}

// Functions seen under one name and file, numbered in order of first use.
struct namesake {
	struct around around;
	uint32_t number;
	uint32_t next; // older namesake, or MAP_NONE
};

struct namesakes {
	struct map rows; // name and file -> newest namesake
	struct namesake *list;
	size_t count, capacity;
};

static bool is_same(const struct around *a, const struct around *b)
{
	return a->object == b->object && a->parent == b->parent &&
	       a->start_line == b->start_line;
}

static uint32_t number_of(struct namesakes *namesakes, const struct around *around)
{
	uint32_t *newest =
		map_put(&namesakes->rows, (uint64_t)around->name << 32 | around->file);
	uint32_t next = *newest;

	for (uint32_t i = next; i != MAP_NONE; i = namesakes->list[i].next) {
		if (is_same(&namesakes->list[i].around, around))
			return namesakes->list[i].number;
	}
	*newest = (uint32_t)namesakes->count++;
	namesakes->list = table_reserve(namesakes->list, &namesakes->capacity,
					namesakes->count, sizeof(*namesakes->list));
	namesakes->list[*newest] = (struct namesake){
		.around = *around,
		.number = next == MAP_NONE ? 1 : namesakes->list[next].number + 1,
		.next = next,
	};
	return namesakes->list[*newest].number;
}

static void name_callees(struct callgrind *callgrind)
{
	const struct report *report = callgrind->report;
	const struct graph *graph = &report->graph;
	struct namesakes namesakes = { 0 };
	struct str *names =
		arena_array(&callgrind->arena, graph->node_count + 1, sizeof(*names));
	uint32_t *numbers =
		arena_array(&callgrind->arena, report->row_count + 1, sizeof(*numbers));

	for (size_t i = 0; i < report->row_count; i++) {
		struct around around = around_of(graph, report->rows[i].node);

		numbers[i] = number_of(&namesakes, &around);
	}
	for (size_t i = 0; i < report->row_count; i++) {
		struct around around = around_of(graph, report->rows[i].node);
		uint32_t newest = map_get(&namesakes.rows,
					  (uint64_t)around.name << 32 | around.file);
		uint32_t last = newest == MAP_NONE ? 1 : namesakes.list[newest].number;
		struct str name =
			nodes_name(&graph->nodes, graph_key(graph, report->rows[i].node));

		names[report->rows[i].node] =
			last == 1 ? name
				  : str_format(&callgrind->arena, "%.*s [%u/%u]",
					       (int)name.n, name.p, numbers[i], last);
	}
	callgrind->callee_names = names;
	map_deinit(&namesakes.rows);
	free(namesakes.list);
}

bool callgrind_render(struct report *report, struct writer *w, struct error *err)
{
	struct callgrind callgrind = { .report = report, .w = w };

	(void)err;
	callgrind.callee_files = table_zeroed(report->graph.node_count + 1,
					      sizeof(*callgrind.callee_files));
	callgrind.callee_numbers = table_zeroed(report->graph.node_count + 1,
						sizeof(*callgrind.callee_numbers));
	name_callees(&callgrind);
	writer_format(w, "positions: instr line\nevents: %.*s(%.*s)\n",
		      (int)report->type.n, report->type.p, (int)report->output_unit.n,
		      report->output_unit.p);
	for (size_t i = 0; i < report->row_count; i++)
		print_node(&callgrind, &report->rows[i]);
	free(callgrind.callee_files);
	free(callgrind.callee_numbers);
	interner_deinit(&callgrind.objects);
	interner_deinit(&callgrind.files);
	interner_deinit(&callgrind.names);
	arena_deinit(&callgrind.arena);
	return true;
}
