// Reads a handful of the runtime's variables.
#include "golang/info.h"

#include "binary/elf.h"
#include "golang/goroutines.h"
#include "golang/layout.h"
#include "golang/process.h"

static int64_t number(const struct go_process *process, struct str name, int32_t offset,
		      size_t size)
{
	uint64_t at = go_process_find(process, name);
	uint64_t value = 0;

	if (at == 0 || offset == GO_ABSENT ||
	    !memory_read(process->memory, at + (uint64_t)offset, &value, size))
		return -1;
	return size == 4 ? (int32_t)value : (int64_t)value;
}

static struct str main_module(const struct go_process *process)
{
	struct str rest = process->info.modules;
	struct go_info_line line;

	while (go_info_next_line(&rest, &line)) {
		if (str_equal(line.kind, STR("mod")))
			return line.name;
	}
	return STR("");
}

static bool wants_none(struct goroutine_filter *filter, const struct goroutine *goroutine)
{
	(void)filter;
	(void)goroutine;
	return false;
}

static void visit_none(struct goroutine_visitor *visitor,
		       const struct goroutine *goroutine)
{
	(void)visitor;
	(void)goroutine;
}

// Counts without reading a single stack.
static bool count_goroutines(struct go_process *process, struct go_info *info,
			     struct error *err)
{
	struct goroutine_filter filter = { wants_none };
	struct goroutine_options options = { .filter = &filter };
	struct goroutine_visitor visitor = { visit_none };
	struct goroutine_counts counts;

	if (!goroutines_read(process, &options, &visitor, &counts, err))
		return false;
	info->goroutines = (int64_t)counts.user;
	info->system_goroutines = (int64_t)counts.system;
	return true;
}

bool go_info_read(struct go_process *process, struct go_info *out, struct error *err)
{
	const struct go_layout *l = process->layout;
	int64_t made = number(process, STR("runtime.sched"), l->sched.mnext, 8);
	int64_t ended = number(process, STR("runtime.sched"), l->sched.nmfreed, 8);
	int64_t percent = number(process, STR("runtime.gcController"),
				 l->gc_controller.gc_percent, 4);

	*out = (struct go_info){
		.version = process->info.version,
		.path = process->path,
		.main_module = main_module(process),
		.threads = (int64_t)((uint64_t)made - (uint64_t)ended),
		.processors = number(process, STR("runtime.gomaxprocs"), 0, 4),
		.gc_percent = percent,
		.memory_limit = number(process, STR("runtime.gcController"),
				       l->gc_controller.memory_limit, 8),
		.collections =
			number(process, STR("runtime.memstats"), l->memstats.numgc, 4),
		.is_gc_off = percent < 0,
		.has_symbols = elf_find_section(process->elf, ".symtab") != NULL,
		.is_position_independent = process->elf->type == ET_DYN,
		.layout = process->layout_origin,
	};
	return count_goroutines(process, out, err);
}

bool go_info_next_line(struct str *rest, struct go_info_line *out)
{
	struct str line, name = STR(""), value = STR("");

	do {
		if (!str_cut(rest, '\n', &line))
			return false;
	} while (line.n == 0);
	*out = (struct go_info_line){ 0 };
	str_cut(&line, '\t', &out->kind);
	str_cut(&line, '\t', &name);
	str_cut(&line, '\t', &value);
	out->name = name;
	out->value = value;
	return true;
}
