// Finds libcurl and the functions of it that fetching calls.
#include "source/curl_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"

struct symbol {
	const char *name;
	size_t offset;
};

#define MEMBER(member)                                                 \
	{                                                              \
		"curl_" #member, offsetof(struct curl_library, member) \
	}

static const struct symbol symbols[] = {
	MEMBER(global_init),    MEMBER(easy_init),        MEMBER(easy_cleanup),
	MEMBER(easy_setopt),    MEMBER(easy_getinfo),     MEMBER(easy_strerror),
	MEMBER(slist_append),   MEMBER(slist_free_all),   MEMBER(multi_init),
	MEMBER(multi_cleanup),  MEMBER(multi_add_handle), MEMBER(multi_remove_handle),
	MEMBER(multi_perform),  MEMBER(multi_poll),       MEMBER(multi_info_read),
	MEMBER(multi_strerror),
};

#undef MEMBER

bool curl_library_load(struct curl_library *out, struct error *err)
{
	struct curl_library library = { 0 };
	void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL)
		return error_set(err, ERROR_UNSUPPORTED,
				 "fetching needs libcurl: %s: install Debian's libcurl4",
				 dlerror());
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *address = dlsym(handle, symbols[i].name);

		if (address == NULL)
			return error_set(err, ERROR_UNSUPPORTED,
					 "libcurl.so.4 lacks %s: install Debian's "
					 "libcurl4, 7.85 or newer",
					 symbols[i].name);
		memcpy((char *)&library + symbols[i].offset, &address, sizeof(address));
	}
	if (library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(err, ERROR_SYSTEM,
				 "libcurl does not start: check its TLS configuration");
	*out = library;
	return true;
}
