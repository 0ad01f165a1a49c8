// Recognises names of Go, Java and C++ by their shape.
#include "report/short_name.h"

#include "base/arena.h"

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_word(char c)
{
	return is_lower(c) || is_upper(c) || (c >= '0' && c <= '9') || c == '_';
}

static size_t word_end(struct str s, size_t at, const char *more)
{
	while (at < s.n &&
	       (is_word(s.p[at]) || (s.p[at] != '\0' && strchr(more, s.p[at]))))
		at++;
	return at;
}

// "example.com/m/v2/pkg.F" without "/v2".
static struct str without_version(struct arena *arena, struct str name)
{
	for (size_t i = 0; i + 3 < name.n; i++) {
		size_t to = i + 2;

		if (name.p[i] != '/' || name.p[i + 1] != 'v')
			continue;
		while (to < name.n && name.p[to] >= '0' && name.p[to] <= '9')
			to++;
		if (to == i + 2 || to >= name.n || name.p[i + 2] == '0' ||
		    (to == i + 3 && name.p[i + 2] == '1') ||
		    (name.p[to] != '.' && name.p[to] != '/'))
			continue;
		return str_format(arena, "%.*s%.*s", (int)i, name.p, (int)(name.n - to),
				  name.p + to);
	}
	return name;
}

// "folder/folder/pkg.F" -> "pkg.F".
static bool cut_go(struct str name, struct str *out)
{
	size_t at = 0;

	for (;;) {
		size_t end = word_end(name, at, "-.");

		if (end == at || end >= name.n || name.p[end] != '/')
			break;
		at = end + 1;
	}

	ptrdiff_t point = str_find_char(str_after(name, at), '.');

	if (at == 0 || point <= 0 || at + (size_t)point + 1 >= name.n)
		return false;
	*out = str_after(name, at);
	return memchr(out->p, '\n', out->n) == NULL;
}

// The end of "Class.method" or "Class.<init>" at `at`, 0 where there is none.
static size_t java_method_end(struct str name, size_t at)
{
	size_t dot, end;

	if (at >= name.n || !is_upper(name.p[at]))
		return 0;
	dot = word_end(name, at, "$");
	if (dot >= name.n || name.p[dot] != '.')
		return 0;
	if (str_starts_with(str_after(name, dot + 1), STR("<init>")))
		return dot + 7;
	if (dot + 1 >= name.n || !is_lower(name.p[dot + 1]))
		return 0;
	end = word_end(name, dot + 1, "$");
	return end;
}

// "com.example.Class.method(...)" -> "Class.method".
static bool cut_java(struct str name, struct str *out)
{
	size_t at = 0, end;

	while (at < name.n && is_lower(name.p[at])) {
		size_t dot = word_end(name, at, "");

		if (dot >= name.n || name.p[dot] != '.')
			return false;
		at = dot + 1;
	}
	end = java_method_end(name, at);
	if (end == 0 || (end < name.n && name.p[end] != '('))
		return false;
	*out = str_slice(name, at, end);
	return true;
}

// The end of "Class::method<...>" at `at`, 0 where there is none.
static size_t cpp_method_end(struct str name, size_t at)
{
	size_t first = at, end;

	while (first < name.n && name.p[first] == '_')
		first++;
	if (first >= name.n || !is_upper(name.p[first]))
		return 0;
	end = word_end(name, first, "");
	if (!str_starts_with(str_after(name, end), STR("::")))
		return 0;
	end += 2;
	end += end < name.n && name.p[end] == '~';
	if (end >= name.n ||
	    !(is_word(name.p[end]) && !(name.p[end] >= '0' && name.p[end] <= '9')))
		return 0;
	end = word_end(name, end, "");
	if (end < name.n && name.p[end] == '<') {
		ptrdiff_t close = str_find_last_char(name, '>');

		if (close > (ptrdiff_t)end)
			end = (size_t)close + 1;
	}
	return end;
}

// "space::space::Class::method(...)" -> "Class::method": behind as many namespaces as
// leave a method.
static bool cut_cpp(struct str name, struct str *out)
{
	size_t at = 0;
	bool is_found = false;

	for (;;) {
		size_t end = word_end(name, at, "");

		if (end == at || (name.p[at] >= '0' && name.p[at] <= '9') ||
		    !str_starts_with(str_after(name, end), STR("::")))
			return is_found;
		at = end + 2;
		end = cpp_method_end(name, at);
		if (end > 0) {
			*out = str_slice(name, at, end);
			is_found = true;
		}
	}
}

struct str short_name(struct arena *arena, struct str name)
{
	struct str cut;

	if (str_starts_with(name, STR("(anonymous namespace)::")))
		name = str_after(name, 23);
	name = without_version(arena, name);
	if (cut_go(name, &cut) || cut_java(name, &cut) || cut_cpp(name, &cut))
		return cut;
	return name;
}
