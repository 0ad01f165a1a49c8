// The rules of traceback.go for names.
#include "golang/code_name.h"

#include "base/arena.h"

enum go_role code_name_role(struct str name)
{
	static const struct {
		struct str name;
		enum go_role role;
	} roles[] = {
		{ STR("gopanic"), GO_ROLE_GOPANIC },
		{ STR("sigpanic"), GO_ROLE_SIGPANIC },
		{ STR("panicwrap"), GO_ROLE_PANICWRAP },
		{ STR("cgocallback"), GO_ROLE_CGOCALLBACK },
		{ STR("asyncPreempt"), GO_ROLE_ASYNC_PREEMPT },
		{ STR("debugCallV2"), GO_ROLE_DEBUG_CALL },
		{ STR("systemstack"), GO_ROLE_SYSTEMSTACK },
		{ STR("morestack"), GO_ROLE_MORESTACK },
		{ STR("mcall"), GO_ROLE_MCALL },
		{ STR("runfinq"), GO_ROLE_RUN_FINALIZERS },
		{ STR("runFinalizers"), GO_ROLE_RUN_FINALIZERS },
		{ STR("runCleanups"), GO_ROLE_RUN_CLEANUPS },
		{ STR("main"), GO_ROLE_MAIN },
		{ STR("corostart"), GO_ROLE_COROSTART },
		{ STR("handleAsyncEvent"), GO_ROLE_HANDLE_ASYNC_EVENT },
		{ STR("goexit"), GO_ROLE_GOEXIT },
	};

	if (!str_starts_with(name, STR("runtime.")))
		return GO_ROLE_NONE;
	name = str_after(name, 8);
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (str_equal(name, roles[i].name))
			return roles[i].role;
	}
	return GO_ROLE_NONE;
}

// Where the outer brackets of a generic method of a generic type part, "...]name[...":
// since 1.27 there may be two pairs. False where there is one.
static bool find_inner(struct str inside, size_t *close, size_t *open)
{
	int depth = 1;
	bool has_close = false;

	for (size_t i = 0; i < inside.n; i++) {
		depth += inside.p[i] == '[' ? 1 : inside.p[i] == ']' ? -1 : 0;
		if (inside.p[i] == ']' && depth == 0) {
			has_close = true;
			*close = i;
		}
		if (inside.p[i] == '[' && depth == 1) {
			*open = i;
			return has_close;
		}
	}
	return false;
}

struct str code_name_shown(struct str name, struct go_version version,
			   struct arena *arena)
{
	ptrdiff_t open = str_find_char(name, '['), close = str_find_last_char(name, ']');
	size_t first = 0, second = 0;
	struct str inside, tail;

	if (str_equal(name, STR("runtime.gopanic")))
		return STR("panic");
	if (open < 0 || close <= open || version.minor < 21)
		return name;
	inside = str_slice(name, (size_t)open + 1, (size_t)close);
	tail = str_after(name, (size_t)close + 1);
	if (version.minor < 27 || !find_inner(inside, &first, &second))
		return str_format(arena, "%.*s[...]%.*s", (int)open, name.p, (int)tail.n,
				  tail.p);
	return str_format(arena, "%.*s[...]%.*s[...]%.*s", (int)open, name.p,
			  (int)(second - first - 1), inside.p + first + 1, (int)tail.n,
			  tail.p);
}

static bool is_upper(struct str s, size_t at)
{
	return s.n > at && s.p[at] >= 'A' && s.p[at] <= 'Z';
}

// Behind "runtime.": since 1.23 also exported methods of exported types.
static bool is_exported(struct str name, struct go_version version)
{
	ptrdiff_t dot = str_find_last_char(name, '.');
	struct str receiver;

	if (version.minor < 23)
		return is_upper(name, 0);
	if (dot < 0)
		return is_upper(name, 0);
	receiver = str_slice(name, 0, (size_t)dot);
	if (receiver.n >= 3 && str_starts_with(receiver, STR("(*")) &&
	    str_ends_with(receiver, STR(")")))
		receiver = str_slice(receiver, 2, receiver.n - 1);
	return is_upper(name, (size_t)dot + 1) &&
	       (receiver.n == 0 || is_upper(receiver, 0));
}

bool code_name_is_shown(struct str name, struct go_version version)
{
	if (!str_starts_with(name, STR("runtime.")))
		return str_find_char(name, '.') >= 0;
	return is_exported(str_after(name, 8), version);
}
