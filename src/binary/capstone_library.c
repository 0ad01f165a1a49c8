// Finds libcapstone and the functions of it that disassembling calls.
#include "binary/capstone_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"

struct symbol {
	const char *name;
	size_t offset;
};

static const struct symbol symbols[] = {
	{ "cs_open", offsetof(struct capstone_library, open) },
	{ "cs_close", offsetof(struct capstone_library, close) },
	{ "cs_option", offsetof(struct capstone_library, option) },
	{ "cs_malloc", offsetof(struct capstone_library, malloc) },
	{ "cs_free", offsetof(struct capstone_library, free) },
	{ "cs_disasm_iter", offsetof(struct capstone_library, disasm_iter) },
};

bool capstone_library_load(struct capstone_library *out, struct error *err)
{
	struct capstone_library library = { 0 };
	void *handle = dlopen("libcapstone.so.4", RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL)
		return error_set(err, ERROR_UNSUPPORTED,
				 "disassembling needs libcapstone: %s: install Debian's "
				 "libcapstone4",
				 dlerror());
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *address = dlsym(handle, symbols[i].name);

		if (address == NULL)
			return error_set(err, ERROR_UNSUPPORTED,
					 "libcapstone.so.4 lacks %s: install Debian's "
					 "libcapstone4",
					 symbols[i].name);
		memcpy((char *)&library + symbols[i].offset, &address, sizeof(address));
	}
	*out = library;
	return true;
}
