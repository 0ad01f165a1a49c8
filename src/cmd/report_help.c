// What to say about flags: the closest one to a typo, and the list of all.
#include <stdio.h>
#include <string.h>

#include "cmd/report_flags.h"
#include "report/format.h"

enum { LONGEST_FLAG = 32 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

// How many letters must be added, removed, replaced or swapped with their neighbour to
// make one word the other.
static unsigned distance(struct str a, struct str b)
{
	unsigned rows[LONGEST_FLAG + 1][LONGEST_FLAG + 1];

	if (a.n > LONGEST_FLAG || b.n > LONGEST_FLAG)
		return UINT32_MAX;
	for (unsigned i = 0; i <= a.n; i++) {
		for (unsigned j = 0; j <= b.n; j++) {
			if (i == 0 || j == 0) {
				rows[i][j] = i + j;
				continue;
			}
			rows[i][j] =
				least(rows[i - 1][j - 1] + (a.p[i - 1] != b.p[j - 1]),
				      least(rows[i - 1][j], rows[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1])
				rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
		}
	}
	return rows[a.n][b.n];
}

struct nearest {
	struct str word;
	const char *name;
	unsigned distance;
};

static void consider(struct nearest *nearest, const char *name)
{
	unsigned d = distance(nearest->word, str_from(name));

	if (d < nearest->distance) {
		nearest->name = name;
		nearest->distance = d;
	}
}

const char *report_flags_suggest(const char *word)
{
	struct nearest nearest = { .word = str_from(word) };
	size_t option_count, format_count;
	const struct report_option *options = report_option_table(&option_count);
	const struct report_format *formats = report_format_table(&format_count);
	ptrdiff_t equals;

	while (nearest.word.n > 0 && nearest.word.p[0] == '-')
		nearest.word = str_after(nearest.word, 1);
	equals = str_find_char(nearest.word, '=');
	if (equals != STR_NOT_FOUND)
		nearest.word = str_slice(nearest.word, 0, (size_t)equals);
	nearest.distance = nearest.word.n < 4 ? 2 : 3;
	for (size_t i = 0; i < format_count; i++)
		consider(&nearest, formats[i].name);
	for (size_t i = 0; i < option_count; i++)
		consider(&nearest, options[i].name);
	return nearest.name;
}
