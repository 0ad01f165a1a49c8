// Anonymous mappings and tables that grow in them.
#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>

enum { PAGE = 4096, HUGE_PAGES_FROM = 4 << 20 };

static size_t whole_pages(size_t size)
{
	return (size + PAGE - 1) & ~(size_t)(PAGE - 1);
}

void *pages_map(size_t size)
{
	void *pages = mmap(NULL, whole_pages(size), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

void pages_unmap(void *pages, size_t size)
{
	if (pages != NULL)
		munmap(pages, whole_pages(size));
}

void *pages_reserve(void *items, size_t *capacity, size_t wanted, size_t item_size)
{
	size_t old_size = whole_pages(*capacity * item_size);
	size_t grown = *capacity + *capacity / 2;
	size_t size;

	if (items != NULL && wanted <= *capacity)
		return items;
	if (__builtin_mul_overflow(wanted < grown ? grown : wanted, item_size, &size) ||
	    size > PTRDIFF_MAX / 2)
		return NULL;
	size = whole_pages(size == 0 ? 1 : size);
	if (items == NULL)
		items = pages_map(size);
	else
		items = mremap(items, old_size, size, MREMAP_MAYMOVE);
	if (items == NULL || items == MAP_FAILED)
		return NULL;
	// Only advice: thousands of page faults take longer than filling the pages.
	if (size >= HUGE_PAGES_FROM)
		madvise(items, size, MADV_HUGEPAGE);
	*capacity = size / item_size;
	return items;
}

void pages_release(void *items, size_t capacity, size_t item_size)
{
	if (items != NULL)
		pages_unmap(items, capacity * item_size);
}
