// All that is wished must hold.
#include "golang/goroutine_filter.h"

#include "base/error.h"
#include "base/regexp.h"
#include "golang/code.h"
#include "golang/goroutine_facts.h"
#include "golang/process.h"

static bool has_label(struct goroutine_filter_set *set, const struct goroutine *goroutine)
{
	struct go_label_list list = goroutine_labels_at(&set->labels, goroutine->labels);
	struct str value = set->wish.label, key;
	bool has_value = str_find_char(value, '=') != STR_NOT_FOUND;

	str_cut(&value, '=', &key);
	for (size_t i = 0; i < list.count; i++) {
		if (str_equal(list.labels[i].key, key) &&
		    (!has_value || str_equal(list.labels[i].value, value)))
			return true;
	}
	return false;
}

static bool wants(struct goroutine_filter *filter, const struct goroutine *goroutine)
{
	struct goroutine_filter_set *set = (struct goroutine_filter_set *)filter;
	struct go_code *code = set->facts->process->code;
	enum go_role role;

	if (set->wish.ids != NULL && map_get(set->wish.ids, goroutine->id) == MAP_NONE)
		return false;
	if (set->state != NULL &&
	    !regexp_matches(set->state, goroutine_facts_state(set->facts, goroutine)))
		return false;
	if (set->wish.waiting_over_ns > 0 &&
	    goroutine_facts_wait_ns(set->facts, goroutine) <= set->wish.waiting_over_ns)
		return false;
	if (set->created_by != NULL &&
	    !regexp_matches(set->created_by,
			    go_code_function(code, goroutine->created_pc, &role)))
		return false;
	return set->wish.label.n == 0 || has_label(set, goroutine);
}

static bool compile(struct str pattern, const char *option, struct regexp **out,
		    struct error *err)
{
	if (pattern.n == 0 || regexp_create(pattern, out, err))
		return true;
	err->code = ERROR_USAGE;
	return error_wrap(err, "--%s", option);
}

bool goroutine_filter_init(struct goroutine_filter_set *set,
			   const struct goroutine_wish *wish,
			   const struct goroutine_facts *facts, struct error *err)
{
	*set = (struct goroutine_filter_set){
		.filter = { wants },
		.wish = *wish,
		.facts = facts,
		.labels = { .process = facts->process },
	};
	return compile(wish->state, "state", &set->state, err) &&
	       compile(wish->created_by, "created-by", &set->created_by, err);
}

void goroutine_filter_deinit(struct goroutine_filter_set *set)
{
	if (set->state != NULL)
		regexp_destroy(set->state);
	if (set->created_by != NULL)
		regexp_destroy(set->created_by);
	goroutine_labels_deinit(&set->labels);
}
