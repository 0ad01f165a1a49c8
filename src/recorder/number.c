// Decimal digits, then a power of 1024.
#include "recorder/number.h"

static unsigned shift_of(char suffix)
{
	switch (suffix) {
	case 'k':
	case 'K':
		return 10;
	case 'm':
	case 'M':
		return 20;
	case 'g':
	case 'G':
		return 30;
	default:
		return 0;
	}
}

bool number_read(struct str text, uint64_t *out)
{
	unsigned shift = text.n == 0 ? 0 : shift_of(text.p[text.n - 1]);
	uint64_t number;

	if (shift != 0)
		text.n--;
	if (!str_to_u64(text, 10, &number) || number > UINT64_MAX >> shift)
		return false;
	*out = number << shift;
	return true;
}
