// exp and log without libm, which the recorder may not bring into its host.
#pragma once

// e to the power of -x, for x >= 0; relative error below 1e-12.
double exponential_decay(double x);

// The natural logarithm of a positive, normal number; absolute error below 1e-13.
double exponential_log(double x);
