// Chooses samples by their labels, and which labels are seen: -tagfocus and its like.
#pragma once

#include <stdbool.h>

#include "base/str.h"

struct error;
struct profile;
struct regexp;

// One -tagfocus or -tagignore expression: [KEY=]RANGE over numeric labels, where RANGE is
// N[UNIT], N[UNIT]:, :N[UNIT] or N[UNIT]:N[UNIT]; or [KEY=]REGEXP,REGEXP,... over string
// labels. Without a key every regexp must match some "key:value"; with one, any regexp
// any value.
struct label_expression;

// `name` is that of the option, for messages. The text is borrowed until destroyed.
bool label_expression_create(const char *name, struct str text,
			     struct label_expression **out, struct error *err)
	__attribute__((warn_unused_result));
void label_expression_destroy(struct label_expression *expression);

// The part that was taken for a range, "" when it is no range.
struct str label_expression_range(const struct label_expression *expression);

// Whether any sample matched.
struct label_filter_matched {
	bool focus, ignore;
};

// Keeps the samples that match focus and do not match ignore. NULL is unset: everything
// is in focus, nothing is ignored.
struct label_filter_matched label_filter_samples(struct profile *profile,
						 struct label_expression *focus,
						 struct label_expression *ignore);

struct label_filter_seen {
	bool show, hide;
};

// Removes the labels whose key does not match `show` or matches `hide`; NULL is unset.
struct label_filter_seen label_filter_keys(struct profile *profile,
					   const struct regexp *show,
					   const struct regexp *hide);
