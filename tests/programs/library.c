// A shared library: tiny_step is called through the PLT by plt.c, plugin_work is found by
// dlsym in dlopen.c.
#include "library.h"
#include "truth.h"

uint64_t tiny_step(uint64_t x)
{
	return x * 0xbf58476d1ce4e5b9u + 1;
}

// Not exported: only a full symbol table or debug information knows its name.
static APART uint64_t plugin_inner(uint64_t x, uint64_t n)
{
	return truth_work(x, n);
}

uint64_t plugin_work(uint64_t x, uint64_t n)
{
	return plugin_inner(x, n) + 1;
}
