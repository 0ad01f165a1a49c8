// The next definition in the loader's order of lookup.
#include "recorder/hook.h"

#include <dlfcn.h>

#include "recorder/static_next.h"

void *hook_find(const char *name)
{
	return goprof_static != NULL ? goprof_static(name) : dlsym(RTLD_NEXT, name);
}

void hook_resolve(void *next, const char *name)
{
	void **function = next;

	if (__atomic_load_n(function, __ATOMIC_RELAXED) == NULL)
		__atomic_store_n(function, hook_find(name), __ATOMIC_RELAXED);
}
