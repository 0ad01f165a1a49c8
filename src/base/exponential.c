// Power series over a small interval, and exponents put on by hand.
#include "base/exponential.h"

#include <stdint.h>
#include <string.h>

static const double LN2 = 0.693147180559945309417;

static uint64_t bits_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static double from_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

double exponential_decay(double x)
{
	enum { TERMS = 16, BIAS = 1023 };
	double sum = 1;
	int64_t halvings;

	if (x > 700)
		return 0;
	halvings = (int64_t)(x / LN2);
	x -= (double)halvings * LN2;
	for (int i = TERMS; i > 0; i--)
		sum = 1 - sum * x / i;
	return sum * from_bits((uint64_t)(BIAS - halvings) << 52);
}

double exponential_log(double x)
{
	enum { TERMS = 23, BIAS = 1023 };
	static const uint64_t MANTISSA = ((uint64_t)1 << 52) - 1;
	uint64_t bits = bits_of(x);
	int exponent = (int)(bits >> 52) - BIAS;
	double m = from_bits((bits & MANTISSA) | (uint64_t)BIAS << 52);
	double s, sum = 0;

	if (m > 1.4142135623730951) {
		m /= 2;
		exponent++;
	}
	// log m = 2 artanh s; |s| <= 0.1716
	s = (m - 1) / (m + 1);
	for (int i = TERMS; i > 0; i -= 2)
		sum = sum * s * s + 1.0 / i;
	return 2 * s * sum + exponent * LN2;
}
