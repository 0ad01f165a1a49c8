// exp and log of our own against libm's.
#include "base/exponential.h"

#include <math.h>

#include "test.h"

TEST(exponential_decay_is_exp)
{
	for (double x = 0; x < 690; x += x < 1 ? 0.001 : 0.37) {
		double expected = exp(-x);

		CHECK(fabs(exponential_decay(x) - expected) <= 1e-12 * expected);
	}
	CHECK(exponential_decay(1e300) == 0);
}

TEST(exponential_log_is_log)
{
	for (double x = 1e-17; x < 1e10; x *= 1.01)
		CHECK(fabs(exponential_log(x) - log(x)) <= 1e-13);
}
