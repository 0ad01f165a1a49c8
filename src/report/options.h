// Everything a user can choose about a report; filled by flags, shell and web alike.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct error;

enum report_granularity {
	GRANULARITY_DEFAULT, // what the report format asks for, else functions
	GRANULARITY_FUNCTIONS,
	GRANULARITY_FILEFUNCTIONS,
	GRANULARITY_FILES,
	GRANULARITY_LINES,
	GRANULARITY_ADDRESSES,
};

enum report_sort {
	SORT_FLAT,
	SORT_CUM,
};

// Zero-initialised is not the default: use report_options_default. Names, defaults and
// meaning are pprof's (driver/config.go); strings are borrowed and must outlive the
// options; "" is unset.
struct report_options {
	struct str sample_index; // "" the profile's default
	struct str unit;         // "minimum", "auto", or a unit
	double divide_by;
	bool mean, normalize;
	enum report_sort sort;
	enum report_granularity granularity;
	bool no_inlines, show_columns, call_tree, drop_negative, relative_percentages;
	bool compact_labels, trim, intel_syntax;
	int64_t node_count; // -1: the format's default
	double node_fraction, edge_fraction;
	struct str focus, ignore, hide, show, show_from, prune_from;
	struct str tag_focus, tag_ignore, tag_show, tag_hide, tag_root, tag_leaf;
	struct str source_path, trim_path;
	struct str symbol; // the regexp or address of peek, list, disasm, weblist
};

struct report_options report_options_default(void);

enum report_option_kind {
	OPTION_BOOL,
	OPTION_INT,
	OPTION_DOUBLE,
	OPTION_STRING,
	OPTION_SORT,        // a flag of its own for each value: -flat, -cum
	OPTION_GRANULARITY, // likewise: -functions, -lines, ...
};

// One option by the name that flags, shell and settings use.
struct report_option {
	const char *name;
	const char *url; // parameter of the web pages, NULL: none
	enum report_option_kind kind;
	size_t offset; // of its member in struct report_options
	int choice;    // the value of OPTION_SORT and OPTION_GRANULARITY
	const char *help;
};

// All options; count is their number.
const struct report_option *report_option_table(size_t *count);

// NULL where there is no option of that name.
const struct report_option *report_option_find(struct str name);

// Stores the value in words; options keep a view of strings. Choices take a truth value.
bool report_option_set(const struct report_option *option, struct str value,
		       struct report_options *options, struct error *err)
	__attribute__((warn_unused_result));

// 1 t T TRUE true True, or 0 f F FALSE false False; false for anything else.
bool report_option_parse_bool(struct str value, bool *out);
