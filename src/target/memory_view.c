// One pass over smaps; a mapping's line is followed by the lines about it.
#include "target/memory_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/map.h"
#include "base/scan.h"
#include "target/maps.h"
#include "target/process.h"

// The stack pointers of a process's threads, as far as they can be known.
struct stack_pointers {
	uint64_t *items;
	size_t count, capacity;
};

struct summing {
	struct memory_view *view;
	struct interner names;
	struct map rows; // kind and name -> row
	struct stack_pointers stacks;
	uint32_t row; // of the mapping whose lines follow, MAP_NONE before the first
};

const char *memory_view_kind_name(enum memory_view_kind kind)
{
	static const char *const names[] = {
		[MEMORY_VIEW_CODE] = "code",           [MEMORY_VIEW_FILE] = "file",
		[MEMORY_VIEW_HEAP] = "heap",           [MEMORY_VIEW_STACK] = "stack",
		[MEMORY_VIEW_ANONYMOUS] = "anonymous", [MEMORY_VIEW_SHARED] = "shared",
		[MEMORY_VIEW_KERNEL] = "kernel",
	};

	return names[kind];
}

// "202 0x... 0x... SP PC" of a thread in a system call; "running" of others.
static void add_stack_pointer(struct stack_pointers *stacks, int pid, int thread)
{
	char path[64];
	struct file_view view;
	struct error ignored;
	struct str rest, field, last[2] = { STR(""), STR("") };
	uint64_t pointer;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/syscall", pid, thread);
	if (!file_view_open(path, &view, &ignored))
		return;
	rest = str_trim((struct str){ (const char *)view.bytes, view.size });
	while (str_cut(&rest, ' ', &field)) {
		last[0] = last[1];
		last[1] = field;
	}
	if (str_to_u64(last[0], 0, &pointer)) {
		stacks->items = table_reserve(stacks->items, &stacks->capacity,
					      stacks->count + 1, sizeof(pointer));
		stacks->items[stacks->count++] = pointer;
	}
	file_view_close(&view);
}

static void find_stacks(struct stack_pointers *stacks, int pid)
{
	struct process_ids ids = { 0 };

	process_add_threads(pid, &ids);
	for (size_t i = 0; i < ids.count; i++)
		add_stack_pointer(stacks, pid, ids.ids[i]);
	process_ids_deinit(&ids);
}

static bool has_stack(const struct stack_pointers *stacks, const struct maps_entry *entry)
{
	for (size_t i = 0; i < stacks->count; i++) {
		if (stacks->items[i] >= entry->start && stacks->items[i] < entry->limit)
			return true;
	}
	return false;
}

static bool is_shared_memory(struct str name)
{
	return str_starts_with(name, STR("/dev/shm/")) ||
	       str_starts_with(name, STR("/dev/zero")) ||
	       str_starts_with(name, STR("/memfd:")) ||
	       str_starts_with(name, STR("/SYSV")) ||
	       str_starts_with(name, STR("[anon_shmem:"));
}

static enum memory_view_kind kind_of(const struct summing *summing,
				     const struct maps_entry *entry)
{
	struct str name = entry->file;

	if (str_equal(name, STR("[heap]")))
		return MEMORY_VIEW_HEAP;
	if (str_starts_with(name, STR("[stack")))
		return MEMORY_VIEW_STACK;
	if (is_shared_memory(name))
		return MEMORY_VIEW_SHARED;
	if (name.n == 0 || str_starts_with(name, STR("[anon:")))
		return has_stack(&summing->stacks, entry) ? MEMORY_VIEW_STACK
							  : MEMORY_VIEW_ANONYMOUS;
	if (name.p[0] == '[')
		return MEMORY_VIEW_KERNEL;
	return entry->is_executable ? MEMORY_VIEW_CODE : MEMORY_VIEW_FILE;
}

static void begin_mapping(struct summing *summing, const struct maps_entry *entry)
{
	struct memory_view *view = summing->view;
	enum memory_view_kind kind = kind_of(summing, entry);
	uint32_t name = interner_add(&summing->names, &view->arena, entry->file);
	uint32_t *row = map_put(&summing->rows, (uint64_t)name << 8 | (unsigned)kind);

	if (*row == MAP_NONE) {
		*row = (uint32_t)view->count;
		view->rows = table_reserve(view->rows, &view->capacity, view->count + 1,
					   sizeof(*view->rows));
		view->rows[view->count++] =
			(struct memory_view_row){ .kind = kind,
						  .name = summing->names.strings[name] };
	}
	summing->row = *row;
	view->rows[*row].sizes.mappings++;
	view->rows[*row].sizes.size += entry->limit - entry->start;
}

static void add_number(struct summing *summing, struct str line)
{
	struct memory_view_sizes *sizes = &summing->view->rows[summing->row].sizes;
	struct {
		struct str key;
		uint64_t *sum;
	} fields[] = {
		{ STR("Rss:"), &sizes->rss },
		{ STR("Pss:"), &sizes->pss },
		{ STR("Private_Dirty:"), &sizes->dirty },
		{ STR("Swap:"), &sizes->swap },
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct scan scan = scan_from(line);
		int64_t kb;

		if (scan_text(&scan, fields[i].key) && scan_blanks(&scan) &&
		    scan_i64(&scan, &kb))
			*fields[i].sum += (uint64_t)kb * 1024;
	}
}

static void add_sizes(struct memory_view_sizes *sum, const struct memory_view_sizes *more)
{
	sum->mappings += more->mappings;
	sum->size += more->size;
	sum->rss += more->rss;
	sum->pss += more->pss;
	sum->dirty += more->dirty;
	sum->swap += more->swap;
}

static int compare_rows(const void *a, const void *b)
{
	const struct memory_view_row *x = a, *y = b;

	if (x->sizes.rss != y->sizes.rss)
		return x->sizes.rss < y->sizes.rss ? 1 : -1;
	if (x->sizes.size != y->sizes.size)
		return x->sizes.size < y->sizes.size ? 1 : -1;
	return str_compare(x->name, y->name);
}

static void add_up(struct memory_view *view)
{
	for (size_t i = 0; i < view->count; i++) {
		add_sizes(&view->kinds[view->rows[i].kind], &view->rows[i].sizes);
		add_sizes(&view->total, &view->rows[i].sizes);
	}
	if (view->count > 1)
		qsort(view->rows, view->count, sizeof(*view->rows), compare_rows);
}

static bool open_proc(int pid, const char *name, struct file_view *out, struct error *err)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return file_view_open(path, out, err);
}

static void read_stated(int pid, struct memory_view *out)
{
	struct file_view view;
	struct error ignored;
	struct lines lines;

	if (!open_proc(pid, "status", &view, &ignored))
		return;
	lines = (struct lines){ .rest = { (const char *)view.bytes, view.size } };
	while (lines_next(&lines)) {
		struct scan scan = scan_from(lines.line);
		int64_t kb;

		if (scan_text(&scan, STR("VmRSS:")) && scan_blanks(&scan) &&
		    scan_i64(&scan, &kb))
			out->rss_stated = (uint64_t)kb * 1024;
		if (scan_text(&scan, STR("VmHWM:")) && scan_blanks(&scan) &&
		    scan_i64(&scan, &kb))
			out->rss_peak = (uint64_t)kb * 1024;
	}
	file_view_close(&view);
}

bool memory_view_read(int pid, struct memory_view *out, struct error *err)
{
	struct summing summing = { .view = out, .row = MAP_NONE };
	struct file_view view;
	struct lines lines;

	if (!process_is_alive(pid))
		return error_set(err, ERROR_NOT_FOUND,
				 "process %d: no such process: try goprof ps", pid);
	if (!open_proc(pid, "smaps", &view, err))
		return false;
	*out = (struct memory_view){ 0 };
	find_stacks(&summing.stacks, pid);
	lines = (struct lines){ .rest = { (const char *)view.bytes, view.size } };
	while (lines_next(&lines)) {
		struct maps_entry entry;

		if (maps_parse_line(lines.line, &entry))
			begin_mapping(&summing, &entry);
		else if (summing.row != MAP_NONE)
			add_number(&summing, lines.line);
	}
	file_view_close(&view);
	read_stated(pid, out);
	add_up(out);
	interner_deinit(&summing.names);
	map_deinit(&summing.rows);
	free(summing.stacks.items);
	return true;
}

void memory_view_deinit(struct memory_view *view)
{
	free(view->rows);
	arena_deinit(&view->arena);
	*view = (struct memory_view){ 0 };
}
