// Formats values and percentages as pprof does, digit by digit.
#include "report/measure.h"

#include <math.h>
#include <stdio.h>

#include "base/arena.h"
#include "profile/unit.h"

struct str measure_label(struct arena *arena, int64_t value, struct str from,
			 struct str to)
{
	struct unit_value scaled = unit_scale(value, from, to);
	char digits[352];
	size_t n = (size_t)snprintf(digits, sizeof(digits), "%.2f", scaled.value);
	char *out;

	if (n > 3 && memcmp(digits + n - 3, ".00", 3) == 0)
		n -= 3;
	if ((n == 1 && digits[0] == '0') || (n == 2 && memcmp(digits, "-0", 2) == 0))
		return STR("0");
	out = arena_alloc(arena, n + scaled.unit.n + 1);
	memcpy(out, digits, n);
	if (scaled.unit.n > 0)
		memcpy(out + n, scaled.unit.p, scaled.unit.n);
	return (struct str){ out, n + scaled.unit.n };
}

struct measure_percent measure_percentage(int64_t value, int64_t total)
{
	struct measure_percent out;
	double ratio = 0;

	if (total != 0)
		ratio = fabs((double)value / (double)total) * 100;
	if (ratio >= 99.95 && ratio <= 100.05)
		snprintf(out.text, sizeof(out.text), "  100%%");
	else
		snprintf(out.text, sizeof(out.text), ratio >= 1 ? "%5.2f%%" : "%5.2g%%",
			 ratio);
	return out;
}

const char *measure_trim(const struct measure_percent *percent)
{
	const char *text = percent->text;

	while (*text == ' ')
		text++;
	return text;
}
