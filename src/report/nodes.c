// Numbers the lines of a profile as its report tells them apart.
#include "report/nodes.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/hash.h"
#include "profile/profile.h"
#include "report/source_path.h"

struct node_builder {
	struct nodes *nodes;
	const struct profile *profile;
	const struct node_rules *rules;
	struct map rows; // hash of a key -> newest node with that hash
	uint32_t *links; // node -> older node with the same hash
	size_t link_capacity;
	uint32_t *names, *files; // by function row; MAP_NONE until asked for
	uint32_t *objects;       // by mapping row
};

static uint64_t key_hash(const struct node_key *key)
{
	uint64_t hash = hash_mix(key->address, (uint64_t)key->line);

	hash = hash_mix(hash, (uint64_t)key->name << 32 | key->file);
	hash = hash_mix(hash, (uint64_t)key->start_line ^ (uint64_t)key->column << 40);
	return hash_mix(hash, key->object);
}

static bool key_equal(const struct node_key *a, const struct node_key *b)
{
	return a->address == b->address && a->line == b->line && a->column == b->column &&
	       a->start_line == b->start_line && a->name == b->name &&
	       a->file == b->file && a->object == b->object;
}

static uint32_t find_or_add(struct node_builder *builder, const struct node_key *key)
{
	struct nodes *nodes = builder->nodes;
	uint32_t *row = map_put(&builder->rows, key_hash(key));

	for (uint32_t i = *row; i != MAP_NONE; i = builder->links[i]) {
		if (key_equal(&nodes->keys[i], key))
			return i;
	}

	uint32_t added = (uint32_t)nodes->count++;

	nodes->keys = table_reserve(nodes->keys, &nodes->capacity, nodes->count,
				    sizeof(*nodes->keys));
	builder->links = table_reserve(builder->links, &builder->link_capacity,
				       nodes->count, sizeof(*builder->links));
	nodes->keys[added] = *key;
	builder->links[added] = *row;
	*row = added;
	return added;
}

static uint32_t function_name(struct node_builder *builder, uint32_t function)
{
	const struct profile *profile = builder->profile;
	uint32_t *name = &builder->names[function];

	if (*name == MAP_NONE)
		*name = interner_add(&builder->nodes->strings, NULL,
				     profile_string(profile,
						    profile->functions[function].name));
	return *name;
}

static uint32_t function_file(struct node_builder *builder, uint32_t function)
{
	const struct profile *profile = builder->profile;
	const struct node_rules *rules = builder->rules;
	uint32_t *file = &builder->files[function];
	struct str path;

	if (*file != MAP_NONE)
		return *file;
	path = profile_string(profile, profile->functions[function].filename);
	path = source_path_trim(path, rules->trim_path, rules->source_path);
	if (path.n > 0)
		path = source_path_clean(&builder->nodes->arena, path);
	*file = interner_add(&builder->nodes->strings, NULL, path);
	return *file;
}

static uint32_t object_file(struct node_builder *builder, uint32_t mapping)
{
	const struct profile *profile = builder->profile;

	if (mapping == PROFILE_NONE)
		return 0;
	if (builder->objects[mapping] == MAP_NONE)
		builder->objects[mapping] = interner_add(
			&builder->nodes->strings, NULL,
			profile_string(profile, profile->mappings[mapping].file));
	return builder->objects[mapping];
}

// Nodes without a name are told apart by program file; by start line they are not, or one
// source file would show once for each of its functions (docs/differences.md, "files").
static struct node_key line_key(struct node_builder *builder,
				const struct profile_location *location,
				const struct profile_line *line)
{
	const struct node_rules *rules = builder->rules;
	struct node_key key = { .function = PROFILE_NONE };

	if (rules->addresses)
		key.address = location->address;
	if (line == NULL || line->function == PROFILE_NONE) {
		key.object = object_file(builder, location->mapping);
		return key;
	}
	key.function = line->function;
	if (rules->lines)
		key.line = line->line;
	if (rules->columns)
		key.column = line->column;
	if (rules->functions)
		key.name = function_name(builder, line->function);
	if (rules->files)
		key.file = function_file(builder, line->function);
	if (rules->object_files || (key.name == 0 && key.file == 0))
		key.object = object_file(builder, location->mapping);
	if (rules->object_files)
		key.start_line = builder->profile->functions[line->function].start_line;
	return key;
}

static size_t count_lines(const struct profile *profile)
{
	size_t count = 0;

	for (size_t i = 0; i < profile->location_count; i++) {
		size_t lines = profile->locations[i].line_count;

		count += lines == 0 ? 1 : lines;
	}
	return count;
}

static void add_location(struct node_builder *builder, size_t index, uint32_t *next)
{
	const struct profile *profile = builder->profile;
	const struct profile_location *location = &profile->locations[index];
	uint32_t from = 0, count = location->line_count;
	struct node_key key;

	builder->nodes->first[index] = *next;
	if (count == 0) {
		key = line_key(builder, location, NULL);
		builder->nodes->list[(*next)++] = find_or_add(builder, &key);
	}
	if (builder->rules->no_inlines && count > 1)
		from = count - 1;
	for (uint32_t i = from; i < count; i++) {
		key = line_key(builder, location,
			       &profile->lines[location->first_line + i]);
		builder->nodes->list[(*next)++] = find_or_add(builder, &key);
	}
}

static void *filled_table(size_t count)
{
	size_t capacity = 0;
	uint32_t *table = table_reserve(NULL, &capacity, count + 1, sizeof(*table));

	memset(table, 0xff, (count + 1) * sizeof(*table));
	return table;
}

void nodes_init(struct nodes *nodes, const struct profile *profile,
		const struct node_rules *rules)
{
	struct node_builder builder = {
		.nodes = nodes,
		.profile = profile,
		.rules = rules,
		.names = filled_table(profile->function_count),
		.files = filled_table(profile->function_count),
		.objects = filled_table(profile->mapping_count),
	};
	size_t list_capacity = 0, first_capacity = 0;
	uint32_t next = 0;

	*nodes = (struct nodes){ 0 };
	interner_add(&nodes->strings, NULL, STR(""));
	nodes->list = table_reserve(NULL, &list_capacity, count_lines(profile) + 1,
				    sizeof(*nodes->list));
	nodes->first = table_reserve(NULL, &first_capacity, profile->location_count + 1,
				     sizeof(*nodes->first));
	for (size_t i = 0; i < profile->location_count; i++)
		add_location(&builder, i, &next);
	nodes->first[profile->location_count] = next;
	map_deinit(&builder.rows);
	free(builder.links);
	free(builder.names);
	free(builder.files);
	free(builder.objects);
}

void nodes_deinit(struct nodes *nodes)
{
	interner_deinit(&nodes->strings);
	free(nodes->keys);
	free(nodes->first);
	free(nodes->list);
	arena_deinit(&nodes->arena);
	*nodes = (struct nodes){ 0 };
}

// Where the node is: "file:line:column", "file", "[object]" or "<unknown>".
static struct str place(const struct nodes *nodes, uint32_t node, struct arena *arena)
{
	const struct node_key *key = &nodes->keys[node];
	struct str file = nodes_file(nodes, node), object = nodes_object(nodes, node);

	if (key->line != 0 && key->column != 0)
		return str_format(arena, "%.*s:%" PRId64 ":%" PRId64, (int)file.n, file.p,
				  key->line, key->column);
	if (key->line != 0)
		return str_format(arena, "%.*s:%" PRId64, (int)file.n, file.p, key->line);
	if (file.n > 0)
		return file;
	if (key->name != 0)
		return STR("");
	if (object.n == 0)
		return STR("<unknown>");
	object = str_basename(object);
	return str_format(arena, "[%.*s]", (int)object.n, object.p);
}

struct str nodes_label(const struct nodes *nodes, uint32_t node, struct arena *arena)
{
	const struct node_key *key = &nodes->keys[node];
	struct str name = nodes_name(nodes, node);
	struct str where = place(nodes, node, arena);
	bool has_both = name.n > 0 && where.n > 0;

	if (key->address != 0)
		return str_format(arena, "%016" PRIx64 " %.*s%s%.*s", key->address,
				  (int)name.n, name.p, has_both ? " " : "", (int)where.n,
				  where.p);
	if (!has_both)
		return name.n > 0 ? name : where;
	return str_format(arena, "%.*s %.*s", (int)name.n, name.p, (int)where.n, where.p);
}
