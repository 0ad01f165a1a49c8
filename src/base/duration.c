// Numbers and units, one behind the other.
#include "base/duration.h"

#include <stddef.h>

bool duration_parse(struct str text, int64_t *out_ns)
{
	static const struct {
		struct str unit;
		double ns;
	} units[] = {
		{ STR("ms"), 1e6 },   { STR("us"), 1e3 }, { STR("ns"), 1 },
		{ STR("h"), 3600e9 }, { STR("m"), 60e9 }, { STR("s"), 1e9 },
	};
	double total = 0;

	while (text.n > 0) {
		size_t digits = 0, unit = 0;
		double value;

		while (digits < text.n &&
		       (text.p[digits] == '.' ||
			(text.p[digits] >= '0' && text.p[digits] <= '9')))
			digits++;
		if (!str_to_double(str_slice(text, 0, digits), &value))
			return false;
		text = str_after(text, digits);
		while (unit < sizeof(units) / sizeof(units[0]) &&
		       !str_starts_with(text, units[unit].unit))
			unit++;
		if (unit == sizeof(units) / sizeof(units[0]))
			return false;
		text = str_after(text, units[unit].unit.n);
		total += value * units[unit].ns;
	}
	*out_ns = (int64_t)total;
	return total > 0 && total < 1e18;
}
