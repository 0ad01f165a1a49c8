// Inlined calls in C++: templates, lambdas, constructors, the standard library.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace shop
{

struct item {
	std::string name;
	int price;

	item(const char *n, int p) : name(n), price(p)
	{
	}
};

template <typename T> struct shelf {
	std::vector<T> items;

	template <typename Less> void sort(Less less)
	{
		std::sort(items.begin(), items.end(), less);
	}

	int sum() const
	{
		int total = 0;

		for (const T &i : items)
			total += i.price;
		return total;
	}
};

inline int busy(int n)
{
	auto step = [n](int x) __attribute__((noinline)) {
		struct local {
			int value;

			__attribute__((noinline)) int grow(int by)
			{
				return value * by + 1;
			}
		};
		local l{ x };
		return l.grow(n) + x;
	};
	return step(1) + step(n);
}

} // namespace shop

int main(int argc, char **argv)
{
	shop::shelf<shop::item> shelf;
	std::map<std::string, int> counts;

	for (int i = 0; i < argc * 3; i++) {
		shelf.items.emplace_back(argv[0], i * 7 % 5);
		counts[argv[0]] += shop::busy(i);
	}
	shelf.sort([](const shop::item &a, const shop::item &b) {
		return a.price < b.price;
	});
	std::printf("%d %d\n", shelf.sum(), counts[argv[0]]);
	return 0;
}
