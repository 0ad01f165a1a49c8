// What C++ adds: exceptions, templates, lambdas inlined into algorithms, std::thread.
#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "truth.h"

namespace storm
{

template <typename Number> class Grid
{
      public:
	APART uint64_t relax(uint64_t x, uint64_t n)
	{
		cells[x % cells.size()] += Number(1);
		return truth_work(x, n) + uint64_t(cells[0]);
	}

      private:
	std::array<Number, 64> cells{};
};

APART uint64_t fail(uint64_t x)
{
	if (x != 0)
		throw std::runtime_error("as always");
	return x;
}

APART uint64_t catch_failures(uint64_t x, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		try {
			x += fail(x | 1);
		} catch (const std::runtime_error &error) {
			x += uint64_t(error.what()[0]);
		}
	}
	return x;
}

APART uint64_t sum_by_lambda(uint64_t x, uint64_t n)
{
	std::array<uint64_t, 8> parts{};

	std::iota(parts.begin(), parts.end(), x);
	std::for_each(parts.begin(), parts.end(),
		      [n](uint64_t &part) { part = truth_work(part, n); });
	return std::accumulate(parts.begin(), parts.end(), x);
}

class Worker
{
      public:
	explicit Worker(int64_t budget) : budget(budget)
	{
	}

	APART void run()
	{
		int64_t at = truth_now();

		while (taken < budget) {
			x = step(x, truth_round(x));
			at = truth_lap(&taken, at);
		}
	}

	int64_t taken = 0;
	uint64_t x = 1;

      private:
	APART static uint64_t step(uint64_t x, uint64_t n)
	{
		return truth_work(x, n);
	}

	int64_t budget;
};

} // namespace storm

int main(int argc, char **argv)
{
	int64_t budget = truth_budget(argc, argv), end = truth_now() + budget * 3 / 4;
	int64_t grid_ns = 0, failures_ns = 0, lambda_ns = 0;
	storm::Grid<double> grid;
	storm::Worker worker(budget / 4);
	std::thread thread([&worker] { worker.run(); });
	uint64_t x = 1;

	while (truth_now() < end) {
		uint64_t n = truth_round(x);
		int64_t at = truth_now();

		x = grid.relax(x, n * 4);
		at = truth_lap(&grid_ns, at);
		x = storm::catch_failures(x, n / 400);
		at = truth_lap(&failures_ns, at);
		x = storm::sum_by_lambda(x, n / 2);
		truth_lap(&lambda_ns, at);
	}
	thread.join();
	truth_print("relax", grid_ns);
	truth_print("catch_failures", failures_ns);
	truth_print("sum_by_lambda", lambda_ns);
	truth_print("run", worker.taken);
	return truth_finish(x + worker.x);
}
