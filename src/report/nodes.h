// The nodes of a graph: every line of every location gets a dense number, and lines that
// a report does not tell apart get the same one.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/str.h"

struct profile;

// "No node".
#define NODE_NONE UINT32_MAX

// What of a line counts. Zero-initialised: nothing but the program file.
struct node_rules {
	bool functions, files, lines, columns, addresses;
	bool no_inlines;   // the outermost line of a location stands for all
	bool object_files; // tell equal functions of different program files apart
	struct str trim_path, source_path;
};

// Equal keys are one node. Zero or "" is what the rules leave out.
struct node_key {
	uint64_t address;
	int64_t line, column, start_line;
	uint32_t name, file, object; // ids of strings in struct nodes
	uint32_t function;           // a row that has this name, or PROFILE_NONE
};

struct nodes {
	struct interner strings; // names and files; 0 is ""
	struct node_key *keys;   // by node, count of them
	size_t count, capacity;
	// Location i holds nodes[first[i]] up to nodes[first[i + 1]], innermost first.
	uint32_t *first, *list;
	struct arena arena;
};

void nodes_init(struct nodes *nodes, const struct profile *profile,
		const struct node_rules *rules);
void nodes_deinit(struct nodes *nodes);

static inline struct str nodes_name(const struct nodes *nodes, uint32_t node)
{
	return nodes->strings.strings[nodes->keys[node].name];
}

static inline struct str nodes_file(const struct nodes *nodes, uint32_t node)
{
	return nodes->strings.strings[nodes->keys[node].file];
}

static inline struct str nodes_object(const struct nodes *nodes, uint32_t node)
{
	return nodes->strings.strings[nodes->keys[node].object];
}

// "address name file:line:column", of which only what the key has; "[object]" where it
// has no name, "<unknown>" where nothing is known. In the arena, or borrowed.
struct str nodes_label(const struct nodes *nodes, uint32_t node, struct arena *arena);
