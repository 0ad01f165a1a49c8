// The unit tables and the conversions between their rows.
#include "profile/unit.h"

#include <stddef.h>

#include "base/arena.h"

enum { ALIASES_MAX = 4, UNITS_MAX = 9, NAME_MAX_LENGTH = 16 };

struct unit {
	const char *name;
	const char *aliases[ALIASES_MAX]; // lower case, without a plural s
	double factor;                    // in the family's smallest whole unit
};

struct family {
	enum unit_family family;
	struct unit units[UNITS_MAX];
	const char *default_name;
	double default_factor;
};

static const struct family families[] = {
	{ UNIT_BYTES,
	  { { "B", { "b", "byte" }, 1 },
	    { "kB", { "kb", "kbyte", "kilobyte" }, 0x1p10 },
	    { "MB", { "mb", "mbyte", "megabyte" }, 0x1p20 },
	    { "GB", { "gb", "gbyte", "gigabyte" }, 0x1p30 },
	    { "TB", { "tb", "tbyte", "terabyte" }, 0x1p40 },
	    { "PB", { "pb", "pbyte", "petabyte" }, 0x1p50 } },
	  "B",
	  1 },
	{ UNIT_TIME,
	  { { "ns", { "ns", "nanosecond" }, 1 },
	    // The Greek letter and the micro sign; both lose their s like any plural.
	    { "us", { "us", "microsecond", "\u03bc", "\u00b5" }, 1e3 },
	    { "ms", { "ms", "millisecond" }, 1e6 },
	    { "s", { "s", "sec", "second" }, 1e9 },
	    { "hrs", { "hour", "hr" }, 3600e9 } },
	  "s",
	  1e9 },
	{ UNIT_GCU,
	  { { "n*GCU", { "nanogcu" }, 1e-9 },
	    { "u*GCU", { "microgcu" }, 1e-6 },
	    { "m*GCU", { "milligcu" }, 1e-3 },
	    { "GCU", { "gcu" }, 1 },
	    { "k*GCU", { "kilogcu" }, 1e3 },
	    { "M*GCU", { "megagcu" }, 1e6 },
	    { "G*GCU", { "gigagcu" }, 1e9 },
	    { "T*GCU", { "teragcu" }, 1e12 },
	    { "P*GCU", { "petagcu" }, 1e15 } },
	  "GCU",
	  1 },
};

enum { FAMILY_COUNT = sizeof(families) / sizeof(families[0]) };

static bool has_alias(const struct unit *unit, struct str name)
{
	for (size_t i = 0; i < ALIASES_MAX && unit->aliases[i] != NULL; i++) {
		if (str_equal(str_from(unit->aliases[i]), name))
			return true;
	}
	return false;
}

static const struct unit *family_find(const struct family *family, struct str spelled)
{
	char lower[NAME_MAX_LENGTH];
	struct str name = { lower, spelled.n };

	if (spelled.n == 0 || spelled.n > sizeof(lower))
		return NULL;
	for (size_t i = 0; i < spelled.n; i++) {
		char c = spelled.p[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	if (name.n > 2 && lower[name.n - 1] == 's')
		name.n--;
	for (size_t i = 0; i < UNITS_MAX && family->units[i].name != NULL; i++) {
		if (has_alias(&family->units[i], name))
			return &family->units[i];
	}
	return NULL;
}

// The unit of that name and the family it is in; NULL when no family knows it.
static const struct unit *find(struct str name, const struct family **family)
{
	for (size_t i = 0; i < FAMILY_COUNT; i++) {
		const struct unit *unit = family_find(&families[i], name);

		if (unit != NULL) {
			*family = &families[i];
			return unit;
		}
	}
	return NULL;
}

enum unit_family unit_family_of(struct str unit)
{
	const struct family *family;

	return find(unit, &family) == NULL ? UNIT_OTHER : family->family;
}

static bool is_automatic(struct str unit)
{
	return str_equal(unit, STR("auto")) || str_equal(unit, STR("minimum"));
}

// The largest unit of which `value` (in factor 1) holds at least one.
static const struct unit *choose(const struct family *family, double value)
{
	const struct unit *chosen = NULL;

	for (size_t i = 0; i < UNITS_MAX && family->units[i].name != NULL; i++) {
		if (value / family->units[i].factor >= 1.0)
			chosen = &family->units[i];
	}
	return chosen;
}

static struct unit_value scale_other(double value, struct str to)
{
	static const char *const silent[] = { "count", "sample", "unit", "minimum",
					      "auto" };

	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		if (str_equal(to, str_from(silent[i])))
			return (struct unit_value){ value, STR("") };
	}
	return (struct unit_value){ value, to };
}

struct unit_value unit_scale(int64_t value, struct str from, struct str to)
{
	const struct family *family;
	const struct unit *source, *target;
	struct unit_value scaled;

	// The smallest int64 has no opposite; it stays as it is.
	if (value < 0 && value != INT64_MIN) {
		scaled = unit_scale(-value, from, to);
		scaled.value = -scaled.value;
		return scaled;
	}
	source = find(from, &family);
	if (source == NULL)
		return scale_other((double)value, to);
	scaled.value = (double)value * source->factor;
	target =
		is_automatic(to) ? choose(family, scaled.value) : family_find(family, to);
	if (target == NULL) {
		scaled.unit = str_from(family->default_name);
		scaled.value /= family->default_factor;
		return scaled;
	}
	scaled.unit = str_from(target->name);
	scaled.value /= target->factor;
	return scaled;
}

struct str unit_label(struct arena *arena, int64_t value, struct str from, struct str to)
{
	struct unit_value scaled = unit_scale(value, from, to);
	struct str digits = str_format(arena, "%.2f", scaled.value);

	if (str_ends_with(digits, STR(".00")))
		digits.n -= 3;
	if (str_equal(digits, STR("0")) || str_equal(digits, STR("-0")))
		return STR("0");
	return str_format(arena, "%.*s%.*s", (int)digits.n, digits.p, (int)scaled.unit.n,
			  scaled.unit.p == NULL ? "" : scaled.unit.p);
}

double unit_ratio(struct str from, struct str to)
{
	return unit_scale(1, from, to).value;
}

bool unit_is_compatible(struct str a, struct str b)
{
	return str_equal(a, b) || (unit_family_of(a) != UNIT_OTHER &&
				   unit_family_of(a) == unit_family_of(b));
}
