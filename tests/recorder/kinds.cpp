// Allocates once in each way that C++ has, each of a size of its own.
#include <cstdlib>
#include <new>

struct alignas(64) Wide {
	char bytes[128];
};

template <class T> static void keep(T *block)
{
	T *volatile kept = block;

	(void)kept;
}

int main()
{
	keep(new char[1001]);
	keep(static_cast<char *>(operator new(1002)));
	keep(new (std::nothrow) char[1003]);
	keep(new Wide[9]);
	keep(new Wide);
	keep(std::malloc(1004));
	keep(std::calloc(3, 335));
	keep(std::realloc(std::malloc(8), 1006));
	keep(std::aligned_alloc(64, 1024));
}
