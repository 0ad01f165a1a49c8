// Works on the text of a name, left to right; brackets inside removed parts are balanced.
#include "binary/demangle_shorten.h"

#include "base/arena.h"

struct cursor {
	struct str in;
	size_t at;
	char *out; // room for all of `in` and one more
	size_t used;
	enum demangle_style style;
};

static bool looking_at(const struct cursor *c, struct str text)
{
	return str_starts_with(str_after(c->in, c->at), text);
}

static void copy(struct cursor *c, size_t n)
{
	memcpy(c->out + c->used, c->in.p + c->at, n);
	c->used += n;
	c->at += n;
}

static bool is_name_char(char ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
	       (ch >= 'A' && ch <= 'Z') || ch == '_' || ch == '$' || (uint8_t)ch >= 0x80;
}

// The length of the operator's sign right behind the word "operator".
static size_t operator_sign(struct str rest)
{
	static const char *const signs[] = { "()", "[]", "<=>", "<<=", ">>=", "->*", "<<",
					     ">>", "<=", ">=",  "->",  "<",   ">" };

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (str_starts_with(rest, str_from(signs[i])))
			return strlen(signs[i]);
	return 0;
}

// The length of the word "operator" and its sign at offset `at`; 0: no such word there.
static size_t operator_length(struct str in, size_t at)
{
	enum { WORD = sizeof("operator") - 1 };
	struct str rest = str_after(in, at);

	if (!str_starts_with(rest, STR("operator")) ||
	    (at > 0 && is_name_char(in.p[at - 1])) ||
	    (rest.n > WORD && is_name_char(rest.p[WORD])))
		return 0;
	return WORD + operator_sign(str_after(rest, WORD));
}

// Behind the bracket that closes the one at `at`; the end of the text if none does. Angle
// brackets inside parentheses are comparisons and do not count.
static size_t skip_group(struct str in, size_t at)
{
	char open = in.p[at], close = open == '(' ? ')' : '>';
	size_t parens = 0, angles = 0;

	while (at < in.n) {
		size_t sign = operator_length(in, at);
		char ch = in.p[at];

		if (sign > 0) {
			at += sign;
			continue;
		}
		at++;
		if (ch == '(')
			parens++;
		else if (ch == ')' && parens > 0)
			parens--;
		else if (ch == '<' && open == '<' && parens == 0)
			angles++;
		else if (ch == '>' && angles > 0 && parens == 0)
			angles--;
		if (ch == close && parens == 0 && angles == 0)
			break;
	}
	return at;
}

// Whether the parenthesis at `at` holds the parameters of a function that the name goes
// on inside of: behind it and its qualifiers stands "::".
static bool is_enclosing(struct str in, size_t at)
{
	static const char *const qualifiers[] = { " const", " volatile", " &&", " &" };
	struct str rest = str_after(in, skip_group(in, at));

	for (size_t i = 0; i < sizeof(qualifiers) / sizeof(*qualifiers); i++)
		if (str_starts_with(rest, str_from(qualifiers[i])))
			rest = str_after(rest, strlen(qualifiers[i]));
	return str_starts_with(rest, STR("::"));
}

// Parameters of an enclosing function shrink to "()"; other groups are looked into.
static void shorten_parens(struct cursor *c)
{
	if (looking_at(c, STR("(anonymous namespace)"))) {
		copy(c, sizeof("(anonymous namespace)") - 1);
	} else if (is_enclosing(c->in, c->at)) {
		c->at = skip_group(c->in, c->at);
		c->out[c->used++] = '(';
		c->out[c->used++] = ')';
	} else {
		copy(c, 1);
	}
}

static void shorten(struct cursor *c)
{
	while (c->at < c->in.n) {
		size_t sign = operator_length(c->in, c->at);
		char ch = c->in.p[c->at];

		if (sign > 0) {
			copy(c, sign);
			// Printed apart, as in "operator< <int>".
			if (c->style == DEMANGLE_SHORT && looking_at(c, STR(" <")))
				c->at = skip_group(c->in, c->at + 1);
		} else if (ch == '<' && c->style == DEMANGLE_SHORT) {
			c->at = skip_group(c->in, c->at);
		} else if (ch == '(') {
			shorten_parens(c);
		} else {
			copy(c, 1);
		}
	}
}

struct str demangle_shorten_cpp(struct arena *arena, struct str name,
				enum demangle_style style)
{
	struct cursor c = { .in = name, .style = style };
	ptrdiff_t clone = str_find(name, STR(" [clone ."));

	if (clone > 0)
		c.in = str_slice(name, 0, (size_t)clone);
	if (style == DEMANGLE_FULL || style == DEMANGLE_NONE)
		return str_copy(arena, c.in);
	c.out = arena_alloc(arena, c.in.n + 2);
	shorten(&c);
	return (struct str){ c.out, c.used };
}

// Generic arguments follow a name or "::"; a "<" elsewhere opens a type, as in
// "<T as Trait>::f".
static bool opens_arguments(const struct cursor *c)
{
	if (c->in.p[c->at] != '<' || c->at == 0 ||
	    str_ends_with(str_slice(c->in, 0, c->at), STR("for"))) // for<'a> fn(...)
		return false;
	return is_name_char(c->in.p[c->at - 1]) || c->in.p[c->at - 1] == ':';
}

struct str demangle_shorten_rust(struct arena *arena, struct str name,
				 enum demangle_style style)
{
	struct cursor c = { .in = name, .style = style };

	if (style != DEMANGLE_SHORT)
		return str_copy(arena, name);
	c.out = arena_alloc(arena, name.n + 2);
	while (c.at < c.in.n) {
		if (!opens_arguments(&c)) {
			copy(&c, 1);
			continue;
		}
		c.at = skip_group(c.in, c.at);
		c.out[c.used++] = '<';
		c.out[c.used++] = '>';
	}
	return (struct str){ c.out, c.used };
}

// pprof's own test for C++ in plain text; the exceptions are Java's constructors and Go's
// methods of generic types.
static bool looks_like_cpp(struct str name)
{
	if (str_find(name, STR(".<")) >= 0 || str_find(name, STR("]).")) >= 0)
		return false;
	return str_find(name, STR("::")) >= 0 || str_find_char(name, '<') >= 0 ||
	       str_find_char(name, '>') >= 0 || str_find_char(name, '[') >= 0 ||
	       str_find_char(name, ']') >= 0;
}

// Removes balanced groups in place. A closing bracket too many ends the work, and what
// was removed before stays removed.
static size_t remove_groups(char *text, size_t size, char open, char close)
{
	size_t used = 0, depth = 0, group = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == open && depth++ == 0)
			group = used;
		if (text[i] == close && depth == 0) {
			memmove(text + used, text + i, size - i);
			return used + size - i;
		}
		text[used++] = text[i];
		if (text[i] == close && --depth == 0)
			used = group;
	}
	return used;
}

struct str demangle_shorten_plain(struct arena *arena, struct str name,
				  enum demangle_style style)
{
	if (style == DEMANGLE_FULL || style == DEMANGLE_NONE || !looks_like_cpp(name))
		return name;
	struct str copied = str_copy(arena, name);
	char *text = (char *)copied.p;
	size_t size = remove_groups(text, copied.n, '(', ')');

	if (style == DEMANGLE_SHORT)
		size = remove_groups(text, size, '<', '>');
	return (struct str){ text, size };
}

struct str demangle_shorten_recorded(struct arena *arena, struct str name,
				     enum demangle_style style)
{
	return looks_like_cpp(name) ? demangle_shorten_cpp(arena, name, style) : name;
}
