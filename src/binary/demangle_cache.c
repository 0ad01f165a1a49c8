// An interner of symbols with a name beside each.
#include "binary/demangle_cache.h"

#include <stdlib.h>

void demangle_cache_deinit(struct demangle_cache *cache)
{
	interner_deinit(&cache->symbols);
	free(cache->names);
	arena_deinit(&cache->arena);
	*cache = (struct demangle_cache){ 0 };
}

static struct str cached(struct demangle_cache *cache, struct str symbol,
			 struct str (*make)(struct arena *, struct str,
					    enum demangle_style))
{
	size_t known = cache->symbols.count;
	uint32_t id = interner_add(&cache->symbols, NULL, symbol);

	if (id == known) {
		cache->names = table_reserve(cache->names, &cache->capacity, known + 1,
					     sizeof(*cache->names));
		cache->names[id] = make(&cache->arena, symbol, cache->style);
	}
	return cache->names[id];
}

struct str demangle_cache_name(struct demangle_cache *cache, struct str symbol)
{
	return cached(cache, symbol, demangle);
}

struct str demangle_cache_recorded(struct demangle_cache *cache, struct str name)
{
	return cached(cache, name, demangle_recorded);
}
