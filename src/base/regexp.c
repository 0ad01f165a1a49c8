// PCRE2, JIT-compiled where the machine allows it.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/regexp.h"

#include <pcre2.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"

enum { MATCH_LIMIT = 1000000, DEPTH_LIMIT = 10000 };

struct regexp {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *context;
};

bool regexp_create(struct str pattern, struct regexp **out, struct error *err)
{
	struct regexp *regexp;
	pcre2_code *code;
	PCRE2_SIZE offset;
	int errnum;

	code = pcre2_compile((PCRE2_SPTR)(pattern.n == 0 ? "" : pattern.p), pattern.n,
			     PCRE2_DOLLAR_ENDONLY | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF,
			     &errnum, &offset, NULL);
	if (code == NULL) {
		PCRE2_UCHAR reason[200];

		pcre2_get_error_message(errnum, reason, sizeof(reason));
		return error_set(err, ERROR_USAGE,
				 "bad regular expression \"%.*s\": %s at character %zu",
				 (int)pattern.n, pattern.p, (char *)reason, offset + 1);
	}
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	regexp = calloc(1, sizeof(*regexp));
	if (regexp == NULL)
		arena_out_of_memory(sizeof(*regexp));
	regexp->code = code;
	regexp->match = pcre2_match_data_create_from_pattern(code, NULL);
	regexp->context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(regexp->context, MATCH_LIMIT);
	pcre2_set_depth_limit(regexp->context, DEPTH_LIMIT);
	*out = regexp;
	return true;
}

void regexp_destroy(struct regexp *regexp)
{
	if (regexp == NULL)
		return;
	pcre2_match_context_free(regexp->context);
	pcre2_match_data_free(regexp->match);
	pcre2_code_free(regexp->code);
	free(regexp);
}

bool regexp_find(const struct regexp *regexp, struct str s, unsigned group,
		 struct str *found)
{
	int groups = pcre2_match(regexp->code, (PCRE2_SPTR)(s.n == 0 ? "" : s.p), s.n, 0,
				 0, regexp->match, regexp->context);
	PCRE2_SIZE *bounds;

	if (groups <= (int)group)
		return false;
	bounds = pcre2_get_ovector_pointer(regexp->match) + 2 * group;
	if (bounds[0] == PCRE2_UNSET)
		return false;
	*found = str_slice(s, bounds[0], bounds[1]);
	return true;
}

bool regexp_matches(const struct regexp *regexp, struct str s)
{
	struct str found;

	return regexp_find(regexp, s, 0, &found);
}
