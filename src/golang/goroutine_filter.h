// Which goroutines a user wants to see: by state, time blocked, origin, label.
#pragma once

#include "base/str.h"
#include "golang/goroutine_labels.h"
#include "golang/goroutines.h"

struct error;
struct goroutine_facts;
struct regexp;

// "" and 0 want nothing. Patterns are regular expressions that match anywhere.
struct goroutine_wish {
	struct str state, created_by;
	struct str label; // KEY, or KEY=VALUE
	int64_t waiting_over_ns;
	const struct map *ids; // keys are goroutine ids; NULL wants nothing
};

struct goroutine_filter_set {
	struct goroutine_filter filter;
	struct goroutine_wish wish;
	const struct goroutine_facts *facts;
	struct regexp *state, *created_by;
	struct goroutine_labels labels;
};

// Fails for a pattern that is none. To be deinitialised also then.
bool goroutine_filter_init(struct goroutine_filter_set *set,
			   const struct goroutine_wish *wish,
			   const struct goroutine_facts *facts, struct error *err)
	__attribute__((warn_unused_result));
void goroutine_filter_deinit(struct goroutine_filter_set *set);
