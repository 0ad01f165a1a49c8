// Arithmetic on values of samples, which wraps where it overflows, as in every pprof.
#pragma once

#include <stdint.h>

static inline int64_t number_add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t number_abs(int64_t value)
{
	return value < 0 ? (int64_t)(0 - (uint64_t)value) : value;
}

// Truncates towards zero; what no int64_t can hold becomes the smallest one.
static inline int64_t number_from_double(double value)
{
	return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN;
}

// The share of a value, as trimming and -divide_by count it.
static inline int64_t number_scale(int64_t value, double ratio)
{
	return number_from_double((double)value * ratio);
}

// A mean where there is a divisor, else the value.
static inline int64_t number_mean(int64_t value, int64_t divisor)
{
	if (divisor == 0)
		return value;
	return divisor == -1 ? (int64_t)(0 - (uint64_t)value) : value / divisor;
}
