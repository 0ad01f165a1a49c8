// Reads the ends of a range and compares in the unit of the first.
#include "profile/label_range.h"

#include <math.h>
#include <stddef.h>

#include "profile/unit.h"

struct bound {
	int64_t number;
	struct str unit;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Takes a number and the letters behind it off the front of rest.
static bool take_bound(struct str *rest, struct bound *out)
{
	size_t sign = rest->n > 0 && (rest->p[0] == '+' || rest->p[0] == '-') ? 1 : 0;
	size_t digits = sign, end;

	while (digits < rest->n && is_digit(rest->p[digits]))
		digits++;
	if (digits == sign)
		return false;
	end = digits;
	while (end < rest->n && is_letter(rest->p[end]))
		end++;
	if (!str_to_i64(str_slice(*rest, rest->p[0] == '+' ? 1 : 0, digits), 10,
			&out->number))
		return false;
	out->unit = str_slice(*rest, digits, end);
	*rest = str_after(*rest, end);
	return true;
}

static bool take_colon(struct str *rest)
{
	if (!str_starts_with(*rest, STR(":")))
		return false;
	*rest = str_after(*rest, 1);
	return true;
}

bool label_range_parse(struct str text, struct label_range *out)
{
	bool is_open_below = take_colon(&text);
	struct bound first, second;
	struct unit_value scaled, other;

	if (!take_bound(&text, &first))
		return false;
	scaled = unit_scale(first.number, first.unit, first.unit);
	*out = (struct label_range){ scaled.value, scaled.value, scaled.unit };
	if (is_open_below)
		out->from = -INFINITY;
	if (text.n == 0)
		return true;
	if (is_open_below || !take_colon(&text))
		return false;
	out->to = INFINITY;
	if (text.n == 0)
		return true;
	if (!take_bound(&text, &second) || text.n > 0)
		return false;
	other = unit_scale(second.number, second.unit, scaled.unit);
	out->to = other.value;
	return str_equal(scaled.unit, other.unit);
}

bool label_range_contains(const struct label_range *range, int64_t value, struct str unit)
{
	struct unit_value scaled = unit_scale(value, unit, range->unit);

	return str_equal(scaled.unit, range->unit) && scaled.value >= range->from &&
	       scaled.value <= range->to;
}
