// Keeping sorted mappings per process and walking stacks through them.
#include "source/space.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "binary/module.h"
#include "target/maps.h"
#include "target/perf_record.h"

void space_set_init(struct space_set *set, struct code_set *codes)
{
	*set = (struct space_set){ .codes = codes };
}

static void clear(struct space *space)
{
	space->count = 0;
	space->has_rules = false;
}

static void release(struct space *space)
{
	free(space->mappings);
	free(space->rules);
	*space = (struct space){ .pid = space->pid, .root = space->root };
}

void space_set_deinit(struct space_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		release(&set->spaces[i]);
	free(set->spaces);
	map_deinit(&set->by_pid);
}

// The first mapping that ends behind an address; count where there is none.
static size_t first_behind(const struct space *space, uint64_t address)
{
	size_t low = 0, high = space->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->mappings[middle].limit <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

// Makes room for a mapping: what it covers of older ones is gone, and one that it splits
// becomes two.
static void cut_out(struct space *space, uint64_t start, uint64_t limit)
{
	for (size_t i = first_behind(space, start); i < space->count; i++) {
		struct space_mapping *m = &space->mappings[i];
		struct space_mapping right = *m;

		if (m->start >= limit)
			return;
		m->row = right.row = SPACE_NO_ROW;
		right.start = limit;
		right.offset += limit - m->start;
		if (m->start < start && right.limit > limit) {
			m->limit = start;
			space->mappings = table_reserve(space->mappings, &space->capacity,
							space->count + 1, sizeof(*m));
			m = &space->mappings[i];
			memmove(m + 2, m + 1, (space->count - i - 1) * sizeof(*m));
			m[1] = right;
			space->count++;
			return;
		}
		if (m->start < start) {
			m->limit = start;
		} else if (m->limit > limit) {
			*m = right;
		} else {
			memmove(m, m + 1, (space->count - i - 1) * sizeof(*m));
			space->count--;
			i--;
		}
	}
}

static void insert(struct space *space, struct space_mapping mapping)
{
	size_t at = space->count;

	cut_out(space, mapping.start, mapping.limit);
	space->mappings = table_reserve(space->mappings, &space->capacity,
					space->count + 1, sizeof(mapping));
	at = space->count++;
	for (; at > 0 && space->mappings[at - 1].start > mapping.start; at--)
		space->mappings[at] = space->mappings[at - 1];
	space->mappings[at] = mapping;
	space->has_rules = false;
}

static void add_mapping(struct space_set *set, struct space *space,
			const struct maps_entry *entry)
{
	struct space_mapping mapping = {
		.start = entry->start,
		.limit = entry->limit,
		.offset = entry->offset,
		.code = code_find(set->codes, space->root, space->pid, entry->file,
				  entry->inode),
		.row = SPACE_NO_ROW,
	};
	struct space_mapping *old = space_find(space, entry->start);

	// The kernel counts anonymous memory from its address, /proc from zero.
	if (set->codes->codes[mapping.code].state == CODE_ANONYMOUS)
		mapping.offset = mapping.start;
	if (old != NULL && old->start == mapping.start && old->limit == mapping.limit &&
	    old->offset == mapping.offset && old->code == mapping.code)
		return;
	insert(space, mapping);
}

static void read_maps(struct space_set *set, struct space *space)
{
	struct error ignored;
	struct maps maps;

	if (set->codes->origin == CODE_RECORDED)
		return;
	space->root = code_root_of(set->codes, space->pid);
	if (!maps_read(space->pid, &maps, &ignored))
		return;
	for (size_t i = 0; i < maps.count; i++) {
		if (maps.entries[i].is_executable)
			add_mapping(set, space, &maps.entries[i]);
	}
	maps_deinit(&maps);
}

static struct space *add_space(struct space_set *set, int pid)
{
	uint32_t *row = map_put(&set->by_pid, (uint64_t)pid);

	if (*row == MAP_NONE) {
		set->spaces = table_reserve(set->spaces, &set->capacity, set->count + 1,
					    sizeof(*set->spaces));
		*row = (uint32_t)set->count++;
		set->spaces[*row] = (struct space){ 0 };
	}
	set->spaces[*row].pid = pid;
	return &set->spaces[*row];
}

struct space *space_of(struct space_set *set, int pid)
{
	uint32_t row = map_get(&set->by_pid, (uint64_t)pid);
	struct space *space;

	if (row != MAP_NONE && set->spaces[row].count > 0)
		return &set->spaces[row];
	space = add_space(set, pid);
	read_maps(set, space);
	return space;
}

void space_reread(struct space_set *set, int pid)
{
	read_maps(set, add_space(set, pid));
}

static void note_fork(struct space_set *set, int parent_pid, int pid)
{
	struct space *child, *parent;

	if (map_get(&set->by_pid, (uint64_t)parent_pid) == MAP_NONE)
		return;
	child = add_space(set, pid);
	parent = space_of(set, parent_pid);
	clear(child);
	child->root = parent->root;
	child->mappings = table_reserve(child->mappings, &child->capacity, parent->count,
					sizeof(*child->mappings));
	memcpy(child->mappings, parent->mappings,
	       parent->count * sizeof(*child->mappings));
	child->count = parent->count;
}

static void note_mapping(struct space_set *set, int pid,
			 const struct perf_mapping *mapping)
{
	struct maps_entry entry = {
		.start = mapping->start,
		.limit = mapping->start + mapping->size,
		.offset = mapping->offset,
		.inode = mapping->inode,
		.file = mapping->file,
	};

	maps_strip_deleted(&entry.file);
	add_mapping(set, add_space(set, pid), &entry);
}

void space_note(struct space_set *set, const struct perf_record *record)
{
	struct space *space;

	switch (record->type) {
	case PERF_RECORD_MMAP2:
		if (record->mapping.is_executable)
			note_mapping(set, record->pid, &record->mapping);
		break;
	case PERF_RECORD_COMM:
		if (!record->name.is_exec)
			break;
		space = add_space(set, record->pid);
		clear(space);
		space->root = code_root_of(set->codes, record->pid);
		break;
	case PERF_RECORD_FORK:
		if (record->birth.parent != record->pid && !record->birth.is_found)
			note_fork(set, record->birth.parent, record->pid);
		break;
	case PERF_RECORD_EXIT:
		if (record->tid == record->pid &&
		    map_get(&set->by_pid, (uint64_t)record->pid) != MAP_NONE)
			release(add_space(set, record->pid));
		break;
	default:
		break;
	}
}

struct space_mapping *space_find(struct space *space, uint64_t address)
{
	size_t at = first_behind(space, address);

	if (at == space->count || space->mappings[at].start > address)
		return NULL;
	return &space->mappings[at];
}

struct code *space_code(struct space_set *set, struct space *space,
			struct space_mapping *mapping)
{
	struct code_place place = { space->pid, mapping->start, mapping->limit,
				    mapping->offset };

	return code_open(set->codes, mapping->code, &place);
}

static void make_rules(struct space_set *set, struct space *space)
{
	space->rules = table_reserve(space->rules, &space->rule_capacity, space->count,
				     sizeof(*space->rules));
	for (size_t i = 0; i < space->count; i++) {
		const struct space_mapping *m = &space->mappings[i];
		const struct code *code = &set->codes->codes[m->code];
		struct code_place place = { space->pid, m->start, m->limit, m->offset };
		uint64_t bias = 0;
		bool is_known = code_bias(code, &place, &bias);

		space->rules[i] = (struct unwind_mapping){
			.start = m->start,
			.limit = m->limit,
			.bias = bias,
			.table = is_known ? code->table : NULL,
		};
	}
	space->has_rules = true;
	space->rules_opened = set->codes->opened;
}

// Opens the first file on the stack that was not opened yet: what lies beyond may be an
// artefact of walking without its rules.
static bool open_next(struct space_set *set, struct space *space,
		      const struct space_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++) {
		uint64_t pc = stack->pcs[i] - (stack->is_exact[i] ? 0 : 1);
		struct space_mapping *mapping = space_find(space, pc);

		if (mapping == NULL ||
		    set->codes->codes[mapping->code].state != CODE_UNOPENED)
			continue;
		space_code(set, space, mapping);
		return true;
	}
	return false;
}

// Go's runtime does much of its work on another stack than the goroutine's, which is not
// in the copy. All of Go has frame pointers, so the kernel has walked on; of the frames
// only the one that switched stacks is missing from its chain.
static void go_on_by_chain(struct space_set *set, struct space *space,
			   const struct perf_sample *sample, struct space_stack *out)
{
	struct perf_part part = perf_record_part(sample, (uint64_t)PERF_CONTEXT_USER);
	uint64_t last = out->pcs[out->count - 1];
	struct space_mapping *mapping = space_find(space, last);
	size_t at = 0;

	if (mapping == NULL || !set->codes->codes[mapping->code].is_go)
		return;
	while (at < part.count && part.addresses[at] != last)
		at++;
	if (at + 1 >= part.count)
		return;
	for (at++; at < part.count && out->count < SPACE_DEPTH_MAX; at++) {
		out->pcs[out->count] = part.addresses[at];
		out->is_exact[out->count++] = false;
	}
	out->end = UNWIND_COMPLETE;
}

void space_walk_memory(struct space_set *set, struct space *space,
		       const struct memory *memory,
		       const struct unwind_registers *registers, struct space_stack *out)
{
	struct unwind_space rules;

	do {
		if (!space->has_rules || space->rules_opened != set->codes->opened)
			make_rules(set, space);
		rules = (struct unwind_space){ space->rules, space->count };
		out->count = unwind_walk(&rules, memory, registers, out->pcs,
					 out->is_exact, SPACE_DEPTH_MAX, &out->end);
	} while (open_next(set, space, out));
}

void space_walk(struct space_set *set, struct space *space,
		const struct perf_sample *sample, struct space_stack *out)
{
	struct memory_bytes stack = memory_from_bytes(sample->registers.value[UNWIND_RSP],
						      sample->stack, sample->stack_size);

	space_walk_memory(set, space, &stack.memory, &sample->registers, out);
	if (out->end == UNWIND_STACK_CUT && out->count > 0)
		go_on_by_chain(set, space, sample, out);
}

void space_take_chain(const struct perf_sample *sample, struct space_stack *out)
{
	struct perf_part part = perf_record_part(sample, (uint64_t)PERF_CONTEXT_USER);

	out->count = part.count < SPACE_DEPTH_MAX ? part.count : SPACE_DEPTH_MAX;
	for (size_t i = 0; i < out->count; i++) {
		out->pcs[i] = part.addresses[i];
		out->is_exact[i] = i == 0;
	}
}
