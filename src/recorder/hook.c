// The next definition in the loader's order of lookup.
#include "recorder/hook.h"

#include <dlfcn.h>

void hook_resolve(void *next, const char *name)
{
	void **function = next;

	if (__atomic_load_n(function, __ATOMIC_RELAXED) == NULL)
		__atomic_store_n(function, dlsym(RTLD_NEXT, name), __ATOMIC_RELAXED);
}
