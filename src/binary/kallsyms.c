// Parses lines such as "ffffffff81000000 T _text" and "... t nft_do_chain\t[nf_tables]".
#include "binary/kallsyms.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "binary/name_table.h"

struct kallsyms {
	struct file_view view;
	struct arena arena;
	struct name_table names;
	uint64_t text, start_of_text; // _text and _stext, 0 unknown
};

// Code only: of data symbols none can be on a call stack.
static bool is_function(char type)
{
	return type == 'T' || type == 't' || type == 'W' || type == 'w';
}

static size_t leading_underscores(struct str name)
{
	size_t n = 0;

	while (n < name.n && name.p[n] == '_')
		n++;
	return n;
}

// Of several names of one address (neighbours in the file) the plainest serves people.
static bool replaces_alias(struct kallsyms *kallsyms, uint64_t address, struct str name)
{
	struct name_table *names = &kallsyms->names;

	if (names->count == 0)
		return false;
	struct name_range *last = &names->ranges[names->count - 1];

	if (last->start != address)
		return false;
	if (leading_underscores(name) < leading_underscores(last->name))
		last->name = name;
	return true;
}

static void add_line(struct kallsyms *kallsyms, struct str line)
{
	struct str address_text, type, name;
	uint64_t address;

	if (!str_cut(&line, ' ', &address_text) || !str_cut(&line, ' ', &type) ||
	    type.n != 1 || !is_function(type.p[0]) ||
	    !str_to_u64(address_text, 16, &address) || address == 0)
		return;
	if (!str_cut(&line, '\t', &name) || name.n == 0)
		return;
	if (str_equal(name, STR("_text")))
		kallsyms->text = address;
	if (str_equal(name, STR("_stext")))
		kallsyms->start_of_text = address;
	if (line.n > 0)
		name = str_format(&kallsyms->arena, "%.*s %.*s", (int)name.n, name.p,
				  (int)line.n, line.p);
	if (!replaces_alias(kallsyms, address, name))
		name_table_add(&kallsyms->names, address, 0, name);
}

bool kallsyms_from_view_take(struct file_view view, struct kallsyms **out,
			     struct error *err)
{
	struct kallsyms *kallsyms = calloc(1, sizeof(*kallsyms));
	struct str rest = { (const char *)view.bytes, view.size }, line;

	if (kallsyms == NULL)
		arena_out_of_memory(sizeof(*kallsyms));
	kallsyms->view = view;
	while (str_cut(&rest, '\n', &line))
		add_line(kallsyms, line);
	if (kallsyms->names.count == 0) {
		kallsyms_close(kallsyms);
		return error_set(err, ERROR_PERMISSION,
				 "the kernel hides its symbols; run as root or set "
				 "the sysctl kernel.kptr_restrict to 0");
	}
	name_table_sort(&kallsyms->names);
	*out = kallsyms;
	return true;
}

bool kallsyms_open(const char *path, struct kallsyms **out, struct error *err)
{
	struct file_view view;

	if (!file_view_open(path, &view, err))
		return false;
	return kallsyms_from_view_take(view, out, err) || error_wrap(err, "%s", path);
}

void kallsyms_close(struct kallsyms *kallsyms)
{
	if (kallsyms == NULL)
		return;
	name_table_deinit(&kallsyms->names);
	arena_deinit(&kallsyms->arena);
	file_view_close(&kallsyms->view);
	free(kallsyms);
}

struct str kallsyms_find(const struct kallsyms *kallsyms, uint64_t address)
{
	const struct name_range *range = name_table_find(&kallsyms->names, address);

	return range == NULL ? STR("") : range->name;
}

bool kallsyms_begins_at(const struct kallsyms *kallsyms, uint64_t address)
{
	return address == kallsyms->text || address == kallsyms->start_of_text;
}
