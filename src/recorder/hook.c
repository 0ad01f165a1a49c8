// The next definition in the loader's order of lookup.
#include "recorder/hook.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdint.h>

#include "recorder/static_next.h"

void *hook_find(const char *name)
{
	return goprof_static != NULL ? goprof_static(name) : dlsym(RTLD_NEXT, name);
}

bool hook_is_of_libc(void *function)
{
	Dl_info info, libc;

	return goprof_static == NULL && dladdr(function, &info) != 0 &&
	       dladdr((void *)(uintptr_t)gnu_get_libc_version, &libc) != 0 &&
	       info.dli_fbase == libc.dli_fbase;
}

void hook_resolve(void *next, const char *name)
{
	void **function = next;

	if (__atomic_load_n(function, __ATOMIC_RELAXED) == NULL)
		__atomic_store_n(function, hook_find(name), __ATOMIC_RELAXED);
}
