// The option table: names, defaults and meaning are pprof's.
#include "report/options.h"

#include "base/error.h"

struct report_options report_options_default(void)
{
	return (struct report_options){
		.unit = STR("minimum"),
		.divide_by = 1,
		.trim = true,
		.node_count = -1,
		.node_fraction = 0.005,
		.edge_fraction = 0.001,
	};
}

#define MEMBER(member) offsetof(struct report_options, member)

static const struct report_option table[] = {
	{ "addresses", "g", OPTION_GRANULARITY, MEMBER(granularity),
	  GRANULARITY_ADDRESSES, "Aggregate at the address level" },
	{ "call_tree", "calltree", OPTION_BOOL, MEMBER(call_tree), 0,
	  "Keep call paths apart (dot and callgrind)" },
	{ "compact_labels", "compact", OPTION_BOOL, MEMBER(compact_labels), 0,
	  "Show minimal headers" },
	{ "cum", "sort", OPTION_SORT, MEMBER(sort), SORT_CUM,
	  "Sort by the value of a function and all it calls" },
	{ "divide_by", NULL, OPTION_DOUBLE, MEMBER(divide_by), 0,
	  "Divide all values by this number" },
	{ "drop_negative", "dropneg", OPTION_BOOL, MEMBER(drop_negative), 0,
	  "Leave out what shrank" },
	{ "edgefraction", "ef", OPTION_DOUBLE, MEMBER(edge_fraction), 0,
	  "Hide edges below this share of the total" },
	{ "filefunctions", "g", OPTION_GRANULARITY, MEMBER(granularity),
	  GRANULARITY_FILEFUNCTIONS, "Aggregate by function and file" },
	{ "files", "g", OPTION_GRANULARITY, MEMBER(granularity), GRANULARITY_FILES,
	  "Aggregate by source file" },
	{ "flat", "sort", OPTION_SORT, MEMBER(sort), SORT_FLAT,
	  "Sort by a function's own value" },
	{ "focus", "f", OPTION_STRING, MEMBER(focus), 0,
	  "Keep samples with a frame that matches" },
	{ "functions", "g", OPTION_GRANULARITY, MEMBER(granularity),
	  GRANULARITY_FUNCTIONS, "Aggregate by function" },
	{ "hide", "h", OPTION_STRING, MEMBER(hide), 0, "Remove frames that match" },
	{ "ignore", "i", OPTION_STRING, MEMBER(ignore), 0,
	  "Drop samples with a frame that matches" },
	{ "intel_syntax", "intel", OPTION_BOOL, MEMBER(intel_syntax), 0,
	  "Show assembly in Intel syntax" },
	{ "lines", "g", OPTION_GRANULARITY, MEMBER(granularity), GRANULARITY_LINES,
	  "Aggregate by source line" },
	{ "mean", "mean", OPTION_BOOL, MEMBER(mean), 0,
	  "Divide each value by the first value (the count)" },
	{ "nodecount", "n", OPTION_INT, MEMBER(node_count), 0,
	  "Show at most so many nodes" },
	{ "nodefraction", "nf", OPTION_DOUBLE, MEMBER(node_fraction), 0,
	  "Hide nodes below this share of the total" },
	{ "noinlines", "noinlines", OPTION_BOOL, MEMBER(no_inlines), 0,
	  "Attribute inlined functions to their caller" },
	{ "normalize", "norm", OPTION_BOOL, MEMBER(normalize), 0,
	  "Scale the profile to the total of the base" },
	{ "prune_from", "prunefrom", OPTION_STRING, MEMBER(prune_from), 0,
	  "Remove frames below the first match" },
	{ "relative_percentages", "rel", OPTION_BOOL, MEMBER(relative_percentages), 0,
	  "Take percentages of what the filters leave" },
	{ "sample_index", "si", OPTION_STRING, MEMBER(sample_index), 0,
	  "Which value of the samples to show: index or name" },
	{ "show", "s", OPTION_STRING, MEMBER(show), 0, "Keep only frames that match" },
	{ "show_from", "sf", OPTION_STRING, MEMBER(show_from), 0,
	  "Remove frames above the outermost match" },
	{ "showcolumns", "showcolumns", OPTION_BOOL, MEMBER(show_columns), 0,
	  "Show columns beside line numbers" },
	{ "source_path", NULL, OPTION_STRING, MEMBER(source_path), 0,
	  "Where to look for source files" },
	{ "tagfocus", "tf", OPTION_STRING, MEMBER(tag_focus), 0,
	  "Keep samples with a label that matches or is in range" },
	{ "taghide", "th", OPTION_STRING, MEMBER(tag_hide), 0,
	  "Remove labels whose key matches" },
	{ "tagignore", "ti", OPTION_STRING, MEMBER(tag_ignore), 0,
	  "Drop samples with a label that matches or is in range" },
	{ "tagleaf", "tl", OPTION_STRING, MEMBER(tag_leaf), 0,
	  "Add the values of these labels as leaf frames" },
	{ "tagroot", "tr", OPTION_STRING, MEMBER(tag_root), 0,
	  "Add the values of these labels as root frames" },
	{ "tagshow", "ts", OPTION_STRING, MEMBER(tag_show), 0,
	  "Keep only labels whose key matches" },
	{ "trim", "trim", OPTION_BOOL, MEMBER(trim), 0,
	  "Honour nodecount, nodefraction and edgefraction" },
	{ "trim_path", NULL, OPTION_STRING, MEMBER(trim_path), 0,
	  "Prefixes to remove from source file names" },
	{ "unit", "unit", OPTION_STRING, MEMBER(unit), 0,
	  "Unit of the values shown, minimum or auto" },
};

#undef MEMBER

const struct report_option *report_option_table(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

const struct report_option *report_option_find(struct str name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (str_equal(str_from(table[i].name), name))
			return &table[i];
	}
	return NULL;
}

bool report_option_parse_bool(struct str value, bool *out)
{
	static const char *const words[] = { "1", "t", "T", "TRUE",  "true",  "True",
					     "0", "f", "F", "FALSE", "false", "False" };

	for (size_t i = 0; i < 12; i++) {
		if (str_equal(value, str_from(words[i]))) {
			*out = i < 6;
			return true;
		}
	}
	return false;
}

static bool set_bool(const struct report_option *option, struct str value, bool *out,
		     struct error *err)
{
	if (report_option_parse_bool(value, out))
		return true;
	return error_set(err, ERROR_USAGE, "invalid boolean value \"%.*s\" for -%s",
			 (int)value.n, value.p, option->name);
}

static bool set_choice(const struct report_option *option, struct str value, void *member,
		       struct error *err)
{
	bool is_chosen;

	if (!set_bool(option, value, &is_chosen, err))
		return false;
	if (is_chosen && option->kind == OPTION_SORT)
		*(enum report_sort *)member = (enum report_sort)option->choice;
	else if (is_chosen)
		*(enum report_granularity *)member =
			(enum report_granularity)option->choice;
	return true;
}

bool report_option_set(const struct report_option *option, struct str value,
		       struct report_options *options, struct error *err)
{
	void *member = (char *)options + option->offset;
	bool is_valid = true;

	switch (option->kind) {
	case OPTION_BOOL:
		return set_bool(option, value, member, err);
	case OPTION_SORT:
	case OPTION_GRANULARITY:
		return set_choice(option, value, member, err);
	case OPTION_STRING:
		*(struct str *)member = value;
		break;
	case OPTION_INT:
		is_valid = str_to_i64(value, 0, member);
		break;
	case OPTION_DOUBLE:
		is_valid = str_to_double(value, member);
		break;
	}
	if (is_valid)
		return true;
	return error_set(
		err, ERROR_USAGE,
		"invalid value \"%.*s\" for flag -%s: parse error: give a number",
		(int)value.n, value.p, option->name);
}
